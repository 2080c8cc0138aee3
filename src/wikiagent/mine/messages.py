"""The words of string expressions and docstrings, as one line of prose."""

from __future__ import annotations

import re

from tree_sitter import Node

from wikiagent.code.syntax import ancestors, text_of

_STRINGS = ("string", "concatenated_string", "parenthesized_expression", "binary_operator")
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(.))", re.S)
_TAG = re.compile(
    r"(`[^`]*`)|</?(?:a|b|br|code|div|em|i|img|li|ol|p|pre|small|span|strong|sub|sup|tip|u|ul)\b(?:\s+[\w-]+=(?:\"[^\"]*\"|'[^']*'|\{[^}]*\}|\w+))*\s*/?>"
)


def message(node: Node) -> str:
    """The words of a string expression: joined parts, `{placeholders}` as code, white space folded.

    Of a choice between two texts it gives the first. What is not text, as a variable in a sum, becomes `…`.
    """
    out: list[str] = []
    stack = [node]
    while stack:
        part = stack.pop()
        if part.type == "string_content":
            text = _unescaped(part)
            ends = out[-1][-1:] if out else ""
            if (ends in (".", "!", "?") or ends.islower()) and text[:1].isupper():
                out.append(" ")  # two literals that were joined without a blank
            out.append(text)
        elif part.type == "interpolation":
            out.append(_placeholder(part))
        else:
            inner = _inner(part)
            stack.extend(reversed(inner))
            if (
                not inner
                and out
                and part.parent is not None
                and part.parent.type == "binary_operator"
                and part.is_named
            ):
                out.append("…")
    return tidy("".join(out))


def _inner(part: Node) -> list[Node]:
    """The parts of an expression that hold its words."""
    if part.type == "binary_operator":
        left, operator, right = part.child(0), part.child_by_field_name("operator"), part.child_by_field_name("right")
        sides = (left,) if operator is not None and operator.type == "%" else (left, right)
        return [side for side in sides if side is not None]
    if part.type == "conditional_expression":
        return part.named_children[:1]
    if part.type != "call":
        return part.children
    function, arguments = part.child_by_field_name("function"), part.child_by_field_name("arguments")
    given = arguments.named_children[:1] if arguments is not None else []
    if function is None or function.type != "attribute" or function.children[0].type not in _STRINGS:
        return [node for node in given if node.type in (*_STRINGS, "call")]  # textwrap.dedent("…"), but not str(name)
    joined = text_of(function).endswith(".join")
    return given if joined else function.children[:1]  # "…".format(…)


def _placeholder(part: Node) -> str:
    expression = part.child_by_field_name("expression")
    code = text_of(expression) if expression is not None else "`"
    named = re.fullmatch(r"([A-Z]\w*)\.__name__", code)
    if named:
        return f"`{named[1]}`"
    return "…" if "`" in code else f"`{{{code}}}`"


def _unescaped(part: Node) -> str:
    """The text of a part of a string; its escapes stand as children between the plain text."""
    text = text_of(part)
    kinds = {child.type for child in part.children}
    if "escape_interpolation" in kinds:
        text = text.replace("{{", "{").replace("}}", "}")
    return _ESCAPE.sub(_character, text) if "escape_sequence" in kinds else text


def _character(escape: re.Match[str]) -> str:
    code, plain = escape[1] or escape[2], escape[3]
    if code:
        return chr(int(code, 16)).encode("utf-8", "replace").decode("utf-8")
    return " " if plain in "nrtfv" else "" if plain == "\n" else plain


def tidy(text: str) -> str:
    """One line of prose: links and markup of docstrings reduced to their words, adjoining code spans joined."""
    text = _TAG.sub(lambda tag: tag[1] or "", text)
    text = re.sub(r"\[([^\][]+)\]\((?:https?:)?[^()]*\)", r"\1", text)
    text = re.sub(r"\[?``?~?([^`]+)``?\]?", r"`\1`", text)
    text = re.sub(r":\w+:`", "`", text)
    text = re.sub(r"\*\*([^*]+)\*\*", r"\1", text)
    text = re.sub(r"`(\{[^`]*\})``?", r"`\1`", text)
    return " ".join(text.split())


def spoken(call: Node) -> tuple[str, Node | None]:
    """What a call says: the first of its arguments that reads as prose, else its first; names are followed.

    Returns:
        The words, and where they are assigned if they do not stand in the call.
    """
    arguments = call.child_by_field_name("arguments")
    candidates = []
    for argument in arguments.named_children if arguments is not None else ():
        if argument.type == "keyword_argument":
            name, value = argument.child_by_field_name("name"), argument.child_by_field_name("value")
            if name is None or value is None or text_of(name) not in ("message", "msg", "detail", "reason"):
                continue
            argument = value
        source = assigned(argument)
        candidates.append((message(source), source if source != argument else None))
    prose = (found for found in candidates if len(found[0].split()) >= 3)
    return next(prose, candidates[0] if candidates else ("", None))


def assigned(node: Node) -> Node:
    """For a name, the expression last assigned to it above, in its function or as a constant; else the node itself."""
    if node.type != "identifier":
        return node
    outside = False
    for around in ancestors(node):
        if around.type in ("block", "module") and (not outside or text_of(node).isupper()):
            for sibling in reversed(around.named_children):
                inner = sibling.named_children[0] if sibling.type == "expression_statement" else None
                if sibling.end_byte <= node.start_byte and inner is not None and inner.type == "assignment":
                    left, right = inner.child_by_field_name("left"), inner.child_by_field_name("right")
                    if left is not None and right is not None and left.text == node.text:
                        return right
        outside = outside or around.type == "function_definition"
    return node
