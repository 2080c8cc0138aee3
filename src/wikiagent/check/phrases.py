"""Sentences that the program itself writes and that tell nothing of the source.

The extractive drafter fills the braces in; the rules know the sentences by the same table.
"""

from __future__ import annotations

import re

#: What stands where the source is silent.
FIXED = re.compile(r"^(none stated in the source|not stated in the source|the source states no reason)\.?$", re.I)

#: How a finding begins that says that nobody has judged a page.
UNJUDGED = "The support was not judged"

#: What to do about what code does without a word, by kind of signal.
SILENT = {
    "default": "Give `{subject}` a value yourself where this is not what you want.",
    "override": "Do not count on the `{subject}` that you gave: look at what it becomes.",
    "fallback": "Check the result of `{symbol}` yourself: no error tells of this.",
    "numeric": "Keep this in any code that replaces `{symbol}`.",
    "unused": "Do not expect `{subject}` to change anything.",
    "unsaved": "Restore `{subject}` yourself after loading.",
}
TAKE_INTO_ACCOUNT = "Take this into account when {using}."
FURTHER_EVIDENCE = "Further evidence is quoted below."
SET_UP_FILES = "The set-up files of `{name}` name what has to be installed with it."
PLATFORMS = "Parts of `{name}` behave differently by operating system or version of Python."

_SENTENCES = (*SILENT.values(), TAKE_INTO_ACCOUNT, FURTHER_EVIDENCE, SET_UP_FILES, PLATFORMS)
_FILLED = re.compile("|".join(re.sub(r"\\\{\w+\\\}", ".{1,200}?", re.escape(s)) for s in _SENTENCES))


def tells_nothing(text: str) -> bool:
    """Whether a sentence is one of these."""
    return bool(FIXED.match(text) or _FILLED.fullmatch(text))
