"""A small source with a page about it that breaks no rule."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from wikiagent.check.finding import Finding
from wikiagent.check.gate import check_draft
from wikiagent.check.source import Source
from wikiagent.source.snapshot import Snapshot
from wikiagent.wiki.graph import Wiki
from wikiagent.wiki.page import (
    Bullet,
    Environment,
    EnvironmentCategory,
    Exhibit,
    Heuristic,
    HeuristicCategory,
    Link,
    Metadata,
    PageKind,
    Requirement,
    Statement,
)

ANIMALS = '''\
import warnings


def feed(count):
    """Feed the animals."""
    if count > 40:
        warnings.warn("More than 40 portions need zebra_feed >= 0.21.0.")
    return [
        count
    ]


}
'''

Gate = Callable[[Heuristic | Environment], list[Finding]]


@pytest.fixture
def source(tmp_path: Path) -> Snapshot:
    root = tmp_path / "source"
    (root / "src" / "zoo").mkdir(parents=True)
    (root / "src" / "zoo" / "animals.py").write_text(ANIMALS)
    (root / "src" / "zoo" / "long.py").write_text("".join(f"row_{n} = {n}\n" for n in range(100)))
    files = ("src/zoo/animals.py", "src/zoo/long.py")
    return Snapshot("pypi:zoo==1.2", "zoo", "1.2", root, files)


@pytest.fixture
def wiki() -> Wiki:
    return Wiki(
        {
            "implementations/some_zoo_feed.md": "== Overview ==\nFeeds.\n",
            "principles/some_zoo_Feeding.md": "== Overview ==\nFood.\n",
        },
        "some_zoo",
    )


@pytest.fixture
def gate(source: Snapshot, wiki: Wiki) -> Gate:
    return lambda page: check_draft(page, Source(source), wiki, {"ZooKeeper"}.__contains__)


EXHIBIT = Exhibit(
    id="e1",
    caption="Warning in `feed`",
    path="src/zoo/animals.py",
    first=6,
    last=7,
    code='if count > 40:\n    warnings.warn("More than 40 portions need zebra_feed >= 0.21.0.")',
)
PROVEN = (Statement(text="More than 40 portions need `zebra_feed` >= 0.21.0.", refs=("e1",)),)
METADATA = Metadata(domains=("Warning",), revision="pypi:zoo==1.2", updated="2026-11-21 20:00 GMT")


@pytest.fixture
def heuristic() -> Heuristic:
    return Heuristic(
        name="some_zoo_Portions",
        metadata=METADATA,
        overview=PROVEN,
        description=PROVEN,
        usage="Read this before calling `feed`.",
        insight=(Bullet(label="Action", prose=PROVEN),),
        reasoning="The source states no reason.",  # type: ignore[arg-type]
        evidence=(EXHIBIT,),
        related=(Link(edge="uses_heuristic", kind=PageKind.IMPLEMENTATION, name="some_zoo_feed"),),
        category=HeuristicCategory.WARNING,
    )


@pytest.fixture
def environment() -> Environment:
    silent = (Statement(text="not stated in the source"),)
    return Environment(
        name="some_zoo_Zebra_Backend",
        metadata=METADATA,
        overview=PROVEN,
        description=PROVEN,
        usage="Use this environment when calling `feed`.",
        requirements=(Requirement(category="OS", requirement=silent),),
        python_packages=((Statement(text="`zoo`"),), (Statement(text="`zebra_feed` >= 0.21.0", refs=("e1",)),)),
        quick_install='pip install zoo "zebra_feed>=0.21.0"',
        evidence=(EXHIBIT,),
        related=(Link(edge="requires_env", kind=PageKind.IMPLEMENTATION, name="some_zoo_feed"),),
        category=EnvironmentCategory.BACKEND,
    )
