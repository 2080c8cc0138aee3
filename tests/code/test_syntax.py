"""Code that no person would write: read where it can be, reported where not, and never fatal or without end."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.end_to_end.conftest import wikiagent
from wikiagent.code.chunks import chunk_file
from wikiagent.code.signatures import Signatures
from wikiagent.code.symbols import read_symbols
from wikiagent.code.syntax import MAX_CODE, MAX_LEVELS, parse, unread
from wikiagent.code.vocabulary import Vocabulary
from wikiagent.mine.candidates import rank
from wikiagent.mine.signals import read_signals
from wikiagent.source.home import MAX_LINE
from wikiagent.source.snapshot import Snapshot

SAYS = 'raise ValueError("The gate cannot be opened at night because the lions are loose, wait for day.")\n'
OPEN = f"def open_gate(night):\n    if night:\n        {SAYS}"


def nested(depth: int, opening: str) -> str:
    depth = min(depth, 1000)  # deeper ones are larger than any file that is read as code
    return "".join(f"{' ' * n}{opening.format(n)}\n" for n in range(depth)) + " " * depth + SAYS


#: Shapes of code, by their size; the first ones may still be mined at that size.
SHAPES = {
    "parentheses": lambda n: f"x = {'(' * n}1{')' * n}\n",
    "open brackets": lambda n: "x = " + "[" * n + "\n",
    "open calls": lambda n: "f(\n" * n,
    "calls": lambda n: f"x = {'f(' * n}{')' * n}\n",
    "calls of calls": lambda n: "x = (a\n" + "()\n" * n + ")\n",
    "attributes": lambda n: "x = (a" + "\n.b" * n + ")\n",
    "a sum": lambda n: "x = (1" + "\n+ 1" * n + ")\n",
    "a sum of texts": lambda n: 'import warnings\nwarnings.warn("a b c"\n' + ' + "one two three"\n' * n + ")\n",
    "lambdas": lambda n: "x = " + "lambda: " * n + "1\n",
    "dictionaries": lambda n: f"x = {'{1:' * n}1{'}' * n}\n",
    "f-strings": lambda n: "x = " + "f'{" * n + "1" + "}'" * n + "\n",
    "conditions": lambda n: "def f(x):\n    if x:\n        pass\n" + f"    elif x == 1:\n        {SAYS}" * (n // 10),
    "nested conditions": lambda n: nested(n, "if x{}:"),
    "nested functions": lambda n: nested(n, "def f{}(x=None):"),
    "nested classes": lambda n: nested(n, "class C{}:"),
    "decorators": lambda n: "@d\n" * n + "def f(): pass\n",
    "comments": lambda n: "def f(a):\n" + "    # NOTE: it must be so because otherwise it breaks\n" * n + "    pass\n",
    "continuations": lambda n: "x = 1 " + "\\\n" * n + "\n",
    "texts": lambda n: "x = (\n" + "'a b c '\n" * n + ")\n",
    "errors": lambda n: "def )( \0 class ]] \n" * n,
}  # fmt: skip

LIMITED = """
import resource, sys
resource.setrlimit(resource.RLIMIT_AS, (3 << 30, 3 << 30))
resource.setrlimit(resource.RLIMIT_CPU, (30, 30))
from pathlib import Path
from tests.code.test_syntax import read_all
read_all(Path(sys.argv[1]))
"""


def read_all(root: Path) -> int:
    """Whatever is done with the code of a source, over all files below `root`; the number of signals."""
    files = tuple(sorted(path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()))
    snapshot = Snapshot("path:x@1", "x", "1", root, files)
    symbols = read_symbols(snapshot, files)
    signals = read_signals(snapshot, files, symbols)
    rank(signals, symbols, Vocabulary(snapshot))
    for path in files:
        chunk_file(path, snapshot.lines(path), lambda text: len(text.split()), 400)
        Signatures(snapshot).in_file(path)
    return len(signals)


@pytest.mark.parametrize("size", [100, 10_000])
def test_code_of_any_shape_is_read_in_bounded_time_and_memory(tmp_path: Path, size: int) -> None:
    """All shapes in one process of its own, in 30 seconds of it and 3 GB: a crash of the grammar would end it."""
    for number, make in enumerate(SHAPES.values()):
        (tmp_path / f"shape_{number}.py").write_text(make(size))
    (tmp_path / "plain.py").write_text(OPEN)
    done = subprocess.run([sys.executable, "-c", LIMITED, str(tmp_path)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-500:]


#: Files half as large as the largest one that is read, full of what is mined.
FULL = {
    "a message": "import warnings\nwarnings.warn(\n" + "'one two three must not be because '\n" * 25_000 + ")\n",
    "messages": "import warnings\n" + "".join(f"warnings.warn('one {i} must not be because')\n" for i in range(18_000)),
    "arguments": 'def f(a):\n    """A.\n\n    Args:\n'
    + "        a: one must not do this because.\n" * 22_000
    + '    """\n',
}


@pytest.mark.parametrize("what", FULL)
def test_a_large_file_full_of_signals_is_read_in_time(tmp_path: Path, what: str) -> None:
    (tmp_path / "a.py").write_text(FULL[what])
    begun = time.thread_time()
    assert read_all(tmp_path) > 0
    assert time.thread_time() - begun < 20


@pytest.mark.parametrize(
    ("text", "signals"),
    [
        (OPEN, 1),
        ("\ufeff" + OPEN, 1),
        (OPEN.replace("\n", "\r\n"), 1),
        ("\0\0\n" + OPEN + "\0", 1),
        ("\x0c\n" + OPEN, 1),
        ("def broken(:\n" + OPEN, 1),
        ("x = '" + "a" * 10_000_000 + "'\n" + OPEN, 1),
        ("x = [" + "1," * 3_000_000 + "]\n" + OPEN, 1),
        ("# NOTE: it must be so because " + "word " * 2_000_000 + "\n" + OPEN, 1),
        (nested(90, "if x{}:"), 1),
        ("# NOTE: it must be \u202eso because otherwise\u2066 it breaks at once.\n" + OPEN, 1),
        (OPEN.replace("\n", "\r"), 0),  # one line for editors and code hosts: no page could quote a part of it
        (nested(MAX_LEVELS + 10, "if x{}:"), 0),
    ],
    ids="plain bom crlf nul formfeed broken long_text long_list long_comment deep bidi cr too_deep".split(),
)
def test_what_can_be_mined_is_mined(tmp_path: Path, text: str, signals: int) -> None:
    (tmp_path / "a.py").write_bytes(text.encode())
    assert read_all(tmp_path) == signals


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16", "shift_jis"])
def test_other_encodings_are_read_as_far_as_they_go(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "a.py").write_bytes(OPEN.replace("gate", "gate ä" if encoding == "latin-1" else "門").encode(encoding))
    assert read_all(tmp_path) == (0 if encoding == "utf-16" else 1)


def test_a_line_that_is_too_long_leaves_the_rest(caplog: pytest.LogCaptureFixture) -> None:
    tree = parse(b"x = '" + b"a" * MAX_LINE + b"'\ny = 1\n", "long.py")
    assert "'long.py' has lines of more than 20,000 bytes" in caplog.text
    assert [node.type for node in tree.root_node.named_children] == ["expression_statement"]
    assert tree.root_node.named_children[0].start_point.row == 1


def test_why_code_is_not_read() -> None:
    assert unread(b"x = 1\n" * (MAX_CODE // 6)) == ""
    assert "bytes" in unread(b"x = 1\n" * (MAX_CODE // 6 + 1))
    assert unread(nested(MAX_LEVELS, "if x{}:").encode()) == ""
    assert "levels" in unread(nested(MAX_LEVELS + 1, "if x{}:").encode())
    tabs = "".join("\t" * (n // 8) + " " * (n % 8) + "if x:\n" for n in range(MAX_LEVELS + 2))
    assert "levels" in unread(tabs.encode())


def test_what_is_not_read_is_said(tmp_path: Path) -> None:
    (tmp_path / "zoo").mkdir()
    (tmp_path / "zoo/deep.py").write_text(nested(600, "def f{}(x=None):"))
    (tmp_path / "zoo/plain.py").write_text(OPEN)
    done = wikiagent("mine", "--source", "zoo", cwd=tmp_path)
    assert done.returncode == 0
    assert "plain.py" in done.stdout
    assert "'deep.py' is not read as code: it is indented more than 250 levels deep" in done.stderr
    found = wikiagent("search", "f599", "--source", "zoo", cwd=tmp_path)
    assert "deep.py" in found.stdout
