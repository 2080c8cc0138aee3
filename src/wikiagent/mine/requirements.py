"""Reads what a source asks to be installed with it: `setup.py`, `setup.cfg`, `pyproject.toml`. Nothing is run."""

from __future__ import annotations

import configparser
import re
import tomllib
from collections.abc import Iterable, Iterator

from packaging.requirements import InvalidRequirement, Requirement
from tree_sitter import Node

from wikiagent.code.syntax import ancestors, first_line, parse, text_of
from wikiagent.source.evidence import Place
from wikiagent.source.home import MAX_LINE

_HEADER = re.compile(r"^\s*\[+\s*([\w.\-\"' ]+?)\s*\]+\s*(?:#.*)?$")
_DEVELOPMENT = re.compile(r"dev|test|quality|lint|style|doc|typ(es|ing)|ci$|bench|release|^all$|^check", re.I)
_KEY = re.compile(r"^\s*([\w.-]+)\s*[=:]")


def is_setup_file(path: str) -> bool:
    """Whether a file at the root of the source says what to install."""
    return path in ("setup.py", "setup.cfg", "pyproject.toml")


def read(path: str, lines: tuple[str, ...]) -> Iterator[tuple[str, str, Place]]:
    """What a set-up file requires at run time; what only extras, tests or the build need is left out.

    Yields:
        The package (`python` for the language), the requirement as written (for the language its versions), and the
        one line that says it.
    """
    if not is_setup_file(path):
        return
    plain = [line.rstrip("\r") if len(line) <= MAX_LINE else "" for line in lines]
    reader = {"setup.py": _setup_py, "setup.cfg": _setup_cfg, "pyproject.toml": _pyproject}[path]
    for package, text, line in reader(plain):
        name = package or _name(text)
        if name:
            yield name, text, Place(path, line, line)


def extras(path: str, lines: tuple[str, ...]) -> Iterator[tuple[str, tuple[str, ...], Place]]:
    """The optional extras that users may install; those for developing the package are left out.

    Yields:
        The extra's name, its requirements as written, and the lines that list them.
    """
    if not is_setup_file(path):
        return
    plain = [line.rstrip("\r") if len(line) <= MAX_LINE else "" for line in lines]
    reader = {"setup.py": _setup_py_extras, "setup.cfg": _setup_cfg_extras, "pyproject.toml": _pyproject_extras}[path]
    for extra, found in reader(plain):
        named = [(text, line) for text, line in found if _name(text)]
        if named and not _DEVELOPMENT.search(extra):
            rows = [line for _, line in named]
            yield extra, tuple(text for text, _ in named), Place(path, min(rows), max(rows))


def _name(requirement: str) -> str:
    try:
        return Requirement(requirement).name
    except (InvalidRequirement, RecursionError):
        return ""


#: The package where it is known already (else empty), the requirement as written, and its line.
_Found = tuple[str, str, int]


# --- setup.py --------------------------------------------------------------------------------------------------------


def _setup_py(lines: list[str]) -> Iterator[_Found]:
    nodes = list(_nodes(parse("\n".join(lines).encode("utf-8", "replace")).root_node))
    for node in nodes:
        if node.type != "call" or text_of(node.children[0]).rpartition(".")[2] != "setup":
            continue
        for keyword in node.children[-1].named_children:
            name, value = keyword.child_by_field_name("name"), keyword.child_by_field_name("value")
            if name is None or value is None:
                continue
            if text_of(name) == "python_requires":
                yield from (("python", text, line) for text, line in _strings(_values(value, nodes)))
            elif text_of(name) == "install_requires":
                yield from (("", text, line) for text, line in _strings(_values(value, nodes)))


def _setup_py_extras(lines: list[str]) -> Iterator[tuple[str, list[tuple[str, int]]]]:
    """From `extras["name"] = [...]`, and from the pairs of a dictionary that is named or passed as extras."""
    nodes = list(_nodes(parse("\n".join(lines).encode("utf-8", "replace")).root_node))
    for node in nodes:
        if node.type == "assignment" and "extra" in text_of(node.children[0]).lower():
            key = next((n for n in _nodes(node.children[0]) if n.type == "string_content"), None)
            value = _list(node.child_by_field_name("right"), nodes)
            if key is not None and value is not None:
                yield text_of(key), list(_strings([value]))
        elif node.type == "pair" and any("extra" in text_of(around.children[0]).lower() for around in _holders(node)):
            key, value = node.child_by_field_name("key"), _list(node.child_by_field_name("value"), nodes)
            if key is not None and value is not None:
                yield text_of(key).strip("'\""), list(_strings([value]))


def _list(value: Node | None, nodes: list[Node]) -> Node | None:
    """A list as it is written, or the one that a name was assigned."""
    if value is not None and value.type == "identifier":
        assigned = (n for n in nodes if n.type == "assignment" and n.children[0].text == value.text)
        value = next((n.child_by_field_name("right") for n in assigned), None)
    return value if value is not None and value.type == "list" else None


def _holders(node: Node) -> Iterator[Node]:
    """The assignments and keyword arguments around a node."""
    return (around for around in ancestors(node) if around.type in ("assignment", "keyword_argument"))


def _values(value: Node, nodes: list[Node]) -> list[Node]:
    """An expression, with all that a file assigns or adds to the names in it."""
    values = [value]
    names = {text_of(node) for node in _nodes(value) if node.type == "identifier"}
    for node in nodes:
        if node.type in ("assignment", "augmented_assignment") and text_of(node.children[0]) in names:
            right = node.child_by_field_name("right")
            values += [right] if right is not None and right.type in ("list", "tuple", "string") else []
        elif any(around.type == "if_statement" for around in ancestors(node)):
            continue  # required under a condition only
        elif node.type == "call" and re.fullmatch(r"(\w+)\.(?:append|extend)", text_of(node.children[0])):
            values += [node.children[-1]] if text_of(node.children[0]).partition(".")[0] in names else []
    return values


def _nodes(root: Node) -> Iterator[Node]:
    stack = [root]
    while stack:
        node = stack.pop()
        yield node
        stack.extend(reversed(node.children))


def _strings(values: Iterable[Node]) -> Iterator[tuple[str, int]]:
    """The strings in expressions, each with its line; not those that a call or a comparison is given."""
    stack = list(values)[::-1]
    while stack:
        node = stack.pop()
        if node.type == "string":
            content = [child for child in node.named_children if child.type not in ("string_start", "string_end")]
            if [child.type for child in content] == ["string_content"]:
                yield text_of(content[0]), first_line(node)
        elif node.type not in ("call", "comparison_operator"):
            stack.extend(reversed(node.children))


# --- setup.cfg -------------------------------------------------------------------------------------------------------


def _setup_cfg(lines: list[str]) -> Iterator[_Found]:
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        parser.read_string("\n".join(lines))
    except configparser.Error:
        return
    python = parser.get("options", "python_requires", fallback="").strip()
    if python:
        yield from _located("python", [python], lines, "options", "python_requires")
    wanted = [line.strip() for line in parser.get("options", "install_requires", fallback="").split("\n")]
    yield from _located("", [line for line in wanted if line], lines, "options", "install_requires")


def _setup_cfg_extras(lines: list[str]) -> Iterator[tuple[str, list[tuple[str, int]]]]:
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        parser.read_string("\n".join(lines))
    except configparser.Error:
        return
    section = "options.extras_require"
    for extra, value in parser.items(section) if parser.has_section(section) else ():
        texts = [line.strip() for line in value.split("\n") if line.strip()]
        yield extra, [(text, line) for _, text, line in _located("", texts, lines, section, extra)]


# --- pyproject.toml --------------------------------------------------------------------------------------------------


def _pyproject(lines: list[str]) -> Iterator[_Found]:
    try:
        content = tomllib.loads("\n".join(lines))
    except (tomllib.TOMLDecodeError, RecursionError):
        return
    project = _table(content, "project")
    python, wanted = project.get("requires-python"), project.get("dependencies")
    if isinstance(python, str):
        yield from _located("python", [python], lines, "project", "requires-python")
    if isinstance(wanted, list):
        texts = [text for text in wanted if isinstance(text, str)]
        yield from _located("", texts, lines, "project", "dependencies")
    for package, wish in _table(content, "tool", "poetry", "dependencies").items():
        version = wish.get("version") if isinstance(wish, dict) else wish
        optional = isinstance(wish, dict) and wish.get("optional") is True
        if isinstance(version, str) and not optional:
            bound = _poetry_bound(version)
            for _, _, line in _located(package, [version], lines, "tool.poetry.dependencies", package):
                yield package, bound if package == "python" else f"{package}{bound}", line


def _pyproject_extras(lines: list[str]) -> Iterator[tuple[str, list[tuple[str, int]]]]:
    try:
        content = tomllib.loads("\n".join(lines))
    except (tomllib.TOMLDecodeError, RecursionError):
        return
    for extra, wanted in _table(content, "project", "optional-dependencies").items():
        texts = [text for text in wanted if isinstance(text, str)] if isinstance(wanted, list) else []
        located = _located("", texts, lines, "project.optional-dependencies", extra)
        yield extra, [(text, line) for _, text, line in located]


def _table(content: object, *keys: str) -> dict[str, object]:
    for key in keys:
        content = content.get(key) if isinstance(content, dict) else None
    return content if isinstance(content, dict) else {}


def _poetry_bound(version: str) -> str:
    """Poetry's version as others write it: a caret or tilde becomes its lower bound, a bare version is exact."""
    low = re.fullmatch(r"[\^~]\s*([\w.]+)", version.strip())
    if low:
        return f">={low[1]}"
    if re.fullmatch(r"\d[\w.]*", version.strip()):
        return f"=={version.strip()}"
    return "" if version.strip() == "*" else version.strip()


def _located(package: str, texts: list[str], lines: list[str], section: str, key: str) -> Iterator[_Found]:
    """Find the line of each text: in its section, from its key on; what is not found as written is left out."""
    start = _line_of_key(lines, section, key)
    for text in texts if start is not None else ():
        written = "|".join({re.escape(text), re.escape(text.replace('"', '\\"'))})  # TOML escapes quotes in quotes
        whole = re.compile(rf"(?<![\w.,<>=!~-])(?:{written})(?![\w.,<>=!~*\[-]|\s*[<>=!~;,@]\s*\w)")
        for number in range(start or 0, len(lines)):
            if not lines[number].lstrip().startswith("#") and whole.search(lines[number]):
                yield package, text, number + 1
                break


def _line_of_key(lines: list[str], section: str, key: str) -> int | None:
    """Index of the line where `key` of `section` begins, also where it is written `section.key`."""
    current = ""
    for index, line in enumerate(lines):
        header = _HEADER.match(line)
        found = _KEY.match(line)
        if header:
            current = header[1].replace('"', "").replace("'", "").replace(" ", "")
        elif found and ".".join(filter(None, (current, found[1]))).lower() == f"{section}.{key}".lower():
            return index
    return None
