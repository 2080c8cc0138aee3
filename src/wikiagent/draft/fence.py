"""Source text as a model is shown it: data between marks that it cannot forge, without secrets and without orders."""

from __future__ import annotations

import hashlib

from wikiagent.source.orders import addresses_a_model
from wikiagent.source.secret import masked

WITHHELD = "[a line that addresses a language model is withheld]"


def shown(text: str) -> str:
    """Text of the source as a model may see it: secrets masked, orders withheld; lines stay lines."""
    return "\n".join(WITHHELD if addresses_a_model(line) else line for line in masked(text).split("\n"))


def fenced(kind: str, label: str, text: str) -> str:
    """A text between marks; the marks hold a digest of it, so that no text can hold its own closing mark.

    Args:
        kind: what it is, one word: `e3`.
        label: where it is from, one line; a file's name can give orders too.
        text: the text, which need not be clean.
    """
    clean = shown(text)
    mark = hashlib.sha256(clean.encode()).hexdigest()[:8]
    named = WITHHELD if addresses_a_model(label.replace("_", " ")) else shown(" ".join(label.split()))
    return f"<<{kind} {mark} | {named}>>\n{clean}\n<<end {kind} {mark}>>"
