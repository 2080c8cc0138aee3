"""Characters of a source that change how the text around them is shown, or what a terminal does."""

from __future__ import annotations

import re

#: Control characters but tabs and line ends, line ends that only some programs know, marks that turn text around.
UNSEEN = re.compile("[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f-\\x9f\\u2028-\\u202e\\u2066-\\u2069]|\\r(?!\\n)")


def quotable(line: str) -> bool:
    """Whether a line can stand on a page as it is; blanks and form feeds at its end do not stand there."""
    return not UNSEEN.search(line.rstrip())
