"""Statements that say what their evidence does not: another number, name or bound, or evidence of something else."""

from __future__ import annotations

import re
from random import Random

from benchmarks.mutations.corruption import IMPLEMENTATIONS, Change, Class, Scene, change, kind
from benchmarks.mutations.text import Exhibit, Page, Said, lines_at, moved, replaced, stems, unindented

_CLAIM = Class.CLAIM
#: How many of a statement's words other lines may have and still not support it.
_SHARED = 0.2
_BOUNDS = {">=": ("<=", "==", "<"), "<=": (">=", ">"), "==": (">=", "!="), "<": (">", ">="), ">": ("<", "<=")}
_BOUND = re.compile(r"(>=|<=|==|<|>|&lt;=?|&gt;=?)(\s*)(\d+(?:\.\d+)*)")
_INSTALL = re.compile(r'<syntaxhighlight lang="bash">\n(?P<command>[^\n]*)\n')
_FIGURES = (
    "This makes training about {} % slower.",
    "It saves {} GB of memory.",
    "Use at least {} of them.",
    "It needs between {} and {} steps.",
)
_SENTENCES = (
    "It halves the memory that is needed.",
    "This is the fastest way on all devices.",
    "Older checkpoints are converted without loss.",
    "The result does not depend on the order of the adapters.",
    "Training is more stable with it.",
    "It is safe to leave it out in production.",
)


def _proven(page: Page) -> list[Said]:
    """The statements that tell something of the source, whose evidence is all on the page."""
    return [said for said in page.statements if not said.is_phrase and all(map(page.shown, said.refs))]


def _new_number(old: str, text: str, random: Random) -> str | None:
    """A number like another one that a text has nowhere, not even as a part."""
    for _ in range(20):
        parts = old.split(".")
        at = random.randrange(len(parts))
        parts[at] = str(max(0, int(parts[at]) + random.choice((-1, 1, 2, 3, 7, 40))))
        new = ".".join(parts)
        if new != old and new not in text and new.rstrip("0").rstrip(".") not in text:
            return new
    return None


@kind("another number in prose", _CLAIM)
def number(page: Page, scene: Scene, random: Random) -> Change | None:
    said = random.choice([said for said in _proven(page) if said.numbers] or [None])
    if said is None:
        return None
    old = random.choice(said.numbers)
    new = _new_number(old[0], page.evidence(said), random)
    if new is None:
        return None
    text = replaced(page.text, (said.start + old.start(), said.start + old.end(), new))
    return change(text, said.start, said.end, "CLM001", "CLM007")


@kind("a figure that nothing supports", _CLAIM)
def figure(page: Page, scene: Scene, random: Random) -> Change | None:
    said = random.choice(_proven(page) or [None])
    if said is None:
        return None
    figures = [_new_number(str(random.randint(3, 95)), page.evidence(said), random) for _ in range(2)]
    if None in figures:
        return None
    refs = page.text[said.end : said.refs_end]
    added = f" {random.choice(_FIGURES).format(*figures)}{refs}"
    text = replaced(page.text, (said.refs_end, said.refs_end, added))
    return change(text, said.refs_end, said.refs_end + len(added), "CLM001")


@kind("a sentence without evidence", _CLAIM)
def sentence(page: Page, scene: Scene, random: Random) -> Change | None:
    said = [s for s in page.statements if page.text[s.refs_end : s.refs_end + 1] == "\n"]
    at = random.choice([s.refs_end for s in said if "|| " not in page.text[page.text.rfind("\n", 0, s.start) : s.end]])
    added = f" {random.choice(_SENTENCES)}"
    return change(replaced(page.text, (at, at, added)), at, at + len(added), "CLM003")


@kind("another bound of a number", _CLAIM)
def bound(page: Page, scene: Scene, random: Random) -> Change | None:
    """Only where the evidence writes the bound before the number as the statement did, and no other."""
    found = []
    for said in _proven(page):
        evidence = "\n".join(page.quote(exhibit) for exhibit in map(page.shown, said.refs) if exhibit)
        for match in _BOUND.finditer(said.text):
            old = match[1].replace("&lt;", "<").replace("&gt;", ">")
            bounds = set(re.findall(rf"([<>=!]=|[<>])\s*{re.escape(match[3])}(?![.\d])", evidence))
            if bounds == {old}:
                found.append((said, match, old))
    if not found:
        return None
    said, match, old = random.choice(found)
    new = random.choice(_BOUNDS[old]).replace("<", "&lt;")
    text = replaced(page.text, (said.start + match.start(1), said.start + match.end(1), new))
    return change(text, said.start, said.end, "CLM001")


def _invented(name: str, scene: Scene, random: Random) -> str | None:
    """A name like another one that the source does not have, in whatever case."""
    for _ in range(20):
        at = random.randrange(1, len(name))
        letter = random.choice("abcdeghklmnoprstu")
        parts = name.split("_")
        other = random.choice([part for known in scene.facts.names for part in known.split("_") if len(part) > 2])
        new = random.choice(
            (
                name[:at] + letter + name[at:],
                name[:at] + letter + name[at + 1 :],
                f"{name}_{other.lower()}",
                "_".join([*parts[:-1], other.lower()]) if len(parts) > 1 else f"{name}{other.capitalize()}",
            )
        )
        if new.casefold() not in scene.facts.text and re.fullmatch(r"\w+", new):
            return new
    return None


def _with_name(page: Page, scene: Scene, random: Random, start: int, end: int, *codes: str) -> Change | None:
    """One code name between two offsets is replaced by an invented one."""
    found = [
        (match.start() + code.start(1), match[0])
        for code in re.finditer(r"<code>([^<]*)</code>", page.text[start:end])
        for match in re.finditer(r"\b[A-Za-z_]\w{2,}\b", code[1])
        if match[0] not in ("amp", "quot") and match[0] in scene.facts.words
    ]
    if not found:
        return None
    at, name = random.choice(found)
    new = _invented(name, scene, random)
    text = replaced(page.text, (start + at, start + at + len(name), new)) if new else ""
    return change(text, start, end, *codes) if new else None


@kind("an identifier invented in a statement", _CLAIM)
def identifier(page: Page, scene: Scene, random: Random) -> Change | None:
    said = random.choice(_proven(page) or page.statements)
    return _with_name(page, scene, random, said.start, said.end, "CLM002", "CLM005", "CLM006")


@kind("an identifier invented under Usage", _CLAIM)
def identifier_of_usage(page: Page, scene: Scene, random: Random) -> Change | None:
    section = next(section for section in page.sections if section.title == "Usage")
    return _with_name(page, scene, random, section.body, section.end - 1, "CLM002", "CLM006")


@kind("an identifier invented in a caption", _CLAIM)
def identifier_of_caption(page: Page, scene: Scene, random: Random) -> Change | None:
    exhibit = random.choice(page.exhibits)
    made = _with_name(page, scene, random, exhibit.start, exhibit.start + len(exhibit.caption), "CLM002")
    return made._replace(lines=(made.lines[0], made.lines[0] + 1)) if made and made.lines else None


@kind("Implementation: an identifier invented", _CLAIM, IMPLEMENTATIONS)
def identifier_of_implementation(page: Page, scene: Scene, random: Random) -> Change | None:
    section = next(section for section in page.sections if section.title == "Description")
    return _with_name(page, scene, random, section.body, section.end - 1, "CLM002", "CLM006")


@kind("a real identifier in place of another", _CLAIM)
def other_identifier(page: Page, scene: Scene, random: Random) -> Change | None:
    """The evidence had the old name, and has not the new one, which the source has elsewhere."""
    found = [(said, name) for said in _proven(page) for name in sorted(said.names) if len(name) > 4]
    found = [(said, name) for said, name in found if name in page.evidence(said) and said.text.count(name) == 1]
    if not found:
        return None
    said, old = random.choice(found)
    new = random.choice(scene.facts.names)
    if new.casefold() in page.evidence(said).casefold() or stems(new) & stems(page.evidence(said)):
        return None
    at = page.text.index(old, said.start, said.end)
    text = replaced(page.text, (at, at + len(old), new))
    return change(text, said.start, said.end, "CLM002", "CLM005", "CLM006", "CLM007", "CLM008")


@kind("another version or package in Quick Install", _CLAIM)
def install(page: Page, scene: Scene, random: Random) -> Change | None:
    found = _INSTALL.search(page.text)
    if not found:
        return None
    numbers = list(re.finditer(r"\d+(?:\.\d+)+", found["command"]))
    packages = list(re.finditer(r"(?<=[ '])[a-z][\w-]{3,}(?![^ ]*/)", found["command"].removeprefix("pip install")))
    start = found.start("command")
    if numbers and random.random() < 0.5:
        old, new = (chosen := random.choice(numbers)), _new_number(chosen[0], page.text, random)
    elif packages:
        start += len("pip install")
        old, new = (chosen := random.choice(packages)), _invented(chosen[0], scene, random)
    else:
        return None
    text = replaced(page.text, (start + old.start(), start + old.end(), new)) if new else ""
    return change(text, found.start(), found.end(), "CLM001", "CLM002") if new else None


def _supports(said: Said, quote: str, beside: str) -> bool:
    """Whether lines could support a statement: they share a name, a number, or more than a few words with it.

    Args:
        said: the statement.
        quote: the lines.
        beside: their path and the names of what they stand in.
    """
    shown = f"{quote}\n{beside}".casefold()
    if any(name.casefold() in shown for name in said.names) or any(number[0] in shown for number in said.numbers):
        return True
    words = stems(said.text)
    return not words or len(words & stems(f"{quote}\n{beside}")) / len(words) > _SHARED


@kind("a reference to another exhibit of the page", _CLAIM)
def other_reference(page: Page, scene: Scene, random: Random) -> Change | None:
    found: list[tuple[Said, str]] = []
    for said in _proven(page):
        for exhibit in page.exhibits:
            entry = page.entry(exhibit)
            beside = f"{exhibit.path} {scene.facts.around(exhibit.path, exhibit.first)} {exhibit.caption}"
            if entry and entry["id"] not in said.refs and not _supports(said, page.quote(exhibit), beside):
                found.append((said, entry["id"]))
    if not found:
        return None
    said, ref = random.choice(found)
    text = replaced(page.text, (said.end, said.refs_end, f'<ref name="{ref}" />'))
    return change(text, said.start, said.end, "CLM001", "CLM002", "CLM008")


def _other_lines(said: Said, exhibit: Exhibit, scene: Scene, random: Random) -> tuple[str, int, int, str] | None:
    """Real lines of the source, as many as an exhibit has, that do not support a statement."""
    size = max(2, min(exhibit.last - exhibit.first + 1, 20))
    for _ in range(20):
        path = random.choice(scene.facts.python)
        lines = scene.facts.lines[path]
        if len(lines) <= size:
            continue
        first = random.randint(1, len(lines) - size)
        quote = "\n".join(unindented(lines[first - 1 : first + size - 1]))
        beside = f"{path} {scene.facts.around(path, first)}"
        if len(stems(quote)) > 4 and quote.strip("\n") == quote and not _supports(said, quote, beside):
            return path, first, first + size - 1, quote
    return None


@kind("other real lines in place of an exhibit", _CLAIM)
def other_lines(page: Page, scene: Scene, random: Random) -> Change | None:
    """The lines, their place and the list of references change; the caption and the statements stay.

    A finding is right at each statement that names only this exhibit and is not supported any more.
    """
    alone = [said for said in _proven(page) if len(said.refs) == 1]
    if not alone:
        return None
    chosen = random.choice(alone)
    exhibit = page.shown(chosen.refs[0])
    found = _other_lines(chosen, exhibit, scene, random) if exhibit else None
    text = moved(page, exhibit, *found) if exhibit and found else None
    if not exhibit or not found or not text:
        return None
    beside = f"{found[0]} {scene.facts.around(found[0], found[1])}"
    wrong = [said for said in alone if said.refs == chosen.refs and not _supports(said, found[3], beside)]
    longer = len(text) - len(page.text)
    places = [said.start + (longer if said.start > exhibit.start else 0) for said in (chosen, *wrong)]
    first, *others = [lines_at(text, place, place) for place in places]
    return Change(text, first, ("CLM001", "CLM002", "CLM008"), also=tuple(others))
