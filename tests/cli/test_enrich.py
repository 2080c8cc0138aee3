from __future__ import annotations

import os
from pathlib import Path

import pytest
from rich.console import Console

from wikiagent.cli.app import Shell
from wikiagent.cli.enrich import for_its_source, link_form, prefix_of, refuse_around_source
from wikiagent.config import Settings, load_settings
from wikiagent.errors import ConfigError, WikiError
from wikiagent.source.snapshot import Snapshot

FORM = "https://github.com/some/zoo/blob/v{version}/{path}#L{first}-L{last}"


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shell:
    """A configuration for zoo 1.0."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "wikiagent.toml").write_text(
        f'[source]\nlocation = "pypi:zoo==1.0"\nlink = "{FORM}"\n[wiki]\npath = "wiki"\nrepo = "some_zoo"\n'
    )
    return Shell(None, None, True, False, Console(stderr=True, quiet=True))


def used(shell: Shell, source: str, wiki: str | None = None, repo: str | None = None) -> Settings:
    path = Path(wiki) if wiki else None
    settings = shell.settings(source={"location": source}, wiki={"path": path, "repo": repo})
    return for_its_source(shell, settings, path, repo)


@pytest.mark.parametrize("source", ["pypi:zoo==1.0", "pypi:Zoo==2.0"])
def test_link_prefix_and_wiki_belong_to_every_version_of_the_configured_source(shell: Shell, source: str) -> None:
    settings = used(shell, source)
    assert (settings.source.link, settings.wiki.repo, settings.wiki.path) == (FORM, "some_zoo", Path("wiki"))


@pytest.mark.parametrize(
    "source", ["pypi:zoo2==1.0", "pypi:peft==0.18.1", "git+https://github.com/some/zoo@main", ".", "zoo"]
)
def test_another_source_takes_none_of_them(shell: Shell, source: str) -> None:
    with pytest.raises(ConfigError, match=r"is that of pypi:zoo==1\.0\. Pass --wiki FOLDER for "):
        used(shell, source)
    assert used(shell, source, "other").wiki.repo is None
    settings = used(shell, source, "other", "their_zoo")
    assert (settings.source.link, settings.wiki.repo, settings.wiki.path) == (None, "their_zoo", Path("other"))


def test_a_configuration_without_a_source_holds_for_any(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "wikiagent.toml").write_text(f'[source]\nlink = "{FORM}"\n[wiki]\nrepo = "some_zoo"\n')
    settings = used(shell, "pypi:peft==0.18.1")
    assert (settings.source.link, settings.wiki.repo) == (FORM, "some_zoo")


@pytest.mark.parametrize(
    ("source", "revision", "linked"),
    [
        ("pypi:zoo==1.0", "1.0", True),
        (f"path:zoo@{'0f' * 20}", "0f" * 20, True),
        ("path:zoo@0123456789ab", "0123456789ab", False),
    ],
)
def test_a_folder_that_is_no_clean_checkout_gets_no_links(
    shell: Shell, tmp_path: Path, source: str, revision: str, linked: bool
) -> None:
    snapshot = Snapshot(source, "zoo", revision, tmp_path, ())
    assert link_form(load_settings(None), snapshot) == (FORM if linked else None)


def test_the_prefix_of_a_wiki_is_not_mixed(tmp_path: Path) -> None:
    (tmp_path / "_HeuristicIndex.md").write_text("# Heuristic Index: some_zoo\n")
    assert prefix_of(tmp_path, None) == prefix_of(tmp_path, "some_zoo") == "some_zoo"
    with pytest.raises(WikiError, match=r"begin with some_zoo_, not other_\. Leave --repo out"):
        prefix_of(tmp_path, "other")
    assert prefix_of(tmp_path / "new" / "wiki", "other") is None


def test_a_file_is_no_wiki(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(WikiError, match="is a file"):
        prefix_of(tmp_path / "file", None)
    with pytest.raises(WikiError, match=r"is a file, so that .*below cannot be made"):
        prefix_of(tmp_path / "file" / "below", None)


def test_a_folder_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    with pytest.raises(WikiError, match="cannot be written"):
        prefix_of(tmp_path / "wiki", None)


def test_a_wiki_may_not_stand_around_its_source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for wiki in (Path(), Path("zoo"), Path("zoo/src/..")):
        (tmp_path / "zoo" / "src").mkdir(parents=True, exist_ok=True)
        with pytest.raises(ConfigError, match="Name a folder of its own"):
            refuse_around_source(wiki, "zoo")
    refuse_around_source(Path("zoo/wiki"), "zoo")
    refuse_around_source(Path("zoo"), "pypi:zoo==1.0")
