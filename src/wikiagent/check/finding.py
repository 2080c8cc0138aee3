"""A finding: one rule violation."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple


class Severity(StrEnum):
    """An error keeps a draft from being accepted; a warning is for the reviewer."""

    ERROR = "error"
    WARNING = "warning"


class Edit(NamedTuple):
    """A change of a page's text: the characters from `start` up to `end` become `text`."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, order=True)
class Finding:
    """One rule violation.

    Attributes:
        code: stable code of the rule, as `CIT003`.
        path: the page's file, relative to the wiki.
        line: line of the page, 1-based; 0 where the finding is about the page as a whole.
        message: what is wrong and what was expected.
        severity: how bad it is.
        cited: the cited place, empty where the finding is not about a citation.
        fix: what would put it right, where that is certain.
        column: column of the page's line, 1-based; 0 where it is about the whole line or page.
        edits: the fix as changes of the page's text; empty where it changes other files too.
    """

    code: str
    path: str
    line: int
    message: str
    severity: Severity = Severity.ERROR
    cited: str = ""
    fix: str | None = None
    column: int = 0
    edits: tuple[Edit, ...] = ()

    def __str__(self) -> str:
        where = f"{self.path}:{self.line}" if self.line else self.path
        return f"{where}: {self.code} {self.message}"
