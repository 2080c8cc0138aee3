from __future__ import annotations

import textwrap
import time

from hypothesis import given
from hypothesis import strategies as st

from wikiagent.mine.docstrings import Part, parts


def split(text: str) -> list[Part]:
    return list(parts(textwrap.dedent(text).strip("\n").split("\n")))


def told(text: str) -> list[tuple[int, int, str, str | None, str]]:
    return [(p.first, p.last, p.section, p.parameter, p.text) for p in split(text)]


def test_google_style() -> None:
    text = '''
        """Feeds animals.

        Over two
        lines.

        Args:
            size (`int`, *optional*, defaults to `8`): How many.
            feed (Callable[[int], tuple[int, (str)]]):
                What to call,
                and when.
            plain: One more.

        Returns:
            `bool`: Whether it ate.
        """
        '''
    assert told(text) == [
        (0, 0, "", None, "Feeds animals."),
        (2, 3, "", None, "Over two lines."),
        (6, 6, "Args", "size", "How many."),
        (7, 9, "Args", "feed", "What to call, and when."),
        (10, 10, "Args", "plain", "One more."),
        (13, 13, "Returns", None, "`bool`: Whether it ate."),
    ]


def test_a_paragraph_after_the_arguments_is_no_argument() -> None:
    text = '''
        """Feeds.

        Args:
            size: How many.
        All of them: lions and zebras.
        """
        '''
    assert told(text)[-1] == (4, 4, "Args", None, "All of them: lions and zebras.")


def test_numpy_style() -> None:
    text = '''
        r"""
        Feeds animals.

        Parameters
        ----------
        size : int
            How many.

        Notes
        -----
        Never feed lions.
        """
        '''
    assert told(text) == [
        (1, 1, "", None, "Feeds animals."),
        (5, 6, "Parameters", "size", "int How many."),
        (10, 10, "Notes", None, "Never feed lions."),
    ]


def test_rest_style_and_lists() -> None:
    text = '''
        """Feeds animals.

        :param int size: How many.
        :param name: Whose.

        - **lions** (`str`) -- Big.
        - `zebra`: Striped.
        """
        '''
    assert [(p.parameter, p.text) for p in split(text)] == [
        (None, "Feeds animals."),
        ("size", "How many."),
        ("name", "Whose."),
        (None, "- **lions** (`str`) -- Big."),
        ("zebra", "Striped."),
    ]


def test_code_is_left_out() -> None:
    text = '''
        """Feeds animals.

        ```py
        >>> feed(1)
        Fed must never be shown.
        ```

        >>> feed(2)
        Fed must never be shown.

        Use it like this::

            feed(3)

            fed()

        .. code-block:: python

            feed(4)

        Examples:
            feed(5)

        Raises:
            ValueError: never.
        """
        '''
    assert [p.text for p in split(text)] == ["Feeds animals.", "Use it like this::", "ValueError: never."]


def test_directives_with_prose_are_read() -> None:
    text = '''
        """Feeds animals.

        .. warning::
            Never feed lions.

        .. deprecated:: 1.2
           Use the pen.
        """
        '''
    assert told(text)[1:] == [
        (2, 3, "", None, "Warning: Never feed lions."),
        (5, 6, "", None, "Deprecated: 1.2 Use the pen."),
    ]


def test_one_line() -> None:
    assert told("'''Feeds.'''") == [(0, 0, "", None, "Feeds.")]
    assert told('""""""') == []
    assert list(parts([])) == []


def test_brackets_that_never_close_take_no_time() -> None:
    start = time.perf_counter()
    split('"""Feeds.\n\nArgs:\n    size ' + "((a)" * 500 + "\n    size " + "(" * 5000 + '\n"""')
    assert time.perf_counter() - start < 1


LINES = st.sampled_from(
    ["", "Args:", "    a (b): c", "```", ">>> x", "text::", "  .. note:: x", "---", '"""', ":param a: b"]
)


@given(st.lists(st.one_of(LINES, st.text())))
def test_parts_lie_in_order_inside_the_lines(lines: list[str]) -> None:
    end = -1
    for part in parts(lines):
        assert end < part.first <= part.last < len(lines)
        end = part.last


def test_a_heading_that_is_not_known_is_no_parameter() -> None:
    text = [
        "Loss.",
        "",
        "Args:",
        "    model (`str`): The model must be loaded.",
        "",
        "Requirements:",
        "    1. Only pairs.",
    ]
    assert [part.parameter for part in parts(text) if "pairs" in part.text] == [None]
    assert [part.parameter for part in parts(text) if "model" in part.text] == ["model"]
