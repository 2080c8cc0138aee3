"""What an edit may have broken is found in every page that it can have broken, and looked for nowhere else."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.phases.conftest import Run
from wikiagent.check.wiki_rules import check_wiki
from wikiagent.errors import WikiError
from wikiagent.phases.publish import _in_reach, refuse_to_break
from wikiagent.wiki.graph import read_wiki


@pytest.mark.parametrize("seed", range(40))
def test_no_broken_link_is_out_of_reach(run: Run, wiki: Path, seed: int) -> None:
    """Lines that hold links are moved, doubled, renamed and removed by chance, pages too."""
    run()
    before, chance = read_wiki(wiki), random.Random(seed)
    files: dict[str, str | None] = {}
    for page in chance.sample(list(before.pages.values()), 2):
        lines = page.text.split("\n")
        linked = [number for number, line in enumerate(lines) if "::" in line and "[[" in line]
        if linked and chance.random() < 0.8:
            at = chance.choice(linked)
            lines[at] = chance.choice(
                ["", lines[at] + "\n" + lines[at], lines[at].replace("some_zoo_", "some_zoo_No_")]
            )
            files[page.file] = "\n".join(lines)
        else:
            files[page.file] = (
                None if chance.random() < 0.5 else f"{page.text}\n* [[uses_heuristic::Heuristic:some_zoo_X]]\n"
            )
    after = before.edited(files)
    known = {(f.code, f.path, f.message) for f in check_wiki(before)}
    everywhere = {(f.code, f.path, f.message) for f in check_wiki(after)} - known
    in_reach = {(f.code, f.path, f.message) for f in check_wiki(after, pages=_in_reach(before, after))} - known
    assert in_reach == everywhere


def test_an_edit_that_breaks_a_page_beside_is_refused(run: Run, wiki: Path) -> None:
    run()
    before = read_wiki(wiki)
    edge = before.edges[0]
    target = before.pages[edge.target]
    bare = "\n".join(line for line in target.text.split("\n") if edge.source[1] not in line)
    with pytest.raises(WikiError, match="would break the wiki"):
        refuse_to_break(before, before.edited({target.file: bare}), wiki)


def test_few_pages_are_in_reach_of_one(run: Run, wiki: Path) -> None:
    run()
    before = read_wiki(wiki)
    page = next(page for page in before.pages.values() if page.kind == "Heuristic")
    after = before.edited({page.file: f"{page.text}\n"})
    assert {p.id for p in _in_reach(before, after)} == {page.id} | {
        edge.source for edge in before.edges if edge.target == page.id
    }
    assert _in_reach(before, before) == []
