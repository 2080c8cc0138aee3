"""The registry of rules: every code that a finding can have, and what it says is wrong.

Codes are stable: they are never given to another rule. Each has a page in `docs/rules/`.
"""

from __future__ import annotations

from typing import NamedTuple

from wikiagent.check.finding import Severity


class Rule(NamedTuple):
    """One rule.

    Attributes:
        code: as findings name it.
        summary: what is wrong, in a phrase.
        severity: how bad it is, as a rule; a finding on somebody else's page may be milder.
        fixable: whether some of its findings carry a certain fix.
        needs_source: whether it can only be checked against a source.
    """

    code: str
    summary: str
    severity: Severity = Severity.ERROR
    fixable: bool = False
    needs_source: bool = False


def _rules() -> tuple[Rule, ...]:
    error, warning = Severity.ERROR, Severity.WARNING
    return (
        Rule("CIT001", "cited file is not in the snapshot", needs_source=True),
        Rule("CIT002", "line range is outside the file, or reversed", error, fixable=True, needs_source=True),
        Rule("CIT003", "quoted text is not the text of those lines", needs_source=True),
        Rule("CIT004", "cited text or symbol stands elsewhere in the file", error, fixable=True, needs_source=True),
        Rule("CIT005", "path is not from the root of the source", error, fixable=True, needs_source=True),
        Rule("CIT006", "span proves nothing: blank, brackets only, or longer than 60 lines", needs_source=True),
        Rule("CIT007", "page has no citation, or fewer than its type needs", needs_source=True),
        Rule("CIT008", "a citation or quote that cannot be understood: it names no file with lines", needs_source=True),
        Rule("CLM001", "a number that no cited evidence contains", needs_source=True),
        Rule("CLM002", "a code identifier that the snapshot does not contain", needs_source=True),
        Rule("CLM003", "a statement without evidence", needs_source=True),
        Rule("CLM004", "the named evidence does not support the statement, as a model judges it", needs_source=True),
        Rule("CLM005", "a quoted error or warning message that the source does not emit", needs_source=True),
        Rule("CLM006", "a parameter or attribute that the named callable or class does not have", needs_source=True),
        Rule("CLM007", "a stated default that is not the default in the source", needs_source=True),
        Rule("CLM008", "the named evidence has hardly a word of the statement", warning, needs_source=True),
        Rule("SCH001", "a section is missing or empty"),
        Rule("SCH003", "metadata is missing, not of its form, or of another revision"),
        Rule("SCH004", "a reference names no exhibit, or an exhibit is numbered wrongly", error, fixable=True),
        Rule("SCH005", "category is missing"),
        Rule("SCH006", "page does not read back as it was written"),
        Rule("SCH007", "a section stands there twice, or in the wrong order"),
        Rule("LNK001", "link to a page that does not exist and is not wanted"),
        Rule("LNK002", "backlink is missing", error, fixable=True),
        Rule("LNK003", "edge is not allowed between these types"),
        Rule("IDX001", "page without index row", error, fixable=True),
        Rule("IDX002", "index row without page", error, fixable=True),
        Rule("IDX003", "wrong ✅ or ⬜ in an index", error, fixable=True),
        Rule("IDX004", "wrong count in an index", error, fixable=True),
        Rule("GRF001", "Principle without implementation", warning),
        Rule("GRF002", "Principle in no Workflow", warning),
        Rule("GRF003", "Workflow under two steps", warning),
        Rule("NAM001", "file name, title and prefix disagree"),
        Rule("SEC001", "something that looks like a secret value"),
        Rule("SEC002", "text that gives orders to a language model"),
        Rule("SEC003", "a character that nobody sees and that changes how text is shown"),
        Rule("IGN001", "an ignore comment without a reason, or for no rule"),
        Rule("DRF001", "a model's answer from which no page can be made"),
        Rule("DRF002", "a statement that is not plain English text"),
    )


RULES: dict[str, Rule] = {rule.code: rule for rule in _rules()}
