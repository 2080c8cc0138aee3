"""Text of a source or a model, made harmless for a terminal."""

from __future__ import annotations

import re

#: Control characters but line ends and tabs; signs that turn the direction of text or end a line; half characters.
_OBEYED = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def inert(text: str) -> str:
    """Text without what a terminal would obey: control characters but line ends and tabs.

    Bytes that were no UTF-8, which cannot be printed, become the same sign.
    """
    return _OBEYED.sub("�", text)
