from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.phases.conftest import FILES, NOW, Run, accept, files_of, reject, write_source
from wikiagent.check.page_rules import check_page
from wikiagent.check.reading import Reading
from wikiagent.check.source import Source
from wikiagent.check.wiki_rules import check_wiki
from wikiagent.errors import DraftError, WikiError
from wikiagent.ledger import Ledger
from wikiagent.phases.drafters import Extractive
from wikiagent.phases.phase3 import Plan
from wikiagent.phases.refresh import refresh, refuse_foreign
from wikiagent.phases.refresh_report import Refreshed
from wikiagent.review import promises
from wikiagent.review.standing import Standing, page_of, replaced, standing
from wikiagent.source.snapshot import Snapshot
from wikiagent.wiki.graph import WikiPage, read_wiki
from wikiagent.wiki.indexes import AWAITING, Row, read_index
from wikiagent.wiki.page import Environment, Heuristic

KEEPER = "src/zoo/keeper.py"
LATER = "2026-12-24 20:00 GMT"

Refresh = Callable[..., Refreshed]


@pytest.fixture
def to(tmp_path: Path, source: Snapshot, wiki: Path, ledger: Ledger) -> Refresh:
    """Refresh to a revision of zoo, with files replaced; a file that is None is not there."""
    known = {source.source: source}

    def go(
        revision: str = "2.0",
        files: dict[str, str | None] | None = None,
        *,
        dry_run: bool = False,
        without: str = "",
        tell: Callable[[str], None] = lambda message: None,
        **changes: object,
    ) -> Refreshed:
        whole = {path: text for path, text in {**FILES, **(files or {})}.items() if text is not None}
        new = known.setdefault(f"pypi:zoo=={revision}", write_source(tmp_path / revision, revision, whole))
        plan = Plan(new, new.files, wiki, "some_zoo", None, 120, accept_valid=False, now=LATER)

        def old(name: str) -> tuple[Snapshot, tuple[str, ...]] | None:
            return None if name == without else (known[name], known[name].files)

        plan = replace(plan, **changes)  # type: ignore[arg-type]
        return refresh(plan, old, Extractive(), ledger, tell, dry_run=dry_run)

    return go


def with_keeper(*changes: tuple[str, str]) -> dict[str, str | None]:
    text = FILES[KEEPER]
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return {KEEPER: text}


MOVED = with_keeper(("import os\n", "import os\nimport sys\n"))
SLOWER = with_keeper(("makes the zebras nervous, use a lower speed", "makes the lions nervous, use a lower speed"))
NO_WARNING = with_keeper(
    ("        if speed > 3.0:\n", ""),
    (
        '            warnings.warn("A keeper with a speed above 3.0 makes the zebras nervous, '
        'use a lower speed instead.")\n',
        "",
    ),
    (" Values above 3.0 make the zebras nervous.", ""),
)


def leaves(wiki: Path) -> dict[str, WikiPage]:
    return {name: page for (kind, name), page in read_wiki(wiki).pages.items() if kind in ("Environment", "Heuristic")}


def row(wiki: Path, name: str) -> Row | None:
    rows = read_index(files_of(wiki)["_HeuristicIndex.md"]).rows
    return next((row for row in rows if row.name == name), None)


def refuted(wiki: Path, snapshot: Snapshot) -> list[str]:
    found = []
    for page in leaves(wiki).values():
        findings = check_page(Reading(page.file, page.kind, page.name, page.text), Source(snapshot), set()).findings
        found += [str(finding) for finding in findings if finding.code.startswith("CIT")]
    return found


def the_one(wiki: Path, place: str) -> str:
    """Name of the heuristic that quotes a text."""
    return next(name for name, page in sorted(leaves(wiki).items()) if place in page.text)


def test_a_wiki_whose_lines_only_moved_is_rewritten(run: Run, to: Refresh, wiki: Path, ledger: Ledger) -> None:
    run()
    before = leaves(wiki)
    done = to(files=MOVED)
    assert done.classes["moved"] > 0
    assert (done.classes["changed"], done.classes["gone"]) == (0, 0)
    after = leaves(wiki)
    assert after.keys() == before.keys()
    snapshot = Snapshot("pypi:zoo==2.0", "zoo", "2.0", wiki.parent / "2.0", tuple(sorted(FILES)))
    assert refuted(wiki, snapshot) == []
    assert check_wiki(read_wiki(wiki)) == []
    for name, page in after.items():
        said, was = page.page, before[name].page
        assert isinstance(said, Environment | Heuristic)
        assert isinstance(was, Environment | Heuristic)
        assert (said.metadata.revision, said.metadata.updated) == ("pypi:zoo==2.0", LATER)
        assert [e.code for e in said.evidence] == [e.code for e in was.evidence]
        assert said.model_copy(update={"evidence": was.evidence, "metadata": was.metadata}) == was
    assert "src/zoo/keeper.py:L8-" in files_of(wiki)["implementations/some_zoo_Keeper.md"]
    assert {draft.state for draft in ledger.drafts()} == {"accepted"}
    assert all(standing(read_wiki(wiki), page_of(draft)) is Standing.SAME for draft in ledger.drafts())


def test_after_that_there_is_nothing_to_do(run: Run, to: Refresh, wiki: Path, ledger: Ledger) -> None:
    run()
    to(files=MOVED)
    before, known = files_of(wiki), ledger.drafts()
    assert to(files=MOVED, now="2027-01-01 00:00 GMT").nothing_to_do
    new = write_source(wiki.parent / "2.0", "2.0", {**FILES, **{k: v for k, v in MOVED.items() if v}})
    again = run(snapshot=new, now="2027-01-01 00:00 GMT")
    assert (again.accepted, again.files) == ((), ())
    assert files_of(wiki) == before
    assert [(draft.id, draft.state, draft.page) for draft in ledger.drafts()] == [
        (draft.id, draft.state, draft.page) for draft in known
    ]


def test_the_same_source_has_nothing_to_do(run: Run, to: Refresh, wiki: Path) -> None:
    run()
    before = files_of(wiki)
    assert to("1.0").nothing_to_do
    assert files_of(wiki) == before


def test_a_page_with_a_changed_citation_leaves_and_waits(run: Run, to: Refresh, wiki: Path, ledger: Ledger) -> None:
    run()
    name, before = the_one(wiki, "makes the zebras nervous, use"), files_of(wiki)
    linked = row(wiki, name)
    assert linked
    done = to(files=SLOWER)
    assert [judged.id[1] for judged in done.left] == [name]
    after = files_of(wiki)
    assert f"heuristics/{name}.md" not in after
    assert not [file for file, text in after.items() if f"::Heuristic:{name}]]" in text]
    waiting = row(wiki, name)
    assert waiting
    assert (waiting.connections, waiting.notes) == (linked.connections, f"{AWAITING}pypi:zoo==2.0")
    assert check_wiki(read_wiki(wiki)) == []
    assert f"Total Heuristic Pages:** {len(list((wiki / 'heuristics').iterdir()))}" in after["_HeuristicIndex.md"]

    draft = next(draft for draft in ledger.drafts(wiki, "pending") if draft.replaces)
    left = replaced(draft)
    assert left
    assert (left.name, left.source, left.since) == (name, "pypi:zoo==1.0", "pypi:zoo==2.0")
    assert left.text == before[f"heuristics/{name}.md"]
    changed = next(citation for citation in left.citations if citation.fate == "changed")
    assert "zebras nervous, use" in changed.diff
    assert "lions nervous, use" in changed.diff
    assert "lions nervous" in draft.page
    report = after["_reports/refresh_2.0.md"]
    assert f"### {name}" in report
    assert f"Draft {draft.id}" in report


def test_what_waits_is_accepted_or_rejected_as_any_draft(run: Run, to: Refresh, wiki: Path, ledger: Ledger) -> None:
    run()
    name = the_one(wiki, "makes the zebras nervous, use")
    to(files=SLOWER)
    (draft,) = ledger.drafts(wiki, "pending")
    accept(ledger, [draft], "me", LATER)
    there = row(wiki, name)
    assert not there or not there.awaits
    assert (wiki / f"heuristics/{draft.name}.md").exists()
    assert check_wiki(read_wiki(wiki)) == []

    to("3.0", files=MOVED)
    (again,) = [draft for draft in ledger.drafts(wiki, "pending") if draft.replaces]
    left = replaced(again)
    assert left
    waiting = row(wiki, left.name)
    assert waiting
    assert waiting.awaits
    reject(ledger, [again], "me", LATER, "Everybody knows it.")
    assert row(wiki, left.name) is None
    assert check_wiki(read_wiki(wiki)) == []


def test_a_page_of_which_nothing_is_left_is_kept_on_record(run: Run, to: Refresh, wiki: Path, ledger: Ledger) -> None:
    run()
    name, before = the_one(wiki, "makes the zebras nervous, use"), files_of(wiki)
    done = to(files=NO_WARNING)
    (kept,) = [draft for draft in done.drafts if draft.is_as_it_was and draft.replaces]
    assert kept.name == name
    assert kept.id
    draft = ledger.draft(kept.id)
    assert draft.state == "rejected"
    assert page_of(draft).name == name
    assert {f.code for f in ledger.findings(draft.id)} == {"CIT003"}
    left = replaced(draft)
    assert left
    assert left.text == before[f"heuristics/{name}.md"]
    with pytest.raises(DraftError, match="which cannot be overruled"):
        accept(ledger, [draft], "me", LATER)
    waiting = row(wiki, name)
    assert waiting
    assert waiting.awaits
    reject(ledger, [draft], "me", LATER, "The warning is gone.")
    assert row(wiki, name) is None
    with pytest.raises(DraftError, match="not pending any more"):
        reject(ledger, [draft], "me", LATER, "Once more.")


def test_what_waits_goes_on_to_the_next_revision(run: Run, to: Refresh, wiki: Path, ledger: Ledger) -> None:
    run()
    name, before = the_one(wiki, "makes the zebras nervous, use"), files_of(wiki)
    to(files=NO_WARNING)
    done = to("3.0", files=SLOWER)
    assert [judged.id[1] for judged in done.earlier] == [name]
    waiting = row(wiki, name)
    assert waiting
    assert waiting.notes == f"{AWAITING}pypi:zoo==2.0"
    (draft,) = [draft for draft in ledger.drafts(wiki) if draft.replaces and draft.state != "superseded"]
    assert (draft.state, draft.source) == ("pending", "pypi:zoo==3.0")
    left = replaced(draft)
    assert left
    assert (left.source, left.since, left.text) == (
        "pypi:zoo==1.0",
        "pypi:zoo==2.0",
        before[f"heuristics/{name}.md"],
    )


def test_an_enrichment_after_a_refresh_loses_nothing_that_waits(
    run: Run, to: Refresh, wiki: Path, ledger: Ledger
) -> None:
    run()
    name = the_one(wiki, "makes the zebras nervous, use")
    to(files=SLOWER)
    new = write_source(wiki.parent / "2.0", "2.0", {**FILES, **{k: v for k, v in SLOWER.items() if v}})
    run(snapshot=new, accept_valid=False)
    (draft,) = [draft for draft in ledger.drafts(wiki, "pending") if draft.replaces]
    left = replaced(draft)
    assert left
    assert left.name == name
    waiting = row(wiki, name)
    assert waiting
    assert waiting.awaits
    run(snapshot=new, accept_valid=True)
    assert not [row for row in read_index(files_of(wiki)["_HeuristicIndex.md"]).rows if row.awaits]


def test_a_dry_run_says_all_and_writes_nothing(run: Run, to: Refresh, wiki: Path, ledger: Ledger) -> None:
    run()
    before, known = files_of(wiki), ledger.drafts()
    done = to(files=SLOWER, dry_run=True)
    assert "### " + done.left[0].id[1] in done.report
    assert done.as_json()["citations"] == done.classes
    assert json.dumps(done.as_json())
    assert (files_of(wiki), ledger.drafts(), done.files) == (before, known, ())
    real = to(files=SLOWER)
    assert real.classes == done.classes
    assert [(draft.name, draft.state) for draft in real.drafts] == [(draft.name, draft.state) for draft in done.drafts]


def test_a_new_signal_becomes_a_draft_and_a_known_one_does_not(
    run: Run, to: Refresh, wiki: Path, ledger: Ledger
) -> None:
    run()
    added = FILES[KEEPER] + (
        "\n\ndef feed_lion(meat):\n    if meat > 9:\n"
        '        raise ValueError("Lions must not get more than 9 portions of meat, because they fall asleep.")\n'
    )
    done = to(files={KEEPER: added})
    assert done.left == []
    (draft,) = ledger.drafts(wiki, "pending")
    assert "fall asleep" in draft.page
    assert [draft.name for draft in done.new_drafts] == [draft.name]


def test_a_rejection_holds_for_the_new_source(run: Run, to: Refresh, wiki: Path, ledger: Ledger) -> None:
    first, *others = run(accept_valid=False).drafts
    reject(ledger, [first], "me", NOW, "no")
    accept(ledger, others, "me", NOW)
    to(files=MOVED)
    assert Counter(draft.state for draft in ledger.drafts()) == {"accepted": len(others), "rejected": 1}


def test_a_renamed_file_is_followed(run: Run, to: Refresh, wiki: Path) -> None:
    run()
    init = FILES["src/zoo/__init__.py"].replace(".keeper", ".care")
    done = to(files={KEEPER: None, "src/zoo/care.py": FILES[KEEPER], "src/zoo/__init__.py": init})
    assert done.left == []
    assert not [page for page in leaves(wiki).values() if "keeper.py" in page.text]


def test_symbols_that_go_take_their_pages_and_links_along(run: Run, to: Refresh, wiki: Path) -> None:
    run()
    init = "from .keeper import Keeper, Vet\n"
    renamed = with_keeper(("def feed_zebra(portions)", "def feed_horse(portions)"))
    vet = str(renamed[KEEPER]) + '\n\nclass Vet:\n    """Heals animals."""\n'
    page = wiki / "implementations/some_zoo_feed_zebra.md"
    page.write_text(page.read_text().replace("== Related Pages ==", "== Notes ==\nAsk the vet.\n\n== Related Pages =="))
    done = to(files={KEEPER: vet, "src/zoo/__init__.py": init})
    assert (done.symbols.gone, done.symbols.new) == (["some_zoo_feed_zebra"], ["some_zoo_Vet"])
    after = files_of(wiki)
    assert "implementations/some_zoo_feed_zebra.md" not in after
    assert not [file for file, text in after.items() if "::Implementation:some_zoo_feed_zebra]]" in text]
    assert "Ask the vet." in after["_reports/refresh_2.0.md"]
    assert "`Vet`" in after["_RepoMap_some_zoo.md"]
    assert check_wiki(read_wiki(wiki)) == []


def test_an_edited_page_of_a_symbol_keeps_what_was_written(run: Run, to: Refresh, wiki: Path) -> None:
    run()
    page = wiki / "implementations/some_zoo_Keeper.md"
    page.write_text(page.read_text().replace("Feeds animals", "Feeds all animals"))
    before = page.read_text()
    done = to(files=MOVED)
    assert done.symbols.edited == ["some_zoo_Keeper"]
    changed = [(a, b) for a, b in zip(before.split("\n"), page.read_text().split("\n"), strict=True) if a != b]
    assert [b for _, b in changed] == [
        "| [[source_revision::pypi:zoo==2.0]]",
        f"| [[last_updated::{LATER}]]",
        "'''Source:''' <code>src/zoo/keeper.py:L8-22</code>",
        '<syntaxhighlight lang="python" line start="8">',
    ]


def test_an_edited_page_keeps_every_character_but_its_places(run: Run, to: Refresh, wiki: Path) -> None:
    run()
    page = wiki / f"heuristics/{the_one(wiki, 'makes the zebras nervous, use')}.md"
    page.write_bytes(
        page.read_text().replace("== Reasoning ==", "== My Notes ==\nSee '''below'''.\n\n== Reasoning ==")
        .replace("\n", "\r\n").encode()
    )  # fmt: skip
    before = page.read_bytes().decode().split("\r\n")
    assert to(files=MOVED).left == []
    after = page.read_bytes().decode().split("\r\n")
    different = [new for old, new in zip(before, after, strict=True) if old != new]
    assert all(any(word in line for word in ("keeper.py", "line start", "::")) for line in different)
    assert "== My Notes ==" in after


def test_a_page_that_names_the_version_of_its_source_leaves(run: Run, to: Refresh, wiki: Path) -> None:
    run()
    name = the_one(wiki, "makes the zebras nervous, use")
    page = wiki / f"heuristics/{name}.md"
    page.write_text(page.read_text().replace("=== Usage ===\n", "=== Usage ===\nIn version 1.0: "))
    done = to(files=MOVED)
    assert [judged.id[1] for judged in done.left] == [name]
    assert [finding.code for finding in done.left[0].findings] == ["CLM001"]
    assert "CLM001" in files_of(wiki)["_reports/refresh_2.0.md"]


def test_what_was_wrong_before_is_no_reason_to_leave(run: Run, to: Refresh, wiki: Path) -> None:
    run()
    page = wiki / f"heuristics/{the_one(wiki, 'makes the zebras nervous, use')}.md"
    page.write_text(page.read_text().replace("=== Usage ===\n", "=== Usage ===\nFor 77 animals: "))
    assert to(files=MOVED).left == []


def test_permanent_links_lead_to_the_new_revision(run: Run, to: Refresh, wiki: Path) -> None:
    form = "https://example.org/v{version}/{path}#L{first}-L{last}"
    run(link=form)
    name = the_one(wiki, "makes the zebras nervous, use")
    assert "[https://example.org/v1.0/src/zoo/keeper.py#L15-L16 src/zoo/keeper.py:15-16]" in leaves(wiki)[name].text
    to(files=MOVED, link=form)
    assert "[https://example.org/v2.0/src/zoo/keeper.py#L16-L17 src/zoo/keeper.py:16-17]" in leaves(wiki)[name].text
    assert "v1.0" not in leaves(wiki)[name].text


def test_what_was_rejected_is_not_offered_for_a_page_that_leaves(
    run: Run, to: Refresh, wiki: Path, ledger: Ledger
) -> None:
    run()
    name = the_one(wiki, "makes the zebras nervous, use")
    to(files=SLOWER)
    (draft,) = ledger.drafts(wiki, "pending")
    reject(ledger, [draft], "me", LATER, "no")
    to("3.0")  # the words of the page are back, those of the rejected draft are gone
    (again,) = ledger.drafts(wiki, "pending")
    accept(ledger, [again], "me", LATER)
    assert the_one(wiki, "makes the zebras nervous, use") == name
    done = to("4.0", files=SLOWER)
    assert ledger.draft(draft.id).state == "rejected"
    assert [(offer.name, offer.is_as_it_was) for offer in done.drafts if offer.replaces] == [(name, True)]


def test_pages_about_another_package_are_left_alone(run: Run, to: Refresh, wiki: Path) -> None:
    run()
    name = the_one(wiki, "makes the zebras nervous, use")
    page = wiki / f"heuristics/{name}.md"
    page.write_text(page.read_text().replace("pypi:zoo==1.0", "pypi:farm==7.0"))
    before = page.read_text()
    assert name not in [judged.id[1] for judged in to(files=SLOWER).judged]
    assert page.read_text() == before


def test_an_edited_page_keeps_its_draft_so_that_it_is_not_offered_again(
    run: Run, to: Refresh, wiki: Path, ledger: Ledger
) -> None:
    run()
    page = wiki / f"heuristics/{the_one(wiki, 'makes the zebras nervous, use')}.md"
    page.write_text(page.read_text().replace("=== Usage ===\n", "=== Usage ===\nAlways: "))
    to(files=MOVED)
    new = write_source(wiki.parent / "2.0", "2.0", {**FILES, **{k: v for k, v in MOVED.items() if v}})
    run(snapshot=new, accept_valid=False)
    assert "Always: " in page.read_text()
    assert {draft.state for draft in ledger.drafts()} == {"accepted"}


def test_without_the_old_source_the_rest_is_kept(run: Run, to: Refresh, wiki: Path) -> None:
    run()
    done = to(files=MOVED, without="pypi:zoo==1.0")
    assert done.unavailable == ["pypi:zoo==1.0"]
    assert "pypi:zoo==1.0 could not be had" in done.report
    assert done.left == []


def test_pages_that_name_no_source_are_left_and_reported(run: Run, to: Refresh, wiki: Path) -> None:
    (wiki / "principles").mkdir(parents=True)
    text = "== Overview ==\nFeeding.\n\n'''Source:''' <code>src/zoo/keeper.py:L20-999</code>\n"
    (wiki / "principles/some_zoo_Feeding.md").write_text(text)
    run()
    done = to(files=MOVED)
    assert [(place.page, place.place) for place in done.foreign] == [("some_zoo_Feeding", "src/zoo/keeper.py:20-999")]
    assert (wiki / "principles/some_zoo_Feeding.md").read_text() == text


def test_a_wiki_that_changes_meanwhile_is_not_touched(run: Run, to: Refresh, wiki: Path, ledger: Ledger) -> None:
    run()
    page = sorted((wiki / "heuristics").iterdir())[0]

    def somebody(message: str) -> None:
        if message == "Writing the wiki":
            page.write_text(page.read_text() + "\n")

    before, known = files_of(wiki), ledger.drafts()
    with pytest.raises(WikiError, match="changed while the edit was prepared; run the command again"):
        to(files=SLOWER, tell=somebody)
    assert {file for file, text in files_of(wiki).items() if text != before[file]} == {f"heuristics/{page.name}"}
    assert ledger.drafts() == known


@pytest.mark.parametrize("edited", [True, False])
def test_a_refresh_that_died_at_its_edit_ends_as_an_undisturbed_one(
    run: Run, to: Refresh, wiki: Path, ledger: Ledger, monkeypatch: pytest.MonkeyPatch, edited: bool
) -> None:
    run()
    apply = promises.apply

    def die(*arguments: object) -> object:
        if edited:
            apply(*arguments)  # type: ignore[arg-type]
        raise KeyboardInterrupt

    monkeypatch.setattr(promises, "apply", die)
    with pytest.raises(KeyboardInterrupt):
        to(files=SLOWER)
    monkeypatch.undo()
    recorded = ledger.drafts()
    assert {draft.state for draft in recorded} >= {"pending", "superseded"}
    assert to(files=SLOWER).nothing_to_do
    assert (ledger.drafts(), ledger.promised(wiki)) == (recorded, None)
    assert sorted(AWAITING in text for file, text in files_of(wiki).items() if file == "_HeuristicIndex.md") == [True]
    assert check_wiki(read_wiki(wiki)) == []


@pytest.mark.parametrize(
    ("revision", "message"),
    [("0.9", "is older than the wiki .* which has pages of 1.0"), ("0.9.0rc1", "is older than")],
)
def test_an_older_revision_is_refused(run: Run, to: Refresh, wiki: Path, revision: str, message: str) -> None:
    run()
    before = files_of(wiki)
    with pytest.raises(WikiError, match=message):
        to(revision)
    assert files_of(wiki) == before


def test_another_package_and_no_wiki_are_refused(run: Run, to: Refresh, wiki: Path, source: Snapshot) -> None:
    with pytest.raises(WikiError, match="is no wiki: it has no pages"):
        to()
    run()
    other = replace(source, source="pypi:farm==2.0", name="farm")
    with pytest.raises(WikiError, match="is about zoo, not about farm"):
        to(snapshot=other)
    for file in wiki.rglob("*.md"):
        file.write_text(file.read_text().replace("source_revision::", "other::"))
    with pytest.raises(WikiError, match="says from which source it is"):
        to()


@pytest.mark.parametrize("what", ["a Heuristic", "an Implementation"])
def test_a_citation_without_a_quote_whose_lines_read_otherwise(run: Run, to: Refresh, wiki: Path, what: str) -> None:
    """Nothing can rewrite it: the Heuristic waits, the page of the symbol is derived anew, its text kept on record."""
    run()
    heuristic = the_one(wiki, "nervous")
    files = {"a Heuristic": f"heuristics/{heuristic}.md", "an Implementation": "implementations/some_zoo_Keeper.md"}
    page = wiki / files[what]
    page.write_text(page.read_text().replace("\n== ", f"\nSee <code>{KEEPER}:1-8</code>.\n\n== ", 2))
    done = to(files=MOVED)
    assert f"{KEEPER}:1-8" not in (page.read_text() if page.exists() else "")
    assert page.exists() == (what == "an Implementation")
    assert (heuristic in [judged.id[1] for judged in done.left]) == (what == "a Heuristic")
    assert ("some_zoo_Keeper" in done.symbols.lost) == (what == "an Implementation")


@pytest.mark.parametrize(
    ("written_from", "name", "fits"),
    [
        ("pypi:huggingface-hub==1.0", "huggingface_hub", True),  # the folder, or the repository, of the package
        ("git+https://github.com/huggingface/huggingface_hub@main", "huggingface-hub", True),
        ("git+ssh://git@example.org/a.fork/huggingface_hub.git@v1", "huggingface-hub", True),
        ("path:Huggingface.Hub@0123", "huggingface-hub", True),
        ("", "huggingface-hub", True),  # written by hand, or by another program
        ("whatever somebody wrote", "huggingface-hub", False),
        ("pypi:peft==1.0", "huggingface-hub", False),
    ],
)
def test_a_wiki_takes_pages_about_its_own_code_however_that_is_had(
    tmp_path: Path, written_from: str, name: str, fits: bool
) -> None:
    stated = f"{{|\n|-\n! Source Revision\n| [[source_revision::{written_from}]]\n|}}\n\n" if written_from else ""
    (tmp_path / "heuristics").mkdir()
    (tmp_path / "heuristics/hf_A.md").write_text(f"{stated}== Overview ==\nAn insight.\n")
    if fits:
        refuse_foreign(read_wiki(tmp_path), tmp_path, name)
        return
    with pytest.raises(WikiError, match=r"not about huggingface-hub.*the same code under another name.*--repo \w+"):
        refuse_foreign(read_wiki(tmp_path), tmp_path, name)
