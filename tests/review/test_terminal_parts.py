"""What the terminal is made of: rules that keys turn, code in colours, work in its order."""

from __future__ import annotations

from threading import Event

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.content import Content

from wikiagent.code.syntax import parse, quotes_around
from wikiagent.errors import DraftError
from wikiagent.review.filters import read_filter
from wikiagent.review.terminal.drawn import hanging
from wikiagent.review.terminal.line import Line
from wikiagent.review.terminal.look import MAX_LINE, coloured, shown_line
from wikiagent.review.terminal.sitting import Sitting

FILES = st.text(st.characters(categories=["L", "N", "P", "S", "Zs"]), max_size=20).filter(
    lambda text: not ("'" in text and '"' in text)
)


@given(FILES)
def test_a_turned_rule_keeps_its_other_conditions(file: str) -> None:
    sitting = Sitting()
    quote = "'" if '"' in file else '"'
    sitting.choose(f"file={quote}{file}{quote} and findings>=2 and state=pending")
    turned = sitting.turned("state", ("=pending", "=accepted", ""))
    kept = read_filter(turned).tests
    assert [(test.field, test.compare, test.value) for test in kept] == [
        ("file", "=", file), ("findings", ">=", "2"), ("state", "=", "accepted"),
    ]  # fmt: skip
    sitting.choose(turned)
    last = read_filter(sitting.turned("state", ("=pending", "=accepted", "")))
    assert [test.field for test in last.tests] == ["file", "findings"]


def test_a_rule_that_cannot_be_read_changes_nothing() -> None:
    sitting = Sitting()
    with pytest.raises(DraftError):
        sitting.choose("state")
    assert sitting.rule == "state=pending"


def test_code_that_begins_within_a_string_is_coloured_as_one() -> None:
    code = 'def feed():\n    """Feed.\n\n    It is not for the night.\n    """\n    return not 0\n'
    tree = parse(code.encode()).root_node
    assert [quotes_around(tree, line) for line in range(1, 7)] == ["", "", '"""', '"""', '"""', ""]
    lines = code.split("\n")[3:6]
    within = coloured(lines, "python", '"""')
    assert [line.plain for line in within] == lines
    assert {str(span.style) for span in within[0].spans} == {"ansi_green"}
    assert "bold" in {str(span.style) for span in within[2].spans}
    assert "ansi_green" not in {str(span.style) for line in coloured(lines[:1], "python") for span in line.spans}


@given(st.lists(st.text(st.characters(exclude_characters="\n\r"), max_size=30), max_size=6))
def test_each_line_of_code_stays_one(lines: list[str]) -> None:
    for language in ("python", "no such language", ""):
        assert [line.plain for line in coloured(lines, language)] == [shown_line(line) for line in lines]


def test_a_line_of_a_megabyte_is_cut() -> None:
    shown = shown_line("x" * 1_000_000)
    assert len(shown) < MAX_LINE + 50
    assert shown.endswith("998,000 more characters")


@given(st.text(max_size=200), st.integers(12, 60))
def test_wrapped_text_fits_and_loses_no_word(text: str, width: int) -> None:
    words = " ".join(word for word in text.split() if word.isascii() and word.isprintable())
    lines = hanging(Content(words), width, Content("> "))
    assert all(line.cell_length <= width for line in lines)
    assert "".join("".join(line.plain[2:] for line in lines).split()) == "".join(words.split())
    assert all(line.plain[:2] == "  " for line in lines[1:])


def test_things_are_done_in_order_and_idle_ones_last() -> None:
    line, begun, done = Line(), Event(), list[str]()
    line.add(lambda: begun.wait(10))
    idle = line.add(lambda: done.append("idle"), in_time=True)
    nobody = line.add(lambda: done.append("nobody waits for it"))
    nobody.cancel()
    for name in "abc":
        line.add(lambda name=name: done.append(name))  # type: ignore[misc]
    failing = line.add(lambda: 1 / 0)
    begun.set()
    idle.result(10)
    assert isinstance(failing.exception(10), ZeroDivisionError)
    assert done == ["a", "b", "c", "idle"]
