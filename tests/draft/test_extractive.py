from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.library import FILES, mine_library, write_library
from wikiagent.check.gate import check_draft
from wikiagent.check.phrases import FIXED
from wikiagent.draft.extractive import draft
from wikiagent.draft.said import Context, clean
from wikiagent.mine.candidates import Candidate
from wikiagent.mine.words import REASON
from wikiagent.source.evidence import dedent
from wikiagent.wiki.graph import Wiki
from wikiagent.wiki.page import Environment, Heuristic, Link, PageKind, Prose
from wikiagent.wiki.statements import statements

LINK = "https://example.org/kiln/blob/v{version}/{path}#L{first}-L{last}"


@pytest.fixture
def context(tmp_path: Path) -> Context:
    snapshot = write_library(tmp_path)
    return Context(snapshot, mine_library(snapshot)[1], "clay_kiln", LINK, "2026-01-02 03:04 GMT")


@pytest.fixture
def pages(context: Context) -> dict[str, Environment | Heuristic]:
    related = (Link(edge="uses_heuristic", kind=PageKind.IMPLEMENTATION, name="clay_kiln_Oven"),)
    found = mine_library(context.snapshot)[0]
    return {c.name: draft(c, related if c.kind == "heuristic" else (), context) for c in found}


def text(prose: Prose) -> str:
    return " ".join(statement.text for statement in prose)


def about(pages: dict[str, Environment | Heuristic], words: str) -> Environment | Heuristic:
    return next(page for page in pages.values() if words in text(page.overview))


def test_every_draft_passes_the_gate(context: Context, pages: dict[str, Environment | Heuristic]) -> None:
    wiki = Wiki({}, "clay_kiln")
    for page in pages.values():
        findings = check_draft(page, context.checked, wiki, context.symbols.is_public)
        assert findings == [], page.name


def test_quotes_are_the_lines_that_they_name(context: Context, pages: dict[str, Environment | Heuristic]) -> None:
    for page in pages.values():
        for exhibit in page.evidence:
            lines = context.snapshot.lines(exhibit.path)[exhibit.first - 1 : exhibit.last]
            assert exhibit.code == dedent("\n".join(lines))
            span = f"#L{exhibit.first}" + (f"-L{exhibit.last}" if exhibit.last > exhibit.first else "")
            assert exhibit.url == f"https://example.org/kiln/blob/v1.0/{exhibit.path}{span}"


def test_sentences_are_the_words_of_the_evidence(pages: dict[str, Environment | Heuristic]) -> None:
    page = about(pages, "rounding errors")
    assert text(page.overview) == "Merging a quantized oven may change its temperature due to rounding errors."
    assert isinstance(page, Heuristic)
    assert text(page.reasoning) == text(page.overview)
    assert "can warn" not in text(page.description)  # the action says where
    assert [b.label for b in page.insight] == ["Action"]
    assert text(page.insight[0].prose) == (
        "Before using `Oven.merge`, check whether `self.quantized` holds: the warning can occur then."
    )


def test_advice_value_and_reason_stand_under_their_headings(pages: dict[str, Environment | Heuristic]) -> None:
    page = about(pages, "half_precision")
    assert isinstance(page, Heuristic)
    labels = {bullet.label: text(bullet.prose) for bullet in page.insight}
    assert "disable one of them" in labels["Action"]
    assert labels["Value"] == "`half_precision` defaults to `False`."
    assert "because it overflows" in text(page.overview) + text(page.reasoning)
    assert page.usage.startswith("Read this before setting `half_precision` of `FiringConfig`")


def test_no_page_denies_a_reason_that_it_gives(pages: dict[str, Environment | Heuristic]) -> None:
    heuristics = [page for page in pages.values() if isinstance(page, Heuristic)]
    silent = [page for page in heuristics if text(page.reasoning) == "The source states no reason."]
    assert 0 < len(silent) < len(heuristics)
    for page in silent:
        assert not any(REASON.search(s.text) for _, prose in statements(page) for s in prose), page.name


def test_each_sentence_stands_once_but_a_reason_given_before(pages: dict[str, Environment | Heuristic]) -> None:
    for page in pages.values():
        if isinstance(page, Heuristic):
            page = page.model_copy(update={"reasoning": tuple(s for s in page.reasoning if s not in page.overview)})
            said = [s.text for _, prose in statements(page) for s in prose if not FIXED.match(s.text)]
            assert len(said) == len(set(said)), page.name


def test_an_environment_states_versions_install_and_errors(pages: dict[str, Environment | Heuristic]) -> None:
    page = pages["Clayx_Backend"]
    assert isinstance(page, Environment)
    assert [text(item) for item in page.python_packages] == ["`kiln`", "`clayx` >=0.4.0"]
    assert page.quick_install == "pip install kiln 'clayx>=0.4.0'"
    assert [text(row.requirement) for row in page.requirements if row.category == "Python"] == [">=3.10"]
    assert len(page.errors) == 1
    assert text(page.errors[0].message).startswith("Found an incompatible version of clayx")
    core = pages["Core_Dependencies"]
    assert isinstance(core, Environment)
    assert core.quick_install == "pip install kiln"
    assert [text(item) for item in core.python_packages] == ["`torch` >=2.1", "`tqdm`"]
    assert re.search(r"requires Python, `torch` and `tqdm`", text(core.overview))


def test_a_variable_is_named_without_a_value_of_its_own(pages: dict[str, Environment | Heuristic]) -> None:
    page = pages["Kiln_Cache"]
    assert isinstance(page, Environment)
    assert text(page.overview) == "`Oven.fire` uses the environment variable `KILN_CACHE`."
    assert page.credentials == ()


def test_the_same_candidate_gives_the_same_page(context: Context) -> None:
    found: list[Candidate] = mine_library(context.snapshot)[0]
    assert [draft(c, (), context) for c in found] == [draft(c, (), context) for c in found]


def test_without_a_form_of_links_citations_are_plain(context: Context) -> None:
    plain = Context(context.snapshot, context.symbols, "clay_kiln", None, context.updated)
    page = draft(mine_library(context.snapshot)[0][0], (), plain)
    assert all(exhibit.url is None for exhibit in page.evidence)


def test_a_condition_is_stated_only_where_its_exhibit_shows_it(tmp_path: Path) -> None:
    far = "\n".join(f"        step_{n}()" for n in range(40))
    code = (
        "import warnings\n\n\nclass Oven:\n    def fire(self):\n        if self.damp:\n"
        + far.replace("        ", "            ")
        + '\n            warnings.warn("Firing a damp oven may crack it, please dry it first.")\n'
    )
    snapshot = write_library(tmp_path, {"src/kiln/__init__.py": "from .a import Oven\n", "src/kiln/a.py": code})
    candidates, symbols = mine_library(snapshot)
    page = draft(candidates[0], (), Context(snapshot, symbols, "clay_kiln", None, "2026-01-02 03:04 GMT"))
    assert candidates[0].signals[0].condition == "self.damp"
    assert "self.damp" not in text(page.description)


def test_extras_are_listed_and_installed(tmp_path: Path) -> None:
    files = {
        "pyproject.toml": '[project]\nname = "kiln"\n[project.optional-dependencies]\ngas = ["burner>=2", "valve"]\n'
    }
    snapshot = write_library(tmp_path, files)
    (candidate,), symbols = mine_library(snapshot)
    page = draft(candidate, (), Context(snapshot, symbols, "clay_kiln", None, "2026-01-02 03:04 GMT"))
    assert isinstance(page, Environment)
    assert text(page.overview) == "`kiln` has optional extras: `gas`."
    assert text(page.description) == "The extra `gas` installs `burner>=2`, `valve`."
    assert page.quick_install == "pip install 'kiln[gas]'"


def test_an_error_message_is_told_as_far_as_it_is_quoted(tmp_path: Path) -> None:
    plates = "".join(
        f'            "Firing at {1000 + 7 * n} degrees bakes clayx plate {n} hard. "\n' for n in range(40)
    )
    bake = f"\n\ndef bake(hot):\n    if hot:\n        raise ImportError(\n{plates}        )\n"
    files = {**FILES, "src/kiln/oven.py": FILES["src/kiln/oven.py"] + bake}
    (tmp_path / "more").mkdir()
    snapshot = write_library(tmp_path / "more", files)
    found, symbols = mine_library(snapshot)
    context = Context(snapshot, symbols, "clay_kiln", LINK, "2026-01-02 03:04 GMT")
    page = draft(next(c for c in found if c.name == "Clayx_Backend"), (), context)
    assert isinstance(page, Environment)
    told = " ".join(text(row.message) for row in page.errors)
    assert "plate 2 hard" in told
    assert "plate 39 hard" not in told
    assert check_draft(page, context.checked, Wiki({}, "clay_kiln"), symbols.is_public) == []


def test_a_page_of_few_sentences_says_what_its_code_is_for(tmp_path: Path) -> None:
    code = (
        'class Kiln:\n    """Fires pots."""\n\n    def fire(self, heat=None):\n        """Fire what is inside.\n\n'
        '        Args:\n            heat (int): Degrees, of the shelf.\n        """\n'
        "        if heat is None:\n            heat = self.most()\n"
    )
    snapshot = write_library(tmp_path, {"src/kiln/kiln.py": code})
    candidates, symbols, *_ = mine_library(snapshot)
    (found,) = [c for c in candidates if c.signals[0].kind == "default"]
    page = draft(found, (), Context(snapshot, symbols, "r", None, "2026-01-02 03:04 GMT"))
    assert isinstance(page, Heuristic)
    assert text(page.overview) == "`heat` of `Kiln.fire`: Where it is not given, it becomes `self.most()`."
    assert text(page.description) == "Degrees, of the shelf. Fire what is inside."
    assert text(page.insight[0].prose) == "Give `heat` a value yourself where this is not what you want."
    assert [(e.first, e.last) for e in page.evidence] == [(10, 11), (8, 8), (5, 5)]


def first_page(tmp_path: Path, code: str, exported: str = "Oven") -> Heuristic:
    """The page of the best candidate of a module."""
    files = {"src/kiln/__init__.py": f"from .a import {exported}\n", "src/kiln/a.py": code}
    snapshot = write_library(tmp_path, files)
    candidates, symbols = mine_library(snapshot)
    page = draft(candidates[0], (), Context(snapshot, symbols, "clay_kiln", None, "2026-01-02 03:04 GMT"))
    assert isinstance(page, Heuristic)
    return page


@pytest.mark.parametrize(
    ("condition", "advice"),
    [
        ("self.damp", "Before using `Oven.fire`, check whether `self.damp` holds: the warning can occur then."),
        ("pots > 3", "Before using `Oven.fire`, check whether `pots > 3` holds: the warning can occur then."),
        ("damp or wet", "Take this into account when using `Oven.fire`."),
    ],
)
def test_advice_is_about_what_people_pass_or_have(tmp_path: Path, condition: str, advice: str) -> None:
    page = first_page(
        tmp_path,
        "import warnings\n\n\nclass Oven:\n    def fire(self, pots):\n        damp, wet = feel(self)\n"
        f"        if {condition}:\n"
        '            warnings.warn("A damp oven cracks, because steam has no way out.")\n',
    )
    assert text(page.insight[0].prose) == advice


def test_advice_names_what_people_use(tmp_path: Path) -> None:
    page = first_page(
        tmp_path,
        "class Oven:\n    def fire(self, pots):\n        def _stack(damp):\n            if damp:\n"
        '                raise ValueError("A damp oven cannot be stacked, because steam has no way out.")\n'
        "        _stack(pots)\n",
    )
    assert text(page.insight[0].prose) == "Be ready for `ValueError` when using `Oven.fire`."


def test_what_is_said_elsewhere_says_where(tmp_path: Path) -> None:
    page = first_page(
        tmp_path,
        "import warnings\n\n\nclass Oven:\n    def fire(self, glaze_slow):\n        if glaze_slow:\n"
        '            warnings.warn("With `glaze_slow` glaze cracks in a damp oven, because steam has no way out.")\n'
        "\n\ndef cool(glaze_slow):\n    if glaze_slow:\n"
        '        raise ValueError("Cooling with `glaze_slow` is not possible in a damp oven.")\n',
    )
    everything = " ".join(text(prose) for _, prose in statements(page) if not isinstance(prose, str))
    assert "`cool`: Cooling with `glaze_slow` is not possible in a damp oven." in everything
    assert "`Oven.fire`: With" not in everything


def test_an_option_is_that_of_its_own_class(tmp_path: Path) -> None:
    option = (
        '"""Options.\n\n    Args:\n        glaze_slow (bool): Glaze slowly, because it cracks otherwise.\n    """\n'
    )
    page = first_page(
        tmp_path,
        f"class Options:\n    {option}\n    glaze_slow: bool = False\n\n\n"
        "class Oven:\n    def fire(self, options: Options):\n        return options.glaze_slow\n",
    )
    assert page.usage == "Read this before setting `glaze_slow` of `Options`."


def test_sentences_are_not_torn_out_of_lists(tmp_path: Path) -> None:
    page = first_page(
        tmp_path,
        "class Oven:\n    def fire(self, heat):\n"
        '        """Fire.\n\n        Args:\n            heat (int): Degrees, which must not be too many\n'
        "                If more than 900, pots may crack. Allowed are: * 'low', which never cracks.\n"
        '        """\n',
    )
    everything = " ".join(text(prose) for _, prose in statements(page) if not isinstance(prose, str))
    assert "Degrees, which must not be too many." in everything
    assert "If more than 900, pots may crack." in everything
    assert "Allowed" not in everything


def test_a_missing_package_is_installed_and_its_message_told(tmp_path: Path) -> None:
    code = (
        "def bake(fast):\n    if fast:\n        try:\n            import clayx\n        except ImportError as error:\n"
        "            raise ImportError(\"The required package 'clayx' is not installed.\") from error\n"
    )
    snapshot = write_library(tmp_path, {"src/kiln/__init__.py": "from .a import bake\n", "src/kiln/a.py": code})
    (candidate,), symbols = mine_library(snapshot)
    page = draft(candidate, (), Context(snapshot, symbols, "clay_kiln", None, "2026-01-02 03:04 GMT"))
    assert isinstance(page, Environment)
    assert page.quick_install == "pip install kiln clayx"
    assert [text(row.message) for row in page.errors] == ["The required package 'clayx' is not installed."]
    assert [(exhibit.first, exhibit.last) for exhibit in page.evidence] == [(2, 6)]


@pytest.mark.parametrize(
    "sentence",
    [
        "The batch size must be divisible by `devices * steps`.",
        "The highest rank of a layer is rank * rho.",
        "Merging makes use of (R @ W) @ x + R @ b.",
        "It cannot be fired with both a and b.",
    ],
)
def test_a_formula_is_no_list(sentence: str) -> None:
    assert clean(sentence) == sentence


@pytest.mark.parametrize(
    "sentence",
    [
        "Allowed are: * low, which never cracks.",
        "Pots respect the order of firing, and * in an oven, the order of stacking.",
        "The options are: - low - high.",
        "One of two • low • high.",
        "It is fired slowly (b)",
        "It is fired slowly. b.",
    ],
)
def test_a_list_is_no_sentence(sentence: str) -> None:
    assert clean(sentence) == ""
