"""SEC: whether a page would publish what must not be published."""

from __future__ import annotations

import re
from collections.abc import Iterator

from wikiagent.check.finding import Finding
from wikiagent.check.reading import Reading
from wikiagent.source.inert import UNSEEN
from wikiagent.source.orders import addresses_a_model, may_order, overrides_orders
from wikiagent.source.secret import masked, secrets_in


def check_safety(reading: Reading) -> Iterator[Finding]:
    """Check name, statements, and quotes with their captions for secrets, orders to a model, and characters unseen.

    Pages of others may be about models that are given orders: there, only what overrides orders is a finding.
    """
    said = [(s.section, s.text, s.start) for s in reading.statements]
    shown = [(q.section, f"{q.caption}\n{q.code}", q.start) for q in reading.quotes]
    cited = [("Code Evidence", c.path, c.start) for c in reading.citations]
    texts = [("Name", reading.name.replace("_", " "), 0), *said, *shown, *cited]
    gives_orders = addresses_a_model if reading.is_own else overrides_orders
    for where, text, offset in texts if may_order("\n".join(text for _, text, _ in texts)) else ():
        if gives_orders(text):
            line, column = reading.position(offset)
            message = f"{where}: this gives orders to a language model; it proves nothing."
            yield Finding("SEC002", reading.file, line, message, column=column)
    if unseen := UNSEEN.search(reading.text):
        line, column = reading.position(unseen.start())
        message = f"U+{ord(unseen[0]):04X} stands here, which nobody sees and which changes how text is shown."
        yield Finding("SEC003", reading.file, line, message, column=column)
    if secrets_in(reading.text):
        for number, line_text in enumerate(reading.text.split("\n"), 1):
            if secrets_in(line_text):
                column = next(
                    (n for n, (a, b) in enumerate(zip(line_text, masked(line_text), strict=False), 1) if a != b), 1
                )
                message = "something that looks like a secret value stands here."
                yield Finding("SEC001", reading.file, number, message, column=column)
                break
        else:
            at = re.search(r"-----BEGIN", reading.text)
            line, column = reading.position(at.start() if at else 0)
            yield Finding(
                "SEC001", reading.file, line, "something that looks like a secret value stands here.", column=column
            )
