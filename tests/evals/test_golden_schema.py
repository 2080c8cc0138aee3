"""The published schema of goldens is that of the values which the program reads."""

from __future__ import annotations

import json

from tests.docs.text import ROOT
from wikiagent.evals.golden import GoldenSet

FILE = ROOT / "docs/schemas/golden.json"


def schema() -> str:
    """The schema as the values give it: `python -c 'from tests.evals.test_golden_schema import *; write()'`."""
    found = GoldenSet.model_json_schema()
    about = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "A file of goldens"}
    return json.dumps(about | {key: value for key, value in found.items() if key != "title"}, indent=2) + "\n"


def write() -> None:
    FILE.write_text(schema(), encoding="utf-8")


def test_the_schema_is_that_of_the_values() -> None:
    assert FILE.read_text("utf-8") == schema()
