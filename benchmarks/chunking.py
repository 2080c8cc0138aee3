"""Chunking beside other libraries, and beside the floor: tree-sitter's bare parse of the same files.

    python -m benchmarks.chunking [--source S ...]

The sources are peft 0.18.1 and scikit-learn 1.7.2. Each library runs in a process of its own, `peers/chunk.py`; the
others in an environment of their own, `.venv-peers`, which `make bench` sets up. All are timed in turn, the best of
five counts, but what takes over ten seconds runs once; files are read, and libraries loaded, before. Seconds are those
of the processor, so that other programs do not count.
"""

from __future__ import annotations

import argparse
import ast
import json
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from statistics import median

from benchmarks.measure import Seconds, child
from benchmarks.report import PEFT, ROOT, Bar, Table, arguments, note, show
from wikiagent.source.fetch import fetch
from wikiagent.source.snapshot import Snapshot

SOURCES = (PEFT, "pypi:scikit-learn==1.7.2")
PEERS = ROOT / ".venv-peers" / "bin" / "python"
RUNNER = ROOT / "benchmarks" / "peers" / "chunk.py"
TOKENIZER = Path(find_spec("wordllama").origin).parent / "tokenizers" / "l2_supercat_tokenizer_config.json"
#: Which of the libraries cut on syntax; LangChain's splitter cuts at words such as `class` and `def`.
LIBRARIES = {"astchunk": True, "LlamaIndex": True, "chonkie": True, "LangChain": False}
#: Those that cut on syntax and can count the tokens of an embedder, as wikiagent does; for minutes, so on peft alone.
COUNTING = {"LlamaIndex, tokens": "LlamaIndex", "chonkie, tokens": "chonkie"}
TIMES = 5
#: What takes longer than so many seconds is run once.
SLOW = 10
ABOUT = (
    f"Seconds of the processor, best of {TIMES}, in turn; what takes over {SLOW} s runs once. "
    "wikiagent counts the tokens of its embedder and "
    "takes 512 at most; so do the libraries marked `tokens`, with the same tokenizer. The others count characters, "
    "1,500 at most. `characters`: median of a chunk. `lost`: characters, other than white space, in no chunk. "
    "`different`: chunks that are not, verbatim, in the lines that they name (in the file, where they name none). "
    "`whole`: functions of up to 1,000 characters in one chunk. `parted`: decorators without their `def`."
)
COLUMNS = ["", "seconds", "lines/s", "x parse", "chunks", "characters", "lost", "different", "whole", "parted"]
#: Functions up to this size, in characters, fit into a chunk of every library.
WHOLE = 1000


@dataclass(frozen=True)
class Piece:
    """A chunk of any library; the lines are None where it tells none."""

    text: str
    first: int | None
    last: int | None


Chunked = dict[str, list[Piece]]


def chunks_of(library: str, texts: dict[str, str]) -> tuple[str, float, Chunked]:
    """Version of a library, the processor's seconds that it took for these files, and its chunks."""
    name = COUNTING.get(library, library)
    python = str(PEERS) if name in LIBRARIES else sys.executable
    command = [python, str(RUNNER), name, *([str(TOKENIZER)] if library in COUNTING else [])]
    done = json.loads(child(command, given=json.dumps(texts)).output)
    chunks = {path: [Piece(*row) for row in rows] for path, rows in done["chunks"].items()}
    return done["version"], done["seconds"], chunks


def visible(text: str) -> str:
    """A text without its white space."""
    return "".join(text.split())


def lost(text: str, pieces: Iterable[Piece]) -> int:
    """How many characters, other than white space, of a text are in none of its chunks."""
    kept = Counter(visible("".join(piece.text for piece in pieces)))
    return (Counter(visible(text)) - kept).total()


def different(lines: Sequence[str], pieces: Iterable[Piece]) -> int:
    """How many chunks do not stand, verbatim, in the lines that they name, or in the file where they name none."""
    wrong = 0
    for piece in pieces:
        first, last = piece.first or 1, piece.last or len(lines)
        wrong += piece.text.strip() not in "\n".join(lines[first - 1 : last])
    return wrong


def definitions(text: str) -> tuple[list[str], list[str]]:
    """The functions that fit into a chunk, and the decorators with the line of their `def`, without white space."""
    try:
        nodes = list(ast.walk(ast.parse(text)))
    except (SyntaxError, ValueError):
        return [], []
    lines = text.split("\n")
    functions, decorated = [], []
    for node in nodes:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            first = min([node.lineno, *(each.lineno for each in node.decorator_list)])
            whole = "\n".join(lines[first - 1 : node.end_lineno])
            if not isinstance(node, ast.ClassDef) and len(whole) <= WHOLE:
                functions.append(visible(whole))
            if node.decorator_list:
                decorated.append(visible("\n".join(lines[first - 1 : node.lineno])))
    return functions, decorated


def held(wanted: Iterable[str], pieces: Iterable[Piece]) -> tuple[int, int]:
    """How many of the wanted texts one chunk holds, and how many there are."""
    chunks = [visible(piece.text) for piece in pieces]
    found = [any(text in chunk for chunk in chunks) for text in wanted]
    return sum(found), len(found)


class Corpus:
    """The Python files of one source, read."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.name = snapshot.source
        paths = snapshot.select(["*.py"], [])
        self.lines = {path: snapshot.lines(path) for path in paths}
        self.texts = {path: "\n".join(lines) for path, lines in self.lines.items()}
        self.size = sum(map(len, self.lines.values()))
        self.definitions = {path: definitions(text) for path, text in self.texts.items()}

    def judged(self, chunked: Chunked) -> tuple[list[str], int, int]:
        """The cells of a row after the speed; how many characters are lost, and how many chunks are different."""
        gone = sum(lost(self.texts[path], pieces) for path, pieces in chunked.items())
        wrong = sum(different(self.lines[path], pieces) for path, pieces in chunked.items())
        whole = [held(self.definitions[path][0], pieces) for path, pieces in chunked.items()]
        heads = [held(self.definitions[path][1], pieces) for path, pieces in chunked.items()]
        sizes = [len(piece.text) for pieces in chunked.values() for piece in pieces]
        kept = sum(good for good, _ in whole) / max(1, sum(of for _, of in whole))
        parted = sum(of - good for good, of in heads)
        cells = [
            f"{len(sizes):,}",
            f"{median(sizes):,.0f}",
            f"{gone:,}",
            f"{wrong:,}",
            f"{100 * kept:.1f} %",
            f"{parted:,}",
        ]
        return cells, gone, wrong


def table(corpus: Corpus) -> Table:
    """What was measured on one source."""
    seconds, chunked, names = defaultdict[str, list[float]](list), {}, {}
    others = [*LIBRARIES, *(COUNTING if corpus.name == PEFT else ())] if PEERS.exists() else []
    libraries = ["bare parse", "wikiagent", *others]
    for _ in range(TIMES):
        for library in libraries:
            if min(seconds[library], default=0) > SLOW:
                continue
            note(f"Chunking {corpus.name}: {library}")
            version, taken, chunked[library] = chunks_of(library, corpus.texts)
            seconds[library].append(taken)
            name, *tokens = library.split(",")
            names[library] = ",".join([f"{name} {version}", *tokens]) if name in LIBRARIES else library
    rows, judged, floor = [], {}, min(seconds["bare parse"])
    for library, taken in sorted(seconds.items(), key=lambda each: min(each[1])):
        best = min(taken)
        row = [names[library], str(Seconds(tuple(taken))), f"{corpus.size / best:,.0f}", f"{best / floor:.2f}"]
        if library != "bare parse":
            cells, *judged[library] = corpus.judged(chunked[library])
            row += cells
        rows.append(row + [""] * (len(COLUMNS) - len(row)))
    gone, wrong = judged["wikiagent"]
    return Table(
        f"Chunking: {corpus.name}, {len(corpus.texts):,} Python files, {corpus.size:,} lines",
        ABOUT + ("" if PEERS.exists() else " The other libraries are not installed; `make bench` does that."),
        COLUMNS,
        rows,
        [
            Bar(f"{gone} characters lost (bar: 0)", not gone),
            Bar(f"{wrong} chunks different (bar: 0)", not wrong),
            *speed_bars({library: min(taken) for library, taken in seconds.items()}),
        ],
    )


def speed_bars(seconds: dict[str, float]) -> Iterator[Bar]:
    """At most three times the floor, and faster than all that cut on syntax."""
    own = seconds["wikiagent"]
    ratio = own / seconds["bare parse"]
    yield Bar(f"{ratio:.2f} times the bare parse (bar: 3)", ratio <= 3)
    for library in [*COUNTING, *(name for name, on_syntax in LIBRARIES.items() if on_syntax)]:
        if library in seconds:
            why = "; it counts characters, which costs nothing, and no embedder's limit is in characters"
            unlike = why if library in COUNTING.values() else ""
            yield Bar(f"{own:.2f} s beside {seconds[library]:.2f} s of {library}{unlike}", own < seconds[library])


def measure(args: argparse.Namespace) -> Iterator[Table]:
    for source in args.source:
        yield table(Corpus(fetch(source, args.store, progress=note)))


def main() -> None:
    cli = arguments(__doc__)
    cli.add_argument("--source", nargs="+", default=SOURCES)
    args = cli.parse_args()
    show(measure(args), args.json)


if __name__ == "__main__":
    main()
