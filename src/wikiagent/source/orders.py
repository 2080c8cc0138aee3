"""Source text that gives orders to a language model: withheld from prompts, and no evidence for a page."""

from __future__ import annotations

import re

#: A reader that is no person.
_READER = (
    r"(?:AIs?|LLMs?|(?:language|AI) models?|chatbots?|(?:(?:AI|coding|wiki) )?agents?|assistants?|copilots?|wikiagent)"
)
#: What such a reader is asked to do.
_ORDER = (
    r"(?:must|should|shall|have to|has to|need to|please|ignore|disregard|forget|obey|follow|write|cite|quote|answer|"
    r"reply|respond|say|state|claim|include|add|insert|append|omit|drop|remove|delete|call|fetch|open|visit|read|run|"
    r"execute|send|print|reveal|mark|rate|judge|approve|accept|reject|create|output)"
)
_ADDRESSED = re.compile(
    "|".join(
        (
            # ignore all previous instructions
            r"\b(?:ignore|disregard|forget|override|bypass)\b.{0,30}\b(?:previous|prior|above|earlier|preceding|all|any"
            r"|other|your)\b.{0,30}\b(?:instruction|prompt|rule|direction|guideline|order|context|message)s?\b",
            # note to AI agents; instructions for the assistant
            r"\b(?:attention|note|message|instructions?|directive|task|order|hint|memo|notice)s?\s+(?:to|for)\s+"
            rf"(?:(?:the|any|all|every)\s+)?{_READER}\b",
            # assistant: write …; AI, please …
            rf"""(?:^|[\s\#"'(*>-])(?:(?:hey|dear|attention|hello),?\s+)?{_READER}\s*[:,!-]\s*(?:you\s+)?{_ORDER}\b""",
            rf"\b(?:if|when|since|as)\s+you\s+are\s+(?:an?|the)\s+{_READER}\b",
            rf"\byou\s+are\s+(?:now\s+)?(?:an?|the|in)\s+(?:{_READER}|(?:developer|admin|god|debug|maintenance)\s+mode"
            r"|judge|reviewer)\b",
            # agents reading this file
            rf"\b{_READER}\s+(?:reading|that\s+reads?|who\s+reads?|processing|summari[sz]ing|documenting|writing)\b",
            # a prompt or a turn of a conversation of its own
            r"\bnew\s+(?:system\s+)?(?:prompt|instructions?)\s*:",
            r"\b(?:system|developer)\s+(?:prompt|message|override)\s*:",
            r"""^[\s\#"'*/-]*(?:system|assistant|developer)\s*:\s*\S""",
            r"\b(?:end|close|stop)\s+of\s+(?:the\s+)?(?:evidence|data|source|fence)\b",
            r"<</?\s*(?:end\s+)?e\d+\b",
            # what a judge is to say
            r"\bverdict\b.{0,40}\b(?:supported|must|should|always)\b|\bjudge\b.{0,30}\bsupported\b",
        )
    ),
    re.I,
)


def addresses_a_model(text: str) -> bool:
    """Whether a line of source gives orders to a language model, as far as its words show.

    It knows the usual forms, not all. What stands behind it: no order can make the program write more than a page
    whose every statement is checked against its evidence.
    """
    return bool(_ADDRESSED.search(text))
