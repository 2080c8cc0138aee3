"""Rules that choose drafts."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wikiagent.errors import DraftError
from wikiagent.review.filters import FIELDS, read_filter
from wikiagent.review.queue import Item

ITEM = Item(
    id=7,
    state="pending",
    type="Heuristic",
    name="zoo_Feed_Zebra",
    rank=3,
    score=2.5,
    drafter="agent",
    model="some-model",
    category="Warning",
    file=("src/zoo/keeper.py", "setup.py"),
    code=("CLM004",),
    errors=0,
    warnings=1,
    supported="partly",
    new=True,
    redrafted=False,
    skipped=0,
)
#: A rule for each field that holds for the draft, and one that does not.
RULES = {
    "id": ("id=7", "id>7"),
    "state": ("state=pending", "state!=PENDING"),
    "type": ("type=heuristic", "type=Environment"),
    "name": ("name=zoo_*", "name=Feed"),
    "drafter": ("drafter=agent", "drafter=extractive"),
    "model": ("model=some*", "model=''"),
    "category": ("category=Warning", "category!=warning"),
    "rank": ("rank<=3", "rank<3"),
    "score": ("score>=2.5", "score=2"),
    "findings": ("findings=1", "findings=0"),
    "code": ("code=CLM*", "code=CIT001"),
    "supported": ("supported=partly", "supported=all"),
    "confidence": ("confidence=low", "confidence!=low"),
    "file": ("file=src/*", "file=*.md"),
    "new": ("new=yes", "new=no"),
    "redrafted": ("redrafted=no", "redrafted=yes"),
}


def test_every_field_has_its_rules_here() -> None:
    assert set(RULES) == set(FIELDS)


@pytest.mark.parametrize("field", FIELDS)
def test_a_field_is_asked_about(field: str) -> None:
    holds, fails = RULES[field]
    assert read_filter(holds).holds(ITEM)
    assert not read_filter(fails).holds(ITEM)


@pytest.mark.parametrize(
    ("compare", "values"), [("=", "3"), ("!=", "24"), ("<", "45"), ("<=", "34"), (">", "12"), (">=", "23")]
)
def test_numbers_are_compared(compare: str, values: str) -> None:
    chosen = {value for value in "12345" if read_filter(f"rank{compare}{value}").holds(ITEM)}
    assert set(values) <= chosen
    assert ("3" in chosen) == (compare in ("=", "<=", ">="))


def test_all_conditions_have_to_hold() -> None:
    both = "drafter=agent and findings=1, file = 'src/zoo/*' AND name=\"zoo_Feed_Zebra\""
    assert len(read_filter(both).tests) == 4
    assert read_filter(both).holds(ITEM)
    assert not read_filter(f"{both} and state=accepted").holds(ITEM)


def test_without_a_condition_every_draft_is_chosen() -> None:
    assert read_filter("").holds(ITEM)
    assert read_filter("  ").holds(ITEM)


def test_not_this_file_holds_for_a_draft_that_cites_others_alone() -> None:
    assert not read_filter("file!=setup.py").holds(ITEM)
    assert read_filter("file!=setup.py").holds(replace(ITEM, file=("src/zoo/keeper.py",)))
    assert read_filter("code!=CLM004").holds(replace(ITEM, code=()))


MISTAKES = [
    ("finding=0", "A draft has no 'finding'. Did you mean findings?"),
    ("colour=red", "A draft has no 'colour'. There are id, state, "),
    ("rank=high", "rank is a number, not 'high'."),
    ("supported!=partyl", "supported is never 'partyl': it is all, partly or unjudged."),
    ("state=''", "state is never '': it is pending, accepted, rejected or superseded."),
    ("state<pending", "state is no number: compare it with = or !=."),
    ("findings=0 and", "a condition is missing"),
    ("findings=0 state=pending", "join conditions by and"),
    ("findings", "The rule cannot be read at “findings”"),
    ("and findings=0", "The rule cannot be read at “and findings=0”"),
    ("findings=0 and and rank=1", "The rule cannot be read at “and rank=1”"),
    ("name=some page", "The rule cannot be read at “page”"),
    ("name='some page", "The rule cannot be read at “name='some page”"),
    ("name=", "The rule cannot be read at “name=”"),
    ("findings=0 android=1", "join conditions by and"),
]


@pytest.mark.parametrize(("rule", "message"), MISTAKES, ids=[rule for rule, _ in MISTAKES])
def test_a_mistake_is_one_sentence(rule: str, message: str) -> None:
    with pytest.raises(DraftError) as caught:
        read_filter(rule)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


_PIECES = st.sampled_from(
    [*FIELDS, "=", "!=", "<", ">=", " ", "and", ",", "'", '"', "0", "-1.5", "*", "[", "yes", "\n"]
)


@settings(deadline=None)
@given(st.one_of(st.text(), st.lists(_PIECES).map("".join), st.lists(_PIECES).map(" ".join)))
def test_whatever_is_typed_is_a_rule_or_a_mistake(rule: str) -> None:
    try:
        chosen = read_filter(rule)
    except DraftError:
        return
    assert chosen.holds(ITEM) in (True, False)


@settings(deadline=None)
@given(
    st.sampled_from(("name", "model", "category", "code", "file")),
    st.text(st.characters(exclude_characters="'\"", exclude_categories=["Cs"])),
)
def test_a_value_in_quotes_is_taken_as_it_is(field: str, value: str) -> None:
    (test,) = read_filter(f"{field}='{value}'").tests
    assert (test.field, test.value) == (field, value)
