"""Symbols: what a source defines, exports and calls."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import PurePosixPath

from tree_sitter import Node

from wikiagent.code.syntax import first_line, last_line, parse, text_of
from wikiagent.source.evidence import Place
from wikiagent.source.snapshot import Snapshot


@dataclass(frozen=True)
class Parameter:
    """A parameter as written: name, annotation and default are source text, None where absent."""

    name: str
    annotation: str | None
    default: str | None


@dataclass(frozen=True)
class Symbol:
    """A class or function.

    Attributes:
        name: qualified within its module: `LoraConfig.__post_init__`.
        kind: `class` or `function`.
        place: all its lines, decorators included.
        header: from `class` or `def` to the colon.
        docstring: place of its docstring, None where there is none.
        bases: simple names of the base classes.
    """

    name: str
    kind: str
    place: Place
    header: Place
    docstring: Place | None
    parameters: tuple[Parameter, ...] = ()
    bases: tuple[str, ...] = ()

    @property
    def simple(self) -> str:
        """The last part of the name."""
        return self.name.rpartition(".")[2]

    @property
    def is_private(self) -> bool:
        """Whether a part of the name begins with an underscore (and is not a special method)."""
        return any(part.startswith("_") and not part.endswith("__") for part in self.name.split("."))


@dataclass(frozen=True)
class Symbols:
    """All symbols of a snapshot's Python files.

    Attributes:
        all: every class and function, by path and line.
        exports: public name to its symbol, in the order of the package's `__init__.py`.
        inner_exports: the same for the packages inside, without what is in `exports`.
        calls: simple name to the symbols that call it, or pass it on as an argument.
    """

    all: tuple[Symbol, ...]
    exports: dict[str, Symbol]
    inner_exports: dict[str, Symbol]
    calls: dict[str, tuple[Symbol, ...]] = field(repr=False)

    @cached_property
    def _by_path(self) -> dict[str, list[Symbol]]:
        grouped: dict[str, list[Symbol]] = defaultdict(list)
        for symbol in self.all:
            grouped[symbol.place.path].append(symbol)
        return grouped

    @cached_property
    def by_simple(self) -> dict[str, tuple[Symbol, ...]]:
        """Simple name to the symbols that bear it."""
        grouped: dict[str, list[Symbol]] = defaultdict(list)
        for symbol in self.all:
            grouped[symbol.simple].append(symbol)
        return {name: tuple(group) for name, group in grouped.items()}

    @cached_property
    def _subclasses(self) -> dict[str, list[str]]:
        grouped: dict[str, list[str]] = defaultdict(list)
        for symbol in self.all:
            for base in symbol.bases:
                grouped[base].append(symbol.simple)
        return grouped

    @cached_property
    def _exported_at(self) -> dict[Place, str]:
        return {symbol.place: name for name, symbol in {**self.inner_exports, **self.exports}.items()}

    def in_file(self, path: str) -> list[Symbol]:
        """The symbols of one file, outer before inner."""
        return self._by_path.get(path, [])

    def at(self, path: str, line: int) -> Symbol | None:
        """The innermost symbol whose lines hold `line`."""
        around = [s for s in self.in_file(path) if s.place.first <= line <= s.place.last]
        return min(around, key=lambda s: len(s.place)) if around else None

    def chain(self, symbol: Symbol) -> Iterator[Symbol]:
        """The symbol and the symbols that it stands in, innermost first."""
        for outer in sorted(self.in_file(symbol.place.path), key=lambda s: len(s.place)):
            if outer.place.first <= symbol.place.first and symbol.place.last <= outer.place.last:
                yield outer

    def exported(self, symbol: Symbol) -> str | None:
        """The public name of a symbol, None where no package exports it."""
        return self._exported_at.get(symbol.place)

    def is_public(self, name: str) -> bool:
        """Whether a package of the source exports a symbol of this name."""
        return name in self.exports or name in self.inner_exports

    def subclasses(self, simple: str) -> set[str]:
        """Simple names of all classes below the class `simple`."""
        found: set[str] = set()
        queue = [simple]
        while queue:
            new = [name for name in self._subclasses.get(queue.pop(), ()) if name not in found]
            found.update(new)
            queue.extend(new)
        return found


def read_symbols(snapshot: Snapshot, paths: Iterable[str]) -> Symbols:
    """Read the symbols of the Python files among `paths`."""
    symbols: list[Symbol] = []
    calls: dict[str, list[Symbol]] = defaultdict(list)
    imports: dict[str, list[_Import]] = {}
    for path in paths:
        if not path.endswith(".py"):
            continue
        root = parse(snapshot.read(path)).root_node
        symbols.extend(_definitions(root, path, "", calls, None))
        if path.endswith("__init__.py"):
            imports[path] = list(_imports(root))
    exports, inner = _exports(symbols, imports)
    return Symbols(
        tuple(symbols),
        exports,
        {name: symbol for name, symbol in inner.items() if name not in exports},
        {name: tuple(dict.fromkeys(callers)) for name, callers in calls.items()},
    )


def _definitions(
    node: Node, path: str, prefix: str, calls: dict[str, list[Symbol]], owner: Symbol | None
) -> Iterator[Symbol]:
    for child in node.children:
        if child.type in ("class_definition", "function_definition"):
            symbol = _symbol(child, path, prefix)
            yield symbol
            yield from _definitions(child, path, f"{symbol.name}.", calls, symbol)
        else:
            used = _used(child)
            if used and owner is not None:
                calls[used].append(owner)
            if child.child_count:
                yield from _definitions(child, path, prefix, calls, owner)


def _used(node: Node) -> str:
    """The simple name that a call calls, or that an argument passes on; empty for other nodes."""
    if node.type == "call":
        callee = node.child_by_field_name("function")
        return text_of(callee).rpartition(".")[2] if callee is not None else ""
    if node.type == "identifier" and node.parent is not None and node.parent.type == "argument_list":
        return text_of(node)
    return ""


def _symbol(node: Node, path: str, prefix: str) -> Symbol:
    name, body = node.child_by_field_name("name"), node.child_by_field_name("body")
    outer = node.parent if node.parent is not None and node.parent.type == "decorated_definition" else node
    header_end = next((last_line(c) for c in node.children if c.type == ":"), first_line(node))
    bases = node.child_by_field_name("superclasses")
    parameters = node.child_by_field_name("parameters")
    return Symbol(
        name=prefix + (text_of(name) if name is not None else "?"),
        kind="class" if node.type == "class_definition" else "function",
        place=Place(path, first_line(outer), last_line(node)),
        header=Place(path, first_line(node), header_end),
        docstring=_docstring(body, path),
        parameters=tuple(_parameters(parameters)) if parameters is not None else (),
        bases=tuple(
            text_of(base).rpartition(".")[2]
            for base in (bases.named_children if bases is not None else ())
            if base.type in ("identifier", "attribute")
        ),
    )


def docstring_node(body: Node | None) -> Node | None:
    """The string node of the docstring of a body (module, or block of a class or function)."""
    first = next((c for c in body.named_children if c.type != "comment"), None) if body is not None else None
    if first is None or first.type != "expression_statement":
        return None
    string = first.named_children[0] if first.named_children else None
    return string if string is not None and string.type in ("string", "concatenated_string") else None


def module_docstring(code: bytes) -> str:
    """The text of a module's docstring without its quotes, empty where there is none."""
    string = docstring_node(parse(code).root_node)
    return text_of(string).strip("rRuU").strip("\"'") if string is not None else ""


def _docstring(body: Node | None, path: str) -> Place | None:
    string = docstring_node(body)
    return Place(path, first_line(string), last_line(string)) if string is not None else None


def _parameters(node: Node) -> Iterator[Parameter]:
    for child in node.named_children:
        if child.type == "identifier":
            yield Parameter(text_of(child), None, None)
        elif child.type in ("default_parameter", "typed_default_parameter", "typed_parameter"):
            name = child.child_by_field_name("name") or child.named_children[0]
            kind, default = child.child_by_field_name("type"), child.child_by_field_name("value")
            yield Parameter(
                text_of(name),
                text_of(kind) if kind is not None else None,
                text_of(default) if default is not None else None,
            )


@dataclass(frozen=True)
class _Import:
    """`from module import name as alias`; `name` is `*` for all. `__all__ = [...]` is kept as module `__all__`."""

    module: str
    name: str
    alias: str


def _imports(root: Node) -> Iterator[_Import]:
    queue = [root]
    while queue:
        node = queue.pop(0)
        if node.type == "import_from_statement":
            module = node.child_by_field_name("module_name")
            names = node.children_by_field_name("name")
            if module is not None and any(c.type == "wildcard_import" for c in node.children):
                yield _Import(text_of(module), "*", "*")
            for name in names:
                alias, plain = name.child_by_field_name("alias"), name.child_by_field_name("name")
                original = text_of(plain if plain is not None else name)
                yield _Import(text_of(module) if module else "", original, text_of(alias) if alias else original)
        elif node.type == "assignment" and text_of(node.children[0]) == "__all__":
            for string in _strings(node):
                yield _Import("__all__", string, string)
        elif node.type not in ("class_definition", "function_definition"):
            queue.extend(node.named_children)


def _strings(node: Node) -> Iterator[str]:
    if node.type == "string_content":
        yield text_of(node)
    for child in node.children:
        yield from _strings(child)


def _exports(symbols: list[Symbol], imports: dict[str, list[_Import]]) -> tuple[dict[str, Symbol], dict[str, Symbol]]:
    """What the outermost packages export, and what the packages inside do.

    Where the outermost ones export nothing, every public top-level definition counts as exported.
    """
    top_level = [s for s in symbols if "." not in s.name]
    by_simple: dict[str, list[Symbol]] = defaultdict(list)
    for symbol in top_level:
        by_simple[symbol.simple].append(symbol)
    packages = {str(PurePosixPath(path).parent) for path in imports}
    outermost: dict[str, Symbol] = {}
    inner: dict[str, Symbol] = {}
    for path in sorted(imports, key=lambda p: (p.count("/"), p)):
        folder = PurePosixPath(path).parent
        is_inner = folder != folder.parent and str(folder.parent) in packages
        for name, origin in _exported_names(path, imports).items():
            places = [s for s in by_simple.get(origin.name, ()) if s.place.path.startswith(_prefix(folder))]
            if places and not name.startswith("_"):
                best = min(places, key=lambda s: _distance(s.place.path, folder, origin.module))
                (inner if is_inner else outermost).setdefault(name, best)
    return outermost or {s.simple: s for s in reversed(top_level) if not s.is_private}, inner


def _prefix(folder: PurePosixPath) -> str:
    return "" if str(folder) == "." else f"{folder}/"


def _exported_names(path: str, imports: dict[str, list[_Import]]) -> dict[str, _Import]:
    names: dict[str, _Import] = {}
    listed = {i.name for i in imports[path] if i.module == "__all__"}
    for item in imports[path]:
        if item.module == "__all__" or not item.module.startswith("."):
            continue
        if item.name == "*":
            inner = f"{_prefix(PurePosixPath(path).parent)}{item.module.lstrip('.').replace('.', '/')}/__init__.py"
            if inner in imports and inner != path:
                names.update(_exported_names(inner, imports))
        else:
            names[item.alias] = item
    return {name: item for name, item in names.items() if not listed or name in listed}


def _distance(path: str, folder: PurePosixPath, module: str) -> tuple[bool, int, str]:
    """Sorts definitions of one name: in the imported module first, then the nearest file."""
    wanted = _prefix(folder) + module.strip(".").replace(".", "/")
    return (not path.startswith(wanted), path.count("/"), path)
