"""The budget of a run: what its calls may cost, held before each call and settled after it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Condition

from wikiagent.errors import BudgetError

#: Characters of code that make a token, at least: more make fewer tokens than estimated.
CHARACTERS_A_TOKEN = 3


def estimated_tokens(text: str) -> int:
    """An upper estimate of the tokens of a text, whatever the tokenizer."""
    return -(-len(text) // CHARACTERS_A_TOKEN)


@dataclass(frozen=True)
class Price:
    """What a million tokens cost, in and out, in any currency; None where it is not known."""

    tokens_in: float | None = None
    tokens_out: float | None = None

    @property
    def known(self) -> bool:
        """Whether a cost can be said."""
        return self.tokens_in is not None and self.tokens_out is not None

    def cost(self, tokens_in: int, tokens_out: int) -> float:
        """What so many tokens cost; 0 where the price is not known."""
        return ((self.tokens_in or 0) * tokens_in + (self.tokens_out or 0) * tokens_out) / 1_000_000


class Budget:
    """Limits on tokens and cost of a run, None for no limit. Safe to use from several threads."""

    def __init__(
        self, max_tokens: int | None = None, max_cost: float | None = None, price: Price | None = None
    ) -> None:
        self.price = price or Price()
        self._max_tokens, self._max_cost = max_tokens, max_cost
        self._tokens, self._cost = 0, 0.0  # spent, and held for calls that are under way
        self._under_way = 0
        self._settled = Condition()

    @contextmanager
    def held(self, tokens_in: int, tokens_out: int) -> Iterator[list[tuple[int, int]]]:
        """Hold what a call may cost at most; what is put into the list is what it did cost (tokens in, tokens out).

        Raises:
            BudgetError: with it, the run would go over a limit.
        """
        tokens, cost = tokens_in + tokens_out, self.price.cost(tokens_in, tokens_out)
        with self._settled:
            # what is held is an upper bound: while calls are under way, more may be left than it seems
            while self._lacks(tokens, cost) and self._under_way:
                self._settled.wait()
            if why := self._lacks(tokens, cost):
                raise BudgetError(why)
            self._tokens, self._cost = self._tokens + tokens, self._cost + cost
            self._under_way += 1
        spent: list[tuple[int, int]] = []
        try:
            yield spent
        finally:
            with self._settled:
                self._tokens += sum(map(sum, spent)) - tokens
                self._cost += sum(self.price.cost(*each) for each in spent) - cost
                self._under_way -= 1
                self._settled.notify_all()

    def _lacks(self, tokens: int, cost: float) -> str:
        """Why so much cannot be held, empty where it can."""
        if self._max_tokens is not None and self._tokens + tokens > self._max_tokens:
            left = self._max_tokens - self._tokens
            return f"The next call may take {tokens} tokens, and {left} are left of --max-tokens {self._max_tokens}."
        if self._max_cost is not None and self._cost + cost > self._max_cost:
            left_cost = self._max_cost - self._cost
            return f"The next call may cost {cost:.4f}, and {left_cost:.4f} is left of --max-cost {self._max_cost:g}."
        return ""
