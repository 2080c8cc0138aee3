"""The pages of the rules in `docs/rules/`, which are shipped in the wheel: what code hosts show beside a finding."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import NamedTuple

_LINK = re.compile(r"\[([^\]]+)\]\(\.\.[^)]*\)")


class RulePage(NamedTuple):
    """What the page of a rule says: what the rule finds, in a sentence or two, and all of it as Markdown."""

    finds: str
    markdown: str


def read_rule_page(code: str) -> RulePage:
    """The page of a rule, without links to other files, which lead nowhere outside of the documentation."""
    text = _LINK.sub(r"\1", (_folder() / f"{code}.md").read_text("utf-8"))
    _, _, finds, _ = text.split("\n\n", 3)
    return RulePage(finds.replace("\n", " "), text)


@cache
def _folder() -> Traversable:
    """Where the pages are: in the installed package, else in the checkout."""
    installed = files("wikiagent") / "rule_pages"
    return installed if installed.is_dir() else Path(__file__).parents[3] / "docs" / "rules"
