from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from wikiagent.config import load_settings


def wikiagent(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "wikiagent", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_init_writes_settings_that_load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "my project"
    folder.mkdir()
    assert wikiagent(folder, "init").returncode == 0
    monkeypatch.chdir(folder)
    settings = load_settings(None)
    assert (settings.source.location, settings.wiki.path, settings.wiki.repo) == (".", Path("wiki"), "my_project")


def test_every_setting_that_is_commented_out_is_one(tmp_path: Path) -> None:
    wikiagent(tmp_path, "init")
    file = tmp_path / "wikiagent.toml"
    file.write_text("".join(line.removeprefix("# ") if " = " in line else line for line in file.open()))
    settings = load_settings(file)
    assert settings.source.link
    assert settings.source.link.format(version="1", path="a.py", first=1, last=2).startswith("https://")


def test_the_prefix_comes_from_the_git_remote(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    subprocess.run(["git", "-C", tmp_path, "remote", "add", "origin", "git@github.com:some-body/lib.git"], check=True)
    wikiagent(tmp_path, "init")
    assert load_settings(tmp_path / "wikiagent.toml").wiki.repo == "some_body_lib"


def test_init_overwrites_nothing(tmp_path: Path) -> None:
    (tmp_path / "wikiagent.toml").write_text("# mine\n")
    done = wikiagent(tmp_path, "init")
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "wikiagent.toml is here already" in done.stderr
    assert (tmp_path / "wikiagent.toml").read_text() == "# mine\n"
