"""A golden made from a page that a person reviewed."""

from __future__ import annotations

import re
from pathlib import Path

from pydantic import ValidationError

from wikiagent.errors import ConfigError
from wikiagent.evals.golden import Golden, GoldenEvidence, GoldenSet, as_yaml, read_goldens
from wikiagent.wiki.page import Environment, Heuristic, PageKind
from wikiagent.wiki.statements import statements

#: Sections that say nothing which can be checked, or what the insight says.
_NO_FACTS = ("Overview", "Usage")


def golden_of(page: Environment | Heuristic, repo: str | None, importance: float, insight: str = "") -> Golden:
    """A page as a golden: its exhibits are the evidence, its statements that cite one are the facts.

    Args:
        page: the page.
        repo: the prefix of page names.
        importance: from 1 to 5.
        insight: the point; without, the overview of the page.

    Raises:
        ConfigError: the page lacks what a golden needs.
    """
    prefix = f"{repo}_" if repo else ""
    title = page.name.removeprefix(prefix)
    point = insight or " ".join(statement.text for statement in page.overview)
    told = [s.text for section, prose in statements(page) if section not in _NO_FACTS for s in prose if s.refs]
    names = [link.name.removeprefix(prefix) for link in page.related if link.kind is PageKind.IMPLEMENTATION]
    try:
        return Golden(
            id="-".join(re.findall(r"[a-z0-9]+", title.lower())),
            type="Environment" if isinstance(page, Environment) else "Heuristic",
            title=title,
            insight=point,
            facts=tuple(fact for fact in dict.fromkeys(told) if fact != point) or (point,),
            importance=importance,
            applies_to=tuple(names),
            evidence=tuple(
                GoldenEvidence(path=e.path, first=e.first, last=e.last, quote=e.code) for e in page.evidence
            ),
        )
    except ValidationError as error:
        first = error.errors()[0]
        lacks = ".".join(map(str, first["loc"]))
        raise ConfigError(f"{page.name} makes no golden: {lacks}: {first['msg']}.") from error


def add_golden(file: Path, golden: Golden, source: str) -> GoldenSet:
    """Add a golden to a file, which is made where there is none. The file changes as a whole or not at all.

    Raises:
        ConfigError: the file is of another source, has a golden of this id, cannot be read or cannot be written.
    """
    there = read_goldens(file) if file.exists() else GoldenSet(source=source, goldens=())
    if there.source != source:
        raise ConfigError(f"{file} has goldens of {there.source}, and the page is about {source}. Name another file.")
    if golden.id in {each.id for each in there.goldens}:
        raise ConfigError(f"{file} has a golden {golden.id} already. Change that, or remove it first.")
    grown = GoldenSet(source=source, goldens=(*there.goldens, golden))
    new = file.with_name(f"{file.name}.new")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        new.write_text(as_yaml(grown), encoding="utf-8", newline="\n")
        new.replace(file)
    except OSError as error:
        raise ConfigError(f"{file} cannot be written: {error}.") from error
    return grown
