from __future__ import annotations

import pytest

from wikiagent.check.places import find_citations


@pytest.mark.parametrize(
    ("text", "cited"),
    [
        ("`a/other.py` (lines 10–20)", ["a/other.py:10-20"]),
        ("<code>other.py</code>, line 3", ["other.py:3"]),
        ("other.py lines 10-20", ["other.py:10-20"]),
        ("`other.py:1` (lines 4-5)", ["other.py:1"]),
        ("`other.py` has many lines", []),
    ],
)
def test_a_file_with_its_lines_in_words(text: str, cited: list[str]) -> None:
    assert [str(citation) for citation in find_citations(text)] == cited
