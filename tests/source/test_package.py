from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.source.conftest import Index
from wikiagent.code.symbols import read_symbols
from wikiagent.errors import ConfigError, RemoteError, SourceError
from wikiagent.mine.signals import read_signals
from wikiagent.source.archive import Budget
from wikiagent.source.fetch import fetch
from wikiagent.source.snapshot import Snapshot

Sdist = Callable[..., bytes]


def kept(store: Path) -> list[str]:
    """What a fetch left in the store."""
    return sorted(path.name for path in (store / "sources").glob("*") if path.name != ".lock")


def test_peft_is_whole(peft: Snapshot) -> None:
    assert (peft.source, peft.name, peft.revision) == ("pypi:peft==0.18.1", "peft", "0.18.1")
    assert peft.url == "https://github.com/huggingface/peft"
    assert {"setup.py", "PKG-INFO", "src/peft/tuners/lora/bnb.py"} <= set(peft.files)
    assert list(peft.files) == sorted(p.relative_to(peft.root).as_posix() for p in peft.root.rglob("*") if p.is_file())
    assert any("warnings.warn" in line for line in peft.lines("src/peft/tuners/lora/bnb.py"))


def test_a_fetched_package_needs_no_network(peft: Snapshot, index: Index) -> None:
    assert fetch("pypi:PEFT==0.18.1", peft.root.parents[1]) == peft
    assert index.seen == []


def test_a_package_of_an_index(index: Index, sdist: Sdist, tmp_path: Path) -> None:
    index.publish("demo-1.0.tar.gz", sdist())
    said: list[str] = []
    snapshot = fetch("pypi:demo==1.0", tmp_path, progress=said.append)
    assert snapshot.files == ("PKG-INFO", "demo.py")
    assert snapshot.root == (tmp_path / "sources/demo@1.0").resolve()
    assert "Downloading demo-1.0.tar.gz ..." in said
    assert kept(tmp_path) == ["demo@1.0", "demo@1.0.json"]


def test_a_half_fetched_source_is_fetched_again(index: Index, sdist: Sdist, tmp_path: Path) -> None:
    index.publish("demo-1.0.tar.gz", sdist())
    first = fetch("pypi:demo==1.0", tmp_path)
    (tmp_path / "sources/demo@1.0.json").unlink()
    (first.root / "stray.py").write_text("")
    again = fetch("pypi:demo==1.0", tmp_path)
    assert again.files == first.files
    assert not (first.root / "stray.py").exists()


def failing(source: str, store: Path, error: type[Exception], *words: str) -> None:
    with pytest.raises(error) as raised:
        fetch(source, store)
    message = str(raised.value)
    assert all(word in message for word in words), message
    assert "\n" not in message
    assert kept(store) == []


def test_an_unknown_package(index: Index, tmp_path: Path) -> None:
    failing("pypi:demo==1.0", tmp_path, SourceError, "'demo'", "spelled")


def test_an_unknown_version_names_close_ones(index: Index, sdist: Sdist, tmp_path: Path) -> None:
    for version in ("1.0", "1.1", "2.0"):
        index.publish(f"demo-{version}.tar.gz", sdist())
    failing("pypi:demo==1.2", tmp_path, SourceError, "no version 1.2", "1.1", "2.0")


def test_a_package_without_sdist(index: Index, tmp_path: Path) -> None:
    index.publish("demo-1.0-py3-none-any.whl", b"wheel")
    failing("pypi:demo==1.0", tmp_path, SourceError, "without source archives", "git+URL@REV")


def test_a_version_without_sdist(index: Index, sdist: Sdist, tmp_path: Path) -> None:
    index.publish("demo-1.0.tar.gz", sdist())
    index.publish("demo-2.0-py3-none-any.whl", b"wheel")
    failing("pypi:demo==2.0", tmp_path, SourceError, "2.0 is published without", "1.0")


def test_a_wrong_hash(index: Index, sdist: Sdist, tmp_path: Path) -> None:
    index.publish("demo-1.0.tar.gz", sdist(), digest="0" * 64)
    failing("pypi:demo==1.0", tmp_path, RemoteError, "sha256", "was not used")


def test_no_hash(index: Index, sdist: Sdist, tmp_path: Path) -> None:
    index.publish("demo-1.0.tar.gz", sdist(), digest=None)
    failing("pypi:demo==1.0", tmp_path, SourceError, "no hash", "PIP_FIND_LINKS")


def test_a_page_instead_of_an_archive(index: Index, tmp_path: Path) -> None:
    index.publish("demo-1.0.tar.gz", b"<html>Please log in</html>")
    failing("pypi:demo==1.0", tmp_path, SourceError, "demo-1.0.tar.gz")


def test_a_file_that_the_index_does_not_have(index: Index, sdist: Sdist, tmp_path: Path) -> None:
    index.publish("demo-1.0.tar.gz", sdist())
    del index.pages["/files/demo-1.0.tar.gz"]
    failing("pypi:demo==1.0", tmp_path, RemoteError, "status 404")


@pytest.mark.parametrize("status", [403, 500])
def test_an_index_that_fails(index: Index, tmp_path: Path, status: int) -> None:
    index.pages["/simple/demo/"] = (status, "text/html", b"")
    failing("pypi:demo==1.0", tmp_path, RemoteError, index.url, "try again")


def test_an_answer_that_is_no_index(index: Index, tmp_path: Path) -> None:
    index.pages["/simple/demo/"] = (200, "image/png", b"")
    failing("pypi:demo==1.0", tmp_path, RemoteError, "does not answer as a package index")


def test_a_refused_connection(no_pip_settings: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    no_pip_settings.setenv("PIP_INDEX_URL", f"http://me:secret@127.0.0.1:{port}/simple")
    with pytest.raises(RemoteError, match="ConnectionError") as error:
        fetch("pypi:demo==1.0", tmp_path)
    assert "secret" not in str(error.value)


def test_an_index_without_https_is_refused(no_pip_settings: pytest.MonkeyPatch, tmp_path: Path) -> None:
    no_pip_settings.setenv("PIP_INDEX_URL", "http://index.invalid/simple")
    failing("pypi:demo==1.0", tmp_path, ConfigError, "not https", "trusted-host")


def test_an_unsafe_archive_leaves_nothing(index: Index, sdist: Sdist, tmp_path: Path) -> None:
    index.publish("demo-1.0.tar.gz", sdist(**{"demo-1.0/ok.py": "", "../evil.py": "x"}))
    failing("pypi:demo==1.0", tmp_path, SourceError, "not safe")
    assert not list(tmp_path.rglob("*.py"))


def test_find_links_is_looked_at_first_and_needs_no_hash(
    index: Index, sdist: Sdist, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "my_demo-1.0.tar.gz").write_bytes(sdist(**{"my_demo-1.0/here.py": ""}))
    monkeypatch.setenv("PIP_FIND_LINKS", f"{tmp_path}/missing {tmp_path}")
    assert fetch("pypi:my.demo==1.0", tmp_path / "store").files == ("here.py",)
    assert index.seen == []


def test_a_local_index(no_pip_settings: pytest.MonkeyPatch, sdist: Sdist, tmp_path: Path) -> None:
    (tmp_path / "simple/demo").mkdir(parents=True)
    (tmp_path / "demo-1.0.tar.gz").write_bytes(sdist())
    (tmp_path / "simple/demo/index.html").write_text('<a href="../../demo-1.0.tar.gz">demo-1.0.tar.gz</a>')
    no_pip_settings.setenv("PIP_INDEX_URL", (tmp_path / "simple").as_uri())
    assert fetch("pypi:demo==1.0", tmp_path / "store").files == ("PKG-INFO", "demo.py")
    failing("pypi:other==1.0", tmp_path / "store2", SourceError, "'other'")


def test_an_extra_index_is_used_where_the_first_fails(
    index: Index, sdist: Sdist, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index.publish("demo-1.0.tar.gz", sdist())
    monkeypatch.setenv("PIP_INDEX_URL", f"http://{index.host}/broken")
    index.pages["/broken/demo/"] = (403, "text/html", b"")
    monkeypatch.setenv("PIP_EXTRA_INDEX_URL", index.url)
    assert fetch("pypi:demo==1.0", tmp_path).files


def test_a_login_of_the_index_goes_to_its_files_and_not_into_the_store(
    index: Index, sdist: Sdist, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index.publish("demo-1.0.tar.gz", sdist(), base=f"http://{index.host}/files/")
    monkeypatch.setenv("PIP_INDEX_URL", f"http://me:secret@{index.host}/simple")
    fetch("pypi:demo==1.0", tmp_path)
    assert [login for _, login in index.seen] == ["Basic bWU6c2VjcmV0"] * 2
    assert "secret" not in (tmp_path / "sources/demo@1.0.json").read_text()


@pytest.mark.parametrize(
    ("info", "says"), [("Name: evil\nVersion: 1.0\n", "it is evil"), ("Name: demo\nVersion: 6.6\n", "version 6.6")]
)
def test_an_archive_of_another_package(
    index: Index, sdist: Callable[..., bytes], tmp_path: Path, info: str, says: str
) -> None:
    index.publish("demo-1.0.tar.gz", sdist(**{"demo-1.0/PKG-INFO": f"Metadata-Version: 2.1\n{info}"}))
    with pytest.raises(SourceError, match=says):
        fetch("pypi:demo==1.0", tmp_path)
    assert list((tmp_path / "sources").iterdir()) == []


def test_a_download_without_end_is_ended(
    index: Index, sdist: Callable[..., bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index.publish("demo-1.0.tar.gz", sdist() + bytes(200_000))
    monkeypatch.setattr("wikiagent.source.package.Budget", lambda what: Budget(what, max_size=100_000))
    with pytest.raises(SourceError, match="holds more than 100,000 bytes"):
        fetch("pypi:demo==1.0", tmp_path)


def test_nothing_of_a_package_is_run(index: Index, sdist: Callable[..., bytes], tmp_path: Path) -> None:
    mark = tmp_path / "ran"
    trap = f"open({str(mark)!r}, 'w')\n"
    backend = '[build-system]\nrequires = []\nbuild-backend = "trap"\nbackend-path = ["."]\n'
    files = dict.fromkeys(("setup.py", "trap.py", "demo.py", "conftest.py", "sitecustomize.py", "demo.pth"), trap)
    index.publish(
        "demo-1.0.tar.gz", sdist(**{f"demo-1.0/{n}": t for n, t in {**files, "pyproject.toml": backend}.items()})
    )
    snapshot = fetch("pypi:demo==1.0", tmp_path / "store")
    read_signals(snapshot, snapshot.files, read_symbols(snapshot, snapshot.files))
    assert snapshot.has("setup.py")
    assert not mark.exists()
