"""Citations that name the wrong place: other lines, another file, a list of references that says something else."""

from __future__ import annotations

import re
from random import Random

from benchmarks.mutations.corruption import IMPLEMENTATIONS, Change, Scene, change, kind
from benchmarks.mutations.text import Exhibit, Page, moved, placed, replaced, unindented

_WRONG_LINES = ("CIT003", "CIT004")
_SOURCE = re.compile(r"'''Source:''' <code>(?P<path>[^:\n]+):L(?P<first>\d+)-(?P<last>\d+)</code>")
_LONGEST = 60


def _elsewhere(page: Page, exhibit: Exhibit, path: str, first: int, last: int, *codes: str) -> Change | None:
    """An exhibit with another place; none where that place reads the same."""
    text = moved(page, exhibit, path, first, last)
    return change(text, exhibit.start, exhibit.end, *codes) if text else None


def _shifted(page: Page, scene: Scene, random: Random, first_by: int, last_by: int) -> Change | None:
    exhibit = random.choice(page.exhibits)
    lines = scene.facts.lines[exhibit.path]
    first, last = exhibit.first + first_by, exhibit.last + last_by
    if not 1 <= first <= last <= len(lines) or last - first >= _LONGEST:
        return None
    if unindented(lines[first - 1 : last]) == unindented(page.quote(exhibit).split("\n")):
        return None
    return _elsewhere(page, exhibit, exhibit.path, first, last, *_WRONG_LINES)


@kind("lines off by one")
def off_by_one(page: Page, scene: Scene, random: Random) -> Change | None:
    by = random.choice((-1, 1))
    return _shifted(page, scene, random, by, by)


@kind("lines off by more")
def off_by_more(page: Page, scene: Scene, random: Random) -> Change | None:
    by = random.choice((-1, 1)) * random.randint(2, 40)
    return _shifted(page, scene, random, by, by)


@kind("range a line too long or short")
def one_end_off(page: Page, scene: Scene, random: Random) -> Change | None:
    return _shifted(page, scene, random, *random.choice(((-1, 0), (1, 0), (0, -1), (0, 1))))


@kind("range reversed")
def reversed_range(page: Page, scene: Scene, random: Random) -> Change | None:
    exhibit = random.choice(page.exhibits)
    if exhibit.first == exhibit.last:
        return None
    return _elsewhere(page, exhibit, exhibit.path, exhibit.last, exhibit.first, "CIT002")


@kind("range past the end of the file")
def past_the_end(page: Page, scene: Scene, random: Random) -> Change | None:
    exhibit = random.choice(page.exhibits)
    size = len(scene.facts.lines[exhibit.path])
    length = exhibit.last - exhibit.first
    first = random.choice((exhibit.first, size - length + 1, size + random.randint(1, 400)))
    last = max(first + length, size + random.randint(1, 40))
    return _elsewhere(page, exhibit, exhibit.path, first, last, "CIT002")


@kind("file swapped for another")
def other_file(page: Page, scene: Scene, random: Random) -> Change | None:
    exhibit = random.choice(page.exhibits)
    path = random.choice([file for file in scene.facts.python if file != exhibit.path])
    there = scene.facts.lines[path][exhibit.first - 1 : exhibit.last]
    if unindented(there) == unindented(page.quote(exhibit).split("\n")):
        return None
    return _elsewhere(page, exhibit, path, exhibit.first, exhibit.last, "CIT002", "CIT003", "CIT004")


@kind("file that does not exist")
def no_such_file(page: Page, scene: Scene, random: Random) -> Change | None:
    exhibit = random.choice(page.exhibits)
    at = random.choice([n for n, letter in enumerate(exhibit.path) if letter.isalpha()])
    path = exhibit.path[:at] + random.choice("aeioxz") + exhibit.path[at + 1 :]
    if path in scene.facts.lines or any(file.endswith(f"/{path}") for file in scene.facts.lines):
        return None
    return _elsewhere(page, exhibit, path, exhibit.first, exhibit.last, "CIT001", "CIT008")


@kind("path without its first folders")
def short_path(page: Page, scene: Scene, random: Random) -> Change | None:
    exhibit = random.choice(page.exhibits)
    folders = exhibit.path.count("/")
    if not folders:
        return None
    path = exhibit.path.split("/", random.randint(1, folders))[-1]
    if path in scene.facts.lines:
        return None
    return _elsewhere(page, exhibit, path, exhibit.first, exhibit.last, "CIT005")


def _replaced_by(page: Page, scene: Scene, exhibit: Exhibit, first: int, last: int, code: str) -> Change | None:
    """An exhibit of other real lines of its file, quoted rightly."""
    quote = "\n".join(unindented(scene.facts.lines[exhibit.path][first - 1 : last]))
    text = moved(page, exhibit, exhibit.path, first, last, quote)
    return change(text, exhibit.start, exhibit.start + len(quote), code) if text else None


@kind("more lines than prove anything")
def too_long(page: Page, scene: Scene, random: Random) -> Change | None:
    exhibit = random.choice(page.exhibits)
    first = max(1, exhibit.first - random.randint(0, 20))
    last = max(exhibit.last, first + _LONGEST) + random.randint(0, 30)
    if last > len(scene.facts.lines[exhibit.path]):
        return None
    return _replaced_by(page, scene, exhibit, first, last, "CIT006")


@kind("lines without a word")
def no_words(page: Page, scene: Scene, random: Random) -> Change | None:
    exhibit = random.choice(page.exhibits)
    lines = enumerate(scene.facts.lines[exhibit.path], 1)
    empty = [number for number, line in lines if not re.search(r"\w", line) and line.strip()]
    if not empty:
        return None
    line = random.choice(empty)
    return _replaced_by(page, scene, exhibit, line, line, "CIT006")


@kind("list of references names other lines")
def other_entry(page: Page, scene: Scene, random: Random) -> Change | None:
    exhibit = random.choice(page.exhibits)
    entry = page.entry(exhibit)
    if entry is None:
        return None
    by = random.choice((-7, -1, 1, 10))
    place = placed(exhibit.path, max(1, exhibit.first + by), max(1, exhibit.last + by))
    if place == exhibit.cited or any(other.cited == place for other in page.exhibits):
        return None
    start, end = entry.span("place")
    text = replaced(page.text, (start, end, entry["place"].replace(exhibit.cited, place)))
    return change(text, start, start, "SCH004")


@kind("quote numbered from another line")
def other_number(page: Page, scene: Scene, random: Random) -> Change | None:
    exhibit = random.choice(page.exhibits)
    number = max(1, exhibit.first + random.choice((-100, -1, 1, 10)))
    return change(replaced(page.text, (*exhibit.number, str(number))), exhibit.start, exhibit.end, "SCH004")


@kind("Implementation: lines of another place", folders=IMPLEMENTATIONS)
def other_lines_of_subject(page: Page, scene: Scene, random: Random) -> Change | None:
    found = _SOURCE.search(page.text)
    if not found:
        return None
    first, last = int(found["first"]), int(found["last"])
    size = len(scene.facts.lines[found["path"]])
    first, last = random.choice(
        (
            (first + 1, last),
            (first, last - 1),
            (first + 7, last + 7),
            (last, first),
            (first, size + random.randint(1, 99)),
        )
    )
    start, end = found.start("first"), found.end("last")
    return change(replaced(page.text, (start, end, f"{first}-{last}")), start, start, "CIT002", "CIT004")


@kind("Implementation: file swapped for another", folders=IMPLEMENTATIONS)
def other_file_of_subject(page: Page, scene: Scene, random: Random) -> Change | None:
    found = _SOURCE.search(page.text)
    if not found:
        return None
    name = page.file.rpartition("/")[2].removesuffix(".md")
    long_enough = [file for file in scene.facts.python if len(scene.facts.lines[file]) >= int(found["last"])]
    others = [file for file in long_enough if not _defines(scene, file, name)]
    if not others:
        return None
    return change(
        replaced(page.text, (*found.span("path"), random.choice(others))),
        found.start(),
        found.end(),
        "CIT001",
        "CIT003",
        "CIT004",
    )


def _defines(scene: Scene, file: str, name: str) -> bool:
    found = re.findall(r"\b(?:def|class) (\w+)", "\n".join(scene.facts.lines[file]))
    return any(name == defined or name.endswith(f"_{defined}") for defined in found)
