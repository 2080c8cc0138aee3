"""A disk that is full and folders that cannot be written: refused before the edit or undone, and nothing is lost."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.evals.conftest import goldens_file
from tests.reliability.conftest import ENRICH, contents, copy
from wikiagent.ledger import Ledger
from wikiagent.wiki.edit import STAGING

MORE = "".join(
    f"\n\ndef more_{n}(n):\n    import warnings\n"
    f'    warnings.warn("Animals of kind {name} are not supported by more_{n} yet, use the zebra {name} instead.")\n'
    for n, name in enumerate("elephant giraffe penguin walrus hyena lemur otter badger".split())
)


def wikiagent(command: str, here: Path, *before: str) -> subprocess.CompletedProcess[str]:
    program = [*before, str(Path(sys.executable).parent / "wikiagent"), *command.split()]
    return subprocess.run(program, cwd=here, capture_output=True, text=True, check=False, timeout=120)


def assert_refused(done: subprocess.CompletedProcess[str]) -> None:
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    assert done.stderr.splitlines()[-1].startswith("wikiagent: ")


def pages(here: Path) -> dict[str, bytes]:
    return {file: text for file, text in contents(here / "wiki").items() if not file.startswith(STAGING)}


@pytest.fixture
def small(made: Path, tmp_path: Path) -> Iterator[Path]:
    """The source, wiki and store on a disk of 24 MB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    options = ("-t", "tmpfs", "-o", "size=24m", "tmpfs", str(disk))
    mounted = shutil.which("mount") and subprocess.run(["mount", *options], capture_output=True, check=False)
    if not mounted or mounted.returncode:
        pytest.skip("a disk of its own cannot be mounted here: needs root, and the right to mount")
    try:
        copy(made, disk)
        yield disk
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)


def fill(disk: Path, leave: int) -> Path:
    """Fill a disk up to some bytes."""
    filler = disk / "filler"
    room = os.statvfs(disk).f_bavail * os.statvfs(disk).f_frsize
    with filler.open("wb") as out:
        out.write(bytes(max(0, room - leave)))
    return filler


@pytest.mark.parametrize("leave", [0, 8_192, 40_960, 122_880, 409_600])
def test_a_full_disk_costs_no_page_and_no_decision(small: Path, leave: int) -> None:
    before, decisions = pages(small), Ledger(small / "store/ledger.sqlite").log()
    with (small / "zoo/src/zoo/keeper.py").open("a") as file:
        file.write(MORE)
    filler = fill(small, leave)
    done = wikiagent(ENRICH, small)
    assert "Traceback" not in done.stderr, done.stderr
    assert done.returncode in (0, 2)
    if done.returncode:
        assert_refused(done)
    filler.unlink()
    log = Ledger(small / "store/ledger.sqlite").log()
    assert log[: len(decisions)] == decisions
    again = wikiagent(ENRICH, small)
    assert again.returncode == 0, again.stderr
    assert before.keys() <= pages(small).keys()
    assert len(pages(small)) > len(before)
    assert not (small / "wiki" / STAGING).exists()
    assert wikiagent("check wiki --no-source", small).returncode == 0
    assert wikiagent("log --verify", small).returncode == 0


def test_a_full_disk_at_a_decision(small: Path) -> None:
    with (small / "zoo/src/zoo/keeper.py").open("a") as file:
        file.write(MORE)
    assert wikiagent(ENRICH.removesuffix(" --accept-valid"), small).returncode == 0
    pending = Ledger(small / "store/ledger.sqlite").drafts((small / "wiki").resolve(), "pending")
    before = pages(small)
    filler = fill(small, 0)
    done = wikiagent(f"accept {pending[0].id}", small)
    assert_refused(done)
    filler.unlink()
    assert wikiagent(f"show {pending[0].id}", small).returncode == 0
    after = Ledger(small / "store/ledger.sqlite").draft(pending[0].id)
    assert (after.state, pages(small) == before) in (("pending", True), ("accepted", False), ("accepted", True))
    if after.state == "pending":
        assert wikiagent(f"accept {after.id}", small).returncode == 0
    else:
        assert wikiagent(ENRICH, small).returncode == 0
    assert f"heuristics/{after.name}.md" in pages(small)
    assert wikiagent("check wiki --no-source", small).returncode == 0


#: Each command that writes, and what of it is read-only.
READ_ONLY = [
    (ENRICH, "wiki"),
    (ENRICH, "store"),
    ("enrich --phase 4 --wiki wiki", "wiki"),
    ("refresh --source zoo --wiki wiki", "wiki"),
    ("refresh --source zoo --wiki wiki", "store"),
    ("undo 1", "wiki"),
    ("undo 1", "store"),
    ("index --source zoo", "store"),
    ("check wiki --no-source --fix", "wiki"),
    ("init", "."),
    ("export --format html --wiki wiki --output out", "."),
    ("export --format mediawiki-xml --wiki wiki --output out.xml", "."),
    ("golden add --from 1 --file g.yaml", "."),
    ("eval run zoo.toml", "store"),
]


@pytest.mark.parametrize(("command", "where"), READ_ONLY, ids=lambda value: value)
def test_a_folder_that_cannot_be_written(made: Path, tmp_path: Path, command: str, where: str) -> None:
    here = tmp_path / "here"
    copy(made, here)
    as_nobody: tuple[str, ...] = ()
    if os.geteuid() == 0:  # who may write everywhere
        if not shutil.which("unshare"):
            pytest.skip("run as root, and there is no `unshare` to make folders read-only")
        as_nobody = ("unshare", "-m", "sh", "-c", f'mount --bind "{where}" "{where}" && mount -o remount,ro,bind "{where}" && cd . && exec "$@"', "sh")  # fmt: skip  # noqa: E501
        if subprocess.run([*as_nobody, "true"], cwd=here, capture_output=True, check=False).returncode:
            pytest.skip("run as root, and folders cannot be made read-only: no right to mount")
    else:
        for folder in [here / where, *(path for path in (here / where).rglob("*") if path.is_dir())]:
            folder.chmod(0o555)
    (here / "zoo/src/zoo/more.py").write_text("import warnings\n" + MORE) if where != "." else None
    goldens_file(here, "./zoo")
    (here / "zoo.toml").write_text('source = "./zoo"\ngoldens = "goldens.yaml"\n')
    links = here / "wiki/heuristics"
    before = contents(here)
    done = wikiagent(command, here, *as_nobody)
    assert "Traceback" not in done.stderr, done.stderr
    assert done.returncode in (0, 1, 2)
    if done.returncode == 2:
        assert_refused(done)
    after = contents(here)
    assert {f: t for f, t in after.items() if f.startswith(("wiki", "zoo"))} == {
        f: t for f, t in before.items() if f.startswith(("wiki", "zoo"))
    }
    assert links.is_dir()
    assert (done.returncode == 2) or command.startswith(("check", "enrich --phase 4"))
