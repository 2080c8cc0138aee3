"""Signals: places in the code that hint at an insight.

A new kind is one pattern in `queries/python.scm` and one function here, listed in `_READERS`.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from importlib.resources import files
from itertools import chain

from tree_sitter import Node, Query

from wikiagent.code.symbols import Symbols
from wikiagent.code.syntax import ancestors, first_line, last_line, matches, parse, query, text_of
from wikiagent.mine import requirements, silent, words
from wikiagent.mine.messages import assigned, message, spoken, tidy
from wikiagent.mine.prose import comment_signals, docstring_signals
from wikiagent.mine.signal import MAX_LINES, Condition, Signal, SourceFile, is_readable
from wikiagent.source.evidence import Place
from wikiagent.source.snapshot import Snapshot


def read_signals(snapshot: Snapshot, paths: Iterable[str], symbols: Symbols) -> list[Signal]:
    """All signals of the files `paths`, by path and line."""
    found: list[Signal] = []
    for path in paths:
        if path.endswith(".py") and not requirements.is_setup_file(path):
            file = SourceFile(path, snapshot.lines(path), symbols)
            root = parse(snapshot.read(path), path).root_node
            found += _quotable(file, chain(_code_signals(file, root), docstring_signals(file, root)))
        found += (
            Signal("requirement", place, "", text, subject=package)
            for package, text, place in requirements.read(path, snapshot.lines(path))
        )
        found += (
            Signal("extra", place, "", ", ".join(f"`{text}`" for text in wanted), subject=extra)
            for extra, wanted, place in requirements.extras(path, snapshot.lines(path))
        )
    return sorted(dict.fromkeys(found), key=lambda s: (s.place, s.kind, s.text, s.subject))


def _quotable(file: SourceFile, signals: Iterable[Signal]) -> Iterator[Signal]:
    """The signals whose lines a person could read."""
    for signal in signals:
        lines = file.lines[signal.place.first - 1 : signal.place.last]
        if all(map(is_readable, lines)):
            yield signal


@cache
def _patterns() -> Query:
    return query((files("wikiagent.mine") / "queries" / "python.scm").read_text("utf-8"))


def _code_signals(file: SourceFile, root: Node) -> Iterator[Signal]:
    comments: list[Node] = []
    unused = _never_imported(root)
    for captures in matches(_patterns(), root):
        for kind, nodes in captures.items():
            imported = [node for node in nodes if not kind.startswith("_") and first_line(node) not in unused]
            if kind == "comment":
                comments += imported
            else:
                for node in imported:
                    yield from _READERS[kind](file, node)
    yield from comment_signals(file, comments)


_NEVER = re.compile(r"__name__ == [\"']__main__[\"']|(?:typing\.)?TYPE_CHECKING")


def _never_imported(root: Node) -> set[int]:
    """The lines that do not run where the module is imported: examples of a script, and imports for type checkers."""
    lines: set[int] = set()
    for node in root.named_children:
        condition = node.child_by_field_name("condition") if node.type == "if_statement" else None
        body = node.child_by_field_name("consequence")
        if condition is not None and body is not None and _NEVER.fullmatch(text_of(condition)):
            lines.update(range(first_line(node), last_line(body) + 1))
    return lines


# --- places ----------------------------------------------------------------------------------------------------------


def _statement(node: Node) -> Node:
    """The statement that an expression stands in."""
    for around in (node, *ancestors(node)):
        if around.parent is not None and around.parent.type in ("block", "module"):
            return around
    return node


def _guards(node: Node) -> list[tuple[Node, Condition | None]]:
    """Each `if` or `elif` in the function that decides whether `node` is reached, innermost first, with its condition.

    The condition is None where it does not decide alone: in an `else` after several.
    """
    found: list[tuple[Node, Condition | None]] = []
    inner = node
    for around in ancestors(node):
        if around.type in ("function_definition", "class_definition"):
            break
        condition = around.child_by_field_name("condition")
        if around.type in ("if_statement", "elif_clause") and condition is not None:
            text = " ".join(text_of(condition).split())
            if around.child_by_field_name("consequence") == inner:
                found.append((around, Condition(text)))
            elif inner.type == "else_clause":
                only = around.child_by_field_name("alternative") == inner
                found.append((around, Condition(text, holds=False) if only else None))
        inner = around
    return found


def _with_guard(file: SourceFile, node: Node) -> tuple[Place, tuple[Condition, ...]]:
    """The lines of a statement with its conditions and the comment above, where they are near; and the conditions."""
    statement = _statement(node)
    first, last = first_line(statement), last_line(statement)
    guards = _guards(statement)
    for guard, _ in guards:
        first = first_line(guard) if last - first_line(guard) < MAX_LINES // 2 else first
    comment = first
    while comment > 1 and last - comment < MAX_LINES // 2:
        above = file.lines[comment - 2]
        if not above.lstrip().startswith("#") or not is_readable(above):
            break
        comment -= 1
    conditions = tuple(condition for _, condition in reversed(guards) if condition is not None)
    return file.place(comment, last), conditions if len(conditions) == len(guards) else ()


# --- readers, one a kind ---------------------------------------------------------------------------------------------


def _said(kind: str, file: SourceFile, node: Node, text: str, elsewhere: Node | None, raises: str) -> Iterator[Signal]:
    """The signal of a statement that says `text`, which may be assigned `elsewhere`."""
    if len(words.content_words(text)) < 2:
        return
    place, conditions = _with_guard(file, node)
    if node.type == "assert_statement":
        conditions = (*conditions, Condition(" ".join(text_of(node.named_children[0]).split()), holds=False))
    name = file.name(place.last)
    if elsewhere is not None and place.last - first_line(elsewhere) < MAX_LINES:
        place = file.place(min(place.first, first_line(elsewhere)), place.last)
    elif elsewhere is not None:  # too far for both: show the words
        place, conditions = file.place(first_line(elsewhere), last_line(elsewhere)), ()
    if words.DEPRECATION.search(text) or "Deprecat" in raises:
        kind = "deprecation"
    yield Signal(kind, place, name, text, conditions=conditions, raises=raises)


def _warning(file: SourceFile, node: Node) -> Iterator[Signal]:
    arguments = node.child_by_field_name("arguments")
    given = [text_of(a) for a in arguments.named_children if a.type != "string"] if arguments is not None else []
    found = (re.match(r"(?:category\s*=\s*)?(?:\w+\.)*(\w*Warning)\b", argument) for argument in given)
    category = next((match[1] for match in found if match), "")
    yield from _said("warning", file, node, *spoken(node), category)


def _error(file: SourceFile, node: Node) -> Iterator[Signal]:
    """`raise X("…")`, `raise error` where the error was made above, and `assert …, "…"`."""
    if node.type == "assert_statement":
        text = message(node.named_children[-1])
        yield from _said("error", file, node, text, None, "")
        return
    call = assigned(node.named_children[0])
    function = call.child_by_field_name("function")
    if call.type == "call" and function is not None:
        text, elsewhere = spoken(call)
        made = call if call != node.named_children[0] else None
        yield from _said("error", file, node, text, elsewhere or made, text_of(function).rpartition(".")[2])


def _help(file: SourceFile, node: Node) -> Iterator[Signal]:
    value = node.child_by_field_name("value")
    text = message(value) if value is not None else ""
    statement = _statement(node)
    subject = re.match(r"\s*(?:self\.)?(\w+)\s*[:=]", text_of(statement)) or re.search(
        r"[\"']--?([\w-]+)[\"']", text_of(statement)
    )
    if len(words.content_words(text)) >= 3 and subject and last_line(statement) - first_line(statement) < 2 * MAX_LINES:
        shown = statement if last_line(node) - first_line(statement) < MAX_LINES else node
        place = file.place(first_line(shown), last_line(shown))
        kind = "deprecation" if words.DEPRECATED.search(text) else "help"
        yield Signal(kind, place, file.name(place.first), text, subject=subject[1])


def _deprecation(file: SourceFile, node: Node) -> Iterator[Signal]:
    """A decorator with the first line of what it decorates; its message, or the decorator itself."""
    call = node.named_children[0]
    code = " ".join(text_of(call).split())
    text, _ = spoken(call) if call.type == "call" else ("", None)
    if len(words.content_words(text)) < 2:
        text = tidy(f"`{code}`" if "`" not in code else code)
    decorated = node.parent.child_by_field_name("definition") if node.parent is not None else None
    last = first_line(decorated) if decorated is not None else last_line(node)
    place = file.place(first_line(node), last)
    yield Signal("deprecation", place, file.name(place.last), text)


def _package(file: SourceFile, module: str) -> str:
    """The package of a module as it is imported; empty for the standard library and the source's own modules."""
    package = re.sub(r"\W.*", "", module.strip("\"'"))
    own = package in sys.stdlib_module_names or package in file.path.split("/")
    return "" if own else package


#: What code imports to look for other packages.
_HELPERS = ("importlib", "importlib_metadata", "packaging", "pkg_resources")


def _availability(file: SourceFile, node: Node) -> Iterator[Signal]:
    module = ""
    if node.type in ("try_statement", "function_definition"):
        imported = re.findall(r"^\s+(?:from|import)\s+([\w.]+)", text_of(node), re.M)
        others = [name for name in imported if name.partition(".")[0] not in _HELPERS]
        module = next(iter(others), "")
    else:
        arguments = node.child_by_field_name("arguments")
        module = text_of(arguments.named_children[0]) if arguments is not None else ""
    package = _package(file, module)
    if package:
        whole = node.type == "try_statement"
        place = file.place(first_line(node), last_line(node)) if whole else _definition_or_guard(file, node)
        yield Signal("availability", place, file.name(place.last), "", subject=package)


_DISTRIBUTION = re.compile(r"(?<![\w.])(?:\w+\.)*version\(\s*[\"']([A-Za-z][\w.-]*)[\"']|\b([a-z]\w+)\.__version__")
_ASKS_VERSION = re.compile(r"(?:\w+\.)*_?is_([a-z]\w*?)_(?:version|greater_or_equal|less_than)\w*\s*\(")


def _version(file: SourceFile, node: Node) -> Iterator[Signal]:
    """The package whose version the check asks for; of several, the one that the statement names."""
    place = _definition_or_guard(file, node)
    value = re.search(r"[\"'](\d[\w.]*)[\"']", text_of(node))
    if value is None:
        return
    asked = _ASKS_VERSION.match(text_of(node))
    near = " ".join(file.lines[place.first - 1 : place.last])
    statement = " ".join(text_of(_statement(node)).split("\n", 1)[0].split())
    packages = [file.package(a or b) for a, b in _DISTRIBUTION.findall(near)]
    named = [p for p in packages if _plain(p) in _plain(statement)]
    sure = named or (packages if len(set(packages)) == 1 else [])
    package = asked[1] if asked else next(iter(sure), "")
    if package:
        bound = value[1] if asked else _bound(statement, value[1])  # a branch on a version asks for none
        how = f"{_compared(node)} " if bound == value[1] else ""
        yield Signal("version", place, file.name(place.last), f"`{package}` {how.lstrip()}{bound}", subject=package)


_COMPARED = {">=": "at least", ">": "above", "<": "below", "<=": "at most", "==": "exactly", "!=": "other than"}
_FLIPPED = {">=": "<=", "<=": ">=", ">": "<", "<": ">"}


def _compared(node: Node) -> str:
    """How a version is compared, in words: `below` for `version < parse("2.0")`; empty where it is not."""
    given = re.search(r"[\"']([<>=!]=?)[\"']", text_of(node))
    if given:
        return _COMPARED.get(given[1], "")
    comparison = next((n for n in (node, *ancestors(node)) if n.type in ("comparison_operator", "block")), node)
    operators = [child.type for child in comparison.children if child.type in _COMPARED]
    if comparison.type != "comparison_operator" or len(operators) != 1:
        return ""
    first = re.search(r"[\"']\d", text_of(comparison.named_children[0])) is not None
    return _COMPARED[_FLIPPED.get(operators[0], operators[0]) if first else operators[0]]


def _minimum(file: SourceFile, node: Node) -> Iterator[Signal]:
    """A constant such as `MIN_TORCH_VERSION = "2.1"`, which is compared elsewhere."""
    name, value = text_of(node.children[0]), re.fullmatch(r"[\"'](\d[\w.]*)[\"']", text_of(node.children[-1]))
    package = re.sub(r"_?(MIN|MINIMUM|MINIMAL|VERSION|REQUIRED|SUPPORTED)(?=_|$)", "", name).strip("_").lower()
    if value and package and package not in file.path.split("/"):
        yield Signal(
            "version",
            _with_guard(file, node)[0],
            file.name(first_line(node)),
            f"`{package}` >= {value[1]}",
            subject=package,
        )


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _bound(statement: str, value: str) -> str:
    """The version, with `>=` where the constant is named a minimum: a comparison may as well forbid it."""
    return f">= {value}" if re.match(r"\w*MIN(IMUM)?\w*\s*=", statement, re.I) else value


def _definition_or_guard(file: SourceFile, node: Node) -> Place:
    """The whole function where it is short, as checks are; else the statement with its condition."""
    symbol = file.symbol(first_line(node))
    if symbol is not None and symbol.kind == "function" and len(symbol.place) <= MAX_LINES:
        return symbol.place
    return _with_guard(file, node)[0]


#: Most lines shown of how an environment variable is read and used.
MAX_READING = 10


def _env_var(file: SourceFile, node: Node) -> Iterator[Signal]:
    """The variable that is read or set; of several that stand for one thing, the first."""
    name = re.search(r"[\"']([A-Z][A-Z0-9_]+)[\"']", text_of(node))
    if name:
        statement = _statement(node)
        last = min(last_line(statement), first_line(statement) + MAX_READING - 1)
        following = statement.next_named_sibling
        kept = re.match(r"\w+(?=\s*=)", text_of(statement))
        if following is not None and kept and re.search(rf"\b{kept[0]}\b", text_of(following)):
            last = last_line(following) if last_line(following) - first_line(statement) < MAX_READING else last
        place = file.place(first_line(statement), last)
        yield Signal("env_var", place, file.name(place.first), f"`{' '.join(text_of(node).split())}`", subject=name[1])


def _platform(file: SourceFile, node: Node) -> Iterator[Signal]:
    asked = " ".join(text_of(node).split())
    subject = "python" if "version_info" in asked else "platform"
    place, _ = _with_guard(file, node)
    yield Signal("platform", place, file.name(place.last), f"`{asked}`", subject=subject)


def _device(file: SourceFile, node: Node) -> Iterator[Signal]:
    function = node.child_by_field_name("function")
    name = text_of(function) if function is not None else ""
    device = re.search(r"(cuda|xpu|npu|mps|mlu|hpu)", name)
    if device:
        yield Signal(
            "device", _definition_or_guard(file, node), file.name(first_line(node)), f"`{name}`", subject=device[1]
        )


_READERS: dict[str, Callable[[SourceFile, Node], Iterator[Signal]]] = {
    "warning": _warning,
    "error": _error,
    "help": _help,
    "deprecation": _deprecation,
    "availability": _availability,
    "version": _version,
    "minimum": _minimum,
    "env_var": _env_var,
    "device": _device,
    "platform": _platform,
    "default": silent.default,
    "override": silent.override,
    "fallback": silent.fallback,
    "numeric": silent.numeric,
    "unused": silent.unused,
    "unsaved": silent.unsaved,
}
