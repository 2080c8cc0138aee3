from __future__ import annotations

import csv
from pathlib import Path

from benchmarks.judged_pages import SHEET, draw, kappa, stricter, table, too_many_rejected


def rows(*judged: tuple[str, str]) -> list[dict[str, str]]:
    return [{"library": "zoo", "drafter": "extractive", "first": a, "second": b} for a, b in judged]


def test_pages_are_drawn_under_numbers_alone(tmp_path: Path) -> None:
    for kind, names in (("heuristics", "abcdef"), ("environments", "gh")):
        (tmp_path / "wiki" / kind).mkdir(parents=True)
        for name in names:
            (tmp_path / "wiki" / kind / f"zoo_{name}.md").write_text(name, "utf-8")
    draw(tmp_path / "drawn", [f"zoo=extractive={tmp_path / 'wiki'}=5"], seed=1)
    draw(tmp_path / "again", [f"zoo=extractive={tmp_path / 'wiki'}=5"], seed=1)
    with (tmp_path / "drawn.csv").open("r", encoding="utf-8", newline="") as file:
        key = list(csv.DictReader(file))
    texts = [path.read_text("utf-8") for path in sorted((tmp_path / "drawn").iterdir())]
    assert [f"zoo_{text}" for text in texts] == [row["page"] for row in key]
    assert sorted(path.name for path in (tmp_path / "drawn").iterdir()) == [f"0{n}-zoo.md" for n in range(1, 6)]
    assert (tmp_path / "again.csv").read_bytes() == (tmp_path / "drawn.csv").read_bytes()


def test_the_stricter_judgement_counts() -> None:
    judged = rows(("accept", "fix"), ("reject", "accept"), ("accept", "accept"), ("fix", "fix"))
    assert [stricter(row) for row in judged] == ["fix", "reject", "accept", "fix"]
    assert table(judged)[2] == "| all, extractive | 4 | 1 | 2 | 1 | 75% |"


def test_pages_of_one_drafter_do_not_make_up_for_those_of_another() -> None:
    judged = rows(*[("accept", "accept")] * 4, ("reject", "fix"))
    assert not too_many_rejected(judged)
    judged += rows(("reject", "reject"))
    others = [row | {"drafter": "agent"} for row in rows(*[("accept", "accept")] * 9)]
    assert too_many_rejected(judged + others)


def test_kappa_is_agreement_beyond_chance() -> None:
    assert kappa(rows(("accept", "accept"), ("fix", "fix"))) == 1
    assert kappa(rows(("accept", "accept"), ("accept", "fix"), ("fix", "accept"), ("fix", "fix"))) == 0


def test_the_page_says_what_the_sheet_says() -> None:
    with SHEET.open("r", encoding="utf-8", newline="") as file:
        sheet = list(csv.DictReader(file))
    told = SHEET.with_suffix(".md").read_text("utf-8")
    assert "\n".join(table(sheet)) in told
    assert f"kappa {kappa(sheet):.2f}" in told
