"""Code as HTML: classes of Pygments, a line that can be linked to for each line, and numbers where they are known."""

from __future__ import annotations

import re
from collections.abc import Collection

from markupsafe import Markup, escape
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexer import Lexer
from pygments.lexers import get_lexer_by_name
from pygments.token import Token, _TokenType, is_token_subtype

from wikiagent.source.inert import inert

LANGUAGES = frozenset(
    """bash batch c c++ cfg console cpp css cuda diff docker dockerfile go html http ini java javascript js json julia
    kotlin lua make makefile markdown md numpy objective-c perl php powershell properties pycon pytb python python3 py r
    rb rst ruby rust scala sh shell sql swift toml ts typescript xml yaml yml zsh""".split()
)
"""Languages that are coloured; a page may name any other, whose code stays plain."""

LONGEST = 200_000
"""Characters of a block that is coloured, at most."""

MOST_INDENT = 24
"""Blanks at the start of a line that its continuation keeps, at most: `style.css` knows so many."""

_PYTHON = frozenset({"python", "python3", "py"})
_TRIPLE = re.compile(r'"""|\'\'\'')
_FORMATTER = HtmlFormatter(nowrap=True)


def code_lines(
    code: str,
    language: str = "text",
    *,
    start: int | None = None,
    name: str = "code",
    marked: Collection[int] = (),
    within: str | None = None,
) -> Markup:
    r"""The lines of code, to stand in `<pre><code class="highlight">`; each is a `<span class="line">` with an id.

    The number of a line is in its attribute `data-line`, for the style sheet to show: it is not part of what is copied.
    `data-in` says by how many steps of four blanks it is indented, so that what is wrapped goes on below its own words.

    Args:
        code: text with `\n` line ends.
        language: as Pygments calls it.
        start: number of the first line; None for lines without numbers, whose ids count from 1.
        name: the ids are `NAME-L7`; `L7` where it is empty.
        marked: numbers of the lines that get the class `marked`.
        within: the quotes of the string that the code begins within, empty for none; None where only the code can tell.
    """
    out = []
    before = f"{escape(name)}-" if name else ""
    code = inert(code)
    if within is None:
        within = quotes_before(code) if language.lower() in _PYTHON else ""
    lines = zip(code.split("\n"), _coloured(code, language, within), strict=True)
    for number, (plain, line) in enumerate(lines, 1 if start is None else start):
        shown = f' data-line="{number}"' if start is not None else ""
        deep = min(len(plain) - len(plain.lstrip(" ")), MOST_INDENT) // 4
        shown += f' data-in="{deep}"' if deep else ""
        mark = " marked" if number in marked else ""
        out.append(f'<span class="line{mark}" id="{before}L{number}"{shown}>{line}\n</span>')
    return Markup("".join(out))  # noqa: S704  (each part is escaped)


def quotes_before(code: str) -> str:
    """The quotes of the string that some Python begins within, as a part of a docstring does; empty where in none.

    What stands before the first triple quotes tells it: nowhere in Python does a name follow a name.
    """
    closing = _TRIPLE.search(code)
    head = code[: closing.start()] if closing else code
    tokens = [(_is_name(kind), text) for kind, text in _lexer("python").get_tokens(head)]
    runs = zip(tokens, tokens[1:], tokens[2:], strict=False)
    prose = any(one and other and gap and not gap.strip(" ") for (one, _), (_, gap), (other, _) in runs)
    return (closing[0] if closing else '"""') if prose else ""


def _coloured(code: str, language: str, within: str) -> list[str]:
    """The lines as HTML without line ends, as many as the code has."""
    lines = code.split("\n")
    if language.lower() not in LANGUAGES or len(code) > LONGEST:
        return [str(escape(line)) for line in lines]
    whole = f"{within}\n{code}" if within else code
    coloured = highlight(whole, _lexer(language), _FORMATTER).split("\n")[1 if within else 0 :]
    return coloured[: len(lines)] if len(coloured) >= len(lines) else [str(escape(line)) for line in lines]


def _is_name(kind: _TokenType) -> bool:
    return is_token_subtype(kind, Token.Name)


def _lexer(language: str) -> Lexer:
    return get_lexer_by_name(language.lower(), stripnl=False, ensurenl=True)
