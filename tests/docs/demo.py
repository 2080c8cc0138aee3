"""What the README shows of `make demo`: what it prints, and a page of its wiki.

`python -m tests.docs.demo` runs the demo in a temporary folder and writes both into the README anew.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from contextlib import chdir
from dataclasses import dataclass
from pathlib import Path

from typer.testing import CliRunner

import wikiagent.cli  # noqa: F401 - registers all commands
from tests.docs.text import ROOT
from wikiagent.cli.app import app
from wikiagent.source.evidence import Place
from wikiagent.wiki.graph import read_wiki
from wikiagent.wiki.page import Exhibit, Heuristic, Prose, gap

README = ROOT / "README.md"
WIKI = Path("wiki/huggingface_peft")

SHOWN = Place("src/peft/tuners/randlora/config.py", 58, 62)
"""What the page that is shown is about: it is the first one, by name, whose first exhibit has these lines."""

PAGE = ("<!-- a page of the demo: begin -->", "<!-- a page of the demo: end -->")
PRINTED = ("<!-- what make demo prints: begin -->", "<!-- what make demo prints: end -->")


@dataclass(frozen=True)
class Demo:
    """What a run of the demo in a fresh clone prints, without what pip prints; and the page that is shown."""

    printed: str
    page: Heuristic


def run_demo(folder: Path, sources: Path | None = None) -> Demo:
    """Run the demo in an empty folder, with the sources that were fetched before where there are some."""
    shutil.copy(ROOT / "wikiagent.toml", folder)
    if sources and sources.is_dir():
        shutil.copytree(sources, folder / "store/sources", copy_function=os.link)
    with chdir(folder):
        result = CliRunner().invoke(app, ["enrich", "--phase", "3", "--accept-valid"], catch_exceptions=False)
    assert result.exit_code == 0
    lines = [line.rstrip() for line in result.stderr.split("\n") if line.strip()]
    return Demo("\n".join([echoed(".venv/.run"), *lines, echoed("demo")]), _page(folder / WIKI))


def echoed(target: str) -> str:
    """The sentence that the recipe of a target of the Makefile prints."""
    makefile = (ROOT / "Makefile").read_text("utf-8")
    (line,) = re.findall(rf'^{re.escape(target)}:.*\n(?:\t.*\n)*?\t@echo "(.+)"$', makefile, re.M)
    return str(line).replace("$(WIKI)", WIKI.as_posix())


def _page(root: Path) -> Heuristic:
    pages = (page.page for page in read_wiki(root).pages.values())
    return next(p for p in pages if isinstance(p, Heuristic) and p.evidence and p.evidence[0].place.overlaps(SHOWN))


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
        *(f"{number}  {line}" for number, line in enumerate(first.code.split("\n"), first.first)),
        "```",
        "",
    ]
    for exhibit in others:
        lines += [f"{_mark(exhibit)} {exhibit.caption}, from `{exhibit.place}` (the lines are left out here)", ""]
    lines.append(f"**Related Pages** · {', '.join(f'{link.kind}: {link.name}' for link in page.related)}")
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


def blocks_of(demo: Demo) -> dict[tuple[str, str], str]:
    """The blocks of the README that a run of the demo makes, by the marks around them."""
    return {PAGE: as_markdown(demo.page), PRINTED: f"```\n{demo.printed}\n```"}


def between(marks: tuple[str, str], text: str) -> str:
    """What stands between two marks."""
    return text.partition(marks[0])[2].partition(marks[1])[0].strip()


def main() -> None:
    """Write the blocks into the README."""
    text = README.read_text("utf-8")
    with tempfile.TemporaryDirectory() as folder:
        demo = run_demo(Path(folder))
    for (begin, end), block in blocks_of(demo).items():
        before, _, rest = text.partition(begin)
        text = f"{before}{begin}\n\n{block}\n\n{end}{rest.partition(end)[2]}"
    README.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
