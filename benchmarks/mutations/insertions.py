"""Statements about parameters, defaults and messages: each is put in truly, as a control, and then falsely.

Where a page has such statements already, these are changed too.
"""

from __future__ import annotations

import re
from random import Random

from benchmarks.mutations.corruption import Change, Class, Scene, change, kind
from benchmarks.mutations.facts import Callable, Message
from benchmarks.mutations.text import Page, placed, replaced, unindented

_CLAIM = Class.CLAIM
_OF = re.compile(r"<code>(?P<name>\w+)</code> of <code>(?P<owner>[A-Za-z]\w*)</code>")
_DEFAULT = re.compile(r"<code>(?P<name>\w+)</code> defaults to <code>(?P<value>[^<]+)</code>")
_ERRORS = re.compile(r"^\| (?P<message>[A-Z][^|\n]*?) \|\| [^\n]*\n", re.M)
_LIBRARIES = (
    "CUDA out of memory. Tried to allocate more than is free on this device.",
    "Torch not compiled with CUDA enabled",
    "operands could not be broadcast together with remapped shapes",
    "Input contains NaN, infinity or a value too large for this estimator",
    "Expected all tensors to be on the same device, but found at least two devices",
    "Can't load tokenizer for this model, make sure you don't have a local directory with the same name",
    "The truth value of a Series is ambiguous, use any or all of its methods",
    "Found array with dim three, but the estimator expected no more than two",
    "maximum recursion depth exceeded while calling a Python object",
    "The model weights are not tied, please use the tie weights method beforehand",
)
_WORDS = ("always", "device", "before", "without", "module", "tokenizer", "single", "training", "larger", "layer")


def _inserted(
    page: Page, scene: Scene, cited: tuple[str, int, int], caption: str, sentence: str
) -> tuple[str, int, int]:
    """A page with a sentence and an exhibit that shows what it is about; the new text, and the span of the sentence."""
    path, first, last = cited
    ref = f'<ref name="e{len(page.entries) + 1}"'
    place = placed(path, first, last)
    quote = "\n".join(unindented(scene.facts.lines[path][first - 1 : last]))
    block = (
        f"{caption}, from <code>{place}</code>:\n"
        f'<syntaxhighlight lang="python" line start="{first}">\n{quote}\n</syntaxhighlight>\n\n'
    )
    title = "The Insight (Rule of Thumb)" if page.file.startswith("heuristics/") else "Description"
    section = next(section for section in page.sections if section.title == title)
    at = section.start + len(page.text[section.start : section.end].rstrip())
    lead = "\n* '''Value:''' " if page.file.startswith("heuristics/") else " "
    added = f"{lead}{sentence}{ref} />"
    listed = page.entries[-1].end()
    text = replaced(
        page.text,
        (at, at, added),
        (page.text.index("<references>"), page.text.index("<references>"), block),
        (listed, listed, f"{ref}>{place}</ref>\n"),
    )
    return text, at + len(lead), at + len(added)


def _stated(
    page: Page, scene: Scene, cited: tuple[str, int, int], caption: str, true: str, false: str, *codes: str
) -> Change:
    """A false sentence, with the true one as its control."""
    text, start, end = _inserted(page, scene, cited, caption, false)
    return change(text, start, end, *codes, control=_inserted(page, scene, cited, caption, true)[0])


def _parameter(scene: Scene, random: Random, closed: bool) -> tuple[Callable, str, str] | None:
    """A callable, a parameter that it lists with a plain default, and one of another callable that it does not have."""
    known = [c for c in scene.facts.callables.values() if c.known and c.places and (c.closed or not closed)]
    chosen = random.choice(known)
    given = [name for name in chosen.places if chosen.defaults[name]]
    if not given or chosen.name.startswith("_"):
        return None
    name = random.choice(given)
    other = _foreign(chosen, scene, random)
    return (chosen, name, other) if other else None


def _foreign(chosen: Callable, scene: Scene, random: Random) -> str:
    """A parameter of another callable that this one does not have."""
    other = random.choice([c for c in scene.facts.callables.values() if c.defaults])
    name = random.choice(sorted(other.defaults))
    return "" if name in chosen.defaults or name in chosen.attributes or name.startswith("_") else name


def _about(chosen: Callable, name: str) -> tuple[tuple[str, int, int], str]:
    caption = f"Definition of <code>{name}</code> in <code>{chosen.name}</code>"
    return (chosen.path, *chosen.places[name]), caption


@kind("a parameter that a call does not take", _CLAIM)
def parameter_of_call(page: Page, scene: Scene, random: Random) -> Change | None:
    found = _parameter(scene, random, closed=False)
    if not found:
        return None
    chosen, name, other = found
    told = "It is written <code>{}({}={})</code>."
    true, false = (told.format(chosen.name, given, chosen.defaults[name]) for given in (name, other))
    return _stated(page, scene, *_about(chosen, name), true, false, "CLM006")


@kind("a parameter that its owner does not have", _CLAIM)
def parameter_of_owner(page: Page, scene: Scene, random: Random) -> Change | None:
    found = _parameter(scene, random, closed=False)
    if not found:
        return None
    chosen, name, other = found
    told = "It is set by the <code>{}</code> parameter of <code>{}</code>."
    true, false = (told.format(given, chosen.name) for given in (name, other))
    return _stated(page, scene, *_about(chosen, name), true, false, "CLM006")


@kind("an attribute that its class does not have", _CLAIM)
def attribute(page: Page, scene: Scene, random: Random) -> Change | None:
    found = _parameter(scene, random, closed=True)
    if not found or not found[0].name[0].isupper():
        return None
    chosen, name, other = found
    told = "It is kept in <code>{}.{}</code>."
    true, false = (told.format(chosen.name, given) for given in (name, other))
    return _stated(page, scene, *_about(chosen, name), true, false, "CLM006")


@kind("a parameter of the page that its owner does not have", _CLAIM)
def parameter_of_page(page: Page, scene: Scene, random: Random) -> Change | None:
    """In what the page says already: `rho` of `EvaConfig`."""
    evidence = page.text.find("== Code Evidence ==")
    known = [found for found in _OF.finditer(page.text, 0, evidence) if found["owner"] in scene.facts.callables]
    if not known:
        return None
    found = random.choice(known)
    owner = scene.facts.callables[found["owner"]]
    other = _foreign(owner, scene, random)
    if not other or not owner.known or not owner.closed or found["name"] not in owner.defaults:
        return None
    return change(replaced(page.text, (*found.span("name"), other)), found.start(), found.end(), "CLM006")


def _wrong_default(right: str, scene: Scene, random: Random) -> str | None:
    """A default that the source has somewhere and that is not this one."""
    everywhere = [value for c in scene.facts.callables.values() for value in c.defaults.values() if value]
    wrong = random.choice(("True", "False", "None", random.choice(everywhere)))
    alike = {"0": "False", "1": "True", "0.0": "False", "1.0": "True"}
    same = alike.get(wrong, wrong) == alike.get(right, right) or wrong.strip('"') == right.strip('"')
    return None if same or not re.fullmatch(r'[\w."-]+', wrong) else wrong


def _default(page: Page, scene: Scene, random: Random, told: str) -> Change | None:
    found = _parameter(scene, random, closed=False)
    if not found:
        return None
    chosen, name, _ = found
    right = chosen.defaults[name]
    wrong = _wrong_default(right, scene, random)
    if wrong is None or not re.fullmatch(r'[\w."-]+', right):
        return None
    true, false = (told.format(name, chosen.name, value) for value in (right, wrong))
    return _stated(page, scene, *_about(chosen, name), true, false, "CLM007", "CLM001")


@kind("another default, its owner named", _CLAIM)
def default_of_owner(page: Page, scene: Scene, random: Random) -> Change | None:
    return _default(page, scene, random, "<code>{}</code> of <code>{}</code> defaults to <code>{}</code>.")


@kind("another default, no owner named", _CLAIM)
def default(page: Page, scene: Scene, random: Random) -> Change | None:
    return _default(page, scene, random, "<code>{0}</code> defaults to <code>{2}</code>.")


@kind("another default in what the page says", _CLAIM)
def default_of_page(page: Page, scene: Scene, random: Random) -> Change | None:
    found = _DEFAULT.search(page.text)
    wrong = _wrong_default(found["value"].replace("&quot;", '"'), scene, random) if found else None
    if not found or not wrong:
        return None
    text = replaced(page.text, (*found.span("value"), wrong))
    return change(text, found.start(), found.end(), "CLM007", "CLM001")


def _other_word(message: str, scene: Scene, random: Random) -> str | None:
    """A message with one word exchanged, so that the source has nowhere these words in a row."""
    words = list(re.finditer(r"(?<![\w<{'])[a-z]{4,}(?![\w>}'])", re.sub(r"<code>.*?</code>", _blank, message)))
    if not words:
        return None
    word, new = random.choice(words), random.choice(_WORDS)
    around = re.findall(r"\w+", message[: word.start()])[-1:], re.findall(r"\w+", message[word.end() :])[:1]
    row = " ".join([*around[0], new, *around[1]]).casefold()
    return None if row in scene.facts.sentences else message[: word.start()] + new + message[word.end() :]


def _blank(found: re.Match[str]) -> str:
    return " " * len(found[0])


@kind("a word of an error message of the page", _CLAIM)
def message_of_page(page: Page, scene: Scene, random: Random) -> Change | None:
    rows = list(_ERRORS.finditer(page.text, max(0, page.text.find("== Common Errors =="))))
    row = random.choice(rows) if rows else None
    new = _other_word(row["message"], scene, random) if row else None
    if row is None or new is None:
        return None
    return change(replaced(page.text, (*row.span("message"), new)), row.start(), row.start(), "CLM005")


def _raised(page: Page, scene: Scene, shown: Message, true: str, false: str) -> Change:
    caption = f"<code>{shown.error}</code> that is raised"
    told = "It raises <code>" + shown.error + ": {}</code>"
    cited = (shown.path, shown.first, shown.last)
    return _stated(page, scene, cited, caption, told.format(true), told.format(false), "CLM005")


@kind("a word of an error message", _CLAIM)
def message(page: Page, scene: Scene, random: Random) -> Change | None:
    shown = random.choice(scene.facts.messages)
    new = _other_word(shown.text, scene, random)
    return _raised(page, scene, shown, shown.text, new) if new else None


@kind("an error message of another library", _CLAIM)
def message_of_another(page: Page, scene: Scene, random: Random) -> Change | None:
    shown, other = random.choice(scene.facts.messages), random.choice(_LIBRARIES)
    known = " ".join(re.findall(r"\w+", other.casefold()))
    return _raised(page, scene, shown, shown.text, other) if known not in scene.facts.sentences else None
