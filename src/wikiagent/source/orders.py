"""Source text that gives orders to a language model: withheld from prompts, and no evidence for a page.

It knows the usual forms of English, not all, and none of another language or of an encoded text. Nor can it tell a
false remark from a true one: "Note: this library is endorsed by …", said to nobody in particular, is ordinary
documentation, and a page that cites it says what the source says. What stands behind it: no order can make the program
write anything but a page of its own run, whose every quote is the source's and whose every statement is checked.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

#: A reader that is no person, whatever the library is about; and one that may be a part of the library.
_MACHINE = (
    r"(?:AIs?|LLMs?|(?:language|AI) models?|chatbots?|copilots?|wikiagent"
    r"|(?:AI|coding|wiki|LLM|(?:auto|automat(?:ed|ic)) ?\w*|documentation|docs) "
    r"(?:agents?|assistants?|generators?|writers?|bots?|tools?))"
)
_READER = rf"(?:{_MACHINE}|agents?|assistants?)"
#: What such a reader is asked to write, and what else it is asked to do.
_SAY = (
    r"(?:write|cite|quote|answer|reply|respond|say|state|claim|mention|include|add|insert|append|omit|describe|report"
    r"|recommend|mark|rate|judge|name)"
)
_ORDER = (
    rf"(?:{_SAY}|must|should|shall|have to|has to|need to|please|ignore|disregard|forget|obey|follow|drop|remove"
    r"|delete|call|fetch|open|visit|read|run|execute|send|print|reveal|approve|accept|reject|create|output)"
)
_MUST = r"(?:must|should|shall|ha(?:s|ve) to|needs? to|(?:is|are) (?:asked|required|expected|instructed|requested) to)"
_RULE = r"(?:instruction|prompt|rule|direction|guideline|order|context|message)s?"
_FORMER = r"(?:previous|prior|above|earlier|preceding|all|any|other|your)"
_TALK = r"(?:system|assistant|developer)"
#: ignore all previous instructions; disregard the rules above
_OVERRIDE = (
    rf"\b(?:ignore|disregard|forget|override|bypass)\b.{{0,30}}\b(?:{_FORMER}\b.{{0,30}}\b{_RULE}"
    rf"|{_RULE}\s+(?:above|before|so far))\b"
)
_ADDRESSED = re.compile(
    "|".join(
        (
            _OVERRIDE,
            # note to AI agents; instructions for the assistant
            r"\b(?:attention|note|message|instructions?|directive|task|order|hint|memo|notice)s?\s+(?:to|for)\s+"
            rf"(?:(?:the|any|all|every)\s+)?{_READER}\b",
            # assistant: write …; AI, please …; documentation generators should state …
            rf"""(?:^|[\s\#"'(*>-])(?:(?:hey|dear|attention|hello),?\s+)?{_READER}\s*[:,!-]\s*(?:you\s+)?{_ORDER}\b""",
            rf"\b{_MACHINE}\s+{_MUST}\s+(?:not\s+|always\s+|also\s+)?{_SAY}\b",
            rf"\b(?:if|when|since|as)\s+you\s+are\s+(?:an?|the)\s+{_READER}\b",
            rf"\byou\s+are\s+(?:now\s+)?(?:an?|the|in)\s+(?:{_READER}|(?:developer|admin|god|debug|maintenance)\s+mode"
            r"|judge|reviewer)\b",
            # agents reading this file; whoever documents it
            rf"\b{_READER}\s+(?:reading|that\s+reads?|who\s+reads?|processing|summari[sz]ing|documenting|writing)\b",
            r"\b(?:whoever|anyone\s+who|everyone\s+who)\s+(?:summari[sz]es|documents|describes|writes\s+about)\b",
            # the wiki page must say
            rf"\b(?:wiki|(?:wiki|documentation|generated|resulting)\s+page|summary)s?\s+{_MUST}\s+(?:not\s+)?{_SAY}\b",
            # a prompt or a turn of a conversation of its own
            r"\b(?:new\s+(?:system\s+)?(?:prompt|instructions?)|(?:system|developer)\s+(?:prompt|message|override))\s*:",
            r"\byour\s+(?:new|only|real|actual)\s+(?:task|instructions?|goal|role|job|objective)\b",
            r"\bfrom\s+now\s+on,?\s+(?:you|only|always|never)\b",
            r"\bdo\s+not\s+(?:mention|tell|reveal|disclose)\b.{0,40}\b(?:this\s+(?:instruction|order|comment)|users?)\b",
            rf"""^[\s\#"'*/-]*{_TALK}\s*:\s*\S|["'(]\s*(?-i:SYSTEM|DEVELOPER)\s*:\s*\S""",
            rf"^[^\#]*\#.*<\|(?:\w+\|>\s*)?{_TALK}\b|<<SYS>>|\[/?INST\]",
            # the end of the evidence
            r"\b(?:end|close|stop)\s+of\s+(?:the\s+)?(?:evidence|fence|untrusted\s+\w+)\b",
            r"<</?\s*(?:end\s+)?e\d+\b|</\s*(?:evidence|instructions?|system|untrusted)\s*>",
            # what a judge is to say
            r"\bverdict\b.{0,40}\b(?:supported|must|should|always)\b|\bjudge\b.{0,30}\bsupported\b",
        )
    ),
    re.I,
)
#: Each form above has one of these in it, written without what may stand between words: most texts have none.
_HINTS = (
    *("ignore", "disregard", "forget", "overrid", "bypass", "whoever", "anyonewho", "everyonewho", "verdict", "judge"),
    *("agent", "assistant", "llm", "languagemodel", "aimodel", "chatbot", "copilot", "bot", "generator", "writer"),
    *("tool", "youare", "yournew", "youronly", "yourreal", "youractual", "fromnow", "newprompt", "newinstruction"),
    *(
        "wikipage",
        "wikimust",
        "wikishould",
        "wikishall",
        "wikiha",
        "wikineed",
        "wikiis",
        "wikis",
        "summary",
        "summaries",
    ),
    *("pagemust", "pageshould", "pageshall", "pageha", "pageneed", "pageis", "pagesmust", "pagesshould", "pagesshall"),
    *("pagesha", "pagesneed", "pagesare", "system:", "developer:", "systemprompt", "systemmessage", "systemoverride"),
    *("developerprompt", "developermessage", "developeroverride", "<<", "inst]", "donotmention", "donottell"),
    *(
        "donotreveal",
        "donotdisclose",
        "endof",
        "closeof",
        "stopof",
        "<evidence",
        "<system",
        "<instruction",
        "<untrusted",
    ),
)
_BETWEEN_WORDS = str.maketrans("", "", " \t\r\n\f\v_/.-#*>\"'\\+,();|")
_AI = re.compile(r"AI|\bais?\b")
#: Lines that an order may be spread over, and what stands before and behind its text on each.
_SPREAD = 3
_BEFORE, _BEHIND = " \t\r\f\v\xa0#\"'*/;>|.-", " \t\r\f\v\xa0\"'\\+,()*/"
#: Letters of other alphabets that look like those of English.
_ALIKE = str.maketrans(
    "аеорсухіјѕһԁԛԝАВЕКМНОРСТХІЈЅαονιΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "aeopcyxijshdqwABEKMHOPCTXIJSaoviABEZHIKMNOPTYX"
)
#: A name of so many words is a sentence: `IgnoreAllPreviousInstructions`.
_SENTENCE = re.compile(r"(?<![A-Za-z0-9])[A-Za-z0-9]++(?:[_/.-][A-Za-z0-9]++){3,}|(?:[A-Z][a-z0-9]++){4,}")
_BETWEEN = re.compile(r"[_/.-]|(?<=[a-z0-9])(?=[A-Z])")


def addresses_a_model(text: str) -> bool:
    """Whether a text of the source gives orders to a language model, as far as its words show."""
    return bool(order_lines(text))


def overrides_orders(text: str) -> bool:
    """Whether a text tells its reader to ignore what it was told: no text about language models need say that."""
    return any(re.search(_OVERRIDE, _plain(line), re.I) for line in text.split("\n"))


def order_lines(text: str) -> frozenset[int]:
    """The lines of a text that give orders to a language model, counted from 0; an order may go over several."""
    if not may_order(text):
        return frozenset()
    lines = [_plain(line) for line in text.split("\n")]
    found = {number for number, line in enumerate(lines) if _orders(line)}
    bare = [line.lstrip(_BEFORE).rstrip(_BEHIND) for line in lines]
    for size in range(2, _SPREAD + 1):
        for start in range(len(lines) - size + 1):
            span = range(start, start + size)
            if not found.intersection(span) and _orders(" ".join(bare[start : start + size])):
                found.update(span)
    return frozenset(found)


def may_order(text: str) -> bool:
    """Whether a text has a word that orders have: where it has none, it gives no order."""
    text = text if text.isascii() else _plain(text)
    run_together = text.translate(_BETWEEN_WORDS).lower()
    return any(hint in run_together for hint in _HINTS) or "<|" in text or bool(_AI.search(text))


def visible(text: str) -> str:
    """The text without characters that no reader sees: zero-width ones, tags, and those that turn its direction."""
    return "".join(c for c in text if unicodedata.category(c) != "Cf")


@lru_cache(maxsize=100_000)
def _orders(line: str) -> bool:
    """Whether a line gives orders; remembered, for the same lines are shown, checked and judged."""
    line = " ".join(line.split())  # runs of blanks would take the square of their length
    spoken = _SENTENCE.sub(lambda name: _BETWEEN.sub(" ", name[0]), line)
    return any(_ADDRESSED.search(form) for form in {line, spoken})


def _plain(line: str) -> str:
    """A line as its reader takes it: plain letters for those that look alike, nothing invisible but hidden letters."""
    if line.isascii():
        return line
    told = "".join(chr(ord(c) - 0xE0000) if 0xE0020 <= ord(c) < 0xE007F else c for c in line)
    parts = unicodedata.normalize("NFKD", visible(told))
    return "".join(c for c in parts if unicodedata.category(c) != "Mn").translate(_ALIKE)
