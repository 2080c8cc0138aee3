"""The agent's calls under inspect_ai: each is passed on to the model that inspect runs, logs and limits."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import jsonref
from anyio import from_thread
from inspect_ai.model import (
    ChatMessage,
    ChatMessageAssistant,
    ChatMessageSystem,
    ChatMessageUser,
    GenerateConfig,
    ModelOutput,
    ResponseSchema,
    get_model,
)
from inspect_ai.util import JSONSchema
from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatResult

from wikiagent.draft.llm import Model
from wikiagent.errors import ContextError

_ROLES: dict[str, type[ChatMessageSystem | ChatMessageUser | ChatMessageAssistant]] = {
    "system": ChatMessageSystem,
    "human": ChatMessageUser,
    "ai": ChatMessageAssistant,
}
#: Why an answer ended, in the words of the endpoints that `draft.llm` reads.
_REASONS = {"max_tokens": "length", "content_filter": "content_filter"}
#: Endpoints that refuse a schema which says how many parts a list may have; the form of an answer is checked anyway.
_WITHOUT_LENGTHS = ("anthropic/", "bedrock/")


class Form(JSONSchema):
    """A schema that says how many parts a list may have, as the agent's does and inspect's own cannot."""

    minItems: int | None = None  # noqa: N815 - the words of JSON schemas
    maxItems: int | None = None  # noqa: N815
    items: Form | None = None
    properties: dict[str, Form] | None = None  # type: ignore[assignment] # each is a JSONSchema


class PassedOn(Model):
    """The model of an agent that works in a thread which `anyio.to_thread` began within a sample of inspect.

    Nothing goes to the endpoint that its own settings name; an error of inspect's model ends the sample.
    """

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        form = kwargs.get("extra_body", {}).get("response_format")
        model = get_model()
        kind = JSONSchema if str(model).startswith(_WITHOUT_LENGTHS) else Form
        config = GenerateConfig(response_schema=_schema(form["json_schema"], kind) if form else None)
        asked = partial(model.generate, _asked(messages), config=config)
        return ChatResult(generations=[ChatGeneration(message=_answered(from_thread.run(asked)))])


def passed_on(name: str, max_answer: int) -> PassedOn:
    """A model for an agent; it needs no key.

    Args:
        name: what it is called.
        max_answer: the most tokens of an answer, which the agent leaves room for.
    """
    return PassedOn(model=name, api_key="none", max_tokens=max_answer)


def _asked(messages: Sequence[BaseMessage]) -> list[ChatMessage]:
    return [_ROLES[message.type](content=str(message.text)) for message in messages]


def _schema(form: dict[str, Any], kind: type[JSONSchema]) -> ResponseSchema:
    """The form of an answer as inspect has it: without references."""
    whole = jsonref.replace_refs(form["schema"], proxies=False, lazy_load=False)
    return ResponseSchema(
        name=form["name"], strict=form["strict"], json_schema=kind.model_validate({**whole, "$defs": None})
    )


def _answered(output: ModelOutput) -> AIMessage:
    """The model's message, without halves of characters, which no log can hold.

    Raises:
        ContextError: the request was longer than its context.
    """
    reason = "" if output.empty else output.stop_reason
    if reason == "model_length":
        raise ContextError("the request is longer than the model's context: pass -T context=TOKENS")
    text = output.completion.encode("utf-8", "replace").decode()
    return AIMessage(text, response_metadata={"finish_reason": _REASONS.get(reason, "stop")})
