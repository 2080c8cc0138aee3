"""The language of insights: sentences, tokens, and the marks of advice, limits, causes and costs in English prose."""

from __future__ import annotations

import re


def any_of(*words: str) -> re.Pattern[str]:
    """A pattern that finds any of the words or phrases (regular expressions), whole, in any case."""
    return re.compile(rf"(?<!\w)({'|'.join(words)})(?!\w)", re.I)


#: Says what to do.
ADVICE = any_of(
    *("should", r"recommend\w*", "must", "make sure", "ensure", r"prefer\w*", "please", "instead", "consider", "avoid"),
    *(
        "need(s|ed)? to",
        "has to",
        "have to",
        "required?",
        "important",
        r"advis\w+",
        "don't",
        "do not",
        "never",
        "always",
    ),
    *("useful", "helpful", "typically", "good idea", r"suggest\w*", "try"),
)
#: Tells the reader to do something: what an Action may consist of.
ACTION = re.compile(
    r"""\b(you|users?)\s(should|must|have\sto|need\sto|can)\b | \b(should|must)(?!\shave\sbeen)\b
    | \b(recommend|advis)\w*
    | \b(make\ssure|ensure\sthat|please|instead|consider|prefer\w*|important\sto|useful|has\sto|it\sis\sbest)\b
    | ^(use|set|call|pass|choose|check|install|upgrade|keep|leave|avoid|either|never|only\suse|do\snot|don't|be\saware
    |try|decrease|increase|reduce|specify|provide|enable|disable|add|remove|make|ensure|rename|downgrade|retrain)\b""",
    re.I | re.X,
)
#: Says what does not work, or only works in part.
LIMIT = any_of(
    r"not (yet |currently |be )?(support|implement|work|possible|allow|compatible|available|automatically)\w*",
    *("only", "unsupported", "incompatible", "cannot", "can't", "can not", "unable", "doesn't", "does not", "don't"),
    *(
        "won't",
        "will not",
        "no longer",
        "fails?",
        "ignored?",
        "limitation",
        "mutually exclusive",
        "not (an? )?in-?place",
    ),
    *("has no effect", "discouraged", "experimental", "unless", "except"),
)
_REASON = ("because", r"since(?! (\w+ )?v?\d)", "due to", "the reason", "reason is", "therefore", "thus")
#: Says why in so many words.
REASON = any_of(*_REASON)
_CAUSE = (
    *(*_REASON, "so that", "in order to", r"(?<=, )as (it|this|the|there|we|they)"),
    "to (avoid|prevent|ensure|make sure|support|allow|keep|save|reduce)",
    *("this is (because|needed|necessary|required|important)", "needed (if|for|when|because)", "workaround", "hack"),
    *("work around", r"for backwards? compat\w*", "leads? to", "causes?", "results? in"),
)
#: Says why, or what for.
WHY = any_of(*_CAUSE)
#: Says why, what for, or what happens else.
CAUSE = any_of(*_CAUSE, "otherwise")
#: Says what it costs or what goes wrong.
CONSEQUENCE = any_of(
    *("errors?", r"crash\w*", "wrong", r"incorrect\w*", "nans?", "inf", r"overflow\w*", r"underflow\w*", "rounding"),
    *("precision", r"silent\w*", r"unexpected\w*", "memory", "vram", "oom", r"slow\w*", r"fast\w*", r"speed\w*"),
    *(
        "overhead",
        "expensive",
        r"efficien\w+",
        "performance",
        "deadlock",
        r"hang\w*",
        r"leak\w*",
        r"corrupt\w*",
        "lost",
    ),
    *("loses?", "broken", "breaks?", "bugs?", r"inconsisten\w+", "irregular", r"degrad\w+", "security", "unsafe"),
    *("removed?", "arbitrary code", "frozen", r"overwrit\w+", r"differ\w*", "unstable", r"instabilit\w+", "trade-?off"),
    "at the (cost|expense)",
)
#: Says what goes wrong, and leaves no doubt of it.
HARM = any_of(
    *(r"crash\w*", "wrong", r"incorrect\w*", "nans?", r"overflow\w*", r"underflow\w*", "rounding", r"silently"),
    *(
        r"unexpected\w*",
        "oom",
        r"slow\w*",
        "overhead",
        "expensive",
        r"inefficien\w+",
        "deadlock",
        r"hang\w*",
        r"leak\w*",
    ),
    *(r"corrupt\w*", "lost", "loses?", "broken", "breaks?", "bugs?", r"inconsisten\w+", r"degrad\w+", "unsafe"),
    *("arbitrary code", r"instabilit\w+", "unstable", "(hurt|worse|lower)\\w* performance", r"fail(s|ed|ure)?"),
)
#: Says what is gained and what is paid for it.
COST = any_of(
    *(
        r"slow(er|s|ly|down)?",
        "faster",
        r"speed\w*",
        "memory",
        "vram",
        "overhead",
        "expensive",
        r"(in)?efficien(t|cy)(?! tuning)",
    ),
    *("at the (cost|expense)", r"(increas|reduc)\w+ (the )?(memory|time|size|speed|performance)", "trade-?off"),
)
#: Says which value is the default, or a good one.
VALUE = any_of(
    *(
        "defaults? to",
        "default is",
        "by default",
        "recommended",
        "best (to|value|results?)",
        "between",
        "at least",
        "at most",
    ),
    *("larger than", "higher", "lower"),
)
_REMOVED = r"will be removed (in|as of|after|soon|starting|with|along|from v)|is removed in (v|version )?[0-9]\S*"
#: Says that something goes away, or names what does.
DEPRECATION = any_of(r"deprecat\w+", _REMOVED, "will no longer be supported")
#: Declares that something goes away: prose that only mentions a deprecated thing does not.
DEPRECATED = any_of(
    *(r"(is|are|was|were|been|be|now|it's) (now |already |being )?deprecated", _REMOVED),
    *(r"deprecated (in|since|as of|from|use|please|argument|alias)", "will be deprecated"),
    r"^\W*deprecat(ed|ion)",
    "will no longer be supported",
)
#: Says what has to come first.
ORDER = any_of(
    r"(call|use|run|set|load|create|do)\w*[^.]{0,40}\b(first|before|after|beforehand)",
    *("(must|should|has to|have to|needs to) be (called|used|run|set|loaded|created|done)", "only after", "only once"),
    r"(before|after) (calling|using|loading|creating|wrapping|training|initiali[sz]ing|you)",
)
#: Says whether what is given is changed, or something new comes back.
EFFECT = any_of(
    *("in-?place", r"returns? (a |the )?(new|copy|copied|modified|same)", r"modif(y|ies|ied) (the|your|it)"),
    *(r"(is|are) (not )?(modified|mutated|copied|shared)", "as a side effect", "assign (the|it|to)"),
)
#: Is about doing more with less.
OPTIMIZATION = any_of(
    *("memory", "vram", r"slow\w*", r"fast\w*", r"speed\w*", "overhead", "expensive", r"efficien\w+", r"optimi[sz]\w+"),
    *("performance", r"offload\w*"),
)
#: Is about finding out what is wrong.
DEBUGGING = any_of(
    *(
        r"debug\w*",
        "nans?",
        r"inconsisten\w+",
        "irregular",
        "broken",
        "status",
        r"diagnos\w+",
        "check whether",
        "sanity",
    )
)
#: Is about what costs engineers days: numbers, devices, memory, distribution, compilation, saved state.
TOPIC = any_of(
    *(
        r"float(16|32|64)",
        r"b?fp?(8|16|32|64)",
        "int8",
        "8-?bit",
        "4-?bit",
        r"(de)?quanti[sz]\w+",
        r"d?types?",
        "casts?",
    ),
    *(
        "casted",
        "upcast",
        "precision",
        "nans?",
        r"overflow\w*",
        "backprop",
        "gradients?",
        "autograd",
        "in-?place",
        "gpus?",
    ),
    *(
        "cuda",
        "cpu",
        "mps",
        "xpu",
        "tpu",
        "devices?",
        "vram",
        "memory",
        "distributed",
        "fsdp",
        "ddp",
        "deepspeed",
        "zero-?3",
    ),
    *(
        "multi-?gpu",
        "ranks?",
        "threads?",
        "process(es)?",
        "pickle",
        r"torch\.compile",
        "compile",
        "jit",
        "cach(e|ed|ing)",
    ),
    *("checkpoints?", "state_dict", "saved?", "saving", r"reload\w*", r"restor\w+", "merg(e|ed|ing)", "seed", "random"),
    r"determinis\w+",
)
#: Says that the reader had better listen.
EMPHASIS = re.compile(
    r"\b(important|be (careful|aware|sure)|make sure|never|must not|do(n't| not)|discouraged|recommended|caution|beware"
    r"|note that)\b|\w!(\s|$)",
    re.I,
)
#: Is a note of the authors to themselves.
TO_DO = re.compile(
    r"\b(todo|fixme|xxx)\b|\bremove (this|the|check|once|when|it)\b"
    r"|\bonce .{0,40}\b(is|are) (dropped|no longer supported)",
    re.I,
)
#: Opens a remark.
MARK = re.compile(
    r"^\W*(note|warning|caution|important|attention|careful|hack|workaround|beware|tip|fixme|xxx)\b", re.I
)

_STOP = frozenset(
    """
    a an and any are as at be been but by can could did do does for from get got had has have here how i if in into is
    it its just let may might more most no nor not of on one only or other our out over own per same set should so some
    such than that the their them then there these they this those to too under up use used uses using via was we were
    what when where which while who why will with would you your must also all each every default defaults value values
    self cls true false none e g i.e etc see note please make sure it's don't we're new first two current whether given
    want optional str int bool list dict tuple arg args kwargs param parameter argument arguments parameters function
    method class object return returns
    """.split()
)
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9]*|\d+(?:\.\d+)+|\d+")
_IDENTIFIER = re.compile(
    r"`([^`]+)`|\b([A-Za-z]\w*_\w+|[a-z]+[A-Z]\w+|[A-Z][a-z0-9]+[A-Z]\w*)\b|'([\w\-.]+)'|\"([\w\-.]+)\""
)
URL = re.compile(r"https?://\S+")
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
    r"(?<=[.!?])(?<!\s\d\.)(?<!e\.g\.)(?<!i\.e\.)(?<!etc\.)(?<!vs\.)(?<!cf\.)(?<!\b[A-Z]\.)[\"')\]]?\s+(?=[A-Z`\"'(\[*<\d-])"
)


def sentences(text: str) -> list[str]:
    """Split prose into sentences; code in backticks is never split."""
    hidden = re.sub(r"`[^`]*`", lambda code: code.group().replace(".", "\0").replace(" ", "\1"), text)
    return [s.replace("\0", ".").replace("\1", " ").strip() for s in _END.split(hidden) if s.strip()]
