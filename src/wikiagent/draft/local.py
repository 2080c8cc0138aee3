"""A GGUF model served on loopback by xllamacpp, for the length of a run or until it is stopped."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from wikiagent.errors import ConfigError

#: How a model is named that is a file of this machine.
PREFIX = "gguf:"
#: The name under which it is served.
NAME = "local"
#: Tokens of context, where the settings say nothing.
CONTEXT = 8192


@contextmanager
def served(path: Path, context: int | None = None, port: int = 0) -> Iterator[str]:
    """Serve a model; yields the base URL of its OpenAI-compatible endpoint, which only this machine reaches.

    Args:
        path: the GGUF file.
        context: tokens of context.
        port: the port, 0 for any that is free.

    Raises:
        ConfigError: the file is no GGUF model, the port is taken, or xllamacpp is not installed.
    """
    _refuse_other_files(path)
    try:
        import xllamacpp
    except ImportError as error:
        raise ConfigError(
            "Serving a GGUF model needs xllamacpp. Install it: pip install 'wikiagent[local]'."
        ) from error
    params = xllamacpp.CommonParams()
    params.model.path = str(path)
    params.model_alias = NAME if isinstance(params.model_alias, str) else {NAME}
    params.hostnames = ["127.0.0.1"]
    params.port = port
    params.n_ctx = context or CONTEXT
    params.n_parallel = 1
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = os.cpu_count() or 1
    params.use_jinja = True
    params.offline = True
    try:
        server = xllamacpp.Server(params)
    except (RuntimeError, ValueError, OSError) as error:
        raise ConfigError(f"{path} cannot be served: {error}. Is it a model that llama.cpp knows?") from error
    try:
        yield f"{str(server.listening_address).rstrip('/')}/v1"
    finally:
        del server  # which stops it


def digest_of(path: Path) -> str:
    """What tells one model file from another: eight hex digits over its size and its first megabyte."""
    with path.open("rb") as file:
        return hashlib.sha256(f"{path.stat().st_size}".encode() + file.read(1 << 20)).hexdigest()[:8]


def _refuse_other_files(path: Path) -> None:
    try:
        with path.open("rb") as file:
            magic = file.read(4)
    except OSError as error:
        raise ConfigError(f"{path} cannot be read as a GGUF model: {error.strerror}.") from error
    if magic != b"GGUF":
        raise ConfigError(f"{path} is no GGUF model. Name a file that llama.cpp can load.")
