"""Kill an operation at random moments, restart, and compare with what it does undisturbed."""

from __future__ import annotations

import os
import random
import shutil
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.crash.scene import OPERATIONS, Operation, Scene
from tests.model_server import ModelServer, author
from wikiagent.check.wiki_rules import check_wiki
from wikiagent.errors import WikiagentError
from wikiagent.wiki import edit
from wikiagent.wiki.graph import read_wiki

#: What changes something on the disk, as Python's audit hooks name it.
_CHANGES = frozenset("os.rename os.remove os.mkdir os.rmdir os.truncate sqlite3.connect".split())


@dataclass
class Killed:
    """What became of the moments of one operation.

    Attributes:
        ends: how often it was killed with the wiki as before, as after, or between two edits; or had ended already.
        problems: what did not fit, in sentences.
    """

    ends: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)


def kill(name: str, moments: int, seed: int, folder: Path) -> Killed:
    """Kill an operation at random moments: half of them at a change of the disk, half at a time.

    Args:
        name: one of `OPERATIONS`.
        moments: how many.
        seed: of the moments.
        folder: an empty folder.
    """
    operation, chance = OPERATIONS[name], random.Random(f"{seed} {name}")
    with ExitStack() as stack:
        server = stack.enter_context(ModelServer(author)) if "model" in name else None
        scene = Scene(folder / "scene", [server.url] if server else [])
        scene.root.mkdir()
        operation.prepare(scene)
        template = shutil.copytree(scene.root, folder / "template")
        calm = _undisturbed(operation, scene)
        paid = len(server.requests) if server else 0
        changes, seconds = _measured(operation, scene, template)
        found = Killed()
        for moment in range(moments):
            _anew(scene, template)
            already = len(server.requests) if server else 0
            at = chance.randint(1, changes) if moment % 2 else None
            after = chance.uniform(0, seconds)
            ended = _killed(lambda: operation.run(scene), scene.root, at, after)
            told = f"{name}, moment {moment} ({f'change {at}' if at else f'{after:.3f} s'})"
            found.problems += [f"{told}: {problem}" for problem in _problems(operation, scene, calm, found, ended)]
            again = len(server.requests) - already if server else 0
            if again > paid + 2:  # the probe of what the model can do, and the call that was under way
                found.problems.append(f"{told}: {again} calls, {paid} undisturbed")
    return found


@dataclass(frozen=True)
class Calm:
    """An undisturbed run: the wiki at each of its edits, from before the first to after the last, and the drafts."""

    edits: list[dict[str, bytes]]
    states: list[tuple[str, str, str]]


def _undisturbed(operation: Operation, scene: Scene) -> Calm:
    edits = [scene.files()]
    with _watched(lambda: edits.append(scene.files())):
        operation.run(scene)
    return Calm([*edits, scene.files()], scene.states())


@contextmanager
def _watched(seen: Callable[[], None]) -> Iterator[None]:
    """Call back after each edit of a wiki."""
    finish = edit._finish_or_undo

    def watched(root: Path) -> None:
        finish(root)
        seen()

    edit._finish_or_undo = watched
    try:
        yield
    finally:
        edit._finish_or_undo = finish


def _problems(operation: Operation, scene: Scene, calm: Calm, found: Killed, ended: bool) -> Iterator[str]:
    """Read, restart, compare, go on to the end, and compare again."""
    yield from (f"a reader finds {finding}" for finding in check_wiki(read_wiki(scene.wiki)))
    try:
        scene.restart()
    except WikiagentError as error:
        yield f"it cannot be started again: {error}"
        return
    now = scene.files()
    if now not in calm.edits:
        yield "the wiki is none of those of an undisturbed run"
    elif ended:
        found.ends["had ended"] += 1
    else:
        place = {0: "as before", len(calm.edits) - 1: "as after"}
        found.ends[place.get(calm.edits.index(now), "between two edits") if now != calm.edits[-1] else "as after"] += 1
    yield from scene.problems()
    try:
        operation.run(scene)
    except WikiagentError as error:
        yield f"it cannot go on: {error}"
        return
    if scene.files() != calm.edits[-1]:
        yield "going on does not end in the wiki of an undisturbed run"
    if scene.states() != calm.states:
        yield "going on does not end with the drafts of an undisturbed run"
    yield from scene.problems()


def _anew(scene: Scene, template: Path) -> None:
    shutil.rmtree(scene.root)
    shutil.copytree(template, scene.root)


def _measured(operation: Operation, scene: Scene, template: Path) -> tuple[int, float]:
    """How often an operation changes the disk, and how many seconds it takes."""
    _anew(scene, template)
    reads, writes = os.pipe()
    started = time.perf_counter()
    child = os.fork()
    if child == 0:
        counted = _count(scene.root, None)
        operation.run(scene)
        os.write(writes, str(counted[0]).encode())
        os._exit(0)
    os.close(writes)
    os.waitpid(child, 0)
    seconds = time.perf_counter() - started
    with os.fdopen(reads) as pipe:
        return int(pipe.read()), seconds


def _count(root: Path, kill_at: int | None) -> list[int]:
    """Count the changes of the disk below a folder from now on; die before the one that is named."""
    counted = [0]

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        changes = event in _CHANGES or (event == "open" and isinstance(arguments[2], int) and arguments[2] & 3)
        if changes and str(arguments[0]).startswith(str(root)):
            counted[0] += 1
            if counted[0] == kill_at:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)
    return counted


def _killed(run: Callable[[], None], root: Path, at: int | None, after: float) -> bool:
    """Run something in a process of its own that is killed; whether it had ended before."""
    child = os.fork()
    if child == 0:
        _count(root, at)
        status = 1
        try:
            run()
            status = 0
        finally:
            os._exit(status)
    if at is None:
        time.sleep(after)
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    if os.WIFEXITED(status) and os.WEXITSTATUS(status):
        raise AssertionError("the operation failed by itself")
    return os.WIFEXITED(status)
