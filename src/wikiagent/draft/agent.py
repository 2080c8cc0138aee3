"""The agent: a language model writes a page, the checks hold it to its evidence, and it mends what they find."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage

from wikiagent.check.finding import Finding
from wikiagent.check.gate import check_draft
from wikiagent.draft import extractive
from wikiagent.draft.answer import AUTHORED, Schema, answer_schema, outline, page_from, read_answer
from wikiagent.draft.budget import estimated_tokens
from wikiagent.draft.capability import Mode
from wikiagent.draft.evidence import EvidenceTable, Search
from wikiagent.draft.fence import fenced, shown, shown_name
from wikiagent.draft.llm import Model, ask
from wikiagent.draft.prompts import digest, prompt
from wikiagent.draft.reading import read, read_prompt
from wikiagent.draft.rejects import Reject, told
from wikiagent.draft.repair import about_its_candidate, is_clean, plain_text, repair, unusable
from wikiagent.draft.said import Context, listed
from wikiagent.draft.support import check_support, judge_prompt
from wikiagent.errors import AnswerError, ContextError, RefusedError
from wikiagent.mine.candidates import Candidate
from wikiagent.source.orders import addresses_a_model
from wikiagent.wiki.graph import Wiki
from wikiagent.wiki.page import Environment, Heuristic, Link

NAME = "agent"

#: How often a draft is sent back with its findings.
MAX_REPAIRS = 3
#: Tokens of a prompt besides its evidence: rules, form, and what a repair adds.
_BESIDES = 1800

#: For estimates: characters of a token of code, tokens of an answer, calls of a reading and tokens of one, and what a
#: judge takes beside a draft. Measured with a small model on peft; `docs/agent.md` has the figures.
_TYPICAL_CHARACTERS = 3.6
_TYPICAL_ANSWER = 550
_TYPICAL_READINGS = 4
_TYPICAL_CALL = 80
_JUDGED = 0.5


@dataclass(frozen=True)
class Written:
    """A draft: its page, what is wrong with it, and how it was written.

    Attributes:
        repairs: how often it was sent back.
    """

    page: Environment | Heuristic
    findings: tuple[Finding, ...]
    repairs: int

    @property
    def stands(self) -> bool:
        """Whether it has no error."""
        return is_clean(self.findings)


@dataclass(frozen=True)
class Agent:
    """What writes pages with a language model.

    Attributes:
        model: the model.
        mode: how it gets at evidence: `tools` or `packed`.
        schema: whether the endpoint takes a JSON schema for answers.
        judge: whether a second call judges each page's support.
        window: the model's context in tokens, None where it is not known.
        context: what all pages of the run share.
        search: finds chunks of the source.
        wiki: the wiki that the pages are for.
    """

    model: Model
    mode: Mode
    schema: bool
    judge: bool
    window: int | None
    context: Context
    search: Search
    wiki: Wiki

    def basis(self, candidate: Candidate, related: tuple[Link, ...], rejects: Sequence[Reject] = ()) -> str:
        """What a draft follows from: the same basis gives the same draft, so that it is not written twice."""
        own = extractive.draft(candidate, related, self.context)
        quoted = [(e.path, e.code) for e in own.evidence]
        links = [link.model_dump(mode="json") for link in related]
        source = self.context.snapshot.source
        rests_on = [
            candidate.key,
            candidate.name,
            source,
            quoted,
            links,
            self.model.model_name,
            [self.mode, self.model.temperature, self.judge],
            self.prompts,
            told(rejects),
        ]
        return hashlib.sha256(json.dumps(rests_on).encode()).hexdigest()[:16]

    @property
    def parameters(self) -> dict[str, object]:
        """How the model is asked."""
        return {
            "mode": self.mode,
            "temperature": self.model.temperature,
            "max_answer": self.model.max_tokens,
            "judge": self.judge,
        }

    @property
    def prompts(self) -> dict[str, str]:
        """The digests of the prompts that a page is written with, by name."""
        named = {"draft": digest("draft.system", "draft.user"), "repair": digest("repair")}
        if self.mode == "tools":
            named["read"] = digest("read.system", "read.user")
        if self.judge:
            named["judge"] = digest("judge.system", "judge.user")
        return named

    def draft(self, candidate: Candidate, related: tuple[Link, ...], rejects: Sequence[Reject] = ()) -> Written:
        """Write the page of one candidate.

        Args:
            candidate: what the page is about.
            related: the pages that it applies to.
            rejects: what a person had against earlier drafts, the newest last.

        Raises:
            BudgetError: a call would go over a limit of the run.
            CallError: the endpoint failed; the page was not written.
            ConfigError: the endpoint refuses the key, or does not know the model.
        """
        base = extractive.draft(candidate, related, self.context)
        table = EvidenceTable(base, len(candidate.signals), self.context)
        try:
            notes = self._gather(candidate, base, table, rejects)
            return self._written(candidate, base, table, notes, rejects)
        except ContextError as error:
            few = EvidenceTable(base, len(candidate.signals), self.context)
            try:
                if few.ids != table.ids:  # once more with less
                    return self._written(candidate, base, few, "", rejects)
            except ContextError:
                pass  # it is told of the first time
            return Written(_blank(base), (unusable(base, error),), 0)

    def estimate(
        self, candidate: Candidate, related: tuple[Link, ...], rejects: Sequence[Reject] = ()
    ) -> tuple[int, int]:
        """About how many tokens, in and out, a page takes that is not repaired."""
        base = extractive.draft(candidate, related, self.context)
        table = EvidenceTable(base, len(candidate.signals), self.context)
        table.add_around(candidate, self.search)
        texts = self._fitting(table, rejects)
        ids = [piece_id for piece_id, _ in texts]
        schema = answer_schema(base.kind, ids, table.lines(ids))
        asked = self._asked(candidate, base, texts, schema, "", rejects)
        tokens_in = sum(len(str(message.text)) for message in asked) / _TYPICAL_CHARACTERS
        readings = _TYPICAL_READINGS if self.mode == "tools" else 0
        judging = _JUDGED * tokens_in if self.judge else 0
        tokens_out = _TYPICAL_ANSWER * (1 + _JUDGED * self.judge) + readings * _TYPICAL_CALL
        return round(tokens_in * (1 + readings) + judging), round(tokens_out)

    def _gather(
        self, candidate: Candidate, base: Environment | Heuristic, table: EvidenceTable, rejects: Sequence[Reject]
    ) -> str:
        """Add evidence around the candidate; returns the notes of whoever read it."""
        if self.mode == "packed":
            table.add_around(candidate, self.search)
            return ""
        model = self.model.about("read", read_prompt(), candidate.key)
        return read(model, base.kind.value, candidate.name, table, self.context, self.search, rejects)

    def _written(
        self,
        candidate: Candidate,
        base: Environment | Heuristic,
        table: EvidenceTable,
        notes: str,
        rejects: Sequence[Reject],
    ) -> Written:
        """Draft, check, and repair until nothing is wrong or the repairs are used up.

        Raises:
            ContextError: the request is longer than the model's context.
        """
        texts = self._fitting(table, rejects)
        ids = [piece_id for piece_id, _ in texts]
        schema = answer_schema(base.kind, ids, table.lines(ids))
        messages = self._asked(candidate, base, texts, schema, notes, rejects)
        page = _blank(base)
        findings: tuple[Finding, ...] = ()
        for repairs in range(MAX_REPAIRS + 1):
            named = f"draft@{self.prompts['draft']}" if not repairs else f"repair@{self.prompts['repair']}"
            model = self.model.about("repair" if repairs else "draft", named, candidate.key)
            try:
                answer = ask(model, messages, schema if self.schema else None)
            except ContextError:
                raise
            except RefusedError as error:
                return Written(page, (unusable(base, error),), repairs)
            except AnswerError as error:
                findings = (unusable(base, error),)
                messages = [*messages[:2], repair(findings, repairs + 1)]
                continue
            if isinstance(messages[-2], AIMessage) and answer == messages[-2].text:
                return Written(page, findings, repairs)  # it has no other answer
            page, findings = self._checked(answer, schema, base, candidate, table)
            if is_clean(findings):
                return Written(page, findings, repairs)
            messages = [*messages[:2], AIMessage(answer), repair(findings, repairs + 1)]
        return Written(page, findings, MAX_REPAIRS)

    def _fitting(self, table: EvidenceTable, rejects: Sequence[Reject] = ()) -> list[tuple[str, str]]:
        """Ids and texts of the evidence that fits into the model's context.

        Raises:
            ContextError: not even the first piece does.
        """
        if self.window is None:
            return [(piece.id, text) for piece, text in table.texts()]
        # an answer, and the answer before it in a repair
        besides = _BESIDES + estimated_tokens("\n".join(told(rejects)))
        room = self.window - 2 * (self.model.max_tokens or 0) - besides
        found = [(piece.id, text) for piece, text in table.texts(room)]
        if not found:
            needed = estimated_tokens(table.text(next(iter(table)))) + self.window - room
            raise ContextError(f"the model's context of {self.window} tokens is too small; {needed} are needed")
        return found

    def _asked(
        self,
        candidate: Candidate,
        base: Environment | Heuristic,
        texts: list[tuple[str, str]],
        schema: Schema,
        notes: str,
        rejects: Sequence[Reject],
    ) -> list[BaseMessage]:
        kind, library, ids = base.kind.value, self.context.snapshot.name, [piece_id for piece_id, _ in texts]
        return [
            SystemMessage(prompt("draft.system", library=library, kind=kind, outline=outline(schema))),
            HumanMessage(
                prompt(
                    "draft.user",
                    kind=kind,
                    page=shown_name(candidate.name.replace("_", " ")),
                    point=fenced("point", "as the program found it", _point(candidate)),
                    own=[piece_id for piece_id in ids if int(piece_id[1:]) <= len(candidate.signals)],
                    owners=[shown(listed([owner])) for owner in candidate.owners[:4] if not addresses_a_model(owner)],
                    evidence=[text for _, text in texts],
                    notes=notes,
                    rejects=told(rejects),
                )
            ),
        ]

    def _checked(
        self, answer: str, schema: Schema, base: Environment | Heuristic, candidate: Candidate, table: EvidenceTable
    ) -> tuple[Environment | Heuristic, tuple[Finding, ...]]:
        """The page of an answer, and all that is wrong with it; a judge is asked about a page without errors."""
        try:
            page = page_from(read_answer(answer, schema), base, table)
        except AnswerError as error:
            return _blank(base), (unusable(base, error),)
        context = self.context
        findings = [
            *about_its_candidate(page, candidate),
            *plain_text(page),
            *check_draft(page, context.checked, self.wiki, context.symbols.is_public),
        ]
        if self.judge and is_clean(findings):
            findings += check_support(page, self.model.about("judge", judge_prompt(), candidate.key), self.schema)
        return page, tuple(findings)


def _point(candidate: Candidate) -> str:
    """What a candidate is about, in the words of its leading evidence."""
    leader = candidate.signals[0]
    about = f"`{leader.subject}` of `{leader.symbol}`" if leader.subject and leader.symbol else f"`{leader.symbol}`"
    return f"{about}: {leader.text}" if leader.symbol else leader.text


def _blank(base: Environment | Heuristic) -> Environment | Heuristic:
    """A page on which nothing is said yet: what a draft is when no answer could be used."""
    return base.model_copy(
        update={name: type(base).model_fields[name].get_default() for name in AUTHORED[base.kind]},
    )
