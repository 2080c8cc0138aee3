"""A store and a wiki in which operations are killed, and what has to be true afterwards."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from tests.model_server import ModelServer
from tests.phases.conftest import FILES, NOW
from wikiagent.check.wiki_rules import check_wiki
from wikiagent.cli.agent import agent_of, model_in, probed
from wikiagent.code.chunks import chunk_snapshot
from wikiagent.config import DraftSettings, ModelSettings, Settings
from wikiagent.index.retrieve import Index
from wikiagent.ledger import Ledger
from wikiagent.phases.drafters import Extractive
from wikiagent.phases.phase3 import Plan, enrich
from wikiagent.phases.publish import edit_of
from wikiagent.phases.refresh import refresh
from wikiagent.review.desk import Desk
from wikiagent.review.promises import settle
from wikiagent.review.sources import Sources
from wikiagent.review.standing import page_of
from wikiagent.source.kept import find_snapshot, keep, workspace
from wikiagent.source.snapshot import Snapshot
from wikiagent.wiki.edit import STAGING
from wikiagent.wiki.graph import LEAVES, read_wiki
from wikiagent.wiki.mediawiki import render

KEEPER = "src/zoo/keeper.py"
_USAGE = re.compile(rb"^## Model Usage\n.*?(?=^## )", re.M | re.S)
OLD, NEW = "pypi:zoo==1.0", "pypi:zoo==2.0"


@dataclass(frozen=True)
class Scene:
    """A folder with a store, which has two versions of a source, and a wiki.

    Attributes:
        root: the folder; always at the same path, for the ledger names the wiki by it.
        asked: addresses of a scripted model, where an operation needs one.
    """

    root: Path
    asked: list[str] = field(default_factory=list)

    @property
    def wiki(self) -> Path:
        return self.root / "wiki"

    @property
    def ledger(self) -> Ledger:
        return Ledger(self.root / "ledger.sqlite")

    @property
    def desk(self) -> Desk:
        sources = Sources(self.root, ("**/*.py",), ())
        return Desk(self.ledger, self.wiki, "ann", edit_of, sources, lambda: NOW)

    def snapshot(self, source: str) -> Snapshot:
        found = find_snapshot(self.root, source)
        assert found is not None
        return found

    def plan(self, source: str = OLD, *, accept_valid: bool = False) -> Plan:
        snapshot = self.snapshot(source)
        return Plan(snapshot, snapshot.files, self.wiki, "some_zoo", None, 120, accept_valid, NOW)

    # --- states ---

    def files(self) -> dict[str, bytes]:
        """The bytes of all pages, indexes and reports, but for what calls of a model took: a second run takes other."""
        found = sorted(self.wiki.rglob("*.md")) if self.wiki.is_dir() else []
        texts = {path.relative_to(self.wiki).as_posix(): path.read_bytes() for path in found}
        return {file: _USAGE.sub(b"", text) for file, text in texts.items() if STAGING not in file}

    def states(self) -> list[tuple[str, str, str]]:
        """Type, name and state of every draft."""
        return sorted((draft.type, draft.name, draft.state) for draft in self.ledger.drafts(self.wiki))

    def restart(self) -> None:
        """What each command that decides does first."""
        settle(self.ledger, self.wiki, NOW)

    def problems(self) -> Iterator[str]:
        """What does not fit, after a restart."""
        ledger, wiki = self.ledger, read_wiki(self.wiki)
        yield from ledger.verify().problems
        yield from map(str, check_wiki(wiki))
        if ledger.promised(self.wiki) or (self.wiki / STAGING).exists():
            yield "an edit is left over"
        there = {(kind.value, name) for kind, name in wiki.pages if kind in LEAVES}
        accepted = {(draft.type, draft.name) for draft in ledger.drafts(self.wiki, "accepted")}
        if there != accepted:
            yield f"pages and accepted drafts differ: {sorted(there ^ accepted)}"


@dataclass(frozen=True)
class Operation:
    """Something that may be killed.

    Attributes:
        prepare: makes the scene in which it begins.
        run: does it, or the rest of it, where it was killed before.
    """

    prepare: Callable[[Scene], None]
    run: Callable[[Scene], None]


def build(scene: Scene) -> None:
    """A store with two versions of the source."""
    changed = {**FILES, KEEPER: FILES[KEEPER].replace("makes the zebras nervous, use", "makes the lions nervous, use")}
    for source, files in ((OLD, FILES), (NEW, changed)):
        with workspace(scene.root) as folder:
            for path, text in files.items():
                (folder / "tree" / path).parent.mkdir(parents=True, exist_ok=True)
                (folder / "tree" / path).write_text(text)
            version = source.partition("==")[2]
            keep(scene.root, folder / "tree", source=source, name="zoo", revision=version, url=None, asked=source)


def _drafted(scene: Scene) -> None:
    build(scene)
    enrich(scene.plan(), Extractive(), scene.ledger, lambda message: None)


def _enriched(scene: Scene) -> None:
    build(scene)
    _enrich(scene)


def _enrich(scene: Scene) -> None:
    enrich(scene.plan(accept_valid=True), Extractive(), scene.ledger, lambda message: None)


def _enrich_with_agent(scene: Scene) -> None:
    os.environ["OPENAI_API_KEY"] = "the-key-of-the-tests"
    settings = Settings(
        model=ModelSettings(name="scripted", base_url=scene.asked[0], retries=0),
        draft=DraftSettings(mode="packed", plan=False, judge=False, concurrency=1),
    )
    plan, ledger = scene.plan(accept_valid=True), scene.ledger
    index = Index(list(chunk_snapshot(plan.snapshot, lambda text: len(text.split()), 512)), lambda text, k: [])
    with model_in(settings, ledger.file) as asked:
        drafter = agent_of(settings, asked, probed(asked, settings), ledger, scene.wiki, index.search)
        enrich(plan, drafter, ledger, lambda message: None)


def _pending(scene: Scene, kind: str = "Heuristic") -> list[int]:
    return [draft.id for draft in scene.ledger.drafts(scene.wiki, "pending") if draft.type == kind]


def _accept(scene: Scene) -> None:
    scene.restart()
    if ids := [draft.id for draft in scene.ledger.drafts(scene.wiki, "pending")]:
        scene.desk.accept(ids)


def _one_by_one(scene: Scene) -> None:
    """What a reviewer does: accept, fix, reject, merge, one after the other; goes on where it was killed."""
    scene.restart()
    desk, first, *rest = scene.desk, *(draft for draft in scene.ledger.drafts(scene.wiki) if draft.type == "Heuristic")
    for draft, decide in (
        (first, lambda: desk.accept([first.id])),
        (rest[0], lambda: desk.fix(rest[0].id, render(page_of(rest[0])).replace("Read this", "Read it"))),
        (rest[1], lambda: desk.reject([rest[1].id], "wrong", "Not so.")),
        (rest[2], lambda: desk.merge(rest[2].id, first.name)),
    ):
        if scene.ledger.draft(draft.id).state == "pending":
            decide()


def _undo(scene: Scene) -> None:
    scene.restart()
    if scene.ledger.drafts(scene.wiki, "accepted"):
        scene.desk.undo()


def _refresh(scene: Scene) -> None:
    known = {source: scene.snapshot(source) for source in (OLD, NEW)}
    refresh(
        scene.plan(NEW), lambda name: (known[name], known[name].files), Extractive(), scene.ledger, lambda message: None
    )


def _accepted(scene: Scene) -> None:
    _drafted(scene)
    scene.desk.accept(_pending(scene))


OPERATIONS = {
    "enrich": Operation(build, _enrich),
    "enrich with a model": Operation(build, _enrich_with_agent),
    "accept": Operation(_drafted, _accept),
    "decide one by one": Operation(_drafted, _one_by_one),
    "undo": Operation(_accepted, _undo),
    "refresh": Operation(_enriched, _refresh),
}


@contextmanager
def fresh(template: Path, scene: Scene) -> Iterator[Scene]:
    """The scene as it was when the template was made."""
    shutil.rmtree(scene.root, ignore_errors=True)
    shutil.copytree(template, scene.root)
    yield replace(scene)


__all__ = ["OPERATIONS", "ModelServer", "Operation", "Scene", "fresh"]
