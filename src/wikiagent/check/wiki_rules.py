"""LNK, IDX, GRF and NAM over a whole wiki: what its files say about each other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator

from wikiagent.check.finding import Finding, Severity
from wikiagent.check.links import check_links
from wikiagent.check.schema import check_name
from wikiagent.wiki.graph import INDEX_FILES, Wiki, WikiPage
from wikiagent.wiki.indexes import Index, by_category, read_index, resolve
from wikiagent.wiki.page import PageKind


def check_wiki(
    wiki: Wiki, is_public: Callable[[str], bool] | None = None, pages: Iterable[WikiPage] | None = None
) -> list[Finding]:
    """All LNK, IDX and NAM findings of a wiki: whether its files agree with each other.

    Args:
        wiki: the wiki.
        is_public: whether an Environment or Heuristic may want an Implementation page of a name; any, where it is None.
        pages: the pages whose links are looked at; all, where it is None.
    """
    wanted = is_public or (lambda name: True)
    looked_at = wiki.pages.values() if pages is None else pages
    findings = [f for page in looked_at for f in check_links(page, wiki, wanted)]
    if wiki.repo:
        findings += [f for p in wiki.pages.values() for f in check_name(p.kind, p.name, p.file, wiki.repo)]
    for kind, file in INDEX_FILES.items():
        if file in wiki.files:
            listed = {name: page for (of, name), page in wiki.pages.items() if of is kind}
            findings += _index(wiki, kind, file, listed)
        elif any(of is kind for of, _ in wiki.pages):
            findings.append(Finding("IDX001", file, 0, f"the wiki has {kind} pages and no {file}.", fix=file))
    return findings


def check_graph(wiki: Wiki) -> Iterator[Finding]:
    """GRF: Principles without implementation or workflow, and Workflows of fewer than two steps."""
    implemented = {edge.source for edge in wiki.edges if edge.edge == "implemented_by"}
    steps = Counter(edge.source for edge in wiki.edges if edge.edge == "step")
    used = {edge.target for edge in wiki.edges if edge.edge == "step"}
    for page in wiki.pages.values():
        if page.kind is PageKind.PRINCIPLE:
            if page.id not in implemented:
                yield _warning("GRF001", page, f"{page.name} is implemented by no page.")
            if page.id not in used:
                yield _warning("GRF002", page, f"{page.name} is a step of no Workflow.")
        elif page.kind is PageKind.WORKFLOW and steps[page.id] < 2:
            count = "one step" if steps[page.id] else "no steps"
            yield _warning("GRF003", page, f"{page.name} has {count}.")


def _warning(code: str, page: WikiPage, message: str) -> Finding:
    return Finding(code, page.file, 0, message, Severity.WARNING)


def _index(wiki: Wiki, kind: PageKind, file: str, pages: dict[str, WikiPage]) -> Iterator[Finding]:
    index = read_index(wiki.files[file])
    listed = set()
    for row in index.rows:
        name = row.name if row.name in pages else f"{wiki.repo}_{row.name}"
        if name not in pages and not row.awaits:
            yield Finding("IDX002", file, row.line, f"{row.page} has a row and no page.", fix="no row")
            continue
        listed.add(name)
        for connection in row.connections:
            target = resolve(wiki, connection)
            if target is not None and (target in wiki.pages) != connection.exists:
                right = connection._replace(exists=not connection.exists)
                message = f"{connection} is marked wrongly: it {'exists' if right.exists else 'does not exist'}."
                yield Finding("IDX003", file, row.line, message, fix=str(right))
    rows = {row.line for row in index.rows}
    for linked, line in index.links.items():
        if line not in rows and linked.startswith(f"{kind.folder}/") and linked not in wiki.files:
            yield Finding("IDX002", file, line, f"{linked} is linked to and does not exist.")
    for name in sorted(set(pages) - listed):
        if pages[name].file not in index.links:
            yield Finding("IDX001", file, 0, f"{name} has no row in {file}.", fix="a row")
    yield from _counts(kind, file, pages, index)


def _counts(kind: PageKind, file: str, pages: dict[str, WikiPage], index: Index) -> Iterator[Finding]:
    """IDX004: totals, and the categories where pages have any of their type."""
    for label in (f"Total {kind} Pages", f"Total {kind}s"):
        total = index.counts.get(label)
        if total is not None and total != len(pages):
            yield Finding(
                "IDX004", file, 0, f"{file} counts {total} pages; there are {len(pages)}.", fix=str(len(pages))
            )
    if index.counts.get("Total", len(pages)) != len(pages):
        message = f"the table of {file} has a total of {index.counts['Total']}; there are {len(pages)} pages."
        yield Finding("IDX004", file, 0, message, Severity.WARNING)
    actual = {category: len(of) for category, of in by_category(kind, pages.values()).items()}
    for category, count in actual.items() if any(actual.values()) else ():
        label = f"{category} {kind}s"
        if index.counts.get(label, count) != count:
            message = f"{file} counts {index.counts[label]} {label}; there are {count}."
            yield Finding("IDX004", file, 0, message, fix=str(count))
