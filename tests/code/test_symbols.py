from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wikiagent.code.symbols import Symbol, Symbols, module_docstring, read_symbols
from wikiagent.config import Settings
from wikiagent.source.evidence import Place
from wikiagent.source.snapshot import Snapshot

Reader = Callable[[dict[str, str]], Symbols]


@pytest.fixture
def read(tmp_path: Path) -> Reader:
    def reader(files: dict[str, str]) -> Symbols:
        for name, text in files.items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(text)
        paths = tuple(sorted(files))
        return read_symbols(Snapshot("path:zoo@1", "zoo", "1", tmp_path, paths), paths)

    return reader


def where(exports: dict[str, Symbol]) -> dict[str, str]:
    return {name: f"{symbol.place.path}:{symbol.name}" for name, symbol in exports.items()}


# --- definitions -----------------------------------------------------------------------------------------------------

CAGE = '''\
import abc

@final
class Cage(Base, abc.ABC, Generic[T], metaclass=Meta):
    """A cage."""

    def __init__(
        self, size: int = 3, *args, deep: "list[int]", flat=None, **kwargs: Any
    ) -> None:
        def inner(x, /, y): ...
        self.size = size

    @property
    def size(self): return 1

    @size.setter
    def size(self, value): pass

    @overload
    async def _feed(self): "not f"

class Other: f"no docstring"
'''


def test_definitions(read: Reader) -> None:
    symbols = read({"cage.py": CAGE, "notes.txt": "class No: pass"})
    assert [(s.name, s.kind, s.place.first, s.place.last) for s in symbols.all] == [
        ("Cage", "class", 3, 20),
        ("Cage.__init__", "function", 7, 11),
        ("Cage.__init__.inner", "function", 10, 10),
        ("Cage.size", "function", 13, 14),
        ("Cage.size", "function", 16, 17),
        ("Cage._feed", "function", 19, 20),
        ("Other", "class", 22, 22),
    ]
    cage, init, inner, *_, feed, other = symbols.all
    assert cage.bases == ("Base", "ABC")
    assert cage.header == Place("cage.py", 4, 4)
    assert cage.docstring == Place("cage.py", 5, 5)
    assert init.header == Place("cage.py", 7, 9)
    assert init.docstring is None
    assert feed.docstring == Place("cage.py", 20, 20)
    assert other.docstring is None
    assert (inner.simple, inner.is_private, feed.is_private, init.is_private) == ("inner", False, True, False)


def test_at_and_chain(read: Reader) -> None:
    symbols = read({"cage.py": CAGE})
    inner = symbols.at("cage.py", 10)
    assert inner is not None
    assert [s.name for s in symbols.chain(inner)] == ["Cage.__init__.inner", "Cage.__init__", "Cage"]
    names = {
        line: found.name if (found := symbols.at("cage.py", line)) else None for line in (1, 3, 11, 15, 16, 22, 99)
    }
    assert names == {1: None, 3: "Cage", 11: "Cage.__init__", 15: "Cage", 16: "Cage.size", 22: "Other", 99: None}
    assert symbols.at("missing.py", 1) is None
    assert symbols.in_file("missing.py") == []


def test_subclasses(read: Reader) -> None:
    symbols = read({"a.py": "class A(A): ...\nclass B(x.A): ...\nclass C(B, D): ...\nclass D(C): ...\n"})
    assert symbols.subclasses("A") == {"B", "C", "D"}
    assert symbols.subclasses("C") == {"D"}
    assert symbols.subclasses("X") == set()


def test_callers(read: Reader) -> None:
    code = """\
feed()
def g():
    zoo.feed(); feed()
    run(feed)
    run([feeds, 1], {"a": pet})
class H:
    x = feed()
    def h(self): map(lambda z: feed(z), zs)[0]()
"""
    calls = {name: [s.name for s in found] for name, found in read({"a.py": code}).calls.items()}
    assert calls == {
        "feed": ["g", "H", "H.h"],
        "run": ["g"],
        "feeds": ["g"],
        "pet": ["g"],
        "map": ["H.h"],
        "z": ["H.h"],
        "zs": ["H.h"],
    }


@pytest.mark.parametrize(
    ("code", "definitions"),
    [
        ("x = " + " + ".join(["1"] * 5000), 0),
        ("def f():\n    x = " + "[" * 3000 + "]" * 3000, 1),
        ("".join(f"{' ' * n}def f{n}():\n" for n in range(200)) + " " * 200 + "pass", 200),
        ("__all__ = " + " + ".join(["['a']"] * 3000), 0),
    ],
)
def test_deep_code(read: Reader, code: str, definitions: int) -> None:
    assert len(read({"a/__init__.py": code}).all) == definitions


@pytest.mark.parametrize(
    ("code", "text"),
    [
        (b'"""A zoo."""\nx = 1', "A zoo."),
        (b"# Copyright\nr'A zoo.'", "A zoo."),
        (b'f"A zoo."', ""),
        (b'x = "A zoo."', ""),
        (b"", ""),
    ],
)
def test_module_docstring(code: bytes, text: str) -> None:
    assert module_docstring(code) == text


# --- exports ---------------------------------------------------------------------------------------------------------

CLASSES = "class Cage: ...\nclass Pen: ...\nclass _Hidden: ...\ndef feed(): ...\n"


@pytest.mark.parametrize("root", ["", "src/"])
@pytest.mark.parametrize(
    ("init", "names"),
    [
        ("from .cage import Cage, feed", {"Cage", "feed"}),
        ("from zoo.cage import Cage", {"Cage"}),
        ("from .cage import (\n    Cage as Cage,\n    Pen,\n)", {"Cage", "Pen"}),
        ("from . import cage", set()),
        ("from .cage import *", {"Cage", "Pen", "feed"}),
        ("from .cage import Cage, Pen\n__all__ = ['Cage']", {"Cage"}),
        ("from .cage import Cage, Pen\n__all__ = ('Pen',)", {"Pen"}),
        ("from .cage import Cage, Pen, feed\n__all__ = ['Cage']\n__all__ += ['feed']", {"Cage", "feed"}),
        ("from .cage import Cage, Pen\n__all__: list[str] = []\n__all__.extend(['Pen'])", {"Pen"}),
        ("from .cage import *\n__all__ = cage.__all__ + ['x']", {"Cage", "Pen", "feed"}),
        ("from .cage import _Hidden", set()),
        ("try:\n    from .cage import Cage\nexcept ImportError:\n    pass", {"Cage"}),
        ("def f():\n    from .cage import Cage\n", {"f"}),
        (
            "_import_structure = {'cage': ['Cage']}\nif TYPE_CHECKING:\n    from .cage import Cage\nelse:\n    lazy()",
            {"Cage"},
        ),
    ],
)
def test_exports(read: Reader, root: str, init: str, names: set[str]) -> None:
    symbols = read({f"{root}zoo/__init__.py": init, f"{root}zoo/cage.py": CLASSES, "setup.py": ""})
    expected = names or {"Cage", "Pen", "feed"}  # where nothing is exported, all that is public counts
    assert set(symbols.exports) == expected
    assert all(s.place.path.startswith(f"{root}zoo/") for s in symbols.exports.values())
    assert all(symbols.is_public(name) for name in expected)


def test_the_alias_is_the_public_name(read: Reader) -> None:
    symbols = read({"zoo/__init__.py": "from .cage import Cage as Box", "zoo/cage.py": CLASSES})
    assert where(symbols.exports) == {"Box": "zoo/cage.py:Cage"}
    assert [symbols.exported(s) for s in symbols.all[:2]] == ["Box", None]


def test_names_that_several_modules_define(read: Reader) -> None:
    symbols = read(
        {
            "zoo/__init__.py": "from .pen import Cage\nfrom .pens.small import Pen",
            "zoo/cage.py": CLASSES,
            "zoo/pen.py": CLASSES,
            "zoo/pen_old.py": CLASSES,
            "zoo/pens/__init__.py": "from .small import Pen, Cage",
            "zoo/pens/small.py": CLASSES,
        }
    )
    assert where(symbols.exports) == {"Cage": "zoo/pen.py:Cage", "Pen": "zoo/pens/small.py:Pen"}
    assert set(symbols.inner_exports) == {"feed"}  # without the names that the outermost package exports


def test_inner_packages(read: Reader) -> None:
    symbols = read(
        {
            "zoo/__init__.py": "from .pens import Cage",
            "zoo/pens/__init__.py": "from .small import *\nfrom ..cage import feed",
            "zoo/pens/small.py": "__all__ = ['Cage', 'Pen']\nclass Cage: ...\nclass Pen: ...\nclass Not: ...",
            "zoo/cage.py": CLASSES,
        }
    )
    assert where(symbols.exports) == {"Cage": "zoo/pens/small.py:Cage"}
    assert where(symbols.inner_exports) == {"Pen": "zoo/pens/small.py:Pen", "feed": "zoo/cage.py:feed"}


def test_what_the_package_itself_defines(read: Reader) -> None:
    symbols = read({"zoo/__init__.py": "def feed(): ...\ndef _no(): ..."})
    assert where(symbols.exports) == {"feed": "zoo/__init__.py:feed"}


def test_packages_that_import_each_other(read: Reader) -> None:
    symbols = read(
        {
            "zoo/__init__.py": "from .pens import *\nfrom . import *",
            "zoo/pens/__init__.py": "from .. import *\nfrom .small import *",
            "zoo/pens/small.py": "from zoo.pens import *\nclass Cage: ...",
        }
    )
    assert where(symbols.exports) == {"Cage": "zoo/pens/small.py:Cage"}


def test_namespace_package(read: Reader) -> None:
    symbols = read(
        {
            "src/city/zoo/__init__.py": "from city.zoo.cage import Cage\nfrom city.other import feed",
            "src/city/zoo/cage.py": "class Cage: ...\nclass Pen: ...",
        }
    )
    assert where(symbols.exports) == {"Cage": "src/city/zoo/cage.py:Cage"}


def test_without_exports_every_public_definition_counts(read: Reader) -> None:
    symbols = read({"zoo/__init__.py": "", "zoo/cage.py": CLASSES, "zoo/deep.py": "class A:\n    class B: ..."})
    assert set(symbols.exports) == {"Cage", "Pen", "feed", "A"}


def test_imports_above_the_root(read: Reader) -> None:
    symbols = read({"__init__.py": "from ....x import Cage\nfrom .cage import Pen", "cage.py": CLASSES})
    assert where(symbols.exports)["Pen"] == "cage.py:Pen"


@settings(deadline=None, max_examples=50)
@given(st.binary())
def test_any_bytes(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    root = tmp_path_factory.mktemp("any")
    (root / "__init__.py").write_bytes(content)
    snapshot = Snapshot("path:a@1", "a", "1", root, ("__init__.py",))
    for symbol in read_symbols(snapshot, ("__init__.py",)).all:
        assert 1 <= symbol.place.first <= symbol.place.last


def test_a_real_package(peft: Snapshot) -> None:
    source = Settings().source
    symbols = read_symbols(peft, peft.select(source.include, source.exclude))
    for symbol in symbols.all:
        assert 1 <= symbol.place.first <= symbol.header.first <= symbol.header.last <= symbol.place.last
        assert symbol.place.last <= len(peft.lines(symbol.place.path))
        inner = symbols.at(symbol.place.path, symbol.header.first)
        assert inner == symbol
        assert next(symbols.chain(symbol)) == symbol
        line = peft.lines(symbol.place.path)[symbol.header.first - 1]
        assert symbol.simple in line
    for name in ("LoraConfig", "LoraModel", "get_peft_model", "PeftModel"):
        assert symbols.exports[name].simple == name
    assert "LoraModel" in symbols.subclasses("BaseTuner")


def test_a_module_that_no_package_exports_from_is_public_by_itself(read: Reader) -> None:
    symbols = read(
        {
            "zoo/__init__.py": "from .cage import Cage",
            "zoo/cage.py": "class Cage: pass\nclass Bar: pass",
            "zoo/birds.py": "class Parrot: pass\ndef _feather(): pass",
            "zoo/_inner.py": "class Hidden: pass",
        }
    )
    assert set(symbols.exports) == {"Cage"}
    assert [symbols.is_public(name) for name in ("Parrot", "Bar", "_feather", "Hidden")] == [True, False, False, False]
