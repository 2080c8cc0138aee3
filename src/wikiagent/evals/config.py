"""What an evaluation is about: a TOML file that names source, goldens, drafter, limit, and thresholds."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, ValidationError

from wikiagent.errors import ConfigError
from wikiagent.evals.metrics import metric_named


class EvalConfig(BaseModel):
    """One evaluation.

    Attributes:
        name: what runs of it are called; the file's name where it is not set.
        source: what the goldens are about, at the revision that is drafted from.
        goldens: the file of goldens, from the folder of the configuration.
        drafter: who writes the pages of a fresh run.
        model: the model of the agent, and of the judge; `[model] name` of the settings where it is not set.
        judge: whether a judge is asked about facts and statements. It is the same model.
        limit: how many candidates are drafted.
        trials: how often a fresh run is made.
        thresholds: the least (for errors and cost the greatest) value that a metric may have.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")
    source: str
    goldens: str
    drafter: Literal["extractive", "agent"] = "extractive"
    model: str | None = None
    judge: bool = False
    limit: int = Field(default=120, ge=1)
    trials: int = Field(default=1, ge=1, le=100)
    thresholds: Mapping[str, FiniteFloat] = {}

    @property
    def is_deterministic(self) -> bool:
        """Whether the same source gives the same pages in every run."""
        return self.drafter == "extractive"


def read_config(file: Path) -> EvalConfig:
    """Read the configuration of an evaluation.

    Raises:
        ConfigError: it cannot be read, or a key, a value or a metric is not allowed.
    """
    try:
        told = tomllib.loads(file.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file} cannot be read: {error}.") from error
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise ConfigError(f"{file} is not valid TOML: {error}.") from error
    try:
        config = EvalConfig.model_validate({"name": file.stem, **told})
    except ValidationError as error:
        raise ConfigError(f"{file}: {_wrong(error)}") from error
    for name, bound in config.thresholds.items():
        try:
            metric = metric_named(name)
        except ConfigError as error:
            raise ConfigError(f"{file}: [thresholds] {error}") from error
        if metric.better == "none":
            raise ConfigError(f"{file}: [thresholds] {name} is neither better nor worse when it grows. Remove it.")
        if metric.better == "more" and bound > 1:
            raise ConfigError(f"{file}: [thresholds] {name} is a share, at most 1, and never reaches {bound:g}.")
        if metric.needs_judge and not config.judge:
            raise ConfigError(f"{file}: [thresholds] {name} needs a judge. Set judge = true, or remove it.")
    return config


def _wrong(error: ValidationError) -> str:
    first = error.errors()[0]
    key = ".".join(str(part) for part in first["loc"])
    if first["type"] == "extra_forbidden":
        near = difflib.get_close_matches(key, EvalConfig.model_fields, 1)
        return f"there is no key {key}. {f'Did you mean {near[0]}?' if near else 'docs/evals.md lists them.'}"
    return f"{key}: {first['msg']}. docs/evals.md says what may stand there."
