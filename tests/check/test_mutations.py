"""The measure of the checker, in small: a few corruptions of each kind, and that the measure can fail."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable
from pathlib import Path
from random import Random

import pytest

from benchmarks.check_mutations import measure, read, seeded
from benchmarks.mutations.corruption import KINDS, Change, Class, Corruption, Scene, corruptions
from benchmarks.mutations.facts import Facts
from benchmarks.mutations.runs import (
    Checker,
    Fate,
    Files,
    Found,
    alarms_of_controls,
    judged,
    outcome,
    packed,
    wikiagent,
)
from benchmarks.mutations.text import Page, stems, unindented
from wikiagent.check import page_rules
from wikiagent.check.linter import check
from wikiagent.check.rules import RULES
from wikiagent.check.source import Source
from wikiagent.source.snapshot import Snapshot
from wikiagent.wiki.graph import Wiki

SEED, PER_KIND = 7, 3
#: Mechanical kinds that no rule finds yet; whoever writes the rule takes the kind out.
MECHANICAL = [kind.name for kind in KINDS.values() if kind.of is Class.MECHANICAL]


@pytest.fixture(scope="module")
def scene(peft: Snapshot, tmp_path_factory: pytest.TempPathFactory) -> Scene:
    folder = tmp_path_factory.mktemp("mutations")
    shutil.copytree(peft.root.parent, folder / "store" / "sources")
    given = ("--source", peft.source, "--wiki", str(folder / "wiki"), "--limit", "60")
    wikiagent(folder / "store", "enrich", "--phase", "3", "--accept-valid", *given)
    return Scene(read(folder / "wiki"), Facts(peft.root, peft.files))


@pytest.fixture(scope="module")
def checker(peft: Snapshot) -> Checker:
    source = Source(peft)

    def found(files: Files, wanted: Iterable[str] = ()) -> list[Found]:
        findings = check(Wiki(files), source, files=set(wanted) or None).findings
        return [Found(finding.code, finding.path, finding.line, finding.message) for finding in findings]

    return found


@pytest.fixture(scope="module")
def made(scene: Scene) -> list[Corruption]:
    return seeded(scene, SEED, PER_KIND)


@pytest.fixture(scope="module")
def fates(scene: Scene, made: list[Corruption], checker: Checker) -> dict[str, list[Fate]]:
    found: dict[str, list[Fate]] = {}
    for result in judged(scene.files, made, checker):
        found.setdefault(result.corruption.kind.name, []).append(result.fate)
    return found


def of_kind(name: str, scene: Scene, count: int = 10) -> list[Corruption]:
    return list(corruptions(KINDS[name], scene, Random(SEED), count))


# --- detection ---


@pytest.mark.parametrize("name", MECHANICAL)
def test_every_mechanical_corruption_is_detected(name: str, fates: dict[str, list[Fate]]) -> None:
    assert fates[name] == [Fate.DETECTED] * len(fates[name])


def test_clean_pages_and_true_statements_have_no_findings(
    scene: Scene, made: list[Corruption], checker: Checker
) -> None:
    assert checker(scene.files, ()) == []
    count, alarms = alarms_of_controls(scene.files, made, checker)
    assert count > 15
    assert alarms == []


def test_without_a_rule_the_measure_fails(
    scene: Scene, checker: Checker, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    made = of_kind("lines off by one", scene, 5)
    assert measure(scene.files, made, checker)
    monkeypatch.setattr(page_rules, "check_citations", lambda *_: ())
    assert not measure(scene.files, made, checker, show_missed=True)
    assert re.search(r"^lines off by one +mechanical +5 +0 +0 +5 +0\.0%$", capsys.readouterr().out, re.M)


def test_a_false_alarm_makes_the_measure_fail(scene: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    assert measure(scene.files, [], lambda *_: [])
    assert not measure(scene.files, [], lambda *_: [Found("CIT003", "heuristics/a.md", 3, "the quote is wrong")])
    assert "1 false alarms on" in capsys.readouterr().out


def test_a_finding_counts_with_a_right_code_at_the_right_place() -> None:
    corruption = Corruption(KINDS["lines off by one"], "heuristics/a.md", Change("", (5, 8), ("CIT003",)))
    for code, file, line, fate in (
        ("CIT003", "heuristics/a.md", 8, Fate.DETECTED),
        ("CIT003", "heuristics/a.md", 9, Fate.OTHERWISE),
        ("CIT001", "heuristics/a.md", 8, Fate.OTHERWISE),
        ("CIT003", "heuristics/b.md", 8, Fate.MISSED),
    ):
        assert outcome(corruption, [Found(code, file, line, "")]).fate is fate


def test_no_two_corruptions_of_a_run_touch_the_same_file(made: list[Corruption]) -> None:
    runs = packed(made)
    assert sum(len(run.members) for run in runs) == len(made)
    for run in runs:
        assert len(run.touched) == sum(len(member.touched) for member in run.members)
        assert len({member.is_of_wiki for member in run.members}) == 1


# --- the corruptions themselves ---


@pytest.mark.parametrize("name", KINDS)
def test_each_kind_changes_a_page_and_says_where(name: str, scene: Scene, made: list[Corruption]) -> None:
    of_this = [corruption for corruption in made if corruption.kind.name == name]
    assert of_this
    for corruption in of_this:
        assert corruption.change.text != scene.files[corruption.file]
        assert set(corruption.change.codes) <= set(RULES)
        text = corruption.change.text if corruption.where == corruption.file else scene.files[corruption.where]
        if corruption.change.lines:
            first, last = corruption.change.lines
            assert 1 <= first <= last <= text.count("\n") + 1


def test_the_same_seed_makes_the_same_corruptions(scene: Scene, made: list[Corruption]) -> None:
    assert seeded(scene, SEED, PER_KIND) == made
    assert seeded(scene, SEED + 1, PER_KIND) != made


@pytest.mark.parametrize("name", ["lines off by one", "lines off by more", "range a line too long or short"])
def test_shifted_lines_read_otherwise(name: str, scene: Scene) -> None:
    for corruption in of_kind(name, scene):
        page = Page(corruption.file, corruption.change.text)
        wrong = [
            exhibit
            for exhibit in page.exhibits
            if unindented(scene.facts.lines[exhibit.path][exhibit.first - 1 : exhibit.last])
            != unindented(page.quote(exhibit).split("\n"))
        ]
        assert len(wrong) == 1
        assert page.entry(wrong[0])


@pytest.mark.parametrize("name", ["lines without a word", "more lines than prove anything"])
def test_other_lines_are_quoted_rightly(name: str, scene: Scene) -> None:
    for corruption in of_kind(name, scene):
        page = Page(corruption.file, corruption.change.text)
        for exhibit in page.exhibits:
            real = scene.facts.lines[exhibit.path][exhibit.first - 1 : exhibit.last]
            assert unindented(real) == unindented(page.quote(exhibit).split("\n"))


def test_an_indentation_is_all_that_changes(scene: Scene) -> None:
    for corruption in of_kind("the indentation of a statement in a quote", scene):
        old, new = scene.files[corruption.file], corruption.change.text
        assert old != new
        assert old.split() == new.split()


@pytest.mark.parametrize("name", [name for name in KINDS if "identifier invented" in name])
def test_invented_identifiers_are_not_in_the_source(name: str, scene: Scene) -> None:
    for corruption in of_kind(name, scene):
        clean = set(re.findall(r"\w+", scene.files[corruption.file]))
        invented = set(re.findall(r"\w+", corruption.change.text)) - clean
        assert len(invented) == 1
        assert invented.pop().casefold() not in scene.facts.text


def test_another_number_is_not_in_the_evidence(scene: Scene) -> None:
    for corruption in of_kind("another number in prose", scene):
        page = Page(corruption.file, corruption.change.text)
        clean = scene.pages[corruption.file].statements
        said = next(new for new, old in zip(page.statements, clean, strict=True) if new.text != old.text)
        evidence = page.evidence(said)
        assert any(number[0] not in evidence for number in said.numbers)


def test_other_real_lines_share_next_to_nothing_with_the_statement(scene: Scene) -> None:
    for corruption in of_kind("other real lines in place of an exhibit", scene):
        page = Page(corruption.file, corruption.change.text)
        old = {exhibit.cited for exhibit in scene.pages[corruption.file].exhibits}
        shown = next(exhibit for exhibit in page.exhibits if exhibit.cited not in old)
        entry = page.entry(shown)
        assert entry
        alone = [said for said in page.statements if said.refs == (entry["id"],) and not said.is_phrase]
        shares = [len(stems(said.text) & stems(page.quote(shown))) / len(stems(said.text)) for said in alone]
        assert min(shares) <= 0.2


def test_a_false_default_is_the_only_thing_that_differs_from_its_control(scene: Scene) -> None:
    for corruption in of_kind("another default, its owner named", scene):
        false, true = corruption.change.text, corruption.change.control
        told = r"<code>(\w+)</code> of <code>(\w+)</code> defaults to <code>([^<]+)</code>"
        wrong, right = set(re.findall(told, false)), set(re.findall(told, true))
        (name, owner, value), (_, _, default) = (wrong - right).pop(), (right - wrong).pop()
        assert scene.facts.callables[owner].defaults[name] == default
        assert value != default


def test_facts_of_a_class_come_from_its_bases_too(tmp_path: Path) -> None:
    code = (
        "@dataclass\nclass Base:\n    depth: int = 3\n\n"
        "@dataclass\nclass Child(Base):\n    rate: float = 0.5\n    small: float = 1e-05\n\n"
        "class Foreign(Unknown):\n    own: bool = True\n\n"
        "class Plain(Base):\n    prefix: str = 'a'\n\n"
        "def fire(oven, *, hot=False):\n    raise ValueError('The oven is too cold to be fired at all.')\n\n"
        "def any_of(**kwargs):\n    pass\n"
    )
    (tmp_path / "kiln.py").write_text(code)
    facts = Facts(tmp_path, ("kiln.py",))
    assert facts.callables["Child"].defaults == {"depth": "3", "rate": "0.5", "small": ""}
    assert facts.callables["Child"].known
    assert not facts.callables["Foreign"].known
    assert facts.callables["Plain"].defaults == {"depth": "3"}
    assert facts.callables["fire"].defaults == {"oven": "", "hot": "False"}
    assert not facts.callables["any_of"].known
    assert [message.text for message in facts.messages] == ["The oven is too cold to be fired at all."]
    assert facts.around("kiln.py", 7) == "Child"
    assert 3 in facts.starts["kiln.py"]
