"""`wikiagent check` as a user runs it: what reaches the terminal, files and exit statuses."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.end_to_end.conftest import wikiagent

ESCAPE = "\x1b]0;owned\x07"
PAGE = f"""\
== Overview ==
Feed{ESCAPE} 7 of them at a caf\udce9.

== Code Evidence ==
From `keeper.py:2`:
```python
def feed(n):
```
"""


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """A source, and a wiki of one page with terminal commands and a byte that is no UTF-8."""
    (tmp_path / "zoo").mkdir()
    (tmp_path / "zoo" / "keeper.py").write_text("def feed(n):\n    return n\n")
    page = tmp_path / "wiki" / "heuristics" / "zoo_Food.md"
    page.parent.mkdir(parents=True)
    page.write_bytes(PAGE.encode("utf-8", "surrogateescape"))
    return tmp_path


@pytest.mark.parametrize("form", ["text", "github", "json", "sarif"])
def test_no_control_characters_of_a_page_are_printed(here: Path, form: str) -> None:
    done = wikiagent("check", "wiki", "--source", "zoo", "--format", form, "--statistics", cwd=here)
    assert done.returncode == 1, done.stderr
    assert "CLM001" in done.stdout
    assert not {"\x1b", "\x07"} & set(done.stdout)


def test_files_are_named_from_the_current_folder(here: Path) -> None:
    for wiki in ("wiki", here / "wiki", Path("wiki/heuristics/zoo_Food.md")):
        done = wikiagent("check", wiki, "--source", "zoo", "--format", "github", cwd=here)
        assert "::error file=wiki/heuristics/zoo_Food.md,line=5,col=6,title=CIT004::" in done.stdout
    done = wikiagent("check", "--source", here / "zoo", "--format", "sarif", "--select", "CIT", cwd=here / "wiki")
    places = [r["locations"][0]["physicalLocation"] for r in json.loads(done.stdout)["runs"][0]["results"]]
    assert {place["artifactLocation"]["uri"] for place in places} == {"heuristics/zoo_Food.md"}


def test_a_difference_can_be_applied(here: Path) -> None:
    select = ("--source", here / "zoo", "--select", "CIT")
    command = [Path(sys.executable).parent / "wikiagent", "check", "wiki", *select, "--diff"]
    difference = subprocess.run(command, cwd=here, capture_output=True, timeout=300, check=False)
    assert difference.returncode == 1, difference.stderr
    subprocess.run(["git", "apply", "-"], cwd=here, input=difference.stdout, check=True)
    assert (here / "wiki/heuristics/zoo_Food.md").read_bytes() == PAGE.replace("keeper.py:2", "keeper.py:1").encode(
        "utf-8", "surrogateescape"
    )
    assert wikiagent("check", "wiki", *select, cwd=here).returncode == 0


def test_a_wiki_inside_of_its_source_does_not_prove_itself(here: Path) -> None:
    beside = wikiagent("check", "wiki", "--source", "zoo", "--select", "CLM", "--format", "json", cwd=here)
    inside = wikiagent("check", "wiki", "--source", ".", "--select", "CLM", "--format", "json", cwd=here)
    findings = json.loads(inside.stdout)["findings"]
    assert [finding["code"] for finding in findings] == ["CLM001", "CLM001"]
    assert findings == json.loads(beside.stdout)["findings"]


def test_a_source_inside_of_its_wiki_can_be_checked(here: Path) -> None:
    (here / "wiki" / "heuristics").rename(here / "heuristics")
    done = wikiagent("check", ".", "--source", ".", "--select", "CIT", cwd=here)
    assert "CIT005 error: keeper.py is not a path from the root; the file is zoo/keeper.py." in done.stdout
