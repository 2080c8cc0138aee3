from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import results
from benchmarks.report import Bar, Table, show, tables_of

TABLE = Table("Zoo", "Animals.", ["", "legs"], [["lion", "4"], ["stork", "2"]], [Bar("4 legs (bar: 4)", True)])


def test_a_table_is_markdown() -> None:
    assert str(TABLE).split("\n") == [
        "### Zoo", "", "Animals.", "",
        "|       | legs |", "|-------|-----:|", "| lion  |    4 |", "| stork |    2 |", "",
        "- met: 4 legs (bar: 4)", "",
    ]  # fmt: skip


def test_what_is_written_is_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    missed = Table("Fish", "None.", ["", "legs"], [], [Bar("0 legs", False)])
    show(iter([TABLE, missed]), tmp_path / "tables.json")
    assert tables_of((tmp_path / "tables.json").read_text()) == [TABLE, missed]
    assert "- **missed**: 0 legs" in capsys.readouterr().out


def test_results_keep_what_was_not_measured_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(results, "RESULTS", tmp_path / "RESULTS.md")
    results.write({"mining": results.section([TABLE], 1.0), "chunking": results.section([TABLE], 2.0)})
    first = results.sections(results.RESULTS.read_text())
    assert list(first) == ["chunking", "mining"]
    assert "cores" in first["mining"]
    results.write(first | {"mining": results.section([], 3.0)})
    second = results.sections(results.RESULTS.read_text())
    assert second["chunking"] == first["chunking"]
    assert "### Zoo" not in second["mining"]
