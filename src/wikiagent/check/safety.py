"""SEC: whether a page would publish what must not be published."""

from __future__ import annotations

from collections.abc import Iterator

from wikiagent.check.claims import statements
from wikiagent.check.finding import Finding
from wikiagent.source.orders import addresses_a_model
from wikiagent.source.secret import secrets_in
from wikiagent.wiki.page import Environment, Heuristic


def check_safety(page: Environment | Heuristic) -> Iterator[Finding]:
    """Check name, statements, and quotes with their places for secret values, and for orders to a language model."""
    said = [(section, statement.text) for section, prose, _ in statements(page) for statement in prose]
    places = [(str(exhibit.place), f"{exhibit.path}\n{exhibit.caption}") for exhibit in page.evidence]
    quoted = [(str(exhibit.place), exhibit.code) for exhibit in page.evidence]
    for where, text in (("Name", page.name.replace("_", " ")), *said, *places, *quoted):
        if secrets_in(text):
            yield Finding("SEC001", page.file, 0, f"{where}: something that looks like a secret value stands here.")
        if addresses_a_model(text):
            yield Finding("SEC002", page.file, 0, f"{where}: this gives orders to a language model; it proves nothing.")
