"""The registry of rules: every code that a finding can have, and what it says is wrong."""

from __future__ import annotations

RULES: dict[str, str] = {
    "CIT001": "cited file is not in the snapshot",
    "CIT002": "line range is outside the file, or reversed",
    "CIT003": "quoted text is not the text of those lines",
    "CIT004": "quoted text stands elsewhere in the file",
    "CIT005": "path is not from the root of the source",
    "CIT006": "span proves nothing: blank, brackets only, or longer than 60 lines",
    "CIT007": "page has no citation, or fewer than its type needs",
    "CLM001": "a number that no cited evidence contains",
    "CLM002": "a code identifier that the snapshot does not contain",
    "CLM003": "a statement without evidence",
    "CLM004": "the named evidence does not support the statement, as a model judges it",
    "SCH001": "a section is missing or empty",
    "SCH003": "metadata is missing or not of its form",
    "SCH004": "a reference names no exhibit, or an exhibit is numbered wrongly",
    "SCH005": "category is missing",
    "SCH006": "page does not read back as it was written",
    "LNK001": "link to a page that does not exist and is not wanted",
    "LNK002": "backlink is missing",
    "LNK003": "edge is not allowed between these types",
    "IDX001": "page without index row",
    "IDX002": "index row without page",
    "IDX003": "wrong ✅ or ⬜ in an index",
    "IDX004": "wrong count in an index",
    "NAM001": "file name, title and prefix disagree",
    "SEC001": "something that looks like a secret value",
    "SEC002": "text that gives orders to a language model",
    "DRF001": "a model's answer from which no page can be made",
    "DRF002": "a statement that is not plain English text",
}
