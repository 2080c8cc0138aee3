"""Numbers in prose, and whether evidence contains them.

`1,000` and `1_000` are 1000, `8k` is 8000 or 8192, `50%` is 50 % or 0.5. A bound (`>= 2.0`) holds against the bounds
that the evidence gives for that number.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

#: A number that stands by itself, with its exponent or what makes it a version, before a unit: `4` of `4-bit`, `7` of
#: `7B`, `0.5.0.dev0` of `v0.5.0.dev0`; none in `fp16` and `3rd`.
_NUMBER = re.compile(
    r"(?:(?P<bound>[<>=!~]=|[<>])\s*)?"
    r"(?<![\w.])v?(?P<number>(?>\d+(?:,\d{3})*(?:_\d+)*(?:\.\d+)*(?:e[+-]?\d+)?(?:[.-]?(?:dev|post|rc|a|b)\d+)*))"
    r"(?P<unit>\s?%|\s?[KMGT]i?B|x|k|bits?|[KMGT]|B|ms|s)?(?!\w)",
    re.I,
)
#: Units without which a figure says nothing.
_SIZES = frozenset("kb mb gb tb kib mib gib tib ms".split())
_DIGIT = re.compile(r"\d")
_GROUPED = re.compile(r"(?<=\d)[,_](?=\d{3}(?!\d))")
#: A bound as code, set-up files and documents write it: `"torch>=1.13.0"`, `rho < 1.0`.
_BOUND = r"(?P<bound>[<>=!~]=|[<>])\s*{number}(?![\d.]*\d)"


class Number(NamedTuple):
    """A number as prose has it: what it is, the unit behind it, the comparison before it, and where it stands."""

    value: str
    unit: str
    bound: str
    start: int
    end: int


def numbers(text: str) -> list[Number]:
    """The numbers of a text, in order; the first of a range has the unit of the second: `30-50%`."""
    found: list[Number] = []
    if not _DIGIT.search(text):
        return found
    for match in _NUMBER.finditer(text):
        number = Number(match["number"], (match["unit"] or "").strip(), match["bound"] or "", *match.span("number"))
        if (
            found
            and number.unit
            and not found[-1].unit
            and re.fullmatch(r"\s?[-\u2010-\u2015]\s?", text[found[-1].end : number.start])
        ):
            found[-1] = found[-1]._replace(unit=number.unit)
        found.append(number)
    return found


def beyond(text: str, evidence: Callable[[], str]) -> list[Number]:
    """The numbers of a statement that its evidence does not contain, or gives another bound for.

    Args:
        text: the statement.
        evidence: gives the text of its evidence; called where the statement has a number.
    """
    stated = numbers(text)
    contained = _GROUPED.sub("", evidence()) if stated else ""
    return [number for number in stated if not _holds(contained, number)]


def numbers_beyond(text: str, evidence: str) -> list[str]:
    """`beyond`, as the numbers are written, once each."""
    return list(dict.fromkeys(number.value for number in beyond(text, lambda: evidence)))


def pattern(number: Number) -> re.Pattern[str]:
    """What finds a number in other text, with its unit where it has one."""
    value, unit = re.escape(_GROUPED.sub("", number.value)), re.escape(number.unit)
    unit = r"\s*(?:%|percent|per cent)" if number.unit == "%" else rf"[\s-]?{unit}" if unit else ""
    return re.compile(rf"(?<!\d)(?<!\d\.){value}(?:\.0)*{unit}(?!\d|\.\d)", re.I)


def _holds(evidence: str, number: Number) -> bool:
    value = _GROUPED.sub("", number.value)
    if number.unit == "%":
        share = f"{float(value) / 100:g}" if re.fullmatch(r"\d+(\.\d+)?", value) else value
        return bool(pattern(number).search(evidence)) or _stands(evidence, share)
    if number.unit.lower() in _SIZES:
        return bool(pattern(number).search(evidence))
    if number.unit in ("k", "K") and value.isdigit():
        whole = any(_stands(evidence, str(n)) for n in (int(value) * 1000, int(value) * 1024))
        return whole or bool(pattern(number).search(evidence))
    return _stands(evidence, value) and (not number.bound or _has_bound(evidence, value, number.bound))


def _stands(evidence: str, number: str) -> bool:
    """Whether a number stands in a text, not as a part of a longer one: 2 is in 2.0 and `load_in_2bit`, not in 2.5."""
    number = re.sub(r"(?<=\d)(?:\.0)+$", "", number)
    return re.search(rf"(?<!\d)(?<!\d\.){re.escape(number)}(?:\.0)*(?!\d|\.\d)", evidence, re.I) is not None


def _has_bound(evidence: str, number: str, bound: str) -> bool:
    """Whether a text that bounds this number anywhere bounds it so somewhere."""
    bounds = {match["bound"] for match in re.finditer(_BOUND.format(number=re.escape(number)), evidence)}
    return not bounds or bound in bounds
