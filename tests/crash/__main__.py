"""`python -m tests.crash --moments 200`: kill every operation at random moments, and print what became of it."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from tests.crash.moments import kill
from tests.crash.scene import OPERATIONS


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--moments", type=int, default=200, help="in all, over the operations")
    parser.add_argument("--seed", type=int, default=2026)
    arguments = parser.parse_args()
    each = -(-arguments.moments // len(OPERATIONS))
    problems = []
    for name in OPERATIONS:
        with tempfile.TemporaryDirectory() as folder:
            found = kill(name, each, arguments.seed, Path(folder))
        told = ", ".join(f"{number} {how}" for how, number in sorted(found.ends.items()))
        print(f"{name:22} killed {each} times: {told}; {len(found.problems)} problems", flush=True)
        problems += found.problems
    print("\n".join(problems) or "No problem: wiki and ledger are before or after each time, and going on ends alike.")
    return bool(problems)


if __name__ == "__main__":
    sys.exit(main())
