"""`wikiagent review` as a reviewer runs it, in a real terminal that tmux plays."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic, sleep

import pytest

from tests.review.conftest import desk, ledger, run, source, wiki  # noqa: F401  (fixtures)
from tests.review.test_desk import is_sound
from wikiagent.review.desk import Desk
from wikiagent.review.terminal.loop import SEEN

pytestmark = pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed (apt install tmux)")

SECONDS = 60.0
WIKIAGENT = Path(sys.executable).parent / "wikiagent"


class Tmux:
    """A tmux server of its own, with one terminal of 80 columns and 24 lines."""

    def __init__(self, socket: Path) -> None:
        self.socket = socket

    def do(self, *arguments: str) -> str:
        call = ["tmux", "-S", str(self.socket), "-f", "/dev/null", *arguments]
        return subprocess.run(call, capture_output=True, text=True, timeout=30, check=True).stdout

    def start(self, command: list[str | Path], **environment: str) -> None:
        variables = [f"-e{name}={value}" for name, value in environment.items()]
        shell = f"{shlex.join(map(str, command))}; echo ended with $?; exec cat"
        self.do("new-session", "-d", "-x", "80", "-y", "24", *variables, shell)

    def press(self, *keys: str) -> None:
        self.do("send-keys", *keys)

    @property
    def screen(self) -> str:
        return self.do("capture-pane", "-p")

    def until(self, holds: Callable[[], object]) -> None:
        end = monotonic() + SECONDS
        while not holds():
            assert monotonic() < end, f"this did not come to be; the screen is\n{self.screen}"
            sleep(0.05)  # between two looks

    def shows(self, *texts: str) -> None:
        self.until(lambda: all(text in self.screen for text in texts))


@pytest.fixture
def tmux(tmp_path: Path) -> Iterator[Tmux]:
    server = Tmux(tmp_path / "tmux")
    yield server
    subprocess.run(["tmux", "-S", str(server.socket), "kill-server"], capture_output=True, check=False)


@pytest.fixture
def editor(tmp_path: Path) -> Path:
    """An editor that puts another usage on the page."""
    script = tmp_path / "editor.sh"
    script.write_text("""#!/bin/sh\nsed -i 's/^Read this .*/Read this in the morning./' "$1"\n""")
    script.chmod(0o755)
    return script


def test_drafts_are_reviewed_through_a_killed_terminal(
    desk: Desk,  # noqa: F811
    tmux: Tmux,
    editor: Path,
    tmp_path: Path,
) -> None:
    first, second, third, fourth, *_ = [item.id for item in desk.queue() if item.state == "pending"]
    review: list[str | Path] = [
        WIKIAGENT, "--store", tmp_path, "review", "--wiki", desk.root, "--as", "ann",
    ]  # fmt: skip

    def state(draft: int) -> str:
        return desk.ledger.draft(draft).state

    tmux.start(review, VISUAL=str(editor), PYTHONPATH=os.environ.get("PYTHONPATH", ""))
    tmux.shows("Review of wiki", "0 decided, 4 left", f"▶ {first}")
    tmux.press("Enter")
    tmux.shows(f"draft {first} ·", "Statements", "┃", "a Accept", "q Quit")
    tmux.press("f")
    tmux.until(lambda: state(first) == "accepted")
    tmux.shows(f"draft {second} ·", "1 decided, 3 left")
    sleep(SEEN)
    tmux.press("a")
    tmux.until(lambda: state(second) == "accepted")
    tmux.shows(f"draft {third} ·", "2 decided, 2 left")
    tmux.do("kill-session")  # in the middle: the terminal is gone, as when its window is closed

    tmux.start(review, VISUAL=str(editor), PYTHONPATH=os.environ.get("PYTHONPATH", ""))
    tmux.shows("0 decided, 2 left", f"▶ {third}")
    assert [state(each) for each in (first, second, third)] == ["accepted", "accepted", "pending"]
    assert is_sound(desk)
    tmux.press("Enter")
    tmux.shows(f"draft {third} ·", "┃")
    tmux.press("r")
    tmux.shows("Why is", "3 trivial")
    tmux.press("3")
    tmux.shows("▶ 3 trivial")
    tmux.press("n")
    tmux.press("-l", "nobody asks")
    tmux.press("Enter")
    tmux.until(lambda: state(third) == "rejected")
    tmux.shows(f"draft {fourth} ·")
    for taken in (third, second):
        tmux.press("u")
        tmux.until(lambda taken=taken: state(taken) == "pending")  # type: ignore[misc]
        tmux.shows(f"draft {taken} ·")
    tmux.press("q")
    tmux.shows("Nothing decided; 3 drafts left to decide.", "ended with 0")
    assert is_sound(desk)
    assert [state(each) for each in (first, second, third, fourth)] == ["accepted", "pending", "pending", "pending"]
    assert "Read this in the morning." in next(desk.root.glob(f"*/{desk.ledger.draft(first).name}.md")).read_text()
    assert [(made.draft, made.decision, made.code) for made in desk.ledger.log(desk.root) if made.who == "ann"] == [
        (first, "accepted", "fixed"), (second, "accepted", ""), (third, "rejected", "trivial"),
        (third, "undone", ""), (second, "undone", ""),
    ]  # fmt: skip


def test_nothing_is_lost_when_the_terminal_goes_in_the_middle_of_a_decision(
    desk: Desk,  # noqa: F811
    tmux: Tmux,
    tmp_path: Path,
) -> None:
    review: list[str | Path] = [WIKIAGENT, "--store", tmp_path, "review", "--wiki", desk.root]
    for seconds in (0.0, 0.02, 0.05):
        left = [item.id for item in desk.queue() if item.state == "pending"]
        tmux.start(review, PYTHONPATH=os.environ.get("PYTHONPATH", ""))
        tmux.shows(f"0 decided, {len(left)} left", f"▶ {left[0]}")
        assert is_sound(desk)
        tmux.press("Enter")
        tmux.shows("┃")
        sleep(SEEN)  # as a reader does; what has only just come up is not decided about
        tmux.press("a")
        sleep(seconds)  # somewhere in it
        tmux.do("kill-session")
    tmux.start(review, PYTHONPATH=os.environ.get("PYTHONPATH", ""))
    tmux.shows("left", "▶")
    assert is_sound(desk)


def test_without_a_terminal_it_says_so(desk: Desk, tmp_path: Path) -> None:  # noqa: F811
    call: list[str | Path] = [WIKIAGENT, "--store", tmp_path, "review", "--wiki", desk.root]
    done = subprocess.run(call, capture_output=True, text=True, timeout=60, check=False, stdin=subprocess.DEVNULL)
    assert done.returncode == 2
    assert done.stderr.startswith("wikiagent: `wikiagent review` needs a terminal")
    assert "Traceback" not in done.stderr
