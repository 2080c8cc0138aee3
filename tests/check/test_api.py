"""CLM005-007: messages, parameters, attributes and defaults."""

from __future__ import annotations

from pathlib import Path

import pytest

from wikiagent.check.api import check_api
from wikiagent.check.messages import Messages
from wikiagent.check.reading import Reading
from wikiagent.check.source import Source
from wikiagent.source.snapshot import Snapshot
from wikiagent.wiki.page import PageKind

CODE = """\
from dataclasses import dataclass


@dataclass
class FeedConfig:
    portions: int = 40
    kind: str = "hay"
    strict: bool = False

    def check(self):
        if self.portions > 40:
            raise ValueError(
                f"Found an incompatible version of {self.kind}. Found version {self.portions}, "
                "but only versions above "
                f"{self.strict} are supported"
            )


def feed(animal, count=1, *, slowly=None):
    if slowly is None:
        slowly = True
    warnings.warn("The animal %s is not hungry." % animal)


def sleep(hours=8): ...
"""


@pytest.fixture
def zoo(tmp_path: Path) -> Source:
    (tmp_path / "zoo.py").write_text(CODE)
    return Source(Snapshot("pypi:zoo==1.0", "zoo", "1.0", tmp_path, ("zoo.py",)))


def codes(zoo: Source, text: str, name: str = "zoo_A", kind: PageKind = PageKind.HEURISTIC) -> list[str]:
    page = Reading(f"{kind.folder}/{name}.md", kind, name, f"== Overview ==\n{text}\n")
    return [finding.code for finding in check_api(page, zoo)]


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("Pass `FeedConfig(portions=7, kind='straw')`.", "Pass `FeedConfig(portions=7, count=3)`."),
        ("Call `zoo.feed(lion, count=max(a, b=2))`.", "Call `zoo.feed(lion, portions=2)`."),
        ("`config = FeedConfig(portions=7)`", "`config = FeedConfig(count=7)`"),
        ("`feed(lion, FeedConfig(portions=7))`", "`feed(lion, FeedConfig(count=7))`"),
        ("Use `FeedConfig(portions=7, ...)`.", "Use `FeedConfig(count=7, ...)`."),
        ("`portions` of `FeedConfig` matters.", "`hours` of `FeedConfig` matters."),
        ("The `count` parameter of `feed`.", "The `hours` parameter of `feed`."),
        ("Set `FeedConfig.strict`.", "Set `FeedConfig.hungry`."),
        ("`FeedConfig`'s `kind` says it.", "`FeedConfig`'s `colour` says it."),
        ("`FeedConfig.__eq__` and `check()` of `FeedConfig`.", "`check` of `FeedConfig` and `wake` of `FeedConfig`."),
    ],
)
def test_parameters_and_attributes(zoo: Source, right: str, wrong: str) -> None:
    assert codes(zoo, right) == []
    assert codes(zoo, wrong) == ["CLM006"]


@pytest.mark.parametrize(
    "text", ["`Tiger(claws=4)`", "`x` of `Tiger`", "`unknown(a=1)`", "`feed(**options)`", "`Tiger.roar`"]
)
def test_what_the_source_does_not_define_is_not_judged(zoo: Source, text: str) -> None:
    assert codes(zoo, text) == []


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("`portions` defaults to `40`.", "`portions` defaults to `41`."),
        ("`strict` defaults to False.", "`strict` defaults to `True`."),
        ('`kind` (default: `"hay"`) says it.', '`kind` (default: `"straw"`) says it.'),
        ("`FeedConfig.strict` defaults to `False`.", "`FeedConfig.strict` defaults to `True`."),
        ("By default, `hours` is `8`.", "By default, `hours` is `7`."),
        ("`hours` of `sleep` defaults to 8.", "`hours` of `sleep` defaults to 9."),
        ("The default of `hours` is 8.", "The default of `hours` is 7."),
    ],
)
def test_defaults(zoo: Source, right: str, wrong: str) -> None:
    assert codes(zoo, right) == []
    assert codes(zoo, wrong) == ["CLM007"]


def test_a_default_that_is_chosen_later(zoo: Source) -> None:
    assert codes(zoo, "`slowly` defaults to `True`.") == []
    assert codes(zoo, "`slowly` defaults to `False`.") == ["CLM007"]


TABLE = """\
== API Signature ==
```python
FeedConfig(portions=40)
```

== Parameters ==
| Parameter | Type | Default |
|-----------|------|---------|
| `{name}` | int | {default} |
"""


def test_tables_of_parameters(zoo: Source) -> None:
    def found(name: str, default: str) -> list[str]:
        return codes(zoo, TABLE.format(name=name, default=default), "zoo_FeedConfig", PageKind.IMPLEMENTATION)

    assert found("portions", "40") == found("kind", "hay") == found("strict", "-") == []
    assert found("colour", "1") == ["CLM006"]
    assert found("portions", "41") == ["CLM007"]


@pytest.mark.parametrize(
    "message",
    [
        "Found an incompatible version of hay. Found version 3, but only versions above 40 are supported",
        "Found an incompatible version of {self.kind}.",
        "only versions above … are supported",
        "but only versions above <version> are supported",
        "The animal lion is not hungry.",
    ],
)
def test_messages_that_are_emitted(zoo: Source, message: str) -> None:
    assert Messages(zoo.snapshot).emitted(message)


@pytest.mark.parametrize(
    "message",
    [
        "CUDA out of memory",
        "No module named 'transformers'",
        "Found a compatible version of hay.",
        "The animal lion is not angry.",
        "only versions below 40 are supported",
    ],
)
def test_messages_that_are_not(zoo: Source, message: str) -> None:
    assert not Messages(zoo.snapshot).emitted(message)


def test_messages_in_a_table_and_in_prose(zoo: Source) -> None:
    table = "== Common Errors ==\n{{|\n! Error Message !! Cause\n|-\n| `ValueError: {}` || too much\n|}}"
    assert codes(zoo, table.format("only versions above 40 are supported")) == []
    assert codes(zoo, table.format("only lions are supported")) == ["CLM005"]
    assert codes(zoo, "It raises `UserWarning: The animal zebra is not hungry.`") == []
    assert codes(zoo, "It raises `UserWarning: The animal zebra is asleep.`") == ["CLM005"]
