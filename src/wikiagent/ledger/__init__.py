"""The ledger: runs, model calls, drafts, findings and decisions, in SQLite. The one folder that speaks SQL.

`Ledger` keeps runs, drafts and decisions, `CallLog` the calls of a model; both work on the same file.
"""

from wikiagent.ledger.calls import Call, CallLog, Usage
from wikiagent.ledger.chain import Verified
from wikiagent.ledger.drafts import Ledger
from wikiagent.ledger.values import (
    Decision,
    Draft,
    Kept,
    NewDecision,
    NewDraft,
    Promise,
    Promised,
    RecordedFinding,
    Run,
)

__all__ = [
    "Call",
    "CallLog",
    "Decision",
    "Draft",
    "Kept",
    "Ledger",
    "NewDecision",
    "NewDraft",
    "Promise",
    "Promised",
    "RecordedFinding",
    "Run",
    "Usage",
    "Verified",
]
