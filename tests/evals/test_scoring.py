"""A wiki and goldens become rows."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.evals.conftest import GOLDENS, KEEPER, a_golden
from tests.phases.conftest import NOW
from wikiagent.check.reading import Reading
from wikiagent.evals import overlap, telling
from wikiagent.evals.golden import Golden, GoldenEvidence
from wikiagent.evals.produce import fresh
from wikiagent.evals.rows import GoldenRow, Scores
from wikiagent.evals.scoring import Subject, score
from wikiagent.ledger import Ledger
from wikiagent.phases.drafters import Extractive
from wikiagent.phases.phase3 import Plan
from wikiagent.source.evidence import Place
from wikiagent.source.snapshot import Snapshot
from wikiagent.wiki.graph import Wiki, read_wiki
from wikiagent.wiki.page import PageKind


@pytest.fixture
def made(zoo: Snapshot, tmp_path: Path) -> tuple[Wiki, dict[str, int]]:
    """The extractive drafter's wiki about the zoo, and the ranks of its pages."""
    plan = Plan(zoo, zoo.files, tmp_path / "wiki", "zoo", None, 120, accept_valid=True, now=NOW)
    produced = fresh(1, plan, Extractive(), Ledger(tmp_path / "ledger.sqlite"), lambda said: None)
    return read_wiki(tmp_path / "wiki"), produced.ranks


def rows(scores: Scores) -> dict[str, GoldenRow]:
    return {row.id: row for row in scores.goldens}


def test_what_a_wiki_shows_is_found(made: tuple[Wiki, dict[str, int]], subject: Subject) -> None:
    found = rows(score(1, *made, {}, subject))
    assert {name for name, row in found.items() if row.shown} == {"packages", "speed", "gate", "portions"}
    assert all(
        row.shown[0].rank and row.shown[0].overlap == 1 and row.near is None for row in found.values() if row.shown
    )
    assert all(any(page.told for page in found[name].shown) for name in ("speed", "gate", "portions"))
    near = found["imports"].near
    assert near is not None
    assert near.how.startswith("quotes lines")


def test_facts_are_found_by_their_words(made: tuple[Wiki, dict[str, int]], subject: Subject) -> None:
    found = rows(score(1, *made, {}, subject))
    assert list(found["speed"].facts.values()) == [True, False]
    assert list(found["packages"].facts.values()) == [True, True]
    assert list(found["imports"].facts.values()) == [False]


def test_links_are_those_of_the_wiki_from_either_end(made: tuple[Wiki, dict[str, int]], subject: Subject) -> None:
    wiki, ranks = made
    found = rows(score(1, wiki, ranks, {}, subject))
    assert found["gate"].links == (1, 0, 0)  # `Keeper.open_gate` is linked by the page about its class
    assert found["packages"].links is None  # applies to nothing that has a page
    cut = {file: text.replace("uses_heuristic::", "see::") for file, text in wiki.files.items()}
    assert rows(score(1, Wiki(cut, "zoo"), ranks, {}, subject))["gate"].links == (0, 0, 1)


def test_a_call_that_failed_is_no_miss(made: tuple[Wiki, dict[str, int]], subject: Subject) -> None:
    lost = {"zoo_Cages": (Place(KEEPER, 3, 4),), "zoo_Speed": (Place(KEEPER, 16, 16),)}
    found = rows(score(1, *made, lost, subject))
    assert found["imports"].unscored == "zoo_Cages was not written"
    assert found["speed"].unscored == ""  # another page shows it


def test_an_empty_wiki_has_a_row_for_each_golden(subject: Subject) -> None:
    scores = score(1, Wiki({}, "zoo"), {}, {}, subject)
    assert [(row.shown, row.near) for row in scores.goldens] == [((), None)] * len(GOLDENS)
    assert scores.leaves == []


def test_pages_have_their_findings(made: tuple[Wiki, dict[str, int]], subject: Subject) -> None:
    wiki, ranks = made
    clean = score(1, wiki, ranks, {}, subject)
    assert all(page.findings == {} for page in clean.pages)
    assert all(page.verified and not page.refuted for page in clean.leaves)
    file = next(page.file for page in clean.leaves if "gate" in page.shows)
    wrong = wiki.files[file].replace("the lions are loose", "1,234 lions are loose", 1)
    page = next(p for p in score(1, wiki.edited({file: wrong}), ranks, {}, subject).pages if p.file == file)
    assert page.findings["CLM001"] == 1


def test_a_page_that_repeats_an_earlier_one_is_found(made: tuple[Wiki, dict[str, int]], subject: Subject) -> None:
    wiki, ranks = made
    page = next(page for page in score(1, wiki, ranks, {}, subject).leaves if "gate" in page.shows)
    again = {"heuristics/zoo_Again.md": wiki.files[page.file].replace(page.name, "zoo_Again")}
    scores = score(1, wiki.edited(again), {**ranks, "zoo_Again": 99}, {}, subject)
    repeating = {page.name for page in scores.leaves if page.repeats}
    assert "zoo_Again" in repeating
    assert page.name not in repeating
    assert len(rows(scores)["gate"].shown) == 2


def test_pages_without_a_rank_stay_without_one(made: tuple[Wiki, dict[str, int]], subject: Subject) -> None:
    wiki, _ = made
    assert {page.rank for page in score(1, wiki, {}, {}, subject).leaves} == {None}


def a_page(*quotes: str) -> Reading:
    text = "== Code Evidence ==\n\n" + "\n\n".join(quotes)
    return Reading("heuristics/zoo_X.md", PageKind.HEURISTIC, "zoo_X", text)


def quote(zoo: Snapshot, first: int, last: int, code: str | None = None) -> str:
    code = "\n".join(zoo.lines(KEEPER)[first - 1 : last]) if code is None else code
    return f'From <code>{KEEPER}:{first}-{last}</code>:\n<syntaxhighlight lang="python">\n{code}\n</syntaxhighlight>'


def test_only_quotes_that_hold_show_something(zoo: Snapshot) -> None:
    page = a_page(quote(zoo, 15, 16), quote(zoo, 20, 21, "something else"), quote(zoo, 90, 91, "beyond"))
    assert overlap.quoted(page, zoo) == (Place(KEEPER, 15, 16),)


def test_only_the_first_quotes_of_a_page_count(zoo: Snapshot) -> None:
    page = a_page(*(quote(zoo, line, line) for line in range(7, 30) if zoo.lines(KEEPER)[line - 1].strip()))
    assert len(overlap.quoted(page, zoo)) == overlap.MAX_QUOTES


@pytest.mark.parametrize(
    ("place", "span", "share"),
    [
        (Place("a.py", 1, 4), Place("a.py", 3, 10), 0.5),
        (Place("a.py", 3, 3), Place("a.py", 1, 10), 1.0),
        (Place("a.py", 1, 30), Place("a.py", 30, 30), 1.0),
        (Place("a.py", 1, 31), Place("a.py", 30, 30), 0.0),  # too long to show one line
        (Place("a.py", 1, 60), Place("a.py", 21, 50), 1.0),
        (Place("b.py", 1, 4), Place("a.py", 1, 4), 0.0),
    ],
)
def test_overlap(place: Place, span: Place, share: float) -> None:
    assert overlap.overlap(place, span) == share


@pytest.mark.parametrize(
    ("text", "fact", "stated"),
    [
        ("Values above 3.0 make the zebras nervous.", "Speeds above 3.0 make zebras nervous", True),
        ("Values above 4.0 make the zebras nervous.", "Speeds above 3.0 make zebras nervous", False),
        ("Zebras are striped.", "Speeds above 3.0 make zebras nervous", False),
        ("Set `max_speed` to slow the keeper down.", "max_speed slows the keeper down", True),
        ("Set the speed to slow the keeper at most.", "max_speed slows the keeper down via walk_slowly", False),
    ],
)
def test_a_fact_is_stated_by_words_numbers_and_names(text: str, fact: str, stated: bool) -> None:
    assert telling.states("zoo_X", text, fact) is stated


# --- real pages, beside a scorer that shares no code with ours ---


@pytest.fixture(scope="module")
def judged_elsewhere(shared: Path, peft: Snapshot) -> tuple[Path, list[Golden], dict[str, object]]:
    wiki, file = shared / "reference" / "peft-wiki-after-phase3", shared / "golden" / "peft-0.18.1.jsonl"
    if not wiki.is_dir():
        pytest.skip(f"there is no wiki at {wiki}")
    command = [sys.executable, str(shared / "golden" / "score.py"), "--json"]
    done = subprocess.run(
        [*command, "--wiki", str(wiki), "--root", str(peft.root), "--golden", str(file)],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return (
        wiki,
        [_converted(json.loads(line), peft) for line in file.read_text("utf-8").splitlines()],
        json.loads(done.stdout),
    )


def _converted(row: dict[str, object], source: Snapshot) -> Golden:
    spans = [Place(span["path"], span["start"], span["end"]) for span in row["evidence"]]  # type: ignore[attr-defined]
    lines = ["\n".join(source.lines(span.path)[span.first - 1 : span.last]) for span in spans]
    pieces = [
        GoldenEvidence(path=s.path, first=s.first, last=s.last, quote=q) for s, q in zip(spans, lines, strict=True)
    ]
    keys = {key: row[key] for key in ("title", "insight", "facts", "importance", "applies_to")}
    return a_golden(str(row["id"]), *pieces, **keys, type=str(row["kind"]).title())


@pytest.mark.shared
def test_evidence_overlap_agrees_with_another_scorer(
    judged_elsewhere: tuple[Path, list[Golden], dict[str, int]], peft: Snapshot
) -> None:
    from wikiagent.check.source import Source

    root, goldens, theirs = judged_elsewhere
    subject = Subject(Source(peft), lambda name: False, goldens)
    scores = score(1, read_wiki(root), {}, {}, subject)
    assert sum(bool(row.shown) for row in scores.goldens) == theirs["golden_covered"] + theirs["golden_cited_only"]
    assert len(scores.leaves) == theirs["pages"]
