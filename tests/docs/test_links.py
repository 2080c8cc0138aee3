"""Links between the documentation's files, and the files and modules that it names, resolve."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.docs.text import DOCUMENTS, ROOT, code_of, shown

_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)|<img[^>]* src=\"([^\"]+)\"")
_LAYERS = "|".join(path.name for path in (ROOT / "src/wikiagent").iterdir() if path.is_dir())
_MODULE = re.compile(
    rf"(?:(?:src/wikiagent|docs|tests|benchmarks|prompts)/|(?:{_LAYERS})/)[\w/.-]+\.(?:py|scm|md|json|svg)"
)


def anchors(text: str) -> set[str]:
    """The ids that code hosts give the headings of a Markdown text."""
    titles = re.findall(r"^#+ (.+)$", text, re.M)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def prose_of(text: str) -> str:
    """A Markdown text without its code."""
    return re.sub(r"`[^`\n]*`", "", re.sub(r"^```.*?^```", "", text, flags=re.M | re.S))


@pytest.mark.parametrize("document", DOCUMENTS, ids=shown)
def test_links_resolve(document: Path) -> None:
    for found in _LINK.finditer(prose_of(document.read_text("utf-8"))):
        link = found[1] or found[2]
        if link.startswith(("http://", "https://", "mailto:")):
            continue
        file, _, anchor = link.partition("#")
        target = (document.parent / file).resolve() if file else document
        assert target.exists(), f"{shown(document)} links {link}"
        if anchor:
            assert anchor in anchors(target.read_text("utf-8")), f"{shown(document)} links {link}"


@pytest.mark.parametrize("document", DOCUMENTS, ids=shown)
def test_files_of_the_project_that_the_text_names_exist(document: Path) -> None:
    named = {found[0] for span in code_of(document.read_text("utf-8")) if (found := _MODULE.fullmatch(span))}
    missing = {path for path in named if not (ROOT / path).exists() and not (ROOT / "src/wikiagent" / path).exists()}
    assert missing - {"phases/phaseN.py", "src/wikiagent/phases/phaseN.py"} == set()


def test_the_picture_is_drawn_and_described() -> None:
    picture = (ROOT / "docs/flow.svg").read_text("utf-8")
    assert "<title" in picture
    assert "<desc" in picture
    assert "http" not in picture.replace("http://www.w3.org/2000/svg", "")
