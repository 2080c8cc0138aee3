"""docs/errors.md lists the error classes with the exit statuses that they end in."""

from __future__ import annotations

from tests.docs.text import ROOT, rows, sections
from wikiagent.errors import WikiagentError

TEXT = (ROOT / "docs/errors.md").read_text("utf-8")


def test_classes_and_statuses_are_the_real_ones() -> None:
    said = {cells[0].strip("`"): int(cells[1]) for cells in rows(sections(TEXT)["The kinds of error"])}
    assert said == {cls.__name__: cls.exit_code for cls in WikiagentError.__subclasses__()}


def test_every_status_is_explained() -> None:
    explained = {int(cells[0]) for cells in rows(TEXT) if cells[0].isdigit()}
    assert {cls.exit_code for cls in WikiagentError.__subclasses__()} | {0, 130} <= explained
