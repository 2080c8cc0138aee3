"""What is wrong with a draft beyond the rules for all pages, and how a model is told to mend it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from langchain_core.messages import HumanMessage

from wikiagent.check.finding import Finding, Severity
from wikiagent.draft.fence import shown
from wikiagent.draft.prompts import prompt
from wikiagent.errors import AnswerError
from wikiagent.mine.candidates import Candidate
from wikiagent.wiki.page import Environment, Heuristic
from wikiagent.wiki.statements import statements

#: Findings that one repair names.
_MOST_FINDINGS = 8
#: Words that hardly an English paragraph does without, and the fewest of them among its words.
_ENGLISH = frozenset("the a an of to is are be in it and or that this with for on by from as when if not which".split())
_ENGLISH_SHARE = 0.08
_FEW_WORDS = 25
_ADDRESS = re.compile(r"\w+://|(?<![\w/])//\w|\b(?:file|data|javascript):(?=\S)|\bwww\.", re.I)


def is_clean(findings: Sequence[Finding]) -> bool:
    """Whether none of the findings is an error."""
    return not any(finding.severity is Severity.ERROR for finding in findings)


def unusable(page: Environment | Heuristic, error: AnswerError) -> Finding:
    """DRF001 for an answer from which no page can be made."""
    return Finding("DRF001", page.file, 0, f"{str(error)[:1].upper()}{str(error)[1:]}.")


def about_its_candidate(page: Environment | Heuristic, candidate: Candidate) -> Iterator[Finding]:
    """CIT007 for a page that cites nothing of what its candidate is."""
    own = [signal.place for signal in candidate.signals]
    if not any(exhibit.place.overlaps(place) for exhibit in page.evidence for place in own):
        named = ", ".join(f"e{number}" for number in range(1, len(own) + 1))
        yield Finding("CIT007", page.file, 0, f"no statement names {named}, which the page is about.")


def plain_text(page: Environment | Heuristic) -> Iterator[Finding]:
    """DRF002 for statements that are no plain text, and for a page that is not English."""
    told = [(section, statement.text) for section, prose in statements(page) for statement in prose]
    for section, text in told:
        if _ADDRESS.search(text):
            yield Finding("DRF002", page.file, 0, f"{section}: a statement may hold no address: “{text[:80]}”.")
    words = re.findall(r"[^\W\d_]+", re.sub(r"`[^`]*`", " ", " ".join(text for _, text in told)).lower())
    strange = sum(not word.isascii() for word in words)
    lacks_english = sum(word in _ENGLISH for word in words) < _ENGLISH_SHARE * len(words)
    if 2 * strange > len(words) or (len(words) >= _FEW_WORDS and lacks_english):
        yield Finding("DRF002", page.file, 0, "the page is not written in English.")


def repair(findings: Sequence[Finding], attempt: int) -> HumanMessage:
    """The errors, as a model is told to mend them; `attempt` counts from 1."""
    errors = [finding for finding in findings if finding.severity is Severity.ERROR]
    said = [f"{finding.code}: {shown(finding.message)}" for finding in errors]
    more = [f"and {len(said) - _MOST_FINDINGS} more of this kind"] if len(said) > _MOST_FINDINGS else []
    return HumanMessage(prompt("repair", attempt=attempt, findings=said[:_MOST_FINDINGS] + more))
