from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wikiagent.code.chunks import Chunk, chunk_file, chunk_snapshot
from wikiagent.index.embed import WordLlama
from wikiagent.source.snapshot import Snapshot

EXAMPLE = '''\
# Copyright of somebody
import os


class Zoo(Base):
    """All the animals."""

    # How many fit.
    size = 3

    # Zebras eat first,
    # they are hungry.
    @cached
    @checked(
        "twice",
    )
    def feed(self, animal, count: int = 1) -> None:
        """Feed one animal."""
        if animal:
            give(animal)
            # never too much
        else:
            wait()
        return None  # nothing
'''


def lines_of(text: str) -> list[str]:
    lines = text.split("\n")
    return lines[:-1] if lines[-1] == "" else lines


def chunks_of(text: str, limit: int, path: str = "zoo.py", count: Callable[[str], int] = len) -> list[Chunk]:
    return chunk_file(path, lines_of(text), count, limit)


def spans(chunks: Sequence[Chunk]) -> list[tuple[int, int]]:
    return [(chunk.place.first, chunk.place.last) for chunk in chunks]


def visible(text: str) -> str:
    return "".join(text.split())


def assert_whole(chunks: Sequence[Chunk], lines: Sequence[str], count: Callable[[str], int], limit: int) -> None:
    end = 0
    for chunk in chunks:
        first, last = chunk.place.first, chunk.place.last
        assert end < first <= last <= len(lines)
        assert chunk.text == "\n".join(lines[first - 1 : last])
        assert count(chunk.embedded) <= limit or first == last
        end = last
    assert visible("".join(chunk.text for chunk in chunks)) == visible("\n".join(lines))


def test_a_small_file_is_one_chunk() -> None:
    (chunk,) = chunks_of(EXAMPLE, 10_000)
    assert (chunk.place.first, chunk.place.last) == (1, 24)
    assert chunk.symbol == ""
    assert chunk.breadcrumb == "zoo.py"


def test_comments_and_decorators_and_docstring_stay_with_their_definition() -> None:
    chunks = chunks_of(EXAMPLE, 300)
    assert spans(chunks) == [(1, 2), (5, 9), (11, 18), (19, 24)]
    assert [chunk.symbol for chunk in chunks] == ["", "Zoo", "Zoo.feed", "Zoo.feed"]
    assert chunks[3].breadcrumb == "zoo.py > class Zoo(Base) > def feed(self, animal, count: int = 1) -> None"


def test_a_breadcrumb_is_cut_where_it_would_take_more_than_a_quarter_of_the_limit() -> None:
    text = "class Zoo(Base):\n    def feed(self) -> None:\n" + "        call()\n" * 60
    assert chunks_of(text, 200)[-1].breadcrumb == "zoo.py > class Zoo(Base) > def feed(self) -> None"
    assert chunks_of(text, 160)[-1].breadcrumb == "zoo.py > Zoo > feed"
    assert "zoo.py > Zoo > feed".endswith(chunks_of(text, 60)[-1].breadcrumb)


@pytest.mark.parametrize("limit", [8, 20, 60, 100, 200, 300, 500])
def test_nothing_is_lost_at_any_limit(limit: int) -> None:
    assert_whole(chunks_of(EXAMPLE, limit), lines_of(EXAMPLE), len, limit)


def test_small_siblings_merge() -> None:
    text = "".join(f"def f{number}():\n    pass\n\n\n" for number in range(10))
    chunks = chunks_of(text, 100)
    assert len(chunks) < 5
    assert all(chunk.text.startswith("def f") and chunk.text.endswith("pass") for chunk in chunks)


def test_an_oversized_function_is_cut_at_statements() -> None:
    text = "def f():\n" + "    with a:\n        call(\n            1,\n        )\n" * 20
    for chunk in chunks_of(text, 100)[1:]:
        assert chunk.text.startswith("    with a:")
        assert chunk.text.endswith("        )")


def test_a_long_line_is_a_chunk_of_its_own() -> None:
    chunks = chunks_of(f"a = 1\nb = '{'x' * 500}'\nc = 2\n", 100)
    assert spans(chunks) == [(1, 1), (2, 2), (3, 3)]
    assert [len(chunk.embedded) <= 100 for chunk in chunks] == [True, False, True]


def test_files_that_are_not_python_are_cut_between_lines() -> None:
    chunks = chunks_of("[options]\n" + "name = class (\n" * 20, 100, path="setup.cfg")
    assert_whole(chunks, lines_of("[options]\n" + "name = class (\n" * 20), len, 100)
    assert {chunk.breadcrumb for chunk in chunks} == {"setup.cfg"}


def test_an_empty_file_has_no_chunks() -> None:
    assert chunks_of("", 100) == []
    assert chunks_of("\n \n\x0c\n", 100) == []


def test_deep_nesting_is_no_trouble() -> None:
    text = "".join("  " * depth + "if a:\n" for depth in range(600)) + "  " * 600 + "pass\n"
    assert_whole(chunks_of(text, 5000), lines_of(text), len, 5000)


def test_a_path_longer_than_the_limit_leaves_room_for_the_text() -> None:
    chunks = chunks_of("a = 1\nb = 2\n" * 20, 100, path="p" * 500 + ".py")
    assert_whole(chunks, lines_of("a = 1\nb = 2\n" * 20), len, 100)


SYNTAX = [
    *("def f(a,\n      b):\n", "class A:\n", "    ", "  ", "\t", "@deco\n", "# note\n", '"""doc\n', '"""', "if a:\n"),
    *(
        "else:\n",
        "try:\n",
        "except E:\n",
        "x = 1",
        "; y = 2",
        "(",
        ")",
        "lambda: 0",
        "match a:\n",
        "case 1:\n",
        "async ",
    ),
    *("return\n", "\\\n", "é", "𝔸"),
]
LINE_ENDS_AND_ODDITIES = ["\n", "\r\n", "\r", "\x0c", "\x0b", "\x85", "\u2028", "\x00", "\ufffd"]
pieces = st.sampled_from(SYNTAX + LINE_ENDS_AND_ODDITIES)


def quirky(text: str) -> int:
    """A newline counts for as much as eight letters."""
    return len(text) + 7 * text.count("\n")


@settings(deadline=None, max_examples=300)
@given(
    st.lists(pieces | st.text(max_size=8), max_size=60).map("".join),
    st.integers(1, 120),
    st.sampled_from([len, quirky]),
)
def test_nothing_is_lost_of_any_text(text: str, limit: int, count: Callable[[str], int]) -> None:
    assert_whole(chunks_of(text, limit, count=count), lines_of(text), count, limit)


@pytest.fixture(scope="module")
def embedder() -> WordLlama:
    return WordLlama()


@pytest.fixture(scope="module")
def chunks_by_path(peft: Snapshot, embedder: WordLlama) -> dict[str, list[Chunk]]:
    by_path: dict[str, list[Chunk]] = {path: [] for path in peft.select(["*.py"], [])}
    for chunk in chunk_snapshot(peft, embedder.count, embedder.limit):
        by_path.setdefault(chunk.place.path, []).append(chunk)
    return by_path


def test_peft_is_whole(peft: Snapshot, chunks_by_path: dict[str, list[Chunk]], embedder: WordLlama) -> None:
    assert len(chunks_by_path) > 200
    for path, chunks in chunks_by_path.items():
        assert_whole(chunks, peft.lines(path), embedder.count, embedder.limit)
        assert all(embedder.count(chunk.embedded) <= embedder.limit for chunk in chunks)


def heads(lines: Sequence[str]) -> Iterator[tuple[int, int, str]]:
    """For each definition: first line of its comments and decorators, last of its docstring, and its name."""
    for node in ast.walk(ast.parse("\n".join(lines))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
            while first > 1 and lines[first - 2].strip().startswith("#"):
                first -= 1
            documented = ast.get_docstring(node) is not None
            yield first, (node.body[0].end_lineno or 0) if documented else node.lineno, node.name


def test_peft_keeps_heads_together(peft: Snapshot, chunks_by_path: dict[str, list[Chunk]], embedder: WordLlama) -> None:
    seen = 0
    for path, chunks in chunks_by_path.items():
        lines = peft.lines(path)
        for first, last, name in heads(lines) if path.endswith(".py") else ():
            if embedder.count("\n".join(lines[first - 1 : last])) > embedder.limit * 3 // 4:
                continue  # with its breadcrumb this head alone may be above the limit
            seen += 1
            assert any(chunk.place.first <= first and last <= chunk.place.last for chunk in chunks), (path, first, name)
    assert seen > 2000
