"""docs/rules.md lists the rules of the registry, no more and no fewer, in the same words."""

from __future__ import annotations

import re

from tests.docs.text import ROOT, rows
from wikiagent.check.rules import RULES

TEXT = (ROOT / "docs/rules.md").read_text("utf-8")


def test_rules_are_those_of_the_registry() -> None:
    listed = [(cells[0], cells[1]) for cells in rows(TEXT) if re.fullmatch(r"[A-Z]{3}\d{3}", cells[0])]
    assert len(listed) == len(dict(listed))
    assert dict(listed) == {code: rule.summary for code, rule in RULES.items()}


def test_codes_that_the_text_names_exist() -> None:
    for document in [ROOT / "README.md", *ROOT.glob("docs/**/*.md")]:
        codes = set(re.findall(r"\b(?:CIT|CLM|SCH|LNK|IDX|GRF|NAM|SEC|IGN|DRF)\d{3}\b", document.read_text("utf-8")))
        assert codes <= set(RULES), document.name
