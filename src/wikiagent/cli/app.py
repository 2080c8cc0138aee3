"""The application: global options, and errors turned into one sentence and an exit code."""

from __future__ import annotations

import logging
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console, RenderableType
from rich.status import Status
from rich.text import Text
from typer.core import TyperGroup

from wikiagent import __version__
from wikiagent.config import Settings, load_settings
from wikiagent.errors import WikiagentError
from wikiagent.source.inert import inert

#: What a shell reports of a program that was interrupted, and of one that wrote into a closed pipe.
_SIGINT, _SIGPIPE = 128 + 2, 128 + 13


class _Commands(TyperGroup):
    """The commands, with the exit codes that a shell expects where a command is stopped from outside."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            _complain("stopped. Nothing is half-written; run the command again to go on.")
            sys.exit(_SIGINT)
        except BrokenPipeError:  # `| head` has read enough
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            sys.exit(_SIGPIPE)


app = typer.Typer(
    cls=_Commands,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Writes and keeps a wiki about a code repository in which every statement can be checked against the source.",
)


@dataclass(frozen=True)
class Shell:
    """What the global options say: passed to every command.

    `console` writes messages and progress to standard error; results go to standard output by `say`, JSON by
    `typer.echo`.
    """

    config: Path | None
    store: Path | None
    quiet: bool
    verbose: bool
    console: Console

    def settings(self, **flags: Any) -> Settings:
        """The settings of this command; `flags` are nested like the settings, None means not given."""
        return load_settings(self.config, store=self.store, **flags)

    def tell(self, message: str) -> None:
        """Say in one line what is being done."""
        self.console.print(f"{message} ...")


def say(text: str = "", *, bold: bool = False) -> None:
    """Print text that people read, on standard output, inert: file names, code and pages may hold anything."""
    typer.secho(inert(text), bold=bold)


class _InertConsole(Console):
    """A console that prints text as it is, but for what a terminal would obey, and never as markup."""

    def print(self, *objects: Any, **how: Any) -> None:
        shown = [inert(each) if isinstance(each, str) else each for each in objects]
        super().print(*shown, **{**how, "markup": False})

    def status(self, status: RenderableType, **how: Any) -> Status:
        return _InertStatus(status, console=self, **how)


class _InertStatus(Status):
    """A line that says what is being done, without markup and inert as well."""

    def update(self, status: RenderableType | None = None, **how: Any) -> None:
        super().update(Text(inert(status)) if isinstance(status, str) else status, **how)


class _InertFormatter(logging.Formatter):
    """Log lines that are inert."""

    def format(self, record: logging.LogRecord) -> str:
        return inert(super().format(record))


def _version(value: bool) -> None:
    if value:
        typer.echo(f"wikiagent {__version__}")
        raise typer.Exit


@app.callback()
def start(
    context: typer.Context,
    config: Annotated[
        Path | None, typer.Option(help="Configuration file; default: wikiagent.toml where there is one.")
    ] = None,
    store: Annotated[Path | None, typer.Option(help="Folder for run data (sources, index, ledger).")] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print results and errors only.")] = False,
    verbose: Annotated[bool, typer.Option("-v", "--verbose", help="Print what is being done in detail.")] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Read the global options."""
    console = _InertConsole(stderr=True, quiet=quiet, highlight=False, emoji=False, soft_wrap=True)
    handler = logging.StreamHandler()
    handler.setFormatter(_InertFormatter("%(name)s: %(message)s"))
    logging.basicConfig(level=logging.INFO if verbose else logging.ERROR, handlers=[handler])
    context.obj = Shell(config, store, quiet, verbose, console)


def main() -> None:
    """Run the command line; every expected failure ends in one sentence and its own exit code."""
    try:
        app(prog_name="wikiagent")
    except WikiagentError as error:
        _complain(str(error))
        sys.exit(error.exit_code)
    except KeyboardInterrupt:  # before a command began
        sys.exit(_SIGINT)
    except OSError as error:  # the disk or the terminal, wherever they fail
        _complain(f"{error}. Put this right and run the command again.")
        sys.exit(WikiagentError.exit_code)


def _complain(sentence: str) -> None:
    one_line = " ".join(inert(sentence).split())  # a file's name may hold line ends
    _InertConsole(stderr=True, highlight=False, emoji=False, soft_wrap=True).print(f"wikiagent: {one_line}")
