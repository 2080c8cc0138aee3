from __future__ import annotations

from pathlib import Path

from wikiagent.code.vocabulary import Vocabulary
from wikiagent.source.snapshot import Snapshot


def vocabulary(root: Path, files: dict[str, bytes]) -> Vocabulary:
    for name, content in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content)
    return Vocabulary(Snapshot("path:a@1", "a", "1", root, tuple(sorted(files))))


def test_words_of_code_text_and_paths(tmp_path: Path) -> None:
    known = vocabulary(
        tmp_path,
        {
            "zoo/cage.py": b"def feed_zebra(x1): ...",
            "README.md": b"the menagerie \xff\xfe broken",
            "Makefile": b"build_it:",
            "data/big_table.csv": b"secret_column",
            "image.png": b"pixels",
        },
    )
    for word in ("feed_zebra", "menagerie", "broken", "build_it", "cage", "zoo"):
        assert word in known
    for word in ("feed", "zebra", "secret_column", "pixels", "lion"):
        assert word not in known


def test_short_words_are_not_kept(tmp_path: Path) -> None:
    assert "x1" not in vocabulary(tmp_path, {"a.py": b"x1 = 1"})


def test_large_files_hold_data(tmp_path: Path) -> None:
    known = vocabulary(tmp_path, {"a.json": b"zebra " * 400_000, "b.py": b"lions"})
    assert "zebra" not in known
    assert "lions" in known


def test_files_are_read_when_first_asked(tmp_path: Path) -> None:
    known = Vocabulary(Snapshot("path:a@1", "a", "1", tmp_path, ("later.py",)))
    (tmp_path / "later.py").write_text("lions")
    assert "lions" in known
