"""The desk: what a reviewer may do with drafts, and how each decision reaches ledger and wiki together.

A decision is made in three steps. With the wiki locked and nobody else deciding, the edit of the wiki is worked out.
The ledger then keeps the decision together with that edit, as a promise: from here on it counts. The edit is made, and
the promise goes. Whoever finds a promise, after a crash, makes the edit first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, Protocol

from wikiagent.check.finding import Finding, Severity
from wikiagent.check.gate import check_draft
from wikiagent.errors import DraftError, WikiError
from wikiagent.ledger import Decision, Draft, Ledger, NewDecision, Promise, RecordedFinding
from wikiagent.review.editor import keep_text, kept_text
from wikiagent.review.edits import Changes, Edit, Effect, add_page, merge_page, take_back
from wikiagent.review.merging import whole_page
from wikiagent.review.promises import promise_edit, settle, undoing
from wikiagent.review.queue import Item, items
from wikiagent.review.sources import Sources
from wikiagent.review.standing import digest_of, page_of, refuse_closed
from wikiagent.review.view import View, view
from wikiagent.source.inert import inert
from wikiagent.wiki.edit import writing
from wikiagent.wiki.graph import Wiki, read_wiki
from wikiagent.wiki.mediawiki import render
from wikiagent.wiki.page import Environment, Heuristic, PageKind

REJECT_CODES = ("wrong", "unsupported", "trivial", "duplicate", "unclear", "wrong-type", "wrong-links", "other")
"""Why a draft is rejected; what is `FINAL` is not drafted again until its evidence changes."""

FINAL = frozenset({"trivial", "duplicate"})

MAX_REASON = 2_000
"""Characters of a note, at most."""

MAX_NAME = 80
"""Characters of a reviewer's name, at most."""

Code = Literal["wrong", "unsupported", "trivial", "duplicate", "unclear", "wrong-type", "wrong-links", "other"]


class Publisher(Protocol):
    """Works out the whole edit of a wiki that decisions lead to; `phases.publish.edit_of` is the one there is."""

    def __call__(
        self,
        ledger: Ledger,
        root: Path,
        now: str,
        decided: Sequence[Draft],
        reasons: Mapping[int, str],
        change: Callable[[Edit], None],
    ) -> tuple[Changes, Wiki]:
        """All changes (pages, links, indexes, report), and the wiki before them.

        Args:
            ledger: the record, as it was before the decisions.
            root: the wiki's folder.
            now: the time, as pages show it.
            decided: the drafts in their new states.
            reasons: why they are rejected, by id.
            change: changes the pages.
        """
        ...


@dataclass(frozen=True)
class Desk:
    """Where one reviewer decides about the drafts for one wiki.

    Attributes:
        ledger: the record.
        root: the wiki's folder.
        who: the reviewer's name, or `policy:…`.
        publisher: works out the edit of the wiki.
        sources: the sources that drafts were made from; None for a policy, which fixes and merges nothing.
        clock: the time, as pages show it.
        redraft: writes rejected drafts again, with the reason, and says in a sentence what came of it; takes as long as
            a model does. None where that is left to `wikiagent enrich --redraft`. What is `FINAL` is not for it.
    """

    ledger: Ledger
    root: Path
    who: str
    publisher: Publisher
    sources: Sources | None
    clock: Callable[[], str]
    redraft: Callable[[Sequence[int]], str] | None = None

    # --- what there is to decide ---

    def queue(self, seen: int = 0) -> list[Item]:
        """All drafts for the wiki, what needs a person most first.

        Args:
            seen: the newest draft that the reviewer's last visit saw, as `ledger.visit` returns it.
        """
        return items(self.ledger, self.root, self.who, seen)

    def view(self, draft_id: int, wiki: Wiki | None = None) -> View:
        """A draft as a reviewer reads it; `sources.span` shows its evidence.

        Args:
            draft_id: the draft.
            wiki: the wiki, where it has just been read.

        Raises:
            DraftError: there is no such draft, or it cannot be read by this version.
            WikiError: the wiki cannot be read.
        """
        return view(self.ledger, self.ledger.draft(draft_id), wiki or read_wiki(self.root))

    # --- decisions ---

    def accept(self, ids: Sequence[int], seconds: float | None = None, reason: str = "") -> tuple[str, ...]:
        """Accept pending drafts: their pages, links, indexes and report go into the wiki in one edit.

        Args:
            ids: the drafts.
            seconds: how long the reviewer took.
            reason: why they are accepted together, as the rule that chose them.

        Returns:
            The files that were changed, from the wiki's root, sorted.

        Raises:
            DraftError: a draft is not pending, or a page of its name is there that says something else.
            WikiError: the wiki cannot be changed, or would break its own rules.
        """
        drafts = self._drafts(ids)
        self._refuse_closed(drafts, "accepted")

        def change(edit: Edit, promise: Promise) -> None:
            for draft in drafts:
                promise.effects[draft.id] = add_page(edit, draft).model_dump_json()

        made = [NewDecision(draft.id, "accepted", "accepted", reason=reason) for draft in drafts]
        return self._decide(made, change, seconds)

    def fixable(self, draft_id: int) -> Draft:
        """A draft that may be fixed: a pending one, or one that was rejected for its findings alone.

        Raises:
            DraftError: it is decided.
        """
        (draft,) = self._drafts([draft_id])
        if draft.state != "rejected" or self.ledger.in_force(draft=draft_id):
            self._refuse_closed([draft], "accepted")
        return draft

    def fix(self, draft_id: int, text: str, seconds: float | None = None) -> list[Finding]:
        """Accept a draft as a person changed it, where that passes all checks.

        Args:
            draft_id: a draft that is `fixable`.
            text: the page, as MediaWiki text.
            seconds: how long the reviewer took.

        Returns:
            The findings of the text. It is accepted where none is an error; else nothing has changed.

        Raises:
            DraftError: the draft is decided, or the text is not such a page, or says what the draft says.
            SourceError: the source of the draft is not to be had.
            WikiError: as for `accept`.
        """
        draft = self.fixable(draft_id)
        page = whole_page(text.replace("\r\n", "\n"), PageKind(draft.type), draft.name)
        if page == page_of(draft) and draft.state == "pending":
            raise DraftError("You changed nothing, so nothing was decided; accept the draft as it is, or change it.")
        findings = self.check(draft, page)
        if any(finding.severity is Severity.ERROR for finding in findings):
            return findings
        fixed = replace(draft, page=page.model_dump_json())
        old = Effect(page=draft.page, findings=tuple(self.ledger.findings(draft_id)), state=draft.state)
        made = NewDecision(
            draft_id, "accepted", "accepted", draft.state, code="fixed",
            page=fixed.page, findings=recorded(findings), digest=digest_of(page),
        )  # fmt: skip

        def change(edit: Edit, promise: Promise) -> None:
            effect = add_page(edit, fixed)
            both = effect.model_copy(update={"page": old.page, "findings": old.findings, "state": old.state})
            promise.effects[draft_id] = both.model_dump_json()

        self._decide([made], change, seconds)
        return findings

    def reject(
        self, ids: Sequence[int], code: str = "other", reason: str = "", seconds: float | None = None
    ) -> tuple[str, ...]:
        """Reject drafts with a reason that is kept; the report follows.

        Args:
            ids: the drafts.
            code: one of `REJECT_CODES`.
            reason: a note; needed where the code is `other`.
            seconds: how long the reviewer took.

        Returns:
            The files that were changed, from the wiki's root, sorted.

        Raises:
            DraftError: a draft is not pending, or the reason says nothing, or far too much.
            WikiError: the report cannot be written.
        """
        reason = reason_given(code, reason)
        drafts = self._drafts(ids)
        self._refuse_closed(drafts, "rejected")
        made = [NewDecision(d.id, "rejected", "rejected", reason=reason, code=code, effect=_before(d)) for d in drafts]
        return self._decide(made, lambda edit, promise: None, seconds)

    def merge(self, draft_id: int, into: str, seconds: float | None = None) -> tuple[str, ...]:
        """Merge a draft into a page of the wiki: its statements and evidence go there, the draft is a duplicate.

        Returns:
            The files that were changed, from the wiki's root, sorted.

        Raises:
            DraftError: the draft is not pending, there is no such page, or the page that results does not pass.
            SourceError: the source of the draft is not to be had.
            WikiError: as for `accept`.
        """
        (draft,) = self._drafts([draft_id])
        self._refuse_closed([draft], "merged")
        known = [d for d in self.ledger.drafts(self.root, "accepted") if (d.type, d.name) == (draft.type, into)]
        target, _ = merge_page(Edit(read_wiki(self.root)), draft, into)
        errors = [found for found in self.check(draft, target) if found.severity is Severity.ERROR]
        if errors:
            raise DraftError(f"Draft {draft_id} cannot be merged into {into}: {errors[0].code} {errors[0].message}")
        why = f"merged into {into}"
        made = [NewDecision(draft_id, "merged", "rejected", reason=why, code="duplicate")]
        for there in known[:1]:
            before = Effect(page=there.page, state="accepted").model_dump_json()
            page = target.model_dump_json()
            why = f"draft {draft_id} was merged into its page"
            made.append(NewDecision(there.id, "extended", "accepted", "accepted", why, page=page, effect=before))

        def change(edit: Edit, promise: Promise) -> None:
            again, effect = merge_page(edit, draft, into)
            if again != target:
                raise WikiError(f"{into} changed while the draft was merged into it; try again.")
            promise.effects[draft_id] = effect.model_dump_json()

        return self._decide(made, change, seconds)

    def skip(self, draft_id: int, seconds: float | None = None) -> None:
        """Note that the reviewer looked at a draft and leaves it for later.

        Raises:
            DraftError: the draft is not pending.
        """
        self._decide([NewDecision(draft_id, "skipped", "pending")], None, seconds)

    def undo(self, ids: Sequence[int] = ()) -> list[Decision]:
        """Take back the last decision about each draft, with what it changed in the wiki.

        Args:
            ids: the drafts; none for those that this reviewer decided together last.

        Returns:
            The decisions that were taken back. The text of a fix stays in its `kept_text`.

        Raises:
            DraftError: there is none, a draft was decided or drafted anew since, or its page was changed since.
            WikiError: as for `accept`.
        """
        last = {decision.id: decision for draft in self._drafts(ids) for decision in self._last(draft)}
        taken = [last[number] for number in sorted(last)] or self._last_batch()
        made = undoing(self.ledger, taken)
        again = {draft.redrafts: draft for draft in self.ledger.drafts(self.root) if self._counts(draft)}
        for decision in taken:
            if newer := again.get(decision.draft):
                raise DraftError(f"Draft {decision.draft} was drafted again as {newer.id}; decide about that one.")

        def change(edit: Edit, promise: Promise) -> None:
            for decision in reversed(taken):
                take_back(edit, self.ledger.draft(decision.draft), Effect.model_validate_json(decision.effect))

        fixed = [(d.draft, render(page_of(self.ledger.draft(d.draft)))) for d in taken if d.code == "fixed"]
        self._decide(made, change)
        if self.sources is not None:  # what a person wrote is there when the draft is fixed again
            for draft_id, text in fixed:
                keep_text(kept_text(self.sources.store, draft_id), text)
        return taken

    # --- what decisions need ---

    def check(self, draft: Draft, page: Environment | Heuristic) -> list[Finding]:
        """The findings of a page that a person changed or that was merged, against the draft's source.

        Raises:
            SourceError: the source is not to be had.
            WikiError: the wiki cannot be read.
        """
        assert self.sources is not None, "a policy has nothing to check"
        checker = self.sources.checker(draft.source)
        return check_draft(page, checker.source, read_wiki(self.root), checker.is_public)

    def settle(self) -> None:
        """Make the edit of the wiki that earlier decisions promise, where a crash came between.

        Raises:
            WikiError: it cannot be made; the decisions are taken back.
        """
        settle(self.ledger, self.root, self.clock())

    def _drafts(self, ids: Sequence[int]) -> list[Draft]:
        return [self.ledger.draft(draft_id) for draft_id in dict.fromkeys(ids)]

    def _refuse_closed(self, drafts: Sequence[Draft], decision: str) -> None:
        closed = [draft.id for draft in drafts if draft.state != "pending"]
        who = {draft_id: made[-1].who for draft_id in closed if (made := self.ledger.in_force(draft=draft_id))}
        refuse_closed(drafts, [self.ledger.findings(draft.id) for draft in drafts], decision, who)

    def _counts(self, draft: Draft) -> bool:
        """Whether a draft is to be decided about, or is: neither superseded nor dropped for its findings."""
        if draft.state == "rejected":
            return bool(self.ledger.in_force(draft=draft.id))
        return draft.state != "superseded"

    def _last(self, draft: Draft) -> list[Decision]:
        """The last decision about a draft; a merge with both sides of it, the draft and the page that it went into.

        Raises:
            DraftError: there is none that stands.
        """
        log = self.ledger.in_force(draft=draft.id)
        if not log:
            raise DraftError(f"Nothing is decided about draft {draft.id}; `wikiagent log` lists the decisions.")
        return self.ledger.log(batch=log[-1].batch) if log[-1].decision in ("merged", "extended") else [log[-1]]

    def _last_batch(self) -> list[Decision]:
        """The decisions that this reviewer made together last and that are not taken back.

        Raises:
            DraftError: there is none.
        """
        own = [decision for decision in self.ledger.in_force(self.root) if decision.who == self.who]
        if not own:
            raise DraftError(f"{self.who} has no decision to take back; `wikiagent log` lists those of all.")
        return [decision for decision in own if decision.batch == own[-1].batch]

    def _decide(
        self,
        made: Sequence[NewDecision],
        change: Callable[[Edit, Promise], None] | None,
        seconds: float | None = None,
    ) -> tuple[str, ...]:
        """Record decisions and make the edit of the wiki that follows; without a change there is none."""
        if not self.root.is_dir():
            raise WikiError(
                f"The wiki {self.root} is not there any more; put it back, or run `wikiagent enrich` for another."
            )
        now = self.clock()
        with writing(self.root):
            settle(self.ledger, self.root, now)
            with self.ledger.deciding(made, self.who, now, seconds=seconds) as promise:
                if change is not None:
                    self._promise(promise, made, change, now)
            return settle(self.ledger, self.root, now)

    def _promise(
        self, promise: Promise, made: Sequence[NewDecision], change: Callable[[Edit, Promise], None], now: str
    ) -> None:
        decided = [
            replace(draft, state=each.state, page=each.page or draft.page)
            for each in made
            for draft in [self.ledger.draft(each.draft)]
        ]
        reasons = {each.draft: each.reason or each.code for each in made}
        changes, before = self.publisher(
            self.ledger, self.root, now, decided, reasons, lambda edit: change(edit, promise)
        )
        promise_edit(promise, self.root, changes, before.files)


def _before(draft: Draft) -> str:
    """The effect of a decision that changes nothing but the state of a draft."""
    return Effect(state=draft.state).model_dump_json()


def recorded(findings: Iterable[Finding]) -> list[RecordedFinding]:
    """Findings as the ledger records them."""
    return [RecordedFinding(f.code, f.severity.value, f.line, f.message, f.cited, f.fix) for f in findings]


def name_of(text: str) -> str:
    """A reviewer's name as the log keeps it, on one line; empty where it is none, or one that the program uses."""
    name = " ".join(inert(text).split())[:MAX_NAME]
    return "" if name.startswith("policy:") or name == "wikiagent" else name


def reason_given(code: str, reason: str) -> str:
    """The note of a reject, on one line.

    Raises:
        DraftError: there is no such code, or the reason says nothing, or far too much.
    """
    reason = " ".join(inert(reason).split())
    if code not in REJECT_CODES:
        raise DraftError(f"There is no reason code {code!r}. Use one of {', '.join(REJECT_CODES)}.")
    if code == "other" and not reason:
        raise DraftError(f"Say why, in a sentence (--reason), or by a code (--code): {', '.join(REJECT_CODES[:-1])}.")
    if len(reason) > MAX_REASON:
        raise DraftError(
            f"The reason has {len(reason):,} characters; at most {MAX_REASON:,} are kept. Shorten it to what the "
            f"next draft can go by."
        )
    return reason
