from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.index.zoo import LetterEmbedder, snapshot_at
from wikiagent.code.chunks import Chunk
from wikiagent.errors import ConfigError, RemoteError, StoreError
from wikiagent.index.embed import Vectors
from wikiagent.index.retrieve import open_index
from wikiagent.index.store import ChunkStore
from wikiagent.source.evidence import Place
from wikiagent.source.snapshot import Snapshot


def chunk(number: int, text: str) -> Chunk:
    return Chunk(Place("zoo.py", number, number), text, f"zoo{number}", "zoo.py")


CHUNKS = [chunk(1, "zebra"), chunk(2, "lion"), chunk(3, "aardvark"), chunk(4, "zebra")]


def test_what_is_saved_is_loaded_in_order(tmp_path: Path, letters: LetterEmbedder) -> None:
    store = ChunkStore(tmp_path)
    assert not store.holds("digest", letters)
    many = [chunk(number, f"line {number}") for number in range(1, 700)]
    told: list[tuple[int, int]] = []
    store.save("digest", letters, many, lambda done, of: told.append((done, of)))
    assert store.holds("digest", letters)
    assert not store.holds("other", letters)
    assert ChunkStore(tmp_path).load("digest", letters) == many
    assert told[-1] == (699, 699)


def test_nearest_are_the_most_similar(tmp_path: Path, letters: LetterEmbedder) -> None:
    store = ChunkStore(tmp_path)
    store.save("digest", letters, [Chunk(c.place, c.text, c.symbol, "") for c in CHUNKS])
    [(first, likeness)] = store.nearest("digest", letters, CHUNKS[2].text, 1)
    assert (first, likeness) == (2, pytest.approx(1, abs=0.2))
    found = store.nearest("digest", letters, "zebra", 4)
    assert {number for number, _ in found[:2]} == {0, 3}
    assert [likeness for _, likeness in found] == sorted((likeness for _, likeness in found), reverse=True)
    assert all(0 < likeness <= 1 + 1e-6 for _, likeness in found)
    assert store.nearest("digest", letters, "", 4) == []


def test_no_chunks_are_a_complete_collection(tmp_path: Path, letters: LetterEmbedder) -> None:
    store = ChunkStore(tmp_path)
    store.save("digest", letters, [])
    assert store.holds("digest", letters)
    assert store.load("digest", letters) == []
    assert store.nearest("digest", letters, "zebra", 3) == []


def test_a_store_stays_where_it_is_when_the_program_changes_its_folder(
    tmp_path: Path, letters: LetterEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        monkeypatch.chdir(tmp_path / name)
        ChunkStore(Path("store")).save(name, letters, CHUNKS)
    assert ChunkStore(Path("store")).holds("two", letters)
    assert not ChunkStore(Path("store")).holds("one", letters)
    assert ChunkStore(tmp_path / "one/store").holds("one", letters)


def test_no_text_is_embedded_twice(tmp_path: Path, letters: LetterEmbedder) -> None:
    store = ChunkStore(tmp_path)
    store.save("first", letters, CHUNKS)
    assert len(letters.seen) == 3  # two chunks have the same text
    letters.seen.clear()
    store.save("second", letters, CHUNKS)
    assert letters.seen == []
    store.save("third", letters, [*CHUNKS, chunk(5, "llama")])
    assert letters.seen == ["zoo.py\nllama"]


def test_another_embedder_has_vectors_of_its_own(tmp_path: Path, letters: LetterEmbedder) -> None:
    store = ChunkStore(tmp_path)
    store.save("digest", letters, CHUNKS)
    other = LetterEmbedder()
    other.name = "other letters"
    assert not store.holds("digest", other)
    store.save("digest", other, CHUNKS)
    assert len(other.seen) == 3


def test_a_line_above_the_limit_is_embedded_by_its_breadcrumb(tmp_path: Path, letters: LetterEmbedder) -> None:
    ChunkStore(tmp_path).save("digest", letters, [chunk(1, "x" * 1000)])
    assert letters.seen == ["zoo.py"]


class DyingEmbedder(LetterEmbedder):
    """Dies at its third batch."""

    def embed(self, texts: Sequence[str]) -> Vectors:
        if len(self.seen) >= 512:
            raise RemoteError("The embedder died.")
        return super().embed(texts)


def test_a_half_built_collection_is_built_again(tmp_path: Path) -> None:
    many = [chunk(number, f"line {number}") for number in range(1, 701)]
    dying, store = DyingEmbedder(), ChunkStore(tmp_path)
    with pytest.raises(RemoteError, match="died"):
        store.save("digest", dying, many)
    assert not store.holds("digest", dying)

    healthy = LetterEmbedder()
    store.save("digest", healthy, many)
    assert store.holds("digest", healthy)
    assert store.load("digest", healthy) == many
    assert len(healthy.seen) == 700 - 512  # what the dying one embedded was kept


def test_opening_an_index_recovers_from_a_killed_build(tmp_path: Path, snapshot: Snapshot) -> None:
    """A process that ends in the middle of saving leaves a collection that the next one does not trust."""
    script = (
        "import os, sys; from pathlib import Path; sys.path.insert(0, sys.argv[2])\n"
        "from tests.index.test_store import *\n"
        "many = [chunk(n, f'line {n}') for n in range(1, 701)]\n"
        "ChunkStore(Path(sys.argv[1])).save(sys.argv[3], LetterEmbedder(), many, lambda done, of: os._exit(7))\n"
    )
    here = str(Path(__file__).parents[2])
    ended = subprocess.run([sys.executable, "-c", script, str(tmp_path / "store"), here, snapshot.digest], check=False)
    assert ended.returncode == 7
    index = open_index(snapshot, LetterEmbedder(), tmp_path / "store")
    assert [chunk.symbol for chunk in index.chunks] == ["feed_zebra"]


def test_an_index_is_built_once(tmp_path: Path, snapshot: Snapshot, letters: LetterEmbedder) -> None:
    first = open_index(snapshot, letters, tmp_path / "store")
    letters.seen.clear()
    assert open_index(snapshot, letters, tmp_path / "store").chunks == first.chunks
    changed = snapshot_at(snapshot.root, {"zoo/animals.py": "def feed_lion():\n    pass\n"})
    assert [chunk.symbol for chunk in open_index(changed, letters, tmp_path / "store").chunks] == ["feed_lion"]
    assert len(letters.seen) == 1


def test_broken_files_are_one_sentence(tmp_path: Path, letters: LetterEmbedder) -> None:
    (tmp_path / "chroma").mkdir()
    (tmp_path / "chroma" / "chroma.sqlite3").write_bytes(b"no database" * 1000)
    with pytest.raises(StoreError, match="Delete this folder"):
        ChunkStore(tmp_path).holds("digest", letters)


def test_an_address_that_is_none(tmp_path: Path, letters: LetterEmbedder) -> None:
    with pytest.raises(ConfigError, match="http://host:port"):
        ChunkStore(tmp_path, "localhost").holds("digest", letters)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_a_server_that_is_not_there(tmp_path: Path, letters: LetterEmbedder) -> None:
    with pytest.raises(RemoteError, match="cannot be reached"):
        ChunkStore(tmp_path, f"http://127.0.0.1:{free_port()}").holds("digest", letters)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    port = free_port()
    command = [Path(sys.executable).parent / "chroma", "run", "--path", tmp_path / "server", "--port", str(port)]
    environment = {**os.environ, "ANONYMIZED_TELEMETRY": "False"}
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, cwd=tmp_path) as process:
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}", process
        process.terminate()


def test_a_chroma_server_holds_the_chunks(
    tmp_path: Path, server: tuple[str, subprocess.Popen[bytes]], letters: LetterEmbedder
) -> None:
    url, process = server
    store = ChunkStore(tmp_path, url)
    store.save("digest", letters, CHUNKS)
    assert ChunkStore(tmp_path / "elsewhere", url).load("digest", letters) == CHUNKS
    assert not (tmp_path / "chroma" / "chroma.sqlite3").exists()

    process.terminate()
    process.wait(timeout=10)
    with pytest.raises(RemoteError, match="failed"):
        store.load("digest", letters)
