"""docs/settings.md lists all settings with their defaults."""

from __future__ import annotations

from pydantic import BaseModel

from tests.docs.text import ROOT, rows
from wikiagent.config import NOT_MINED, Settings

TEXT = (ROOT / "docs/settings.md").read_text("utf-8")


def defaults() -> dict[str, object]:
    found: dict[str, object] = {}
    for name, value in Settings.model_construct():
        if isinstance(value, BaseModel):
            found.update({f"{name}.{key}": inner for key, inner in value})
        else:
            found[name] = value
    return found


def test_settings_are_all_there() -> None:
    assert {cells[0].strip("`") for cells in rows(TEXT)} == set(defaults())


def test_defaults_are_the_real_ones() -> None:
    said = {cells[0].strip("`"): cells[1] for cells in rows(TEXT)}
    for name, value in defaults().items():
        if value is None:
            assert "`" not in said[name], name
        elif value == NOT_MINED:
            assert said[name] == "tests, vendored and generated files"
        else:
            values = value if isinstance(value, tuple) else (value,)
            assert said[name] == ", ".join(f"`{v}`" for v in values), name
