"""What a signal is, and what its readers know about the file that they read."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from wikiagent.code.symbols import Symbol, Symbols
from wikiagent.source.evidence import Place
from wikiagent.source.home import MAX_LINE
from wikiagent.source.inert import quotable

#: Most lines that one signal quotes; more is no longer read by a person.
MAX_LINES = 30


def is_readable(line: str) -> bool:
    """Whether a person could read a line, and a page hold it as it is."""
    return len(line) <= MAX_LINE and quotable(line)


@dataclass(frozen=True)
class Condition:
    """The source text of a condition on one line, and whether it has to hold."""

    text: str
    holds: bool = True


@dataclass(frozen=True)
class Signal:
    """One place that hints at an insight.

    Attributes:
        kind: `warning`, `error`, `comment`, `help`, `docstring`, `deprecation`, `availability`, `version`, `env_var`,
            `device`, `platform`, `requirement`, `extra`, one of `silent.KINDS`, or `summary`, with which documentation
            begins, where a draft needs it.
        place: the lines that show it, at most MAX_LINES.
        symbol: qualified name of the definition that it stands in, empty at module level.
        text: its own words, on one line, code between backticks.
        subject: what it is about where the syntax says so: a parameter, a field, a package, a variable.
        conditions: what decides whether it is reached, outermost first; empty where nothing does, or not these alone.
        raises: name of the exception or warning class, empty where there is none.
    """

    kind: str
    place: Place
    symbol: str
    text: str
    subject: str = ""
    conditions: tuple[Condition, ...] = ()
    raises: str = ""

    @property
    def condition(self) -> str:
        """The source text of its innermost condition, empty where there is none."""
        return self.conditions[-1].text if self.conditions else ""


@dataclass(frozen=True)
class SourceFile:
    """What a reader needs to know about the file that it reads."""

    path: str
    lines: tuple[str, ...]
    symbols: Symbols

    def symbol(self, line: int) -> Symbol | None:
        """The innermost definition around a line."""
        return self.symbols.at(self.path, line)

    def name(self, line: int) -> str:
        """The qualified name of that definition, empty at module level."""
        symbol = self.symbol(line)
        return symbol.name if symbol else ""

    def package(self, name: str) -> str:
        """The module that a name stands for in this file: `np` for `numpy`."""
        return self._aliases.get(name, name)

    @cached_property
    def _aliases(self) -> dict[str, str]:
        found = (re.match(r"\s*import\s+(\w+)\s+as\s+(\w+)", line) for line in self.lines)
        return {match[2]: match[1] for match in found if match}

    def place(self, first: int, last: int) -> Place:
        """The lines from `first` on that a signal may quote, at most MAX_LINES."""
        first = min(first, len(self.lines))  # broken code may end in a node after the last line
        return Place(self.path, first, max(first, min(last, first + MAX_LINES - 1, len(self.lines))))
