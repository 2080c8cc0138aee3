from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wikiagent.mine import words


@pytest.mark.parametrize(
    ("mark", "text"),
    [
        (words.ADVICE, "You should feed it."),
        (words.ADVICE, "It is RECOMMENDED to feed it."),
        (words.LIMIT, "Feeding is not yet supported."),
        (words.LIMIT, "This has no effect."),
        (words.CAUSE, "Feed it, otherwise it dies."),
        (words.CAUSE, "Feed it to avoid hunger."),
        (words.CONSEQUENCE, "It gives NaNs."),
        (words.CONSEQUENCE, "It is silently dropped."),
        (words.COST, "At the cost of speed."),
        (words.VALUE, "Defaults to 8."),
        (words.DEPRECATION, "The deprecated cage."),
        (words.DEPRECATED, "Deprecated: use the pen."),
        (words.DEPRECATED, "**Deprecated**, use the pen."),
        (words.DEPRECATED, "It will be removed in 2.0."),
        (words.DEPRECATION, "It is removed in v2.0."),
        (words.MARK, "NOTE: feed it."),
    ],
)
def test_marks(mark: object, text: str) -> None:
    assert mark.search(text)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("mark", "text"),
    [
        (words.ADVICE, "mustard"),
        (words.LIMIT, "lonely"),
        (words.CAUSE, "since_version"),
        (words.DEPRECATION, "Columns will be removed before the update."),
        (words.DEPRECATED, "Writes the deprecated file."),
        (words.DEPRECATED, "The lion is removed in the next step."),
        (words.MARK, "Notebooks are fed."),
    ],
)
def test_what_is_no_mark(mark: object, text: str) -> None:
    assert not mark.search(text)  # type: ignore[attr-defined]


def test_telling_grows_with_what_is_said() -> None:
    nothing = words.telling("Feeds the zebra.")
    advice = words.telling("You should feed the zebra.")
    reason = words.telling("You should feed the zebra, otherwise it crashes.")
    assert 0 == nothing < advice < reason


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("LoraConfig.use_dora", ["lora", "config", "use", "dora"]),
        ("HTTPServer2", ["http", "server2"]),
        ("__init__", ["init"]),
        ("", []),
    ],
)
def test_split_identifier(name: str, expected: list[str]) -> None:
    assert words.split_identifier(name) == expected


def test_content_words_are_stems_without_stop_words() -> None:
    assert words.content_words("The zebras are being fed by `feed_zebra`") == ["zebra", "being", "fed", "feed", "zebra"]


def test_identifiers() -> None:
    assert words.identifiers("Set `use_dora=True` on LoraConfig, not 'r' but \"alpha\" or rank_pattern.") == [
        "use_dora",
        "LoraConfig",
        "alpha",
        "rank_pattern",
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Feed it. Then wait! Why? Because.", ["Feed it.", "Then wait!", "Why?", "Because."]),
        ("Feed e.g. Lions and vs. Zebras.", ["Feed e.g. Lions and vs. Zebras."]),
        ("Use `a. B` here. Now.", ["Use `a. B` here.", "Now."]),
        ("Version 1.2 is old.", ["Version 1.2 is old."]),
        ("", []),
    ],
)
def test_sentences(text: str, expected: list[str]) -> None:
    assert words.sentences(text) == expected


@given(st.text())
def test_nothing_is_lost_between_sentences(text: str) -> None:
    kept = "".join("".join(words.sentences(text)).split())
    assert len(kept) <= len(text)
    words.identifiers(text)
    words.content_words(text)
    words.telling(text)
