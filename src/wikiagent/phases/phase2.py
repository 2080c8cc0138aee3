"""Phase 2, deterministic: an Implementation page for each public symbol, from signature, docstring and place."""

from __future__ import annotations

from wikiagent.code.symbols import Symbol
from wikiagent.draft.said import Context
from wikiagent.mine import docstrings, words
from wikiagent.mine.messages import tidy
from wikiagent.mine.naming import plain_name
from wikiagent.source.evidence import cut, dedent
from wikiagent.wiki.markup import highlighted
from wikiagent.wiki.page import Implementation, KnowledgeSource, Metadata, Section

#: Most lines of a signature that a page shows.
MAX_SIGNATURE = 40


def implementation_pages(context: Context) -> list[Implementation]:
    """One page for each exported class and function, in the order of the exports."""
    return [_page(name, symbol, context) for name, symbol in context.symbols.exports.items()]


def _page(name: str, symbol: Symbol, context: Context) -> Implementation:
    snapshot = context.snapshot
    said = _docstring(symbol, context)
    first = f"`{name}` is a {symbol.kind} that `{snapshot.name}` exports."
    told = [s for s in words.sentences(said) if len(s.split()) > 2]
    sources = (KnowledgeSource(title=snapshot.name, url=snapshot.url),) if snapshot.url else ()
    return Implementation(
        name=f"{context.repo}_{plain_name(name) or f'symbol_{symbol.place.first}'}",
        metadata=Metadata(sources=sources, domains=(_area(symbol),), revision=snapshot.source, updated=context.updated),
        overview=told[0] if told else first,
        description=" ".join(told[1:]) or (first if told else "The source has no docstring for it."),
        source=(symbol.place,),
        sections=(Section(title="API Signature", text=_signature(symbol, context)),),
        topics=("API_Doc",),
    )


def _docstring(symbol: Symbol, context: Context) -> str:
    """The prose of the docstring, without its parameter entries and examples, on one line."""
    if symbol.docstring is None:
        return ""
    place = symbol.docstring
    lines = list(context.snapshot.lines(place.path)[place.first - 1 : place.last])
    return tidy(" ".join(part.text for part in docstrings.parts(lines) if part.parameter is None and not part.section))


def _signature(symbol: Symbol, context: Context) -> str:
    place = symbol.header
    if len(place) > MAX_SIGNATURE:
        place = type(place)(place.path, place.first, place.first + MAX_SIGNATURE - 1)
    code = highlighted(dedent(cut(context.snapshot, place).text))
    return f'<syntaxhighlight lang="python" line start="{place.first}">\n{code}\n</syntaxhighlight>'


def _area(symbol: Symbol) -> str:
    folder = symbol.place.path.split("/")[-2:-1]
    return folder[0][:1].upper() + folder[0][1:] if folder and folder[0] != "src" else "API"
