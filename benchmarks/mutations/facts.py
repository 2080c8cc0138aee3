"""What a source says, read for this benchmark alone: lines, words, and, by Python's own parser, signatures."""

from __future__ import annotations

import ast
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

Definition = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass
class Callable:
    """A class or a function at the top level of a module, whose name no other one has.

    Attributes:
        defaults: its parameters, with the source text of a plain default, else "".
        places: first and last line of each parameter that it lists itself.
        attributes: what else a class has, or the names in a function.
        known: whether the source shows all parameters that it takes.
        closed: whether the source shows all attributes that it has.
    """

    name: str
    path: str
    defaults: dict[str, str] = field(default_factory=dict)
    places: dict[str, tuple[int, int]] = field(default_factory=dict)
    attributes: set[str] = field(default_factory=set)
    known: bool = True
    closed: bool = True


@dataclass(frozen=True)
class Message:
    """A whole message of an error that the source raises, and the lines of the statement."""

    error: str
    text: str
    path: str
    first: int
    last: int


class Facts:
    """The files of one source."""

    def __init__(self, root: Path, files: tuple[str, ...]) -> None:
        self.lines: dict[str, list[str]] = {}
        for file in files:
            text = (root / file).read_bytes().decode("utf-8", "replace")
            self.lines[file] = text.removesuffix("\n").split("\n")

    @cached_property
    def text(self) -> str:
        """All of it, in small letters."""
        return "\n".join("\n".join(lines) for lines in self.lines.values()).casefold()

    @cached_property
    def _code(self) -> str:
        return "\n".join("\n".join(lines) for file, lines in self.lines.items() if file.endswith(".py"))

    @cached_property
    def words(self) -> set[str]:
        """Its words and names."""
        return set(re.findall(r"\w+", "\n".join("\n".join(lines) for lines in self.lines.values())))

    @cached_property
    def sentences(self) -> str:
        """All words of it in small letters, without the quotation marks between strings that Python joins."""
        return " ".join(re.findall(r"\w+", re.sub(r"[\"']\s*\n?\s*[fr]?[\"']", "", self.text)))

    @cached_property
    def python(self) -> list[str]:
        """The files of its package, without tests: what pages are about."""
        return [file for file in self.lines if file.endswith(".py") and not re.search(r"(^|/)(tests?|examples)/", file)]

    @cached_property
    def trees(self) -> dict[str, ast.Module]:
        """The Python files that can be parsed."""
        found = {}
        for file in self.python:
            try:
                found[file] = ast.parse("\n".join(self.lines[file]))
            except SyntaxError:
                continue
        return found

    @cached_property
    def starts(self) -> Mapping[str, set[int]]:
        """By file, the lines on which a statement begins that is no string alone: there an indent is meaning."""
        found: dict[str, set[int]] = defaultdict(set)
        for file, tree in self.trees.items():
            for node in ast.walk(tree):
                plain = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
                if isinstance(node, ast.stmt) and not plain:
                    found[file].add(node.lineno)
        return found

    def around(self, path: str, line: int) -> str:
        """The names of the classes and functions that a line stands in."""
        nodes = ast.walk(self.trees[path]) if path in self.trees else ()
        defined = (n for n in nodes if isinstance(n, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef))
        return " ".join(node.name for node in defined if node.lineno <= line <= (node.end_lineno or 0))

    @cached_property
    def names(self) -> list[str]:
        """The names of its code that are no plain words."""
        found = {node.id for tree in self.trees.values() for node in ast.walk(tree) if isinstance(node, ast.Name)}
        return sorted(name for name in found if len(name) > 5 and re.search(r"[a-z0-9]_[a-z]|[a-z][A-Z]", name))

    @cached_property
    def callables(self) -> dict[str, Callable]:
        """Classes and functions by name, those that are defined more than once left out."""
        nodes: dict[str, list[tuple[str, ast.ClassDef | Definition]]] = defaultdict(list)
        for file, tree in self.trees.items():
            for node in ast.walk(tree):
                if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                    nodes[node.name].append((file, node))
        everywhere = Counter(re.findall(r"^[ ]*(?:async )?(?:def|class) (\w+)", self._code, re.M))
        once = {name: found[0] for name, found in nodes.items() if len(found) == everywhere[name] == 1}
        done: dict[str, Callable] = {}
        for name in once:
            _read(name, once, done)
        top = {node for tree in self.trees.values() for node in tree.body}
        return {name: found for name, found in done.items() if once[name][1] in top}

    @cached_property
    def messages(self) -> list[Message]:
        """Errors that are raised with one plain string of at least six words."""
        return [message for file, tree in self.trees.items() for message in _messages(file, tree)]


def _read(name: str, once: Mapping[str, tuple[str, ast.ClassDef | Definition]], done: dict[str, Callable]) -> Callable:
    """What the callable of a name takes and has, with what it inherits."""
    if name in done:
        return done[name]
    path, node = once[name]
    made = done[name] = Callable(name, path)
    if not isinstance(node, ast.ClassDef):
        _take(made, node)
        made.attributes = {inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name)}
        made.attributes |= {inner.attr for inner in ast.walk(node) if isinstance(inner, ast.Attribute)}
        return made
    constructor = next((n for n in node.body if isinstance(n, Definition) and n.name == "__init__"), None)
    for child in node.body:
        if isinstance(child, ast.AnnAssign) and isinstance(child.target, ast.Name):
            made.attributes.add(child.target.id)
            if constructor is None and _is_data(node):
                made.defaults[child.target.id] = _field(child.value)
                made.places[child.target.id] = (child.lineno, child.end_lineno or child.lineno)
        elif isinstance(child, ast.Assign):
            made.attributes |= {target.id for target in child.targets if isinstance(target, ast.Name)}
        elif isinstance(child, Definition | ast.ClassDef):
            made.attributes.add(child.name)
    if constructor:
        _take(made, constructor)
    for inner in ast.walk(node):
        if isinstance(inner, ast.Attribute):
            made.attributes.add(inner.attr)
        made.closed &= not (isinstance(inner, ast.Name) and inner.id in ("setattr", "__getattr__"))
    made.closed &= "__getattr__" not in made.attributes
    for base in node.bases:
        _inherit(made, base, once, done, constructor is None)
    return made


def _is_data(node: ast.ClassDef) -> bool:
    return any("dataclass" in ast.unparse(decorator) for decorator in node.decorator_list)


def _inherit(
    made: Callable,
    base: ast.expr,
    once: Mapping[str, tuple[str, ast.ClassDef | Definition]],
    done: dict[str, Callable],
    constructor_too: bool,
) -> None:
    name = base.id if isinstance(base, ast.Name) else base.attr if isinstance(base, ast.Attribute) else ""
    if name in ("object", "ABC"):
        return
    if name not in once or name == made.name:
        made.closed = False
        made.known &= not constructor_too or name.endswith("Mixin")
        return
    parent = _read(name, once, done)
    made.attributes |= parent.attributes | set(parent.defaults)
    made.closed &= parent.closed
    if constructor_too:
        made.defaults = {**parent.defaults, **made.defaults}
        made.known &= parent.known


def _take(made: Callable, node: Definition) -> None:
    """Add the parameters of a function."""
    given = node.args
    listed = [*given.posonlyargs, *given.args]
    defaults: list[ast.expr | None] = [None] * (len(listed) - len(given.defaults)) + list(given.defaults)
    for argument, default in [
        *zip(listed, defaults, strict=True),
        *zip(given.kwonlyargs, given.kw_defaults, strict=True),
    ]:
        if argument.arg not in ("self", "cls"):
            made.defaults[argument.arg] = _plain(default)
            made.places[argument.arg] = (argument.lineno, (default or argument).end_lineno or argument.lineno)
    made.known &= given.kwarg is None and given.vararg is None


def _field(value: ast.expr | None) -> str:
    """The default of a field: the value, or what `field(default=…)` says."""
    if isinstance(value, ast.Call):
        value = next((keyword.value for keyword in value.keywords if keyword.arg == "default"), None)
    return _plain(value)


def _plain(value: ast.expr | None) -> str:
    """A default that reads the same in the source and in a sentence: no `1e-5`, which may be written in many ways."""
    if isinstance(value, ast.Constant) and isinstance(value.value, bool | int | float | str | None):
        text = ast.unparse(value).replace("'", '"')
        return "" if isinstance(value.value, float) and not 0.01 <= value.value < 1000 else text
    return ""


def _messages(file: str, tree: ast.Module) -> Iterator[Message]:
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call) and len(node.exc.args) == 1):
            continue
        said, error = node.exc.args[0], node.exc.func
        if not (isinstance(said, ast.Constant) and isinstance(said.value, str) and isinstance(error, ast.Name)):
            continue
        plain = re.fullmatch(r"[\w ,.'():=-]+", said.value)
        if plain and len(said.value.split()) >= 6 and error.id.endswith("Error"):
            yield Message(error.id, said.value, file, node.lineno, node.end_lineno or node.lineno)
