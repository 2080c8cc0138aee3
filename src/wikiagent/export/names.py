"""How pages and edges are called where people read them."""

from __future__ import annotations

from wikiagent.wiki.graph import EDGES, PageId
from wikiagent.wiki.page import PageKind

_FORWARD = {"requires_env": "requires"}
_BACKWARD = {
    "step": "step of",
    "implemented_by": "implements",
    "requires_env": "required by",
    "uses_heuristic": "used by",
}
"""What an edge says on the page that it leads to."""

PURPOSES = {
    PageKind.WORKFLOW: "What one does with the library, step by step.",
    PageKind.PRINCIPLE: "Ideas that the code rests on.",
    PageKind.IMPLEMENTATION: "Public classes and functions, and where they stand.",
    PageKind.ENVIRONMENT: "What has to be installed, set or present.",
    PageKind.HEURISTIC: "Limits, pitfalls and advice that the code itself states.",
}
"""What the pages of a type tell, in a sentence."""


def title_of(page: PageId, repo: str | None = None) -> str:
    """A page's name without the prefix that all names of the wiki share; blanks part the words of a title.

    The name of an Implementation is that of a symbol: it stays as it is.
    """
    kind, name = page
    name = name.removeprefix(f"{repo}_") or name
    return name if kind is PageKind.IMPLEMENTATION else name.replace("_", " ")


def edge_words(edge: str, source: PageKind | None, target: PageKind) -> str:
    """What a link says about the page it leads to: `uses_heuristic` is "uses heuristic", on the heuristic "used by".

    Args:
        edge: the edge's name.
        source: type of the page that has the link, None where it is not known.
        target: type of the page that the link leads to.
    """
    backward = source is not None and (source, edge, target) not in EDGES and (target, edge, source) in EDGES
    return _BACKWARD[edge] if backward else _FORWARD.get(edge, edge.replace("_", " "))


def plural(kind: PageKind) -> str:
    """The pages of a type, as a heading names them."""
    return f"{kind}s"
