"""Signatures: what the callables of a source take, what their defaults are, and what attributes its classes have."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from threading import RLock

from tree_sitter import Node

from wikiagent.code.syntax import ancestors, first_line, last_line, matches, parse, query, text_of
from wikiagent.source.evidence import Place
from wikiagent.source.snapshot import Snapshot

_DEFINED = (re.compile(r"\bdef[ \t]+(\w+)"), re.compile(r"\bclass[ \t]+(\w+)"))
_DEFINITIONS = query("[(function_definition) (class_definition)] @definition")
_FACTORY = re.compile(r"^(?:\w+\.)*field\(")


@dataclass
class Signature:
    """A callable or class as far as the source tells.

    Attributes:
        name: qualified within its module: `LoraConfig`, `LoraModel.merge_and_unload`.
        place: all its lines, decorators included.
        parameters: what it takes, by name; the source text of the default, None where it has none.
        attributes: what a class has besides: methods, fields, what its methods set on `self`.
        code: the code of a function, every name in which may be meant by `x` of `function`.
        takes_more: whether it may take parameters that are not listed (`**kwargs`, a base class from elsewhere).
        has_more: whether it may have attributes that are not listed.
    """

    name: str
    place: Place
    parameters: dict[str, str | None] = field(default_factory=dict)
    attributes: set[str] = field(default_factory=set)
    code: bytes = field(default=b"", repr=False)
    takes_more: bool = False
    has_more: bool = False

    def takes(self, name: str) -> bool:
        """Whether it has, or may have, a parameter of this name."""
        return self.takes_more or name in self.parameters

    def has(self, name: str) -> bool:
        """Whether it has, or may have, an attribute or parameter of this name."""
        known = self.has_more or name in self.attributes or name in self.parameters
        return known or bool(self.code and re.search(rb"\b" + re.escape(name.encode()) + rb"\b", self.code))


class Signatures:
    """The signatures of a snapshot's Python files; a file is parsed when a name that it defines is first asked for."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._parsed: dict[str, dict[str, list[Signature]]] = {}
        self._lock = RLock()  # drafts are checked by several threads
        self._asked: dict[str, tuple[Signature, ...]] = {}
        self._taking: dict[str, list[Signature]] = {}

    @cached_property
    def _files(self) -> dict[str, list[str]]:
        """Simple name to the files that define it."""
        found: dict[str, list[str]] = defaultdict(list)
        for path in self._snapshot.files:
            if path.endswith(".py"):
                code = self._snapshot.read(path).decode("utf-8", "replace")
                for name in {name for pattern in _DEFINED for name in pattern.findall(code)}:
                    found[name].append(path)
        return found

    def of(self, name: str) -> tuple[Signature, ...]:
        """All definitions of a simple name, or of `Class.method`; empty where the source has none."""
        with self._lock:
            if name not in self._asked:
                outer, _, simple = name.rpartition(".")
                self._asked[name] = tuple(
                    signature
                    for path in self._files.get(simple, ())
                    for signature in self._in_file(path).get(simple, ())
                    if not outer or signature.name.endswith(name)
                )
            return self._asked[name]

    def taking(self, parameter: str) -> list[Signature]:
        """All definitions that take a parameter of this name."""
        if parameter not in self._taking:
            self._taking[parameter] = self._find_taking(parameter)
        return self._taking[parameter]

    def _find_taking(self, parameter: str) -> list[Signature]:
        name = parameter.encode()
        wanted = re.compile(rb"[(,\n]\s*" + re.escape(name) + rb"\s*(?::[^=\n]*)?[=,:)]")
        files = [path for path in self._snapshot.files if path.endswith(".py")]
        files = [path for path in files if name in (code := self._snapshot.read(path)) and wanted.search(code)]
        return [signature for path in files for signature in self.in_file(path) if parameter in signature.parameters]

    def defined(self, name: str) -> bool:
        """Whether the source defines a class or function of this simple name."""
        return name in self._files

    def in_file(self, path: str) -> list[Signature]:
        """All signatures of a file."""
        with self._lock:
            return [signature for group in self._in_file(path).values() for signature in group]

    def _in_file(self, path: str) -> dict[str, list[Signature]]:
        if path not in self._parsed:
            grouped: dict[str, list[Signature]] = defaultdict(list)
            self._parsed[path] = grouped
            if self._snapshot.has(path) and path.endswith(".py"):
                for signature in self._read(path):
                    grouped[signature.name.rpartition(".")[2]].append(signature)
        return self._parsed[path]

    def _read(self, path: str) -> Iterator[Signature]:
        root = parse(self._snapshot.read(path), path).root_node
        nodes = [node for found in matches(_DEFINITIONS, root) for node in found["definition"]]
        for node in sorted(nodes, key=lambda node: node.start_byte):
            outer = [around for around in ancestors(node) if around.type in ("function_definition", "class_definition")]
            name = ".".join(_field(each, "name") for each in [*reversed(outer), node])
            yield (
                self._function(node, name, path)
                if node.type == "function_definition"
                else self._class(node, name, path)
            )

    @staticmethod
    def _function(node: Node, name: str, path: str) -> Signature:
        signature = Signature(name, _place(node, path), code=node.text or b"")
        listed = node.child_by_field_name("parameters")
        for parameter in listed.named_children if listed is not None else ():
            _add_parameter(signature, parameter)
        for first in ("self", "cls"):
            if "." in name and next(iter(signature.parameters), "") == first:
                del signature.parameters[first]
        return signature

    def _class(self, node: Node, name: str, path: str) -> Signature:
        signature = Signature(name, _place(node, path))
        body = node.child_by_field_name("body")
        own: dict[str, str | None] = {}
        constructor: Signature | None = None
        for child in body.named_children if body is not None else ():
            inner = child.child_by_field_name("definition") if child.type == "decorated_definition" else child
            if inner is not None and inner.type in ("function_definition", "class_definition"):
                defined = _field(inner, "name")
                signature.attributes.add(defined)
                signature.has_more |= defined in ("__getattr__", "__getattribute__")
                if defined in ("__init__", "__new__"):
                    constructor = self._function(inner, f"{name}.{defined}", path)
            elif child.type == "expression_statement":
                _add_field(own, signature.attributes, child)
        code = text_of(node)
        signature.attributes.update(re.findall(r"\b(?:self|cls)\.(\w+)\s*(?::[^=\n]+)?=(?!=)", code))
        signature.has_more |= bool(re.search(r"\bsetattr\(\s*self|\b__dict__\s*(?:\[|\.(?:update|setdefault))", code))
        signature.parameters = dict(constructor.parameters) if constructor else own
        signature.takes_more = constructor.takes_more if constructor else False
        self._inherit(signature, node, constructor is None)
        return signature

    def _inherit(self, signature: Signature, node: Node, constructor_too: bool) -> None:
        """Add what a class has from its bases; a base that the source does not define may give it anything."""
        bases = node.child_by_field_name("superclasses")
        for base in bases.named_children if bases is not None else ():
            simple = text_of(base).rpartition(".")[2]
            if base.type == "keyword_argument" or simple in ("object", "ABC", "Generic", "Protocol"):
                continue
            known = [s for s in self.of(simple) if s is not signature] if re.fullmatch(r"\w+", simple) else []
            if not known or simple == signature.name.rpartition(".")[2]:
                signature.has_more = True
                signature.takes_more |= constructor_too and not simple.endswith("Mixin")
            for parent in known:
                signature.attributes |= parent.attributes | set(parent.parameters)
                signature.has_more |= parent.has_more
                if constructor_too:
                    signature.parameters = {**parent.parameters, **signature.parameters}
                    signature.takes_more |= parent.takes_more


def _place(node: Node, path: str) -> Place:
    outer = node.parent if node.parent is not None and node.parent.type == "decorated_definition" else node
    return Place(path, first_line(outer), last_line(node))


def _field(node: Node, name: str) -> str:
    child = node.child_by_field_name(name)
    return text_of(child) if child is not None else ""


def _add_parameter(signature: Signature, node: Node) -> None:
    """Add one entry of a parameter list."""
    if node.type in ("list_splat_pattern", "dictionary_splat_pattern"):
        signature.takes_more = True
    elif node.type == "typed_parameter":
        inner = node.named_children[0]
        signature.takes_more |= inner.type in ("list_splat_pattern", "dictionary_splat_pattern")
        if inner.type == "identifier":
            signature.parameters[text_of(inner)] = None
    elif node.type == "identifier":
        signature.parameters[text_of(node)] = None
    elif node.type in ("default_parameter", "typed_default_parameter"):
        signature.parameters[_field(node, "name")] = _field(node, "value")


def _add_field(fields: dict[str, str | None], attributes: set[str], statement: Node) -> None:
    """Add an assignment in the body of a class: annotated ones are fields, which a data class takes."""
    assignment = statement.named_children[0] if statement.named_children else None
    if assignment is None or assignment.type != "assignment":
        return
    name, value = _field(assignment, "left"), assignment.child_by_field_name("right")
    if not name.isidentifier():
        return
    attributes.add(name)
    if assignment.child_by_field_name("type") is not None:
        fields[name] = _field_default(value) if value is not None else None


def _field_default(value: Node) -> str | None:
    """The default of a field: the value itself, or what `field(default=…)` says; `factory` where it is made anew."""
    if not _FACTORY.match(text_of(value)):
        return text_of(value)
    arguments = value.child_by_field_name("arguments")
    given = {
        _field(argument, "name"): _field(argument, "value")
        for argument in (arguments.named_children if arguments is not None else ())
        if argument.type == "keyword_argument"
    }
    factory = given.get("default_factory")
    return given.get("default") or (f"{factory}()" if factory else None)
