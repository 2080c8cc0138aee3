"""Lexical tests: whether a page says what a golden says, by words. They need no model, and know nothing of meaning."""

from __future__ import annotations

import re
from collections.abc import Iterable

from wikiagent.check.numbers import numbers_beyond
from wikiagent.check.prose import Statement
from wikiagent.check.source import Source, stems

#: Words of a page's prose that are read for what it is about, and the part of what a golden tells among them.
FIRST_WORDS, ABOUT = 200, 0.25
#: The part of a fact's telling words that a page states, at least. docs/evals.md has the rate of chance hits.
STATED = 0.6
_CODE = re.compile(r"[A-Za-z]\w*_\w+|[A-Za-z]+[a-z][A-Z]\w*|[A-Za-z_]\w*(?=\()", re.A)
_TITLE = re.compile(r"[_.-]+")


def prose(statements: Iterable[Statement]) -> str:
    """What the statements of a page say, without quotes, links and metadata."""
    return " ".join(statement.text for statement in statements)


def tells(source: Source, name: str, text: str, title: str, insight: str) -> bool:
    """Whether a page says what a golden is about: a quarter of what its title and insight tell, by rare words.

    Args:
        source: knows how common a word is in the snapshot.
        name: the page's name.
        text: its prose, of which the first 200 words are read.
        title: the golden's.
        insight: the golden's.
    """
    said = stems(f"{_TITLE.sub(' ', name)} {' '.join(text.split()[:FIRST_WORDS])}")
    return source.shared(f"{_TITLE.sub(' ', title)} {insight}", said) >= ABOUT


def states(name: str, text: str, fact: str) -> bool:
    """Whether a page states a fact, by words.

    It has 60 % of the fact's telling words, all of its numbers, and half of its names of code at least.
    """
    said = f"{_TITLE.sub(' ', name)} {name} {text}"
    wanted, names = stems(fact), set(_CODE.findall(fact))
    there = stems(said)
    return (
        len(wanted & there) >= STATED * len(wanted)
        and not numbers_beyond(fact, said)
        and 2 * sum(part in said for part in names) >= len(names)
    )
