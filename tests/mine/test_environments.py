from __future__ import annotations

from wikiagent.mine.environments import MANY_VARIABLES, Group, gather
from wikiagent.mine.naming import spelling
from wikiagent.mine.signal import Signal
from wikiagent.source.evidence import Place


def reading(name: str, line: int, symbol: str = "") -> Signal:
    return Signal("env_var", Place("a.py", line, line), symbol, f'`os.environ.get("{name}")`', subject=name)


def check(package: str, line: int, kind: str = "availability", text: str = "") -> Signal:
    return Signal(kind, Place("a.py", line, line + 1), f"is_{package}_available", text, subject=package)


def groups(*signals: Signal) -> dict[str, Group]:
    return {group.name: group for group in gather(signals, spelling(signals))[0]}


def test_variables_that_begin_alike_share_a_page() -> None:
    names = ["KILN_CACHE", "KILN_HOME", "KILN_OFFLINE", "RANK"]
    found = groups(*(reading(name, 10 * line) for line, name in enumerate(names, 1)))
    assert set(found) == {"Kiln_Variables", "Rank"}
    assert [s.subject for s in found["Kiln_Variables"].signals] == names[:3]
    assert (found["Kiln_Variables"].category, found["Rank"].category) == ("Platform", "Distributed")


def test_many_variables_without_a_family_share_one_page() -> None:
    names = [f"V{letter}_X" for letter in "ABCDEFG"]
    found = groups(*(reading(name, 10 * line) for line, name in enumerate(names, 1)))
    assert len(names) > MANY_VARIABLES
    assert set(found) == {"Environment_Variables"}


def test_a_large_family_is_divided_by_its_next_word() -> None:
    names = [f"KILN_{area}_{n}" for area in ("GAS", "WOOD") for n in range(12)]
    assert set(groups(*(reading(name, 10 * i) for i, name in enumerate(names, 1)))) == {
        "Kiln_Gas_Variables",
        "Kiln_Wood_Variables",
    }


def test_what_is_said_close_by_belongs_to_a_variable() -> None:
    near = Signal("error", Place("a.py", 14, 15), "fire", "The kiln is offline.", raises="OSError")
    other = Signal("warning", Place("a.py", 16, 17), "fire", "Glaze runs above 1200 degrees.")
    far = Signal("error", Place("a.py", 80, 81), "fire", "The clay is wet.", raises="OSError")
    signals = (reading("KILN_OFFLINE", 10, "fire"), near, other, far)
    found, rest = gather(signals, spelling(signals))
    assert [s.text for s in found[0].signals if s.kind != "env_var"] == ["The kiln is offline."]
    assert {far, other} <= set(rest)


def test_the_extra_of_a_backend_stands_on_its_page() -> None:
    extra = Signal("extra", Place("setup.py", 5, 6), "", "`clayx>=0.4`, `sand`", subject="fine")
    every = Signal(
        "extra", Place("setup.py", 8, 9), "", ", ".join(f"`{p}`" for p in ("clayx", *"abcd")), subject="every"
    )
    found = groups(extra, every, check("clayx", 30), check("clayx", 40, "version", "`clayx` >= 0.4"))
    assert set(found) == {"Optional_Extras", "Clayx_Backend"}
    assert found["Clayx_Backend"].signals[-1] == extra
    assert every not in found["Clayx_Backend"].signals


def test_a_check_for_less_than_the_core_install_is_left_out() -> None:
    required = Signal("requirement", Place("setup.py", 5, 5), "", "torch>=2.5", subject="torch")
    dead, live = (check("torch", line, "version", f"`torch` >= {v}") for line, v in ((10, "2.4"), (20, "2.7")))
    assert groups(required, dead, live)["Version_Gates"].signals == (live,)


def test_packages_that_are_only_looked_for_share_a_page() -> None:
    version = check("clayx", 40, "version", "`clayx` >= 0.4")
    found = groups(check("clay", 10), check("sand", 20), check("clayx", 30), version)
    assert set(found) == {"Optional_Packages", "Clayx_Backend"}


def test_names_of_one_package_are_one_backend() -> None:
    signals = [check("auto_gptq", 10), check("gptqmodel", 20), check("gptqmodel", 20, "version", "`gptqmodel` >= 2.0")]
    assert set(groups(*signals)) == {"Gptq_Backend"}


def test_a_package_keeps_its_own_name() -> None:
    signals = [check("pydantic", 10), check("pydantic", 20, "version", "`pydantic` >= 2.0")]
    assert set(groups(*signals)) == {"Pydantic_Backend"}


def test_a_version_check_of_a_required_package_is_a_gate() -> None:
    required = Signal("requirement", Place("setup.py", 5, 5), "", "torch>=2.1", subject="torch")
    found = groups(required, check("torch", 10, "version", "`torch` >= 2.4"))
    assert set(found) == {"Core_Dependencies", "Version_Gates"}
    assert found["Version_Gates"].category == "Core"


def test_variables_that_one_function_reads_share_a_page() -> None:
    found = groups(
        reading("TERM", 10, "Kiln.is_lit"),
        reading("FORCE", 12, "Kiln.is_lit"),
        reading("LINES", 30, "Kiln.__init__"),
        reading("WIDTH", 31, "Kiln.__init__"),
        reading("OTHER", 50, "other"),
    )
    assert set(found) == {"Kiln_Is_Lit_Variables", "Kiln_Variables", "Other"}
    assert [s.subject for s in found["Kiln_Is_Lit_Variables"].signals] == ["FORCE", "TERM"]
