"""The pre-commit hook and the GitHub Action of this repository do what docs/how-to/check-in-ci.md says."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.docs.text import ROOT

BIN = Path(sys.executable).parent
ZOO = Path(__file__).parent / "zoo"
ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
HOOK: dict[str, Any] = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))[0]
GREED = "wiki/heuristics/zoo_Greed.md"


def run(*command: str | Path, cwd: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    path = f"{BIN}{os.pathsep}{os.environ['PATH']}"
    known = {name: value for name, value in os.environ.items() if not name.startswith(("WIKIAGENT_", "GIT_"))}
    return subprocess.run(
        command,
        cwd=cwd,
        env={**known, "PATH": path, **variables},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """A repository with the small wiki and its source."""
    folder = tmp_path / "repository"
    shutil.copytree(ZOO, folder)
    return folder


def break_a_quote(here: Path) -> None:
    page = here / GREED
    page.write_text(page.read_text("utf-8").replace("animals.py:13-14", "animals.py:12-13"), encoding="utf-8")


# --- the hook of pre-commit ---


def hooked(here: Path, tmp_path: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """`pre-commit` in the repository, with the hook as the manifest says, but run from this environment."""
    local = {**HOOK, "language": "system", "args": ["--source", "source"]}
    config = {"repos": [{"repo": "local", "hooks": [local]}]}
    (here / ".pre-commit-config.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
    run("git", "init", "-q", cwd=here)
    run("git", "add", "-A", cwd=here)
    return run("pre-commit", *command, cwd=here, PRE_COMMIT_HOME=str(tmp_path / "cache"))


def test_the_hook_is_as_pre_commit_wants_it() -> None:
    done = run("pre-commit", "validate-manifest", ".pre-commit-hooks.yaml", cwd=ROOT)
    assert done.returncode == 0, done.stdout


def test_the_hook_passes_a_clean_wiki(here: Path, tmp_path: Path) -> None:
    done = hooked(here, tmp_path, "run", "--all-files")
    assert "Passed" in done.stdout
    assert done.returncode == 0, done.stdout


def test_the_hook_names_what_is_wrong(here: Path, tmp_path: Path) -> None:
    break_a_quote(here)
    done = hooked(here, tmp_path, "run", "--files", GREED, "README.md")
    assert done.returncode == 1
    assert f"{GREED}\n" in done.stdout
    assert "CIT004 error" in done.stdout
    assert "1 finding on 1 page" in done.stdout


def test_the_hook_looks_at_pages_and_indexes_only() -> None:
    def chosen(file: str) -> bool:
        return bool(re.search(HOOK["files"], file)) and not re.search(HOOK["exclude"], file)

    assert chosen("heuristics/a.md")
    assert chosen("docs/wiki/workflows/a.md")
    assert chosen("wiki/_HeuristicIndex.md")
    assert not chosen("README.md")
    assert not chosen("wiki/_RepoMap_a.md")
    assert not chosen("wiki/heuristics/picture.png")
    assert not chosen(".github/workflows/README.md")


# --- the action ---


def test_the_action_is_as_github_wants_it() -> None:
    done = run("check-jsonschema", "--builtin-schema", "vendor.github-actions", "action.yml", cwd=ROOT)
    assert done.returncode == 0, done.stdout


def test_no_input_is_written_into_a_script() -> None:
    assert not any("${{" in step["run"] for step in ACTION["runs"]["steps"])


PYTHON = """\
#!/bin/sh
# python3 -m venv FOLDER: an environment in which pip writes down what it is asked to install
mkdir -p "$3/bin"
ln -s {wikiagent} "$3/bin/wikiagent"
printf '#!/bin/sh\\nprintf "%%s\\\\n" "$@" > {asked}\\n' > "$3/bin/pip"
chmod +x "$3/bin/pip"
"""


class Runner:
    """What runs the action: its steps in order, until one fails, as GitHub does."""

    def __init__(self, here: Path, temporary: Path) -> None:
        self.here = here
        self.asked = temporary / "asked"
        self.temporary = temporary
        python = temporary / "bin" / "python3"
        python.parent.mkdir(parents=True)
        python.write_text(PYTHON.format(wikiagent=BIN / "wikiagent", asked=self.asked))
        python.chmod(0o755)

    def run(self, **inputs: str) -> subprocess.CompletedProcess[str]:
        values = {name: given.get("default", "") for name, given in ACTION["inputs"].items()} | inputs
        for step in ACTION["runs"]["steps"]:
            assert step["shell"] == "bash"
            done = run(
                "bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"],
                cwd=self.here,
                PATH=f"{self.temporary / 'bin'}{os.pathsep}{os.environ['PATH']}",
                RUNNER_TEMP=str(self.temporary),
                GITHUB_ACTION_PATH=str(ROOT),
                **{name: self._filled(value, values) for name, value in step["env"].items()},
            )  # fmt: skip
            if done.returncode:
                break
        return done

    @staticmethod
    def _filled(value: str, inputs: dict[str, str]) -> str:
        return re.sub(r"\$\{\{ inputs\.([\w-]+) \}\}", lambda found: inputs[found[1]], value)


@pytest.fixture
def runner(here: Path, tmp_path: Path) -> Runner:
    return Runner(here, tmp_path / "runner")


def test_the_action_installs_its_own_checkout_or_a_version(runner: Runner) -> None:
    runner.run(wiki="wiki", source="source")
    assert runner.asked.read_text().splitlines()[-1] == str(ROOT)
    shutil.rmtree(runner.temporary / "wikiagent")
    runner.run(wiki="wiki", source="source", version="0.1.0")
    assert runner.asked.read_text().splitlines()[-1] == "wikiagent==0.1.0"


def test_the_action_annotates_what_is_wrong(runner: Runner) -> None:
    break_a_quote(runner.here)
    done = runner.run(wiki="wiki", source="source")
    assert done.returncode == 1, done.stderr
    assert done.stdout.startswith(f"::error file={GREED},line=20,col=6,title=CIT004::")


def test_the_action_passes_its_options_on(runner: Runner) -> None:
    break_a_quote(runner.here)
    assert runner.run(wiki="wiki", source="source", select="LNK,IDX").returncode == 0
    shutil.rmtree(runner.temporary / "wikiagent")
    done = runner.run(
        wiki="wiki/principles/zoo_Feeding.md wiki/principles/zoo_Cleaning.md", args="--ignore GRF --statistics"
    )
    assert done.returncode == 0, done.stderr
    assert "on 2 pages" in done.stdout


def test_the_action_writes_sarif(runner: Runner) -> None:
    break_a_quote(runner.here)
    done = runner.run(wiki="wiki", source="source", format="sarif")
    assert done.returncode == 1, done.stderr
    results = json.loads((runner.here / "wikiagent.sarif").read_text("utf-8"))["runs"][0]["results"]
    assert [result["ruleId"] for result in results] == ["CIT004"]


def test_the_how_to_names_the_hook_and_the_inputs() -> None:
    text = (ROOT / "docs/how-to/check-in-ci.md").read_text("utf-8")
    assert f"- id: {HOOK['id']}\n" in text
    described = set(re.findall(r"^\| `([\w-]+)` \|", text, re.M))
    assert described == set(ACTION["inputs"])
    for block in re.findall(r"^```yaml\n(.*?)^```$", text, re.M | re.S):
        given = re.findall(r"^ {10}([\w-]+): ", block, re.M) if "wikiagent@" in block else []
        yaml.safe_load(block)
        assert set(given) - {"sarif_file"} <= set(ACTION["inputs"])
