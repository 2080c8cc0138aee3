"""The vector store: chunks and their vectors in Chroma, local or a server. The only file that imports chromadb.

One collection holds the chunks of one snapshot by one embedder; another holds every vector that an embedder ever made,
by the SHA-256 of its text, so that no text is embedded twice, whichever snapshot it comes from. All of it can be
deleted at any time and is built again from the source.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import numpy as np
from filelock import FileLock, Timeout

from wikiagent.code.chunks import Chunk
from wikiagent.errors import ConfigError, RemoteError, StoreError
from wikiagent.index.embed import Embedder, Vectors
from wikiagent.locks import holder
from wikiagent.source.evidence import Place

if TYPE_CHECKING:
    from chromadb.api import ClientAPI
    from chromadb.api.collection_configuration import CreateHNSWConfiguration
    from chromadb.api.models.Collection import Collection

#: Called with the number of chunks that are done, and of all.
Progress = Callable[[int, int], None]

#: Part of every collection's name; raise it when chunks or what is stored of them change, and all is built anew.
_FORMAT = 2

#: Texts embedded and written at a time: what an interrupted run can lose.
_BATCH = 256

#: The graph by which vectors are found. Denser than Chroma's own: vectors of code lie close together, and a sparse one
#: misses some.
_SEARCHED: CreateHNSWConfiguration = {
    "space": "cosine",
    "ef_construction": 200,
    "ef_search": 400,
    "max_neighbors": 32,
}

#: Chroma makes a graph for vectors that are only looked up by their text, too: the least that it takes.
_UNSEARCHED: CreateHNSWConfiguration = {"space": "cosine", "ef_construction": 1, "ef_search": 1, "max_neighbors": 2}

#: Seconds to wait for another process that is building an index in the same store.
_PATIENCE = 600


class ChunkStore:
    """The chunks of snapshots, with their vectors, in Chroma.

    Local Chroma is not safe for two processes, so every access holds a file lock.
    """

    def __init__(self, store: Path, url: str | None = None) -> None:
        """Name the place; nothing is opened yet.

        Args:
            store: the folder for run data; Chroma's files are in `chroma/` there.
            url: a Chroma server, as `http://host:port`, to use instead of local files.
        """
        self._folder = store / "chroma"
        self._url = url
        self._lock = FileLock(store / "chroma.lock", timeout=_PATIENCE)

    @contextmanager
    def opened(self) -> Iterator[None]:
        """Hold the lock, and translate what Chroma raises; may be nested.

        Raises:
            ConfigError: the server's address is none.
            RemoteError: the server does not answer.
            StoreError: the files cannot be used, or another process does not let go of them.
        """
        from chromadb.errors import ChromaError
        from httpx import HTTPError  # what Chroma's client lets through

        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with self._lock:
                yield
        except Timeout as error:
            by = holder(Path(self._lock.lock_file))
            raise StoreError(
                f"{self._folder} is in use by another wikiagent{by}. Try again when it is done."
            ) from error
        except (ChromaError, HTTPError, OSError) as error:
            if self._url:
                raise RemoteError(f"The Chroma server at {self._url} failed: {error}. Try again later.") from error
            raise StoreError(_unusable(self._folder, error)) from error

    def holds(self, digest: str, embedder: Embedder) -> bool:
        """Whether all chunks of a snapshot are stored; a collection whose building was interrupted does not count."""
        with self.opened():
            found = self._find(_name("chunks", embedder, digest))
            return found is not None and (found.metadata or {}).get("chunks") == found.count()

    def save(self, digest: str, embedder: Embedder, chunks: Sequence[Chunk], progress: Progress | None = None) -> None:
        """Store the chunks of a snapshot, in place of what is stored of it.

        A chunk above the embedder's limit (a single long line) is embedded by its breadcrumb alone.

        Raises:
            RemoteError: the embedder failed; what was embedded until then is kept.
        """
        with self.opened():
            name = _name("chunks", embedder, digest)
            if self._find(name):
                self._client.delete_collection(name)
            collection = self._create(name, _SEARCHED)
            for start in range(0, len(chunks), _BATCH):
                batch = chunks[start : start + _BATCH]
                collection.add(
                    ids=[str(number) for number in range(start, start + len(batch))],
                    embeddings=self._vectors([_embedded(chunk, embedder) for chunk in batch], embedder),
                    documents=[chunk.text for chunk in batch],
                    metadatas=[_metadata(chunk) for chunk in batch],
                )
                if progress:
                    progress(start + len(batch), len(chunks))
            # Written last: only a finished collection says how many chunks it has.
            collection.modify(metadata={"digest": digest, "embedder": embedder.name, "chunks": len(chunks)})

    def load(self, digest: str, embedder: Embedder) -> list[Chunk]:
        """The stored chunks of a snapshot, in the order they were saved in."""
        with self.opened():
            collection = self._client.get_collection(_name("chunks", embedder, digest), embedding_function=None)
            chunks = {}
            for start in range(0, collection.count(), self._most):
                got = collection.get(limit=self._most, offset=start, include=["documents", "metadatas"])
                rows = zip(got["ids"], got["documents"] or [], got["metadatas"] or [], strict=True)
                chunks.update({int(number): _chunk(text, dict(metadata)) for number, text, metadata in rows})
        return [chunks[number] for number in sorted(chunks)]

    def nearest(self, digest: str, embedder: Embedder, text: str, k: int) -> list[tuple[int, float]]:
        """The at most `k` chunks most like a text, best first: numbers, from 0, and cosines; none that is unlike it."""
        vector = embedder.embed([text])
        with self.opened():
            collection = self._client.get_collection(_name("chunks", embedder, digest), embedding_function=None)
            found = collection.query(query_embeddings=vector, n_results=k, include=["distances"])
        distances = (found["distances"] or [[]])[0]
        pairs = zip(found["ids"][0], distances, strict=True)
        return [(int(number), 1 - distance) for number, distance in pairs if distance < 1]

    def _vectors(self, texts: list[str], embedder: Embedder) -> Vectors:
        """The vectors of texts, embedding only those that the embedder never saw."""
        keys = [hashlib.sha256(text.encode()).hexdigest() for text in texts]
        texts_of = dict(zip(keys, texts, strict=True))
        name = _name("vectors", embedder)
        cache = self._find(name) or self._create(name, _UNSEARCHED)
        got = cache.get(ids=list(texts_of), include=["embeddings"])
        vectors = dict(zip(got["ids"], np.asarray(got["embeddings"], np.float32), strict=True))
        new = [key for key in texts_of if key not in vectors]
        if new:
            made = embedder.embed([texts_of[key] for key in new])
            cache.add(ids=new, embeddings=made)
            vectors.update(zip(new, made, strict=True))
        return np.array([vectors[key] for key in keys], np.float32)

    def _find(self, name: str) -> Collection | None:
        from chromadb.errors import NotFoundError

        try:
            return self._client.get_collection(name, embedding_function=None)
        except NotFoundError:
            return None

    def _create(self, name: str, graph: CreateHNSWConfiguration) -> Collection:
        # Without `embedding_function=None` Chroma downloads a model of its own.
        return self._client.create_collection(name, embedding_function=None, configuration={"hnsw": graph})

    @cached_property
    def _client(self) -> ClientAPI:
        import chromadb
        from chromadb.config import Settings

        # Without `_env_file=None` Chroma takes settings from an `.env` in the current folder.
        settings = Settings(_env_file=None, anonymized_telemetry=False)
        if not self._url:
            try:  # Chroma opens more of its files later, in whatever folder the program is then
                return chromadb.PersistentClient(self._folder.resolve(), settings)
            except (ValueError, AttributeError) as error:  # what Chroma raises where its files are not whole
                raise StoreError(_unusable(self._folder, "its files are not whole")) from error
        address = urlsplit(self._url)
        if address.scheme not in ("http", "https") or not address.hostname:
            raise ConfigError(f"[index] url: {self._url!r} is no address. Write it as http://host:port.")
        secure = address.scheme == "https"
        try:
            return chromadb.HttpClient(
                address.hostname, address.port or (443 if secure else 8000), secure, None, settings
            )
        except ValueError as error:  # what Chroma raises when nobody answers
            raise RemoteError(
                f"The Chroma server at {self._url} cannot be reached. Start it, or unset the url."
            ) from error

    @cached_property
    def _most(self) -> int:
        return self._client.get_max_batch_size()


def _unusable(folder: Path, why: object) -> str:
    said = " ".join(str(why).split()).rstrip(".")
    return f"The index in {folder} cannot be used: {said}. Delete this folder; it is built again."


def _name(kind: str, embedder: Embedder, digest: str = "") -> str:
    """The name of a collection; Chroma allows few characters in it."""
    key = f"{_FORMAT}\0{embedder.name}\0{embedder.limit}\0{digest}"
    return f"{kind}-{hashlib.sha256(key.encode()).hexdigest()[:32]}"


def _embedded(chunk: Chunk, embedder: Embedder) -> str:
    return chunk.embedded if embedder.count(chunk.embedded) <= embedder.limit else chunk.breadcrumb


def _metadata(chunk: Chunk) -> dict[str, str | int]:
    place = chunk.place
    return {
        "path": place.path,
        "first": place.first,
        "last": place.last,
        "symbol": chunk.symbol,
        "breadcrumb": chunk.breadcrumb,
    }


def _chunk(text: str, metadata: dict[str, Any]) -> Chunk:
    place = Place(metadata["path"], metadata["first"], metadata["last"])
    return Chunk(place, text, metadata["symbol"], metadata["breadcrumb"])
