"""Goldens are read with clear complaints, written as they are read, and found again in a source that moved."""

from __future__ import annotations

import string
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.library import FILES, write_library
from wikiagent.errors import ConfigError
from wikiagent.evals.anchors import anchored, problems
from wikiagent.evals.golden import (
    Golden,
    GoldenEvidence,
    GoldenSet,
    Question,
    QuestionSet,
    as_yaml,
    read_goldens,
    read_questions,
    read_set,
)
from wikiagent.source.evidence import Place, dedent
from wikiagent.source.snapshot import Snapshot

QUOTE = 'warnings.warn("Merging a quantized oven may change its temperature due to rounding errors.")'


def golden(**changes: Any) -> dict[str, Any]:
    place = {"path": "src/kiln/oven.py", "first": 19, "last": 20, "quote": f"if self.quantized:\n    {QUOTE}"}
    return {
        "id": "merging-rounds",
        "type": "Heuristic",
        "title": "Merging_Rounds",
        "insight": "Merging a quantized oven changes its temperature a little.",
        "facts": ["A warning says so"],
        "importance": 4,
        "applies_to": ["Oven.merge"],
        "evidence": [place],
        **changes,
    }


def written(tmp_path: Path, *goldens: dict[str, Any], **top: Any) -> Path:
    file = tmp_path / "goldens.yaml"
    file.write_text(yaml.safe_dump({"source": "pypi:kiln==1.0", "goldens": list(goldens), **top}), encoding="utf-8")
    return file


@pytest.fixture
def kiln(tmp_path: Path) -> Snapshot:
    return write_library(tmp_path / "kiln")


def test_a_file_is_read(tmp_path: Path) -> None:
    found = read_goldens(written(tmp_path, golden(), golden(id="b", aliases=["Rounding"], importance=2.5)))
    assert [each.id for each in found.goldens] == ["merging-rounds", "b"]
    assert found.source == "pypi:kiln==1.0"
    assert found.goldens[0].places == (Place("src/kiln/oven.py", 19, 20),)
    assert found.goldens[1].importance == 2.5


@pytest.mark.parametrize("source", ["pypi:kiln==1.0", "git+https://example.org/kiln@main", "path:kiln@0123456789ab"])
def test_goldens_are_of_any_source(tmp_path: Path, source: str) -> None:
    assert read_goldens(written(tmp_path, golden(), source=source)).source == source


PLACE = golden()["evidence"][0]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (golden(kind="x"), "golden merging-rounds, kind: there is no such key"),
        (golden(type="Principle"), "golden merging-rounds, type: Input should be 'Environment' or 'Heuristic'"),
        (golden(importance=6), "golden merging-rounds, importance: Input should be less than or equal to 5"),
        (golden(importance=True), "golden merging-rounds, importance: Input should be a valid number"),
        (golden(importance="4"), "golden merging-rounds, importance: Input should be a valid number"),
        (golden(aliases=[""]), "golden merging-rounds, alias 1: '' is not of the form "),
        (golden(evidence=[PLACE | {"first": "19"}]), "evidence 1, first: Input should be a valid integer"),
        (golden(evidence=[]), "golden merging-rounds, evidence: "),
        (golden(evidence=[PLACE, PLACE | {"first": 0}]), "golden merging-rounds, evidence 2, first: "),
        (golden(evidence=[PLACE | {"first": 21}]), "evidence 1: last (20) is before first (21)"),
        (golden(evidence=[PLACE | {"quote": " \n"}]), "evidence 1, quote: "),
        (golden(facts=["A\nB"]), "fact 1: 'A\\nB' is not of the form "),
        (golden(id="Merging Rounds"), "id: 'Merging Rounds' is not of the form "),
        (golden(title=False), "golden merging-rounds, title: Input should be a valid string"),
        ({k: v for k, v in golden().items() if k != "insight"}, "golden merging-rounds, insight: is missing"),
    ],
)
def test_what_is_wrong_with_a_golden_is_said(tmp_path: Path, wrong: dict[str, Any], said: str) -> None:
    file = written(tmp_path, golden(id="a"), wrong)
    with pytest.raises(ConfigError) as failure:
        read_goldens(file)
    assert str(failure.value).startswith(f"{file}: ")
    assert said in str(failure.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("source: [", "is no YAML: "),
        ("source: 2026-99-99", "is no YAML: "),
        ("source: a\nsource: b", "is no YAML: the key source stands twice"),
        ("- a", "the file: should be a mapping of keys to values"),
        ("goldens: []", "source: is missing"),
        ("source: pypi:kiln\ngoldens: []", "source: "),
        ("source: !!python/object:os.system x", "is no YAML: "),
        ("goldens: [" * 5000, ""),
    ],
)
def test_what_is_wrong_with_a_file_is_said(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "goldens.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as failure:
        read_goldens(file)
    assert said in str(failure.value)


def test_an_id_that_is_given_twice_and_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="goldens: the id merging-rounds is given twice"):
        read_goldens(written(tmp_path, golden(), golden()))
    with pytest.raises(ConfigError, match="cannot be read"):
        read_goldens(tmp_path / "none.yaml")


def test_questions_are_read_by_the_same_reader(tmp_path: Path) -> None:
    file = tmp_path / "questions.yaml"
    asked = {"id": "why", "question": "Why is it colder afterwards?", "evidence": golden()["evidence"]}
    file.write_text(yaml.safe_dump({"source": "pypi:kiln==1.0", "questions": [asked]}), encoding="utf-8")
    assert read_set(file) == read_questions(file)
    assert isinstance(read_set(file), QuestionSet)
    assert isinstance(read_set(written(tmp_path, golden())), GoldenSet)
    with pytest.raises(ConfigError, match="questions: there is no such key"):
        read_goldens(file)


# --- against a source ---


def read(**changes: Any) -> Golden:
    return Golden.model_validate(golden(**changes))


def test_a_true_golden_has_no_problems(kiln: Snapshot) -> None:
    names = ["Oven", "Oven.merge", "merge", "FiringConfig.half_precision", "kiln", "kiln.Oven", "kiln.oven.Oven"]
    assert problems([read(applies_to=names)], kiln) == []


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"evidence": [PLACE | {"path": "src/kiln/stove.py"}]}, "src/kiln/stove.py is no file of pypi:kiln==1.0"),
        ({"evidence": [PLACE | {"first": 400, "last": 401}]}, "src/kiln/oven.py:400-401: the file has 36 lines"),
        (
            {"evidence": [PLACE | {"first": 18, "last": 19}]},
            "the quote is not the text of src/kiln/oven.py:18-19; see src/kiln/oven.py:19-20",
        ),
        ({"evidence": [PLACE | {"quote": QUOTE}]}, "see src/kiln/oven.py:20"),
        ({"evidence": [PLACE | {"quote": "nothing like it"}]}, "the quote is not the text of src/kiln/oven.py:19-20"),
        ({"facts": ["It costs 3 degrees"]}, "no quote shows the number 3 of “It costs 3 degrees”"),
        ({"insight": "By more than 0.5 degrees."}, "no quote shows the number 0.5"),
        ({"applies_to": ["Stove"]}, "pypi:kiln==1.0 has no Stove"),
        ({"applies_to": ["Oven.bake"]}, "pypi:kiln==1.0 has no Oven.bake"),
        ({"applies_to": ["kiln.Stove"]}, "pypi:kiln==1.0 has no kiln.Stove"),
    ],
)
def test_what_is_not_true_of_the_source_is_found(kiln: Snapshot, changes: dict[str, Any], said: str) -> None:
    (problem,) = problems([read(**changes)], kiln)
    assert problem.id == "merging-rounds"
    assert said in problem.message


def test_questions_are_checked_as_well(kiln: Snapshot) -> None:
    good = GoldenEvidence(**PLACE)
    bad = good.model_copy(update={"first": 1})
    (problem,) = problems([Question(id="q", question="Why?", evidence=(good, bad))], kiln)
    assert problem.id == "q"


def test_goldens_are_found_again_where_lines_moved(tmp_path: Path, kiln: Snapshot) -> None:
    oven = FILES["src/kiln/oven.py"]
    moved = oven.replace("import os\n", "import os\nimport re\nimport sys\n").replace(
        'cache = os.environ.get("', 'c = x("'
    )
    newer = write_library(tmp_path / "newer", {**FILES, "src/kiln/oven.py": moved})
    whole = read(evidence=[PLACE, cited(oven, 'cache = os.environ.get("')])
    gone = read(id="gone", evidence=[cited(oven, 'cache = os.environ.get("')])
    held, lost = anchored([whole, gone], newer)
    assert held == (whole.model_copy(update={"evidence": (held[0].evidence[0],)}),)
    assert held[0].places == (Place("src/kiln/oven.py", 21, 22),)
    assert lost == (gone,)
    assert problems(held, newer) == []
    assert anchored([whole, gone], kiln) == ((whole, gone), ())


def test_which_of_equal_places_is_meant_is_told_by_the_old_source(tmp_path: Path) -> None:
    text = "def a():\n    return one()\n\n\ndef b():\n    return one()\n"
    old = write_library(tmp_path / "old", {"m.py": text})
    new = write_library(tmp_path / "new", {"m.py": f"import x\n\n\n{text}"})
    meant = read(evidence=[{"path": "m.py", "first": 6, "last": 6, "quote": "return one()"}])
    assert anchored([meant], new).lost == (meant,)
    assert anchored([meant], new, old).held[0].places == (Place("m.py", 9, 9),)


def cited(text: str, part: str) -> dict[str, Any]:
    number, line = next((n, line) for n, line in enumerate(text.split("\n"), 1) if part in line)
    return {"path": "src/kiln/oven.py", "first": number, "last": number, "quote": line.strip()}


# --- writing ---

SLUGS = st.from_regex(r"[a-z0-9]{1,6}(-[a-z0-9]{1,6}){0,2}", fullmatch=True)
WORDS = st.text(string.printable + "äß„“:#'\"-{}[]!&*|>%@`…\x07\x85\u2028\ufeff\U0001f600", min_size=1, max_size=60)
SENTENCES = WORDS.map(lambda text: " ".join(char for char in text.split() if char.isprintable())).filter(bool)
TITLES = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_.\-]{0,12}", fullmatch=True)
QUOTES = st.lists(WORDS | st.sampled_from(["", "    x = 1", "\ty", "# ---", "---", "..."]), max_size=5).map("\n".join)


@st.composite
def evidence(draw: st.DrawFn) -> GoldenEvidence:
    first = draw(st.integers(1, 9999))
    quote = draw(QUOTES.map(dedent).filter(bool))
    return GoldenEvidence(path=draw(SENTENCES), first=first, last=first + draw(st.integers(0, 40)), quote=quote)


GOLDENS = st.builds(
    Golden,
    id=SLUGS,
    type=st.sampled_from(["Environment", "Heuristic"]),
    title=TITLES,
    aliases=st.lists(SENTENCES, max_size=2),
    insight=SENTENCES,
    facts=st.lists(SENTENCES, min_size=1, max_size=3),
    importance=st.sampled_from([1, 2.5, 3, 4.5, 5]),
    applies_to=st.lists(SENTENCES, max_size=2),
    seen=st.booleans(),
    evidence=st.lists(evidence(), min_size=1, max_size=3),
)
QUESTIONS = st.builds(Question, id=SLUGS, question=SENTENCES, evidence=st.lists(evidence(), min_size=1, max_size=2))
UNIQUE: dict[str, Any] = {"max_size": 3, "unique_by": lambda each: each.id}
SETS = st.builds(GoldenSet, source=st.just("pypi:kiln==1.0"), goldens=st.lists(GOLDENS, **UNIQUE)) | st.builds(
    QuestionSet, source=st.just("git+https://example.org/kiln@main"), questions=st.lists(QUESTIONS, **UNIQUE)
)


@settings(max_examples=60)
@given(SETS)
def test_what_is_written_is_read_as_it_was(tmp_path_factory: pytest.TempPathFactory, values: GoldenSet) -> None:
    file = tmp_path_factory.getbasetemp() / "round.yaml"
    file.write_text(as_yaml(values), encoding="utf-8", newline="")
    assert read_set(file) == values
    assert as_yaml(read_set(file)) == as_yaml(values)


def test_quotes_are_written_as_literal_blocks(tmp_path: Path) -> None:
    text = as_yaml(read_goldens(written(tmp_path, golden())))
    assert f"        quote: |-\n          if self.quantized:\n              {QUOTE}\n" in text
    assert "importance: 4\n" in text
    assert "seen" not in text
