"""Settings: command-line flag > environment (`WIKIAGENT_SOURCE__LOCATION`) > `wikiagent.toml` > default.

One `Settings` value is made at the start of a command and passed in; nothing reads it globally. Secrets are never
settings: they are read from the environment where they are used.
"""

from __future__ import annotations

import difflib
import os
import re
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource

from wikiagent.errors import ConfigError

CONFIG_FILE = "wikiagent.toml"

#: What is not mined by default, in gitignore patterns: tests, vendored and generated files. It stays readable.
#: A leading slash binds to the root where the name also stands for public code (`django/test/`, `src/pkg/build/`).
NOT_MINED = (
    "/test/",
    "tests/",
    "test_*.py",
    "*_test.py",
    "conftest.py",
    "vendor/",
    "vendored/",
    "_vendor/",
    "_vendored/",
    "third_party/",
    "node_modules/",
    "/build/",
    "/dist/",
    "*_pb2.py",
    "*_pb2_grpc.py",
    "/versioneer.py",
)


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SourceSettings(_Section):
    """`[source]`: where the code comes from and which files of it are mined."""

    location: str | None = None
    include: tuple[str, ...] = ("*.py", "setup.cfg", "pyproject.toml")
    exclude: tuple[str, ...] = NOT_MINED
    link: str | None = Field(default=None, description="URL form with {version}, {path}, {first} and {last}")

    @field_validator("link")
    @classmethod
    def _is_form(cls, link: str | None) -> str | None:
        try:
            filled = (link or "https://example.org").format(version="1.0", path="a.py", first=1, last=2)
        except (KeyError, IndexError, ValueError) as error:
            raise ValueError("only {version}, {path}, {first} and {last} may stand between braces") from error
        if not re.match(r"https?://[^/\s]+", filled) or re.search(r"\s", filled):
            raise ValueError("it must be an address that begins with http:// or https://")
        return link


class WikiSettings(_Section):
    """`[wiki]`: the folder of pages, and the prefix of the page names."""

    path: Path | None = None
    repo: str | None = Field(default=None, pattern=r"^[A-Za-z0-9][A-Za-z0-9_.\-]*$")


class IndexSettings(_Section):
    """`[index]`: which embedder, and a Chroma server where one is used instead of the local store."""

    embedder: str = "wordllama"
    url: str | None = Field(default=None, description="a Chroma server, as http://host:port")


class ModelSettings(_Section):
    """`[model]`: the language model of the agent, behind any OpenAI-compatible endpoint."""

    name: str | None = Field(default=None, min_length=1, description="a model of the endpoint, or gguf:PATH")
    base_url: str | None = Field(default=None, pattern=r"^https?://[^/\s]+\S*$")
    temperature: float = Field(default=0.0, ge=0, le=2)
    timeout: float = Field(default=180.0, gt=0, description="seconds that one answer may take")
    retries: int = Field(default=4, ge=0, description="further attempts where a call fails in passing")
    context: int | None = Field(default=None, ge=1, description="tokens; asked of the endpoint where not set")
    max_answer: int = Field(default=3000, ge=100, description="most tokens of one answer")
    price_in: float | None = Field(default=None, ge=0, description="per million tokens")
    price_out: float | None = Field(default=None, ge=0, description="per million tokens")


class DraftSettings(_Section):
    """`[draft]`: which drafter writes the pages, and what it may spend."""

    drafter: Literal["extractive", "agent"] | None = Field(default=None, description="agent where a model is named")
    limit: int = Field(default=120, ge=1)
    mode: Literal["auto", "tools", "packed"] = "auto"
    plan: bool = Field(default=True, description="the model chooses and names the pages")
    judge: bool = Field(default=True, description="a second call judges whether the evidence supports each statement")
    max_tokens: int | None = Field(default=None, ge=1)
    max_cost: float | None = Field(default=None, gt=0)
    max_pages: int | None = Field(default=None, ge=1)
    concurrency: int = Field(default=2, ge=1, le=64)


class CheckSettings(_Section):
    """`[check]`: which findings of the linter are wanted; codes or beginnings of codes."""

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    per_path: dict[str, tuple[str, ...]] = Field(default={}, description="codes to ignore, by pattern of pages")


class ReviewSettings(_Section):
    """`[review]`: who reviews, and what happens to what is rejected."""

    name: str | None = Field(default=None, min_length=1, max_length=80, description="name in the log of decisions")
    redraft: bool = Field(default=False, description="a draft that is rejected is written again at once")


class Settings(BaseSettings):
    """All settings of one command."""

    model_config = SettingsConfigDict(
        env_prefix="WIKIAGENT_",
        env_nested_delimiter="__",
        extra="forbid",
        frozen=True,
        nested_model_default_partial_update=True,
    )

    store: Path = Path("store")
    source: SourceSettings = SourceSettings()
    wiki: WikiSettings = WikiSettings()
    index: IndexSettings = IndexSettings()
    model: ModelSettings = ModelSettings()
    draft: DraftSettings = DraftSettings()
    check: CheckSettings = CheckSettings()
    review: ReviewSettings = ReviewSettings()

    @property
    def drafter(self) -> str:
        """Who writes the pages: as set, else the agent where a model is named."""
        return self.draft.drafter or ("agent" if self.model.name else "extractive")


def load_settings(file: Path | None, **flags: Any) -> Settings:
    """Read the settings of one command.

    Args:
        file: the configuration file that the user named, or None for `wikiagent.toml` here where there is one.
        flags: values from the command line, nested like the settings; they win. None means not given.

    Raises:
        ConfigError: the file is missing or not TOML, or a value is not allowed.
    """
    if file is not None and not file.is_file():
        raise ConfigError(
            f"{file}: no such configuration file. Name one that exists, or run `wikiagent init` to write one."
        )
    toml = file or Path(CONFIG_FILE)

    class _Loaded(Settings):
        @classmethod
        def settings_customise_sources(
            cls,
            settings_cls: type[BaseSettings],
            *sources: PydanticBaseSettingsSource,
            **named: PydanticBaseSettingsSource,
        ) -> tuple[PydanticBaseSettingsSource, ...]:
            return named["init_settings"], named["env_settings"], TomlConfigSettingsSource(settings_cls, toml)

    try:
        return _Loaded(**_given(flags))
    except ValidationError as error:
        raise ConfigError(_wrong(error.errors()[0], toml, flags)) from error
    except (ValueError, RecursionError) as error:  # tomllib.TOMLDecodeError is one
        raise ConfigError(
            f"{toml} is not valid TOML: {error}. Correct it, or run `wikiagent init` in an empty folder for an example."
        ) from error


def _wrong(error: ErrorDetails, toml: Path, flags: dict[str, Any]) -> str:
    """What is wrong with a setting, and where it was set."""
    parts = [str(part) for part in error["loc"]]
    place = ".".join(parts)
    variable = f"WIKIAGENT_{'__'.join(parts)}".upper()
    where = f"The environment variable {variable}" if variable in os.environ else f"{toml}: {place}"
    section_flags = flags.get(parts[0])
    if isinstance(section_flags, dict) and section_flags.get(parts[-1]) is not None:
        return f"--{parts[-1].replace('_', '-')}: {error['msg']}. Give another value; --help says what is meant."
    if error["type"] == "extra_forbidden":
        section = Settings.model_fields.get(parts[0])
        known = section.annotation if section and len(parts) > 1 else Settings
        names = known.model_fields if isinstance(known, type) and issubclass(known, BaseModel) else ()
        near = difflib.get_close_matches(parts[-1], names, 1)
        remedy = f"Did you mean {near[0]}?" if near else "Remove it; docs/settings.md lists those that there are."
        return f"{where}: there is no such setting. {remedy}"
    return f"{where}: {error['msg']}. Correct this setting; `wikiagent init` writes a commented example."


def _given(flags: dict[str, Any]) -> dict[str, Any]:
    """Drop what was not given on the command line, so that it does not hide lower sources."""
    given = {key: _given(value) if isinstance(value, dict) else value for key, value in flags.items()}
    return {key: value for key, value in given.items() if value is not None and value != {}}
