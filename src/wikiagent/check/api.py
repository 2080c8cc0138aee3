"""CLM005-007: what a page says about errors, parameters, attributes and defaults, against the symbols of the source."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from typing import Any

from wikiagent.check.finding import Finding
from wikiagent.check.messages import quoted_messages
from wikiagent.check.prose import Statement, said
from wikiagent.check.reading import Reading
from wikiagent.check.source import Source
from wikiagent.code.signatures import Signature

_CODE = re.compile(r"`([^`]+)`")
_CALL = re.compile(r"((?:\w+\.)*\w+)\((.*)\)")
_KEYWORD = re.compile(r"(?<![\w.\"'])(\w+)\s*=(?!=)")
_NESTED = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|\{[^{}]*\}|\"[^\"]*\"|'[^']*'")
_OF = re.compile(
    r"`(?P<name>[A-Za-z_]\w*)`\s+(?P<what>parameter|argument|option|field|attribute|flag|keyword|setting)?\s*"
    r"(?P<preposition>of|in|for|from|to)\s+(?:the\s+)?`(?P<owner>(?:\w+\.)*\w+)`"
    r"|`(?P<owner2>(?:\w+\.)*\w+)`'s\s+`(?P<name2>[A-Za-z_]\w*)`"
)
_DOTTED = re.compile(r"`((?:\w+\.)*[A-Z]\w*)\.([A-Za-z_]\w*)(?:\(\))?`")
_VALUE = r"(?:`(?P<value>[^`]+)`|(?P<bare>True|False|None|-?\d+(?:\.\d+)?(?:e-?\d+)?))"
_DEFAULT = re.compile(
    rf"`(?:(?P<dotted>(?:\w+\.)*[A-Z]\w*)\.)?(?P<name>[A-Za-z_]\w*)`(?:\s+of\s+`(?P<owner>(?:\w+\.)*\w+)`)?\s*[,:(]?\s*(?:which\s+|it\s+)?"
    rf"(?:defaults? to|default(?:\s+(?:value\s+)?is|:|=)?|is by default|by default is"
    rf"|has a default(?: value)? of)\s*:?\s*{_VALUE}"
    rf"|(?:[Dd]efault(?:\s+value)?\s+(?:of|for)|[Bb]y default,?)\s+`(?P<name2>[A-Za-z_]\w*)`\s+is\s+"
    rf"(?:`(?P<value2>[^`]+)`|(?P<bare2>True|False|None|-?\d[\d.]*))"
)
_PARAMETER_COLUMNS = ("parameter", "param", "argument", "option", "field", "parameters")
_NAME_COLUMNS = (*_PARAMETER_COLUMNS, "name")
_PARAMETER_SECTION = re.compile(r"parameter|argument|input|option|signature|configuration", re.I)
#: Lines from the name of a parameter on in which its default may stand.
_NEAR = 3
#: What every class has.
_EVERYWHERE = re.compile(r"__\w+__$")


class Api:
    """What one page says about the source's callables and classes."""

    def __init__(self, reading: Reading, source: Source) -> None:
        self.reading = reading
        self.lines = source.snapshot.lines
        self.signatures = source.signatures
        self.messages = source.messages
        self.statements = reading.statements

    def findings(self) -> Iterator[Finding]:
        """All findings, in the order of the page."""
        for statement in self.statements:
            for message in quoted_messages(statement):
                if not self.messages.emitted(message):
                    yield self._finding("CLM005", statement, message, f"the source emits no message “{message}”")
            if "`" in statement.text:
                if "(" in statement.text:
                    yield from self._calls(statement)
                yield from self._members(statement)
                yield from self._defaults(statement)
        yield from self._tables()

    # --- CLM006 ---

    def _calls(self, statement: Statement) -> Iterator[Finding]:
        """Calls with keywords, wherever they stand in code: `LoftQConfig(loftq_bits=4)`."""
        for name, keywords in (call for span in _CODE.findall(statement.text) for call in _calls_in(span)):
            known = self._callables(name) if keywords else ()
            for keyword in keywords if known else ():
                if not any(signature.takes(keyword) for signature in known):
                    message = f"{name} has no parameter {keyword}; it has {_some(known)}"
                    yield self._finding("CLM006", statement, keyword, message)

    def _members(self, statement: Statement) -> Iterator[Finding]:
        """`` `rho` of `EvaConfig` `` and `LoraConfig.rho`."""
        for found in _OF.finditer(statement.text):
            name, owner = found["name"] or found["name2"], found["owner"] or found["owner2"]
            known = self._callables(owner)
            if not found["what"] and found["preposition"] not in (None, "of"):
                continue  # "a `DataLoader` in `split_batches` mode"
            takes = found["what"] in ("parameter", "argument", "option", "keyword", "flag")
            if not takes and not owner.rpartition(".")[2][:1].isupper():
                if found["what"]:
                    continue  # a value, not the function of that name
                known = tuple(signature for signature in known if "." not in signature.name)
            if known and not any(s.takes(name) if takes else s.has(name) for s in known):
                message = f"{owner} has no {found['what'] or 'parameter or attribute'} {name}"
                yield self._finding("CLM006", statement, name, message)
        for owner, name in _DOTTED.findall(statement.text) if "." in statement.text else ():
            known = self._callables(owner)
            if known and not _EVERYWHERE.match(name) and not any(s.has(name) for s in known):
                yield self._finding("CLM006", statement, name, f"{owner} has no attribute {name}")

    def _callables(self, name: str) -> tuple[Signature, ...]:
        """The definitions that a name may mean; of a dotted name the last part, if the source knows the one before."""
        outer, _, simple = name.rpartition(".")
        owner = outer.rpartition(".")[2]
        if owner[:1].isupper():
            return self.signatures.of(f"{owner}.{simple}")
        return self.signatures.of(simple)

    # --- CLM007 ---

    def _defaults(self, statement: Statement) -> Iterator[Finding]:
        """`` `safe_merge` defaults to `False` ``."""
        if "default" not in statement.text.casefold():
            return
        for found in _DEFAULT.finditer(statement.text):
            name = found["name"] or found["name2"]
            value = found["value"] or found["bare"] or found["value2"] or found["bare2"]
            yield from self._default(
                statement, name, value, self._owners(found["owner"] or found["dotted"] or "", name, statement)
            )

    def _owners(self, owner: str, name: str, statement: Statement) -> Sequence[Signature]:
        """Whose parameter `name` is.

        In this order: of the callable that is named, of the page's subject, of what stands where the statement's
        evidence stands, of what the page cites, of any.
        """
        subject = self.reading.subject
        cited = dict.fromkeys(place.path for citation in self.reading.citations for place in citation.places)
        places = [place for citation in self.reading.named(statement.refs) for place in citation.places]
        for choice in (
            self._callables(owner) if owner else (),
            self.signatures.of(subject) if subject else (),
            [s for place in places for s in self.signatures.in_file(place.path) if s.place.overlaps(place)],
            [signature for path in cited for signature in self.signatures.in_file(path)],
            self.signatures.taking(name),
        ):
            if taking := [signature for signature in choice if name in signature.parameters]:
                return taking
        return ()

    def _default(self, statement: Statement, name: str, value: str, owners: Sequence[Signature]) -> Iterator[Finding]:
        given = [owner.parameters[name] for owner in owners]
        if not given or any(self._may_be(name, value, owner) for owner in owners):
            return
        told = " or ".join(dict.fromkeys(str(default) for default in given))
        yield self._finding("CLM007", statement, value, f"the default of {name} is {told}, not {value}")

    def _may_be(self, name: str, value: str, owner: Signature) -> bool:
        """Whether a callable may use a value for a parameter that is not given.

        What is None by signature is often chosen later: near the name, the code or its docstring has the value then.
        """
        default = owner.parameters[name]
        if default is None or _agree(value, default) is not False:
            return True
        if default != "None":
            return False
        lines = self.lines(owner.place.path)[owner.place.first - 1 : owner.place.last]
        near = [row for at, line in enumerate(lines) if name in line for row in lines[at : at + _NEAR]]
        return value.strip("\"'") in " ".join(near)

    # --- tables of parameters ---

    def _tables(self) -> Iterator[Finding]:
        """Rows of parameters on a page about one callable."""
        known = self.signatures.of(self.reading.subject) if self.reading.subject else ()
        rows: dict[int, dict[str, Statement]] = {}
        for statement in self.statements:
            if statement.column:
                rows.setdefault(statement.row, {})[statement.column] = statement
        for row in rows.values() if known else ():
            named = next((row[column] for column in _NAME_COLUMNS if column in row), None)
            name = re.fullmatch(r"`(\w+)`", named.text) if named else None
            if not named or not name or not self._is_of_parameters(named):
                continue
            if not any(signature.takes(name[1]) or signature.has(name[1]) for signature in known):
                message = f"{self.reading.subject} has no parameter {name[1]}; it has {_some(known)}"
                yield self._finding("CLM006", named, name[1], message)
            elif default := row.get("default"):
                value = default.text.strip("`")
                owners = [signature for signature in known if name[1] in signature.parameters]
                if value not in ("-", "—", "required", "n/a", "") and "(" not in value and owners:
                    yield from self._default(default, name[1], value, owners)

    def _is_of_parameters(self, named: Statement) -> bool:
        return named.column in _PARAMETER_COLUMNS or bool(_PARAMETER_SECTION.search(named.section))

    def _finding(self, code: str, statement: Statement, word: str, what: str) -> Finding:
        line, column = self.reading.position_of(word, statement)
        message = f"{statement.section}: {what}, as in {said(statement, word=word)}."
        return Finding(code, self.reading.file, line, message, column=column)


def check_api(reading: Reading, source: Source) -> Iterator[Finding]:
    """Check quoted messages, parameters, attributes and defaults of a page of any type."""
    yield from Api(reading, source).findings()


def _calls_in(code: str) -> list[tuple[str, list[str]]]:
    """The calls in a piece of code: what is called, and the names of its keywords."""
    try:
        nodes = ast.walk(ast.parse(code.strip()))
        calls = [
            node for node in nodes if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute)
        ]
        return [(ast.unparse(call.func), [key.arg for key in call.keywords if key.arg]) for call in calls]
    except (SyntaxError, ValueError, RecursionError, MemoryError):  # abridged, as `Config(a=1, ...)` often is
        found = _CALL.search(code)
        given = found[2] if found else ""
        while given != (given := _NESTED.sub("", given)):
            pass
        return [(found[1], _KEYWORD.findall(given))] if found else []


def _some(known: Sequence[Signature]) -> str:
    names = list(dict.fromkeys(name for signature in known for name in signature.parameters))
    return ", ".join(names[:5]) + (" …" if len(names) > 5 else "") if names else "none"


def _agree(stated: str, default: str) -> bool | None:
    """Whether a stated default is the source's; None where that cannot be told."""
    one, other = _literal(stated), _literal(default)
    if other is _UNKNOWN:
        return True if stated.rpartition(".")[2] == default.rpartition(".")[2] else None
    if one is _UNKNOWN:
        return stated.strip("\"'").casefold() == str(other).casefold()
    return bool(type(one) is type(other) and one == other) or (
        isinstance(one, int | float) and isinstance(other, int | float) and type(one) is not bool and one == other
    )


_UNKNOWN = object()


def _literal(text: str) -> Any:
    try:
        return ast.literal_eval(text.strip())
    except (ValueError, SyntaxError, MemoryError, RecursionError, TypeError):
        return _UNKNOWN
