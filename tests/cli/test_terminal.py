"""What reaches a terminal: no control characters, whatever a source, a page or a model says."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.end_to_end.conftest import wikiagent

SOURCE = Path(__file__).parents[2] / "src/wikiagent"
#: What clears the screen, sets the title, writes into the clipboard, turns the direction of the text.
EVIL = "\x1b[2J\x1b]0;owned\x07\x9b31m\u202egnp\u2066\x08"
UNFIT = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("evil")
    zoo = folder / "zoo [bold]" / "src"
    zoo.mkdir(parents=True)
    (zoo / "__init__.py").touch()
    for name in (f"a{EVIL}b.py", "a\u200fb.py", "plain.py"):
        evil = EVIL if name.startswith("a") else "[/red] :bomb:"
        (zoo / name).parent.mkdir(exist_ok=True)
        (zoo / name).write_text(
            "import warnings\n\n\nclass Keeper:\n"
            f"    # NOTE: the gate must be closed first {evil} because the lions get out otherwise.\n"
            "    def feed(self, n):\n        if n > 40:\n"
            f'            warnings.warn("More than 40 portions are not supported {evil}, use less instead.")\n'
        )
    return folder


SHOWN = [
    "enrich --wiki wiki", "mine --explain", "chunks", "search portions", "check wiki", "drafts", "show 1",
    "accept 1 --as", "undo 1", "reject 1 --reason", "log", "log --statistics", "index", "refresh --wiki wiki", "doctor",
]  # fmt: skip


def test_no_command_tells_a_terminal_what_to_do(here: Path) -> None:
    said = {}
    for command in SHOWN:
        words = [*command.split(), *([f"wrong {EVIL}"] if command.endswith(("--reason", "--as")) else [])]
        takes = words[0] in ("enrich", "mine", "chunks", "search", "check", "index", "refresh")
        done = wikiagent("-v", *words, *(["--source", "zoo [bold]"] if takes else []), cwd=here)
        assert done.returncode in (0, 1), (command, done.stderr)
        assert "Traceback" not in done.stderr, (command, done.stderr)
        said[command] = done.stdout + done.stderr
    assert {command for command, text in said.items() if UNFIT.search(text)} == set()
    assert "portions" in said["show 1"]
    assert "�" in said["chunks"]
    assert "�" in said["log"]


def test_an_error_with_a_hostile_name_is_one_inert_line(here: Path) -> None:
    for command in (["mine", "--source", f"no\n{EVIL}where"], ["check", f"no\n{EVIL}where", "--no-source"]):
        done = wikiagent(*command, cwd=here)
        assert done.returncode == 2, done.stderr
        assert done.stderr.count("\n") == 1
        assert not UNFIT.search(done.stderr)


def test_a_message_with_a_hostile_name_is_inert(here: Path) -> None:
    done = wikiagent("enrich", "--source", "zoo [bold]", "--wiki", f"other{EVIL}", cwd=here)
    assert done.returncode == 0
    assert "Report" in done.stderr
    assert not UNFIT.search(done.stderr)


def test_goldens_and_evaluations_are_inert(here: Path) -> None:
    turns = "\u202egnp\u2066"  # control characters are refused
    place = {"path": f"src/a{turns}b.py", "first": 5, "last": 5, "quote": f"nowhere {turns}"}
    true = {"path": "src/plain.py", "first": 1, "last": 1, "quote": "import warnings"}
    golden = {"type": "Heuristic", "title": "Gate", "insight": f"Gates {turns}.", "facts": [f"Gates {turns}."]}
    golden |= {"importance": 3, "applies_to": []}
    members = [{**golden, "id": "evil", "evidence": [place]}, {**golden, "id": "gate", "evidence": [true]}]
    (here / "g.yaml").write_text(json.dumps({"source": "./zoo [bold]", "goldens": members}))
    (here / "e.toml").write_text('source = "./zoo [bold]"\ngoldens = "g.yaml"\n')
    said = {}
    for command in ("golden check g.yaml", "eval run e.toml", "eval list", "eval report e-1 --format json"):
        done = wikiagent(*command.split(), cwd=here)
        assert done.returncode in (0, 1), (command, done.stderr)
        said[command] = done.stdout + done.stderr
    assert {command for command, text in said.items() if UNFIT.search(text)} == set()
    assert "evil" in said["golden check g.yaml"]


def test_an_export_is_named_inertly(here: Path) -> None:
    for form in ("markdown", "mediawiki-xml"):
        done = wikiagent("export", "--wiki", "wiki", "--format", form, "--output", f"{form}{EVIL}", cwd=here)
        assert done.returncode == 0, done.stderr
        assert "�" in done.stdout
        assert not UNFIT.search(done.stdout + done.stderr)


def test_results_are_printed_by_say_and_nothing_else() -> None:
    """`typer.echo` is left to JSON, which escapes control characters, and to what a program reads."""
    json_or_plain = r"typer\.echo\((json\.dumps|as_json|base_url|_as_bytes_or_inert|f\"wikiagent \{__version__\})"
    of_the_review = r"print\((app\.sitting\.summary|f\"Not )"  # numbers, and what `inert` went over
    allowed = re.compile(rf"{json_or_plain}|{of_the_review}|typer\.secho\(inert\(|console\.print\(|\)\.print\(")
    lines = [line for file in SOURCE.rglob("*.py") for line in file.read_text("utf-8").splitlines()]
    printing = [line for line in lines if re.search(r"typer\.s?echo\(|\bprint\(", line)]
    assert len(printing) > 20
    assert [line for line in printing if not allowed.search(line) and "def print" not in line] == []
