"""Run the benchmarks, one after the other, and write `benchmarks/RESULTS.md`.

    python -m benchmarks.results [--only chunking retrieval ...] [--full]

Each runs in a process of its own. With `--only`, the results of the others stay as they are. Exit status 1: a bar is
missed; 2: a benchmark failed.
"""

from __future__ import annotations

import os
import platform
import re
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path

from benchmarks.report import ROOT, Table, arguments, note, tables_of

RESULTS = ROOT / "benchmarks" / "RESULTS.md"
BENCHMARKS = ("chunking", "retrieval", "mining", "check_speed", "accepting", "scaling")
LIBRARIES = ("tree-sitter", "tree-sitter-python", "tokenizers", "wordllama", "bm25s", "chromadb", "numpy", "pydantic")
HEAD = """# Results of the benchmarks

Written by `make bench`. [README.md](README.md) says what each benchmark measures, and how to run one alone.
"""


def machine() -> str:
    """What the figures depend on besides the code: processor, memory, system and Python."""
    cpu = re.search(r"model name\s*: (.+)", _read("/proc/cpuinfo"))
    kilobytes = re.search(r"MemTotal:\s*(\d+) kB", _read("/proc/meminfo"))
    memory = f"{int(kilobytes[1]) * 1024 / 1e9:.0f} GB" if kilobytes else "unknown memory"
    name = cpu[1] if cpu else platform.processor() or platform.machine()
    system = f"{platform.system()} {platform.machine()}"
    return f"{name}, {os.cpu_count()} cores, {memory}; {system}; Python {platform.python_version()}"


def _read(file: str) -> str:
    return Path(file).read_text(encoding="utf-8") if Path(file).exists() else ""


def revision() -> str:
    """The commit that is measured, with `+` where files differ from it."""

    def git(*arguments: str) -> str:
        done = subprocess.run(["git", "-C", str(ROOT), *arguments], capture_output=True, text=True, check=False)
        return done.stdout.strip()

    changed = git("status", "--porcelain", "--", "src", "benchmarks/*.py", "prompts", "evals")
    return (git("rev-parse", "--short=12", "HEAD") or "unknown") + ("+" if changed else "")


def sections(text: str) -> dict[str, str]:
    """The sections of a results file by the names of their benchmarks."""
    parts = re.split(r"^## (\w+)\n", text, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def section(tables: list[Table], seconds: float) -> str:
    """What one benchmark found, with when, where and with what."""
    today = time.strftime("%Y-%m-%d", time.gmtime())
    versions = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    about = f"{today}, revision {revision()}, {seconds:.0f} s. {machine()}. {versions}."
    return "\n".join(["", about, "", *map(str, tables)])


def measured(name: str, *options: str) -> tuple[list[Table], float]:
    """Run one benchmark: its tables, and how long it took.

    Raises:
        SystemExit: it failed.
    """
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "tables.json")
        begun = time.perf_counter()
        command = [sys.executable, "-m", f"benchmarks.{name}", "--json", str(file), *options]
        if subprocess.run(command, cwd=ROOT, check=False).returncode:
            note(f"benchmarks.{name} failed; {RESULTS.name} keeps what was measured until then.")
            sys.exit(2)
        return tables_of(file.read_text("utf-8")), time.perf_counter() - begun


def write(found: dict[str, str]) -> None:
    """Write all sections, in the order of `BENCHMARKS`."""
    ordered = [f"## {name}\n{found[name].rstrip()}\n" for name in BENCHMARKS if name in found]
    RESULTS.write_text("\n".join([HEAD, *ordered]), encoding="utf-8")


def main() -> None:
    cli = arguments(__doc__)
    cli.add_argument("--only", nargs="+", choices=BENCHMARKS, default=BENCHMARKS)
    args = cli.parse_args()
    options = ["--store", str(args.store.resolve()), *(["--full"] if args.full else [])]
    found = sections(RESULTS.read_text("utf-8")) if RESULTS.exists() else {}
    missed = 0
    for name in args.only:
        note(f"== {name}")
        tables, seconds = measured(name, *options)
        found[name] = section(tables, seconds)
        missed += sum(not bar.met for table in tables for bar in table.bars)
        write(found)
    note(f"Written to {RESULTS.relative_to(ROOT)}; {missed} bars are missed.")
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    main()
