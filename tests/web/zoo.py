"""A package with enough to say for a sitting, in a store, with its drafts before a reviewer."""

from __future__ import annotations

from pathlib import Path

from tests.phases.conftest import FILES, NOW
from wikiagent.ledger import Ledger
from wikiagent.phases.drafters import Extractive
from wikiagent.phases.phase3 import Plan, enrich
from wikiagent.phases.publish import edit_of
from wikiagent.review.desk import Desk
from wikiagent.review.sources import Sources
from wikiagent.source.kept import keep, workspace

ANIMALS = (
    "aardvark", "badger", "camel", "dingo", "eland", "falcon", "gibbon", "hyena", "ibex", "jackal", "kiwi", "lemur",
    "marmot", "narwhal", "otter", "puffin", "quokka", "raccoon", "serval", "tapir",
)  # fmt: skip
_HOUSE = '''

def wash_{animal}(minutes, soap="mild"):
    """Wash the {animal}."""
    # NOTE: the {animal} must be dried before the evening, because it catches colds in the night.
    if minutes > {most}:
        warnings.warn("Washing the {animal} for more than {most} minutes is not supported, it bites the keeper.")
    return minutes, soap
'''


def files() -> dict[str, str]:
    """The files of the package."""
    houses = [_HOUSE.format(animal=animal, most=number + 11) for number, animal in enumerate(ANIMALS)]
    names = ", ".join(f"wash_{animal}" for animal in ANIMALS)
    return {
        **FILES,
        "src/zoo/houses.py": '"""Where animals live."""\n\nimport warnings\n' + "".join(houses),
        "src/zoo/__init__.py": f"{FILES['src/zoo/__init__.py']}from .houses import {names}\n",
    }


def prepared(store: Path, who: str = "ann") -> Desk:
    """A desk with some twenty drafts that wait; a page of each type is in the wiki."""
    with workspace(store) as folder:
        for path, text in files().items():
            (folder / "tree" / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / "tree" / path).write_text(text)
        there = "pypi:zoo==1.0"
        kept = keep(store, folder / "tree", source=there, name="zoo", revision="1.0", url=None, asked=there)
    ledger, wiki = Ledger(store / "ledger.sqlite"), store / "wiki"
    plan = Plan(kept, kept.files, wiki, "some_zoo", None, 120, accept_valid=False, now=NOW)
    drafts = enrich(plan, Extractive(), ledger, lambda message: None).drafts
    desk = Desk(ledger, wiki, who, edit_of, Sources(store, ("**/*.py",), ()), lambda: NOW)
    lowest = {draft.type: draft.id for draft in drafts if draft.state == "pending"}
    Desk(ledger, wiki, "policy:accept-valid", edit_of, None, lambda: NOW).accept(list(lowest.values()))
    return desk
