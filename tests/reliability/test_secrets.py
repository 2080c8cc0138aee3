# ruff: noqa: E501
"""What looks like a key is masked wherever it could be read, and the lines that held it can still be cited."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from tests.end_to_end.conftest import wikiagent
from tests.reliability.conftest import contents

KEYS = {
    "sk": "sk-proj-" + "a1B2c3D4" * 5,
    "ghp": "ghp_" + "a1B2c3D4" * 5,
    "aws": "AKIA" + "A1B2C3D4" * 2,
    "jwt": "eyJ" + "a1B2" * 5 + ".eyJ" + "c3D4" * 5 + "." + "e5F6" * 5,
    "url": "correct-horse-battery",
    "named": "a1b2c3d4e5f6a7b8",
}
CODE = """import os
import warnings


def connect(host, retries):
    # NOTE: the key {sk} must not be used because it was published in {jwt} before.
    token = os.environ.get("ZOO_TOKEN", "{ghp}")
    if retries > 3:
        warnings.warn("More than 3 retries with {aws} are not supported, use https://zoo:{url}@example.org instead.")
    if not host:
        raise ValueError("The host cannot be empty because {sk} needs one, set it to example.org instead.")
    return token, dict(api_key="{named}")
"""


def test_a_key_is_shown_nowhere_and_its_lines_can_be_cited(tmp_path: Path) -> None:
    (tmp_path / "zoo/src/zoo").mkdir(parents=True)
    (tmp_path / "zoo/src/zoo/__init__.py").write_text("from .net import connect\n")
    (tmp_path / "zoo/src/zoo/net.py").write_text(CODE.format(**KEYS))
    said = ""
    for command in (
        "-v enrich --source zoo --wiki wiki --accept-valid", "mine --source zoo --explain", "mine --source zoo --format json",
        "chunks --source zoo --format jsonl", "search retries --source zoo", "search retries --source zoo --format json",
        "show 1", "show 1 --format json", "log", "drafts", "check wiki --source zoo --format sarif",
        "export --format html --wiki wiki --output html", "export --format markdown --wiki wiki --output markdown",
        "export --format mediawiki-xml --wiki wiki --output dump.xml", "golden add --from 1 --file goldens.yaml",
    ):  # fmt: skip
        done = wikiagent(*command.split(), cwd=tmp_path)
        assert done.returncode == 0, (command, done.stderr, done.stdout)
        said += done.stdout + done.stderr
    kept = {file: text for file, text in contents(tmp_path).items() if not file.startswith(("zoo/", "store/sources/"))}
    with sqlite3.connect(tmp_path / "store/ledger.sqlite") as db:
        said += "".join(db.iterdump())
    db.close()
    for name, key in KEYS.items():
        assert key not in said, name
        assert [file for file, text in kept.items() if key.encode() in text] == [], name
    assert "[masked]" in said
    assert any(b"[masked]" in text for file, text in kept.items() if file.startswith("wiki/heuristics"))
    assert wikiagent("check", "wiki", "--source", "zoo", cwd=tmp_path).returncode == 0
