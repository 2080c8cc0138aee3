"""Statements of a draft as HTML."""

from __future__ import annotations

from markupsafe import Markup, escape

from wikiagent.source.inert import inert


def with_code(text: str) -> Markup:
    """A statement, in which code stands between backticks; everything else is text, whatever it looks like."""
    parts = inert(text).split("`")
    if len(parts) % 2 == 0:  # a backtick without its other half is a backtick
        parts[-2:] = [f"{parts[-2]}`{parts[-1]}"]
    shown = [Markup("<code>{}</code>").format(part) if at % 2 else escape(part) for at, part in enumerate(parts)]
    return Markup().join(shown)
