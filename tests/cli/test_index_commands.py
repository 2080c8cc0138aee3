from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.fixture
def zoo(tmp_path: Path) -> Path:
    folder = tmp_path / "zoo"
    folder.mkdir()
    (folder / "animals.py").write_text('def feed_zebra(count):\n    """Feed it."""\n    return count\n')
    (folder / "setup.cfg").write_text("[metadata]\nname = zoo\n")
    return folder


def wikiagent(*arguments: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("WIKIAGENT_", "CHROMA_"))}
    return subprocess.run(
        [Path(sys.executable).parent / "wikiagent", *arguments],
        cwd=cwd, env=environment, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


def test_search_prints_one_json_value(zoo: Path, tmp_path: Path) -> None:
    found = wikiagent("search", "zebra", "-k", "1", "--format", "json", "--source", zoo, cwd=tmp_path)
    assert (found.returncode, found.stderr) == (0, "")
    (result,) = json.loads(found.stdout)["results"]
    assert list(result) == ["path", "first", "last", "symbol", "score", "text"]
    assert (result["path"], result["first"], result["last"], result["symbol"]) == ("animals.py", 1, 3, "feed_zebra")
    assert result["text"] == 'def feed_zebra(count):\n    """Feed it."""\n    return count'


def test_search_for_people(zoo: Path, tmp_path: Path) -> None:
    found = wikiagent("--quiet", "search", "zebra", "--source", zoo, cwd=tmp_path)
    assert (found.returncode, found.stderr) == (0, "")
    assert found.stdout.startswith("animals.py:1-3  feed_zebra\n    def feed_zebra(count):\n")


def test_chunks_prints_one_object_a_line(zoo: Path, tmp_path: Path) -> None:
    (tmp_path / "wikiagent.toml").write_text('[source]\nlocation = "zoo"\n')
    found = wikiagent("chunks", "--format", "jsonl", cwd=tmp_path)
    assert (found.returncode, found.stderr) == (0, "")
    first, second = map(json.loads, found.stdout.splitlines())
    assert list(first) == ["path", "first", "last", "symbol", "breadcrumb", "text"]
    assert first["breadcrumb"] == "animals.py > def feed_zebra(count)"
    assert second["path"] == "setup.cfg"
    assert wikiagent("chunks", cwd=tmp_path).stdout == "animals.py:1-3  feed_zebra\nsetup.cfg:1-2\n"


def test_index_says_what_it_did_on_standard_error(zoo: Path, tmp_path: Path) -> None:
    done = wikiagent("--store", "here", "index", "--source", zoo, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == "2 chunks are indexed in here.\n"
    assert (tmp_path / "here" / "chroma").is_dir()
    quiet = wikiagent("--quiet", "--store", "here", "index", "--source", zoo, cwd=tmp_path)
    assert (quiet.returncode, quiet.stdout, quiet.stderr) == (0, "", "")


def test_no_source_is_one_sentence(tmp_path: Path) -> None:
    failed = wikiagent("search", "zebra", cwd=tmp_path)
    assert (failed.returncode, failed.stdout) == (2, "")
    assert failed.stderr.startswith("wikiagent: No source is named.")
    assert "Traceback" not in failed.stderr


def test_an_unknown_embedder_is_one_sentence(zoo: Path, tmp_path: Path) -> None:
    (tmp_path / "wikiagent.toml").write_text('[source]\nlocation = "zoo"\n[index]\nembedder = "magic"\n')
    failed = wikiagent("index", cwd=tmp_path)
    assert failed.returncode == 2
    assert "'magic' is no embedder" in failed.stderr


def test_help_imports_nothing_heavy() -> None:
    script = (
        "import sys, wikiagent.cli; sys.exit(bool({'chromadb', 'bm25s', 'tokenizers', 'openai'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
