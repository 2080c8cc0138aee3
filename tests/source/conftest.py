from __future__ import annotations

import functools
import hashlib
import io
import os
import subprocess
import tarfile
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest


class Index:
    """A package index on loopback: `pages` maps a path to (status, content type, body); `seen` is what was asked."""

    def __init__(self) -> None:
        self.pages: dict[str, tuple[int, str, bytes]] = {}
        self.seen: list[tuple[str, str | None]] = []
        index = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                index.seen.append((self.path, self.headers.get("Authorization")))
                status, kind, body = index.pages.get(self.path, (404, "text/plain", b"nothing here"))
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.host = f"127.0.0.1:{self.server.server_port}"
        self.url = f"http://{self.host}/simple"

    def publish(self, filename: str, content: bytes, digest: str | None = "", base: str = "../../files/") -> None:
        """List a file on its project's page; `digest` is the hash that the page states, None for no hash."""
        name = filename.rpartition("-")[0].split("-")[0].replace("_", "-")
        stated = hashlib.sha256(content).hexdigest() if digest == "" else digest
        link = f'<a href="{base}{filename}{f"#sha256={stated}" if stated else ""}">{filename}</a>\n'
        page = self.pages.get(f"/simple/{name}/", (200, "text/html", b""))[2]
        self.pages[f"/simple/{name}/"] = (200, "text/html", page + link.encode())
        self.pages[f"/files/{filename}"] = (200, "application/octet-stream", content)


@pytest.fixture
def no_pip_settings(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Nothing of this machine's configuration of pip counts."""
    for name in [*filter(lambda name: name.startswith("PIP_"), os.environ)]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    return monkeypatch


@pytest.fixture
def index(no_pip_settings: pytest.MonkeyPatch) -> Iterator[Index]:
    """An empty package index, the only one that pip is configured for."""
    index = Index()
    thread = threading.Thread(target=functools.partial(index.server.serve_forever, poll_interval=0.01))
    thread.start()
    no_pip_settings.setenv("PIP_INDEX_URL", index.url)
    yield index
    index.server.shutdown()
    index.server.server_close()
    thread.join()


@pytest.fixture
def sdist() -> Callable[..., bytes]:
    """Makes the bytes of a .tar.gz with the given texts by path."""

    def make(**files: str) -> bytes:
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode="w:gz") as tar:
            for path, text in (files or {"demo-1.0/demo.py": "x = 1\n", "demo-1.0/PKG-INFO": "Name: demo\n"}).items():
                member = tarfile.TarInfo(path)
                member.size = len(text.encode())
                tar.addfile(member, io.BytesIO(text.encode()))
        return out.getvalue()

    return make


def git(folder: Path, *arguments: str) -> str:
    who = ("-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false")
    command = ["git", *who, "-C", str(folder), *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A git checkout: two commits on `main`, the first tagged `v1`."""
    folder = tmp_path / "project"
    (folder / "src").mkdir(parents=True)
    git(folder, "init", "--quiet", "--initial-branch=main")
    (folder / ".gitignore").write_text("ignored.py\n")
    (folder / "src/a.py").write_text("one = 1\n")
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "-m", "one")
    git(folder, "tag", "-a", "v1", "-m", "first")
    (folder / "src/a.py").write_text("two = 2\r\n")
    git(folder, "commit", "--quiet", "-am", "two")
    return folder
