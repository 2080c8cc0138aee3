"""Pages that lack a part, have it twice or in the wrong place, and references that lead nowhere."""

from __future__ import annotations

import re
from random import Random

from benchmarks.mutations.corruption import IMPLEMENTATIONS, Change, Scene, change, change_of_page, kind
from benchmarks.mutations.text import Page, Section, replaced

_ROW = re.compile(r"\|-\n! (Source Revision|Last Updated|Domains)\n\| [^\n]*\n")
_REVISION = re.compile(r"\[\[source_revision::(?P<package>[^\]]*?)(?P<version>[\d.]+)\]\]")
_UPDATED = re.compile(r"\[\[last_updated::(?P<date>[^\]]*)\]\]")
_REF = re.compile(r'<ref name="(?P<id>e\d+)" />')
#: Linked from other pages, or holding other sections: without them more than one thing is wrong.
_TIED = ("Related Pages", "Dependencies", "Code Evidence")


def _some(page: Page, random: Random) -> Section:
    return random.choice([section for section in page.sections if section.title not in _TIED])


@kind("section removed")
def removed(page: Page, scene: Scene, random: Random) -> Change | None:
    section = _some(page, random)
    return change_of_page(replaced(page.text, (section.start, section.end, "")), "SCH001")


@kind("section emptied")
def emptied(page: Page, scene: Scene, random: Random) -> Change | None:
    section = random.choice([s for s in page.sections if s.title not in (*_TIED, "Common Errors")])
    text = replaced(page.text, (section.body, section.end, "\n"))
    return change(text, section.start, section.body, "SCH001")


@kind("section twice")
def twice(page: Page, scene: Scene, random: Random) -> Change | None:
    section = _some(page, random)
    text = replaced(page.text, (section.end, section.end, page.text[section.start : section.end]))
    return change(text, section.end, section.end, "SCH007")


@kind("section in the wrong place")
def out_of_order(page: Page, scene: Scene, random: Random) -> Change | None:
    """Two neighbours of the same level change places."""
    pairs = [
        (a, b)
        for a, b in zip(page.sections, page.sections[1:], strict=False)
        if a.level == b.level and "Dependencies" not in (a.title, b.title) and b.title != "Related Pages"
    ]
    if not pairs:
        return None
    a, b = random.choice(pairs)
    text = replaced(page.text, (a.start, b.end, page.text[b.start : b.end] + page.text[a.start : a.end]))
    return change(text, a.start, b.end, "SCH007")


@kind("row of the metadata removed")
def no_metadata(page: Page, scene: Scene, random: Random) -> Change | None:
    row = random.choice(list(_ROW.finditer(page.text)))
    return change_of_page(replaced(page.text, (*row.span(), "")), "SCH003")


@kind("date not of its form")
def bad_date(page: Page, scene: Scene, random: Random) -> Change | None:
    found = _UPDATED.search(page.text)
    if not found:
        return None
    date = random.choice(("yesterday", "22.11.2026", found["date"].removesuffix(" GMT"), found["date"][:10]))
    return change(replaced(page.text, (*found.span("date"), date)), *found.span(), "SCH003")


@kind("stale revision")
def stale(page: Page, scene: Scene, random: Random) -> Change | None:
    found = _REVISION.search(page.text)
    if not found:
        return None
    parts = found["version"].split(".")
    at = random.randrange(len(parts))
    parts[at] = str(int(parts[at]) + random.choice((1, 2, 5)))
    return change(replaced(page.text, (*found.span("version"), ".".join(parts))), *found.span(), "SCH003")


@kind("Implementation: stale revision", folders=IMPLEMENTATIONS)
def stale_implementation(page: Page, scene: Scene, random: Random) -> Change | None:
    return stale(page, scene, random)


@kind("category removed")
def no_category(page: Page, scene: Scene, random: Random) -> Change | None:
    found = re.search(r"\[\[Category:\w+_(?:Heuristic|Environment)\]\]\n", page.text)
    return change_of_page(replaced(page.text, (*found.span(), "")), "SCH005") if found else None


@kind("reference that is not in the list")
def unlisted(page: Page, scene: Scene, random: Random) -> Change | None:
    said = random.choice(page.statements)
    ref = f'<ref name="e{len(page.entries) + random.randint(1, 60)}" />'
    return change(replaced(page.text, (said.end, said.end, ref)), said.start, said.refs_end, "SCH004")


@kind("entry removed from the list of references")
def no_entry(page: Page, scene: Scene, random: Random) -> Change | None:
    entry = random.choice(page.entries)
    text = replaced(page.text, (*entry.span(), ""))
    at = text.find(f'<ref name="{entry["id"]}" />')
    return change(text, at, at, "SCH004") if at >= 0 else None


@kind("exhibit removed, its reference kept")
def no_exhibit(page: Page, scene: Scene, random: Random) -> Change | None:
    exhibit = random.choice(page.exhibits)
    entry = page.entry(exhibit)
    if entry is None or len(page.exhibits) < 2:
        return None
    at = entry.start() - (exhibit.end - exhibit.start)
    return change(replaced(page.text, (exhibit.start, exhibit.end, "")), at, at, "SCH004")


@kind("entries of the list in another order")
def renumbered(page: Page, scene: Scene, random: Random) -> Change | None:
    if len(page.entries) < 2:
        return None
    at = random.randrange(len(page.entries) - 1)
    one, other = page.entries[at], page.entries[at + 1]
    return change(
        replaced(page.text, (one.start(), other.end(), other[0] + one[0])),
        page.entries[0].start() - 1,
        page.entries[-1].end(),
        "SCH004",
    )


@kind("all evidence removed")
def no_evidence(page: Page, scene: Scene, random: Random) -> Change | None:
    first, last = page.exhibits[0], page.exhibits[-1]
    listed = page.text.find("</references>\n") + len("</references>\n")
    text = replaced(page.text, (first.start, max(last.end, listed), ""))
    return change_of_page(_REF.sub("", text), "CIT007")


@kind("references of a statement removed")
def unproven(page: Page, scene: Scene, random: Random) -> Change | None:
    """Only where nothing follows on the line, so that no other reference is read as this statement's."""
    last = [s for s in page.statements if page.text[s.refs_end : s.refs_end + 1] == "\n" and not s.is_phrase]
    before = [s for s in last if "|| " not in page.text[page.text.rfind("\n", 0, s.start) : s.refs_end]]
    if not before:
        return None
    said = random.choice(before)
    return change(replaced(page.text, (said.end, said.refs_end, "")), said.start, said.end, "CLM003")
