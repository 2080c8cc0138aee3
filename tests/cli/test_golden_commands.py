"""`wikiagent golden check` and `golden add`, on a wiki of a small package."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from click.testing import Result
from typer.testing import CliRunner

import wikiagent.cli  # noqa: F401 - registers all commands
from tests.library import FILES
from wikiagent.cli.app import app
from wikiagent.errors import ConfigError, DraftError, WikiagentError
from wikiagent.evals.golden import as_yaml, read_goldens
from wikiagent.source.kept import keep, workspace

Command = Callable[..., Result]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with two releases of kiln and a wiki about the first, whose first draft is accepted."""
    root = tmp_path_factory.mktemp("golden")
    gone = FILES["src/kiln/oven.py"].replace("Merging a quantized oven", "Merging an oven")
    for revision, oven in (("1.0", FILES["src/kiln/oven.py"]), ("2.0", f"import this\n{gone}")):
        with workspace(root) as folder:
            for path, text in {**FILES, "src/kiln/oven.py": oven}.items():
                (folder / "tree" / path).parent.mkdir(parents=True, exist_ok=True)
                (folder / "tree" / path).write_text(text, encoding="utf-8")
            there = f"pypi:kiln=={revision}"
            keep(root, folder / "tree", source=there, name="kiln", revision=revision, url=None, asked=there)
    called("--store", str(root), "enrich", "--source", "pypi:kiln==1.0", "--wiki", str(root / "wiki"), "--phase", "3")
    drafts = json.loads(called("--store", str(root), "drafts", "--format", "json").stdout)["drafts"]
    rounding = next(draft for draft in drafts if "ound" in draft["name"] or "erg" in draft["name"])
    called("--store", str(root), "accept", str(rounding["id"]), "--as", "ann")
    return root


def called(*arguments: str) -> Result:
    result = CliRunner().invoke(app, ["-q", *arguments], catch_exceptions=True)
    if isinstance(result.exception, WikiagentError):
        raise result.exception
    return result


@pytest.fixture
def command(store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    monkeypatch.chdir(tmp_path)
    return lambda *arguments: called("--store", str(store), "golden", *arguments)


@pytest.fixture
def page(store: Path) -> Path:
    (found,) = (store / "wiki/heuristics").glob("*.md")
    return found


def drafts(store: Path, state: str) -> list[int]:
    found = json.loads(called("--store", str(store), "drafts", "--state", state, "--format", "json").stdout)
    return [draft["id"] for draft in found["drafts"]]


def test_an_accepted_draft_becomes_a_golden_that_passes_the_check(
    command: Command, store: Path, tmp_path: Path
) -> None:
    file = tmp_path / "evals/golden/kiln-1.0.yaml"
    (draft,) = drafts(store, "accepted")
    assert command("add", "--from", str(draft), "--file", str(file), "--importance", "4.5").exit_code == 0
    found = read_goldens(file)
    (golden,) = found.goldens
    assert (found.source, golden.importance, golden.type) == ("pypi:kiln==1.0", 4.5, "Heuristic")
    assert any("rounding errors" in each.quote for each in golden.evidence)
    assert golden.id == golden.title.lower().replace("_", "-")
    assert not golden.title.startswith("kiln")
    assert golden.insight not in golden.facts
    checked = command("check", str(file))
    assert (checked.exit_code, checked.stdout) == (0, f"{file}: 1 checked against pypi:kiln==1.0, 0 problems\n")


def test_a_page_becomes_the_same_golden(command: Command, store: Path, page: Path, tmp_path: Path) -> None:
    (draft,) = drafts(store, "accepted")
    command("add", "--from", str(draft), "--file", "a.yaml")
    command("add", "--from", str(page), "--file", "b.yaml", "--insight", "Merging is not exact.")
    (one,), (other,) = read_goldens(tmp_path / "a.yaml").goldens, read_goldens(tmp_path / "b.yaml").goldens
    assert other.insight == "Merging is not exact."
    assert (other.evidence, other.applies_to, other.title) == (one.evidence, one.applies_to, one.title)


def test_a_golden_is_added_behind_the_others_and_never_twice(command: Command, page: Path, tmp_path: Path) -> None:
    command("add", "--from", str(page), "--file", "a.yaml")
    before = (tmp_path / "a.yaml").read_bytes()
    with pytest.raises(ConfigError, match=r"has a golden \S+ already"):
        command("add", "--from", str(page), "--file", "a.yaml")
    assert (tmp_path / "a.yaml").read_bytes() == before
    held = read_goldens(tmp_path / "a.yaml")
    other = held.goldens[0].model_copy(update={"id": "other"})
    (tmp_path / "a.yaml").write_text(as_yaml(held.model_copy(update={"goldens": (other,)})), encoding="utf-8")
    command("add", "--from", str(page), "--file", "a.yaml")
    assert [each.id for each in read_goldens(tmp_path / "a.yaml").goldens] == ["other", held.goldens[0].id]
    assert [each.name for each in tmp_path.iterdir()] == ["a.yaml"]


def test_what_makes_no_golden_is_refused(command: Command, store: Path, page: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="is pending; a golden is made of an accepted one"):
        command("add", "--from", str(drafts(store, "pending")[0]), "--file", "a.yaml")
    with pytest.raises(DraftError):
        command("add", "--from", "99999", "--file", "a.yaml")
    with pytest.raises(ConfigError, match="does not stand in the folder"):
        command("add", "--from", "page.md", "--file", "a.yaml")
    (tmp_path / "other.yaml").write_text("source: pypi:zoo==1.0\ngoldens: []\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"has goldens of pypi:zoo==1\.0, and the page is about pypi:kiln==1\.0"):
        command("add", "--from", str(page), "--file", "other.yaml")
    bare = tmp_path / "heuristics/kiln_Bare.md"
    bare.parent.mkdir()
    bare.write_text("== Overview ==\n\nMerging rounds.\n", encoding="utf-8")
    with pytest.raises(ConfigError, match="does not say which source"):
        command("add", "--from", str(bare), "--file", "a.yaml")
    assert not (tmp_path / "a.yaml").exists()


def test_problems_are_printed_and_end_with_status_1(command: Command, page: Path, tmp_path: Path) -> None:
    command("add", "--from", str(page), "--file", "a.yaml")
    loaded = yaml.safe_load((tmp_path / "a.yaml").read_text("utf-8"))
    loaded["goldens"][0]["evidence"][0]["quote"] = "no such line"
    (tmp_path / "a.yaml").write_text(yaml.safe_dump(loaded), encoding="utf-8")
    found = command("check", "a.yaml")
    assert found.exit_code == 1
    assert "the quote is not the text of src/kiln/oven.py:" in found.stdout
    assert ", 1 problem\n" in found.stdout
    printed = json.loads(command("check", "a.yaml", "--format", "json").stdout)
    (file,) = printed["files"]
    assert (file["file"], file["source"], file["members"], len(file["problems"])) == ("a.yaml", "pypi:kiln==1.0", 1, 1)


def test_another_release_is_checked_for_what_is_left(command: Command, page: Path) -> None:
    command("add", "--from", str(page), "--file", "a.yaml")
    assert command("check", "a.yaml", "--source", "pypi:kiln==1.0").exit_code == 0
    found = command("check", "a.yaml", "--source", "pypi:kiln==2.0")
    assert ", 0 problems\n" in found.stdout, "the lines moved, and one of two changed"


def test_a_file_that_cannot_be_read_ends_the_check(command: Command) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        command("check", "none.yaml")


def test_goldens_about_a_folder_are_held_to_its_text(command: Command, tmp_path: Path) -> None:
    (tmp_path / "mini").mkdir()
    (tmp_path / "mini" / "oven.py").write_text("HOT = 900\nCOLD = 20\n", "utf-8")
    evidence = {"path": "oven.py", "first": 1, "last": 1, "quote": "COLD = 20"}
    golden = {
        "id": "cold", "type": "Heuristic", "title": "Cold", "insight": "An oven is cold at 20 degrees.",
        "facts": ["Cold is 20"], "importance": 2, "applies_to": [], "evidence": [evidence],
    }  # fmt: skip
    file = tmp_path / "mini.yaml"
    file.write_text(yaml.safe_dump({"source": "mini", "goldens": [golden]}), "utf-8")
    done = command("check", str(file))
    assert done.exit_code == 1
    assert "cold: the quote is not the text of oven.py:1" in done.stdout
