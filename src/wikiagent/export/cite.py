"""Lists of references as MediaWiki's Cite takes them.

Cite wants each note of a list to be referred to, and before the list: it shows an error in place of a note otherwise.
"""

from __future__ import annotations

import re

from wikiagent.wiki.markup import category_lines, mask, section

REFERENCES = re.compile(
    r"^[ \t]*<references\b[^<>]*?(?:/>|>(?P<notes>(?:(?!<references\b).)*?)</references>)[ \t]*$", re.S | re.M | re.I
)
"""A list of references, which stands alone in its lines."""

NOTE = re.compile(r"<ref\s+name\s*=\s*[\"']?(?P<name>[^\"'<>/]+?)[\"']?\s*>(?P<text>.*?)</ref>", re.S | re.I)
"""A note of such a list."""

_USE = re.compile(r"<ref\s+name\s*=\s*[\"']?(?P<name>[^\"'<>/]+?)[\"']?\s*/>", re.I)
_RELATED = re.compile(r"^==\s*Related Pages\s*==", re.M)


def for_cite(text: str) -> str:
    """A page with its list of references behind all that refer to it, and notes that nothing refers to as plain items.

    A page that Cite takes as it is, and one with no list or several, comes back as it is.
    """
    visible = mask(text)
    lists = list(REFERENCES.finditer(visible))
    if len(lists) != 1 or not lists[0]["notes"]:
        return text
    start, end = lists[0].span()
    uses = [use for use in _USE.finditer(visible) if not start <= use.start() < end]
    named = {use["name"].strip() for use in uses}
    cited: dict[str, str] = {}
    others = []
    for note in NOTE.finditer(text, start, end):
        if note["name"].strip() in named and note["name"].strip() not in cited:
            cited[note["name"].strip()] = note[0]
        else:
            others.append(f"* {note['text'].strip()}")
    last = max((use.end() for use in uses), default=0)
    if last < start and not others:
        return text
    notes = ["<references>", *cited.values(), "</references>"] if cited else []
    block = "\n".join([*notes, *others])
    if last < start:
        return text[:start] + block + text[end:]
    rest = text[end:].lstrip("\n")
    at = _behind(rest, last - (len(text) - len(rest)))
    whole = f"{rest[:at].rstrip()}\n\n{section(2, 'References', block)}\n\n{rest[at:]}"
    return text[:start].rstrip() + "\n\n" + whole


def _behind(text: str, last: int) -> int:
    """Where the list can stand: before the related pages or the categories, and behind the last reference."""
    related = _RELATED.search(mask(text), max(last, 0))
    if related:
        return related.start()
    lines = text.split("\n")
    first = next(category_lines(lines), None)
    return len("\n".join(lines[: first[0]])) if first else len(text)
