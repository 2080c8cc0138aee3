"""Source text as a model is shown it: data between marks that it cannot forge, without secrets and without orders."""

from __future__ import annotations

import hashlib

from wikiagent.source.orders import addresses_a_model, order_lines, visible
from wikiagent.source.secret import masked

WITHHELD = "[a line that addresses a language model is withheld]"


def shown(text: str) -> str:
    """Text of the source as a model may see it; lines stay lines.

    Secrets are masked, orders withheld, invisible characters left out, and the marks by which models tell the turns of
    a conversation (`<|im_end|>`) broken, which some servers would take for the real ones.
    """
    orders = order_lines(text)
    lines = (WITHHELD if n in orders else line for n, line in enumerate(masked(text).split("\n")))
    return _plain("\n".join(lines))


def harmless(text: str) -> str:
    """What a person who may give orders wrote, as a model may see it: like `shown`, and nothing is withheld."""
    return _plain(masked(text))


def _plain(text: str) -> str:
    return visible(text).replace("<|", "< |").replace("|>", "| >")


def shown_name(name: str) -> str:
    """A path or a name of a page as a model may see it, on one line: names can give orders too."""
    return WITHHELD if addresses_a_model(name.replace("_", " ")) else shown(" ".join(name.split()))


def fenced(kind: str, label: str, text: str, numbered_from: int | None = None, before: str = "") -> str:
    """A text between marks; the marks hold a digest of it, so that no text can hold its own closing mark.

    Args:
        kind: what it is, one word: `e3`.
        label: where it is from, one line.
        text: the text, which need not be clean.
        numbered_from: the number of the first line where lines are to be numbered.
        before: what stands before each number.
    """
    clean = shown(text)
    if numbered_from is not None:
        clean = "\n".join(f"{before}{n}| {line}" for n, line in enumerate(clean.split("\n"), numbered_from))
    mark = hashlib.sha256(clean.encode()).hexdigest()[:8]
    return f"<<{kind} {mark} | {shown_name(label)}>>\n{clean}\n<<end {kind} {mark}>>"
