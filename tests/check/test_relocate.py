from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wikiagent.check.relocate import Fate, Relocation, View, relocate
from wikiagent.source.evidence import Place, dedent
from wikiagent.source.snapshot import Snapshot

OVEN = '''\
"""Ovens."""

import warnings


class Oven:
    """Fires things."""

    def merge(self, other):
        if self.quantized:
            warnings.warn("Merging a quantized oven may change its temperature.")
        return other

    def heat(self, degrees):
        if degrees > 1300:
            # The bricks crack above this.
            raise ValueError("Too hot for the bricks.")
        return degrees


def fire(oven):
    if oven is None:
        raise ValueError("No oven.")
    return oven.heat(900)
'''
PATH = "src/kiln/oven.py"
WARNING = Place(PATH, 10, 11)


def view(files: dict[str, str], revision: str = "1.0") -> View:
    root = Path(tempfile.mkdtemp())
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")
    return View(Snapshot(f"pypi:kiln=={revision}", "kiln", revision, root, tuple(sorted(files))))


def code(text: str, place: Place) -> str:
    return dedent("\n".join(text.split("\n")[place.first - 1 : place.last]))


def fate(new: dict[str, str], place: Place = WARNING, old: dict[str, str] | None = None) -> Relocation:
    before = old or {PATH: OVEN}
    return relocate(place, code(before[place.path], place), view(before), view(new, "2.0"))


def test_the_same_lines_are_unchanged() -> None:
    assert fate({PATH: OVEN}) == Relocation(Fate.UNCHANGED, WARNING, WARNING)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from(["import os", "", "x = 1", "# a note", '"""Ovens."""']), min_size=1, max_size=9))
def test_lines_added_above_move_the_quote_and_leave_its_text(added: list[str]) -> None:
    changed = "\n".join([*added, OVEN])
    found = fate({PATH: changed})
    assert (found.fate, found.new) == (Fate.MOVED, Place(PATH, 10 + len(added), 11 + len(added)))
    assert found.new
    assert code(changed, found.new) == code(OVEN, WARNING)


def test_other_indentation_is_the_same_text() -> None:
    function = OVEN.replace("class Oven:\n", "").replace("\n    ", "\n")
    found = fate({PATH: function})
    assert found.fate is Fate.MOVED
    assert found.new
    assert code(function, found.new) == code(OVEN, WARNING)


def test_other_blanks_within_a_line_are_another_text() -> None:
    assert fate({PATH: OVEN.replace("warnings.warn(", "warnings.warn( ")}).fate is Fate.CHANGED


def test_an_altered_text_is_found_with_its_diff() -> None:
    found = fate({PATH: "# new\n" + OVEN.replace("may change", "will change")})
    assert (found.fate, found.new) == (Fate.CHANGED, Place(PATH, 11, 12))
    assert '-    warnings.warn("Merging a quantized oven may change its temperature.")' in found.diff
    assert '+    warnings.warn("Merging a quantized oven will change its temperature.")' in found.diff
    assert "stands at src/kiln/oven.py:11-12" in found.why


def test_a_text_that_is_gone_is_shown_as_it_was() -> None:
    lines = OVEN.split("\n")
    found = fate({PATH: "\n".join(lines[:9] + lines[11:])})
    assert (found.fate, found.new) == (Fate.GONE, None)
    assert "-if self.quantized:" in found.diff
    assert found.why == "src/kiln/oven.py has no such lines any more"


def test_a_renamed_file_is_found() -> None:
    found = fate({"src/kiln/hot/oven.py": "\n" + OVEN, "src/kiln/other.py": "pass\n"})
    assert (found.fate, found.new) == (Fate.MOVED, Place("src/kiln/hot/oven.py", 11, 12))


def test_a_function_that_went_to_another_file_takes_its_quote_along() -> None:
    moved = OVEN[OVEN.index("def fire") :]
    rest = OVEN[: OVEN.index("def fire")]
    found = fate({PATH: rest, "src/kiln/fire.py": moved}, Place(PATH, 21, 23))
    assert (found.fate, found.new) == (Fate.MOVED, Place("src/kiln/fire.py", 1, 3))


def test_a_text_of_another_file_is_not_taken_for_the_one_that_is_gone() -> None:
    old = {PATH: OVEN, "src/kiln/kiln.py": OVEN.replace("Oven", "Kiln")}
    found = fate({"src/kiln/kiln.py": old["src/kiln/kiln.py"]}, old=old)
    assert found.fate is Fate.GONE
    assert "nothing tells that it is the one that is cited" in found.why


def test_a_renamed_file_with_an_altered_text_shows_what_became_of_it() -> None:
    found = fate({"src/kiln/hot.py": OVEN.replace("may change", "will change")})
    assert (found.fate, found.new) == (Fate.CHANGED, Place("src/kiln/hot.py", 10, 11))


TWICE = """\
class Oven:
    def merge(self):
        self.check()
        warnings.warn("slow")
        self.join()

    def unmerge(self):
        self.test()
        warnings.warn("slow")
        self.split()
"""


@pytest.mark.parametrize(("first", "name"), [(4, "merge"), (9, "unmerge")])
def test_equal_texts_are_told_apart_by_their_symbol(first: int, name: str) -> None:
    parts = TWICE.split("\n\n")
    swapped = "\n".join(["class Oven:", parts[1].rstrip(), "", *parts[0].split("\n")[1:], ""])
    found = fate({PATH: swapped}, Place(PATH, first, first), {PATH: TWICE})
    assert found.fate is Fate.MOVED
    assert found.new
    above = swapped.split("\n")[: found.new.first]
    assert next(line for line in reversed(above) if "def " in line).strip() == f"def {name}(self):"


def test_equal_texts_in_one_symbol_are_told_apart_by_the_lines_around() -> None:
    old = "def f():\n    a()\n    warn()\n    b()\n    c()\n    warn()\n    d()\n"
    new = "def f():\n    c()\n    warn()\n    d()\n    a()\n    warn()\n    b()\n"
    assert fate({PATH: new}, Place(PATH, 3, 3), {PATH: old}).new == Place(PATH, 6, 6)
    assert fate({PATH: new}, Place(PATH, 6, 6), {PATH: old}).new == Place(PATH, 3, 3)


def test_equal_texts_outside_of_symbols_are_told_apart_by_their_statement() -> None:
    old = 'SLOW = {\n    "a": 1,\n    "q": 2,\n}\nFAST = {\n    "b": 1,\n    "q": 2,\n}\n'
    new = 'FAST = {\n    "a": 1,\n    "c": 3,\n    "q": 2,\n}\nSLOW = {\n    "b": 1,\n    "q": 2,\n    "d": 4,\n}\n'
    assert fate({PATH: new}, Place(PATH, 3, 3), {PATH: old}).new == Place(PATH, 8, 8)
    assert fate({PATH: new}, Place(PATH, 7, 7), {PATH: old}).new == Place(PATH, 4, 4)


def test_where_nothing_tells_equal_texts_apart_none_is_guessed() -> None:
    old = "def f():\n    a()\n    warn()\n    b()\n"
    new = "def f():\n    x()\n    warn()\n    y()\n    z()\n    warn()\n    w()\n"
    found = fate({PATH: new}, Place(PATH, 3, 3), {PATH: old})
    assert (found.fate, found.new, found.diff) == (Fate.CHANGED, None, "")
    assert found.why.startswith("the text stands at 2 places (src/kiln/oven.py:3, src/kiln/oven.py:6)")


def test_the_survivor_of_two_equal_texts_is_not_taken_for_the_other() -> None:
    only_second = "class Oven:\n" + TWICE.split("\n\n")[1]
    assert fate({PATH: only_second}, Place(PATH, 4, 4), {PATH: TWICE}).fate is Fate.CHANGED
    assert fate({PATH: only_second}, Place(PATH, 9, 9), {PATH: TWICE}).fate is Fate.MOVED


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.sampled_from(["a()", "b()", "warn()", "c()"]), min_size=2, max_size=8),
    st.lists(st.sampled_from(["a()", "b()", "warn()", "c()"]), min_size=2, max_size=8),
)
def test_what_is_kept_is_the_text_and_no_two_quotes_are_put_at_one_place(before: list[str], after: list[str]) -> None:
    old, new = "\n".join(before), "\n".join(after)
    one, two = view({PATH: old}), view({PATH: new}, "2.0")
    kept = []
    for number, line in enumerate(before, 1):
        found = relocate(Place(PATH, number, number), line, one, two)
        if found.fate.holds:
            assert found.new
            assert after[found.new.first - 1] == line
            kept.append(found.new)
    assert len(kept) == len(set(kept))


def test_without_the_old_source_only_what_is_certain_is_kept() -> None:
    new = view({PATH: "\n" + TWICE})
    assert relocate(Place(PATH, 3, 3), "self.check()", None, new).new == Place(PATH, 4, 4)
    assert relocate(Place(PATH, 4, 4), 'warnings.warn("slow")', None, new).fate is Fate.CHANGED
    assert relocate(Place(PATH, 5, 5), 'warnings.warn("slow")', None, new).fate is Fate.UNCHANGED
    assert relocate(Place("old.py", 1, 2), 'self.test()\nwarnings.warn("slow")', None, new).new == Place(PATH, 9, 10)
    assert relocate(Place("old.py", 1, 1), "self.test()", None, new).fate is Fate.GONE
    altered = relocate(Place(PATH, 3, 5), 'self.check()\nwarnings.warn("very slow")\nself.join()', None, new)
    assert (altered.fate, altered.new) == (Fate.CHANGED, Place(PATH, 4, 6))
