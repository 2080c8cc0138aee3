"""Signals: places in the code that hint at an insight.

A new kind is one pattern in `queries/python.scm` and one function here, listed in `_READERS`.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from tree_sitter import Node, Query

from wikiagent.code.symbols import Symbol, Symbols
from wikiagent.code.syntax import ancestors, first_line, last_line, matches, parse, query, text_of
from wikiagent.mine import docstrings, requirements, words
from wikiagent.source.evidence import Place
from wikiagent.source.snapshot import Snapshot

#: Most lines that one signal quotes; more is no longer read by a person.
MAX_LINES = 30


@dataclass(frozen=True)
class Signal:
    """One place that hints at an insight.

    Attributes:
        kind: `warning`, `error`, `comment`, `help`, `docstring`, `deprecation`, `availability`, `version`, `env_var`,
            `device` or `requirement`.
        place: the lines that show it, at most MAX_LINES.
        symbol: qualified name of the definition that it stands in, empty at module level.
        text: its own words, on one line, code between backticks.
        subject: what it is about where the syntax says so: a parameter, a field, a package, a variable.
        condition: source text of the condition under which it is reached, empty where there is none.
        raises: name of the exception or warning class, empty where there is none.
    """

    kind: str
    place: Place
    symbol: str
    text: str
    subject: str = ""
    condition: str = ""
    raises: str = ""


@dataclass(frozen=True)
class _File:
    """What a reader needs to know about the file that it reads."""

    path: str
    lines: tuple[str, ...]
    symbols: Symbols

    def symbol(self, line: int) -> Symbol | None:
        return self.symbols.at(self.path, line)

    def name(self, line: int) -> str:
        symbol = self.symbol(line)
        return symbol.name if symbol else ""

    def place(self, first: int, last: int) -> Place:
        return Place(self.path, first, min(last, first + MAX_LINES - 1, len(self.lines)))


def read_signals(snapshot: Snapshot, paths: Iterable[str], symbols: Symbols) -> list[Signal]:
    """All signals of the files `paths`, by path and line."""
    found: list[Signal] = []
    for path in paths:
        if path.endswith(".py") and not requirements.is_setup_file(path):
            file = _File(path, snapshot.lines(path), symbols)
            found += _code_signals(file, parse(snapshot.read(path)).root_node)
            found += _docstring_signals(file)
        found += (
            Signal("requirement", place, "", text, subject=package)
            for package, text, place in requirements.read(path, snapshot.lines(path))
        )
    return sorted(set(found), key=lambda s: (s.place, s.kind, s.text, s.subject))


@cache
def _patterns() -> Query:
    return query((files("wikiagent.mine") / "queries" / "python.scm").read_text("utf-8"))


def _code_signals(file: _File, root: Node) -> Iterator[Signal]:
    comments: list[Node] = []
    for captures in matches(_patterns(), root):
        for kind, nodes in captures.items():
            if kind == "comment":
                comments += nodes
            elif not kind.startswith("_"):
                for node in nodes:
                    yield from _READERS[kind](file, node)
    yield from _comment_signals(file, comments)


# --- text ------------------------------------------------------------------------------------------------------------


def message(node: Node) -> str:
    """The words of a string expression: joined parts, `{placeholders}` as code, white space folded."""
    out: list[str] = []

    def walk(part: Node) -> None:
        if part.type == "string_content":
            if part.child_count:  # escapes stand as children between the plain text
                raw = re.sub(r"\\[nrt]", " ", text_of(part))
                out.append(re.sub(r"\\(.)", r"\1", raw))
            else:
                if out and out[-1][-1:] in (".", "!", "?") and text_of(part)[:1].isupper():
                    out.append(" ")  # two literals that were joined without a blank
                out.append(text_of(part))
        elif part.type == "interpolation":
            expression = part.child_by_field_name("expression")
            out.append(
                f"`{{{text_of(expression)}}}`" if expression is not None and "`" not in text_of(expression) else "…"
            )
        elif part.type == "call":  # "…".format(…), textwrap.dedent("…")
            function = part.child_by_field_name("function")
            arguments = part.child_by_field_name("arguments")
            if function is not None and function.type == "attribute" and function.children[0].type in _STRINGS:
                walk(function.children[0])
            elif arguments is not None and arguments.named_children:
                walk(arguments.named_children[0])
        else:
            for child in part.children:
                walk(child)

    walk(node)
    return tidy("".join(out))


_STRINGS = ("string", "concatenated_string", "parenthesized_expression", "binary_operator")


def tidy(text: str) -> str:
    """One line of prose: links and markup of docstrings reduced to their words, adjoining code spans joined."""
    text = re.sub(r"</?\w+[^>]*>", "", text)
    text = re.sub(r"\[([^\]]+)\]\((?:https?:)?[^)]*\)", r"\1", text)
    text = re.sub(r"\[?``?~?([^`]+)``?\]?", r"`\1`", text)
    text = re.sub(r":\w+:`", "`", text)
    text = re.sub(r"\*\*([^*]+)\*\*", r"\1", text)
    text = re.sub(r"`(\{[^`]*\})``?", r"`\1`", text)
    return " ".join(text.split())


def _statement(node: Node) -> Node:
    """The statement that an expression stands in."""
    for around in (node, *ancestors(node)):
        if around.parent is not None and around.parent.type in ("block", "module"):
            return around
    return node


def _guard(node: Node) -> tuple[Node | None, str]:
    """The `if` or `elif` whose own branch holds `node`, and its condition on one line."""
    inner = node
    for around in ancestors(node):
        if around.type in ("if_statement", "elif_clause"):
            condition, branch = around.child_by_field_name("condition"), around.child_by_field_name("consequence")
            if branch == inner and condition is not None:
                return around, " ".join(text_of(condition).split())
            return None, ""
        if around.type in (
            "function_definition",
            "class_definition",
            "for_statement",
            "while_statement",
            "else_clause",
        ):
            return None, ""
        inner = around
    return None, ""


def _with_guard(file: _File, node: Node) -> tuple[Place, str]:
    """The lines of a statement with its condition and the comment above, where they are near; and the condition."""
    statement = _statement(node)
    first, last = first_line(statement), last_line(statement)
    guard, condition = _guard(statement)
    if guard is not None and last - first_line(guard) < MAX_LINES // 2:
        first = first_line(guard)
    comment = first
    while comment > 1 and file.lines[comment - 2].lstrip().startswith("#") and last - comment < MAX_LINES // 2:
        comment -= 1
    return file.place(comment, last), condition


def _assigned(node: Node) -> Node:
    """For a name, the expression last assigned to it above in the same block or function; else the node itself."""
    if node.type != "identifier":
        return node
    for around in ancestors(node):
        if around.type in ("block", "module"):
            for sibling in reversed(around.named_children):
                inner = sibling.named_children[0] if sibling.type == "expression_statement" else None
                if sibling.end_byte <= node.start_byte and inner is not None and inner.type == "assignment":
                    left, right = inner.child_by_field_name("left"), inner.child_by_field_name("right")
                    if left is not None and right is not None and left.text == node.text:
                        return right
        if around.type == "function_definition":
            break
    return node


# --- readers, one a kind ---------------------------------------------------------------------------------------------


def _call_text(call: Node) -> tuple[str, Node | None]:
    """The message of a call (its first argument, followed to its assignment) and where that stands, if elsewhere."""
    arguments = call.child_by_field_name("arguments")
    first = arguments.named_children[0] if arguments is not None and arguments.named_children else None
    if first is None or first.type in ("keyword_argument", "comment"):
        return "", None
    source = _assigned(first)
    return message(source), (source if source != first else None)


def _spoken(kind: str, file: _File, node: Node, call: Node, raises: str) -> Iterator[Signal]:
    text, elsewhere = _call_text(call)
    if len(words.content_words(text)) < 2:
        return
    place, condition = _with_guard(file, node)
    if elsewhere is not None and place.last - first_line(elsewhere) < MAX_LINES:
        place = file.place(min(place.first, first_line(elsewhere)), place.last)
    if words.DEPRECATION.search(text) or "Deprecat" in raises:
        kind = "deprecation"
    yield Signal(kind, place, file.name(place.last), text, condition=condition, raises=raises)


def _warning(file: _File, node: Node) -> Iterator[Signal]:
    arguments = node.child_by_field_name("arguments")
    category = (
        next((text_of(a) for a in arguments.named_children if text_of(a).endswith("Warning")), "") if arguments else ""
    )
    yield from _spoken("warning", file, node, node, category.rpartition("=")[2].strip())


def _error(file: _File, node: Node) -> Iterator[Signal]:
    call = node.named_children[0]
    function = call.child_by_field_name("function")
    name = text_of(function).rpartition(".")[2] if function is not None else ""
    yield from _spoken("error", file, node, call, name)


def _help(file: _File, node: Node) -> Iterator[Signal]:
    value = node.child_by_field_name("value")
    text = message(value) if value is not None else ""
    statement = _statement(node)
    subject = re.match(r"\s*(?:self\.)?(\w+)\s*[:=]", text_of(statement)) or re.search(
        r"[\"']--?([\w-]+)[\"']", text_of(statement)
    )
    if len(words.content_words(text)) >= 3 and subject and last_line(statement) - first_line(statement) < 2 * MAX_LINES:
        place = file.place(first_line(statement), last_line(statement))
        yield Signal("help", place, file.name(place.first), text, subject=subject[1])


def _deprecation(file: _File, node: Node) -> Iterator[Signal]:
    call = node.named_children[0]
    text = " ".join(text_of(call).split())
    place = file.place(first_line(node), last_line(node) + 1)
    yield Signal("deprecation", place, file.name(place.last), tidy(f"`{text}`" if "`" not in text else text))


def _package(text: str) -> str:
    return re.sub(r"\W.*", "", text.strip("\"'").lstrip("."))


def _availability(file: _File, node: Node) -> Iterator[Signal]:
    if node.type == "try_statement":
        imported = re.search(r"\b(?:from|import)\s+([\w.]+)", text_of(node))
        package = _package(imported[1]) if imported else ""
        place = file.place(first_line(node), last_line(node))
    elif node.type == "function_definition":
        imported = re.search(r"^\s+(?:from|import)\s+(\w+)", text_of(node), re.M)
        package = imported[1] if imported and imported[1] != "importlib" else ""
        place = _definition_or_guard(file, node)
    else:
        arguments = node.child_by_field_name("arguments")
        package = _package(text_of(arguments.named_children[0])) if arguments else ""
        place = _definition_or_guard(file, node)
    if package and package not in sys.stdlib_module_names:
        yield Signal("availability", place, file.name(place.last), "", subject=package)


_DISTRIBUTION = re.compile(r"(?<![\w.])(?:\w+\.)*version\(\s*[\"']([A-Za-z][\w.-]*)[\"']|\b([a-z]\w+)\.__version__")


def _version(file: _File, node: Node) -> Iterator[Signal]:
    """The package whose version the check asks for; of several, the one that the constant is named after."""
    place = _definition_or_guard(file, node)
    near = " ".join(file.lines[place.first - 1 : place.last])
    packages = [a or b for a, b in _DISTRIBUTION.findall(near)]
    statement = " ".join(text_of(_statement(node)).split("\n", 1)[0].split())
    named = [p for p in packages if _plain(p) in _plain(statement)]
    value = re.search(r"[\"'](\d[\w.]*)[\"']", text_of(node))
    if packages and value:
        package = (named or packages)[0]
        yield Signal(
            "version", place, file.name(place.last), f"`{package}` {_bound(statement, value[1])}", subject=package
        )


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _bound(statement: str, value: str) -> str:
    """The version with the comparison where the statement leaves no doubt: `>= 0.5.0` for a minimum."""
    if re.match(r"\w*MIN(IMUM)?\w*\s*=", statement, re.I):
        return f">= {value}"
    compared = re.search(rf"(>=|>)\s*(?:[\w.]+\()?[\"']{re.escape(value)}", statement)
    return f"{compared[1]} {value}" if compared else value


def _definition_or_guard(file: _File, node: Node) -> Place:
    """The whole function where it is short, as checks are; else the statement with its condition."""
    symbol = file.symbol(first_line(node))
    if symbol is not None and symbol.kind == "function" and len(symbol.place) <= MAX_LINES:
        return symbol.place
    return _with_guard(file, node)[0]


def _env_var(file: _File, node: Node) -> Iterator[Signal]:
    name = re.search(r"[\"']([A-Z][A-Z0-9_]+)[\"']", text_of(node))
    if name:
        statement = _statement(node)
        place = file.place(first_line(statement), min(last_line(statement), first_line(statement) + 9))
        yield Signal("env_var", place, file.name(place.first), f"`{' '.join(text_of(node).split())}`", subject=name[1])


def _device(file: _File, node: Node) -> Iterator[Signal]:
    function = node.child_by_field_name("function")
    name = text_of(function) if function is not None else ""
    device = re.search(r"(cuda|xpu|npu|mps|mlu|hpu)", name)
    if device:
        yield Signal(
            "device", _definition_or_guard(file, node), file.name(first_line(node)), f"`{name}`", subject=device[1]
        )


def _requirement(file: _File, node: Node) -> Iterator[Signal]:
    return iter(())  # read with the other set-up files, in requirements.py


_READERS: dict[str, Callable[[_File, Node], Iterator[Signal]]] = {
    "warning": _warning,
    "error": _error,
    "help": _help,
    "deprecation": _deprecation,
    "availability": _availability,
    "version": _version,
    "env_var": _env_var,
    "device": _device,
    "requirement": _requirement,
}


# --- prose -----------------------------------------------------------------------------------------------------------

_CODE_LIKE = re.compile(
    r"^[\w.\[\]]+\s*(\(|=|\+=)|^(if|for|return|import|from|def|class|print|with|elif|else|try)\b.*[:()=]"
)
_LICENSE = re.compile(
    r"copyright|licen[sc]e|all rights reserved|SPDX|coding[:=]|adapted from|copied from|noqa|type: ignore|pylint|fmt:",
    re.I,
)


def is_telling(text: str) -> bool:
    """Whether prose says more than what the code does: why, what not, what to do, what it costs."""
    marks = sum(bool(mark.search(text)) for mark in (words.ADVICE, words.LIMIT, words.CAUSE, words.CONSEQUENCE))
    return (
        marks >= 2
        or bool(words.MARK.search(text))
        or bool(words.DEPRECATION.search(text))
        or (marks == 1 and bool(words.LIMIT.search(text)))
    )


def _comment_signals(file: _File, nodes: list[Node]) -> Iterator[Signal]:
    block: list[Node] = []
    for node in [*sorted(nodes, key=lambda n: n.start_byte), None]:
        joins = (
            block
            and node is not None
            and first_line(node) == last_line(block[-1]) + 1
            and node.start_point.column == block[-1].start_point.column
        )
        if block and not joins:
            yield from _comment(file, block)
            block = []
        if node is not None:
            block.append(node)


def _comment(file: _File, block: list[Node]) -> Iterator[Signal]:
    prose = [text_of(node).lstrip("#!: ").strip() for node in block]
    text = tidy(" ".join(line for line in prose if not _CODE_LIKE.match(line) and line.strip("-=#*~ ")))
    if len(text.split()) < 6 or _LICENSE.search(text[:300]) or not is_telling(text):
        return
    first, last = first_line(block[0]), last_line(block[-1])
    following = block[-1].next_named_sibling
    owner = following if following is not None and first_line(following) == last + 1 else None
    if (
        owner is None and block[-1].parent is not None
    ):  # a comment that opens a block belongs to the block's first statement
        inner = next((c for c in block[-1].parent.named_children if first_line(c) == last + 1), None)
        owner = inner.named_children[0] if inner is not None and inner.type == "block" else inner
    end = min(last_line(owner), last + 4) if owner is not None else last
    kind = "deprecation" if words.DEPRECATION.search(text) else "comment"
    yield Signal(kind, file.place(first, max(last, end)), file.name(last), text)


def _docstring_signals(file: _File) -> Iterator[Signal]:
    for symbol in file.symbols.in_file(file.path):
        if symbol.docstring is None:
            continue
        start = symbol.docstring.first
        for part in docstrings.parts(list(file.lines[start - 1 : symbol.docstring.last])):
            text = tidy(part.text)
            if len(text.split()) < 5 or not is_telling(text):
                continue
            kind = "deprecation" if words.DEPRECATION.search(text) else "docstring"
            place = file.place(start + part.first, start + part.last)
            yield Signal(kind, place, symbol.name, text, subject=part.parameter or "")
