"""CIT, CLM, SCH and SEC over one page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container
from dataclasses import dataclass, field

from wikiagent.check.api import check_api
from wikiagent.check.citations import Standing, check_citations, check_references
from wikiagent.check.claims import check_claims
from wikiagent.check.finding import Finding
from wikiagent.check.reading import Reading
from wikiagent.check.safety import check_safety
from wikiagent.check.schema import check_schema
from wikiagent.check.source import Source


@dataclass
class Checked:
    """What was found out about one page: its findings, and how many of its citations stand."""

    findings: list[Finding] = field(default_factory=list)
    citations: Counter[Standing] = field(default_factory=Counter)


def check_page(reading: Reading, source: Source | None, pages: Container[str] = ()) -> Checked:
    """Check a page by itself.

    Args:
        reading: the page.
        source: the source that it is about; without one, citations and claims are not checked.
        pages: names of the pages of the wiki.
    """
    checked = Checked()
    if source is not None:
        for verdict in check_citations(reading, source):
            checked.findings += verdict.findings
            checked.citations[verdict.standing] += verdict.counts
        checked.findings += check_claims(reading, source, pages)
        checked.findings += check_api(reading, source)
    checked.findings += check_references(reading)
    checked.findings += check_schema(reading, source.snapshot.source if source else "")
    checked.findings += check_safety(reading)
    return checked
