from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.library import FILES, mine_library, write_library
from wikiagent.code.symbols import read_symbols
from wikiagent.code.vocabulary import Vocabulary
from wikiagent.config import SourceSettings
from wikiagent.mine import ranking
from wikiagent.mine.candidates import MAX_CHECKS, Candidate, rank
from wikiagent.mine.merge import MAX_SIGNALS, MAX_TOTAL_LINES
from wikiagent.mine.signals import read_signals
from wikiagent.source.snapshot import Snapshot


@pytest.fixture
def candidates(tmp_path: Path) -> list[Candidate]:
    return mine_library(write_library(tmp_path))[0]


def with_text(candidates: list[Candidate], words: str) -> list[Candidate]:
    return [c for c in candidates if any(words in signal.text for signal in (*c.signals, *c.also))]


def test_the_same_warning_of_two_methods_is_one_candidate(candidates: list[Candidate]) -> None:
    (found,) = with_text(candidates, "rounding errors")
    assert [str(signal.place) for signal in found.signals] == ["src/kiln/oven.py:19-20", "src/kiln/oven.py:24-25"]
    assert found.category == "Warning"
    assert found.owners[:2] == ("Oven.merge", "Oven")


def test_help_documentation_and_guard_of_a_field_are_one_candidate(candidates: list[Candidate]) -> None:
    (found,) = [c for c in candidates if any(s.subject == "half_precision" for s in c.signals)]
    assert {signal.kind for signal in found.signals} == {"docstring", "help", "error"}
    assert "FiringConfig" in found.owners


def test_a_deprecation_is_named_after_what_goes_away(candidates: list[Candidate]) -> None:
    (found,) = [c for c in candidates if c.signals[0].kind == "deprecation"]
    assert found.name == "Warning_Deprecated_Old"


def test_environments_gather_what_belongs_together(candidates: list[Candidate]) -> None:
    found = {c.name: c for c in candidates if c.kind == "environment"}
    assert set(found) == {"Core_Dependencies", "Clayx_Backend", "Kiln_Cache"}
    core = {(s.subject, s.text) for s in (*found["Core_Dependencies"].signals, *found["Core_Dependencies"].also)}
    assert core == {("python", ">=3.10"), ("torch", "torch>=2.1"), ("tqdm", "tqdm")}
    backend = found["Clayx_Backend"]
    assert backend.category == "Backend"
    assert [signal.kind for signal in backend.also if signal.kind == "error"] == ["error"]
    assert any(signal.text == "`clayx` >= 0.4.0" for signal in (*backend.signals, *backend.also))


def test_the_evidence_of_a_candidate_is_what_its_signals_say_wherever_they_stand(tmp_path: Path) -> None:
    def evidence(folder: str, old: str = "", new: str = "") -> str:
        files = {**FILES, "src/kiln/oven.py": FILES["src/kiln/oven.py"].replace(old, new)} if old else FILES
        (found,) = with_text(mine_library(write_library(tmp_path / folder, files))[0], "rounding errors")
        return found.evidence

    was = evidence("was")
    assert evidence("moved", "import ", "# a line more\nimport ") == was
    assert evidence("renamed", "class Oven", "class Kiln") != was
    assert evidence("reworded", "rounding errors", "larger rounding errors") != was


def test_the_order_of_signals_is_no_evidence(candidates: list[Candidate]) -> None:
    (found,) = with_text(candidates, "rounding errors")
    turned = replace(found, signals=found.signals[::-1])
    assert turned.evidence == found.evidence
    assert replace(found, signals=found.signals[:1]).evidence != found.evidence


def test_every_score_is_the_sum_of_its_reasons(candidates: list[Candidate]) -> None:
    for candidate in candidates:
        assert candidate.score == pytest.approx(sum(value for _, value in candidate.reasons))
        assert set(dict(candidate.reasons)) <= {*ranking.WEIGHTS, "environment"}
    assert [c.score for c in candidates] == sorted((c.score for c in candidates), reverse=True)


def test_names_and_keys_are_unique_and_the_same_from_run_to_run(tmp_path: Path) -> None:
    first, second = (mine_library(write_library(tmp_path / folder))[0] for folder in ("a", "b"))
    assert first == second
    assert len({c.name.lower() for c in first}) == len({c.key for c in first}) == len(first)


def test_a_source_without_anything_has_no_candidates(tmp_path: Path) -> None:
    assert mine_library(write_library(tmp_path, {"a.py": "x = 1\n"}))[0] == []


def test_a_further_deprecation_counts_less(tmp_path: Path) -> None:
    lines = [f'warnings.warn("`thing{letter}` is deprecated and will be removed.")\n' for letter in "abcdef"]
    files = {"a.py": "import warnings\n" + "".join(f"def use{n}():\n    {line}\n" for n, line in enumerate(lines))}
    found = mine_library(write_library(tmp_path, files))[0]
    crowded = [dict(c.reasons).get("crowded", 0) for c in found]
    assert crowded == sorted(crowded, reverse=True)
    assert crowded[0] == 0 or len(found) == 1


def test_candidates_of_a_real_library_show_what_a_reader_can_take_in(peft: Snapshot) -> None:
    settings = SourceSettings()
    paths = peft.select(settings.include, settings.exclude)
    symbols = read_symbols(peft, paths)
    found = rank(read_signals(peft, paths, symbols), symbols, Vocabulary(peft))
    assert len({c.name.lower() for c in found}) == len(found)
    for candidate in found:
        places = [signal.place for signal in candidate.signals]
        assert not any(a.overlaps(b) for i, a in enumerate(places) for b in places[:i]), candidate.name
        if candidate.kind == "heuristic":
            assert len(places) <= MAX_SIGNALS
            assert sum(map(len, places)) <= MAX_TOTAL_LINES
        else:
            assert len(places) <= MAX_CHECKS


def test_a_kind_of_signal_that_is_missing_changes_what_is_found(tmp_path: Path) -> None:
    snapshot = write_library(tmp_path, FILES)
    paths = snapshot.files
    symbols = read_symbols(snapshot, paths)
    signals = [s for s in read_signals(snapshot, paths, symbols) if s.kind != "warning"]
    assert not with_text(rank(signals, symbols, Vocabulary(snapshot)), "rounding errors")
