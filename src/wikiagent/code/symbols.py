"""Symbols: what a source defines, exports and calls."""

from __future__ import annotations

import re
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import PurePosixPath

from tree_sitter import Node

from wikiagent.code.syntax import first_line, last_line, parse, text_of
from wikiagent.source.evidence import Place
from wikiagent.source.snapshot import Snapshot


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
        inner_exports: the same for the packages inside and for modules that no package exports from, without what is
            in `exports`.
        calls: simple name to the symbols that call it, or pass it on as an argument or in a collection.
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
        return found - {simple}


def read_symbols(snapshot: Snapshot, paths: Iterable[str]) -> Symbols:
    """Read the symbols of the Python files among `paths`."""
    symbols: list[Symbol] = []
    calls: dict[str, list[Symbol]] = defaultdict(list)
    imports: dict[str, list[_Import]] = {}
    for path in paths:
        if not path.endswith(".py"):
            continue
        root = parse(snapshot.read(path), path).root_node
        symbols.extend(_definitions(root, path, calls))
        imports[path] = list(_imports(root))
    exports, inner = _exports(symbols, imports)
    return Symbols(
        tuple(symbols),
        exports,
        {name: symbol for name, symbol in inner.items() if name not in exports},
        {name: tuple(dict.fromkeys(callers)) for name, callers in calls.items()},
    )


def _definitions(root: Node, path: str, calls: dict[str, list[Symbol]]) -> Iterator[Symbol]:
    """Every class and function of a file, outer before inner; notes in `calls` what each one uses.

    Without recursion: a sum of a thousand terms is a tree a thousand nodes deep.
    """
    stack: list[tuple[Node, Symbol | None]] = [(root, None)]
    while stack:
        node, owner = stack.pop()
        if node.type in _DEFINITIONS:
            owner = _symbol(node, path, f"{owner.name}." if owner is not None else "")
            yield owner
        elif owner is not None and (used := _used(node)):
            calls[used].append(owner)
        stack.extend((child, owner) for child in reversed(node.children))


_DEFINITIONS = ("class_definition", "function_definition")
_PASSES_ON = ("argument_list", "list", "tuple", "pair")


def _used(node: Node) -> str:
    """The simple name that a call calls, or that an argument or a collection passes on; empty for other nodes."""
    if node.type == "call":
        callee = node.child_by_field_name("function")
        named = callee is not None and callee.type in ("identifier", "attribute")
        return text_of(callee).rpartition(".")[2].strip() if callee is not None and named else ""
    if node.type == "identifier" and node.parent is not None and node.parent.type in _PASSES_ON:
        return text_of(node)
    return ""


def _symbol(node: Node, path: str, prefix: str) -> Symbol:
    name, body = node.child_by_field_name("name"), node.child_by_field_name("body")
    outer = node.parent if node.parent is not None and node.parent.type == "decorated_definition" else node
    header_end = next((last_line(c) for c in node.children if c.type == ":"), first_line(node))
    bases = node.child_by_field_name("superclasses")
    return Symbol(
        name=prefix + (text_of(name) if name is not None else "?"),
        kind="class" if node.type == "class_definition" else "function",
        place=Place(path, first_line(outer), last_line(node)),
        header=Place(path, first_line(node), header_end),
        docstring=_docstring(body, path),
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
    if string is None or string.type not in ("string", "concatenated_string"):
        return None
    return None if re.match(rb"\w*[bBfF]", string.text or b"") else string  # bytes and f-strings document nothing


def module_docstring(code: bytes) -> str:
    """The text of a module's docstring without its quotes, empty where there is none."""
    string = docstring_node(parse(code).root_node)
    return text_of(string).strip("rRuU").strip("\"'") if string is not None else ""


def _docstring(body: Node | None, path: str) -> Place | None:
    string = docstring_node(body)
    return Place(path, first_line(string), last_line(string)) if string is not None else None


@dataclass(frozen=True)
class _Import:
    """`from module import name as alias`; `name` is `*` for all.

    What `__all__` lists is kept as module `__all__`, with the name `*` where it takes in the list of another module.
    """

    module: str
    name: str
    alias: str


def _imports(root: Node) -> Iterator[_Import]:
    queue = deque([root])
    while queue:
        node = queue.popleft()
        if node.type == "import_from_statement":
            yield from _imported(node)
        elif node.type in ("assignment", "augmented_assignment") and text_of(node.children[0]) == "__all__":
            yield from _listed(node.child_by_field_name("right"))
        elif node.type == "call" and text_of(node.children[0]) in ("__all__.extend", "__all__.append"):
            yield from _listed(node.child_by_field_name("arguments"))
        elif node.type in _STATEMENTS:
            queue.extend(node.named_children)


#: What may hold an import or `__all__` that runs when the module is imported.
_STATEMENTS = frozenset(
    """module block expression_statement if_statement elif_clause else_clause try_statement except_clause
    finally_clause with_statement""".split()
)


def _imported(node: Node) -> Iterator[_Import]:
    module = node.child_by_field_name("module_name")
    if module is None:
        return
    if any(child.type == "wildcard_import" for child in node.children):
        yield _Import(text_of(module), "*", "*")
    for name in node.children_by_field_name("name"):
        alias, plain = name.child_by_field_name("alias"), name.child_by_field_name("name")
        original = text_of(plain if plain is not None else name)
        yield _Import(text_of(module), original, text_of(alias) if alias is not None else original)


def _listed(value: Node | None) -> Iterator[_Import]:
    """What an expression adds to `__all__`."""
    stack = [value] if value is not None else []
    while stack:
        node = stack.pop()
        if node.type == "string_content":
            yield _Import("__all__", text_of(node), text_of(node))
        elif node.type in ("attribute", "call", "identifier") and text_of(node) != "__all__":
            yield _Import("__all__", "*", "*")
        else:
            stack.extend(reversed(node.children))


class _Modules:
    """What the modules of a source export, by their imports and definitions.

    Args:
        symbols: all symbols of the source.
        imports: the imports of each file, by path.
    """

    def __init__(self, symbols: Iterable[Symbol], imports: dict[str, list[_Import]]) -> None:
        self.imports = imports
        self.own: dict[str, list[Symbol]] = defaultdict(list)
        for symbol in symbols:
            if "." not in symbol.name:
                self.own[symbol.place.path].append(symbol)

    def exported(self, path: str, asked: frozenset[str] = frozenset()) -> dict[str, _Import]:
        """What a file exports, by public name; `module` is a path without its ending here.

        Args:
            path: the file.
            asked: files that star-import this one, which must not be asked again.
        """
        imports = self.imports[path]
        names: dict[str, _Import] = {}
        for item in imports:
            module = self._path(path, item.module) if item.module != "__all__" else None
            if module is None:
                continue
            if item.name != "*":
                names[item.alias] = _Import(module, item.name, item.alias)
                continue
            for target in (f"{module}/__init__.py", f"{module}.py"):
                if target in self.imports and target not in {path, *asked}:
                    names.update(self.exported(target, asked | {path}))
        for symbol in self.own.get(path, ()):
            names[symbol.name] = _Import(path.removesuffix(".py").removesuffix("/__init__"), symbol.name, symbol.name)
        listed = {item.name for item in imports if item.module == "__all__"}
        if listed and "*" not in listed:
            return {name: item for name, item in names.items() if name in listed}
        return {name: item for name, item in names.items() if not name.startswith("_")}

    def _path(self, path: str, module: str) -> str | None:
        """Path of a module of the same source without its ending, None for a module of another package."""
        folder = PurePosixPath(path).parent
        if module.startswith("."):
            rest = module.lstrip(".")
            for _ in range(len(module) - len(rest) - 1):
                folder = folder.parent
        else:
            while folder != folder.parent and f"{_prefix(folder.parent)}__init__.py" in self.imports:
                folder = folder.parent
            parts = tuple(module.split("."))
            # in a namespace package the folders above have no `__init__.py`
            known = next((n for n in range(len(parts), 0, -1) if folder.parts[-n:] == parts[:n]), 0)
            if not known:
                return None
            rest = ".".join(parts[known:])
        return f"{_prefix(folder)}{rest.replace('.', '/')}" if rest else str(folder)


def _exports(symbols: list[Symbol], imports: dict[str, list[_Import]]) -> tuple[dict[str, Symbol], dict[str, Symbol]]:
    """What the outermost packages export, and what the packages inside do or modules that no package exports from.

    Where the outermost ones export nothing, every public top-level definition counts as exported.
    """
    modules = _Modules(symbols, imports)
    by_name: dict[str, list[Symbol]] = defaultdict(list)
    for own in modules.own.values():
        for symbol in own:
            by_name[symbol.name].append(symbol)
    files = [path for path in imports if PurePosixPath(path).name == "__init__.py"]
    packages = {str(PurePosixPath(path).parent) for path in files}
    outermost: dict[str, Symbol] = {}
    inner: dict[str, Symbol] = {}
    for path in sorted(files, key=lambda p: (p.count("/"), p)):
        folder = PurePosixPath(path).parent
        is_inner = folder != folder.parent and str(folder.parent) in packages
        for name, origin in modules.exported(path).items():
            places = [s for s in by_name.get(origin.name, ()) if s.place.path.startswith(_prefix(folder))]
            if places and not name.startswith("_"):
                best = min(places, key=lambda s: _distance(s.place.path, origin.module))
                (inner if is_inner else outermost).setdefault(name, best)
    public = {s.name: s for own in reversed(modules.own.values()) for s in reversed(own) if not s.is_private}
    taken = {symbol.place.path for symbol in (*outermost.values(), *inner.values())}
    for path, own in modules.own.items():
        if path not in taken and not re.search(r"(^|/)_", path):  # users import such a module by its own name
            for symbol in own:
                if not symbol.is_private:
                    inner.setdefault(symbol.name, symbol)
    return outermost or public, inner


def _prefix(folder: PurePosixPath) -> str:
    return "" if str(folder) == "." else f"{folder}/"


def _distance(path: str, module: str) -> tuple[bool, bool, int, str]:
    """Sorts definitions of one name: in the imported module first, then in its package, then the nearest file."""
    exact = path in (f"{module}.py", f"{module}/__init__.py")
    return (not exact, not path.startswith(f"{module}/"), path.count("/"), path)
