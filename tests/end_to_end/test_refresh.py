"""A wiki about real peft follows three releases, judged from the raw files by a program that shares no code with ours.

`python -m tests.end_to_end.test_refresh` prints the table of docs/refresh.md.
"""

from __future__ import annotations

import json
import re
import tempfile
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.end_to_end.conftest import bytes_of, wikiagent
from wikiagent.source.fetch import fetch

FIRST, *LATER = RELEASES = ("0.17.1", "0.18.1", "0.19.1")
_BLOCK = re.compile(
    r"<code>(?P<path>[^<>]+?):(?P<first>\d+)(?:-(?P<last>\d+))?</code>:\n"
    r'<syntaxhighlight lang="[^"]*" line start="(?P<start>\d+)">\n(?P<code>.*?)\n</syntaxhighlight>',
    re.S,
)
_REFERENCE = re.compile(r'<ref name="(e\d+)">(?:\[\S+ )?([^\]<]+?)\]?</ref>')


class Quote(NamedTuple):
    """A quote of a page, as it stands there."""

    page: str
    number: int
    path: str
    first: int
    last: int
    code: str


@dataclass(frozen=True)
class Step:
    """One refresh: the wiki before and after it, by file, what the command printed, and what `check` says then."""

    release: str
    before: dict[str, str]
    after: dict[str, str]
    said: dict[str, Any]
    checked: dict[str, Any]


# --- the oracle: raw files, regular expressions, textwrap ---


def quotes(files: dict[str, str]) -> Iterator[Quote]:
    for file, text in sorted(files.items()):
        if file.startswith(("heuristics/", "environments/")):
            section = text.split("== Code Evidence ==", 1)[1]
            for number, found in enumerate(_BLOCK.finditer(section)):
                first = int(found["first"])
                assert int(found["start"]) == first, file
                yield Quote(file, number, found["path"], first, int(found["last"] or first), found["code"])


class Release:
    """The files of a release, as they were unpacked."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.files: dict[str, list[str]] = {}

    def lines(self, path: str) -> list[str]:
        if path not in self.files:
            file = self.root / path
            self.files[path] = file.read_text("utf-8", "replace").split("\n") if file.is_file() else []
        return self.files[path]

    def text(self, path: str, first: int, last: int) -> str:
        lines = [line.rstrip() for line in self.lines(path)[first - 1 : last]]
        return textwrap.dedent("\n".join(lines))

    def times(self, quote: Quote) -> int:
        """How often a quoted text stands in its file."""
        size, head = quote.last - quote.first, quote.code.split("\n")[0].strip()
        starts = [n for n, line in enumerate(self.lines(quote.path), 1) if line.strip() == head]
        return sum(self.text(quote.path, n, n + size) == quote.code for n in starts)


# --- the run ---


def texts(wiki: Path) -> dict[str, str]:
    return {file: data.decode() for file, data in bytes_of(wiki).items()}


def follow(folder: Path, store: Path) -> Iterator[Step]:
    """A wiki of the first release, refreshed to the later ones in sequence."""
    wiki = folder / "wiki"
    done = wikiagent(
        "--store", store, "enrich", "--phase", "3", "--accept-valid", "--limit", "120",
        "--source", f"pypi:peft=={FIRST}", "--wiki", wiki, "--repo", "huggingface_peft", cwd=folder,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    for release in LATER:
        before = texts(wiki)
        command = ("--store", store, "refresh", "--wiki", wiki, "--source", f"pypi:peft=={release}", "--format", "json")
        done = wikiagent(*command, cwd=folder)
        assert done.returncode == 0, done.stderr
        check = ("--store", store, "check", wiki, "--source", f"pypi:peft=={release}", "--format", "json")
        checked = json.loads(wikiagent(*check, cwd=folder).stdout)
        yield Step(release, before, texts(wiki), json.loads(done.stdout), checked)


@pytest.fixture(scope="module")
def store(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store that has the releases, fetched once and kept in pytest's cache folder over runs."""
    cache: Path = request.config.cache.mkdir("store")  # type: ignore[union-attr]
    for release in RELEASES:
        fetch(f"pypi:peft=={release}", cache)
    folder = tmp_path_factory.mktemp("refresh")
    (folder / "store").mkdir()
    (folder / "store" / "sources").symlink_to(cache / "sources")
    return folder / "store"


@pytest.fixture(scope="module")
def steps(store: Path) -> list[Step]:
    return list(follow(store.parent, store))


@pytest.fixture(scope="module")
def releases(store: Path) -> dict[str, Release]:
    return {release: Release(store / "sources" / f"peft@{release}") for release in RELEASES}


def fates(step: Step) -> dict[tuple[str, int], dict[str, Any]]:
    """What the command says of each citation, by page and number."""
    return {
        (f"{page['type'].lower()}s/{page['name']}.md", number): citation
        for page in step.said["pages"]
        for number, citation in enumerate(page["citations"])
    }


def test_every_citation_of_the_wiki_before_is_classified(steps: list[Step]) -> None:
    for step in steps:
        assert {(quote.page, quote.number) for quote in quotes(step.before)} == fates(step).keys()
        assert sum(step.said["citations"].values()) == len(fates(step)) > 400


def test_unchanged_and_moved_mean_the_same_bytes(steps: list[Step], releases: dict[str, Release]) -> None:
    for step in steps:
        release, seen = releases[step.release], 0
        for quote in quotes(step.before):
            said = fates(step)[quote.page, quote.number]
            if said["class"] not in ("unchanged", "moved"):
                continue
            path, _, range_ = said["new"].rpartition(":")
            first, _, last = range_.partition("-")
            assert release.text(path, int(first), int(last or first)) == quote.code
            assert (said["class"] == "unchanged") == (said["old"] == said["new"])
            seen += 1
        assert seen > 300


def test_changed_and_gone_are_not_there_any_more(steps: list[Step], releases: dict[str, Release]) -> None:
    for earlier, step in zip(RELEASES, steps, strict=False):
        for quote in quotes(step.before):
            said = fates(step)[quote.page, quote.number]
            if said["class"] in ("changed", "gone"):
                stands, stood = releases[step.release].times(quote), releases[earlier].times(quote)
                assert stands != 1 or stood > 1, said  # where it stood twice, what stands may be the other one
                assert said["why"]


def test_no_citation_of_the_wiki_is_refuted(steps: list[Step], releases: dict[str, Release]) -> None:
    for step in steps:
        for quote in quotes(step.after):
            assert releases[step.release].text(quote.path, quote.first, quote.last) == quote.code, quote
        for file, text in step.after.items():
            if file.startswith(("heuristics/", "environments/")):
                cited = [f"{q.path}:{q.first}" + (f"-{q.last}" if q.last != q.first else "")
                         for q in quotes({file: text})]  # fmt: skip
                assert [place for _, place in _REFERENCE.findall(text)] == cited
                assert f"[[source_revision::pypi:peft=={step.release}]]" in text


def test_check_finds_nothing_refuted(steps: list[Step]) -> None:
    for step in steps:
        counted = step.checked["citations"]
        assert (counted["refuted"], counted["not_understood"]) == (0, 0)
        assert counted["verified"] == counted["found"] > len(list(quotes(step.after)))
        wrong = [finding for finding in step.checked["findings"] if finding["severity"] == "error"]
        assert [finding for finding in wrong if not finding["code"].startswith("CLM")] == []


def kept_share(step: Step, release: Release) -> float:
    """Of the citations whose text still exists exactly once in its file, the part that is kept."""
    once = [fates(step)[q.page, q.number]["class"] for q in quotes(step.before) if release.times(q) == 1]
    return sum(found in ("unchanged", "moved") for found in once) / len(once)


def test_what_is_still_there_once_is_kept(steps: list[Step], releases: dict[str, Release]) -> None:
    for step in steps:
        assert kept_share(step, releases[step.release]) >= 0.9


def test_pages_leave_or_stay_by_their_citations(steps: list[Step]) -> None:
    for step in steps:
        for page in step.said["pages"]:
            file = f"{page['type'].lower()}s/{page['name']}.md"
            holds = all(citation["class"] in ("unchanged", "moved") for citation in page["citations"])
            assert page["stays"] == (holds and not page["findings"])
            assert (file in step.after) == page["stays"]
            index = step.after[f"_{page['type']}Index.md"]
            (row,) = [line for line in index.split("\n") if line.startswith(f"| {page['name']} |")]
            assert ("⬜ awaiting review since pypi:peft==" in row) != page["stays"]
            if not page["stays"]:
                assert page["draft"]
                links = f"::{page['type']}:{page['name']}]]"
                assert not [f for f, text in step.after.items() if links in text and not f.startswith("_")]


def test_signatures_stand_where_the_pages_of_symbols_say(steps: list[Step], releases: dict[str, Release]) -> None:
    for step in steps:
        pages = [text for file, text in step.after.items() if file.startswith("implementations/")]
        assert len(pages) > 90
        for text in pages:
            source = re.search(r"'''Source:''' <code>(.+?):L(\d+)(?:-\d+)?</code>", text)
            block = re.search(r'line start="(\d+)">\n(.*?)\n</syntaxhighlight>', text, re.S)
            assert source
            assert block
            first, size = int(block[1]), block[2].count("\n")
            assert releases[step.release].text(source[1], first, first + size) == block[2]


def test_a_draft_that_waits_shows_how_its_evidence_changed(steps: list[Step], store: Path) -> None:
    (page, *_) = [page for page in steps[-1].said["pages"] if any(c["class"] == "changed" for c in page["citations"])]
    shown = wikiagent("--store", store, "show", str(page["draft"]), "--format", "json", cwd=store.parent)
    left = json.loads(shown.stdout)["replaces"]
    assert left["text"] == steps[-1].before[f"{page['type'].lower()}s/{page['name']}.md"]
    assert [citation["class"] for citation in left["citations"]] == [c["class"] for c in page["citations"]]
    assert any(citation["diff"].startswith("--- ") for citation in left["citations"])


def test_a_second_refresh_changes_no_byte(steps: list[Step], store: Path) -> None:
    before = bytes_of(store.parent / "wiki")
    command = ("refresh", "--wiki", store.parent / "wiki", "--source", f"pypi:peft=={LATER[-1]}")
    again = wikiagent("--store", store, *command, cwd=store.parent)
    assert again.returncode == 0, again.stderr
    assert "Nothing to do" in again.stderr
    assert bytes_of(store.parent / "wiki") == before


@pytest.mark.parametrize(
    ("source", "status", "message"),
    [
        ("pypi:peft==0.17.1", 2, "is older than the wiki"),
        ("pypi:tqdm==4.67.0", 2, "is about peft, not about tqdm"),
        ("pypi:peft==0.99.0", 2, "peft has no version 0.99.0"),
        ("git+http://127.0.0.1:9/peft@v1.0", 4, "wikiagent: "),
    ],
)
def test_what_cannot_be_done_is_one_sentence(
    steps: list[Step], store: Path, source: str, status: int, message: str
) -> None:
    before = bytes_of(store.parent / "wiki")
    done = wikiagent("--store", store, "refresh", "--wiki", store.parent / "wiki", "--source", source, cwd=store.parent)
    assert (done.returncode, done.stdout) == (status, "")
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert bytes_of(store.parent / "wiki") == before


def test_no_wiki_is_one_sentence(store: Path, tmp_path: Path) -> None:
    done = wikiagent("--store", store, "refresh", "--wiki", "nowhere", "--source", "pypi:peft==0.18.1", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.startswith("wikiagent: nowhere is no wiki")
    assert list(tmp_path.iterdir()) == []


def main() -> None:
    """Print the classes of each step, in a store of its own."""
    with tempfile.TemporaryDirectory() as folder:
        print("| step | citations | unchanged | moved | changed | gone | kept where still once | pages that stay |")
        print("|---|---|---|---|---|---|---|---|")
        before = FIRST
        for step in follow(Path(folder), Path(folder) / "store"):
            release = Release(Path(folder) / "store" / "sources" / f"peft@{step.release}")
            counts, stay = step.said["citations"], sum(page["stays"] for page in step.said["pages"])
            cells = [f"{before} → {step.release}", str(sum(counts.values())), *map(str, counts.values()),
                     f"{kept_share(step, release):.1%}", f"{stay} of {len(step.said['pages'])}"]  # fmt: skip
            print(f"| {' | '.join(cells)} |")
            before = step.release


if __name__ == "__main__":
    main()
