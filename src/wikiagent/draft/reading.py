"""Tools mode: an agent reads the source with tools, and all that it reads becomes evidence."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Sequence

from langchain.agents import create_agent
from langchain.agents.middleware import ModelCallLimitMiddleware
from langchain.agents.middleware.model_call_limit import ModelCallLimitExceededError
from langchain_core.messages import HumanMessage
from langchain_core.runnables import RunnableConfig

from wikiagent.code.symbols import Symbols
from wikiagent.draft.evidence import MAX_LINES, EvidenceTable, Search
from wikiagent.draft.fence import fenced, shown, shown_name
from wikiagent.draft.llm import Model
from wikiagent.draft.prompts import digest, prompt
from wikiagent.draft.rejects import Reject, told
from wikiagent.draft.said import Context
from wikiagent.errors import AnswerError, ContextError, EvidenceError
from wikiagent.source.evidence import Place, cut
from wikiagent.source.orders import addresses_a_model
from wikiagent.source.snapshot import Snapshot

#: Calls of the model in one reading; it is told of fewer calls of tools, so that a last one is left for its notes.
MAX_CALLS = 8
#: Results of one call of a tool.
_MOST_HITS = 4
_MOST_LINES = 20
_MOST_SYMBOLS = 6
#: Pieces of evidence of one draft, and characters of one piece: data in a line is no code.
_MOST_PIECES = 40
_LONG_PIECE = 6000
#: Characters of a line, and of the notes, that are passed on.
_LONG_LINE = 160
_LONG_NOTES = 2000


def read_prompt() -> str:
    """Name and digest of the reader's prompt."""
    return f"read@{digest('read.system', 'read.user')}"


def read(
    model: Model,
    kind: str,
    name: str,
    table: EvidenceTable,
    context: Context,
    search: Search,
    rejects: Sequence[Reject] = (),
) -> str:
    """Let the model read around a candidate; what it reads is added to `table`.

    Args:
        model: the model.
        kind: type of the page.
        name: name of the page.
        table: the evidence, which begins with the candidate's own.
        context: what all pages of the run share.
        search: finds chunks of the source.
        rejects: what a person had against earlier drafts.

    Returns:
        Its notes; empty where it gave none, or went on reading until it was stopped: what it read is kept.

    Raises:
        BudgetError, CallError, ConfigError, ContextError: as the model's calls say.
    """
    tools = reading_tools(table, context.snapshot, context.symbols, search)
    # by default, this middleware would end the run with a message of its own as the answer
    limit = ModelCallLimitMiddleware(run_limit=MAX_CALLS, exit_behavior="error")
    system = prompt("read.system", library=context.snapshot.name, most=MAX_CALLS - 2)
    agent = create_agent(model, list(tools), system_prompt=system, middleware=[limit])
    evidence = [table.text(piece) for piece in table]
    task = prompt("read.user", kind=kind, page=shown_name(name), evidence=evidence, rejects=told(rejects))
    # one tool at a time, so that the same reading gives the same ids; two steps of the graph for each call, the model's
    # and the tools', and some for what comes before and after
    limits: RunnableConfig = {"max_concurrency": 1, "recursion_limit": 4 * MAX_CALLS + 10}
    try:
        ended = agent.invoke({"messages": [HumanMessage(task)]}, limits)
    except ContextError:
        raise
    except (ModelCallLimitExceededError, AnswerError):
        return ""
    return shown(str(ended["messages"][-1].text))[:_LONG_NOTES]


def reading_tools(
    table: EvidenceTable, snapshot: Snapshot, symbols: Symbols, search: Search
) -> Sequence[Callable[..., str]]:
    """The tools: read-only, confined to the snapshot. What they return is fenced and has the ids of its evidence."""

    def entry(place: Place, said: str) -> str:
        lines = snapshot.lines(place.path)[place.first - 1 : min(place.last, place.first + MAX_LINES - 1)]
        if len(table.ids) >= _MOST_PIECES:
            return "You have read enough. Write your notes."
        if sum(map(len, lines)) > _LONG_PIECE:
            return f"{shown_name(place.path)}:{place.first}: these lines are too long to be evidence. Read others."
        if addresses_a_model("\n".join((place.path, *lines))):
            return f"{shown_name(place.path)}:{place.first}: lines there address a language model. Read fewer lines."
        piece_id = table.add(place, said)
        return fenced(piece_id, f"{place.path}: {said}", "\n".join(line[:_LONG_LINE] for line in lines), place.first)

    def search_code(query: str) -> str:
        """Search the source by words and meaning. Returns the best pieces of code, each with an id."""
        hits = search(query, _MOST_HITS) if query.strip() else []
        texts = [entry(hit.place, f"Code of `{hit.symbol}`" if hit.symbol else "Code at module level") for hit in hits]
        return "\n\n".join(texts) or "Nothing was found. Try other words."

    def read_lines(path: str, first: int, last: int) -> str:
        """Read lines `first` to `last` (at most 40) of a file; the path is from the root, as results show it."""
        place = Place(path, first, min(last, first + MAX_LINES - 1))
        try:
            cut(snapshot, place)
        except EvidenceError as error:
            near = difflib.get_close_matches(path, snapshot.files, 3, 0.5)
            return f"{shown(str(error))}" + (f" Did you mean {' or '.join(map(shown_name, near))}?" if near else "")
        around = symbols.at(path, first)
        return entry(place, f"Code of `{around.name}`" if around else "Code at module level")

    def find_symbol(name: str) -> str:
        """Find where a class or function is defined, by its simple or qualified name. Returns its first lines."""
        found = [s for s in symbols.by_simple.get(name.rpartition(".")[2], ()) if s.name.endswith(name)]
        texts = [entry(symbol.place, f"Definition of `{symbol.name}`") for symbol in found[:_MOST_SYMBOLS]]
        more = f"\n\n{len(found) - _MOST_SYMBOLS} more are not shown." if len(found) > _MOST_SYMBOLS else ""
        return "\n\n".join(texts) + more or f"No class or function is named {shown(name)}."

    def grep(text: str) -> str:
        """Find the lines that hold a text, whatever the case. Returns places; read them with read_lines."""
        wanted = text.lower().strip()
        found = []
        for path in snapshot.files if wanted else ():
            if path.endswith((".py", ".toml", ".cfg", ".md")):
                lines = enumerate(snapshot.lines(path), 1)
                found += [f"{path}:{n}: {line.strip()[:_LONG_LINE]}" for n, line in lines if wanted in line.lower()]
            if len(found) > _MOST_LINES:
                break
        if not found:
            return "No line holds it."
        rest = "\nThere are more; search for something rarer." if len(found) > _MOST_LINES else ""
        return fenced("lines", "lines that hold the text", "\n".join(found[:_MOST_LINES])) + rest

    return search_code, read_lines, find_symbol, grep
