"""The report of phase 3, written from the ledger and the wiki: every figure in it is counted."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cache, lru_cache
from typing import Any, NamedTuple

from jinja2 import Environment as Templates
from jinja2 import PackageLoader, StrictUndefined, Template
from pydantic import BaseModel, ValidationError

from wikiagent.draft.budget import Price
from wikiagent.errors import StoreError
from wikiagent.ledger import Draft, Run, Usage
from wikiagent.phases.usage import page_rows, pass_rates, stage_rows
from wikiagent.review.standing import Standing, accepted_of, conflict, standing_of
from wikiagent.wiki.graph import INDEX_FILES, LEAVES, PageId, Wiki
from wikiagent.wiki.markup import folded
from wikiagent.wiki.page import Environment, Heuristic, Link, PageKind, Prose

REPORT_FILE = "_reports/phase3_enrichment.md"
_DATE = re.compile(r"^\*\*Date:\*\* .*$", re.M)
#: Candidates without a draft that the report names.
_NAMED = 20


class Pattern(BaseModel):
    """A kind of signal as it was mined: in how many places and files, and the first of them."""

    kind: str
    places: int
    files: int
    example: str


class Mined(BaseModel):
    """A candidate of the ranking: name of its page, where its leading signal stands, and of which kind that is."""

    name: str
    place: str
    kind: str


class Reason(BaseModel):
    """A candidate that gets no draft: name of its page, and why."""

    name: str
    why: str


class Facts(BaseModel):
    """What a run found that neither the ledger's drafts nor the wiki tell: prefix, signals, and the whole ranking.

    `skipped` are candidates that the model found to deserve no page of their own, `settled` those that are not drafted
    after what a person decided; prices are per million tokens.
    """

    repo: str
    patterns: list[Pattern]
    ranking: list[Mined]
    skipped: list[Reason] = []
    settled: list[Reason] = []
    price_in: float | None = None
    price_out: float | None = None


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
    "env_var": "Environment variables used",
    "device": "Device checks",
    "platform": "Checks of the platform and of the version of Python",
    "extra": "Optional extras in set-up files",
    "requirement": "Requirements in set-up files",
    "default": "Defaults that are chosen late",
    "override": "Settings that the code changes",
    "unused": "Parameters that are never used",
    "fallback": "Exceptions passed over in silence",
    "numeric": "Care with numbers: casts, copies, small constants",
    "unsaved": "What is not saved",
}


def facts_of(run: Run) -> Facts:
    """What a run found.

    Raises:
        StoreError: another version of wikiagent recorded it, in a form that this one does not read.
    """
    try:
        return _read_facts(run.facts)
    except ValidationError as error:
        raise StoreError(
            f"The last run over {run.wiki} was recorded by another version of wikiagent; run `wikiagent enrich` again."
        ) from error


@lru_cache(maxsize=4)  # each decision writes the report of the same run
def _read_facts(text: str) -> Facts:
    return Facts.model_validate_json(text)


class _Row(NamedTuple):
    name: str
    applies_to: str
    summary: str


def phase3_report(
    run: Run,
    facts: Facts,
    drafts: Sequence[Draft],
    rejected: Mapping[int, str],
    usage: Sequence[Usage],
    wiki: Wiki,
    now: str,
) -> str:
    """The text of the report.

    It tells of the wiki as it is: the pages from this source, whichever run and whichever ledger they came from.

    Args:
        run: the last run.
        facts: what it found.
        drafts: all drafts for the wiki, of any source and run, with their states.
        rejected: why drafts were rejected, by id.
        usage: what the calls of all runs over this wiki and source cost.
        wiki: the wiki as it is after the edit.
        now: the time, as pages show it.
    """
    own = [draft for draft in drafts if draft.source == run.source]
    accepted = sorted((draft for draft in own if draft.state == "accepted"), key=lambda draft: draft.name)
    there = {(PageKind(draft.type), draft.name): standing_of(wiki, draft) for draft in accepted}
    same = {id_ for id_, how in there.items() if how in (Standing.SAME, Standing.FEWER_LINKS)}
    made = _made(run, wiki, set(there))
    environments = [page for page in made if isinstance(page, Environment)]
    heuristics = [page for page in made if isinstance(page, Heuristic)]
    price = Price(facts.price_in, facts.price_out)
    return template("phase3_enrichment.md.j2").render(
        run=run,
        facts=facts,
        date=now[:10],
        environments=[_row(page, wiki) for page in environments],
        heuristics=[_row(page, wiki) for page in heuristics],
        dependencies=_dependencies(environments),
        patterns=[(PATTERNS.get(p.kind, p.kind), p, _led(p.kind, facts, made)) for p in facts.patterns],
        indexes=_indexes(wiki, environments, heuristics),
        changed=[name for (kind, name), how in there.items() if how is Standing.OTHER and (kind, name) not in same],
        gone=[name for (_, name), how in there.items() if how is Standing.ABSENT],
        unranked=sorted({page.name for page in made} - {mined.name for mined in facts.ranking}),
        older=_of_other_sources(run, wiki),
        quality=_quality(made, same, wiki),
        stages=stage_rows(usage, price),
        pages=page_rows(own, price),
        rates=pass_rates(own),
        **_links(wiki, {(page.kind, page.name) for page in made}),
        **_states(own, drafts, rejected, {page.name for page in made}, facts, wiki),
    )


def _links(wiki: Wiki, made: set[PageId]) -> dict[str, Any]:
    """What the report says of links: those of the pages of this phase, and those to pages that nobody has written."""
    return {
        "environment_links": _environment_links(wiki, made),
        "heuristic_links": _heuristic_links(wiki, made),
        "unnamed": _names_without_page(wiki),
        "wanted": _wanted(wiki, made),
    }


def _states(
    own: Sequence[Draft],
    drafts: Sequence[Draft],
    rejected: Mapping[int, str],
    made: set[str],
    facts: Facts,
    wiki: Wiki,
) -> dict[str, Any]:
    """What the report says of drafts that are no pages, and of candidates that are no drafts."""
    pending = [draft for draft in own if draft.state == "pending"]
    skipped = {reason.name for reason in (*facts.skipped, *facts.settled)}
    taken = {draft.name for draft in own if draft.state != "superseded"} | made
    accepted = accepted_of(drafts)
    return {
        "pending": pending,
        "conflicts": [sentence for draft in pending if (sentence := conflict(draft, wiki, accepted))],
        "rejected": [(draft, rejected[draft.id]) for draft in own if draft.state == "rejected"],
        "settled": [reason for reason in facts.settled if reason.name not in taken],
        "not_drafted": [mined for mined in facts.ranking if mined.name not in taken | skipped],
        "named": _NAMED,
    }


def same_but_date(one: str, other: str) -> bool:
    """Whether two reports say the same, whenever they were written."""
    return _DATE.sub("", one) == _DATE.sub("", other)


@cache
def template(name: str) -> Template:
    """A report's template."""
    loader = PackageLoader("wikiagent.phases", "templates")
    templates = Templates(  # noqa: S701 - it writes Markdown
        loader=loader, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True
    )
    templates.filters["inert"] = _inert
    return templates.get_template(name)


def _inert(text: str) -> str:
    """Text that a model may have written, on one line and without links or tags."""
    return folded(text).replace("<", "&lt;").replace("[", "&#91;").replace("://", ":&#47;/")


def _made(run: Run, wiki: Wiki, accepted: set[PageId]) -> list[Environment | Heuristic]:
    """The pages of this phase as they read now: those that name the run's source, and those that were accepted."""
    found = []
    for id_, entry in wiki.pages.items():
        page = entry.page if id_[0] in LEAVES else None
        if isinstance(page, Environment | Heuristic) and (page.metadata.revision == run.source or id_ in accepted):
            found.append(page)
    return sorted(found, key=lambda page: page.name)


def _short(name: str, wiki: Wiki) -> str:
    return name.removeprefix(f"{wiki.repo}_")


def _row(page: Environment | Heuristic, wiki: Wiki) -> _Row:
    """The pages that it applies to as the seed writes them: `merge_and_unload, Adapter_Merging principle`."""
    return _Row(page.name, ", ".join(_link(link, wiki) for link in page.related) or "—", _cell(page.overview))


def _link(link: Link, wiki: Wiki) -> str:
    kind = "" if link.kind is PageKind.IMPLEMENTATION else f" {link.kind.lower()}"
    mark = "" if (link.kind, link.name) in wiki.pages else "⬜ "
    return f"{mark}{_short(link.name, wiki)}{kind}"


def _cell(prose: Prose) -> str:
    return " ".join(statement.text for statement in prose).replace("|", "\\|")


def _dependencies(environments: Iterable[Environment]) -> dict[str, list[str]]:
    """What the environments ask for, by the source file that says so: `setup.py` to its packages with versions."""
    found: dict[str, dict[str, None]] = {}
    for page in environments:
        paths = {exhibit.id: exhibit.path for exhibit in page.evidence}
        python = [row.requirement for row in page.requirements if row.category == "Python"]
        for prose, prefix in [*((p, "Python ") for p in python), *((p, "") for p in page.python_packages)]:
            for statement in prose:
                for path in (paths[ref] for ref in statement.refs if ref in paths):
                    found.setdefault(path, {}).setdefault(f"{prefix}{statement.text}")
    return {path: list(items) for path, items in sorted(found.items())}


def _led(kind: str, facts: Facts, made: Iterable[Environment | Heuristic]) -> str:
    """The first pages that this kind of signal leads."""
    led = {mined.name for mined in facts.ranking if mined.kind == kind}
    names = [page.name.removeprefix(f"{facts.repo}_") for page in made if page.name in led]
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "") if names else "—"


def _environment_links(wiki: Wiki, made: set[PageId]) -> Counter[str]:
    """How many pages that exist require each environment of this phase."""
    return Counter(
        edge.target[1]
        for edge in wiki.edges
        if edge.edge == "requires_env" and edge.target in made and edge.source in wiki.pages
    )


def _heuristic_links(wiki: Wiki, made: set[PageId]) -> dict[str, list[str]]:
    """The heuristics of this phase by the full name of each page that they apply to."""
    found: dict[str, list[str]] = {}
    for edge in wiki.edges:
        if edge.edge == "uses_heuristic" and edge.target in made and edge.source in wiki.pages:
            found.setdefault(edge.source[1], []).append(_short(edge.target[1], wiki))
    return dict(sorted(found.items()))


def _indexes(wiki: Wiki, environments: Sequence[Environment], heuristics: Sequence[Heuristic]) -> list[tuple[str, str]]:
    """Each index with what this phase changed in it."""
    added = {PageKind.ENVIRONMENT: len(environments), PageKind.HEURISTIC: len(heuristics)}
    leaves = {(page.kind, page.name) for page in (*environments, *heuristics)}
    linked = Counter(
        kind for kind, _ in {e.source for e in wiki.edges if e.target in leaves and e.source in wiki.pages}
    )
    rows = []
    for kind in (*added, PageKind.IMPLEMENTATION, PageKind.PRINCIPLE, PageKind.WORKFLOW):
        number = added[kind] if kind in LEAVES else linked[kind]
        what = "Added {} {} entr{}" if kind in LEAVES else "Added connections to {} {} page{}"
        ending = (("y", "ies") if kind in LEAVES else ("", "s"))[number != 1]
        rows.append((INDEX_FILES[kind], what.format(number, kind.lower(), ending) if number else ""))
    return rows


def _names_without_page(wiki: Wiki) -> list[tuple[str, int]]:
    """Environments and Heuristics that other pages name and that do not exist, with the number of those pages."""
    found: dict[str, set[PageId]] = {}
    for page, link in wiki.missing:
        if page.kind not in LEAVES and link.kind in (kind.value for kind in LEAVES):
            found.setdefault(f"{link.kind}:{link.name}", set()).add(page.id)
    return sorted((name, len(pages)) for name, pages in found.items())


def _wanted(wiki: Wiki, ids: Collection[PageId]) -> list[tuple[str, list[str]]]:
    """Pages that these pages link to and that nobody has written, with the names of these pages."""
    found: dict[str, set[str]] = {}
    for page, link in wiki.wanted:
        if page.id in ids:
            found.setdefault(link.name, set()).add(page.name)
    return sorted((name, sorted(pages)) for name, pages in found.items())


def _of_other_sources(run: Run, wiki: Wiki) -> list[tuple[str, str]]:
    """Environments and Heuristics that name another source or version, with that."""
    pages = [entry.page for (kind, _), entry in wiki.pages.items() if kind in LEAVES]
    return sorted((p.name, p.metadata.revision) for p in pages if p.metadata.revision not in (None, run.source))


def _quality(made: Sequence[Environment | Heuristic], same: set[PageId], wiki: Wiki) -> list[str]:
    """What can be counted about the pages of this phase; `same` are those that their accepted drafts still say."""
    environments = [page for page in made if isinstance(page, Environment)]
    links = [(page, link) for page in made for link in page.related if (link.kind, link.name) in wiki.pages]
    both = sum((page.kind.value, page.name) in wiki.pages[link.kind, link.name].linked for page, link in links)
    quotes = sum(len(page.evidence) for page in made)
    checked = sum(len(page.evidence) for page in made if (page.kind, page.name) in same)
    install = sum(bool(page.quick_install) for page in environments)
    return [
        f"{install} of {len(environments)} environments include a Quick Install command",
        f"{sum(bool(page.evidence) for page in made)} of {len(made)} pages include Code Evidence with file:line "
        "references",
        f"{checked} of {quotes} quotes were compared with the cited lines of the pinned source and are those lines"
        + ("" if checked == quotes else "; the others stand on pages that no draft of this ledger gives so"),
        f"{sum(page.category is not None for page in made)} of {len(made)} pages have the category of their type",
        f"{both} of {len(links)} links to existing pages are on both pages",
        f"{sum(not page.related for page in made)} of {len(made)} pages apply to no page of the wiki",
    ]
