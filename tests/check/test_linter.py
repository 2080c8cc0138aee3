"""The linter over whole wikis: the real ones of others, a clean one of its own, and what is no wiki."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tests.check.conftest import Gate
from tests.end_to_end.conftest import wikiagent
from wikiagent.check import linter
from wikiagent.check.citations import Standing
from wikiagent.check.linter import check
from wikiagent.check.source import Source
from wikiagent.errors import WikiError
from wikiagent.source.snapshot import Snapshot
from wikiagent.wiki import graph
from wikiagent.wiki.graph import Wiki, read_wiki
from wikiagent.wiki.indexes import derive_indexes
from wikiagent.wiki.mediawiki import render
from wikiagent.wiki.page import Heuristic

LINK = "\n== Related Pages ==\n* [[uses_heuristic::Heuristic:some_zoo_Portions]]\n"


@pytest.fixture
def clean(heuristic: Heuristic) -> Wiki:
    pages = Wiki(
        {"implementations/some_zoo_feed.md": f"== Overview ==\nFeeds.\n{LINK}", heuristic.file: render(heuristic)},
        "some_zoo",
    )
    return pages.edited(derive_indexes(pages))


def test_a_clean_wiki(clean: Wiki, source: Snapshot) -> None:
    report = check(clean, Source(source))
    assert (report.findings, report.pages, report.citations) == ((), 2, Counter({Standing.VERIFIED: 1}))
    assert report.source == "pypi:zoo==1.2"


def test_without_a_source_pages_links_and_indexes_are_checked(clean: Wiki, heuristic: Heuristic) -> None:
    wrong = clean.edited({heuristic.file: clean.files[heuristic.file].replace("More than 40", "More than 41")})
    assert check(wrong, None).findings == ()
    gone = clean.edited({"implementations/some_zoo_feed.md": None})
    assert {finding.code for finding in check(gone, None).findings} == {"IDX002", "IDX003"}


def test_findings_of_some_files_only(clean: Wiki, source: Snapshot, heuristic: Heuristic) -> None:
    wrong = clean.edited({heuristic.file: clean.files[heuristic.file].replace("More than 40", "More than 41")})
    assert {f.path for f in check(wrong, Source(source)).findings} == {heuristic.file}
    assert check(wrong, Source(source), files={"implementations/some_zoo_feed.md"}).findings == ()


def test_a_page_from_another_revision(clean: Wiki, source: Snapshot, heuristic: Heuristic) -> None:
    stale = clean.edited({heuristic.file: clean.files[heuristic.file].replace("pypi:zoo==1.2", "pypi:zoo==1.1")})
    (finding,) = check(stale, Source(source)).findings
    assert (finding.code, finding.line) == ("SCH003", 7)
    assert "pypi:zoo==1.1" in finding.message


def test_several_processes_find_what_one_finds(
    clean: Wiki, source: Snapshot, heuristic: Heuristic, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = clean.files[heuristic.file].replace("More than 40", "More than 41")
    many = clean.edited({f"heuristics/some_zoo_Portions{number}.md": text for number in range(20)})
    alone = check(many, Source(source))
    assert len(alone.findings) > 40
    monkeypatch.setattr(linter, "_MANY", 5)
    monkeypatch.setattr(linter, "_FIRST", 3)
    assert check(many, Source(source)) == alone


def test_the_reference_wiki_against_its_source(shared: Path, peft: Snapshot) -> None:
    """Of its 17 citations 10 hold in the release; four moved, and each of these names its new lines."""
    report = check(read_wiki(shared / "reference" / "peft-wiki-after-phase3"), Source(peft))
    assert report.citations == Counter({Standing.VERIFIED: 10, Standing.REFUTED: 7})
    cited = [(f.code, f.cited.rpartition("/")[2], f.fix and f.fix.rpartition(":")[2]) for f in report.findings]
    assert [found for found in cited if found[0] in ("CIT001", "CIT002", "CIT003", "CIT004", "CIT005")] == [
        ("CIT004", "import_utils.py:24-36", "23-35"),
        ("CIT004", "import_utils.py:39-49", "38-49"),
        ("CIT003", "import_utils.py:127-147", None),
        ("CIT004", "layer.py:540-544", "536-540"),
        ("CIT003", "other.py:130-215", None),
        ("CIT004", "bnb.py:139-142", "137-142"),
        ("CIT002", "config.py:322-880", "249-798"),
    ]


def test_wikis_of_others_without_a_source(shared: Path) -> None:
    for name, wanted in (
        ("huggingface_transformers", {"LNK001", "LNK002", "IDX002"}),
        ("langchain-ai_langchain", {"LNK002", "LNK003"}),
    ):
        report = check(read_wiki(shared / "reference" / "foreign-wikis" / name), None)
        assert wanted <= {finding.code for finding in report.findings}
        assert not report.citations


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    page = tmp_path / "wiki" / "heuristics" / "zoo_Food.md"
    page.parent.mkdir(parents=True)
    page.write_text("== Overview ==\nFood.\n")
    return tmp_path / "wiki"


def state(root: Path) -> dict[str, int]:
    return {str(path): path.lstat().st_mtime_ns for path in root.rglob("*")}


@pytest.mark.parametrize(
    ("what", "sentence"),
    [
        ("nothing", "does not exist. Name a wiki's folder"),
        ("no wiki", "is no wiki: it has no page in"),
        ("binary", "is no text, though it is named like a page."),
        ("large", "has 50 MB; a page has at most 5."),
        ("loop of a file", "The wiki cannot be read"),
        ("loop of a folder", "is a link that leads back to a folder around it."),
        ("no source", "does not exist. A package is written"),
    ],
)
def test_bad_input_ends_in_one_sentence(folder: Path, what: str, sentence: str) -> None:
    heuristics, named, options = folder / "heuristics", folder, ["--no-source"]
    if what == "nothing":
        named = folder / "absent"
    elif what == "no wiki":
        named = heuristics
    elif what == "binary":
        (heuristics / "zoo_B.md").write_bytes(b"\x7fELF\0\0\1")
    elif what == "large":
        with (heuristics / "zoo_B.md").open("wb") as file:
            file.truncate(50_000_000)
    elif what == "loop of a file":
        (heuristics / "zoo_B.md").symlink_to("zoo_B.md")
    elif what == "loop of a folder":
        (heuristics / "again").symlink_to("..")
    elif what == "no source":
        options = ["--source", str(folder / "absent")]
    before = state(folder)
    done = wikiagent("check", named, *options, "--fix", cwd=folder.parent)
    assert done.returncode == 2, done.stdout
    assert sentence in done.stderr
    assert done.stderr.count("\n") == 1
    assert (done.stdout, state(folder)) == ("", before)


def test_a_wiki_that_changes_while_it_is_read(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read = graph._page_text

    def meanwhile(path: str, size: int) -> str:
        text = read(path, size)
        Path(path).write_text("== Overview ==\nOther food.\n")
        return text

    monkeypatch.setattr(graph, "_page_text", meanwhile)
    with pytest.raises(WikiError, match=r"changed while it was read\. Run the command again"):
        read_wiki(folder)


def test_the_gate_and_the_linter_agree(gate: Gate, heuristic: Heuristic, clean: Wiki, source: Snapshot) -> None:
    from wikiagent.wiki.page import Statement

    wrong = heuristic.model_copy(update={"description": (Statement(text="More than 41 portions.", refs=("e1",)),)})
    by_gate = [(f.code, f.line) for f in gate(wrong)]
    by_linter = [(f.code, f.line) for f in check(clean.edited({wrong.file: render(wrong)}), Source(source)).findings]
    assert by_gate == by_linter == [("CLM001", 17)]
