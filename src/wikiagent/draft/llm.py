"""The model: the only module that builds one, and the one place through which every call goes.

A call is answered from the ledger where the same was asked before; else the budget is held, the endpoint is asked
(the OpenAI client repeats what fails in passing: the one layer of retries), and the call is recorded before anybody
sees the answer. LangChain's tracing works as its users expect, for the model is one of LangChain's.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import httpx
import openai
from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.messages import AIMessage, BaseMessage, message_to_dict, messages_from_dict
from langchain_core.outputs import ChatGeneration, ChatResult
from langchain_openai import ChatOpenAI
from pydantic import PrivateAttr, ValidationError

from wikiagent.config import ModelSettings
from wikiagent.draft.budget import Budget, estimated_tokens
from wikiagent.errors import AnswerError, CallError, ConfigError, ContextError, RefusedError
from wikiagent.ledger import Call, CallLog
from wikiagent.source.secret import MASK, masked
from wikiagent.wiki.markup import folded

#: Which part of a context an answer may take; there may be two in a repair, the rest is for the evidence.
ANSWER_SHARE = 6
#: Stands for a key where an endpoint of one's own asks for none.
_NO_KEY = "none"
#: A shorter key is no secret, but a word such as `none` or `test`, which answers may hold.
_SHORTEST_KEY = 8
#: Characters of an endpoint's error that are passed on.
_LONG_ERROR = 300


@dataclass(frozen=True)
class Desk:
    """What all calls of a run share.

    Attributes:
        log: where calls are recorded and found again.
        budget: what they may cost.
        run: the run in the ledger, None outside of one.
        cache: whether an answer on record is used again.
        endpoint: what tells the endpoint from others, where its address changes from run to run.
    """

    log: CallLog
    budget: Budget
    run: int | None = None
    cache: bool = True
    endpoint: str = ""


class Model(ChatOpenAI):
    """A chat model whose calls are recorded, held to the budget, and never made twice."""

    _desk: Desk = PrivateAttr()
    _stage: str = PrivateAttr(default="probe")
    _prompt: str = PrivateAttr(default="")
    _candidate: str = PrivateAttr(default="")

    def at(self, desk: Desk) -> Model:
        """This model for the calls of a run."""
        other = self.model_copy()
        other._desk = desk
        return other

    def in_run(self, run: int) -> Model:
        """This model with calls that are recorded for a run."""
        return self.at(replace(self._desk, run=run))

    @property
    def desk(self) -> Desk:
        """What its calls share with others."""
        return self._desk

    def about(self, stage: str, prompt: str, candidate: str = "") -> Model:
        """This model for calls of one stage, with one prompt, about one candidate."""
        other = self.model_copy()
        other._stage, other._prompt, other._candidate = stage, prompt, candidate
        return other

    def within(self, window: int | None) -> Model:
        """This model with answers so short that a prompt, an answer and its repair fit into its context, in tokens."""
        most = self.max_tokens or 0
        return self.model_copy(update={"max_tokens": most if window is None else min(most, window // ANSWER_SHARE)})

    def _get_request_payload(self, input_: Any, *, stop: list[str] | None = None, **kwargs: Any) -> dict[str, Any]:
        payload: dict[str, Any] = super()._get_request_payload(input_, stop=stop, **kwargs)
        own = self.openai_api_base and urlsplit(self.openai_api_base).hostname != "api.openai.com"
        if own and "max_completion_tokens" in payload:  # the newer name is not known everywhere
            payload["max_tokens"] = payload.pop("max_completion_tokens")
        return payload

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        payload = self._get_request_payload(messages, stop=stop, **kwargs)
        request = json.dumps(payload, sort_keys=True, default=str)
        key = hashlib.sha256(f"{self._desk.endpoint or self.openai_api_base}\n{request}".encode()).hexdigest()
        known = self._desk.log.answered(key) if self._desk.cache else None
        if known is not None and known.answer is not None:
            self._record(key, request, known.answer, reused=known.id)
            return _result(_read(known.answer))
        started = time.monotonic()
        with self._desk.budget.held(estimated_tokens(request), self.max_tokens or 0) as spent:
            try:
                message = self._asked(messages, stop, run_manager, **kwargs)
            except (CallError, ConfigError, AnswerError) as error:
                told = " ".join((str(error), *getattr(error, "__notes__", ())))
                self._record(key, request, None, error=told, seconds=time.monotonic() - started)
                raise
            tokens_in, tokens_out, cached = _usage(message, request)
            spent.append((tokens_in, tokens_out))
        answer = json.dumps(message_to_dict(message), default=str)
        self._record(key, request, answer, (tokens_in, tokens_out, cached), time.monotonic() - started)
        return _result(message)

    def _asked(
        self, messages: list[BaseMessage], stop: list[str] | None, run_manager: Any, **kwargs: Any
    ) -> BaseMessage:
        """The endpoint's answer, without the key should it hold it.

        Its errors are not kept as causes, for a traceback would show the key that they may hold.

        Raises:
            AnswerError: there is no message in it that can be used, or the request is longer than the model's context.
            CallError: the endpoint failed, or its answer is no chat completion.
            ConfigError: the endpoint refuses the key, or does not know the model.
        """
        try:
            result = super()._generate(messages, stop, run_manager, **kwargs)
        except openai.OpenAIError as error:
            raise self._translated(error) from None
        except ValidationError:
            raise AnswerError("the message of the model does not have the form of one") from None
        except (ValueError, TypeError, AttributeError, LookupError, RecursionError) as error:
            raise CallError(
                f"{self._where} does not answer with chat completions ({self._said(error)}). Check [model] base_url; "
                f"it mostly ends in /v1."
            ) from None
        generation = result.generations[0] if result.generations else None
        if generation is None or not isinstance(generation.message, AIMessage):
            raise AnswerError("the endpoint answered without a message of the model")
        reason = (generation.generation_info or {}).get("finish_reason")
        told = {"finish_reason": reason, "model_name": (result.llm_output or {}).get("model_name")}
        calls = [{**call, "id": call["id"] or f"call_{n}"} for n, call in enumerate(generation.message.tool_calls)]
        message = generation.message.model_copy(update={"response_metadata": told, "tool_calls": calls})
        answer = _unicode(json.dumps(message_to_dict(message), default=str, ensure_ascii=False))
        return messages_from_dict([self._clean(json.loads(answer))])[0]

    def _translated(self, error: openai.OpenAIError) -> Exception:
        said = self._said(error)
        if isinstance(error, openai.AuthenticationError | openai.PermissionDeniedError):
            return ConfigError(f"{self._where} refused the key ({said}). Check OPENAI_API_KEY.")
        if isinstance(error, openai.NotFoundError):
            return ConfigError(
                f"{self._where} does not know the model {self.model_name} ({said}). "
                f"Check [model] name and base_url; `wikiagent doctor` lists its models."
            )
        if isinstance(error, openai.BadRequestError | openai.UnprocessableEntityError):
            if any(word in said.lower() for word in ("context", "too long", "maximum number of tokens")):
                too_long = ContextError("the request is longer than the model's context: set [model] context")
                too_long.add_note(f"({said})")  # for the record, not for the reader of a finding
                return too_long
            return CallError(f"{self._where} refused the request ({said}).")
        if isinstance(error, openai.APITimeoutError):
            return CallError(f"{self._where} gave no answer within {self.request_timeout:g} s. Raise [model] timeout.")
        if isinstance(error, openai.APIConnectionError):
            return CallError(f"{self._where} cannot be reached or broke off ({said}). Is the server running?")
        if isinstance(error, openai.RateLimitError):
            return CallError(f"{self._where} refuses for now, because of its rate limit ({said}). Try again later.")
        return CallError(f"{self._where} failed ({said}). Try again later.")

    @property
    def _where(self) -> str:
        return (
            f"The model endpoint {urlsplit(self.openai_api_base).netloc.rpartition('@')[2]}"
            if (self.openai_api_base)
            else "OpenAI"
        )

    @property
    def _key(self) -> str:
        key: Any = self.openai_api_key
        return str(key.get_secret_value())

    def _said(self, error: Exception) -> str:
        """What an error of a library says, without secrets, in one line that any terminal can show."""
        cause = _first(error) if isinstance(error, openai.APIConnectionError) else error
        text = str(getattr(cause, "message", "") or cause) or type(cause).__name__
        return folded(masked(str(self._clean(_unicode(text)))))[:_LONG_ERROR]

    def _clean(self, node: Any) -> Any:
        """JSON without the key; a text that holds it is not trusted with other secrets either."""
        if isinstance(node, dict):
            return {name: self._clean(value) for name, value in node.items()}
        if isinstance(node, list):
            return [self._clean(value) for value in node]
        if isinstance(node, str) and len(self._key) >= _SHORTEST_KEY and self._key in node:
            return masked(node.replace(self._key, MASK))
        return node

    def _record(
        self,
        key: str,
        request: str,
        answer: str | None,
        usage: tuple[int, int, int] = (0, 0, 0),
        seconds: float = 0.0,
        error: str | None = None,
        reused: int | None = None,
    ) -> None:
        at = f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} GMT"
        named = (self._candidate, self._stage, self._prompt, self.model_name)
        self._desk.log.add(Call(self._desk.run, *named, key, request, answer, error, *usage, seconds, at, reused))


def model_of(settings: ModelSettings, desk: Desk) -> Model:
    """The model that the settings name; the key comes from the environment, and nothing is sent yet.

    Raises:
        ConfigError: no model is named, or OpenAI is to be asked without a key.
    """
    if settings.name is None:
        raise ConfigError("No model is named. Pass --model NAME, or set [model] name in wikiagent.toml.")
    base_url = settings.base_url or os.environ.get("OPENAI_BASE_URL") or None
    key = os.environ.get("OPENAI_API_KEY", "").strip() or (_NO_KEY if base_url else None)
    if key is None:
        raise ConfigError(
            "OPENAI_API_KEY is not set. Put the key into the environment, or name an endpoint of your own that "
            "needs none: [model] base_url, as http://127.0.0.1:8080/v1."
        )
    if not (key.isascii() and key.isprintable()):
        raise ConfigError("OPENAI_API_KEY holds characters that no key has. Set it again, without quotes or line ends.")
    model = _built(settings, base_url, key)
    return model.at(desk)


def _built(settings: ModelSettings, base_url: str | None, key: str) -> Model:
    try:
        return Model(
            model=settings.name,
            base_url=base_url,
            api_key=key,
            temperature=settings.temperature,
            timeout=settings.timeout,
            max_retries=settings.retries,
            max_tokens=settings.max_answer,
            http_client=_client(settings.timeout),
            use_responses_api=False,
        )
    except httpx.InvalidURL as error:
        raise ConfigError(
            f"[model] base_url {base_url} is no address: {error}. Write it as http://host:port/v1."
        ) from error


def ask(model: Model, messages: Sequence[BaseMessage], schema: dict[str, Any] | None = None) -> str:
    """The text of the model's answer to `messages`, by a JSON schema where one is given; it may not follow it.

    Raises:
        AnswerError: it refused, was cut off or filtered, or said nothing.
        BudgetError: the call would go over a limit.
        CallError: the endpoint failed.
        ConfigError: the endpoint refuses the key, or does not know the model.
    """
    form = {"type": "json_schema", "json_schema": {"name": "answer", "strict": True, "schema": schema}}
    # as part of the body, not as an argument: that way the client leaves the reading of the answer to us
    answer = (
        model.invoke(list(messages), extra_body={"response_format": form}) if schema else model.invoke(list(messages))
    )
    reason = answer.response_metadata.get("finish_reason")
    if answer.additional_kwargs.get("refusal"):
        raise RefusedError("the model refused to answer")
    if reason == "content_filter":
        raise RefusedError("the endpoint's content filter stopped the answer")
    if reason == "length":
        raise AnswerError(f"the answer was cut off after {model.max_tokens} tokens")
    text = str(answer.text)
    if not text.strip():
        raise AnswerError("the answer is empty")
    return text


def _result(message: BaseMessage) -> ChatResult:
    return ChatResult(generations=[ChatGeneration(message=message)])


def _unicode(text: str) -> str:
    """A text without halves of characters, which JSON can hold and no file can."""
    return text.encode("utf-8", "replace").decode()


def _first(error: BaseException) -> BaseException:
    """What an error began with."""
    return _first(error.__cause__) if error.__cause__ else error


def _read(answer: str) -> BaseMessage:
    return messages_from_dict([json.loads(answer)])[0]


def _usage(message: BaseMessage, request: str) -> tuple[int, int, int]:
    """Tokens in, out, and cached by the endpoint; estimated where it does not say."""
    usage = message.usage_metadata if isinstance(message, AIMessage) else None
    if usage is None:
        return estimated_tokens(request), estimated_tokens(str(message.text)), 0
    cached = (usage.get("input_token_details") or {}).get("cache_read") or 0
    return usage["input_tokens"], usage["output_tokens"], cached


def _client(timeout: float) -> httpx.Client:
    """An HTTP client that gives up on an answer that is not there as a whole in time, however slowly it drips."""

    def start(request: httpx.Request) -> None:
        request.extensions["wikiagent_until"] = time.monotonic() + timeout

    def watch(response: httpx.Response) -> None:
        if isinstance(response.stream, httpx.SyncByteStream):
            response.stream = _InTime(response.stream, response.request)

    return httpx.Client(
        timeout=httpx.Timeout(timeout, connect=min(timeout, 10)),
        event_hooks={"request": [start], "response": [watch]},
        follow_redirects=False,
    )


class _InTime(httpx.SyncByteStream):
    def __init__(self, stream: httpx.SyncByteStream, request: httpx.Request) -> None:
        self._stream, self._request = stream, request

    def __iter__(self) -> Iterator[bytes]:
        for part in self._stream:
            yield part
            if time.monotonic() > self._request.extensions["wikiagent_until"]:
                raise httpx.ReadTimeout("the answer drips too slowly", request=self._request)

    def close(self) -> None:
        self._stream.close()
