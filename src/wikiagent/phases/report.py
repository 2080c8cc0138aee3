"""The report of phase 3, written from the ledger and the wiki: every figure in it is counted."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from jinja2 import Environment as Templates
from jinja2 import PackageLoader, StrictUndefined, Template
from pydantic import BaseModel

from wikiagent.ledger import Draft, Run
from wikiagent.wiki.graph import INDEX_FILES, LEAVES, Wiki
from wikiagent.wiki.page import PAGE_TYPES, Environment, Heuristic, Page, PageKind, Prose

REPORT_FILE = "_reports/phase3_enrichment.md"
_DATE = re.compile(r"^\*\*Date:\*\* .*$", re.M)


class Pattern(BaseModel):
    """A kind of signal as it was mined: in how many places and files, and the first of them."""

    kind: str
    places: int
    files: int
    example: str


class NotDrafted(BaseModel):
    """A candidate beyond the limit."""

    name: str
    place: str


class Facts(BaseModel):
    """What a run knows that neither the ledger's drafts nor the wiki tell.

    `leaders` gives the kind of the leading signal by candidate, `conflicts` one sentence for each page that a draft
    could not be written to because another one is there.
    """

    candidates: int
    patterns: list[Pattern]
    leaders: dict[str, str]
    not_drafted: list[NotDrafted]
    conflicts: list[str] = []


#: How the report calls what was mined.
PATTERNS = {
    "warning": "`warnings.warn()` and logged warnings",
    "error": "Errors raised",
    "comment": "Comments that explain, warn or restrict",
    "docstring": "Docstrings that recommend or restrict",
    "help": "Help texts of fields and options",
    "deprecation": "Deprecations",
    "availability": "Checks whether a package is installed",
    "version": "Version checks",
    "env_var": "Environment variables read",
    "device": "Device checks",
    "requirement": "Requirements in set-up files",
}


@dataclass(frozen=True)
class _Row:
    name: str
    applies_to: str
    summary: str


def phase3_report(
    run: Run,
    drafts: Sequence[Draft],
    findings: Callable[[int], list[tuple[str, str, int, str, str]]],
    wiki: Wiki,
    now: str,
) -> str:
    """The text of the report.

    Args:
        run: the run that mined; its facts are `Facts`.
        drafts: all drafts for the wiki and the source of the run, with their states.
        findings: the findings of a draft by its id.
        wiki: the wiki as it is after the edit.
        now: the time, as pages show it.
    """
    facts = Facts.model_validate(run.facts)
    accepted = {d.candidate: _page(d) for d in drafts if d.state == "accepted"}
    pages = [page for page in accepted.values() if (page.kind, page.name) in wiki.pages]
    environments = sorted((p for p in pages if isinstance(p, Environment)), key=lambda p: p.name)
    heuristics = sorted((p for p in pages if isinstance(p, Heuristic)), key=lambda p: p.name)
    names = {page.name for page in pages}
    shown = {d.name for d in drafts}
    return _template().render(
        run=run,
        facts=facts,
        repo=wiki.repo,
        date=now[:10],
        environments=[_row(page, wiki) for page in environments],
        heuristics=[_row(page, wiki) for page in heuristics],
        dependencies=_dependencies(environments),
        patterns=[(PATTERNS[p.kind], p, _led(p.kind, facts, accepted, wiki)) for p in facts.patterns],
        environment_links=Counter(
            edge.target[1] for edge in wiki.edges if edge.edge == "requires_env" and edge.target[1] in names
        ),
        heuristic_links=_by_page(wiki, names),
        indexes=_indexes(wiki, environments, heuristics),
        pending=[d for d in drafts if d.state == "pending"],
        rejected=[(d, findings(d.id)) for d in drafts if d.state == "rejected"],
        not_drafted=[c for c in facts.not_drafted if f"{wiki.repo}_{c.name}" not in shown],
        wanted=sorted({(link.name, page.name) for page, link in wiki.wanted if page.name in names}),
        quality=_quality(environments, heuristics, wiki),
    )


def same_but_date(one: str, other: str) -> bool:
    """Whether two reports say the same, whenever they were written."""
    return _DATE.sub("", one) == _DATE.sub("", other)


@cache
def _template() -> Template:
    loader = PackageLoader("wikiagent.phases", "templates")
    templates = Templates(  # noqa: S701 - it writes Markdown
        loader=loader, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True
    )
    return templates.get_template("phase3_enrichment.md.j2")


def _page(draft: Draft) -> Environment | Heuristic:
    page = PAGE_TYPES[PageKind(draft.type)].model_validate_json(draft.page)
    assert isinstance(page, Environment | Heuristic)  # noqa: S101 - nothing else is drafted
    return page


def _short(name: str, wiki: Wiki) -> str:
    return name.removeprefix(f"{wiki.repo}_")


def _row(page: Environment | Heuristic, wiki: Wiki) -> _Row:
    """The pages that it applies to as the seed writes them: `merge_and_unload, Adapter_Merging principle`."""
    names = [
        _short(link.name, wiki) + ("" if link.kind is PageKind.IMPLEMENTATION else f" {link.kind.lower()}")
        for link in page.related
    ]
    return _Row(page.name, ", ".join(names) or "—", _cell(page.overview))


def _cell(prose: Prose) -> str:
    return " ".join(statement.text for statement in prose).replace("|", "\\|")


def _dependencies(environments: Iterable[Environment]) -> dict[str, list[str]]:
    """What the environments ask for, by the source file that says so: `setup.py` to its packages with versions."""
    found: dict[str, dict[str, None]] = {}
    for page in environments:
        exhibits = {exhibit.id: exhibit for exhibit in page.evidence}
        python = [row.requirement for row in page.requirements if row.category == "Python"]
        for prose, prefix in [*((p, "Python ") for p in python), *((p, "") for p in page.python_packages)]:
            for statement in prose:
                for ref in statement.refs:
                    found.setdefault(exhibits[ref].path, {}).setdefault(f"{prefix}{statement.text}")
    return {path: list(items) for path, items in sorted(found.items())}


def _led(kind: str, facts: Facts, accepted: dict[str, Environment | Heuristic], wiki: Wiki) -> str:
    """The first pages that this kind of signal leads."""
    names = sorted(_short(page.name, wiki) for key, page in accepted.items() if facts.leaders.get(key) == kind)
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "") if names else "—"


def _by_page(wiki: Wiki, names: set[str]) -> dict[str, list[str]]:
    """Full name of each page that was linked to its heuristics of this phase."""
    found: dict[str, list[str]] = {}
    for edge in wiki.edges:
        if edge.edge == "uses_heuristic" and edge.target[1] in names and edge.source in wiki.pages:
            found.setdefault(edge.source[1], []).append(_short(edge.target[1], wiki))
    return dict(sorted(found.items()))


def _indexes(wiki: Wiki, environments: Sequence[Page], heuristics: Sequence[Page]) -> list[tuple[str, str]]:
    """Each index with what this phase changed in it."""
    rows = []
    added = {PageKind.ENVIRONMENT: environments, PageKind.HEURISTIC: heuristics}
    leaves = {(page.kind, page.name) for pages in added.values() for page in pages}
    for kind in (
        PageKind.ENVIRONMENT,
        PageKind.HEURISTIC,
        PageKind.IMPLEMENTATION,
        PageKind.PRINCIPLE,
        PageKind.WORKFLOW,
    ):
        if kind in LEAVES:
            change = f"Added {len(added[kind])} {kind.lower()} entries" if added[kind] else ""
        else:
            linked = {
                e.source for e in wiki.edges if e.target in leaves and e.source[0] is kind and e.source in wiki.pages
            }
            change = f"Added connections to {len(linked)} {kind.lower()}s" if linked else ""
        rows.append((INDEX_FILES[kind], change))
    return rows


def _quality(environments: Sequence[Environment], heuristics: Sequence[Heuristic], wiki: Wiki) -> list[str]:
    """What can be counted about the pages of this phase."""
    pages: list[Environment | Heuristic] = [*environments, *heuristics]
    exhibits = sum(len(page.evidence) for page in pages)
    cited = sum(bool(page.evidence) for page in pages)
    install = sum(bool(page.quick_install) for page in environments)
    links = [(page, link) for page in pages for link in page.related if (link.kind, link.name) in wiki.pages]
    both = sum(
        any(back.name == page.name and back.kind == page.kind for back in wiki.pages[(link.kind, link.name)].links)
        for page, link in links
    )
    return [
        f"{install} of {len(environments)} environments include a Quick Install command",
        f"{cited} of {len(pages)} pages include Code Evidence with file:line references, {exhibits} citations in all",
        f"{exhibits} of {exhibits} quotes were cut from the pinned source by the program and checked against it",
        f"{both} of {len(links)} links to existing pages are on both pages",
        f"{sum(not page.related for page in pages)} pages apply to no page of the wiki",
    ]
