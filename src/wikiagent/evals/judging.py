"""What a judge says: whether statements are supported by what they cite (ALCE), and whether pages state facts.

Citation recall and precision are those of Gao et al., *Enabling Large Language Models to Generate Text with Citations*
(EMNLP 2023), with the judge of `draft/support.py` in the place of their entailment model.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from pydantic import BaseModel, ConfigDict

from wikiagent.draft.llm import Model
from wikiagent.draft.support import Claim, Quote, claims_of, judge
from wikiagent.errors import AnswerError, CallError
from wikiagent.evals.golden import Golden
from wikiagent.evals.rows import Judged, Scores, UnscoredRow
from wikiagent.evals.scoring import Leaf
from wikiagent.wiki.page import Environment, Heuristic

#: Statements that one call judges.
BATCH = 5
#: Pages, the highest ranked first, in which the facts of a golden are looked for.
PAGES = 3
#: Calls in a row that fail before the judge is given up.
MAX_FAILURES = 3


class Verdicts(BaseModel):
    """What a judge said in a trial, by page and by golden."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    pages: dict[str, Judged] = {}
    facts: dict[str, tuple[bool | None, ...]] = {}
    unscored: tuple[UnscoredRow, ...] = ()

    def on(self, scores: Scores) -> Scores:
        """The scores with these verdicts."""
        pages = tuple(page.model_copy(update={"judged": self.pages.get(page.name)}) for page in scores.pages)
        goldens = tuple(row.model_copy(update={"judged": self.facts.get(row.id, ())}) for row in scores.goldens)
        return Scores(goldens, pages, scores.drafts, scores.unscored + self.unscored, scores.trials)


class Judge:
    """Asks a model, and keeps what could not be judged.

    Args:
        model: the model; its calls are recorded.
        takes_schema: whether it can be given the schema of its answer.
        trial: number of the trial.
        tell: told in one line what is being done.
    """

    def __init__(self, model: Model, takes_schema: bool, trial: int, tell: Callable[[str], None]) -> None:
        self._model = model
        self._takes_schema = takes_schema
        self._trial = trial
        self._tell = tell
        self._failures = 0
        self._unscored: list[UnscoredRow] = []

    def verdicts(self, leaves: Sequence[Leaf], goldens: Sequence[Golden], scores: Scores) -> Verdicts:
        """Judge the statements of pages, and the facts of goldens.

        Raises:
            CallError: the model failed several times in a row.
            BudgetError, ConfigError: as the calls say.
        """
        pages, facts = {}, {}
        for number, leaf in enumerate(leaves, 1):
            self._tell(f"Judging page {number} of {len(leaves)}")
            uncited = next(row.findings.get("CLM003", 0) for row in scores.pages if row.file == leaf.page.file)
            page = leaf.page.page
            if isinstance(page, Environment | Heuristic) and page.evidence:
                pages[leaf.page.name] = self._page(page, uncited)
        prose = {leaf.page.name: leaf.prose for leaf in leaves}
        rows = {row.id: row for row in scores.goldens}
        for number, golden in enumerate(goldens, 1):
            self._tell(f"Judging golden {number} of {len(goldens)}")
            shown = [page.page for page in rows[golden.id].shown[:PAGES]]
            facts[golden.id] = self._facts(golden, [(name, prose[name]) for name in shown])
        return Verdicts(pages=pages, facts=facts, unscored=tuple(self._unscored))

    def _page(self, page: Environment | Heuristic, uncited: int) -> Judged:
        """ALCE's recall of each statement and precision of each citation; a statement without any is unsupported."""
        quotes = {exhibit.id: Quote(exhibit.id, exhibit.path, exhibit.code) for exhibit in page.evidence}
        claims = [claim for section, claim in claims_of(page) if section != "Usage"]  # which needs no evidence
        supported = self._ask(page.name, claims, quotes)
        needed: list[bool | None] = []
        for claim, holds in zip(claims, supported, strict=True):
            refs = list(dict.fromkeys(claim.refs))
            if not holds or len(refs) == 1:
                needed += [holds] * len(refs)
            else:
                needed += self._needed(page.name, claim.text, refs, quotes)
        return Judged(supported=(*supported, *([False] * uncited)), needed=tuple(needed))

    def _needed(self, name: str, text: str, refs: Sequence[str], quotes: dict[str, Quote]) -> list[bool | None]:
        """Whether each citation of a supported statement is needed: it supports it alone, or the others do not."""
        alone = self._ask(name, [Claim(text, (ref,)) for ref in refs], quotes)
        rest = self._ask(name, [Claim(text, tuple(other for other in refs if other != ref)) for ref in refs], quotes)
        return [
            True if by_itself else (None if without is None or by_itself is None else not without)
            for by_itself, without in zip(alone, rest, strict=True)
        ]

    def _facts(self, golden: Golden, pages: Sequence[tuple[str, str]]) -> tuple[bool | None, ...]:
        """Whether the pages that show a golden state its facts."""
        if not pages:
            return (False,) * len(golden.facts)
        quotes = {f"e{number}": Quote(f"e{number}", name, text) for number, (name, text) in enumerate(pages, 1)}
        return tuple(self._ask(golden.id, [Claim(fact, tuple(quotes)) for fact in golden.facts], quotes))

    def _ask(self, what: str, claims: Sequence[Claim], quotes: dict[str, Quote]) -> list[bool | None]:
        """Whether each claim is wholly supported by the quotes that it names; None where the judge gave no verdict."""
        found: list[bool | None] = []
        for start in range(0, len(claims), BATCH):
            batch = claims[start : start + BATCH]
            named = [quotes[ref] for ref in dict.fromkeys(ref for claim in batch for ref in claim.refs)]
            try:
                told = judge(self._model, batch, named, self._takes_schema)
            except (AnswerError, CallError) as error:
                self._failed(what, error)
                found += [None] * len(batch)
            else:
                self._failures = 0
                found += [verdict.verdict == "supported" for verdict in told]
        return found

    def _failed(self, what: str, error: AnswerError | CallError) -> None:
        self._failures += isinstance(error, CallError)
        if isinstance(error, CallError) and self._failures >= MAX_FAILURES:
            raise error
        self._unscored.append(UnscoredRow(trial=self._trial, what=f"the judge on {what}", why=str(error)))
