"""`python -m tests.crash --moments 200`: kill every operation and the review server, and print what became of it."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from tests.crash.moments import Killed, kill
from tests.crash.scene import OPERATIONS
from tests.crash.server import kill_server

#: What is killed besides the operations.
SERVER = "review server"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--moments", type=int, default=200, help="in all, over the operations")
    parser.add_argument("--seed", type=int, default=2026)
    arguments = parser.parse_args()
    problems = []
    for name, moments in shares(arguments.moments).items():
        with tempfile.TemporaryDirectory() as folder:
            found = killed(name, moments, arguments.seed, Path(folder).resolve())
        told = ", ".join(f"{number} {how}" for how, number in sorted(found.ends.items()))
        print(f"{name:22} killed {moments} times: {told}; {len(found.problems)} problems", flush=True)
        problems += found.problems
    print("\n".join(problems) or f"Killed {arguments.moments} times, no problem: wiki and ledger are before or after "
          "each time, and going on ends alike.")  # fmt: skip
    return bool(problems)


def shares(moments: int) -> dict[str, int]:
    """How often each operation and the review server are killed, of so many times in all."""
    names = [*OPERATIONS, SERVER]
    return {name: moments // len(names) + (at < moments % len(names)) for at, name in enumerate(names)}


def killed(name: str, moments: int, seed: int, folder: Path) -> Killed:
    """Kill an operation, or the review server."""
    return kill_server(moments, seed, folder) if name == SERVER else kill(name, moments, seed, folder)


if __name__ == "__main__":
    sys.exit(main())
