"""What a user does not want to hear: rules that are selected, ignored by path, or ignored in a page by a comment.

    <!-- wikiagent: ignore CIT003 the quote leaves the licence header out -->

Such a comment holds for its own line and the line below it; above the first section it holds for the whole page. A
reason is required.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from pathspec import GitIgnoreSpec

from wikiagent.check.finding import Finding
from wikiagent.check.reading import Reading
from wikiagent.check.rules import RULES

_COMMENT = re.compile(r"<!--\s*wikiagent:\s*ignore\b(?P<what>.*?)-->", re.S)
_CODES = re.compile(r"\s*((?:[A-Z]{3}\d{0,3})(?:\s*,\s*[A-Z]{3}\d{0,3})*)\b[\s:,-]*(.*)", re.S)


@dataclass(frozen=True)
class Selection:
    """Which findings are wanted.

    Attributes:
        select: codes or their beginnings; none means all.
        ignore: codes or their beginnings, which win over `select`.
        by_path: codes or their beginnings to ignore, by gitignore pattern of the pages.
    """

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    by_path: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def wants(self, finding: Finding) -> bool:
        """Whether a finding is wanted."""
        selected = not self.select or finding.code.startswith(self.select)
        return selected and not finding.code.startswith(self.ignore) and not self._ignored_there(finding)

    def _ignored_there(self, finding: Finding) -> bool:
        return any(
            finding.code.startswith(tuple(codes)) and GitIgnoreSpec.from_lines([pattern]).match_file(finding.path)
            for pattern, codes in self.by_path.items()
        )


def unknown_codes(codes: Iterable[str]) -> list[str]:
    """Those of some codes, or beginnings of codes, that no rule has."""
    return [code for code in codes if not any(rule.startswith(code) for rule in RULES)]


def without_ignored(reading: Reading, findings: Iterable[Finding]) -> Iterator[Finding]:
    """The findings about a page that no comment in it ignores, and IGN001 for comments that ignore nothing."""
    lines: dict[int, tuple[str, ...]] = {}
    whole: tuple[str, ...] = ()
    for comment in _COMMENT.finditer(reading.visible_with_comments):
        line, column = reading.position(comment.start())
        told = _CODES.fullmatch(comment["what"].strip())
        codes = tuple(re.split(r"\s*,\s*", told[1])) if told else ()
        if not told or unknown_codes(codes) or not told[2].strip():
            why = "gives no reason" if told and not told[2].strip() else "names no rule that there is"
            message = f"this comment {why}; write <!-- wikiagent: ignore CODE the reason -->."
            yield Finding("IGN001", reading.file, line, message, column=column)
        elif not reading.headings or comment.start() < reading.headings[0].start:
            whole += codes
        else:
            below = reading.position(comment.end())[0] + 1
            for number in range(line, below + 1):
                lines[number] = lines.get(number, ()) + codes
    for finding in findings:
        if not finding.code.startswith(whole or ("-",)) and not finding.code.startswith(
            lines.get(finding.line) or ("-",)
        ):
            yield finding
