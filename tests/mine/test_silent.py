from __future__ import annotations

import textwrap

import pytest

from tests.mine.conftest import Mine
from wikiagent.mine import silent
from wikiagent.mine.signal import Signal


def found(
    mine: Mine, body: str, head: str = "class Cage:\n    def __init__(self, food=None, size=3, eps=1e-6):"
) -> list[Signal]:
    signals = mine(f"{head}\n{textwrap.indent(textwrap.dedent(body).strip(), ' ' * 8)}\n")
    return [s for s in signals if s.kind in silent.KINDS and s.kind != "unused"]


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("if food is None:\n    food = self.larder.best()", "Where it is not given, it becomes `self.larder.best()`."),
        ("if not food:\n    self._food = HAY", "Where it is not given, it becomes `HAY`."),
        ("self.food = HAY if food is None else food", "Where it is not given, it becomes `HAY`."),
        ("self.food = food if food is not None else HAY", "Where it is not given, it becomes `HAY`."),
        ("self.food = (\n    food if food else\n    HAY\n)", "Where it is not given, it becomes `HAY`."),
        ("self.food = food or find_food()", "Where it is not given, it becomes `find_food()`."),
        (f"food = food or find('{'x' * 70}')", "Where it is not given, the code chooses a value."),
    ],
)
def test_a_default_that_is_chosen_late(mine: Mine, body: str, text: str) -> None:
    (signal,) = found(mine, body)
    assert (signal.kind, signal.subject, signal.symbol, signal.text) == ("default", "food", "Cage.__init__", text)


def test_a_default_under_a_condition(mine: Mine) -> None:
    (signal,) = found(mine, "if self.tame:\n    food = food or HAY")
    assert signal.text == "Where it is not given and `self.tame` holds, it becomes `HAY`."


@pytest.mark.parametrize(
    "body",
    [
        "if food is None:\n    food = []",
        "self.food = food or {}",
        "if other is None:\n    other = find()",
        "if food is None:\n    size = 4 + size",
        "ready = food or (size and eps)",
        "self.shelf = food or HAY",
        "for x in y:\n    food = food or HAY",
        "if self.tame:\n    if size:\n        food = food or HAY",
    ],
)
def test_what_is_no_default(mine: Mine, body: str) -> None:
    assert [s for s in found(mine, body) if s.kind == "default"] == []


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("if self.night:\n    size = 0", "Where `self.night`, it is set to `0`."),
        ("self.size = max(1, size)", "It is kept within limits: it becomes `max(1, size)`."),
        (
            "self.size = max(1, size) if size > 0 else 0",
            "It is kept within limits: it becomes `max(1, size) if size > 0 else 0`.",
        ),
    ],
)
def test_a_setting_that_is_changed(mine: Mine, body: str, text: str) -> None:
    (signal,) = found(mine, body)
    assert (signal.kind, signal.subject, signal.text) == ("override", "size", text)


def test_a_field_that_is_changed_after_the_others_are_known(mine: Mine) -> None:
    (signal,) = found(mine, "if self.tame:\n    self.bars = None", "class Cage:\n    def __post_init__(self):")
    assert (signal.kind, signal.subject, signal.text) == ("override", "bars", "Where `self.tame`, it is set to `None`.")
    assert (signal.place.first, signal.place.last) == (3, 4)


@pytest.mark.parametrize(
    "body",
    [
        "if self.night:\n    other = 0",
        "if self.night:\n    size = measure()",
        "if size is None:\n    size = 3",
        "x = torch.max(size)",
        "size = torch.max(size).abs()",
        "size = 4",
    ],
)
def test_what_changes_no_setting(mine: Mine, body: str) -> None:
    assert [s for s in found(mine, body) if s.kind == "override"] == []


@pytest.mark.parametrize(
    ("handler", "text"),
    [
        ("except KeyError:\n    pass", "`KeyError` is passed over in silence."),
        (
            "except (KeyError, OSError) as e:\n    return None",
            "Where `(KeyError, OSError)` occurs, `None` is returned.",
        ),
        ("except:\n    return None", "Where any exception occurs, `None` is returned."),
        ("except:\n    pass", "Any exception is passed over in silence."),
        ("except KeyError:\n    food = HAY", "Where `KeyError` occurs, it goes on with `food = HAY`."),
    ],
)
def test_an_exception_that_nobody_hears_of(mine: Mine, handler: str, text: str) -> None:
    signals = found(mine, f"try:\n    food = self.store[size]\n{handler}")
    assert [(s.kind, s.text) for s in signals if s.kind == "fallback"] == [("fallback", text)]


@pytest.mark.parametrize(
    "handler",
    [
        "except KeyError:\n    raise ValueError(size)",
        "except KeyError:\n    self.log()\n    food = HAY",
        "except ImportError:\n    food = None",
    ],
)
def test_what_is_no_silent_fallback(mine: Mine, handler: str) -> None:
    assert [s for s in found(mine, f"try:\n    food = self.store[size]\n{handler}") if s.kind == "fallback"] == []


@pytest.mark.parametrize(
    ("statement", "text"),
    [
        ("y = x.to(torch.float32)", "Computed in higher precision: `y = x.to(torch.float32)`."),
        ("return x.clone()", "Done on a copy: `return x.clone()`."),
        ("y = x.view(3).contiguous()", "Made contiguous first: `y = x.view(3).contiguous()`."),
        ("y = x / (x.norm() + eps)", "Extreme values are kept away: `y = x / (x.norm() + eps)`."),
        ("y = x.clamp(min=1e-6)", "Extreme values are kept away: `y = x.clamp(min=1e-6)`."),
    ],
)
def test_care_with_numbers(mine: Mine, statement: str, text: str) -> None:
    (signal,) = [s for s in found(mine, statement) if s.kind == "numeric"]
    assert signal.text == text


def test_a_buffer_that_is_not_saved(mine: Mine) -> None:
    signals = found(mine, 'self.register_buffer("rows", rows, persistent=False)\nself.register_buffer("kept", kept)')
    assert [(s.kind, s.subject) for s in signals] == [("unsaved", "rows")]


def test_nothing_in_private_code(mine: Mine) -> None:
    assert found(mine, "if food is None:\n    food = find()", "class _Cage:\n    def feed(self, food=None):") == []


LONG = "self.size = size + 1\n        return self.size * 2 + self.size\n"


@pytest.mark.parametrize(
    ("code", "names"),
    [
        (f"class Cage:\n    def feed(self, size, food=None):\n        {LONG}", ["food"]),
        (f"class Cage(Base):\n    def __init__(self, size, food=None):\n        {LONG}", ["food"]),
        (f"class Cage(Base):\n    def feed(self, size, food=None):\n        {LONG}", []),  # the base may want it
        (f"class Cage:\n    @hook\n    def feed(self, size, food=None):\n        {LONG}", []),
        (f"class Cage:\n    def feed(self, size, _food=None, *args, **rest):\n        {LONG}", []),
        (f"class Cage:\n    def feed(self, size, food=None):\n        x = locals()\n        {LONG}", []),
        ("class Cage:\n    def feed(self, size, food=None):\n        pass\n", []),
        (
            f"class Cage:\n    def feed(self, size, food):\n        {LONG}\nclass Pen:\n    def feed(self): ...",
            [],
        ),
    ],
)
def test_a_parameter_that_is_never_used(mine: Mine, code: str, names: list[str]) -> None:
    assert [s.subject for s in mine(code) if s.kind == "unused"] == names


def test_a_key_that_is_left_out_of_what_is_saved(mine: Mine) -> None:
    code = """\
    class Cage:
        def to_dict(self):
            found = dict(vars(self))
            del found["key"]
            found.pop("lock", None)
            return found

        def clean(self, found):
            found.pop("dirt")
    """
    signals = mine(textwrap.dedent(code))
    assert [(s.subject, s.text) for s in signals if s.kind == "unsaved"] == [
        ("key", "It is left out of what `to_dict` gives."),
        ("lock", "It is left out of what `to_dict` gives."),
    ]
