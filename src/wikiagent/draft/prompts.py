"""The prompts: Jinja2 templates in `prompts/`, known by a digest of their text."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from jinja2 import Environment, FunctionLoader, StrictUndefined, TemplateError

from wikiagent.errors import ConfigError


def _folder() -> Traversable:
    """Where the templates are: inside the installed package, or in the checkout that it is run from."""
    installed = files("wikiagent") / "prompts"
    return installed if installed.is_dir() else Path(__file__).parents[3] / "prompts"


@cache
def _text(name: str) -> str:
    return (_folder() / f"{name}.j2").read_text("utf-8")


@cache
def _templates() -> Environment:
    return Environment(  # noqa: S701 - it writes plain text
        loader=FunctionLoader(_text), undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )


def prompt(name: str, **values: Any) -> str:
    """A template filled with values.

    Raises:
        ConfigError: the template is not there, is no template, or names a variable that nobody passes.
    """
    try:
        return _templates().get_template(name).render(**values)
    except (TemplateError, OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"prompts/{name}.j2 cannot be used: {error}. Correct the file, or restore it.") from error


def digest(*names: str) -> str:
    """What tells one version of prompts from another: twelve hex digits of the SHA-256 of their texts.

    Raises:
        ConfigError: a template is not there.
    """
    try:
        return hashlib.sha256("\0".join(_text(name) for name in names).encode()).hexdigest()[:12]
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"A prompt cannot be read: {error}. Restore the folder prompts/.") from error
