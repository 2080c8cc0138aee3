"""The gate: all rules that a draft has to pass before a person, or a policy, may accept it."""

from __future__ import annotations

from collections.abc import Callable

from wikiagent.check.finding import Finding
from wikiagent.check.links import check_links
from wikiagent.check.page_rules import check_page
from wikiagent.check.reading import Reading
from wikiagent.check.schema import check_name
from wikiagent.check.source import Source
from wikiagent.wiki.graph import Wiki, WikiPage
from wikiagent.wiki.mediawiki import parse, render
from wikiagent.wiki.page import Environment, Heuristic


def check_draft(
    page: Environment | Heuristic,
    source: Source,
    wiki: Wiki,
    is_public: Callable[[str], bool],
) -> list[Finding]:
    """All findings about a draft, in the order of their codes; none means that it may be accepted.

    Backlinks (LNK002) and indexes are not judged here: the edit that accepts the page adds them.

    Args:
        page: the draft.
        source: the source that it cites.
        wiki: the wiki that it is for.
        is_public: whether a name is a public symbol of the source.
    """
    text = render(page)
    file = WikiPage(page.kind, page.name, page.file, text)
    findings = [
        *check_page(Reading(page.file, page.kind, page.name, text), source, wiki.names).findings,
        *(finding for finding in check_links(file, wiki, is_public) if finding.code != "LNK002"),
        *check_name(page.kind, page.name, page.file, wiki.repo or ""),
    ]
    if parse(text, page.kind, page.name) != page:
        findings.append(Finding("SCH006", page.file, 0, "the page does not read back as it was written."))
    return sorted(findings)
