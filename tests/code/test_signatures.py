from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from wikiagent.code.signatures import Signatures
from wikiagent.source.snapshot import Snapshot

CODE = '''\
from dataclasses import dataclass, field
from elsewhere import Outside


class Base:
    size: int = 3

    def __init__(self, size=3, *, kind: str = "big"):
        self.kind = kind

    def grow(self, by: int = 1, *parts, **more): ...


class Sub(Base):
    def shrink(self, by): ...


@dataclass
class Config:
    """A `name: int = 1` in a docstring is no field."""

    rank: int = 8
    names: list = field(default_factory=list)
    rate: float = field(default=0.5, metadata={"help": "x"})
    free = 1

    async def load(self, path, force=False): ...


class Other(Outside): ...


class Dynamic:
    def __getattr__(self, name): ...


def call(a, b=None, /, c: int = 7, *, d="x"): ...
'''


@pytest.fixture
def signatures(tmp_path: Path) -> Signatures:
    (tmp_path / "a.py").write_text(CODE)
    (tmp_path / "broken.py").write_text("def half(x, y=2:\n  return (\nclass\n")
    return Signatures(Snapshot("path:a@1", "a", "1", tmp_path, ("a.py", "broken.py")))


def test_parameters_and_their_defaults(signatures: Signatures) -> None:
    (call,) = signatures.of("call")
    assert call.parameters == {"a": None, "b": "None", "c": "7", "d": '"x"'}
    assert (call.takes("c"), call.takes("e")) == (True, False)
    (grow,) = signatures.of("Base.grow")
    assert grow.parameters == {"by": "1"}
    assert grow.takes("anything")
    (load,) = signatures.of("load")
    assert load.parameters == {"path": None, "force": "False"}


def test_fields_of_a_data_class(signatures: Signatures) -> None:
    (config,) = signatures.of("Config")
    assert config.parameters == {"rank": "8", "names": "list()", "rate": "0.5"}
    assert [config.has(name) for name in ("rank", "free", "load", "name")] == [True, True, True, False]


def test_a_class_has_what_its_bases_have(signatures: Signatures) -> None:
    (sub,) = signatures.of("Sub")
    assert sub.parameters == {"size": "3", "kind": '"big"'}
    assert [sub.has(name) for name in ("shrink", "grow", "kind", "size", "fly")] == [True, True, True, True, False]


def test_what_cannot_be_known_is_not_denied(signatures: Signatures) -> None:
    (other,), (dynamic,) = signatures.of("Other"), signatures.of("Dynamic")
    assert other.takes("x")
    assert other.has("x")
    assert dynamic.has("x")


def test_a_name_that_is_not_defined(signatures: Signatures) -> None:
    assert signatures.of("nothing") == ()
    assert signatures.of("Sub.grow") == ()
    assert not signatures.defined("Outside")


def test_who_takes_a_parameter(signatures: Signatures) -> None:
    assert [signature.name for signature in signatures.taking("by")] == ["Base.grow", "Sub.shrink"]
    assert signatures.taking("nobody") == []


def test_places_are_those_of_the_file(signatures: Signatures) -> None:
    (config,) = signatures.of("Config")
    lines = CODE.split("\n")
    assert lines[config.place.first - 1] == "@dataclass"
    assert "force=False" in lines[config.place.last - 1]


def test_several_threads_may_ask_at_once(tmp_path: Path) -> None:
    """A file is read by whoever asks first; nobody else sees it half read."""
    each = "class C{n}_{i}(C{base}_{i}):\n    def f{i}(self, a=1): ...\n"
    files = {f"m{n}.py": "".join(each.format(n=n, i=i, base=(n + 1) % 40) for i in range(40)) for n in range(40)}
    for name, code in files.items():
        (tmp_path / name).write_text(code)
    alone = Signatures(Snapshot("path:a@1", "a", "1", tmp_path, tuple(sorted(files))))
    expected = [len(alone.in_file(name)) for name in files]
    shared = Signatures(Snapshot("path:a@1", "a", "1", tmp_path, tuple(sorted(files))))
    with ThreadPoolExecutor(8) as pool:
        asked = list(pool.map(lambda name: len(shared.in_file(name)), [*files] * 4))
    assert asked == expected * 4
