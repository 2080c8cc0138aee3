"""Every command and option that the text names exists, and docs/commands.md names them all."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.docs.conftest import CommandLine
from tests.docs.text import DOCUMENTS, ROOT, code_of, rows, sections, shown

_CALL = re.compile(r"(?:^|[|;&] )(?:\$ |\S+/)?wikiagent\s+((?:--?[a-z]|[a-z])[^|;&#`]*)")
REFERENCE = (ROOT / "docs/commands.md").read_text("utf-8")


def problems(call: str, known: CommandLine) -> list[str]:
    """What a call names that does not exist; `call` is what follows `wikiagent`."""
    words = call.split()
    while words and words[0].startswith("-"):
        option = words.pop(0)
        if option not in known.shared:
            return [f"no global option {option}"]
        if option in known.with_value and words:
            words.pop(0)
    if not words:
        return []
    name = words.pop(0).rstrip(":,.")
    if words and f"{name} {words[0]}" in known.commands:
        name = f"{name} {words.pop(0)}"
    if name not in known.commands:
        return [f"no command {name}"]
    used = {word.partition("=")[0].rstrip(",.") for word in words if re.match(r"--?[a-z]", word)}
    return [f"{name} has no option {option}" for option in used - known.commands[name] - {"--help"}]


@pytest.mark.parametrize("document", DOCUMENTS, ids=shown)
def test_commands_that_the_text_names_exist(document: Path, command_line: CommandLine) -> None:
    lines = list(code_of(document.read_text("utf-8")))
    calls = [found[1] for line in lines for found in _CALL.finditer(line)]
    assert [f"{call!r}: {p}" for call in calls for p in problems(call, command_line)] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=shown)
def test_options_that_the_text_names_exist(document: Path, command_line: CommandLine) -> None:
    spans = [s for s in code_of(document.read_text("utf-8")) if re.match(r"--[a-z]", s)]
    assert {span.split()[0] for span in spans} <= command_line.options


def test_a_wrong_call_is_noticed(command_line: CommandLine) -> None:
    assert problems("--store X enrich --phase 3 --wiki W", command_line) == []
    assert problems("enrich --phases 3", command_line) == ["enrich has no option --phases"]
    assert problems("enhance", command_line) == ["no command enhance"]
    assert problems("--stores X enrich", command_line) == ["no global option --stores"]
    assert problems("model serve FILE --port 8080", command_line) == []
    assert problems("model stop", command_line) == ["no command model"]


def options_in(text: str) -> set[str]:
    first = [cells[0] for cells in rows(text)]
    return {span.split()[0] for cell in first for span in cell.split("`")[1::2]}


def test_the_reference_has_every_command(command_line: CommandLine) -> None:
    described = {title.removeprefix("wikiagent ") for title in sections(REFERENCE) if title.startswith("wikiagent ")}
    assert described == set(command_line.commands)


def test_the_reference_has_every_option(command_line: CommandLine) -> None:
    parts = sections(REFERENCE)
    assert options_in(parts["Global options"]) == command_line.shared
    for name, options in command_line.commands.items():
        assert options_in(parts[f"wikiagent {name}"]) == options, name
