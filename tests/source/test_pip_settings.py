from __future__ import annotations

import os
from pathlib import Path

import pytest

from wikiagent.errors import ConfigError
from wikiagent.source.pip_settings import PYPI, pip_settings


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """An environment whose configuration files are all in the test's folder."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr("sys.prefix", str(tmp_path / "venv"))
    return {"XDG_CONFIG_DIRS": str(tmp_path / "xdg"), "XDG_CONFIG_HOME": str(tmp_path / "config")}


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def test_the_default_is_pypi() -> None:
    settings = pip_settings({"PIP_CONFIG_FILE": os.devnull})
    assert (settings.indexes, settings.find_links) == ((PYPI,), ())


def test_files_and_variables_in_the_order_of_pip(home: dict[str, str], tmp_path: Path) -> None:
    write(tmp_path / "xdg/pip/pip.conf", "[global]\nindex_url = https://machine/simple\ntimeout = 3\n")
    write(tmp_path / "config/pip/pip.conf", "[global]\nextra-index-url =\n    https://a/simple\n    https://b/simple\n")
    write(tmp_path / "venv/pip.conf", "[install]\nindex-url = https://venv/simple\n[list]\nproxy = no\n")
    settings = pip_settings({**home, "PIP_CERT": "/ca.pem", "PIP_TRUSTED_HOST": "h:1 g", "PIP_TIMEOUT": ""})
    assert settings.indexes == ("https://venv/simple", "https://a/simple", "https://b/simple")
    assert (settings.cert, settings.trusted_hosts, settings.timeout) == ("/ca.pem", ("h:1", "g"), 3.0)
    assert settings.proxy is None
    assert pip_settings({**home, "PIP_INDEX_URL": "https://env/simple"}).indexes[0] == "https://env/simple"


def test_a_named_file_stands_in_for_the_users_own(home: dict[str, str], tmp_path: Path) -> None:
    write(tmp_path / "config/pip/pip.conf", "[global]\nproxy = user\n")
    write(tmp_path / "named.conf", "[global]\nfind-links = /wheels\nno-index = true\n")
    settings = pip_settings({**home, "PIP_CONFIG_FILE": str(tmp_path / "named.conf")})
    assert (settings.proxy, settings.find_links, settings.indexes) == (None, ("/wheels",), ())


def test_a_broken_file_and_a_wrong_value_are_named(home: dict[str, str], tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="timeout"):
        pip_settings({**home, "PIP_TIMEOUT": "soon"})
    write(tmp_path / "config/pip/pip.conf", "index-url = x\n")
    with pytest.raises(ConfigError, match=r"pip\.conf"):
        pip_settings(home)
