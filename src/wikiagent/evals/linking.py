"""Links against goldens: are the symbols that a page applies to those that the golden names?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable

from wikiagent.wiki.graph import PageId, Wiki, WikiPage
from wikiagent.wiki.page import PageKind


class Linking:
    """The edges between the symbols of a wiki and its Environments and Heuristics.

    Args:
        wiki: the wiki.
        is_public: whether a name is a public symbol of the source: only these have pages that can be linked.
    """

    def __init__(self, wiki: Wiki, is_public: Callable[[str], bool]) -> None:
        self._is_public = is_public
        self._prefix = f"{wiki.repo}_"
        self._linked: dict[PageId, set[str]] = defaultdict(set)
        for edge in wiki.edges:
            if edge.source[0] is PageKind.IMPLEMENTATION:
                self._linked[edge.target].add(edge.source[1])

    def compare(self, page: WikiPage, applies_to: Iterable[str]) -> tuple[int, int, int] | None:
        """Right, wrong and missing links of a page; None where a golden names no public symbol."""
        wanted = {symbol for name in applies_to if (symbol := self._symbol(name, "."))}
        if not wanted:
            return None
        names = [name.removeprefix(self._prefix) for name in self._linked[page.id]]
        linked = {self._symbol(name, "_") or name for name in names}
        return len(linked & wanted), len(linked - wanted), len(wanted - linked)

    def _symbol(self, name: str, mark: str) -> str:
        """The public symbol that a name stands for: itself, or the class of a method; empty for none."""
        parts = name.split(mark)
        forms = (mark.join(parts[:length]) for length in range(len(parts), 0, -1))
        return next((form for form in forms if self._is_public(form)), "")
