from __future__ import annotations

from wikiagent.mine.naming import heuristic_name, plain_name, spelling, unique_names
from wikiagent.mine.signal import Signal
from wikiagent.source.evidence import Place


def signal(text: str, kind: str = "warning", symbol: str = "", subject: str = "") -> Signal:
    return Signal(kind, Place("a.py", 1, 2), symbol, text, subject=subject)


PROSE = [
    signal("LoRA and GPTQ do not mix.", symbol="LoraModel.merge"),
    signal("Use LoRA with GPTQ.", symbol="LoraConfig.rank"),
]


def test_words_are_written_as_the_source_writes_them() -> None:
    spell = spelling(PROSE)
    assert [spell.title(word) for word in ("lora", "gptq", "merge", "dtype")] == ["LoRA", "GPTQ", "Merge", "Dtype"]


def test_names_are_made_of_plain_letters() -> None:
    assert [plain_name(text) for text in ("Größe", "a b/c", "naïve_ü", "日本")] == ["Groe", "a_b_c", "naive_u", ""]
    spell = spelling([signal("Die Größe darf sich nicht ändern.", symbol="Größe.ändern")])
    assert heuristic_name(signal("Die Größe darf sich nicht ändern."), spell).isascii()


def test_a_word_in_capitals_for_emphasis_is_no_name() -> None:
    shouting = [signal("Do NOT merge LoRA."), signal("It was NOT merged by LoRA.")]
    spell = spelling([*shouting, signal("", symbol="Linear.merge")])
    assert heuristic_name(shouting[0], spell) == "Merge_LoRA"


def test_a_parameter_is_named_with_its_owner() -> None:
    name = heuristic_name(signal("Rank of the matrices.", "help", "LoraConfig", "use_rslora"), spelling(PROSE))
    assert name == "LoRA_Use_Rslora"


def test_a_warning_is_named_after_concepts_in_their_order() -> None:
    spell = spelling([*PROSE, signal("", symbol="Linear.merge_weights")])
    name = heuristic_name(signal("Please note that we cannot always merge weights without rounding."), spell)
    assert name == "Merge_Weights_Rounding"


def test_an_error_about_a_limit_says_so() -> None:
    text = "GPTQ layers cannot merge adapters."
    assert heuristic_name(signal(text, "error"), spelling(PROSE)).endswith("_Limitation")


def test_a_deprecation_is_named_after_its_subject_not_its_successor() -> None:
    def name(text: str, symbol: str = "") -> str:
        return heuristic_name(signal(text, "deprecation", symbol), spelling([]))

    assert (
        name("Bone will be removed, use `MissConfig` instead.", "BoneConfig.__post_init__") == "Warning_Deprecated_Bone"
    )
    assert name("The `warmup_ratio` argument is deprecated.") == "Warning_Deprecated_Warmup_Ratio"
    assert name("This class is deprecated, use `Other`.", "Oven") == "Warning_Deprecated_Oven"


def test_names_that_collide_take_the_words_of_their_symbol_then_of_their_file() -> None:
    wanted = [
        ("Merge", "Oven.merge", "src/kiln/oven.py"),
        ("Merge", "Oven.merge", "src/kiln/oven.py"),
        ("merge", "", "src/kiln/pot.py"),
    ]
    names = unique_names(wanted, spelling([]))
    assert names == ["Merge", "Merge_Oven_Merge", "merge_Kiln"]
    assert len({name.lower() for name in unique_names(wanted * 5, spelling([]))}) == 15
