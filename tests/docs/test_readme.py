"""The README shows a real page, quotes the source to the letter, and names what there is."""

from __future__ import annotations

import re

import pytest

from tests.docs.demo import PAGE, PRINTED, README, SHOWN, WIKI, Demo, between, blocks_of, run_demo
from tests.docs.text import ROOT
from wikiagent.source.snapshot import Snapshot

TEXT = README.read_text("utf-8")


@pytest.fixture(scope="module")
def demo(peft: Snapshot, tmp_path_factory: pytest.TempPathFactory) -> Demo:
    return run_demo(tmp_path_factory.mktemp("demo"), peft.root.parent.parent)


def test_what_is_shown_is_what_the_demo_makes(demo: Demo) -> None:
    for marks, block in blocks_of(demo).items():
        assert between(marks, TEXT) == block, "python -m tests.docs.demo brings the README up to date"


def test_the_demo_ends_with_what_to_open() -> None:
    *_, last, _ = between(PRINTED, TEXT).split("\n")
    assert last.startswith(f"Open {WIKI}/")


def test_the_quote_is_the_text_of_the_source(peft: Snapshot) -> None:
    quoted = re.findall(r"^> (\d+)  (.*)$", between(PAGE, TEXT), re.M)
    source = peft.lines(SHOWN.path)
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
