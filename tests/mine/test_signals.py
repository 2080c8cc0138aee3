from __future__ import annotations

import textwrap
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.mine.conftest import Mine
from wikiagent.code.symbols import read_symbols
from wikiagent.config import Settings
from wikiagent.draft.said import caption
from wikiagent.mine import silent
from wikiagent.mine.signal import MAX_LINES, Condition, Signal
from wikiagent.mine.signals import read_signals
from wikiagent.phases.report import PATTERNS
from wikiagent.source.snapshot import Snapshot


def only(signals: list[Signal], kind: str) -> Signal:
    (signal,) = (s for s in signals if s.kind == kind)
    return signal


def lines(signal: Signal) -> tuple[int, int]:
    return signal.place.first, signal.place.last


def code(text: str) -> str:
    return textwrap.dedent(text).lstrip("\n")


ERROR = 'raise ValueError("Only two zebras can be fed.")'


# --- warnings and errors ---------------------------------------------------------------------------------------------


def test_warning_with_its_condition_comment_and_category(mine: Mine) -> None:
    signals = mine(
        code("""
        import warnings

        class Cage:
            def merge(self, safe=False):
                x = 1
                # Lions and zebras do not mix.
                if self.lions and not safe:
                    warnings.warn(
                        f"Merging {len(self.lions)} lions may lose zebras, "
                        "use `safe=True` instead.",
                        category=UserWarning,
                    )
        """)
    )
    signal = only(signals, "warning")
    assert signal.place.path == "src/zoo/cage.py"
    assert lines(signal) == (6, 12)
    assert signal.symbol == "Cage.merge"
    assert signal.text == "Merging `{len(self.lions)}` lions may lose zebras, use `safe=True` instead."
    assert signal.condition == "self.lions and not safe"
    assert signal.raises == "UserWarning"


@pytest.mark.parametrize(
    "call",
    [
        "warnings.warn({})",
        "logger.warning({})",
        "logging.warn({})",
        "LOGGER.warning_once({})",
        "self.log.warning({})",
        "warn({})",
        "rank_zero_warn({})",
        "warn_once(logger, {})",
    ],
)
def test_every_way_to_warn(mine: Mine, call: str) -> None:
    signal = only(mine(call.format('"Zebras without shade lose their stripes."')), "warning")
    assert signal.text == "Zebras without shade lose their stripes."
    assert signal.symbol == ""
    assert signal.condition == ""


@pytest.mark.parametrize("call", ["logger.info", "print", "self.warned", "warned", "forewarns"])
def test_what_does_not_warn(mine: Mine, call: str) -> None:
    assert mine(f'{call}("Zebras without shade lose their stripes.")') == []


@pytest.mark.parametrize("branch", ["if x > 1", "elif x > 1"])
def test_error_in_a_branch(mine: Mine, branch: str) -> None:
    text = f"def feed(x):\n    if not x:\n        pass\n    {branch}:\n        raise zoo.{ERROR[6:]}\n"
    signal = only(mine(text), "error")
    assert (lines(signal), signal.condition, signal.raises) == ((4, 5), "x > 1", "ValueError")


def test_error_in_an_else_branch_is_raised_where_the_condition_does_not_hold(mine: Mine) -> None:
    text = 'if x:\n    pass\nelse:\n    raise ValueError("Only one zebra can be fed.")\n'
    signal = only(mine(text), "error")
    assert (lines(signal), signal.conditions) == ((1, 4), (Condition("x", holds=False),))


def test_error_after_several_conditions_has_none(mine: Mine) -> None:
    text = 'if x:\n    pass\nelif y:\n    pass\nelse:\n    raise ValueError("Only one zebra can be fed.")\n'
    signal = only(mine(text), "error")
    assert (lines(signal), signal.conditions) == ((1, 6), ())


def test_all_conditions_count(mine: Mine) -> None:
    text = 'if a:\n    if b:\n        with c:\n            raise ValueError("Only one zebra can be fed.")\n'
    signal = only(mine(text), "error")
    assert (lines(signal), signal.conditions) == ((1, 4), (Condition("a"), Condition("b")))


def test_an_assertion_fails_where_its_condition_does_not_hold(mine: Mine) -> None:
    signal = only(mine('if a:\n    assert b > 1, "Only one zebra can be fed."\n'), "error")
    assert signal.conditions == (Condition("a"), Condition("b > 1", holds=False))


def test_condition_outside_of_a_function_does_not_count(mine: Mine) -> None:
    text = 'if a:\n    def f():\n        raise ValueError("Only one zebra can be fed.")\n'
    assert only(mine(text), "error").conditions == ()


def test_condition_on_several_lines_stands_on_one(mine: Mine) -> None:
    text = 'if (\n    a\n    and b\n):\n    raise ValueError("Only one zebra can be fed.")\n'
    signal = only(mine(text), "error")
    assert (lines(signal), signal.condition) == ((1, 5), "( a and b )")


def test_error_made_before_it_is_raised(mine: Mine) -> None:
    text = 'def f():\n    error = ValueError("Only one zebra can be fed.")\n    error.code = 3\n    raise error\n'
    signal = only(mine(text), "error")
    assert (lines(signal), signal.raises) == ((2, 4), "ValueError")


def test_assert_with_a_message(mine: Mine) -> None:
    signal = only(mine('def f(x):\n    assert x > 1, f"Only {x} zebras can be fed."\n    assert x\n'), "error")
    assert (lines(signal), signal.text) == ((2, 2), "Only `{x}` zebras can be fed.")
    assert signal.raises == ""  # the code does not name it


@pytest.mark.parametrize("trivial", ['raise ValueError("bad")', "raise ValueError(x)", "raise", "raise ValueError"])
def test_errors_that_say_nothing(mine: Mine, trivial: str) -> None:
    assert mine(trivial) == []


# --- messages --------------------------------------------------------------------------------------------------------

ZEBRAS = "Only two zebras can be fed."


@pytest.mark.parametrize(
    ("argument", "text"),
    [
        ('"Only two " "zebras can be fed."', ZEBRAS),
        ('("Only two "\n    "zebras can be fed.")', ZEBRAS),
        ('"Only two " + "zebras can be fed."', ZEBRAS),
        ('" ".join(["Only two ", "zebras can be fed."])', ZEBRAS),
        ('textwrap.dedent("""\n    Only two\n    zebras can be fed.\n""")', ZEBRAS),
        ('_("Only two zebras can be fed.")', ZEBRAS),
        ('"Only two zebras can be fed." if x else "No zebra at all."', ZEBRAS),
        ('404, "Only two zebras can be fed."', ZEBRAS),
        ('status=404, detail="Only two zebras can be fed."', ZEBRAS),
        ('message := "Only two zebras can be fed."', ZEBRAS),
        ('b"Only two zebras can be fed."', ZEBRAS),
        ('r"Only two \\zebras can be fed."', "Only two \\zebras can be fed."),
        ('"Only\\ttwo \\"zebras\\" can\\nbe \\u2014 fed\\x2e"', 'Only two "zebras" can be — fed.'),
        ('"Only two \\\n    zebras can be fed."', ZEBRAS),
        ('"Only %s zebras can eat %s." % ("two", "hay")', "Only %s zebras can eat %s."),
        ('"Only {} zebras can eat {}.".format("two", y)', "Only {} zebras can eat {}."),
        ('f"Only {{two}} zebras {x!r:>{w}} can be fed."', "Only {two} zebras `{x}` can be fed."),
        (
            "f\"Only {d['two']} zebras {f(a, {1: 2})} can be fed.\"",
            "Only `{d['two']}` zebras `{f(a, {1: 2})}` can be fed.",
        ),
        ('f"""Only {\n    two\n} zebras\n    can be fed."""', "Only `{two}` zebras can be fed."),
        ('"Only two " + str(x) + " zebras can eat " + hay', "Only two … zebras can eat …"),
        ('"Only `two` zebras can be fed."', "Only `two` zebras can be fed."),
        ("f\"Only {a + '`'} zebras can be fed.\"", "Only … zebras can be fed."),
        ('"Only a ` mark of zebras."', "Only a ` mark of zebras."),
        ('"Only two zebras.""Can be fed."', "Only two zebras. Can be fed."),
        ('"Only two zebras""Whether they can be fed."', "Only two zebras Whether they can be fed."),
        ('"If zebras<lions and lions>0, nobody can be fed."', "If zebras<lions and lions>0, nobody can be fed."),
    ],
)
def test_message(mine: Mine, argument: str, text: str) -> None:
    signal = only(mine(f"def f():\n    raise ValueError({argument})\n"), "error")
    assert signal.text == text
    assert signal.place.first == 2


def test_message_assigned_just_before(mine: Mine) -> None:
    text = code("""
        def f(x):
            msg = "Never."
            if x:
                msg = (
                    "Only two zebras can be fed."
                )
                raise X(msg)
        """)
    signal = only(mine(text), "error")
    assert (signal.text, lines(signal), signal.condition) == (ZEBRAS, (3, 7), "x")


def test_message_assigned_far_above_is_shown_where_it_stands(mine: Mine) -> None:
    text = 'def f(x):\n    msg = "Only two zebras can be fed."\n' + "    x += 1\n" * 40 + "    raise X(msg)\n"
    signal = only(mine(text), "error")
    assert (signal.text, lines(signal), signal.symbol) == (ZEBRAS, (2, 2), "f")


def test_message_of_a_constant(mine: Mine) -> None:
    signal = only(mine('FEW = "Only two zebras can be fed."\ndef f(x):\n    raise X(FEW)\n'), "error")
    assert (signal.text, lines(signal)) == (ZEBRAS, (1, 3))


def test_message_of_another_function_is_not_followed(mine: Mine) -> None:
    assert mine('def g():\n    msg = "Only two zebras can be fed."\ndef f(msg):\n    raise X(msg)\n') == []


# --- deprecations ----------------------------------------------------------------------------------------------------


def test_deprecation_by_words_and_by_category(mine: Mine) -> None:
    first = only(mine('warnings.warn("`cage` is deprecated, use `pen`.", FutureWarning)'), "deprecation")
    assert (first.text, first.raises) == ("`cage` is deprecated, use `pen`.", "FutureWarning")
    second = only(mine('warnings.warn("Use the pen from now on.", DeprecationWarning, 2)'), "deprecation")
    assert second.raises == "DeprecationWarning"
    third = only(mine('deprecate("cage", "1.0", "Please use the pen from now on.")'), "warning")
    assert third.text == "Please use the pen from now on."


@pytest.mark.parametrize(
    ("decorator", "text"),
    [
        ("@deprecated", "`deprecated`"),
        ("@utils.deprecated", "`utils.deprecated`"),
        ('@deprecated("Use the pen from now on.")', "Use the pen from now on."),
        ('@deprecate_kwarg("cage", new_name="pen")', '`deprecate_kwarg("cage", new_name="pen")`'),
    ],
)
def test_decorator_that_deprecates(mine: Mine, decorator: str, text: str) -> None:
    signal = only(mine(f"import x\n\n{decorator}\n@other\ndef cage(a,\n         b):\n    pass\n"), "deprecation")
    assert (signal.text, signal.symbol, lines(signal)) == (text, "cage", (3, 5))


@pytest.mark.parametrize(
    "comment",
    [
        "# we get the deprecated file here, so that it can be updated",
        "# Columns will be removed before the zebras are counted",
    ],
)
def test_what_only_mentions_a_deprecation(mine: Mine, comment: str) -> None:
    assert [s for s in mine(f"{comment}\nx = 1\n") if s.kind == "deprecation"] == []


def test_comment_that_declares_a_deprecation(mine: Mine) -> None:
    signal = only(mine("# The old cage is deprecated and will be removed in 2.0.\nx = 1\n"), "deprecation")
    assert lines(signal) == (1, 2)


# --- comments --------------------------------------------------------------------------------------------------------


def test_comment_lines_join_and_show_the_statement_below(mine: Mine) -> None:
    text = code("""
        def f(x):
            y = 2
            # Zebras must eat first, because
            # otherwise the lions get them.
            feed(
                x
            )
        """)
    signal = only(mine(text), "comment")
    assert signal.text == "Zebras must eat first, because otherwise the lions get them."
    assert (lines(signal), signal.symbol) == ((3, 7), "f")


def test_comment_beside_code_shows_its_line(mine: Mine) -> None:
    text = "def f(x):\n    y = 2  # must be two, otherwise the lions get them\n    feed(x)\n"
    assert lines(only(mine(text), "comment")) == (2, 2)


def test_comment_that_opens_or_ends_a_block(mine: Mine) -> None:
    opens = "def f(x):\n    # must be two, otherwise the lions get them\n    feed(x)\n    y = 2\n"
    assert lines(only(mine(opens), "comment")) == (2, 3)
    ends = "def f(x):\n    feed(x)\n    # must be two, otherwise the lions get them\n"
    assert lines(only(mine(ends), "comment")) == (3, 3)


@pytest.mark.parametrize(
    "comment",
    [
        "# Copyright 2024 The Zoo. Licensed under the Apache License, you must not use this because of it.",
        "# model = Model(must=True)\n# if model.cannot(fail):\n#     raise Error()",
        "# ----------------------------------\n# Section: what must be fed\n# ----------------------------------",
        "x = 1  # noqa: E501 because otherwise the line would have to be split",
        "x = 1  # type: ignore because otherwise the line would have to be split",
        "# must fail",
        "# increase the counter of zebras by the number of lions",
    ],
)
def test_comments_that_are_no_signal(mine: Mine, comment: str) -> None:
    assert mine(f"{comment}\ny = 1\n") == []


# --- help and docstrings ---------------------------------------------------------------------------------------------


def test_help_of_a_dataclass_field(mine: Mine) -> None:
    text = code("""
        @dataclass
        class Config:
            alpha: int = field(
                default=8,
                metadata={
                    "help": "How much the zebras " "are fed each day.",
                },
            )
        """)
    signal = only(mine(text), "help")
    assert (signal.subject, lines(signal), signal.symbol) == ("alpha", (3, 8), "Config")
    assert signal.text == "How much the zebras are fed each day."


@pytest.mark.parametrize(
    ("statement", "subject"),
    [
        ('parser.add_argument("--num-zebras", type=int, help="How many zebras the cage holds.")', "num-zebras"),
        ('size: int = Field(3, description="How many zebras the cage holds.")', "size"),
        ('self.size = Option(help="How many zebras the cage holds.")', "size"),
    ],
)
def test_help_of_options(mine: Mine, statement: str, subject: str) -> None:
    assert only(mine(statement), "help").subject == subject


def test_help_that_declares_a_deprecation(mine: Mine) -> None:
    signal = only(
        mine('p.add_argument("--cage", help="This argument is deprecated, use the larger pen instead.")'), "deprecation"
    )
    assert signal.subject == "cage"


def test_help_inside_a_long_statement_is_shown_where_it_stands(mine: Mine) -> None:
    text = "table = dict(\n" + "    a=1,\n" * 35 + '    z=f(help="How many zebras the cage holds."),\n)\n'
    assert lines(only(mine(text), "help")) == (37, 37)


def test_docstring_parts(mine: Mine) -> None:
    text = code('''
        class Cage:
            """A cage.

            Zebras must never be put in with lions, because they get lost.

            Args:
                size (`int`): How many fit.
                safe (`bool`, *optional*): If `True`, the lions are removed to avoid an
                    error with zebras.
            """
        ''')
    first, second = [s for s in mine(text) if s.kind == "docstring"]
    assert (lines(first), first.subject, first.symbol) == ((4, 4), "", "Cage")
    assert (lines(second), second.subject, second.symbol) == ((8, 9), "safe", "Cage")
    assert second.text == "If `True`, the lions are removed to avoid an error with zebras."


def test_docstring_of_a_module(mine: Mine) -> None:
    signal = only(mine('"""Zebras must never be put in with lions, because they get lost."""\n'), "docstring")
    assert (lines(signal), signal.symbol) == ((1, 1), "")


def test_docstring_of_a_property_and_its_setter(mine: Mine) -> None:
    text = code('''
        class Cage:
            @property
            def size(self):
                """Must not be read before the cage is built, otherwise it fails."""

            @size.setter
            def size(self, value):
                """Must not be set after the cage is built, otherwise it fails."""
        ''')
    assert [(s.symbol, s.place.first) for s in mine(text)] == [("Cage.size", 4), ("Cage.size", 8)]


# --- environments ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "package", "place"),
    [
        ('def has_torch():\n    return importlib.util.find_spec("torch") is not None\n', "torch", (1, 2)),
        ('_torch = _is_package_available("torch")\n', "torch", (1, 1)),
        ("try:\n    import faiss\nexcept ImportError:\n    faiss = None\n", "faiss", (1, 4)),
        ("try:\n    from a.b import c\nexcept (ImportError, OSError) as error:\n    c = None\n", "a", (1, 4)),
        ('require_version("tokenizers>=0.14")\n', "tokenizers", (1, 1)),
        ("@cache\ndef is_faiss_available():\n    import faiss\n    return True\n", "faiss", (1, 4)),
    ],
)
def test_availability(mine: Mine, text: str, package: str, place: tuple[int, int]) -> None:
    signal = only(mine(text), "availability")
    assert (signal.subject, lines(signal)) == (package, place)


@pytest.mark.parametrize(
    "text",
    [
        "try:\n    import json\nexcept ImportError:\n    pass\n",
        "try:\n    from .fast import feed\nexcept ImportError:\n    feed = None\n",
        "try:\n    from zoo.fast import feed\nexcept ImportError:\n    feed = None\n",
        'find_spec(".training")\n',
        "try:\n    import torch\nexcept ValueError:\n    pass\n",
    ],
)
def test_imports_that_ask_for_no_other_package(mine: Mine, text: str) -> None:
    assert mine(text) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            'if version.parse(importlib.metadata.version("peft")) < version.parse("0.5.0"):\n    pass\n',
            "`peft` below 0.5.0",
        ),
        ('new = version.parse(torch.__version__) >= version.parse("2.1")\n', "`torch` at least 2.1"),
        ('import numpy as np\nif np.__version__ > "2.0":\n    pass\n', "`numpy` above 2.0"),
        ('if version.parse("2.0") > version.parse(torch.__version__):\n    pass\n', "`torch` below 2.0"),
        ('if is_torch_version("<", "2.7.0"):\n    pass\n', "`torch` below 2.7.0"),
        ('if is_torch_greater_or_equal("2.6"):\n    pass\n', "`torch` 2.6"),
    ],
)
def test_version(mine: Mine, text: str, said: str) -> None:
    signal = only(mine(text), "version")
    assert signal.text == said
    assert f"`{signal.subject}`" in said


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ('x = os.environ.get("ZOO_HOME", "~")\n', ["ZOO_HOME"]),
        ('x = os.getenv("ZOO_HOME")\n', ["ZOO_HOME"]),
        ('os.environ["ZOO_HOME"] = "x"\n', ["ZOO_HOME"]),
        ('if "ZOO_HOME" in os.environ:\n    pass\n', ["ZOO_HOME"]),
        ('x = parse_flag_from_env("ZOO_DEBUG", True)\n', ["ZOO_DEBUG"]),
        ('x = get_int_from_env(["ZOO_RANK", "RANK"], 0)\n', ["ZOO_RANK"]),
        ('x = env.get_template("page.html")\n', []),
        ('x = environment("page")\n', []),
    ],
)
def test_env_var(mine: Mine, text: str, names: list[str]) -> None:
    assert [s.subject for s in mine(text) if s.kind == "env_var"] == names


def test_device(mine: Mine) -> None:
    text = code("""
        def infer_device():
            if torch.cuda.is_available():
                return "cuda"
            elif is_xpu_available():
                return "xpu"
        """)
    signals = mine(text)
    assert [(s.kind, s.subject, lines(s), s.symbol) for s in signals] == [
        ("device", "xpu", (1, 5), "infer_device"),
        ("device", "cuda", (1, 5), "infer_device"),
    ]


def test_requirement(mine: Mine) -> None:
    signal = only(mine('setup(\n    install_requires=["torch>=2"],\n)\n', "setup.py"), "requirement")
    assert (signal.subject, signal.text, lines(signal), signal.symbol) == ("torch", "torch>=2", (2, 2), "")


# --- odd files -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "symbol", "line"),
    [
        (f"def f():\r\n\tif x:\r\n\t\t{ERROR}\r\n", "f", 2),
        (f"async def f():\n    async with x:\n        {ERROR}\n", "f", 3),
        (f"match x:\n    case [a, b] if a:\n        {ERROR}\n", "", 3),
        (
            f"class A:\n    class B:\n        def f(self):\n            def g():\n                {ERROR}\n",
            "A.B.f.g",
            5,
        ),
        (f"if FAST:\n    def f():\n        {ERROR}\nelse:\n    f = None\n", "f", 3),
        (f"def broken(:\n    pass\n\ndef f():\n    {ERROR}\n", None, 5),
        (f"x = '\0'\ndef f():\n    {ERROR}\n", "f", 3),
        (f"x = 1\n\x0c\ndef f():\n    {ERROR}", "f", 4),
        (f"\ufeffdef f():\n    {ERROR}", "f", 2),
    ],
)
def test_odd_code(mine: Mine, text: str, symbol: str | None, line: int) -> None:
    signal = only(mine(text), "error")
    assert signal.place.first == line
    assert symbol is None or signal.symbol == symbol
    assert signal.text == ZEBRAS


@pytest.mark.parametrize(("top", "said"), [("# -*- coding: latin-1 -*-", "tw\xf6"), ("# code", "tw\ufffd")])
def test_bytes_that_are_not_utf8(mine: Mine, top: str, said: str) -> None:
    code = f"{top}\nname = '\xe9'\n{ERROR.replace('two', 'tw' + chr(0xF6))}"
    signal = only(mine(code.encode("latin-1")), "error")
    assert signal.text == f"Only {said} zebras can be fed."
    assert lines(signal) == (3, 3)


def test_deep_nesting(mine: Mine) -> None:
    blocks = "".join(f"{' ' * n}if x{n}:\n" for n in range(100)) + " " * 100 + ERROR + "\n"
    assert only(mine(blocks), "error").condition == "x99"
    terms = 'def f():\n    raise ValueError("Only two zebras can be fed."' + ' + "!"' * 3000 + ")\n"
    assert only(mine(terms), "error").text.startswith(ZEBRAS)
    brackets = f"x = {'[' * 2000}{']' * 2000}\n{ERROR}\n"
    assert only(mine(brackets), "error").place.first == 2
    functions = "".join(f"{' ' * n}def f{n}():\n" for n in range(100)) + " " * 100 + ERROR + "\n"
    assert only(mine(functions), "error").symbol.endswith("f98.f99")


@pytest.mark.parametrize(
    "line",
    [
        "x = '" + "must not fail " * 80_000 + "'",
        "# " + "must not fail because [" * 50_000,
        "# must not fail because `" + "a.b`.[" * 200_000,
        'raise ValueError("must not fail because ' + "<a b=" * 200_000 + '")',
        "x = [" + "1, " * 350_000 + "]",
    ],
)
def test_a_line_of_a_megabyte(mine: Mine, line: str) -> None:
    signals = mine(f"{line}\n{ERROR}\n")
    assert any(s.text == ZEBRAS and lines(s)[1] == 2 for s in signals)


def test_a_long_statement_is_cut(mine: Mine) -> None:
    text = 'warnings.warn("Only two zebras can be fed.",\n' + "    x,\n" * 100 + ")\n"
    assert lines(only(mine(text), "warning")) == (1, MAX_LINES)


# --- invariants ------------------------------------------------------------------------------------------------------


def assert_valid(signals: list[Signal], snapshot: Snapshot) -> None:
    assert signals == sorted(signals, key=lambda s: (s.place, s.kind, s.text, s.subject))
    assert len(signals) == len(set(signals))
    for signal in signals:
        text = snapshot.lines(signal.place.path)
        assert 1 <= signal.place.first <= signal.place.last <= len(text), signal
        assert len(signal.place) <= MAX_LINES, signal
        assert any(line.strip() for line in text[signal.place.first - 1 : signal.place.last]), signal
        assert "\n" not in signal.text + signal.condition + signal.subject


PIECES = st.sampled_from(
    [
        *(
            "raise ",
            "ValueError(",
            "warnings.warn(",
            '"Only two zebras must be fed."',
            'f"{x} must {',
            "# must not fail because ",
        ),
        *("'''", '"""', '"', "`", "\\", ")", "(", "]", "[", ":", "=", "x", ",", "%", "é", "\0", "\r", "\t", "\x0c"),
        *(
            "if x:",
            "else:",
            "elif y:",
            "match x:",
            "case 1:",
            "def f():",
            "class A:",
            "lambda:",
            "@deprecated",
            "assert x, ",
        ),
        *("import ", "try:", "except ImportError:", 'os.environ["', 'is_torch_version("<", "2.0")', "help="),
        *("Args:", ">>> ", "```", "::"),
    ]
)


@settings(deadline=None, max_examples=150)
@given(st.lists(st.one_of(PIECES, st.sampled_from(["\n", "\n    ", "\n        ", " "])), max_size=40).map("".join))
@example('class A:\n    raise ValueError("a b c d')
@example('"""')
def test_any_text(text: str) -> None:
    assert_mines(text.encode("utf-8", "surrogatepass"))


@settings(deadline=None, max_examples=50)
@given(st.binary())
def test_any_bytes(content: bytes) -> None:
    assert_mines(content)


def assert_mines(content: bytes) -> None:
    with TemporaryDirectory() as folder:
        Path(folder, "a.py").write_bytes(content)
        snapshot = Snapshot("path:a@1", "a", "1", Path(folder), ("a.py",))
        assert_valid(read_signals(snapshot, ("a.py",), read_symbols(snapshot, ("a.py",))), snapshot)


def test_a_real_package(peft: Snapshot) -> None:
    source = Settings().source
    paths = peft.select(source.include, source.exclude)
    signals = read_signals(peft, paths, read_symbols(peft, paths))
    assert_valid(signals, peft)
    assert {s.kind for s in signals} == {
        *("warning", "error", "comment", "help", "docstring", "deprecation"),
        *("availability", "version", "env_var", "device", "platform", "requirement"),
        *silent.KINDS,
    }
    assert {s.place.path for s in signals} <= set(paths)


@pytest.mark.parametrize("text", ["Keep only the last one of them.", "All keys are read, except the first one."])
def test_short_limits_of_anything_are_no_signal(mine: Mine, text: str) -> None:
    assert mine(f"# {text}\nx = 1\n") == []
    assert mine(f'def f():\n    """{text}"""\n') == []


def test_a_limit_of_some_length_is_a_signal(mine: Mine) -> None:
    text = "Return only the zebras that stand in the shade at the time of the call."
    assert only(mine(f'def f():\n    """{text}"""\n'), "docstring").text == text
    assert only(mine("# Feeding lions is not supported yet.\nx = 1\n"), "comment").place.last == 2


@pytest.mark.parametrize(
    ("asked", "subject"),
    [
        ('sys.platform == "win32"', "platform"),
        ('sys.platform.startswith("win")', "platform"),
        ('platform.system() != "Windows"', "platform"),
        ('os.name == "nt"', "platform"),
        ("sys.version_info >= (3, 12)", "python"),
    ],
)
def test_platform_branches(mine: Mine, asked: str, subject: str) -> None:
    signal = only(mine(f"def f():\n    if {asked}:\n        return 1\n    return 2\n"), "platform")
    assert (signal.subject, signal.text, signal.symbol) == (subject, f"`{asked}`", "f")
    assert lines(signal)[0] == 2


def test_other_comparisons_are_no_platform_branches(mine: Mine) -> None:
    assert not [s for s in mine('if self.platform == "win32" or name == "nt":\n    x = 1\n') if s.kind == "platform"]


def test_what_runs_only_as_a_script_is_an_example(mine: Mine) -> None:
    signals = mine(
        code("""
        import warnings

        def feed():
            warnings.warn("Zebras must not be fed twice.")

        if __name__ == "__main__":
            warnings.warn("Lions must not be fed twice.")
            # Lions must never be fed because they are dangerous.
            feed()
        """)
    )
    assert [s.text for s in signals] == ["Zebras must not be fed twice."]


def test_how_a_variable_is_used_is_shown_with_its_reading(mine: Mine) -> None:
    signals = mine(
        code("""
        import os

        def fire():
            heat = os.environ.get("KILN_HEAT")
            if heat is not None:
                start(int(heat))
            stop()
        """)
    )
    assert lines(only(signals, "env_var")) == (4, 6)


@pytest.mark.parametrize(
    ("constant", "found"),
    [
        ('MIN_TORCH_VERSION = "2.1"', [("torch", "`torch` >= 2.1")]),
        ('TORCH_MINIMUM_VERSION = "2.1.0"', [("torch", "`torch` >= 2.1.0")]),
        ('MIN_ZOO_VERSION = "2.1"', []),  # the source's own package
        ('TORCH_VERSION = "2.1"', []),
        ("MIN_TORCH_VERSION = find()", []),
    ],
)
def test_a_minimum_that_is_compared_elsewhere(mine: Mine, constant: str, found: list[tuple[str, str]]) -> None:
    assert [(s.subject, s.text) for s in mine(f"{constant}\n") if s.kind == "version"] == found


@pytest.mark.parametrize(
    "remark",
    [
        "Load the lion of the keeper before the cage of it, and the hay in between",
        "Feeding returns a new lion and leaves the lion that was there",
        "The lion of the keeper is modified by each of the feedings",
    ],
)
def test_a_remark_on_an_order_or_on_what_is_changed_is_telling(mine: Mine, remark: str) -> None:
    assert only(mine(f"def f():\n    # {remark}\n    pass\n"), "comment").text == remark


@pytest.mark.parametrize("condition", ["TYPE_CHECKING", "typing.TYPE_CHECKING"])
def test_what_only_type_checkers_import_is_not_asked_for(mine: Mine, condition: str) -> None:
    asks = "    try:\n        import clayx\n    except ImportError:\n        pass\n"
    assert [s.kind for s in mine(f"if {condition}:\n{asks}else:\n{asks}")] == ["availability"]


def test_a_name_may_say_what_a_remark_is_about(mine: Mine) -> None:
    remark = "With `use_reentrant` set, what gradient_checkpointing asks for is given below."
    assert only(mine(f"# {remark}\nx = 1\n"), "comment").text == remark
    assert mine(f"# {remark.replace('gradient_checkpointing', 'zebra_feeding')}\nx = 1\n") == []


def test_a_long_remark_is_telling_whatever_it_is_about(mine: Mine) -> None:
    remark = "Zebras and lions and giraffes and gnus " * 3
    assert only(mine(f"# {remark.strip()}\nx = 1\n"), "comment").text == remark.strip()
    assert mine("# Zebras and lions and giraffes and gnus\nx = 1\n") == []


def test_code_between_remarks_parts_them(mine: Mine) -> None:
    text = (
        "# Lions must be fed at noon because they bite\n# x = feed(lion)\n# zebras must never be fed by night\nx = 1\n"
    )
    signal = only(mine(text), "comment")
    assert signal.text == "Lions must be fed at noon because they bite. zebras must never be fed by night"


def test_every_kind_has_words_on_the_page_and_in_the_report(peft: Snapshot) -> None:
    source = Settings().source
    paths = peft.select(source.include, source.exclude)
    signals = {s.kind: s for s in read_signals(peft, paths, read_symbols(peft, paths))}
    assert set(signals) - set(PATTERNS) == set()
    for kind, signal in signals.items():
        words = caption(signal).removesuffix(f" in `{signal.symbol}`")
        assert kind in ("help", "warning", "comment", "deprecation") or words.lower() != kind
