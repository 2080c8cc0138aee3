"""Code as HTML: classes of Pygments, a line that can be linked to for each line, and numbers where they are known."""

from __future__ import annotations

from collections.abc import Collection

from markupsafe import Markup, escape
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name

from wikiagent.export.names import inert

LANGUAGES = frozenset(
    """bash batch c c++ cfg console cpp css cuda diff docker dockerfile go html http ini java javascript js json julia
    kotlin lua make makefile markdown md numpy objective-c perl php powershell properties pycon pytb python python3 py r
    rb rst ruby rust scala sh shell sql swift toml ts typescript xml yaml yml zsh""".split()
)
"""Languages that are coloured; a page may name any other, whose code stays plain."""

LONGEST = 200_000
"""Characters of a block that is coloured, at most."""

_FORMATTER = HtmlFormatter(nowrap=True)


def code_lines(
    code: str, language: str = "text", *, start: int | None = None, name: str = "code", marked: Collection[int] = ()
) -> Markup:
    r"""The lines of code, to stand in `<pre><code class="highlight">`; each is a `<span class="line">` with an id.

    The number of a line is in its attribute `data-line`, for the style sheet to show: it is not part of what is copied.

    Args:
        code: text with `\n` line ends.
        language: as Pygments calls it.
        start: number of the first line; None for lines without numbers, whose ids count from 1.
        name: the ids are `NAME-L7`; `L7` where it is empty.
        marked: numbers of the lines that get the class `marked`.
    """
    out = []
    before = f"{escape(name)}-" if name else ""
    for number, line in enumerate(_coloured(inert(code), language), 1 if start is None else start):
        shown = f' data-line="{number}"' if start is not None else ""
        mark = " marked" if number in marked else ""
        out.append(f'<span class="line{mark}" id="{before}L{number}"{shown}>{line}\n</span>')
    return Markup("".join(out))  # noqa: S704  (each part is escaped)


def _coloured(code: str, language: str) -> list[str]:
    """The lines as HTML without line ends, as many as the code has."""
    lines = code.split("\n")
    if language.lower() not in LANGUAGES or len(code) > LONGEST:
        return [str(escape(line)) for line in lines]
    lexer = get_lexer_by_name(language.lower(), stripnl=False, ensurenl=True)
    coloured = highlight(code, lexer, _FORMATTER).split("\n")
    return coloured[: len(lines)] if len(coloured) >= len(lines) else [str(escape(line)) for line in lines]
