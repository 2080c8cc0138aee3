"""Links and indexes: what the files of a wiki say about each other."""

from __future__ import annotations

import re
from random import Random

from benchmarks.mutations.corruption import (
    IMPLEMENTATIONS,
    INDEXES,
    LEAVES,
    Change,
    Scene,
    change,
    change_of_page,
    kind,
)
from benchmarks.mutations.text import Page, replaced

_LINK = re.compile(r"^\* \[\[(?P<edge>\w+)::(?P<kind>\w+):(?P<name>[^\]\n]+)\]\]\n", re.M)
_FOLDERS = {"Implementation": "implementations", "Heuristic": "heuristics", "Environment": "environments"}
_ROW = re.compile(r"^\| (?P<page>\w+) \| \[→\]\([^\n]*\n", re.M)
_MARK = re.compile("[✅⬜](?=(?:Impl|Env|Heuristic):)")
_TOTAL = re.compile(r"^- \*\*Total \w+ Pages:\*\* (?P<count>\d+)", re.M)
_PART = re.compile(r"^- \*\*(?!Total)\w+ (?:Heuristics|Environments):\*\* (?P<count>\d+)", re.M)
_LEAF_INDEXES = INDEXES[:2]


def _counterpart(link: re.Match[str], scene: Scene) -> str:
    """The file that a link leads to; empty where there is none."""
    file = f"{_FOLDERS.get(link['kind'], '')}/{link['name']}.md"
    return file if file in scene.files else ""


def _links(page: Page, scene: Scene) -> list[re.Match[str]]:
    return [link for link in _LINK.finditer(page.text) if _counterpart(link, scene)]


def _one_way(page: Page, scene: Scene, random: Random) -> Change | None:
    """A link is removed from this page; the page on its other end still has it."""
    links = _links(page, scene)
    if not links:
        return None
    link = random.choice(links)
    other = _counterpart(link, scene)
    name = page.file.rpartition("/")[2].removesuffix(".md")
    back = next((found for found in _LINK.finditer(scene.files[other]) if found["name"] == name), None)
    if back is None:
        return None
    here = scene.files[other].count("\n", 0, back.start()) + 1
    return Change(replaced(page.text, (*link.span(), "")), (here, here), ("LNK002",), other)


@kind("link removed from an Implementation", folders=IMPLEMENTATIONS)
def one_way(page: Page, scene: Scene, random: Random) -> Change | None:
    return _one_way(page, scene, random)


@kind("link removed from an Environment or a Heuristic")
def one_way_from_leaf(page: Page, scene: Scene, random: Random) -> Change | None:
    return _one_way(page, scene, random)


def _renamed(page: Page, scene: Scene, random: Random) -> Change | None:
    """The name in a link becomes one that no page has and no symbol of the source."""
    links = _links(page, scene)
    if not links:
        return None
    link = random.choice(links)
    at = random.randrange(link["name"].rfind("_") + 1, len(link["name"]) + 1)
    name = link["name"][:at] + random.choice("qxz") + link["name"][at:]
    if any(file.endswith(f"/{name}.md") for file in scene.files):
        return None
    if name.removeprefix(link["name"][: link["name"].rfind("_") + 1]).casefold() in scene.facts.text:
        return None
    made = change(replaced(page.text, (*link.span("name"), name)), link.start(), link.start(), "LNK001")
    return made._replace(beside=(_counterpart(link, scene),))


@kind("dangling link on an Implementation", folders=IMPLEMENTATIONS)
def dangling(page: Page, scene: Scene, random: Random) -> Change | None:
    return _renamed(page, scene, random)


@kind("dangling link on an Environment or a Heuristic")
def dangling_on_leaf(page: Page, scene: Scene, random: Random) -> Change | None:
    return _renamed(page, scene, random)


@kind("edge between types that have none", folders=(*LEAVES, *IMPLEMENTATIONS))
def wrong_edge(page: Page, scene: Scene, random: Random) -> Change | None:
    links = _links(page, scene)
    if not links:
        return None
    link = random.choice(links)
    other = {"requires_env": "uses_heuristic", "uses_heuristic": "requires_env"}.get(link["edge"])
    new = random.choice([edge for edge in (other, "step") if edge])
    made = change(replaced(page.text, (*link.span("edge"), new)), link.start(), link.start(), "LNK003")
    return made._replace(beside=(_counterpart(link, scene),))


@kind("row missing from an index", folders=INDEXES)
def no_row(page: Page, scene: Scene, random: Random) -> Change | None:
    row = random.choice(list(_ROW.finditer(page.text)))
    return change_of_page(replaced(page.text, (*row.span(), "")), "IDX001")


@kind("row without a page", folders=INDEXES)
def no_page(page: Page, scene: Scene, random: Random) -> Change | None:
    row = random.choice(list(_ROW.finditer(page.text)))
    name = row["page"] + random.choice(("s", "_2", "_Old", "X"))
    if any(file.endswith(f"/{name}.md") for file in scene.files):
        return None
    text = replaced(page.text, (row.end(), row.end(), row[0].replace(row["page"], name)))
    return change(text, row.end(), row.end(), "IDX002")


@kind("wrong mark in an index", folders=INDEXES)
def wrong_mark(page: Page, scene: Scene, random: Random) -> Change | None:
    rows = [mark for row in _ROW.finditer(page.text) for mark in _MARK.finditer(page.text, *row.span())]
    if not rows:
        return None
    mark = random.choice(rows)
    new = "⬜" if mark[0] == "✅" else "✅"
    return change(replaced(page.text, (*mark.span(), new)), mark.start(), mark.start(), "IDX003")


def _counted(page: Page, pattern: re.Pattern[str], random: Random) -> Change | None:
    found = list(pattern.finditer(page.text))
    if not found:
        return None
    count = random.choice(found)
    new = max(0, int(count["count"]) + random.choice((-3, -1, 1, 2, 10)))
    return change_of_page(replaced(page.text, (*count.span("count"), str(new))), "IDX004")


@kind("wrong total in an index", folders=_LEAF_INDEXES)
def wrong_total(page: Page, scene: Scene, random: Random) -> Change | None:
    return _counted(page, _TOTAL, random)


@kind("wrong count of a category in an index", folders=_LEAF_INDEXES)
def wrong_part(page: Page, scene: Scene, random: Random) -> Change | None:
    return _counted(page, _PART, random)
