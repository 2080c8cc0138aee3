"""Goldens: reviewed insights with the lines that prove them; and questions with the lines that answer them.

Both are kept as YAML, a file for each source. The same values are written as the same text, quotes as literal blocks.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

import yaml
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    PlainSerializer,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_core import ErrorDetails

from wikiagent.errors import ConfigError, SourceError
from wikiagent.source.evidence import Place, dedent
from wikiagent.source.origin import parse_source

Slug = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
"""Small letters and digits, in words parted by `-`."""

Sentence = Annotated[str, Field(pattern=r"^\S([^\x00-\x1f\x7f-\x9f\u2028\u2029]*\S)?$")]
"""Text on one line."""

LineNumber = Annotated[int, Field(ge=1, strict=True)]

Importance = Annotated[
    float, Field(ge=1, le=5, strict=True), PlainSerializer(lambda number: int(number) if number % 1 == 0 else number)
]


class _Value(BaseModel):
    """Immutable, with no other keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class GoldenEvidence(_Value):
    """Lines of the source, with their whole text."""

    path: Sentence
    """The file, from the root of the source."""
    first: LineNumber
    """Number of the first line, 1-based."""
    last: LineNumber
    """Number of the last line, inclusive."""
    quote: Annotated[str, AfterValidator(dedent), Field(min_length=1)]
    """The text of the lines, without the indentation that all of them share."""

    @model_validator(mode="after")
    def _in_order(self) -> GoldenEvidence:
        if self.last < self.first:
            raise ValueError(f"last ({self.last}) is before first ({self.first})")
        return self

    @property
    def place(self) -> Place:
        """Where the lines stand."""
        return Place(self.path, self.first, self.last)


class Proven(_Value):
    """What has an id and evidence."""

    id: Slug
    """Unique in its file."""
    evidence: tuple[GoldenEvidence, ...] = Field(min_length=1)
    """The lines that prove it."""

    @property
    def places(self) -> tuple[Place, ...]:
        """The places of its evidence."""
        return tuple(each.place for each in self.evidence)


class Golden(Proven):
    """An insight about a source that a person reviewed."""

    type: Literal["Environment", "Heuristic"]
    """Type of the page that would tell it."""
    title: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.\-]*$")]
    """How a page about it may be named, without the prefix of the repository."""
    aliases: tuple[Sentence, ...] = ()
    """Other names that such a page may have."""
    insight: Sentence
    """The point, in one or two sentences."""
    facts: tuple[Sentence, ...] = Field(min_length=1)
    """What a page about it should state, in short sentences of which each can be checked."""
    importance: Importance
    """From 1 (good to know) to 5 (who does not know it gets hurt)."""
    applies_to: tuple[Sentence, ...]
    """Public names of the source that it is about."""
    seen: Annotated[bool, Field(strict=True)] = False
    """Whether it was known to those who tuned the mining: scores on such goldens flatter."""


class Question(Proven):
    """What a reviewer or user would ask, with the lines that answer it."""

    question: Sentence
    """In the words of somebody who has not read the source."""


def _parsed_source(source: str) -> str:
    """The source as it is, if it is one: `path:NAME@REVISION`, which only a store has, or what can be fetched."""
    try:
        if not source.startswith("path:"):
            parse_source(source)
    except SourceError as error:
        raise ValueError(str(error)) from error
    return source


class _Set(_Value):
    source: Annotated[str, AfterValidator(_parsed_source)]
    """The source with its revision, as `pypi:peft==0.18.1`."""


class GoldenSet(_Set):
    """The goldens of one source, at the revision at which they were reviewed."""

    goldens: tuple[Golden, ...]

    @field_validator("goldens")
    @classmethod
    def _unique(cls, goldens: tuple[Golden, ...]) -> tuple[Golden, ...]:
        return _without_doubles(goldens)


class QuestionSet(_Set):
    """Questions about one source."""

    questions: tuple[Question, ...]

    @field_validator("questions")
    @classmethod
    def _unique(cls, questions: tuple[Question, ...]) -> tuple[Question, ...]:
        return _without_doubles(questions)


#: Levels of values in values; a golden has four.
_MAX_DEPTH = 20
_P = TypeVar("_P", bound=Proven)
_S = TypeVar("_S", bound=_Set)


def _without_doubles(members: tuple[_P, ...]) -> tuple[_P, ...]:
    ids = [member.id for member in members]
    if doubles := sorted({each for each in ids if ids.count(each) > 1}):
        raise ValueError(f"the id {doubles[0]} is given twice")
    return members


# --- reading ---


def read_goldens(file: Path) -> GoldenSet:
    """Read a file of goldens.

    Raises:
        ConfigError: it cannot be read or is not of this form; the message names the golden and what is wrong with it.
    """
    return _checked(file, GoldenSet, _loaded(file))


def read_questions(file: Path) -> QuestionSet:
    """Read a file of questions.

    Raises:
        ConfigError: as `read_goldens`.
    """
    return _checked(file, QuestionSet, _loaded(file))


def read_set(file: Path) -> GoldenSet | QuestionSet:
    """Read a file of goldens or of questions: it has `questions` or it is of goldens.

    Raises:
        ConfigError: as `read_goldens`.
    """
    loaded = _loaded(file)
    asks = isinstance(loaded, dict) and "questions" in loaded
    return _checked(file, QuestionSet, loaded) if asks else _checked(file, GoldenSet, loaded)


def _loaded(file: Path) -> Any:
    try:
        text = file.read_text("utf-8")
        _refuse_deep(text)
        return yaml.load(text, _Loader)  # noqa: S506 - a safe loader
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file} cannot be read: {error}.") from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:  # ValueError: a date like 2026-99-99
        raise ConfigError(f"{file} is no YAML: {' '.join(str(error).split())}.") from error


def _refuse_deep(text: str) -> None:
    """Refuse values in values in values: the loader crashes on many thousands.

    Raises:
        ValueError: they are too deep, or stand for themselves.
    """
    depth = 0
    for event in yaml.parse(text, _Loader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > _MAX_DEPTH or isinstance(event, yaml.AliasEvent):
            raise ValueError("it has aliases, or values that are nested too deep")


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc] # the one in C where there is one
    """Reads plain values only, and no key twice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode)]
        if doubles := [key for key in keys if keys.count(key) > 1]:
            raise yaml.constructor.ConstructorError(None, None, f"the key {doubles[0]} stands twice", node.start_mark)
        return super().construct_mapping(node, deep=deep)  # type: ignore[no-any-return]


def _checked(file: Path, kind: type[_S], loaded: Any) -> _S:
    try:
        return kind.model_validate(loaded)
    except ValidationError as error:
        problems = sorted(error.errors(), key=lambda problem: problem["type"] != "extra_forbidden")
        more = f" (It is the first of {len(problems)} problems.)" if len(problems) > 1 else ""
        raise ConfigError(f"{file}: {_sentence(problems[0], loaded)}.{more}") from error


#: What a member of a list is called.
_ONE = {"goldens": "golden", "questions": "question", "facts": "fact", "aliases": "alias"}


def _sentence(problem: ErrorDetails, loaded: Any) -> str:
    """What is wrong and where: `golden ID, evidence 2, first: …`."""
    where: list[str] = []
    way = loaded
    for step in problem["loc"]:
        try:
            way = way[step]
        except (LookupError, TypeError):
            way = None
        if not isinstance(step, int):
            where.append(step)
            continue
        name = way.get("id") if isinstance(way, dict) else None
        where[-1] = f"{_ONE.get(where[-1], where[-1])} {name if isinstance(name, str) else step + 1}"
    said = {
        "extra_forbidden": "there is no such key",
        "missing": "is missing",
        "model_type": "should be a mapping of keys to values",
        "string_pattern_mismatch": f"{problem['input']!r} is not of the form {problem.get('ctx', {}).get('pattern')}",
    }.get(problem["type"], problem["msg"].removeprefix("Value error, "))
    return f"{', '.join(where) or 'the file'}: {said.rstrip('.')}"


# --- writing ---


class _Block(str):
    """A string that is written as a literal block."""

    __slots__ = ()


class _Dumper(yaml.SafeDumper):
    """Writes lists inside of mappings indented, as people write them, and without aliases."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, indentless=False)

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _block(dumper: yaml.SafeDumper, text: _Block) -> yaml.ScalarNode:
    plain = all(char == "\n" or char.isprintable() for char in text)
    return dumper.represent_scalar("tag:yaml.org,2002:str", str(text), style="|" if plain else '"')


_Dumper.add_representer(_Block, _block)


def as_yaml(values: GoldenSet | QuestionSet) -> str:
    """The text of the file: the same values give the same text, and reading it gives the same values."""
    data = values.model_dump(mode="json", exclude_defaults=True)
    members: Iterable[dict[str, Any]] = data.get("goldens") or data.get("questions") or ()
    for member in members:
        member["evidence"] = [{**each, "quote": _Block(each["quote"])} for each in member.pop("evidence")]
    return yaml.dump(data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=118)
