"""The targets that the text names exist, and `make help` lists them all."""

from __future__ import annotations

import re
import subprocess

from tests.docs.text import DOCUMENTS, ROOT, code_of, shown

MAKEFILE = (ROOT / "Makefile").read_text("utf-8")


def targets() -> set[str]:
    declared = re.search(r"^\.PHONY: (.+)$", MAKEFILE, re.M)
    assert declared
    return set(declared[1].split())


def test_help_lists_every_target() -> None:
    printed = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert set(re.findall(r"^\s*make ([\w-]+) ", printed, re.M)) == targets()


def test_targets_that_the_text_names_exist() -> None:
    for document in DOCUMENTS:
        lines = list(code_of(document.read_text("utf-8")))
        named = {word for line in lines for word in re.findall(r"(?:^|[;&] ?)make (?:PYTHON=\S+ )?([a-z-]+)", line)}
        assert named <= targets(), shown(document)


def test_the_readme_begins_with_the_demo() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    assert re.search(r"^```\ngit clone .*\n(.*\n)*?make demo\n```$", readme, re.M)
    assert re.search(r"^wikiagent init\nwikiagent enrich --phase 3$", readme, re.M)
