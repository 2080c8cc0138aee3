from __future__ import annotations

from pathlib import Path

import pytest

from wikiagent.config import load_settings
from wikiagent.errors import ConfigError


@pytest.fixture
def toml(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in ("WIKIAGENT_SOURCE__LOCATION", "WIKIAGENT_STORE"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path / "wikiagent.toml"


def test_without_a_file_the_defaults_stand(toml: Path) -> None:
    settings = load_settings(None)
    assert (settings.store, settings.source.location, settings.drafter) == (Path("store"), None, "extractive")


def test_flag_over_environment_over_file(toml: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    toml.write_text('store = "s"\n[source]\nlocation = "file"\ninclude = ["*.pyx"]\n[wiki]\nrepo = "zoo"\n')
    assert load_settings(None).source.location == "file"
    monkeypatch.setenv("WIKIAGENT_SOURCE__LOCATION", "environment")
    assert load_settings(None).source.location == "environment"
    settings = load_settings(None, source={"location": "flag"}, wiki={"path": None}, store=None)
    assert (settings.source.location, settings.source.include) == ("flag", ("*.pyx",))
    assert (settings.store, settings.wiki.repo, settings.wiki.path) == (Path("s"), "zoo", None)


def test_a_file_that_was_named_must_be_there(toml: Path) -> None:
    with pytest.raises(ConfigError, match="no such configuration file"):
        load_settings(Path("none.toml"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[source\n", "is not valid TOML"),
        ("[source]\nlocations = 1\n", r"source.locations: there is no such setting. Did you mean location\?"),
        ("[draft]\nlimit = 0\n", "draft.limit: Input should be greater than or equal to 1"),
        ("colour = 1\n", r"colour: there is no such setting\. Remove it"),
        ('[source]\nlink = "https://x.org/{file}"\n', r"source.link: .*only \{version\}"),
        ('[source]\nlink = "https://x.org/{}"\n', r"source.link: .*only \{version\}"),
        ('[source]\nlink = "x.org/{path}"\n', "source.link: .*begins with http"),
    ],
)
def test_a_wrong_setting_is_named(toml: Path, text: str, message: str) -> None:
    toml.write_text(text)
    with pytest.raises(ConfigError, match=message) as raised:
        load_settings(None)
    assert str(raised.value).startswith("wikiagent.toml")
    assert "\n" not in str(raised.value)


def test_a_wrong_variable_is_named(toml: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    toml.write_text("[draft]\nlimit = 3\n")
    monkeypatch.setenv("WIKIAGENT_DRAFT__LIMIT", "many")
    with pytest.raises(ConfigError, match=r"^The environment variable WIKIAGENT_DRAFT__LIMIT: "):
        load_settings(None)


def test_a_file_in_another_encoding(toml: Path) -> None:
    toml.write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match="is not valid TOML"):
        load_settings(None)
