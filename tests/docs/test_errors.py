"""docs/errors.md lists the error classes with the exit statuses that they end in."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

import wikiagent.cli  # noqa: F401 - registers all commands
from tests.docs.text import ROOT, rows, sections
from wikiagent.cli.app import app
from wikiagent.errors import WikiagentError

TEXT = (ROOT / "docs/errors.md").read_text("utf-8")


def test_classes_and_statuses_are_the_real_ones() -> None:
    said = {cells[0].strip("`"): int(cells[1]) for cells in rows(sections(TEXT)["The kinds of error"])}
    assert said == {cls.__name__: cls.exit_code for cls in WikiagentError.__subclasses__()}


def test_every_status_is_explained() -> None:
    explained = {int(cells[0]) for cells in rows(TEXT) if cells[0].isdigit()}
    assert {cls.exit_code for cls in WikiagentError.__subclasses__()} | {0, 130} <= explained


@pytest.mark.parametrize(
    ("command", "beginning"),
    [
        ("enrich --phase 3 --wiki wiki", "No source is named."),
        ("enrich --phase 3 --source .", "No wiki is named."),
        ("enrich --phase 9 --source . --wiki wiki", "There is no phase"),
        ("enrich --phase 3 --source . --wiki wiki --drafter agent", "The agent needs a model."),
        ("init", "wikiagent.toml is here already"),
    ],
)
def test_messages_that_the_text_explains_come_up(
    command: str, beginning: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    if command == "init":
        (tmp_path / "wikiagent.toml").touch()
    assert f"`{beginning}`" in TEXT
    error = CliRunner().invoke(app, command.split()).exception
    assert isinstance(error, WikiagentError)
    assert str(error).startswith(beginning)
