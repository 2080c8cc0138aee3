"""The page that the README shows, as Markdown. `python -m tests.docs.readme_page` writes it into the README anew.

It is drafted from peft 0.18.1 as `make demo` does; the test compares it with what the README has.
"""

from __future__ import annotations

import sys
import tomllib

from tests.docs.text import ROOT
from wikiagent.check.gate import check_draft
from wikiagent.code.symbols import read_symbols
from wikiagent.config import NOT_MINED, SourceSettings
from wikiagent.draft import extractive
from wikiagent.draft.related import related_pages
from wikiagent.draft.said import Context
from wikiagent.mine.candidates import rank
from wikiagent.mine.signals import read_signals
from wikiagent.phases.phase2 import implementation_pages
from wikiagent.source.evidence import Place
from wikiagent.source.fetch import fetch
from wikiagent.source.snapshot import Snapshot
from wikiagent.wiki.graph import Wiki
from wikiagent.wiki.mediawiki import render
from wikiagent.wiki.page import Environment, Exhibit, Heuristic, Prose, gap

SHOWN = Place("src/peft/peft_model.py", 1268, 1274)
"""What the page is about: the page shown is the highest ranked one that quotes these lines first."""

BEGIN, END = "<!-- a page of the demo: begin -->", "<!-- a page of the demo: end -->"
README = ROOT / "README.md"


def demo_page(snapshot: Snapshot) -> Heuristic | Environment:
    """The page as `make demo` drafts it."""
    settings = tomllib.loads((ROOT / "wikiagent.toml").read_text("utf-8"))
    repo, link = settings["wiki"]["repo"], settings["source"]["link"]
    paths = snapshot.select(SourceSettings().include, NOT_MINED)
    symbols = read_symbols(snapshot, paths)
    context = Context(snapshot, symbols, repo, link, "2026-11-21 20:00 GMT")
    wiki = Wiki({page.file: render(page) for page in implementation_pages(context)}, repo)
    candidates = rank(read_signals(snapshot, paths, symbols), symbols)
    candidate = next(c for c in candidates if c.signals[0].place.overlaps(SHOWN))
    page = extractive.draft(candidate, related_pages(candidate, wiki, symbols, repo), context)
    assert check_draft(page, snapshot, context.vocabulary, wiki, symbols.is_public) == []
    return page


def as_markdown(page: Heuristic) -> str:
    """The page as a reader sees it: the first exhibit whole, of the others the place."""
    first, *others = page.evidence
    lines = [
        f"**{page.name}**",
        "",
        f"Heuristic of the category {page.category}, from `{page.metadata.revision}`",
        "",
        f"**Overview** · {_prose(page.overview, page)}",
        "",
        f"**Description** · {_prose(page.description, page)}",
        "",
        f"**Usage** · {page.usage}",
        "",
        "**The Insight (Rule of Thumb)**",
        "",
        *(f"- {bullet.label}: {_prose(bullet.prose, page)}" for bullet in page.insight),
        "",
        f"**Reasoning** · {_prose(page.reasoning, page)}",
        "",
        "**Code Evidence**",
        "",
        f"{_mark(first)} {first.caption}, from `{first.place}`:",
        "",
        "```text",
        *(f"{number}  {line}".rstrip() for number, line in enumerate(first.code.split("\n"), first.first)),
        "```",
        "",
        *(
            line
            for e in others
            for line in (f"{_mark(e)} {e.caption}, from `{e.place}` (the lines are left out here)", "")
        ),
        f"**Related Pages** · {', '.join(f'{link.kind}: {link.name}' for link in page.related)}",
    ]
    return "\n".join(f"> {line}".rstrip() for line in lines)


def _prose(prose: Prose, page: Heuristic) -> str:
    exhibits = {exhibit.id: exhibit for exhibit in page.evidence}
    out = ""
    for statement in prose:
        out += (gap(statement.text) if out else "") + statement.text
        out += "".join(f" {_mark(exhibits[ref])}" for ref in statement.refs)
    return out


def _mark(exhibit: Exhibit) -> str:
    return f"[[{exhibit.id.removeprefix('e')}]]({exhibit.url})"


def shown_in_readme() -> str:
    """What stands between the two marks."""
    return README.read_text("utf-8").partition(BEGIN)[2].partition(END)[0].strip()


def main() -> None:
    """Write the page into the README."""
    page = demo_page(fetch("pypi:peft==0.18.1", ROOT / "store", progress=lambda text: print(text, file=sys.stderr)))
    assert isinstance(page, Heuristic)
    before, _, rest = README.read_text("utf-8").partition(BEGIN)
    after = rest.partition(END)[2]
    README.write_text(f"{before}{BEGIN}\n\n{as_markdown(page)}\n\n{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
