"""What a model can do: asked of it in two small calls, whose answers the ledger keeps."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Literal

import openai
from langchain_core.messages import AIMessage, HumanMessage

from wikiagent.draft.llm import Model, ask
from wikiagent.errors import AnswerError, CallError, ConfigError

Mode = Literal["tools", "packed"]


@dataclass(frozen=True)
class Capability:
    """What a model can do.

    Attributes:
        tools: whether it calls a tool that it is given.
        schema: `followed`, `ignored` or `refused`: what it does with a JSON schema for its answer.
        context: its context in tokens, None where nobody says.
        why: in a sentence, how it showed in tool calling.
    """

    tools: bool
    schema: Literal["followed", "ignored", "refused"]
    context: int | None
    why: str

    def mode(self, wanted: str) -> tuple[Mode, str]:
        """The drafting mode and why, where `wanted` is auto, tools or packed."""
        if wanted == "tools" or wanted == "packed":
            return ("tools" if wanted == "tools" else "packed"), "as --mode says"
        return ("tools" if self.tools else "packed"), self.why


def capability_of(model: Model, context: int | None) -> Capability:
    """Ask a model to call a tool, and to answer by a schema.

    Args:
        model: the model.
        context: its context in tokens where the settings say it; else the endpoint is asked.

    Raises:
        BudgetError, CallError, ConfigError: the endpoint cannot be used at all.
    """
    model = model.about("probe", "")
    answered = ask_plainly(model)  # what fails here fails for good
    tools, why = _calls_tools(model) if answered else (False, "it does not answer")
    return Capability(tools, _follows_schema(model), context or context_of(model), why)


def ask_plainly(model: Model) -> bool:
    """Whether the model says anything at all.

    Raises:
        CallError, ConfigError: the endpoint cannot be used.
    """
    try:
        return bool(ask(model, [HumanMessage("Answer with the one word: ready")]))
    except AnswerError:
        return False


def _calls_tools(model: Model) -> tuple[bool, str]:
    tool = {
        "type": "function",
        "function": {
            "name": "find_symbol",
            "description": "Find where a class or function is defined.",
            "parameters": {
                "type": "object",
                "properties": {"name": {"type": "string"}},
                "required": ["name"],
            },
        },
    }
    asked = [HumanMessage("Call the tool find_symbol with the name LoraConfig.")]
    try:
        answer = model.bind_tools([tool]).invoke(asked)
    except (CallError, ConfigError, AnswerError) as error:  # some endpoints know no model with tools by that name
        return False, f"the endpoint refuses tools: {error}"
    calls = answer.tool_calls if isinstance(answer, AIMessage) else []
    if [call["name"] for call in calls] == ["find_symbol"] and "LoraConfig" in str(calls[0]["args"].get("name")):
        return True, "it calls tools"
    return False, "it does not call a tool when it is asked to"


def _follows_schema(model: Model) -> Literal["followed", "ignored", "refused"]:
    schema: dict[str, Any] = {
        "type": "object",
        "properties": {"colour": {"type": "string", "enum": ["green", "blue"]}},
        "required": ["colour"],
        "additionalProperties": False,
    }
    try:
        answer = ask(model, [HumanMessage("Which colour has the sky? Answer with the word sky-blue alone.")], schema)
    except (CallError, ConfigError):
        return "refused"
    except AnswerError:
        return "ignored"
    try:
        return "followed" if json.loads(answer).get("colour") in ("green", "blue") else "ignored"
    except (ValueError, AttributeError):
        return "ignored"


def models_of(model: Model) -> list[dict[str, Any]]:
    """What the endpoint says of the models that it has; empty where it does not say, or not to this key.

    Raises:
        ConfigError: the endpoint refuses the key.
    """
    try:
        listed = model.root_client.with_options(max_retries=0).models.list()
        rows = [row.model_dump() for row in listed.data or ()]
        return [row for row in rows if row.get("id")]
    except openai.AuthenticationError as error:
        raise ConfigError("The model endpoint refuses the key. Check OPENAI_API_KEY.") from error
    except (openai.OpenAIError, ValueError, AttributeError, TypeError):  # no list, or one of another form
        return []


def context_of(model: Model) -> int | None:
    """The context of a model in tokens as its endpoint says, in the words of vLLM, LM Studio or llama.cpp."""
    for row in models_of(model):
        if row.get("id") == model.model_name:
            meta = row.get("meta") if isinstance(row.get("meta"), dict) else {}
            said = (row.get("max_model_len"), row.get("loaded_context_length"), (meta or {}).get("n_ctx"))
            return next((number for number in said if isinstance(number, int)), None)
    return None
