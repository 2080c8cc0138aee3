from __future__ import annotations

import pytest

from wikiagent.mine.ranking import WEIGHTS, signal_parts, strength, weighed
from wikiagent.mine.signal import Condition, Signal
from wikiagent.source.evidence import Place


def said(text: str, kind: str = "comment", *conditions: Condition) -> Signal:
    return Signal(kind, Place("a.py", 1, 2), "feed", text, conditions=conditions)


def test_a_plain_remark_has_no_part_but_its_kind() -> None:
    assert {name for name, value in signal_parts(said("Zebras and lions")).items() if value} == {"kind"}


@pytest.mark.parametrize(
    ("part", "signal"),
    [
        ("reason given", said("Zebras flee because lions hunt")),
        ("consequence", said("Zebras crash")),
        ("advice", said("Please feed zebras")),
        ("limit", said("Zebras cannot swim")),
        ("emphasis", said("Note: zebras bite")),
        ("topic", said("Zebras in float16")),
        ("figures", said("Zebras have 4 legs")),
        ("value", said("At most one zebra")),
        ("cost", said("Zebras at the expense of lions")),
        ("order", said("Feed zebras before you leave")),
        ("effect", said("Zebras are changed in-place")),
        ("combination", said("Zebras cannot live with lions", "error")),
        ("guarded", said("Zebras and lions", "warning", Condition("zebras and lions"))),
        ("routine", said("Zebras must be a list", "error")),
        ("routine", said("No zebra, please open an issue", "warning")),
        ("to do", said("TODO zebras")),
    ],
)
def test_each_part_is_found_in_what_is_said(part: str, signal: Signal) -> None:
    assert signal_parts(signal)[part] > 0


@pytest.mark.parametrize(
    "echo",
    [
        "Unsupported zebra type: `{kind}`.",
        "Unsupported variant `{variant}` for Zebra.",
        "Zebras are not implemented for animals of type `{kind}`",
        "Animal of type '`{kind}`' is not supported, only zebras are",
        "Shape mismatch: `{given}` against `{wanted}`",
        "top_k cannot be negative.",
    ],
)
def test_an_error_that_echoes_what_was_passed_is_routine(echo: str) -> None:
    assert signal_parts(said(echo, "error"))["routine"] == 1


@pytest.mark.parametrize(
    "limit",
    [
        "Zebras are not supported with lions",
        "Saving is not supported for zebras (yet).",
        "`stripes` must be provided when using `kind='zebra'`.",
        "Feeding is not implemented if `hay` is missing.",
        "`hay` must not be None unless `grass` is given",
    ],
)
def test_an_error_that_tells_a_limit_is_not_routine(limit: str) -> None:
    assert signal_parts(said(limit, "error"))["routine"] == 0


def test_the_strength_is_the_sum_of_the_weighed_parts() -> None:
    signal = said("Zebras cannot swim because they crash", "warning", Condition("wet"))
    assert strength(signal) == pytest.approx(sum(value for _, value in weighed(signal_parts(signal))), abs=0.01)
    assert set(signal_parts(signal)) <= set(WEIGHTS)
