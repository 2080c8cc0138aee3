"""Two pages as one: the statements and the evidence of a draft behind those of the page that it is merged into."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from wikiagent.check.phrases import FIXED
from wikiagent.errors import DraftError
from wikiagent.wiki.mediawiki import parse, render
from wikiagent.wiki.page import Bullet, Environment, Exhibit, Heuristic, PageKind, Prose
from wikiagent.wiki.statements import statements

_WORD = re.compile(r"\w+")


def whole_page(text: str, kind: PageKind, name: str) -> Environment | Heuristic:
    """A page as its text says, where nothing of that is lost.

    Raises:
        DraftError: the text has words that such a page has no place for, or is no page.
    """
    try:
        page = parse(text, kind, name)
    except (ValidationError, ValueError) as error:
        first = error.errors()[0]["msg"] if isinstance(error, ValidationError) else str(error)
        raise DraftError(f"This is no {kind} page: {first}. docs/pages.md shows its sections.") from error
    kept = set(_WORD.findall(render(page)))
    lost = next((line for line in text.split("\n") if set(_WORD.findall(line)) - kept), None)
    if lost is not None or not isinstance(page, Environment | Heuristic):
        raise DraftError(
            f"{kind} pages have no place for this line: “{(lost or '').strip()[:120]}”. docs/pages.md shows their "
            f"sections; put it into one of them."
        )
    return page


def merged(target: Environment | Heuristic, page: Environment | Heuristic) -> Environment | Heuristic:
    """A page that says what two pages of one type say; name, category, usage and install command are the target's."""
    ids, exhibits = _with_exhibits(target.evidence, page.evidence)
    new = type(page).model_validate(_renamed(page.model_dump(), ids))
    told = {statement.text for _, prose in statements(target) for statement in prose}
    joined: dict[str, Any] = {
        "evidence": exhibits,
        "related": tuple(dict.fromkeys((*target.related, *new.related))),
        "topics": tuple(dict.fromkeys((*target.topics, *new.topics))),
        "description": _more(target.description, (*new.overview, *new.description), told),
    }
    if isinstance(target, Heuristic) and isinstance(new, Heuristic):
        joined["reasoning"] = _more(target.reasoning, new.reasoning, told)
        joined["insight"] = _bullets(target.insight, new.insight, told)
    elif isinstance(target, Environment) and isinstance(new, Environment):
        for part in ("requirements", "system_packages", "python_packages", "credentials", "errors", "compatibility"):
            there = getattr(target, part)
            said = {_words_of(item) for item in there}
            joined[part] = (*there, *(item for item in getattr(new, part) if _words_of(item) not in said))
    return type(target).model_validate(
        {**{name: getattr(target, name) for name in type(target).model_fields}, **joined}
    )


def _with_exhibits(there: tuple[Exhibit, ...], more: tuple[Exhibit, ...]) -> tuple[dict[str, str], tuple[Exhibit, ...]]:
    """The ids of further exhibits among those that are there, and all of them; what is quoted already is not again."""
    known = {exhibit.place: exhibit.id for exhibit in there}
    free = max((int(exhibit.id[1:]) for exhibit in there), default=0)
    ids, new = {}, []
    for exhibit in more:
        if exhibit.place not in known:
            free += 1
            known[exhibit.place] = f"e{free}"
            new.append(exhibit.model_copy(update={"id": f"e{free}"}))
        ids[exhibit.id] = known[exhibit.place]
    return ids, (*there, *new)


def _renamed(value: Any, ids: Mapping[str, str]) -> Any:
    """The parts of a page with other ids in place of those that statements name."""
    if isinstance(value, dict):
        return {
            key: tuple(dict.fromkeys(ids[ref] for ref in part if ref in ids)) if key == "refs" else _renamed(part, ids)
            for key, part in value.items()
        }
    return tuple(_renamed(part, ids) for part in value) if isinstance(value, list | tuple) else value


def _more(there: Prose, more: Prose, told: set[str]) -> Prose:
    """A paragraph with the statements of another one that the page does not make yet."""
    new = [statement for statement in more if statement.text not in told and not FIXED.match(statement.text)]
    own = tuple(s for s in there if not (new and FIXED.match(s.text)))
    return (*own, *new)


def _bullets(there: tuple[Bullet, ...], more: tuple[Bullet, ...], told: set[str]) -> tuple[Bullet, ...]:
    """The bullets of two insights, one for each label."""
    prose: dict[str, Prose] = {bullet.label: bullet.prose for bullet in there}
    for bullet in more:
        prose[bullet.label] = _more(prose.get(bullet.label, ()), bullet.prose, told)
    order = ("Action", "Value", "Trade-off", "Compatibility")
    return tuple(Bullet(label=label, prose=prose[label]) for label in order if prose.get(label))


def _words_of(item: Any) -> str:
    """The words of an item of a list or table, whatever evidence it names."""
    if isinstance(item, tuple):
        return " ".join(statement.text for statement in item)
    parts = (getattr(item, name) for name in type(item).model_fields)
    return " | ".join(part if isinstance(part, str) else _words_of(part) for part in parts)
