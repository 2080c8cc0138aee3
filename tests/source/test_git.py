from __future__ import annotations

import os
import shutil
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.source.conftest import git
from wikiagent.errors import RemoteError, SourceError
from wikiagent.source.archive import Budget
from wikiagent.source.fetch import fetch
from wikiagent.source.git import web_url
from wikiagent.source.kept import find_snapshot


@pytest.mark.parametrize(("rev", "text"), [("v1", b"one = 1\n"), ("main", b"two = 2\r\n")])
def test_a_tag_and_a_branch(repository: Path, tmp_path: Path, rev: str, text: bytes) -> None:
    commit = git(repository, "rev-parse", f"{rev}^{{commit}}")
    snapshot = fetch(f"git+{repository.as_uri()}@{rev}", tmp_path / "store")
    assert (snapshot.name, snapshot.revision) == ("project", commit)
    assert snapshot.source == f"git+{repository.as_uri()}@{commit}"
    assert snapshot.files == (".gitignore", "src/a.py")
    assert snapshot.read("src/a.py") == text
    assert snapshot.url is None
    assert snapshot.root == (tmp_path / f"store/sources/project@{commit}").resolve()


def test_a_commit_that_the_store_has_needs_no_repository(repository: Path, tmp_path: Path) -> None:
    commit = git(repository, "rev-parse", "HEAD~1")
    first = fetch(f"git+{repository.as_uri()}@{commit}", tmp_path / "store")
    shutil.rmtree(repository)
    assert fetch(first.source, tmp_path / "store") == first
    assert find_snapshot(tmp_path / "store", first.source) == first


def test_a_branch_moves_on(repository: Path, tmp_path: Path) -> None:
    source, store = f"git+{repository.as_uri()}@main", tmp_path / "store"
    first = fetch(source, store)
    (repository / "src/b.py").write_text("")
    git(repository, "add", ".")
    git(repository, "commit", "--quiet", "-m", "three")
    second = fetch(source, store)
    assert second.has("src/b.py")
    assert find_snapshot(store, source) == second
    assert find_snapshot(store, f"project@{first.revision}") == first


def test_nothing_of_the_repository_is_run(repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    trap, mark = tmp_path / "trap.sh", tmp_path / "ran"
    trap.write_text(f"#!/bin/sh\ntouch {mark}\ncat\n")
    trap.chmod(0o755)
    config = tmp_path / "gitconfig"
    config.write_text(f'[filter "lfs"]\n\tsmudge = {trap}\n\tclean = {trap}\n[core]\n\tfsmonitor = {trap}\n')
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(config))
    shutil.copy(trap, repository / ".git/hooks/post-checkout")
    (repository / ".gitattributes").write_text("*.py filter=lfs eol=crlf export-ignore\n")
    monkeypatch.delenv("GIT_CONFIG_GLOBAL")
    git(repository, "add", ".")
    git(repository, "commit", "--quiet", "-m", "attributes")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(config))
    git(repository, "config", "core.fsmonitor", str(trap))
    mark.unlink(missing_ok=True)
    for source in (f"git+{repository.as_uri()}@v1", f"git+{repository.as_uri()}@main", str(repository)):
        snapshot = fetch(source, tmp_path / "store")
        assert snapshot.has("src/a.py")
    assert not mark.exists()


def test_links_and_submodules_are_left_out(repository: Path, tmp_path: Path) -> None:
    (repository / "link.py").symlink_to("/etc/passwd")
    commit = git(repository, "rev-parse", "HEAD")
    git(repository, "update-index", "--add", "--cacheinfo", f"160000,{commit},sub")
    git(repository, "add", "link.py")
    git(repository, "commit", "--quiet", "-m", "link and submodule")
    assert fetch(f"git+{repository.as_uri()}@main", tmp_path / "store").files == (".gitignore", "src/a.py")


def test_an_unknown_revision_names_close_ones(repository: Path, tmp_path: Path) -> None:
    git(repository, "tag", "v1.0.1")
    with pytest.raises(SourceError, match=r"'v1\.0'.*v1\.0\.1.*40 characters"):
        fetch(f"git+{repository.as_uri()}@v1.0", tmp_path / "store")


def test_an_unknown_commit(repository: Path, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no commit"):
        fetch(f"git+{repository.as_uri()}@{'0' * 39}1", tmp_path / "store")
    assert not list((tmp_path / "store/sources").glob("[!.]*"))
    assert not list((tmp_path / "store/sources").glob(".fetching*"))


def test_no_repository(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no git repository") as error:
        fetch(f"git+{tmp_path.as_uri()}/nothing@main", tmp_path / "store")
    assert "\n" not in str(error.value)


def test_git_is_not_installed(repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    for url in (repository.as_uri(), "https://example.org/o/n"):
        with pytest.raises(SourceError, match=r"^git is not installed"):
            fetch(f"git+{url}@main", tmp_path / "store")
    assert fetch(str(repository), tmp_path / "store").has("src/a.py")


def test_an_unreachable_host_and_what_was_fetched_before(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, url = tmp_path / "store", "http://127.0.0.1:9/project"
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with pytest.raises(RemoteError, match="cannot be reached"):
        fetch(f"git+{url}@main", store)
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", f"url.{repository.as_uri()}.insteadOf")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", url)
    first = fetch(f"git+{url}@main", store)
    assert first.url == url
    monkeypatch.setenv("GIT_CONFIG_COUNT", "0")
    said: list[str] = []
    assert fetch(f"git+{url}@main", store, progress=said.append) == first
    assert "fetched before" in said[-1]


def test_a_login_reaches_the_server_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str | None] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            seen.append(self.headers.get("Authorization"))
            self.send_error(401)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    with pytest.raises(SourceError, match="needs a login") as error:
        fetch(f"git+http://me:secret@127.0.0.1:{server.server_port}/o/n@main", tmp_path)
    server.shutdown()
    server.server_close()
    assert "Basic bWU6c2VjcmV0" in seen
    assert "secret" not in str(error.value)


@pytest.mark.parametrize(
    ("remote", "url"),
    [
        ("git@github.com:owner/name.git", "https://github.com/owner/name"),
        ("https://me:token@github.com/owner/name", "https://github.com/owner/name"),
        ("ssh://git@example.org:22/owner/name.git", "https://example.org/owner/name"),
        ("../elsewhere", None),
    ],
)
def test_the_web_page_of_a_remote(repository: Path, remote: str, url: str | None) -> None:
    git(repository, "remote", "add", "origin", remote)
    assert web_url(repository) == url


def test_a_repository_that_is_too_large_is_refused(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (repository / "noise.bin").write_bytes(os.urandom(400_000))
    git(repository, "add", ".")
    git(repository, "commit", "--quiet", "-m", "noise")
    monkeypatch.setattr("wikiagent.source.git.MAX_PACK", 100_000)
    with pytest.raises(SourceError, match="more than 100,000 bytes"):
        fetch(f"git+{repository.as_uri()}@main", tmp_path / "store")
    assert list((tmp_path / "store/sources").iterdir()) == []


def test_a_blob_that_unpacks_to_too_much_is_not_written(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (repository / "zeros.bin").write_bytes(bytes(3_000_000))
    git(repository, "add", ".")
    git(repository, "commit", "--quiet", "-m", "zeros")
    monkeypatch.setattr("wikiagent.source.git.Budget", lambda what: Budget(what, max_size=1_000_000))
    with pytest.raises(SourceError, match="holds more than 1,000,000 bytes"):
        fetch(f"git+{repository.as_uri()}@main", tmp_path / "store")


def test_a_pointer_of_lfs_stays_a_pointer(repository: Path, tmp_path: Path) -> None:
    pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:" + "0" * 64 + "\nsize 10000000000\n"
    (repository / ".gitattributes").write_text("*.bin filter=lfs diff=lfs merge=lfs -text\n")
    (repository / "weights.bin").write_text(pointer)
    git(repository, "-c", "filter.lfs.clean=cat", "-c", "filter.lfs.required=false", "add", ".")
    git(repository, "commit", "--quiet", "-m", "pointer")
    assert fetch(f"git+{repository.as_uri()}@main", tmp_path / "store").read("weights.bin").decode() == pointer


@pytest.mark.parametrize("name", ["../out.py", "a/../../out.py", ".git/config"])
def test_a_tree_with_a_path_out_of_it(repository: Path, tmp_path: Path, name: str) -> None:
    """Git itself refuses to make such a tree; a hostile server does not ask git."""
    blob = git(repository, "rev-parse", "HEAD:src/a.py")
    raw = b"100644 " + name.encode() + b"\0" + bytes.fromhex(blob)
    made = subprocess.run(
        ["git", "-C", str(repository), "hash-object", "-t", "tree", "-w", "--literally", "--stdin"],
        input=raw, check=True, capture_output=True,
    ).stdout.decode().strip()  # fmt: skip
    commit = git(repository, "commit-tree", made, "-m", "evil")
    git(repository, "update-ref", "refs/heads/evil", commit)
    try:
        snapshot = fetch(f"git+{repository.as_uri()}@evil", tmp_path / "store")
    except SourceError:
        pass
    else:
        assert snapshot.files == (".git/config",)  # a file like any other: nothing reads it as git's
    assert not list(tmp_path.rglob("out.py"))
