"""The form of a model's answer, made from the page types, and the page made from an answer.

A model writes the prose of a page and names evidence by id. Names, metadata, links, quotes, lines and install commands
are the program's.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema import ValidationError as Problem
from pydantic import ValidationError

from wikiagent.draft.environment import NOT_STATED
from wikiagent.draft.evidence import EvidenceTable
from wikiagent.draft.heuristic import NO_REASON
from wikiagent.draft.said import much_alike
from wikiagent.errors import AnswerError
from wikiagent.wiki.page import PAGE_TYPES, Environment, Exhibit, Heuristic, PageKind

#: The fields of each type that a model writes, in the order in which it is asked for them, and how many parts each
#: may have: so few that a reader reads them, and at least one where a page needs it.
AUTHORED: dict[PageKind, dict[str, tuple[int, int]]] = {
    PageKind.HEURISTIC: {
        "overview": (1, 1),
        "description": (1, 5),
        "usage": (1, 1),
        "insight": (1, 6),
        "reasoning": (0, 4),
        "category": (1, 1),
    },
    PageKind.ENVIRONMENT: {
        "overview": (1, 1),
        "description": (1, 5),
        "usage": (1, 1),
        "requirements": (1, 5),
        "errors": (0, 5),
        "compatibility": (0, 5),
        "category": (1, 1),
    },
}
#: Prose that may be empty: the program then says that the source states nothing.
_MAY_BE_EMPTY = frozenset({"solution", "notes"})
#: Statements in one part of a page.
_MAX_STATEMENTS = 3
#: Lines that an answer may name: endpoints limit the values of a schema, and so much need not be narrowed.
_MOST_LINES = 400
#: What a row of System Requirements is about.
_REQUIREMENTS = ("OS", "Hardware", "Python", "Memory", "Storage", "Network", "Software")
#: What JSON schemas of strict answers may hold; endpoints refuse more.
_KEPT = frozenset(
    "type properties required items enum $ref $defs description additionalProperties minItems maxItems".split()
)

Schema = dict[str, Any]


def answer_schema(kind: PageKind, ids: Sequence[str], lines: Sequence[str]) -> Schema:
    """The JSON schema of an answer: the authored fields of a page type, references limited to the evidence shown.

    Args:
        kind: Environment or Heuristic.
        ids: the ids of the evidence.
        lines: the ids of the lines of long evidence, as `e3.1`, to which that may be narrowed.
    """
    whole: Schema = json.loads(_schema_of(kind))
    definitions: Schema = whole["$defs"]
    definitions["Statement"]["properties"]["refs"] = {
        "type": "array",
        "items": {"type": "string", "enum": list(ids)},
        "minItems": 1,
        "maxItems": 4,
        "description": "ids of the evidence that says so",
    }
    definitions["Statement"]["properties"]["text"]["description"] = "one sentence"
    if "Requirement" in definitions:
        definitions["Requirement"]["properties"]["category"] = {"type": "string", "enum": list(_REQUIREMENTS)}
    fields = {}
    for name, (least, most) in AUTHORED[kind].items():
        field = _without_null(whole["properties"][name])
        if field.get("type") == "array":
            field.update(minItems=least, maxItems=most)
        fields[name] = field
    definitions["Line"] = {"type": "string", "enum": list(lines)}
    line: Schema = {"$ref": "#/$defs/Line"}
    narrowed = {
        "type": "array",
        "maxItems": 3,
        "description": "mostly empty; of evidence with numbered lines, the first and last line that matter",
        "items": {"type": "object", "properties": {"first": line, "last": line}},
    }
    if 0 < len(lines) <= _MOST_LINES:
        fields["narrow"] = narrowed
    schema = {"type": "object", "properties": fields, "$defs": definitions}
    clean: Schema = _strict(schema)
    clean["$defs"] = {name: clean["$defs"][name] for name in sorted(_used(clean, clean["properties"]))}
    return clean


@cache
def _schema_of(kind: PageKind) -> str:
    return json.dumps(PAGE_TYPES[kind].model_json_schema())


def _without_null(field: Schema) -> Schema:
    """A field that may be null, as one that may not."""
    options = [option for option in field.get("anyOf", ()) if option.get("type") != "null"]
    return {**field, **options[0]} if options else dict(field)


def _strict(node: Any, name: str = "") -> Any:
    """A schema with nothing but what strict answers allow: every property is required, no other is allowed."""
    if isinstance(node, list):
        return [_strict(each) for each in node]
    if not isinstance(node, dict):
        return node
    kept = {key: value for key, value in node.items() if key in _KEPT}
    for part in ("properties", "$defs"):
        if part in kept:
            kept[part] = {key: _strict(value, key) for key, value in kept[part].items()}
    if "items" in kept:
        kept["items"] = _strict(kept["items"])
        if "$ref" in kept["items"] and "maxItems" not in kept:
            kept.update(minItems=0 if name in _MAY_BE_EMPTY else 1, maxItems=_MAX_STATEMENTS)
    if "properties" in kept:
        kept.update(required=list(kept["properties"]), additionalProperties=False)
    return kept


def _used(schema: Schema, node: Any) -> set[str]:
    """The definitions that a part of a schema needs."""
    named = set(re.findall(r'"#/\$defs/(\w+)"', json.dumps(node)))
    for name in tuple(named):
        named |= _used(schema, schema["$defs"][name])
    return named


def outline(schema: Schema) -> str:
    """A schema as a person would sketch it: what a model is told, for not every endpoint shows it the schema."""
    statement = _outlined(schema["$defs"]["Statement"], {}, "")
    return f"{_outlined(schema, schema['$defs'], '')}\nwhere STATEMENT is {' '.join(statement.split())}"


def _outlined(node: Schema, definitions: Schema, indent: str) -> str:
    if "$ref" in node:
        name = node["$ref"].rpartition("/")[2]
        return "STATEMENT" if name == "Statement" else _outlined(definitions[name], definitions, indent)
    if "enum" in node:
        values = [json.dumps(value) for value in node["enum"]]
        return "|".join(values if len(values) <= 8 else [values[0], "…", values[-1]])
    if node["type"] == "array":
        return f"[{_outlined(node['items'], definitions, indent)}{', …' if node.get('maxItems', 2) > 1 else ''}]"
    if node["type"] != "object":
        return {"integer": "number"}.get(node["type"], '"…"')
    inner = indent + "  "
    rows = []
    for name, field in node["properties"].items():
        said = f" ({field['description']})" if "description" in field else ""
        rows.append(f"{inner}{json.dumps(name)}: {_outlined(field, definitions, inner)}{said}")
    return "{\n" + ",\n".join(rows) + f"\n{indent}}}"


def read_answer(text: str, schema: Schema) -> dict[str, Any]:
    """The JSON object of an answer, which may stand in a fence or after words.

    Raises:
        AnswerError: there is none, or it does not follow the schema; the message says where.
    """
    found = _json_in(text)
    problems = sorted(Draft202012Validator(schema).iter_errors(found), key=lambda problem: list(map(str, problem.path)))
    if problems:
        said = "; ".join(f"{'.'.join(map(str, p.path)) or 'the answer'}: {_problem(p)}" for p in problems[:4])
        raise AnswerError(f"the answer does not have the form that was asked for: {said}")
    return dict(found)


def _json_in(text: str) -> Any:
    fence = re.search(r"```(?:json)?\s*\n(.*?)```", text, re.S)
    inside = (fence[1] if fence else text).strip()
    start = inside.find("{")
    try:
        found, _ = json.JSONDecoder(strict=False).raw_decode(inside, max(start, 0))
        json.dumps(found, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        raise AnswerError("the answer holds text that is no Unicode") from error
    except (ValueError, RecursionError) as error:
        raise AnswerError("the answer is no JSON object") from error
    return found


def _problem(problem: Problem) -> str:
    """What is wrong with a part of an answer; one of the wrong type, which can be anything, is not repeated."""
    return f"not of type {problem.validator_value}" if problem.validator == "type" else _shortened(problem.message)


def _shortened(text: str) -> str:
    return text if len(text) <= 160 else f"{text[:80]} … {text[-70:]}"


def page_from(
    answer: Mapping[str, Any], base: Environment | Heuristic, table: EvidenceTable
) -> Environment | Heuristic:
    """The page that an answer makes.

    Args:
        answer: an answer that follows `answer_schema`.
        base: a page of the candidate; what a model does not write is taken from it.
        table: the evidence that the model was shown.

    Raises:
        AnswerError: the parts make no page.
    """
    written = {name: answer[name] for name in AUTHORED[base.kind]}
    used = set(_refs(written)) | (set(_kept_refs(base)) if isinstance(base, Environment) else set())
    lines = _narrowed(answer.get("narrow", ()))
    exhibits: list[Exhibit] = []
    numbers: dict[str, str] = {}
    for piece in table:
        if piece.id not in used:
            continue
        first, last = lines.get(piece.id, (1, len(piece.place)))
        numbers[piece.id] = f"e{len(exhibits) + 1}"
        exhibits.append(table.exhibit(piece, first, last).model_copy(update={"id": numbers[piece.id]}))
    fixed = {name: _fixed(name, value) for name, value in _once(written).items()}
    own = _renumbered(fixed, numbers)
    kept = _renumbered(base.model_dump(mode="json", exclude={*written, "evidence"}), numbers)
    try:
        return type(base).model_validate({**kept, **own, "evidence": exhibits})
    except ValidationError as error:
        first_error = error.errors()[0]
        place = ".".join(map(str, first_error["loc"]))
        raise AnswerError(f"{place}: {_shortened(first_error['msg'])}") from error


def _narrowed(rows: Iterable[Mapping[str, str]]) -> dict[str, tuple[int, int]]:
    """First and last line by the id of a piece; a pair from two pieces narrows neither."""
    found = {}
    for row in rows:
        (one, first), (other, last) = (row[end].split(".") for end in ("first", "last"))
        if one == other:
            found[one] = (min(int(first), int(last)), max(int(first), int(last)))
    return found


def _kept_refs(base: Environment) -> Iterable[str]:
    """The references of what the program writes on an Environment: packages and credentials."""
    return _refs(
        [prose.model_dump() for items in (base.python_packages, base.credentials) for part in items for prose in part]
    )


def _refs(node: Any) -> Iterable[str]:
    if isinstance(node, Mapping):
        yield from node.get("refs", ())
        for value in node.values():
            yield from _refs(value)
    elif isinstance(node, list):
        for value in node:
            yield from _refs(value)


def _renumbered(node: Any, numbers: Mapping[str, str]) -> Any:
    if isinstance(node, Mapping):
        return {
            key: [numbers[r] for r in value] if key == "refs" else _renumbered(value, numbers)
            for key, value in node.items()
        }
    if isinstance(node, list | tuple):
        return [_renumbered(value, numbers) for value in node]
    return node


def _once(written: Mapping[str, Any]) -> dict[str, Any]:
    """The parts of an answer without what description and reasoning say a second time in nearly the same words.

    An Action may say the overview's fact again, as advice; and a description that says nothing new keeps one sentence.
    """
    said = [statement["text"] for statement in written["overview"]]

    def new(statement: Mapping[str, Any]) -> bool:
        text = statement["text"]
        if any(text == before or much_alike(text, before) for before in said):
            return False
        said.append(text)
        return True

    out = dict(written)
    out["description"] = [s for s in written["description"] if new(s)] or written["description"][:1]
    if "reasoning" in written:
        out["reasoning"] = [statement for statement in written["reasoning"] if new(statement)]
    return out


def _fixed(name: str, value: Any) -> Any:
    """What an answer leaves empty, in the fixed phrase of its section."""
    if name == "reasoning" and not value:
        return NO_REASON
    if name == "errors":
        return [{**row, "solution": row["solution"] or NOT_STATED} for row in value]
    return value
