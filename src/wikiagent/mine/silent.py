"""Silent signals: what code does without a word: late defaults, changed settings, errors passed over, care taken.

Their words are fixed phrases around the code itself. Only what users reach counts: nothing in a private definition.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from wikiagent.code.symbols import Symbol, docstring_node
from wikiagent.code.syntax import ancestors, first_line, last_line, text_of
from wikiagent.mine.signal import Signal, SourceFile

#: The kinds that say nothing themselves.
KINDS = frozenset(("default", "override", "unused", "fallback", "numeric", "unsaved"))
#: Longest code that still reads as part of a sentence, in characters.
MAX_CODE = 70
#: Words of code below which a function is a stub.
MIN_BODY = 8
_DEFINITIONS = ("class_definition", "function_definition")

_EMPTY = re.compile(r"^(None|\[\]|\{\}|\(\)|''|\"\"|(list|dict|set|tuple|OrderedDict|defaultdict)\(.{0,6}\))$")
_CONSTANT = re.compile(r"^(True|False|None|-?[\d_.]+(e-?\d+)?|\"[^\"\n]*\"|'[^'\n]*'|[A-Z]\w*(\.[A-Z][A-Z0-9_]*)+)$")


def default(file: SourceFile, node: Node) -> Iterator[Signal]:
    """`if x is None: x = …`, `x = … if x is None else x` and `self.x = x or …`, for a parameter `x`."""
    chosen = _chosen(node)
    if chosen is None:
        return
    name, value = chosen
    conditions = _outer_conditions(node)
    if name in _parameters(node) and not _EMPTY.match(value) and conditions is not None:
        becomes = f"it becomes `{value}`" if _fits(value) else "the code chooses a value"
        also = f" and `{conditions[0]}` holds" if conditions else ""
        yield from _signal("default", file, node, f"Where it is not given{also}, {becomes}.", name)


def _chosen(node: Node) -> tuple[str, str] | None:
    """The name that is given a value where it has none, and that value."""
    if node.type == "if_statement":
        condition, body = node.child_by_field_name("condition"), node.child_by_field_name("consequence")
        asked = re.fullmatch(r"(?:not (\w+)|(\w+) is None)", _code(condition))
        assignment = _assignment(body)
        if asked is None or assignment is None:
            return None
        name = asked[1] or asked[2]
        return _of_target(assignment[0], name, assignment[1])
    target, value = _code(node.child_by_field_name("left")), _code(node.child_by_field_name("right"))
    value = value[1:-1].strip() if value.startswith("(") and value.endswith(")") else value
    for pattern in (
        r"(?P<v>.+) if (?P<n>\w+) is None else (?P=n)",
        r"(?P<n>\w+) if (?P=n)(?: is not None)? else (?P<v>.+)",
    ):
        found = re.fullmatch(pattern, value)
        if found:
            return _of_target(target, found["n"], found["v"])
    found = re.fullmatch(r"(?P<n>\w+) or (?P<v>.+)", value)
    return _of_target(target, found["n"], found["v"]) if found and " and " not in value else None


def _of_target(target: str, name: str, value: str) -> tuple[str, str] | None:
    return (name, value) if target.removeprefix("self.").lstrip("_") == name else None


def override(file: SourceFile, node: Node) -> Iterator[Signal]:
    """A parameter or a field that is changed: to a constant under a condition, or to what a limit allows."""
    target, value = _code(node.child_by_field_name("left")), _code(node.child_by_field_name("right"))
    name = target.removeprefix("self.").lstrip("_")
    if not name.isidentifier() or not _settable(target, name, node):
        return
    limited = re.search(rf"(?<![\w.])(?:max|min)\([^()]*\b{re.escape(name)}\b[^()]*\)", value)
    if limited and _fits(value):
        yield from _signal("override", file, node, f"It is kept within limits: it becomes `{value}`.", name)
        return
    guard = _branch(node)
    condition = _code(guard.child_by_field_name("condition")) if guard is not None else ""
    asks_none = re.search(rf"\b{re.escape(name)} is None|\bnot (?:self\.)?{re.escape(name)}\b", condition)
    if (
        guard is not None
        and condition
        and not asks_none
        and _outer_conditions(guard) == []
        and _CONSTANT.match(value)
        and _fits(condition)
    ):
        yield from _signal("override", file, guard, f"Where `{condition}`, it is set to `{value}`.", name, last=node)


def fallback(file: SourceFile, node: Node) -> Iterator[Signal]:
    """An exception that is passed over, or answered with another value, without a word."""
    body = next((c for c in node.named_children if c.type == "block"), None)
    error = _code(node.named_children[0]).split(" as ")[0] if body != node.named_children[0] else "any exception"
    if body is None or len(body.named_children) != 1 or not re.fullmatch(r"\(?[\w., ]+\)?", error):
        return
    named = error if body == node.named_children[0] else f"`{error}`"
    does = _code(body.named_children[0])
    value = does.removeprefix("return").strip()
    if "ImportError" in error or "ModuleNotFound" in error:
        return
    if does in ("pass", "continue"):
        text = f"{named[0].upper()}{named[1:]} is passed over in silence."
    elif does.startswith("return"):
        text = f"Where {named} occurs, `{value or 'None'}` is returned."
    elif re.match(r"[\w.]+ = ", does):
        text = f"Where {named} occurs, it goes on with `{does}`."
    else:
        return
    if _fits(does) and node.parent is not None:
        yield from _signal("fallback", file, node.parent, text, "", last=node)


_CARE = (
    (
        re.compile(r"\.to\((?:dtype=)?torch\.(?:float32|float64|float|double)\)|\.float\(\)|\.double\(\)"),
        "Computed in higher precision",
    ),
    (re.compile(r"\.clone\(\)"), "Done on a copy"),
    (re.compile(r"\.contiguous\(\)"), "Made contiguous first"),
    (
        re.compile(r"nan_to_num|torch\.finfo\(|[+] (?:self\.)?(?:eps|1e-\d+)\b|clamp\w*\([^()]*(?:eps|1e-\d+)"),
        "Extreme values are kept away",
    ),
)


def numeric(file: SourceFile, node: Node) -> Iterator[Signal]:
    """A cast, a copy or a small constant that keeps a computation right."""
    code = _code(node)
    for pattern, what in _CARE:
        if pattern.search(code) and _fits(code):
            yield from _signal("numeric", file, node, f"{what}: `{code}`.", "")
            return


def unused(file: SourceFile, node: Node) -> Iterator[Signal]:
    """A parameter that its function never reads; not where others lay down the signature."""
    symbol, body, given = (
        file.symbol(first_line(node)),
        node.child_by_field_name("body"),
        node.child_by_field_name("parameters"),
    )
    if symbol is None or symbol.is_private or body is None or given is None or not _own_signature(file, symbol, node):
        return
    docstring = docstring_node(body)
    code = text_of(body).removeprefix(text_of(docstring) if docstring is not None else "")
    if len(code.split()) < MIN_BODY or re.search(r"NotImplemented|locals\(\)|vars\(\)", code):
        return
    for parameter in given.named_children:
        name = re.match(r"[a-z]\w*", text_of(parameter))
        if name and name[0] not in ("self", "cls") and not re.search(rf"\b{name[0]}\b", code):
            place = file.place(first_line(node), last_line(parameter))
            yield Signal("unused", place, symbol.name, "It is accepted, and never used.", subject=name[0])


def _own_signature(file: SourceFile, symbol: Symbol, node: Node) -> bool:
    """Whether a function chooses its parameters itself."""
    if symbol.simple == "__init__":
        return True
    outer = next((a for a in ancestors(node) if a.type in _DEFINITIONS), None)
    free = outer is None or (outer.type == "class_definition" and outer.child_by_field_name("superclasses") is None)
    decorated = node.parent is not None and node.parent.type == "decorated_definition"
    return (
        free
        and not decorated
        and not symbol.simple.startswith("__")
        and len(file.symbols.by_simple[symbol.simple]) == 1
    )


def unsaved(file: SourceFile, node: Node) -> Iterator[Signal]:
    """A buffer that no state dict holds, or a key that a function takes out of what it saves."""
    code = _code(node)
    saving = _function(node)
    saver = _code(saving.child_by_field_name("name")) if saving is not None else ""
    left_out = re.fullmatch(r"del [\w.]+\[[\"'](\w+)[\"']\]|[\w.]+\.pop\([\"'](\w+)[\"'](?:, None)?\)", code)
    if left_out and re.match(r"_?save|to_dict$|(\w+_)?state_dict$|__getstate__$|_?serialize", saver):
        text = f"It is left out of what `{saver}` gives."
        yield from _signal("unsaved", file, node, text, left_out[1] or left_out[2])
        return
    name = re.search(r"\(\s*(?:name\s*=\s*)?[\"'](\w+)[\"']", code)
    if name and re.search(r"persistent\s*=\s*False", code):
        yield from _signal("unsaved", file, node, "It is no part of the state dict: `persistent=False`.", name[1])


# --- code ------------------------------------------------------------------------------------------------------------


def _signal(
    kind: str, file: SourceFile, node: Node, text: str, subject: str, last: Node | None = None
) -> Iterator[Signal]:
    place = file.place(first_line(node), last_line(last if last is not None else node))
    symbol = file.symbol(place.last)
    if symbol is not None and not symbol.is_private and not symbol.simple.startswith("test"):
        yield Signal(kind, place, symbol.name, text, subject=subject)


def _code(node: Node | None) -> str:
    """The code of a node on one line."""
    return " ".join(text_of(node).split()) if node is not None else ""


def _fits(code: str) -> bool:
    return len(code) <= MAX_CODE and "`" not in code


def _assignment(block: Node | None) -> tuple[str, str] | None:
    """Target and value of the assignment that a block begins with."""
    first = block.named_children[0] if block is not None and block.named_children else None
    inner = first.named_children[0] if first is not None and first.type == "expression_statement" else None
    if inner is None or inner.type != "assignment":
        return None
    return _code(inner.child_by_field_name("left")), _code(inner.child_by_field_name("right"))


def _function(node: Node) -> Node | None:
    return next((around for around in ancestors(node) if around.type == "function_definition"), None)


def _parameters(node: Node) -> set[str]:
    """The names of the parameters of the function around a node."""
    function = _function(node)
    given = function.child_by_field_name("parameters") if function is not None else None
    return {
        found[0] for p in (given.named_children if given is not None else ()) if (found := re.match(r"\w+", text_of(p)))
    }


def _settable(target: str, name: str, node: Node) -> bool:
    """Whether an assignment changes what a user has set: a parameter, or a field of a dataclass."""
    if not target.startswith("self."):
        return name in _parameters(node)
    function = _function(node)
    made = _code(function.child_by_field_name("name")) if function is not None else ""
    return made == "__post_init__" or (made == "__init__" and name in _parameters(node))


def _outer_conditions(node: Node) -> list[str] | None:
    """The condition of the branch of the function that a statement stands in; None for more than one short one."""
    found: list[str] = []
    inner = node
    for around in ancestors(node):
        if around.type in _DEFINITIONS:
            return found
        if around.type in ("if_statement", "elif_clause", "else_clause", "for_statement", "while_statement"):
            condition = _code(around.child_by_field_name("condition"))
            taken = around.type == "if_statement" and around.child_by_field_name("consequence") == inner
            if found or not taken or not _fits(condition):
                return None
            found.append(condition)
        inner = around
    return found


def _branch(node: Node) -> Node | None:
    """The `if` whose own branch begins with the assignment, directly."""
    statement = node.parent
    block = statement.parent if statement is not None else None
    guard = block.parent if block is not None else None
    if guard is None or guard.type != "if_statement" or guard.child_by_field_name("consequence") != block:
        return None
    return guard
