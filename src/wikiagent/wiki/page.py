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

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from wikiagent.source.evidence import Place, dedent


class PageKind(StrEnum):
    """The five page types; the value is how links name them."""

    WORKFLOW = "Workflow"
    PRINCIPLE = "Principle"
    IMPLEMENTATION = "Implementation"
    ENVIRONMENT = "Environment"
    HEURISTIC = "Heuristic"

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


def _one_line(text: str) -> str:
    """Fold white space and control characters; close a code span that was left open."""
    text = " ".join(re.sub(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]", " ", text).split())
    if text.count("`") % 2:
        head, _, tail = text.rpartition("`")
        text = f"{head}'{tail}"
    # an empty or blank code span is no code
    return " ".join(re.sub(r"`\s*`", " ", re.sub(r"`\s*([^`]*?)\s*`", r"`\1`", text)).split())


Text = Annotated[str, AfterValidator(_one_line)]
"""One line of text without markup; code stands between backticks."""

Code = Annotated[str, AfterValidator(dedent)]
"""Lines of code without the indentation that all of them share."""

Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][\w.\-]*$")]
"""A full page name, with the prefix of the repository."""


class Value(BaseModel):
    """Base of all parts of a page: immutable, strict about unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Statement(Value):
    """A stretch of text and the ids of the exhibits that prove it."""

    text: Text
    refs: tuple[str, ...] = ()


def _merged(statements: tuple[Statement, ...]) -> tuple[Statement, ...]:
    """Only the last statement may lack references: text before a reference belongs to it, as readers take it."""
    out: list[Statement] = []
    for statement in statements:
        if not statement.text:
            if out and statement.refs:
                out[-1] = Statement(text=out[-1].text, refs=(*out[-1].refs, *statement.refs))
        elif out and not out[-1].refs:
            out[-1] = Statement(text=f"{out[-1].text} {statement.text}", refs=statement.refs)
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


class Exhibit(Value):
    """A piece of evidence as a page shows it: caption, place and the quoted lines without shared indentation."""

    id: str = Field(pattern=r"^e[1-9]\d*$")
    caption: Text
    path: str
    first: int
    last: int
    code: Code
    language: str = "python"
    url: str | None = None

    @property
    def place(self) -> Place:
        """Where the quoted lines stand."""
        return Place(self.path, self.first, self.last)


class Link(Value):
    """A typed link `[[edge::Kind:name]]`."""

    edge: str
    kind: PageKind
    name: str


class KnowledgeSource(Value):
    """Where a page's knowledge comes from: `[[source::Repo|title|url]]`."""

    kind: str = "Repo"
    title: Text
    url: str


class Metadata(Value):
    """The table at the top of a page."""

    sources: tuple[KnowledgeSource, ...] = ()
    domains: tuple[str, ...] = ()
    revision: str | None = None
    updated: str = Field(default="", description="as 2026-11-21 20:00 GMT")


class _Page(Value):
    kind: ClassVar[PageKind]

    name: str
    metadata: Metadata = Metadata()
    overview: Prose = ()
    description: Prose = ()
    related: tuple[Link, ...] = ()
    topics: tuple[str, ...] = Field(default=(), description="categories besides those of the type")

    @property
    def file(self) -> str:
        """Path of the page's file from the root of the wiki."""
        return f"{self.kind.folder}/{self.name}.md"


class Bullet(Value):
    """A line of the insight: `* '''Action:''' …`."""

    label: Literal["Action", "Value", "Trade-off", "Compatibility"]
    prose: Prose


class Heuristic(_Page):
    """Tribal knowledge: a warning, a limit, a workaround, a recommended value."""

    kind = PageKind.HEURISTIC

    usage: Text = ""
    insight: tuple[Bullet, ...] = ()
    reasoning: Prose = ()
    evidence: tuple[Exhibit, ...] = ()
    category: HeuristicCategory | None = None


class Requirement(Value):
    """A row of System Requirements."""

    category: Text
    requirement: Prose
    notes: Prose = ()


class ErrorRow(Value):
    """A row of Common Errors."""

    message: Prose
    cause: Prose
    solution: Prose


class Environment(_Page):
    """What must be installed or present for a part of the library to work."""

    kind = PageKind.ENVIRONMENT

    usage: Text = ""
    requirements: tuple[Requirement, ...] = ()
    system_packages: tuple[Prose, ...] = ()
    python_packages: tuple[Prose, ...] = ()
    credentials: tuple[Prose, ...] = ()
    quick_install: Code = ""
    evidence: tuple[Exhibit, ...] = ()
    errors: tuple[ErrorRow, ...] = ()
    compatibility: tuple[Prose, ...] = ()
    category: EnvironmentCategory | None = None


class Section(Value):
    """A section that this schema does not know, kept as it is; `level` is the number of `=`."""

    level: int = Field(default=2, ge=1, le=6)
    title: str
    text: str


class _Authored(_Page):
    """Pages whose bodies wikiagent reads but does not own: everything besides the named parts stays as it is."""

    source: tuple[Place, ...] = Field(default=(), description="where the page's subject stands in the source")
    sections: tuple[Section, ...] = ()


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
