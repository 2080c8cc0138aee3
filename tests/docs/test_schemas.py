"""The JSON schemas accept what the commands print, and refuse it once something is missing or of the wrong kind."""

from __future__ import annotations

import copy
import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator
from typer.testing import CliRunner

import wikiagent.cli  # noqa: F401 - registers all commands
from tests.docs.text import ROOT, rows
from tests.model_server import ModelServer, author
from wikiagent.cli.app import app

FOLDER = ROOT / "docs/schemas"
SOURCE = '''\
"""A tiny package."""

import os
import warnings

__all__ = ["merge"]


def merge(weights, safe=False):
    """Merge weights.

    Args:
        weights: what to merge.
        safe: Should be set where weights may hold NaNs, because the merge does not check for them otherwise.
    """
    if os.environ.get("TINY_SAFE") and not safe:
        # Note: the variable only warns, because setting it for the user would change results silently.
        warnings.warn("Merging without `safe` may give wrong results due to rounding errors; set `safe=True` instead.")
    if not weights:
        raise ValueError("Merging no weights is not supported. Please pass at least one weight.")
    return weights
'''


def validator(name: str) -> Draft202012Validator:
    schema = json.loads((FOLDER / f"{name}.json").read_text("utf-8"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What each command prints for a tiny package, by the name of its schema."""
    root = tmp_path_factory.mktemp("schemas")
    source = root / "tiny"
    source.mkdir()
    (source / "__init__.py").write_text(SOURCE, encoding="utf-8")
    place = {"path": "__init__.py", "first": 1, "last": 2}
    label = {"statement": "It is tiny.", "verdict": "supported", "evidence": [place]}
    (root / "labels.jsonl").write_text(json.dumps(label), encoding="utf-8")
    with ModelServer(author) as server:
        return _printed(root, source, server.url)


def _printed(root: Path, source: Path, endpoint: str) -> dict[str, Any]:
    start = ["--store", str(root / "store")]
    of = ["--source", str(source)]

    def run(*command: str, status: int = 0) -> str:
        with pytest.MonkeyPatch.context() as patch:
            patch.chdir(root)
            patch.setenv("OPENAI_BASE_URL", endpoint)
            result = CliRunner().invoke(app, [*start, *command], catch_exceptions=False)
        assert result.exit_code == status
        return result.stdout

    run("enrich", "--phase", "3", *of, "--wiki", str(root / "wiki"))
    model = ["--model", "scripted"]
    run(
        "enrich",
        "--phase",
        "3",
        *of,
        "--wiki",
        str(root / "wiki"),
        *model,
        "--limit",
        "1",
        "--no-judge",
        "--no-plan",
        "--mode",
        "packed",
    )
    last = max(draft["id"] for draft in json.loads(run("drafts", "--format", "json"))["drafts"])
    run("reject", str(last), "--reason", "A test decides.")
    _answered(run, of, last)
    return {
        "log": json.loads(run("log", "--format", "json")),
        "verified": json.loads(run("log", "--verify", "--format", "json")),
        "statistics": json.loads(run("log", "--statistics", "--format", "json")),
        "refresh": _refreshed(run, root, source),
        "drafts": json.loads(run("drafts", "--format", "json")),
        "show": json.loads(run("show", str(last), "--format", "json")),
        "trace": json.loads(run("trace", str(last), "--format", "json")),
        "doctor": json.loads(run("doctor", *model, "--format", "json")),
        "agreement": json.loads(run("eval", "judge", "labels.jsonl", *of, *model, "--format", "json")),
        **_evaluated(run, root, source),
        "search": json.loads(run("search", "merge weights", "-k", "3", *of, "--format", "json")),
        "candidates": json.loads(run("mine", *of, "--format", "json")),
        "chunk": json.loads(run("chunks", *of, "--format", "jsonl").splitlines()[0]),
        "rules": json.loads(run("rules", "--format", "json")),
        "findings": json.loads(run("check", str(_broken(root)), *of, "--format", "json", status=1)),
        **_goldens(run, root),
    }


def _answered(run: Callable[..., str], of: list[str], rejected: int) -> None:
    """What is shown of a draft that answers to a reject."""
    run("enrich", "--redraft", "--drafter", "extractive", *of, "--wiki", "wiki")
    drafts = json.loads(run("drafts", "--where", "redrafted=yes", "--format", "json"))["drafts"]
    shown = json.loads(run("show", str(drafts[0]["id"]), "--format", "json"))
    assert (shown["redrafts"], shown["rejected"]["reason"]) == (rejected, "A test decides.")
    assert [error.message for error in validator("show").iter_errors(shown)] == []


def _goldens(run: Callable[..., str], root: Path) -> dict[str, Any]:
    """A golden made of a draft, and what its check prints once its quote is none."""
    draft = json.loads(run("drafts", "--state", "pending", "--wiki", str(root / "wiki"), "--format", "json"))["drafts"][
        0
    ]
    run("accept", str(draft["id"]))
    run("golden", "add", "--from", str(draft["id"]), "--file", "golden.yaml")
    golden = yaml.safe_load((root / "golden.yaml").read_text("utf-8"))
    wrong = copy.deepcopy(golden)
    wrong["goldens"][0]["evidence"][0]["quote"] = "no such line"
    (root / "wrong.yaml").write_text(yaml.safe_dump(wrong), encoding="utf-8")
    found = json.loads(run("golden", "check", "wrong.yaml", "--format", "json", status=1))
    return {"golden": golden, "golden-check": found}


def _refreshed(run: Callable[..., str], root: Path, source: Path) -> dict[str, Any]:
    """What a refresh prints after a warning of the source was written anew."""
    wiki, copy = ["--wiki", str(root / "followed")], root / "copy" / "tiny"
    shutil.copytree(source, copy)
    run("enrich", "--phase", "3", "--source", str(copy), *wiki, "--accept-valid")
    (copy / "__init__.py").write_text(SOURCE.replace("wrong results", "bad results"), encoding="utf-8")
    found: dict[str, Any] = json.loads(run("refresh", "--source", str(copy), *wiki, "--format", "json"))
    draft = next(draft["id"] for draft in found["drafts"] if draft["replaces"])
    shown = json.loads(run("show", str(draft), "--format", "json"))
    assert shown["replaces"]["citations"]
    assert [error.message for error in validator("show").iter_errors(shown)] == []
    return found


def _evaluated(run: Callable[..., str], root: Path, source: Path) -> dict[str, Any]:
    """What evaluations print: two goldens, one of which no page shows."""
    lines = SOURCE.split("\n")
    first = next(number for number, line in enumerate(lines, 1) if "warnings.warn(" in line)
    told = {
        "type": "Heuristic",
        "title": "T",
        "insight": "I.",
        "facts": ["F"],
        "importance": 3,
        "applies_to": ["merge"],
    }
    goldens = [
        {**told, "id": name, "evidence": [{"path": "__init__.py", "first": at, "last": at, "quote": lines[at - 1]}]}
        for name, at in (("warned", first), ("imported", 4))
    ]
    (root / "goldens.yaml").write_text(json.dumps({"source": str(source), "goldens": goldens}), encoding="utf-8")
    text = f'source = {json.dumps(str(source))}\ngoldens = "goldens.yaml"\n[thresholds]\n"recall@120" = 0.9\n'
    (root / "tiny.toml").write_text(text, encoding="utf-8")
    told_of_run = json.loads(run("eval", "run", "tiny.toml", "--format", "json", status=1))
    assert told_of_run["missed"]
    run("eval", "run", "tiny.toml", status=1)
    return {
        "eval": told_of_run,
        "eval-compare": json.loads(run("eval", "compare", "tiny-1", "tiny-2", "--format", "json")),
        "eval-list": json.loads(run("eval", "list", "--format", "json")),
    }


def _broken(root: Path) -> Path:
    """A wiki with a citation that does not hold."""
    page = root / "broken" / "heuristics" / "tiny_x.md"
    page.parent.mkdir(parents=True)
    page.write_text("== Code Evidence ==\n\nFrom `__init__.py:1-2`:\n```python\nno such line\n```\n", encoding="utf-8")
    return root / "broken"


#: What has parts that are empty as often as not.
MAY_BE_EMPTY = ("chunk", "show", "agreement", "refresh", "verified", "statistics", "eval")
NAMES = sorted(path.stem for path in FOLDER.glob("*.json"))


def broken(value: Any) -> Iterator[tuple[str, Any]]:
    """Copies of a JSON value, each with one key removed or one value of another type."""

    def places(part: Any, way: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
        pairs = part.items() if isinstance(part, dict) else enumerate(part[:1]) if isinstance(part, list) else ()
        for key, inner in pairs:
            yield (*way, key)
            yield from places(inner, (*way, key))

    for *way, key in places(value, ()):
        name = ".".join(map(str, [*way, key]))
        for change in ("removed", "of another type"):
            changed = copy.deepcopy(value)
            holder = changed
            for step in way:
                holder = holder[step]
            if change == "of another type":
                holder[key] = {"unexpected": True} if not isinstance(holder[key], dict) else "unexpected"
            elif isinstance(holder, dict) and way[-1:] != ["reasons"]:
                del holder[key]
            else:
                continue
            yield f"{name} {change}", changed


@pytest.mark.parametrize("name", NAMES)
def test_what_is_printed_is_accepted(name: str, printed: dict[str, Any]) -> None:
    assert [error.message for error in validator(name).iter_errors(printed[name])] == []
    assert all(printed[name].values()) or name in MAY_BE_EMPTY, "an empty list proves nothing"


@pytest.mark.parametrize("name", NAMES)
def test_what_is_wrong_is_refused(name: str, printed: dict[str, Any]) -> None:
    check = validator(name)
    assert [what for what, value in broken(printed[name]) if check.is_valid(value)] == []


@pytest.mark.parametrize("name", NAMES)
def test_all_keys_that_are_printed_are_described(name: str, printed: dict[str, Any]) -> None:
    def undescribed(value: Any, schema: dict[str, Any]) -> Iterator[str]:
        if isinstance(value, dict) and "properties" in schema:
            yield from value.keys() - schema["properties"].keys()
            for key, inner in schema["properties"].items():
                yield from undescribed(value.get(key), inner)
        if isinstance(value, list) and value:
            yield from undescribed(value[0], schema["items"])

    assert list(undescribed(printed[name], json.loads((FOLDER / f"{name}.json").read_text("utf-8")))) == []


def test_the_readme_of_the_schemas_lists_them_all() -> None:
    listed = {cells[2].partition("(")[2].strip(")") for cells in rows((FOLDER / "README.md").read_text("utf-8"))}
    assert listed == {f"{name}.json" for name in NAMES}
