from __future__ import annotations

import pytest

from wikiagent.check.claims import unknown_identifiers
from wikiagent.check.numbers import numbers_beyond


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("4-bit", ["4"]),
        ("`4bit` weights", ["4"]),
        (">= 0.21.0", ["0.21.0"]),
        ("deprecated in v0.19.0", ["0.19.0"]),
        ("2.0rc1 and 0.5.0.dev0", ["2.0rc1", "0.5.0.dev0"]),
        ("1e-4", ["1e-4"]),
        ("50%", ["50"]),
        ("~20", ["20"]),
        ("3x", ["3"]),
        ("16GB of a 7B model", ["16", "7"]),
        ("30-50 or 30–50", ["30", "50"]),
        ("`r=8`, `cuda:0`, (1,2)", ["8", "0", "1", "2"]),
        ("1,000 or 1_000", ["1,000", "1_000"]),
        ("It ends in 12.", ["12"]),
    ],
)
def test_numbers_that_the_evidence_lacks(text: str, numbers: list[str]) -> None:
    assert numbers_beyond(text, "nothing of the kind") == numbers
    assert numbers_beyond(text, text) == []


@pytest.mark.parametrize("text", ["fp16", "`Linear4bit`", "q_proj2", "the 1st and 3rd", "3D", "e1", "utf8", "a.b2.c3"])
def test_numbers_inside_words_are_none(text: str) -> None:
    assert numbers_beyond(text, "") == []


@pytest.mark.parametrize(
    ("number", "evidence"),
    [("4", "load_in_4bit"), ("4", "int4"), ("1,000", "limit = 1000"), ("1000", "limit = 1_000"), ("2", "one of 2."),
     ("1E-4", "lr=1e-4")],
)  # fmt: skip
def test_what_contains_a_number(number: str, evidence: str) -> None:
    assert numbers_beyond(number, evidence) == []


@pytest.mark.parametrize(
    ("number", "evidence"),
    [("2", "2.5"), ("5", "2.5"), ("21", "0.21.0"), ("1e-4", "4 of 1e-5"), ("20", "200"), ("100", "1,100")],
)
def test_a_part_of_a_number_is_another_number(number: str, evidence: str) -> None:
    assert numbers_beyond(number, evidence) == [number]


def test_identifiers_are_judged_word_by_word() -> None:
    known = {"src", "zoo", "animals", "Keeper", "feed", "count"}
    text = "`src/zoo/animals.py` has `Keeper.feed(count=True)`, `Keeper.sleep`, `src/zoo/plants.py` and prose sleep."
    assert unknown_identifiers(text, known, str) == ["True", "sleep", "plants"]  # type: ignore[arg-type]


def test_short_words_and_other_letters_are_no_identifiers() -> None:
    assert unknown_identifiers("`py`, `größe`, `x1`", {"gr"}, str) == []  # type: ignore[arg-type]


def test_names_in_plain_text_are_claims_too() -> None:
    known = {"MissConfig", "init_weights", "efficiency", "Whether"}
    text = (
        "MissConfig is a variant of MiSA and reads init_weights and no_such_thing, on a GPU, in snake-case and and/or."
    )
    assert unknown_identifiers(text, known, str) == ["MiSA", "no_such_thing"]  # type: ignore[arg-type]
    seam = 'help=("smaller rank and efficiency"\n  "Whether to initialize")'
    assert unknown_identifiers("It is efficiencyWhether so.", known, lambda: seam) == []  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "evidence", "beyond"),
    [
        ("It takes 2 GB.", "workers = 2", ["2"]),
        ("It takes 2 GB.", "about 2GB of memory", []),
        ("In 30-50% of runs", "30% to 50 %", []),
        ("In 30-50% of runs", "range(30, 50)", ["30", "50"]),
        ("8k tokens", "max_tokens=8192", []),
        ("needs >= 2.0", "torch>=2.0", []),
        ("needs <= 2.0", '"torch>=2.0"', ["2.0"]),
        ("version 1.13", "torch>=1.13.0", []),
    ],
)
def test_units_ranges_and_bounds(text: str, evidence: str, beyond: list[str]) -> None:
    assert numbers_beyond(text, evidence) == beyond
