"""Embedders: texts to vectors. Which one is the setting `[index] embedder`."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, FiniteFloat, ValidationError

from wikiagent.errors import ConfigError, RemoteError

Vectors = npt.NDArray[np.float32]


class Embedder(Protocol):
    """Turns texts into vectors.

    Attributes:
        name: says which vectors these are; texts embedded under one name are never embedded again.
        limit: most tokens, by `count`, of a text that is embedded.
    """

    name: str
    limit: int

    def count(self, text: str) -> int:
        r"""The number of tokens of `text`, or a bound that it cannot exceed.

        Lines add up: `count(a + "\n" + b) <= count(a) + count("\n" + b)`.
        """
        ...

    def embed(self, texts: Sequence[str]) -> Vectors:
        """One vector a text: an array of shape (texts, dimension).

        Raises:
            RemoteError: an embedder beyond this machine failed.
        """
        ...


def embedder_of(setting: str) -> Embedder:
    """The embedder that a setting names: `wordllama`, or `openai:MODEL` for any OpenAI-compatible endpoint.

    Raises:
        ConfigError: there is no such embedder, or it lacks its files or its key.
    """
    kind, _, model = setting.partition(":")
    if setting == "wordllama":
        return WordLlama()
    if kind == "openai" and model:
        return OpenAIEmbedder(model)
    raise ConfigError(f"[index] embedder: {setting!r} is no embedder. Use 'wordllama' or 'openai:MODEL'.")


#: What tokens of `WordLlama` do not cross, but for a few with a carriage return: a word or signs with the blanks
#: before, a digit, blanks.
_PIECE = re.compile(r" *[a-zA-Z]+| *[^a-zA-Z\d\s]+|\d| +|\s")


#: What the vocabulary has for a blank.
_BLANK = "\u2581"


class _PieceCounts(dict[str, int]):
    """The number of tokens of each piece of text that was met."""

    def __init__(self, tokenize: Callable[[str], Sequence[object]]) -> None:
        super().__init__()
        self._tokenize = tokenize

    def __missing__(self, piece: str) -> int:
        self[piece] = count = len(self._tokenize(piece.replace(" ", _BLANK)))
        return count


class WordLlama:
    """Static vectors that the `wordllama` package ships: mean of the vectors of the tokens, 256 dimensions, offline.

    The files are read directly: `wordllama.load()` looks for its tokenizer in the wrong folder and then downloads it.
    A mean has no limit of its own; 512 tokens, some 40 lines, is what a mean can still be told apart by.
    """

    name = "wordllama-l2_supercat-256"
    limit = 512

    def __init__(self) -> None:
        from safetensors.numpy import load_file
        from tokenizers import Tokenizer
        from tokenizers.normalizers import Replace

        spec = importlib.util.find_spec("wordllama")
        folder = Path(spec.origin).parent if spec and spec.origin else Path()
        tokenizer = folder / "tokenizers" / "l2_supercat_tokenizer_config.json"
        weights = folder / "weights" / "l2_supercat_256.safetensors"
        if not (tokenizer.is_file() and weights.is_file()):
            raise ConfigError(
                "The wordllama package does not hold its files. Install wordllama 0.4, or set another [index] embedder."
            )
        self._tokenizer = Tokenizer.from_file(str(tokenizer))
        # Without the blank that it puts before every text: `count` is of texts that are parts of others.
        self._tokenizer.normalizer = Replace(" ", _BLANK)
        self._tokens_of = _PieceCounts(self._tokenizer.model.tokenize)
        self.count = lru_cache(maxsize=2**16)(self._count)  # code repeats whole lines, too
        self._vectors: Vectors = load_file(weights)["embedding.weight"].astype(np.float32)

    def _count(self, text: str) -> int:
        """The number of tokens of `text` as a part of a longer text.

        But for some that end with a carriage return, no token of this vocabulary crosses a seam of `_PIECE` in ASCII
        text, so the counts of pieces add up to that of the text, or to more; and code repeats its pieces, so most of
        them are counted already.
        """
        if text.isascii():
            return sum(map(self._tokens_of.__getitem__, _PIECE.findall(text)))
        return len(self._tokenizer.encode(text, add_special_tokens=False))

    def embed(self, texts: Sequence[str]) -> Vectors:
        """One vector of length 1 a text: an array of shape (texts, 256); no tokens give zeros."""
        vectors = np.zeros((len(texts), self._vectors.shape[1]), np.float32)
        led = [f" {text}" if text else "" for text in texts]  # the blank that the model was trained with
        for row, encoding in enumerate(self._tokenizer.encode_batch(led, add_special_tokens=False)):
            if encoding.ids:
                vectors[row] = self._vectors[encoding.ids].mean(axis=0)
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        np.divide(vectors, lengths, out=vectors, where=lengths > 0)
        return vectors


class OpenAIEmbedder:
    """Vectors of an OpenAI-compatible endpoint; `OPENAI_API_KEY` and `OPENAI_BASE_URL` come from the environment.

    Its tokenizer is not known here, so `count` is the number of UTF-8 bytes: no tokenizer in use makes more tokens
    than that. 2048 bytes are some 50 lines and, for code, some 600 tokens.
    """

    limit = 2048
    _batch = 64

    def __init__(self, model: str) -> None:
        import openai

        self.name = f"openai:{model}"
        self._model = model
        try:
            self._client = openai.OpenAI(timeout=60)
        except openai.OpenAIError as error:
            raise ConfigError(
                "The openai embedder needs OPENAI_API_KEY in the environment "
                "(any value, for a local endpoint named by OPENAI_BASE_URL)."
            ) from error

    def count(self, text: str) -> int:
        """The number of UTF-8 bytes of `text`: a bound of its tokens."""
        return len(text.encode())

    def embed(self, texts: Sequence[str]) -> Vectors:
        """One vector a text: an array of shape (texts, dimension).

        Raises:
            ConfigError: the endpoint refuses the key or does not know the model.
            RemoteError: the endpoint cannot be reached, fails, or answers what are not vectors for these texts.
        """
        rows: list[list[float]] = []
        for start in range(0, len(texts), self._batch):
            rows += self._request(list(texts[start : start + self._batch]))
        if len({len(row) for row in rows}) > 1:
            raise RemoteError(f"{self.name}: the endpoint answered vectors of different lengths.")
        return np.array(rows, np.float32)

    def _request(self, texts: list[str]) -> list[list[float]]:
        import openai

        try:
            answer = self._client.embeddings.with_raw_response.create(
                model=self._model, input=texts, encoding_format="float"
            )
        except (openai.AuthenticationError, openai.PermissionDeniedError, openai.NotFoundError) as error:
            raise ConfigError(
                f"{self.name}: the endpoint refused ({error}). Check the model, OPENAI_API_KEY and OPENAI_BASE_URL."
            ) from error
        except openai.OpenAIError as error:
            raise RemoteError(f"{self.name}: embedding failed ({error}). Try again later.") from error
        try:
            data = _Answer.model_validate_json(answer.content).data
        except ValidationError as error:
            raise RemoteError(
                f"{self.name}: the endpoint's answer is not a list of embeddings. Check OPENAI_BASE_URL."
            ) from error
        if sorted(row.index for row in data) != list(range(len(texts))):
            raise RemoteError(f"{self.name}: the endpoint answered {len(data)} vectors for {len(texts)} texts.")
        return [row.embedding for row in sorted(data, key=lambda row: row.index)]


class _Row(BaseModel):
    index: int
    embedding: list[FiniteFloat]


class _Answer(BaseModel):
    data: list[_Row]
