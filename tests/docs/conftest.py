"""What the command line really has."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import typer

from wikiagent.cli import app as application


@dataclass(frozen=True)
class CommandLine:
    """The commands by name with their options (`-k`), the global options, and which of these take a value."""

    commands: dict[str, frozenset[str]]
    shared: frozenset[str]
    with_value: frozenset[str]

    @property
    def options(self) -> frozenset[str]:
        return self.shared.union(*self.commands.values())


@pytest.fixture(scope="session")
def command_line() -> CommandLine:
    group = typer.main.get_command(application.app)
    options = {
        name: frozenset(o for p in command.params for o in (*p.opts, *p.secondary_opts) if o.startswith("-"))
        for name, command in commands_in(group)
    }
    shared = frozenset(o for p in group.params for o in p.opts if o.startswith("-"))
    with_value = {o for p in group.params for o in p.opts if not p.is_flag}  # type: ignore[attr-defined]
    return CommandLine(options, shared | {"--help"}, frozenset(with_value))


def commands_in(group: Any, before: str = "") -> Iterator[tuple[str, Any]]:
    """The commands by name, those of groups as `model serve`."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands_in(command, f"{before}{name} ")
        else:
            yield before + name, command
