"""The README shows a real page, quotes the source to the letter, and names what there is."""

from __future__ import annotations

import re

from tests.docs.readme_page import README, as_markdown, demo_page, shown_in_readme
from tests.docs.text import ROOT
from wikiagent.source.snapshot import Snapshot
from wikiagent.wiki.page import Heuristic

TEXT = README.read_text("utf-8")


def test_the_page_is_the_one_that_the_demo_writes(peft: Snapshot) -> None:
    page = demo_page(peft)
    assert isinstance(page, Heuristic)
    assert shown_in_readme() == as_markdown(page), "python -m tests.docs.readme_page brings the README up to date"


def test_its_quote_is_the_text_of_the_source(peft: Snapshot) -> None:
    quoted = re.findall(r"^> (\d+)  (.*)$", shown_in_readme(), re.M)
    source = peft.lines("src/peft/peft_model.py")
    assert quoted
    assert [text.strip() for _, text in quoted] == [source[int(number) - 1].strip() for number, _ in quoted]


def test_the_text_stays_plain() -> None:
    assert not re.search(r"img\.shields\.io|badge", TEXT)
    assert not re.search(
        r"\b(powerful|seamless\w*|blazing\w*|cutting-edge|revolutionary|effortless\w*|robust)\b", TEXT, re.I
    )


def test_paths_in_the_table_exist() -> None:
    table = TEXT.partition("## Where everything is")[2].partition("\n## ")[0]
    paths = {span for line in table.split("\n") if line.startswith("|") for span in line.split("|")[1].split("`")[1::2]}
    made_by_a_run = {"wiki/", "store/"}
    assert paths
    assert {path for path in paths - made_by_a_run if not (ROOT / path).exists()} == set()
