"""What the extractive drafter says stands in what it cites, on real packages too."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.library import mine_library, write_library
from wikiagent.draft.extractive import draft
from wikiagent.draft.said import Context, clean
from wikiagent.mine import silent
from wikiagent.mine.candidates import Candidate
from wikiagent.source.snapshot import Snapshot
from wikiagent.wiki.page import Environment, Heuristic, Statement


def pages(snapshot: Snapshot, most: int) -> list[tuple[Candidate, Environment | Heuristic]]:
    candidates, symbols = mine_library(snapshot)
    context = Context(snapshot, symbols, "r", None, "2026-01-02 03:04 GMT")
    return [(candidate, draft(candidate, (), context)) for candidate in candidates[:most]]


def words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", text.lower())


def cited(page: Heuristic) -> list[Statement]:
    return [s for prose in (page.overview, page.reasoning, *(b.prose for b in page.insight)) for s in prose if s.refs]


def test_the_words_of_a_sentence_stand_in_each_of_its_references(peft: Snapshot) -> None:
    checked = 0
    for candidate, page in pages(peft, 300):
        if not isinstance(page, Heuristic):
            continue
        spoken = (s for s in (*candidate.signals, *candidate.also) if s.kind not in silent.KINDS)
        said = {word for signal in spoken for word in words(signal.text)}
        held = {e.id: re.sub(r"[\W_]+", "", e.code).lower() for e in page.evidence}
        for statement in cited(page):
            body = re.sub(r"^`[^`]*`( of `[^`]*`)?: ", "", statement.text)
            if not set(words(body)) <= said or re.fullmatch(r"`\w+` defaults to `[^`]*`\.", statement.text):
                continue  # a fixed phrase
            checked += 1
            for ref in statement.refs:
                assert [w for w in words(body) if w not in held[ref]] == [], (page.name, statement)
    assert checked > 500


def test_sentences_that_say_the_opposite_are_not_one(tmp_path: Path) -> None:
    code = (
        "import warnings\n\n\nclass Kiln:\n"
        "    def one(self):\n        warnings.warn('Set to not load the lid since the lid is in the state.')\n\n"
        "    def two(self):\n        warnings.warn('Set to load the lid since the lid is not in the state.')\n"
    )
    snapshot = write_library(tmp_path, {"src/kiln/__init__.py": "from .a import Kiln\n", "src/kiln/a.py": code})
    for _, page in pages(snapshot, 9):
        assert isinstance(page, Heuristic)
        for statement in cited(page):
            for ref in statement.refs:
                exhibit = next(e for e in page.evidence if e.id == ref)
                if statement.text.startswith("Set to"):
                    assert statement.text.rstrip(".") in exhibit.code


@pytest.mark.parametrize(
    ("comment", "kept"),
    [
        ("-1 disables the cache, because otherwise the memory overflows and it crashes", "-1 disables"),
        ("4 bit weights cannot be merged here because the rounding errors would be wrong", "4 bit weights"),
        ("Important layers must never be pruned because the model breaks without an error", "Important layers"),
        ("Note that the cache must be cleared because otherwise the memory overflows", "The cache must"),
        ("The <image> token must stand before the <text> token, otherwise it is ignored", "The <image> token"),
    ],
)
def test_cleaning_a_sentence_does_not_change_what_it_says(tmp_path: Path, comment: str, kept: str) -> None:
    files = {"src/kiln/__init__.py": "", "src/kiln/a.py": f"def fire():\n    # {comment}\n    return 1\n"}
    ((_, page),) = pages(write_library(tmp_path, files), 9)
    assert kept in page.overview[0].text


@pytest.mark.parametrize(
    ("message", "kept"),
    [
        ("`{size}` must be even but the value passed is `{size}`.", "`{size}` must be even."),
        ("Only 'a' or 'b' are allowed, got '`{mode}`' instead.", "Only 'a' or 'b' are allowed."),
        ("Expected two lions (got `{len(lions)}`).", "Expected two lions."),
        ("However, the cage holds `{self.size}` and the lion is `{size}`.", ""),
        ("Currently, size = `{self.size}` and depth = `{self.depth}`.", ""),
        ("Currently only `{names}` are supported.", "Currently only `{names}` are supported."),
        (
            "Set `big`, but the cage of type `{kind}` has no door.",
            "Set `big`, but the cage of type `{kind}` has no door.",
        ),
        ("The kind can be `lion` or", ""),
        ("Lions `{names}` were not found in the cage.", "Lions `{names}` were not found in the cage."),
        ("No lion found for `{name}`, please buy it.", "No lion found for `{name}`, please buy it."),
        ("It works but `{name}` must be set.", "It works but `{name}` must be set."),
    ],
)
def test_what_a_message_met_at_run_time_is_left_out(message: str, kept: str) -> None:
    assert clean(message) == kept


def test_a_default_is_that_of_the_page_s_own_class(tmp_path: Path) -> None:
    code = "from dataclasses import dataclass, field\n" + "".join(
        f"\n\n@dataclass\nclass {name}Config:\n    rank: int = field(\n        default={value},\n"
        f'        metadata={{"help": "The rank of {name}; it should be even, or memory overflows."}},\n    )\n'
        for name, value in (("Clay", 8), ("Sand", 64))
    )
    for candidate, page in pages(write_library(tmp_path, {"src/kiln/__init__.py": "", "src/kiln/a.py": code}), 9):
        assert isinstance(page, Heuristic)
        value = "8" if candidate.signals[0].symbol == "ClayConfig" else "64"
        assert [b.prose[0].text for b in page.insight if b.label == "Value"] == [f"`rank` defaults to `{value}`."]


def test_a_version_is_a_bound_only_where_it_is_named_a_minimum(tmp_path: Path) -> None:
    code = (
        "import claylib\n\nif claylib.__version__ >= '2.0.0':\n"
        "    raise ImportError('claylib 2 and later is not supported, please install an older one.')\n"
    )
    found = pages(write_library(tmp_path, {"src/kiln/__init__.py": "", "src/kiln/a.py": code}), 9)
    page = next(page for _, page in found if isinstance(page, Environment))
    assert "2.0.0" not in page.quick_install
    assert all(">=" not in s.text for item in page.python_packages for s in item)


def test_a_requirement_keeps_its_marker(tmp_path: Path) -> None:
    text = '[project]\nname = "kiln"\ndependencies = [\n    "tqdm",\n    "tomli>=2; python_version < \'3.11\'",\n]\n'
    ((_, page),) = pages(write_library(tmp_path, {"pyproject.toml": text}), 9)
    assert isinstance(page, Environment)
    assert page.overview[0].text == "The core install of `kiln` requires `tqdm`."
    assert [item[0].text for item in page.python_packages] == ["`tqdm`", "`tomli` >=2, where `python_version < '3.11'`"]


def test_a_setting_whose_name_only_begins_like_a_secret_is_no_credential(tmp_path: Path) -> None:
    code = (
        'import os\n\nos.environ["TOKENIZERS_PARALLELISM"] = "0"\n\n\ndef f():\n    return os.environ["KILN_TOKEN"]\n'
    )
    found = {c.signals[0].subject: page for c, page in pages(write_library(tmp_path, {"a.py": code}), 9)}
    credentials = {name: page.credentials for name, page in found.items() if isinstance(page, Environment)}
    assert credentials["TOKENIZERS_PARALLELISM"] == ()
    assert credentials["KILN_TOKEN"][0][0].text == "`KILN_TOKEN`"


def test_a_package_is_installed_by_the_name_that_its_message_gives(tmp_path: Path) -> None:
    code = (
        "try:\n    import clayx\nexcept ImportError:\n"
        '    raise ImportError("clayx is missing: pip install clay-extras, or pip install kiln.")\n'
    )
    files = {"src/kiln/__init__.py": "", "src/kiln/a.py": code}
    (page,) = [p for _, p in pages(write_library(tmp_path, files), 9) if isinstance(p, Environment)]
    assert page.quick_install == "pip install kiln clay-extras"
    said = [statement.text for prose in page.python_packages for statement in prose]
    assert "`clayx`, installed with `pip install clay-extras`" in said
    (row,) = page.errors
    assert row.solution[0].text == "clayx is missing: pip install clay-extras, or pip install kiln."


def test_a_version_check_says_which_way_it_goes(tmp_path: Path) -> None:
    code = 'import clayx\nif clayx.__version__ < "2.0.0":\n    old = True\n'
    files = {"src/kiln/__init__.py": "", "src/kiln/a.py": code}
    (page,) = [p for _, p in pages(write_library(tmp_path, files), 9) if isinstance(p, Environment)]
    assert page.description[0].text == "The module asks whether the version of `clayx` is below 2.0.0."


def test_sentences_of_different_settings_are_not_fused(tmp_path: Path) -> None:
    code = (
        "class KilnConfig:\n"
        '    """Settings.\n\n    Args:\n'
        "        gas (list): List of the names of gas pipes to open in the kiln. This must never be empty.\n"
        "        wood (list): List of the names of wood pipes to open in the kiln. This is like `gas`, only slower.\n"
        '    """\n'
    )
    files = {"src/kiln/__init__.py": "", "src/kiln/a.py": code}
    for _, page in pages(write_library(tmp_path, files), 9):
        for statement in cited(page) if isinstance(page, Heuristic) else ():
            assert not ("gas pipes" in statement.text and "This is like" in statement.text)
