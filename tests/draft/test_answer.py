"""The form of answers, made from the page types, and what is read out of them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from wikiagent.draft.answer import AUTHORED, Schema, answer_schema, outline, read_answer
from wikiagent.errors import AnswerError
from wikiagent.wiki.page import PAGE_TYPES, PageKind

KINDS = list(AUTHORED)
HEURISTIC: dict[str, Any] = {
    "overview": [{"text": "It warns.", "refs": ["e1"]}],
    "description": [{"text": "It warns when it merges.", "refs": ["e1", "e2"]}],
    "usage": "Read this before merging.",
    "insight": [{"label": "Action", "prose": [{"text": "Compare.", "refs": ["e2"]}]}],
    "reasoning": [],
    "category": "Warning",
}


@pytest.fixture
def schema() -> Schema:
    return answer_schema(PageKind.HEURISTIC, ["e1", "e2"], [])


def parts(node: Any) -> list[dict[str, Any]]:
    inner = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    return ([node] if isinstance(node, dict) else []) + [part for each in inner for part in parts(each)]


@pytest.mark.parametrize("kind", KINDS)
def test_the_form_is_strict_and_follows_the_page_type(kind: PageKind) -> None:
    schema = answer_schema(kind, ["e1"], ["e1.1", "e1.2"])
    Draft202012Validator.check_schema(schema)
    assert set(schema["properties"]) == {*AUTHORED[kind], "narrow"}
    assert set(AUTHORED[kind]) <= set(PAGE_TYPES[kind].model_fields)
    for part in parts(schema):
        if part.get("type") == "object":
            assert part["additionalProperties"] is False
            assert part["required"] == list(part["properties"])
    assert {"Exhibit", "Metadata", "Link"}.isdisjoint(schema["$defs"])


@pytest.mark.parametrize("kind", KINDS)
def test_what_belongs_to_the_program_is_not_asked_for(kind: PageKind) -> None:
    told = outline(answer_schema(kind, ["e1"], []))
    asked = {"name", "metadata", "evidence", "related", "quick_install", "credentials", "python_packages", "narrow"}
    assert not [word for word in asked if f'"{word}"' in told]
    assert all(f'"{field}"' in told for field in AUTHORED[kind])


def test_a_page_is_read(schema: Schema) -> None:
    assert read_answer(json.dumps(HEURISTIC), schema) == HEURISTIC
    assert read_answer(f"Here it is:\n```json\n{json.dumps(HEURISTIC, indent=1)}\n```\nDone.", schema) == HEURISTIC
    assert read_answer(f"Sure. {json.dumps(HEURISTIC)} I hope that helps.", schema) == HEURISTIC


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"overview": [{"text": "It warns.", "refs": ["e7"]}]}, "'e7' is not one of ['e1', 'e2']"),
        ({"overview": [{"text": "It warns.", "refs": []}]}, "overview.0.refs"),
        ({"overview": []}, "overview"),
        ({"category": "Fun"}, "category"),
        ({"path": "../../etc/passwd"}, "'path' was unexpected"),
        ({"insight": [{"label": "Joke", "prose": [{"text": "x", "refs": ["e1"]}]}]}, "insight.0.label"),
    ],
)
def test_another_form_is_refused_by_name(schema: Schema, change: dict[str, Any], message: str) -> None:
    with pytest.raises(AnswerError) as caught:
        read_answer(json.dumps(HEURISTIC | change), schema)
    assert message in str(caught.value)


@given(st.text() | st.builds(lambda text, cut: text[:cut], st.just(json.dumps(HEURISTIC)), st.integers(0, 300)))
def test_no_text_ends_in_another_error(text: str) -> None:
    try:
        found = read_answer(text, answer_schema(PageKind.HEURISTIC, ["e1", "e2"], []))
    except AnswerError:
        return
    assert set(found) == set(HEURISTIC)


def test_deep_nesting_is_no_answer(schema: Schema) -> None:
    with pytest.raises(AnswerError):
        read_answer("[" * 100_000, schema)
    with pytest.raises(AnswerError):
        read_answer('{"overview":' * 100_000, schema)
