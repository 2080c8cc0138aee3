"""Names of pages: what the insight is about, in the wiki's style (`Quantized_Merge_Rounding`)."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from wikiagent.mine import words
from wikiagent.mine.signals import Signal

_MAX_WORDS = 5
_MAX_LENGTH = 60
_PRONOUNS = frozenset(("this", "it", "that", "which", "there"))


@dataclass(frozen=True)
class Spelling:
    """How the source itself writes a word in prose: `lora` to `LoRA`, `gptq` to `GPTQ`."""

    known: dict[str, str]

    def title(self, word: str) -> str:
        """The source's own capitals where it has some, else a capital first letter."""
        own = self.known.get(word.lower())
        return own or (word if any(c.isupper() for c in word[1:]) else word[:1].upper() + word[1:].lower())

    def join(self, parts: Iterable[str]) -> str:
        """The parts as one name, each once, at most _MAX_WORDS of them."""
        chosen: dict[str, str] = {}
        for word in parts:
            chosen.setdefault(words.stem(word.lower()), self.title(word))
        name = "_".join(list(chosen.values())[:_MAX_WORDS])
        return name if len(name) <= _MAX_LENGTH else name[:_MAX_LENGTH].rpartition("_")[0]


def spelling(signals: Iterable[Signal]) -> Spelling:
    """Learn how the source writes its words, from the prose of its signals."""
    seen: dict[str, Counter[str]] = defaultdict(Counter)
    for signal in signals:
        for word in re.findall(r"(?<![\w`./'\"-])[A-Za-z][A-Za-z0-9]*[A-Z][A-Za-z0-9]*(?![\w`(./'\"])", signal.text):
            seen[word.lower()][word] += 1
    common = {word: forms.most_common(1)[0] for word, forms in seen.items()}
    return Spelling({word: form for word, (form, count) in common.items() if count > 1})


def heuristic_name(leader: Signal, spell: Spelling) -> str:
    """A name from the leader's own words: its subject first, then what is said of it."""
    if leader.kind == "deprecation":
        return f"Warning_Deprecated_{_deprecated(leader, spell)}"
    names = [leader.subject] if leader.subject else words.identifiers(leader.text)[:2]
    subject = [word for name in names for word in split(name)][:3]
    owner = split(_unsuffixed(leader.symbol.split(".")[0]))[:1] if leader.subject else []
    said = [
        word
        for word in re.findall(r"[A-Za-z][A-Za-z0-9]+", re.sub(r"`[^`]*`", " ", leader.text))
        if len(word) > 2 and words.content_words(word)
    ]
    return spell.join((*owner, *subject, *said)) or spell.title(leader.kind)


def _unsuffixed(name: str) -> str:
    return re.sub(r"(?<=\w)(Config|Model|Layer|Tuner|Mixin)$", "", name)


def _deprecated(signal: Signal, spell: Spelling) -> str:
    found = re.search(
        r"`?([A-Za-z_][\w.]*)`?\s+(?:is|are|will|has been|have been|argument|option|parameter|method|class)\b",
        signal.text,
    )
    name = found[1] if found and found[1].lower() not in _PRONOUNS else ""
    name = name or next(iter(words.identifiers(signal.text)), "") or signal.symbol or "Feature"
    return "_".join(spell.title(word) for word in split(name.rpartition(".")[2])[:4])


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
    out = []
    for name, symbol, path in wanted:
        folder, _, file = path.removesuffix(".py").rpartition("/")
        added = [symbol, folder.rpartition("/")[2], f"{folder.rpartition('/')[2]}_{file}"]
        options = [name, *(f"{name}_{'_'.join(spell.title(w) for w in split(extra))}" for extra in added if extra)]
        options += [f"{name}_{number}" for number in range(2, len(wanted) + 2)]
        chosen = next(o for o in options if o.lower() not in taken)
        taken.add(chosen.lower())
        out.append(chosen)
    return out
