"""What a candidate's evidence says: exhibits, and their sentences with references. Nothing here adds a word."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import PurePosixPath

from wikiagent.check.source import Source
from wikiagent.code.symbols import Symbols
from wikiagent.code.vocabulary import Vocabulary
from wikiagent.mine import docstrings, silent, words
from wikiagent.mine.candidates import Candidate
from wikiagent.mine.messages import tidy
from wikiagent.mine.signal import MAX_LINES, Condition, Signal
from wikiagent.source.evidence import Place, cut, dedent
from wikiagent.source.secret import masked
from wikiagent.source.snapshot import Snapshot
from wikiagent.wiki.page import Exhibit, KnowledgeSource, Metadata, Statement

_LANGUAGES = {".py": "python", ".toml": "toml", ".cfg": "ini", ".md": "markdown", ".yaml": "yaml", ".yml": "yaml"}
_POINTER = re.compile(
    r"^(see|for (more|further|details)|more (info|details)|please (see|refer|check)|refer to|https?:|e\.g\.|example)",
    re.I,
)
_CONTINUES = re.compile(
    r"(so|therefore|thus|hence|however|otherwise|instead|then|but|also|in (this|that|such) case|for this( reason)?"
    r"|as an alternative|alternatively)\b",
    re.I,
)
#: Begins with a word that stands for something said before.
POINTS_BACK = re.compile(r"(it|its|this|that|these|those|they|there|here|such|both|we)\b", re.I)
#: Characters of a condition that still fits into a sentence.
MAX_CONDITION = 120
#: What a message adds about the value that it met, which no reader of a page has met.
_GOT = re.compile(
    r"""(?: ^(?:however|got|received|current(?:ly,)?\ [\w ]{1,30}[=:])(?!\w)
        | \s*[,;(]\s*(?:(?:but|and|instead)\s+)?(?:got|received|found)\b | ,?\s+but\b )
    (?: (?!\b(?:should|must|please|use|set|make)\b) (?:`[^`]*`|[^.;`]) )*? `\{[^`]*\}`['"]?(?:\ (?:instead|\w+))?
    [.!)]*\s*$""",
    re.I | re.X,
)
#: Ends where a sentence cannot end.
_UNFINISHED = re.compile(r"\b(or|and|the|an|of|to|with|in|for|by|than|if|that|which|from|is|are)[.:]?$", re.I)
#: Was torn out of a list: has a mark in its middle, or ends with the mark of the next entry. `a * b` and `@ b` do not.
_TORN = re.compile(r"(?:[:;,.]|\b(?:and|or))\s\*\s|\s•\s|:\s*-\s|(?<![-+*/@=,])(?<!\band)(?<!\bor)\s\(?[a-h][.)]$")
#: Words that turn the meaning of a sentence.
_TURNS = frozenset("not no never only cannot without unless except t in out from to more less before after".split())
#: Longest sentence, in words, that still reads as one.
MAX_WORDS = 60
#: Fewest words of a sentence.
MIN_WORDS = 3


@dataclass(frozen=True)
class Context:
    """What all pages of one run share.

    Attributes:
        repo: prefix of the page names.
        link: form of a permanent link with `{version}`, `{path}`, `{first}`, `{last}`; None for plain places.
        updated: date of the run as pages show it.
    """

    snapshot: Snapshot
    symbols: Symbols
    repo: str
    link: str | None
    updated: str

    @cached_property
    def checked(self) -> Source:
        """The snapshot as the rules ask about it."""
        return Source(self.snapshot)

    @property
    def vocabulary(self) -> Vocabulary:
        """The words of the snapshot."""
        return self.checked.vocabulary


@dataclass(frozen=True)
class Sentence:
    """A sentence of the source and the exhibits that hold it."""

    text: str
    refs: tuple[str, ...]
    signal: Signal

    def statement(self) -> Statement:
        """The sentence as a statement of a page."""
        return Statement(text=self.text, refs=self.refs)


def exhibits(candidate: Candidate, context: Context) -> tuple[Exhibit, ...]:
    """One exhibit a signal, `e1` first, the lines cut out of the snapshot."""
    return tuple(
        exhibit(f"e{number}", signal.place, caption(signal), context)
        for number, signal in enumerate(candidate.signals, 1)
    )


def exhibit(exhibit_id: str, place: Place, said: str, context: Context) -> Exhibit:
    """A place as a page quotes it: its lines cut out of the snapshot, what looks like a secret masked.

    Raises:
        EvidenceError: the snapshot does not have these lines.
    """
    link = context.link if len(place) > 1 or not context.link else re.sub(r"-L?\{last\}", "", context.link)
    values = {"version": context.snapshot.revision, "path": place.path, "first": place.first, "last": place.last}
    return Exhibit(
        id=exhibit_id,
        caption=said,
        path=place.path,
        first=place.first,
        last=place.last,
        code=masked(dedent(cut(context.snapshot, place).text)),
        language=_LANGUAGES.get(PurePosixPath(place.path).suffix, "text"),
        url=link.format(**values) if link else None,
    )


def documented(signal: Signal, context: Context, shown: Iterable[Signal]) -> tuple[Signal, ...]:
    """What the documentation says of the parameter that a signal is about, and first of the code that it stands in.

    Args:
        signal: what to look up.
        context: the source.
        shown: what a page shows already; nothing on the same lines is given again.
    """
    symbol = context.symbols.at(signal.place.path, signal.place.last)
    lines = context.snapshot.lines(signal.place.path)
    entries: list[Signal] = []
    openings: list[Signal] = []
    for holder in context.symbols.chain(symbol) if symbol is not None else ():
        first, last = (holder.docstring.first, holder.docstring.last) if holder.docstring is not None else (1, 0)
        for number, part in enumerate(docstrings.parts(list(lines[first - 1 : last]))):
            place = Place(
                signal.place.path, first + part.first, min(first + part.last, first + part.first + MAX_LINES - 1)
            )
            if signal.subject and part.parameter == signal.subject:
                entries.append(Signal("docstring", place, holder.name, tidy(part.text), part.parameter))
            elif number == 0 and not part.parameter and not part.section and len(part.text.split()) >= MIN_WORDS:
                openings.append(Signal("summary", place, holder.name, tidy(part.text)))
    taken = [other.place for other in shown]
    return tuple(s for s in (*entries[:1], *openings[:2]) if not any(s.place.overlaps(place) for place in taken))


def caption(signal: Signal) -> str:
    """What an exhibit shows, in a fixed phrase."""
    kinds = {
        "warning": "Warning",
        "error": f"{raised(signal)} raised" if signal.raises else "An error raised",
        "comment": "Comment",
        "docstring": f"Documentation of `{signal.subject}`" if signal.subject else "Documentation",
        "summary": "Documentation",
        "help": f"Help text of `{signal.subject}`",
        "deprecation": "Deprecation",
        "availability": f"Check for `{signal.subject}`",
        "version": f"Version check of `{signal.subject}`",
        "env_var": f"Where `{signal.subject}` is used",
        "device": f"Check for the `{signal.subject}` device",
        "platform": "Check of the platform" if signal.subject == "platform" else "Check of the version of Python",
        "default": f"Default of `{signal.subject}`",
        "override": f"Change of `{signal.subject}`",
        "fallback": "Exception passed over",
        "numeric": "Computation",
        "unused": f"Signature with `{signal.subject}`",
        "unsaved": f"Where `{signal.subject}` is not saved",
        "extra": f"The extra `{signal.subject}`",
        "requirement": "Python requirement" if signal.subject == "python" else f"Requirement of `{signal.subject}`",
    }
    kind = kinds.get(signal.kind, signal.kind.capitalize())
    where = f"in `{signal.symbol}`" if signal.symbol else "at module level"
    return kind if signal.kind in ("requirement", "extra") else f"{kind} {where}"


def listed(names: Iterable[str], joined: str = "and") -> str:
    """Names of code in a row: `a`, `b` and `c`."""
    quoted = [f"`{name}`" for name in names]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} {joined} {quoted[-1]}"


def raised(signal: Signal) -> str:
    """The exception that an error raises, where the source names it."""
    return f"`{signal.raises}`" if signal.raises.isidentifier() else "an error"


def refs_of(signal: Signal, shown: Sequence[Exhibit]) -> tuple[str, ...]:
    """The ids of the exhibits that show all lines of a signal."""
    place = signal.place
    return tuple(e.id for e in shown if e.path == place.path and e.first <= place.first and place.last <= e.last)


def conditions_of(signal: Signal, shown: Sequence[Exhibit]) -> tuple[Condition, ...]:
    """The conditions of a signal where all fit into a sentence and its exhibit shows them, else nothing."""
    told = " ".join(condition.text for condition in signal.conditions)
    if not told or "`" in told or len(told) > MAX_CONDITION:
        return ()
    refs = refs_of(signal, shown)
    seen = [" ".join(exhibit.code.split()) for exhibit in shown if exhibit.id in refs]
    whole = any(all(condition.text in text for condition in signal.conditions) for text in seen)
    return signal.conditions if whole else ()


def where(conditions: Sequence[Condition]) -> str:
    """Conditions as part of a sentence: `` `a` and `b`, and `c` does not hold ``."""
    plain = [_positive(condition) for condition in conditions]
    holds = " and ".join(f"`{c.text}`" for c in plain if c.holds)
    fails = " and ".join(f"`{c.text}`" for c in plain if not c.holds)
    many = sum(not c.holds for c in plain) > 1
    return ", and ".join(filter(None, (holds, fails and f"{fails} {'do' if many else 'does'} not hold")))


def state(condition: Condition, opposite: bool = False) -> str:
    """That one condition is met, or the opposite, in as few negations as it takes."""
    plain = _positive(replace(condition, holds=condition.holds != opposite))
    return f"`{plain.text}` {'holds' if plain.holds else 'does not hold'}"


def _positive(condition: Condition) -> Condition:
    """A condition that is to fail, without a `not` before it where it has one."""
    if condition.holds or not condition.text.startswith("not ") or re.search(r" (and|or) ", condition.text):
        return condition
    return Condition(condition.text.removeprefix("not "))


def sentences(signals: Iterable[Signal], shown: Sequence[Exhibit]) -> list[Sentence]:
    """The sentences of the signals in order, each thing said once, with the exhibits that say it in the same words."""
    pool = _Pool(shown)
    for signal in signals:
        refs = refs_of(signal, shown)
        for group in _joined([clean(raw) for raw in words.sentences(signal.text)]) if refs else ():
            pool.add(group, signal, refs)
    return pool.sentences


class _Pool:
    """Sentences being gathered, and where each one is said."""

    def __init__(self, shown: Sequence[Exhibit]) -> None:
        self.shown = shown
        self.sentences: list[Sentence] = []
        self._said: dict[str, int] = {}

    def add(self, group: Sequence[str], signal: Signal, refs: tuple[str, ...]) -> None:
        """Add what is new in sentences that belong together; what is said already gains an exhibit."""
        known = [self._index(text) for text in group]
        new = [text for text, index in zip(group, known, strict=True) if index is None]
        if new and new[0] == group[0] and _CONTINUES.match(new[0]) and len(self.sentences) > 0:
            return  # what it continues was left out
        if not new:
            for index in {self._said[text] for text in group if text in self._said}:
                sentence = self.sentences[index]
                if shows(_quoted(sentence.text, signal), refs, self.shown):
                    every = tuple(dict.fromkeys((*sentence.refs, *refs)))
                    self.sentences[index] = replace(sentence, refs=every[:3])
            return
        text = " ".join(new)
        before = self._said.get(group[group.index(new[0]) - 1]) if group[0] != new[0] else None
        room = MAX_WORDS if before is None else MAX_WORDS - len(self.sentences[before].text.split())
        if (
            not MIN_WORDS <= len(text.split()) <= room
            or _is_pointer(text)
            or not shows(_quoted(text, signal), refs, self.shown)
        ):
            return
        if before is not None and POINTS_BACK.match(text):
            longer = f"{self.sentences[before].text} {text}"
            if not shows(_quoted(longer, signal), refs, self.shown):
                return
            self.sentences[before] = replace(self.sentences[before], text=longer, refs=refs[:1])
        else:
            before = len(self.sentences)
            self.sentences.append(Sentence(text, refs[:1], signal))
        self._said.update((text, before) for text in new)

    def _index(self, text: str) -> int | None:
        """Where a sentence is said already, in the same words or nearly so."""
        if text in self._said:
            return self._said[text]
        return next((index for other, index in self._said.items() if much_alike(text, other)), None)


def _joined(told: Sequence[str]) -> list[list[str]]:
    """The sentences in groups: those that continue the one before (`So …`, `However, …`) stay with it."""
    out: list[list[str]] = []
    for text in told:
        continues = out and (_CONTINUES.match(text) or POINTS_BACK.match(text))
        if continues and len(" ".join((*out[-1], text)).split()) <= MAX_WORDS:
            out[-1].append(text)
        elif text:
            out.append([text])
    return out


def shows(text: str, refs: Sequence[str], shown: Sequence[Exhibit]) -> bool:
    """Whether the exhibits hold every word of a sentence: a long message may go on beyond the lines that are shown."""
    code = "".join(exhibit.code for exhibit in shown if exhibit.id in refs)
    held = re.sub(r"\W+", "", re.sub(r"\\[nrt]", "", code)).lower()
    return all(word.lower() in held for word in re.findall(r"[^\W_]+", text))


def _quoted(text: str, signal: Signal) -> str:
    """The words of a sentence that are the source's: of a silent signal only the code."""
    return " ".join(re.findall(r"`([^`]*)`", text)) if signal.kind in silent.KINDS else text


def much_alike(one: str, other: str) -> bool:
    """Whether two sentences differ in a name or two only, as the same warning for several classes does."""
    telling = [frozenset(words.content_words(text)) for text in (one, other)]
    every = [set(re.findall(r"\w+", text.lower())) for text in (one, other)]
    if (every[0] ^ every[1]) & _TURNS:
        return False
    return len(telling[0] & telling[1]) >= 0.75 * max(map(len, telling)) and len(telling[0]) > 3


def clean(text: str) -> str:
    """The sentence without list marks, without `Note:` before it and pointers after it, with a capital and a stop."""
    text = re.sub(
        r"^(?:please )?(?:note|warning|important|caution|tip|todo)\b(?:\s+that\b|\s*[:!-]+)\s*", "", text, flags=re.I
    )
    text = re.sub(r"^(?:[-*]|\d+[.)])\s+", "", text)
    text = re.sub(r"\s*\(?\bsee:? https?://\S+\)?\.?", "", text, flags=re.I)
    text = _GOT.sub("", text).strip(" :;,")
    if not text or _UNFINISHED.search(text) or _TORN.search(text):
        return ""
    first = text.split()[0]
    plain = text[0].isalpha() and not any(c.isupper() or c == "_" for c in first) and "." not in first.rstrip(".")
    text = text[0].upper() + text[1:] if plain else text
    return text if text[-1] in ".!?" else f"{text}."


def _is_pointer(text: str) -> bool:
    """Whether a sentence only sends the reader elsewhere."""
    return bool(_POINTER.match(text))


def metadata(candidate: Candidate, context: Context) -> Metadata:
    """The table at the top of the page."""
    snapshot = context.snapshot
    title = "/".join(snapshot.url.rstrip("/").split("/")[-2:]) if snapshot.url else snapshot.name
    sources = (KnowledgeSource(title=title, url=snapshot.url),) if snapshot.url else ()
    return Metadata(
        sources=sources, domains=topics(candidate, context), revision=snapshot.source, updated=context.updated
    )


def topics(candidate: Candidate, context: Context) -> tuple[str, ...]:
    """The domain of a page: its category, and the part of the source that leads it."""
    folder = PurePosixPath(candidate.signals[0].place.path).parent.name
    area = "" if folder in ("", "src", context.snapshot.name.replace("-", "_")) else folder[:1].upper() + folder[1:]
    return tuple(dict.fromkeys(topic for topic in (candidate.category, area) if topic))
