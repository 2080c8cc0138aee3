"""The language of insights: sentences, tokens, and the marks of advice, limits, causes and costs in English prose."""

from __future__ import annotations

import re

#: Says what to do.
ADVICE = re.compile(
    r"\b(should|recommend\w*|must|make sure|ensure|prefer\w*|please|instead|use `|need(s|ed)? to|has to|have to|required?|"
    r"consider|avoid|important|advis\w+|don't|do not|never|always|useful|helpful|typically|good idea|suggest\w*|try)\b",
    re.I,
)
#: Says what does not work, or only works in part.
LIMIT = re.compile(
    r"\b(only|not (yet |currently |be )?(support|implement|work|possible|allow|compatible|available|automatically)\w*|unsupported|"
    r"incompatible|cannot|can't|can not|unable|doesn't|does not|don't|won't|will not|no longer|fails?|ignored?|limitation|"
    r"mutually exclusive|not (an? )?in-?place|has no effect|discouraged|experimental|unless|except)\b",
    re.I,
)
#: Says why.
CAUSE = re.compile(
    r"\b(because|since|due to|otherwise|so that|to (avoid|prevent|ensure|make sure|support|allow|keep|save|reduce)|in order to|"
    r"the reason|reason is|as (it|this|the|there|we|they)\b|this is (because|needed|necessary|required|important)|therefore|thus|"
    r"workaround|work around|hack|for backwards? compat\w*|needed (if|for|when|because)|leads? to|causes?|results? in)\b",
    re.I,
)
#: Says what it costs or what goes wrong.
CONSEQUENCE = re.compile(
    r"\b(error|errors|crash\w*|wrong|incorrect\w*|nans?|inf|overflow\w*|underflow\w*|rounding|precision|silent\w*|unexpected\w*|"
    r"memory|vram|oom|out of memory|slow\w*|fast\w*|speed\w*|overhead|expensive|efficien\w+|performance|deadlock|hang\w*|leak\w*|"
    r"corrupt\w*|lost|loses?|broken|breaks?|bugs?|inconsisten\w+|irregular|degrad\w+|security|unsafe|arbitrary code|"
    r"frozen|overwrit\w+|differ\w*|unstable|instabilit\w+|trade-?off|at the (cost|expense))\b",
    re.I,
)
#: Says that something goes away.
DEPRECATION = re.compile(r"\b(deprecat\w+|will be removed|is removed in|will no longer be supported)\b", re.I)
#: Is about doing more with less.
OPTIMIZATION = re.compile(
    r"\b(memory|vram|slow\w*|fast\w*|speed\w*|overhead|expensive|efficien\w+|optimi[sz]\w+|performance|offload\w*)\b",
    re.I,
)
#: Is about finding out what is wrong.
DEBUGGING = re.compile(
    r"\b(debug\w*|nans?|inconsisten\w+|irregular|broken|status|diagnos\w+|check whether|sanity)\b", re.I
)
#: Opens a remark.
MARK = re.compile(
    r"^\W*(note|warning|caution|important|attention|careful|hack|workaround|beware|tip|fixme|xxx)\b", re.I
)

_STOP = frozenset(
    "a an and any are as at be been but by can could did do does for from get got had has have here how i if in into is it its just let "
    "may might more most no nor not of on one only or other our out over own per same set should so some such than that the their them "
    "then there these they this those to too under up use used uses using via was we were what when where which while who why will "
    "with would you your must also all each every default defaults value values self cls true false none e g i.e etc see note "
    "please make sure it's don't we're new first two current whether given want optional str int bool list dict tuple "
    "arg args kwargs param parameter argument arguments parameters function method class object return returns".split()
)
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9]*|\d+(?:\.\d+)+|\d+")
_IDENTIFIER = re.compile(
    r"`([^`]+)`|\b([A-Za-z]\w*_\w+|[a-z]+[A-Z]\w+|[A-Z][a-z0-9]+[A-Z]\w*)\b|'([\w\-.]+)'|\"([\w\-.]+)\""
)
_PYTHON_WORDS = frozenset("True False None self cls str int bool list dict tuple and or not if else".split())


def telling(text: str) -> float:
    """How much prose says beyond what code does: a reason, a consequence, advice, a limit, a remark; 0 to 4."""
    return (
        0.8 * bool(CAUSE.search(text))
        + 0.7 * min(len(CONSEQUENCE.findall(text)), 2)
        + 0.6 * bool(ADVICE.search(text))
        + 0.6 * bool(LIMIT.search(text))
        + 0.6 * bool(MARK.search(text))
    )


def split_identifier(name: str) -> list[str]:
    """The words of an identifier, lower case: `LoraConfig.use_dora` to lora, config, use, dora."""
    spaced = re.sub(r"([a-z0-9])([A-Z])|([A-Z]+)([A-Z][a-z])", r"\1\3 \2\4", name)
    return [word.lower() for word in _WORD.findall(spaced.replace("_", " "))]


def stem(word: str) -> str:
    """A crude stem, enough to match inflections within one source."""
    for ending in ("ations", "ation", "ings", "ing", "ied", "ies", "ed", "es", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)]
    return word


def content_words(text: str) -> list[str]:
    """The stems of all words of `text` that carry meaning, identifiers split."""
    return [stem(word) for word in split_identifier(text) if word not in _STOP and len(word) > 1]


def identifiers(text: str) -> list[str]:
    """The identifiers that a text names: in backticks, in quotes, or by their form (`snake_case`, `CamelCase`)."""
    found: dict[str, None] = {}
    for groups in _IDENTIFIER.findall(text):
        for name in re.findall(r"[A-Za-z_][\w\-]*", "".join(groups)):
            if len(name) > 2 and name not in _PYTHON_WORDS:
                found.setdefault(name)
    return list(found)


_END = re.compile(
    r"(?<=[.!?])(?<!e\.g\.)(?<!i\.e\.)(?<!etc\.)(?<!vs\.)(?<!cf\.)(?<!\b[A-Z]\.)[\"')\]]?\s+(?=[A-Z`\"'(\[*<\d-])"
)


def sentences(text: str) -> list[str]:
    """Split prose into sentences; code in backticks is never split."""
    hidden = re.sub(r"`[^`]*`", lambda code: code.group().replace(".", "\0").replace(" ", "\1"), text)
    return [s.replace("\0", ".").replace("\1", " ").strip() for s in _END.split(hidden) if s.strip()]
