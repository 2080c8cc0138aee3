from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

import wikiagent
from tests.check.conftest import EXHIBIT, METADATA, PROVEN, Gate
from wikiagent.check.finding import Finding
from wikiagent.check.gate import check_draft
from wikiagent.check.rules import RULES
from wikiagent.check.source import Source
from wikiagent.code.symbols import read_symbols
from wikiagent.config import Settings
from wikiagent.source.snapshot import Snapshot
from wikiagent.wiki.graph import read_wiki
from wikiagent.wiki.page import (
    Bullet,
    Environment,
    ErrorRow,
    Exhibit,
    Heuristic,
    Link,
    PageKind,
    Requirement,
    Statement,
)


def codes(findings: list[Finding]) -> list[str]:
    return [finding.code for finding in findings]


def quoting(**changes: Any) -> dict[str, Any]:
    return {"evidence": (EXHIBIT.model_copy(update=changes),)}


def cited(first: int, last: int, code: str, path: str = "src/zoo/long.py") -> dict[str, Any]:
    """The page with one exhibit more."""
    extra = Exhibit(id="e2", caption="", path=path, first=first, last=last, code=code)
    return {"evidence": (EXHIBIT, extra)}


def saying(text: str, *refs: str) -> dict[str, Any]:
    return {"description": (Statement(text=text, refs=refs),)}


def linking(edge: str, kind: PageKind, name: str) -> dict[str, Any]:
    return {"related": (Link(edge=edge, kind=kind, name=name),)}


def test_a_clean_page_has_no_findings(gate: Gate, heuristic: Heuristic, environment: Environment) -> None:
    assert gate(heuristic) == []
    assert gate(environment) == []


BROKEN = [
    ("CIT001", quoting(path="src/zoo/plants.py")),
    ("CIT002", quoting(first=7, last=6)),
    ("CIT002", quoting(first=6, last=90)),
    ("CIT002", quoting(first=0, last=7)),
    ("CIT003", quoting(code='if count > 40:\n    warnings.warn("More than 40 portions need zebra_feed >= 0.21.0!")')),
    ("CIT004", quoting(first=4, last=5)),
    ("CIT005", quoting(path="animals.py")),
    ("CIT005", quoting(path="./zoo/animals.py")),
    ("CIT006", cited(1, 61, "".join(f"row_{n} = {n}\n" for n in range(61)))),
    ("CIT006", cited(13, 13, "}", "src/zoo/animals.py")),
    ("CIT006", cited(2, 3, "", "src/zoo/animals.py")),
    ("CLM001", saying("More than 41 portions.", "e1")),
    ("CLM002", saying("`horse_feed` is needed.", "e1")),
    ("CLM003", saying("Zebras like it.")),
    ("SCH001", {"usage": ""}),
    ("SCH001", {"reasoning": ()}),
    ("SCH001", {"insight": (Bullet(label="Value", prose=PROVEN),)}),
    ("SCH003", {"metadata": METADATA.model_copy(update={"revision": None})}),
    ("SCH003", {"metadata": METADATA.model_copy(update={"updated": "yesterday"})}),
    ("SCH003", {"metadata": METADATA.model_copy(update={"domains": ()})}),
    ("SCH004", {**saying("More than 40 portions.", "e1", "e7")}),
    ("SCH005", {"category": None}),
    ("LNK001", linking("uses_heuristic", PageKind.IMPLEMENTATION, "some_zoo_sleep")),
    ("LNK001", linking("uses_heuristic", PageKind.PRINCIPLE, "some_zoo_ZooKeeper")),
    ("LNK003", linking("requires_env", PageKind.IMPLEMENTATION, "some_zoo_feed")),
    ("NAM001", {"name": "other_zoo_Portions"}),
]


@pytest.mark.parametrize(("code", "changes"), BROKEN, ids=lambda value: value if isinstance(value, str) else "")
def test_a_page_that_breaks_one_rule(gate: Gate, heuristic: Heuristic, code: str, changes: dict[str, Any]) -> None:
    assert codes(gate(heuristic.model_copy(update=changes))) == [code]


def test_a_page_without_evidence(gate: Gate, heuristic: Heuristic) -> None:
    silent = (Statement(text="not stated in the source"),)
    bare = {
        "evidence": (),
        "overview": silent,
        "description": silent,
        "insight": (Bullet(label="Action", prose=silent),),
    }
    assert codes(gate(heuristic.model_copy(update=bare))) == ["CIT007"]


def test_exhibits_that_are_not_numbered_in_order(gate: Gate, heuristic: Heuristic) -> None:
    again = EXHIBIT.model_copy(update={"caption": "Again"})
    assert codes(gate(heuristic.model_copy(update={"evidence": (EXHIBIT, again)}))) == ["SCH004"]


def test_a_page_that_does_not_read_back(gate: Gate, heuristic: Heuristic) -> None:
    twice = {"overview": (Statement(text="More than 40 portions.", refs=()), *PROVEN)}
    assert "SCH006" in codes(gate(heuristic.model_copy(update=twice)))


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        ("CLM001", {"quick_install": "pip install zoo zebra_feed==0.22.0"}),
        ("CLM003", {"python_packages": ((Statement(text="`zebra_feed`"),),)}),
        ("CLM003", {"compatibility": ((Statement(text="It does not work at night."),),)}),
        (
            "CLM003",
            {
                "requirements": (
                    Requirement(
                        category="Hardware",
                        requirement=(Statement(text="not stated in the source"),),
                        notes=(Statement(text="a large stable helps"),),
                    ),
                )
            },
        ),
        ("SCH001", {"quick_install": ""}),
        ("SCH001", {"requirements": ()}),
        ("LNK003", linking("requires_env", PageKind.PRINCIPLE, "some_zoo_Feeding")),
    ],
)
def test_an_environment_that_breaks_one_rule(
    gate: Gate, environment: Environment, code: str, changes: dict[str, Any]
) -> None:
    assert codes(gate(environment.model_copy(update=changes))) == [code]


def test_a_row_of_errors_needs_evidence_in_one_cell(gate: Gate, environment: Environment) -> None:
    message, solution = (Statement(text="`More than`"),), (Statement(text="feed less"),)
    unproven = ErrorRow(message=message, cause=(Statement(text="too much"),), solution=solution)
    proven = ErrorRow(message=message, cause=(Statement(text="too much", refs=("e1",)),), solution=solution)
    assert set(codes(gate(environment.model_copy(update={"errors": (unproven,)})))) == {"CLM003"}
    assert gate(environment.model_copy(update={"errors": (proven,)})) == []


def test_a_public_symbol_may_be_wanted(gate: Gate, heuristic: Heuristic) -> None:
    link = linking("uses_heuristic", PageKind.IMPLEMENTATION, "some_zoo_ZooKeeper")
    assert gate(heuristic.model_copy(update=link)) == []


def test_a_caption_may_not_go_beyond_its_exhibit(gate: Gate, heuristic: Heuristic) -> None:
    found = gate(heuristic.model_copy(update=quoting(caption="What `horse_feed` does 50 times")))
    assert codes(found) == ["CLM001", "CLM002"]


def test_findings_say_where_and_what_to_do(gate: Gate, heuristic: Heuristic) -> None:
    (moved,) = gate(heuristic.model_copy(update=quoting(first=4, last=5)))
    assert (moved.cited, moved.fix) == ("src/zoo/animals.py:4-5", "src/zoo/animals.py:6-7")
    assert moved.path == "heuristics/some_zoo_Portions.md"
    assert moved.line > 1
    (short,) = gate(heuristic.model_copy(update=quoting(path="animals.py")))
    assert short.fix == "src/zoo/animals.py"
    (unknown,) = gate(heuristic.model_copy(update=quoting(path="src/zoo/animal.py")))
    assert "Did you mean src/zoo/animals.py?" in unknown.message


def test_the_registry_has_every_code_that_is_used_and_no_other() -> None:
    package = Path(wikiagent.__file__).parent
    used = {
        code
        for folder in ("check", "draft")
        for file in (package / folder).glob("*.py")
        if file.name != "rules.py"
        for code in re.findall(r'"((?:CIT|CLM|SCH|LNK|IDX|GRF|NAM|SEC|IGN|DRF)\d{3})"', file.read_text())
    }
    assert used == set(RULES)


def test_the_gate_accuses_none_of_the_exemplars(shared: Path, peft: Snapshot) -> None:
    settings = Settings().source
    symbols = read_symbols(peft, peft.select(settings.include, settings.exclude))
    wiki = read_wiki(shared / "reference" / "peft-wiki-before-phase3")
    pages = [entry.page for entry in read_wiki(shared / "exemplars").pages.values()]
    assert len(pages) == 2
    for page in pages:
        assert isinstance(page, Heuristic | Environment)
        assert check_draft(page, Source(peft), wiki, symbols.is_public) == []
