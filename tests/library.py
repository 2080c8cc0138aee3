"""A small library, written to a folder, that has one of each thing the miner looks for."""

from __future__ import annotations

from pathlib import Path

from wikiagent.code.symbols import Symbols, read_symbols
from wikiagent.code.vocabulary import Vocabulary
from wikiagent.config import SourceSettings
from wikiagent.mine.candidates import Candidate, rank
from wikiagent.mine.signals import read_signals
from wikiagent.source.snapshot import Snapshot

FILES = {
    "setup.py": (
        "from setuptools import setup\n"
        "setup(\n"
        '    name="kiln",\n'
        '    python_requires=">=3.10",\n'
        '    install_requires=["torch>=2.1", "tqdm"],\n'
        ")\n"
    ),
    "src/kiln/__init__.py": "from .config import FiringConfig\nfrom .oven import Oven\n",
    "src/kiln/config.py": (
        "import warnings\n"
        "from dataclasses import dataclass, field\n"
        "\n"
        "\n"
        "@dataclass\n"
        "class FiringConfig:\n"
        '    """Settings of a firing.\n'
        "\n"
        "    Args:\n"
        "        half_precision (`bool`):\n"
        "            Fire in float16, which halves the memory but should not meet glaze because it overflows.\n"
        '    """\n'
        "\n"
        "    half_precision: bool = field(\n"
        "        default=False,\n"
        '        metadata={"help": "Fire in float16 to save memory; only supported without glaze."},\n'
        "    )\n"
        "    glaze: bool = False\n"
        "\n"
        "    def __post_init__(self):\n"
        "        if self.half_precision and self.glaze:\n"
        '            raise ValueError("`half_precision` cannot be combined with `glaze`, disable one of them.")\n'
    ),
    "src/kiln/oven.py": (
        "import importlib.util\n"
        "import os\n"
        "import warnings\n"
        "\n"
        "\n"
        "def is_clayx_available():\n"
        '    if importlib.util.find_spec("clayx") is not None:\n'
        '        MINIMUM_VERSION = parse("0.4.0")\n'
        '        if version("clayx") < MINIMUM_VERSION:\n'
        '            raise ImportError(f"Found an incompatible version of clayx, need {MINIMUM_VERSION} or newer.")\n'
        "        return True\n"
        "    return False\n"
        "\n"
        "\n"
        "class Oven:\n"
        '    """Fires things."""\n'
        "\n"
        "    def merge(self, other):\n"
        "        if self.quantized:\n"
        '            warnings.warn("Merging a quantized oven may change its temperature due to rounding errors.")\n'
        "        return other\n"
        "\n"
        "    def unmerge(self, other):\n"
        "        if self.quantized:\n"
        '            warnings.warn("Unmerging a quantized oven may change its temperature due to rounding errors.")\n'
        "        return other\n"
        "\n"
        "    def fire(self):\n"
        "        if not is_clayx_available():\n"
        "            return None\n"
        '        cache = os.environ.get("KILN_CACHE", "off")\n'
        "        # We clone here because the view of the tensor is freed otherwise, which crashes the GPU.\n"
        "        return cache.clone()\n"
        "\n"
        "    def old(self):\n"
        '        warnings.warn("`old` is deprecated and will be removed in v2.0, use `fire` instead.", FutureWarning)\n'
    ),
}


def write_library(root: Path, files: dict[str, str] = FILES) -> Snapshot:
    """The files below `root`, as a snapshot of kiln 1.0."""
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")
    return Snapshot("pypi:kiln==1.0", "kiln", "1.0", root, tuple(sorted(files)), "https://example.org/clay/kiln")


def mine_library(snapshot: Snapshot) -> tuple[list[Candidate], Symbols]:
    """The candidates of a snapshot with default settings, and its symbols."""
    settings = SourceSettings()
    paths = snapshot.select(settings.include, settings.exclude)
    symbols = read_symbols(snapshot, paths)
    return rank(read_signals(snapshot, paths, symbols), symbols, Vocabulary(snapshot)), symbols
