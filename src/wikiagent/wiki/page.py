"""The page types: the only schema of the wiki.

From these classes come the renderer and the parser (`mediawiki.py`), the JSON schema for a model, and the schema
rules. All are immutable values; a page compares equal to what is parsed from its own rendering.

Prose is a tuple of statements. A statement is a stretch of text with the evidence that it rests on: `refs` are ids of
exhibits of the same page. In text, a stretch between backticks is code.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Annotated, Any, ClassVar, Literal
from urllib.parse import quote

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, field_validator

from wikiagent.source.evidence import Place, dedent
from wikiagent.wiki.markup import folded, one_line, outline, section

NONE_STATED = "none stated in the source"
"""The fixed phrase of a list that the source says nothing for."""


class PageKind(StrEnum):
    """The five page types; the value is how links name them."""

    WORKFLOW = "Workflow"
    PRINCIPLE = "Principle"
    IMPLEMENTATION = "Implementation"
    ENVIRONMENT = "Environment"
    HEURISTIC = "Heuristic"

    __hash__ = str.__hash__  # that of Enum is not in C, and pages are looked up by their kind all the time

    @property
    def folder(self) -> str:
        """The folder of the wiki that holds pages of this kind."""
        return f"{self.value.lower()}s"

    @property
    def short(self) -> str:
        """The name of this kind in the indexes."""
        return {"Implementation": "Impl", "Environment": "Env"}.get(self.value, self.value)


class HeuristicCategory(StrEnum):
    """What a heuristic is about; the indexes count them."""

    OPTIMIZATION = "Optimization"
    CONFIGURATION = "Configuration"
    WARNING = "Warning"
    DEBUGGING = "Debugging"
    COMPATIBILITY = "Compatibility"


class EnvironmentCategory(StrEnum):
    """What an environment is about; the indexes count them."""

    CORE = "Core"
    BACKEND = "Backend"
    HARDWARE = "Hardware"
    PLATFORM = "Platform"
    DISTRIBUTED = "Distributed"


CATEGORIES: dict[PageKind, type[HeuristicCategory] | type[EnvironmentCategory]] = {
    PageKind.HEURISTIC: HeuristicCategory,
    PageKind.ENVIRONMENT: EnvironmentCategory,
}


def _address(url: str) -> str:
    """Percent-encode what would end a link in wiki text."""
    return re.sub(r"[^\x21-\x7e]|[<>\[\]{}|\\^`\"']", lambda found: quote(found[0], safe=""), url)


Text = Annotated[str, AfterValidator(one_line)]
"""One line of text without markup; code stands between backticks."""

Label = Annotated[str, AfterValidator(folded)]
"""One line of text in which nothing is markup or code."""

Labels = Annotated[tuple[Label, ...], AfterValidator(lambda labels: tuple(filter(None, labels)))]

Url = Annotated[str, AfterValidator(_address)]
"""An address that may stand in a link of wiki text."""

Code = Annotated[str, AfterValidator(dedent)]
"""Lines of code without the indentation that all of them share."""

Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.\-]*$")]
"""A full page name, with the prefix of the repository."""

ExhibitId = Annotated[str, Field(pattern=r"^e[1-9][0-9]*$")]

SourcePath = Annotated[str, Field(pattern=r"^[^\x00-\x1f\x7f]+$")]
"""A path from the root of the source."""

MAX_LINE = 999_999_999

LineNumber = Annotated[int, Field(ge=0, le=MAX_LINE)]


class Value(BaseModel):
    """Base of all parts of a page: immutable, strict about unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Statement(Value):
    """A stretch of text and the ids of the exhibits that prove it."""

    text: Text
    refs: tuple[ExhibitId, ...] = ()


def gap(text: str) -> str:
    """What stands between a statement and the one before it: nothing before punctuation, else a blank."""
    return "" if text[0] in ",.;:)" else " "


def _merged(statements: tuple[Statement, ...]) -> tuple[Statement, ...]:
    """Only the last statement may lack references: text before a reference belongs to it, as readers take it."""
    out: list[Statement] = []
    for statement in statements:
        if not statement.text:
            if out and statement.refs:
                out[-1] = Statement(text=out[-1].text, refs=(*out[-1].refs, *statement.refs))
        elif out and not out[-1].refs:
            out[-1] = Statement(text=out[-1].text + gap(statement.text) + statement.text, refs=statement.refs)
        else:
            out.append(statement)
    return tuple(out)


def _from_text(value: Any) -> Any:
    """Accept a plain string or one statement where prose is wanted."""
    if isinstance(value, str):
        return (Statement(text=value),) if value.strip() else ()
    return (value,) if isinstance(value, Statement) else value


Prose = Annotated[tuple[Statement, ...], BeforeValidator(_from_text), AfterValidator(_merged)]
"""One paragraph."""


def _items(items: tuple[tuple[Statement, ...], ...]) -> tuple[tuple[Statement, ...], ...]:
    """Without empty items and the fixed phrase, which stand for no item."""

    def says_nothing(prose: tuple[Statement, ...]) -> bool:
        return not prose or (len(prose) == 1 and not prose[0].refs and prose[0].text.rstrip(".").lower() == NONE_STATED)

    return tuple(prose for prose in items if not says_nothing(prose))


Items = Annotated[tuple[Prose, ...], AfterValidator(_items)]
"""A list; an empty one is shown as the fixed phrase."""


class Exhibit(Value):
    """A piece of evidence as a page shows it: caption, place and the quoted lines without shared indentation."""

    id: ExhibitId
    caption: Text
    path: SourcePath
    first: LineNumber
    last: LineNumber
    code: Code
    language: str = Field(default="python", pattern=r"^[A-Za-z0-9_+#.\-]+$")
    url: Annotated[Url, Field(pattern=r"^https?://.")] | None = None

    @property
    def place(self) -> Place:
        """Where the quoted lines stand."""
        return Place(self.path, self.first, self.last)


class Link(Value):
    """A typed link `[[edge::Kind:name]]`."""

    edge: str = Field(pattern=r"^[A-Za-z][A-Za-z0-9_]*$")
    kind: PageKind
    name: Name


class KnowledgeSource(Value):
    """Where a page's knowledge comes from: `[[source::Repo|title|url]]`."""

    kind: Label = "Repo"
    title: Label
    url: Url


class Metadata(Value):
    """The table at the top of a page."""

    sources: tuple[KnowledgeSource, ...] = ()
    domains: Labels = ()
    revision: Annotated[Label, AfterValidator(lambda revision: revision or None)] | None = None
    updated: Label = Field(default="", description="as 2026-11-21 20:00 GMT")


class _Page(Value):
    kind: ClassVar[PageKind]

    name: str
    metadata: Metadata = Metadata()
    overview: Prose = Field(default=(), description="one sentence that tells the whole point")
    description: Prose = Field(default=(), description="when it happens and what the code does then")
    related: tuple[Link, ...] = ()
    topics: Labels = Field(default=(), description="categories besides those of the type")

    @field_validator("topics")
    @classmethod
    def _without_type(cls, topics: tuple[str, ...]) -> tuple[str, ...]:
        own = {cls.kind.value, *(f"{category}_{cls.kind}" for category in CATEGORIES.get(cls.kind, ()))}
        return tuple(topic for topic in topics if topic not in own)

    @property
    def file(self) -> str:
        """Path of the page's file from the root of the wiki."""
        return f"{self.kind.folder}/{self.name}.md"


class Bullet(Value):
    """A line of the insight: `* '''Action:''' …`."""

    label: Literal["Action", "Value", "Trade-off", "Compatibility"] = Field(
        description="what to do; the value or default to use; what it costs; what it does not work with"
    )
    prose: Prose


class Heuristic(_Page):
    """Tribal knowledge: a warning, a limit, a workaround, a recommended value."""

    kind = PageKind.HEURISTIC

    usage: Text = Field(default="", description="when to read this page")
    insight: tuple[Bullet, ...] = Field(default=(), description="the rule of thumb; the first one is an Action")
    reasoning: Prose = Field(default=(), description="why; empty where the evidence gives no reason")
    evidence: tuple[Exhibit, ...] = ()
    category: HeuristicCategory | None = None


class Requirement(Value):
    """A row of System Requirements."""

    category: Text = Field(description="OS, Hardware, Python …")
    requirement: Prose
    notes: Prose = ()


class ErrorRow(Value):
    """A row of Common Errors."""

    message: Prose = Field(description="its words, without values that are only known at run time")
    cause: Prose
    solution: Prose = Field(description="empty where the evidence names none")


class Environment(_Page):
    """What must be installed or present for a part of the library to work."""

    kind = PageKind.ENVIRONMENT

    usage: Text = Field(default="", description="when this environment is needed")
    requirements: tuple[Requirement, ...] = Field(
        default=(), description="OS, hardware, Python, as far as evidence says"
    )
    system_packages: Items = ()
    python_packages: Items = ()
    credentials: Items = ()
    quick_install: Code = ""
    evidence: tuple[Exhibit, ...] = ()
    errors: tuple[ErrorRow, ...] = Field(default=(), description="errors and warnings that the evidence shows")
    compatibility: Items = Field(default=(), description="versions, devices and platforms where it differs")
    category: EnvironmentCategory | None = None


class Section(Value):
    """A section that this schema does not know, kept as it is; `level` is the number of `=`."""

    level: int = Field(default=2, ge=1, le=6)
    title: Annotated[Text, Field(min_length=1)]
    text: str


def _split_again(sections: tuple[Section, ...]) -> tuple[Section, ...]:
    """The sections as a reader finds them: a heading inside a text begins a section of its own."""
    whole = "\n\n".join(section(part.level, part.title, part.text.replace("\r", "\n")) for part in sections)
    return tuple(Section(level=part.level, title=part.title, text=part.text) for part in outline(whole)[1])


def _possible(place: Place) -> Place:
    numbers = (place.first, place.last)
    if re.search(r"^$|[\x00-\x1f\x7f]", place.path) or min(numbers) < 0 or max(numbers) > MAX_LINE:
        raise ValueError(f"{place} is no place in a source")
    return place


class _Authored(_Page):
    """Pages whose bodies wikiagent reads but does not own: everything besides the named parts stays as it is."""

    source: tuple[Annotated[Place, AfterValidator(_possible)], ...] = Field(
        default=(), description="where the page's subject stands in the source"
    )
    sections: Annotated[tuple[Section, ...], AfterValidator(_split_again)] = ()


class Implementation(_Authored):
    """A public symbol: what it does, its signature, where it is defined."""

    kind = PageKind.IMPLEMENTATION


class Principle(_Authored):
    """A concept that implementations realise."""

    kind = PageKind.PRINCIPLE


class Workflow(_Authored):
    """A task as a sequence of steps, each a principle."""

    kind = PageKind.WORKFLOW


Page = Workflow | Principle | Implementation | Environment | Heuristic

PAGE_TYPES: dict[PageKind, type[_Page]] = {
    page.kind: page for page in (Workflow, Principle, Implementation, Environment, Heuristic)
}
