"""Characters of a source or a model that change how the text around them is shown, or what a terminal does."""

from __future__ import annotations

import re

#: What no page holds: control characters but tabs and line ends, line ends that only some programs know, marks that
#: turn text around.
UNSEEN = re.compile("[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f-\\x9f\\u2028-\\u202e\\u2066-\\u2069]|\\r(?!\\n)")
#: What is not shown: besides those, any carriage return, marks of direction, half characters, and what is none.
_OBEYED = re.compile(r"[\r\u061c\u200e\u200f\ud800-\udfff\ufffe\uffff]|" + UNSEEN.pattern)


def quotable(line: str) -> bool:
    """Whether a line can stand on a page as it is; blanks and form feeds at its end do not stand there."""
    return not UNSEEN.search(line.rstrip())


def inert(text: str) -> str:
    """Text without what a terminal or a browser would obey: a sign stands for each character that is left out.

    Bytes that were no UTF-8, which cannot be printed, become the same sign.
    """
    return _OBEYED.sub("\ufffd", text)
