"""Names of pages: what the insight is about, in the wiki's style (`Quantized_Merge_Rounding`)."""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, count

from wikiagent.mine import words
from wikiagent.mine.signal import Signal

_MAX_WORDS = 5
_MIN_KEY_WORDS, _MAX_KEY_WORDS = 2, 4
_MAX_LENGTH = 60
_MAX_ACRONYM = 5
#: Words of prose that name nothing.
_NO_NAME = frozenset(
    """
    again already although another anyway because become being both cannot case cases certain come currently different
    doesn don either else encountered ensure error errors etc even every exactly exist fine found general generally get
    give given going happen hence however instead issue issues keep know known later latest let like likely long look
    make makes many means might much nice nothing now number often order otherwise part pass place possible potential
    present proceed provide quite rather reason result right run same second seem seems several simply since something
    specific specify still sure take tell thing think thus trying try type types unexpected useful various version want
    wants warning way well went while within without won work works wrong yet
    """.split()
)


@dataclass(frozen=True)
class Spelling:
    """How the source writes its words in prose, and in how many of its signals each stands.

    Attributes:
        known: word in lower case to its usual capitals: `lora` to `LoRA`, `gptq` to `GPTQ`.
        frequency: stem to the number of signals that hold it.
        concepts: stems that the source's own definitions are named with.
    """

    known: dict[str, str]
    frequency: Counter[str]
    concepts: frozenset[str]

    def title(self, word: str) -> str:
        """The source's own capitals where it has some, else a capital first letter."""
        own = self.known.get(word.lower())
        if own or (any(c.isupper() for c in word[1:]) and not word.isupper()) or len(word) < 2:
            return own or word
        return word if word.isupper() and len(word) <= _MAX_ACRONYM else word[:1].upper() + word[1:].lower()

    def join(self, parts: Iterable[str]) -> str:
        """The parts as one name, each once, at most _MAX_WORDS of them."""
        chosen: dict[str, str] = {}
        for word in parts:
            chosen.setdefault(words.stem(word.lower()), self.title(word))
        name = plain_name("_".join(list(chosen.values())[:_MAX_WORDS]))
        return name if len(name) <= _MAX_LENGTH else name[:_MAX_LENGTH].rpartition("_")[0]


def spelling(signals: Sequence[Signal]) -> Spelling:
    """Learn how the source writes its words, from the prose of its signals."""
    seen: dict[str, Counter[str]] = defaultdict(Counter)
    for signal in signals:
        for word in re.findall(
            r"(?<![\w`./'\"-])[A-Za-z][A-Za-z0-9]*[A-Z][A-Za-z0-9]*(?![\w`(/'\"]|\.\w)", signal.text
        ):
            if words.content_words(word.lower()):
                seen[word.lower()][word] += 1
    common = {word: forms.most_common(1)[0] for word, forms in seen.items()}
    frequency = Counter(stem for signal in signals for stem in set(words.content_words(signal.text)))
    named = (word for signal in signals for word in words.split_identifier(f"{signal.symbol} {signal.subject}"))
    concepts = frozenset(words.stem(word) for word in named)
    return Spelling({word: form for word, (form, count) in common.items() if count > 1}, frequency, concepts)


def heuristic_name(leader: Signal, spell: Spelling, holder: str = "") -> str:
    """What an insight is about: the parameter and its owner, or the leader's most telling words in their order.

    Args:
        leader: the signal that says it best.
        spell: how the source writes its words.
        holder: the one class or function that the insight stands in, empty where it stands in several.
    """
    if leader.kind == "deprecation":
        return f"Warning_Deprecated_{_deprecated(leader, spell)}"
    if leader.subject:
        return spell.join((*split(_unsuffixed(leader.symbol.split(".")[0])), *split(leader.subject)))
    ending = ["Limitation"] if leader.kind == "error" and words.LIMIT.search(leader.text) else []
    owner = split(_unsuffixed(holder))
    phrases = _key_phrases(leader.text, spell)
    if holder and len(owner) < _MAX_WORDS - 1 and not {p.lower() for p in owner} & {p.lower() for p in phrases}:
        return spell.join((*owner, *phrases[: _MAX_WORDS - len(owner) - len(ending)], *ending))
    stems = {words.stem(word.lower()) for word in phrases}
    if len(stems) < _MIN_KEY_WORDS:  # too little by itself: after the name of what it stands in
        named = [part for part in leader.symbol.split(".") if not part.startswith("__")]
        phrases = [*split(named[-1]), *phrases] if named else phrases
    return spell.join((*phrases, *ending)) or spell.title(leader.kind)


def _key_phrases(text: str, spell: Spelling) -> list[str]:
    """The words of the one or two most telling phrases of a text, in their order (after Rose et al., RAKE, 2010)."""
    text = re.sub(r"\b(\d+)-bits?\b", r"\1bit", words.URL.sub(" ", text))
    position = 0
    windows: list[tuple[float, int, list[str]]] = []
    for run in _runs(text, spell):
        weights = [_telling(word, position + i, spell) for i, word in enumerate(run)]
        for first in range(len(run)):
            for last in range(first + 1, min(len(run), first + _MAX_KEY_WORDS) + 1):
                if weights[first] and weights[last - 1]:
                    value = sum(weights[first:last]) / (last - first) ** 0.4
                    windows.append((value, position + first, run[first:last]))
        position += len(run) + 1
    chosen: list[tuple[int, list[str]]] = []
    room = _MAX_KEY_WORDS
    ranked = sorted(windows, key=lambda window: (-window[0], window[1]))
    for value, start, phrase in ranked:
        apart = all(start + len(phrase) <= s or s + len(p) <= start for s, p in chosen)
        telling = value >= 0.3 * ranked[0][0] or room == _MAX_KEY_WORDS - 1
        if len(phrase) <= room and apart and telling:
            chosen.append((start, phrase))
            room -= len(phrase)
    return [word for _, phrase in sorted(chosen) for word in phrase]


def _runs(text: str, spell: Spelling) -> list[list[str]]:
    """The words of a text in runs that no stop word and no punctuation breaks."""
    runs: list[list[str]] = [[]]
    for token in re.findall(r"[A-Za-z0-9]\w*|[^\w\s]", text):
        parts = [token] if token.lower() in spell.known else split_words(token)
        for word in parts or [token]:
            if word[:1].isalnum() and not _is_empty(word, spell):
                runs[-1].append(word)
            elif runs[-1] and word not in "`'\"-":
                runs.append([])
    return [run for run in runs if run]


def _telling(word: str, position: int, spell: Spelling) -> float:
    """How well a word says what a text is about: a concept of the source or a topic, early, not everywhere."""
    stems = [words.stem(word.lower())] if word.lower() in spell.known else words.content_words(word)
    topic = bool(words.TOPIC.fullmatch(word) or words.CONSEQUENCE.fullmatch(word))
    if len(word) < 3 or ((word.endswith(("ed", "ly")) or word[0].isdigit()) and not topic):
        return 0.0
    rarity = math.log((1 + len(spell.frequency)) / (1 + spell.frequency[stems[0]]))
    concept = 1.5 if stems[0] in spell.concepts else 0.6
    return (rarity + 2.0 * topic) * concept / (1 + 0.04 * position)


def _is_empty(word: str, spell: Spelling) -> bool:
    """Whether a word says nothing of what a text is about."""
    if not (word.lower() in spell.known or words.content_words(word)):
        return True
    return bool(word.lower() in _NO_NAME or words.LIMIT.fullmatch(word) or words.ADVICE.fullmatch(word))


def _unsuffixed(name: str) -> str:
    return re.sub(r"(?<=\w)(Config|Model|Layer|Tuner|Mixin)$", "", name)


def _deprecated(signal: Signal, spell: Spelling) -> str:
    """What goes away: the grammatical subject where it is a name, else a name that is not the advised successor."""
    text, symbol = signal.text, signal.symbol
    found = re.search(
        r"([`'\"]?)([A-Za-z_][\w.]*)\1\s+(?:is|are|will|has been|have been|argument|option|parameter|method|class)\b",
        text,
    )
    name = found[2] if found and (found[1] or _is_code(found[2]) or found[2].lower() in symbol.lower()) else ""
    advised = set(re.findall(r"\b(?:use|to|with|by) [`'\"]?(\w+)", text))
    others = (n for n in words.identifiers(text) if n not in advised and "eprecat" not in n)
    name = name or next(others, "") or symbol.removesuffix(".__init__") or "Feature"
    return plain_name("_".join(spell.title(word) for word in split(name.rpartition(".")[2])[:4])) or "Feature"


def _is_code(word: str) -> bool:
    return "_" in word.strip("_") or any(c.isupper() for c in word[1:])


def split_words(name: str) -> list[str]:
    """The words of an identifier as written, at underscores and at capitals."""
    spaced = re.sub(r"([a-z0-9])([A-Z])|([A-Z]+)([A-Z][a-z])", r"\1\3 \2\4", name)
    return [word for word in re.split(r"[_\W]+", spaced) if word]


def plain_name(text: str) -> str:
    """A text in the letters that page names are made of: accents are dropped, what is left over becomes `_`."""
    folded = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9_.-]+", "_", folded).strip("_.-")


def split(name: str) -> list[str]:
    """The parts of an identifier as written, at underscores and dots."""
    return [part for part in re.split(r"[_\W]+", name) if part]


def unique_names(wanted: Sequence[tuple[str, str, str]], spell: Spelling) -> list[str]:
    """Make names unique, the first keeping its own: others take the words of their symbol, then of their file.

    Args:
        wanted: name, symbol and path of each, in order of rank.
        spell: how to write the words that are added.
    """
    taken: set[str] = set()
    numbers: dict[str, Iterator[str]] = {}
    out = []
    for name, symbol, path in wanted:
        folder, _, file = path.removesuffix(".py").rpartition("/")
        added = [symbol, folder.rpartition("/")[2], f"{folder.rpartition('/')[2]}_{file}"]
        longer = (f"{name}_{'_'.join(spell.title(word) for word in split(extra))}" for extra in added if extra)
        numbered = numbers.setdefault(name, map(f"{name}_{{}}".format, count(2)))
        chosen = next(o for o in chain([name], map(plain_name, longer), numbered) if o.lower() not in taken)
        taken.add(chosen.lower())
        out.append(chosen)
    return out
