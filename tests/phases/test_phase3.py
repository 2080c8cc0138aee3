from __future__ import annotations

import re
import sqlite3
from collections import Counter
from pathlib import Path

import pytest

from tests.phases.conftest import FILES, NOW, Run, accept, files_of, reject, report_of, write_source
from wikiagent.check.wiki_rules import check_wiki
from wikiagent.errors import DraftError, StoreError, WikiError
from wikiagent.ledger import Ledger, NewDraft
from wikiagent.phases import drafters, publish
from wikiagent.review import promises
from wikiagent.review.standing import page_of
from wikiagent.wiki.graph import read_wiki
from wikiagent.wiki.page import Exhibit

COMPLETE = "**Phase 3 Complete** ✅"


def states(ledger: Ledger) -> Counter[str]:
    return Counter(draft.state for draft in ledger.drafts())


def test_an_empty_wiki_gets_pages_links_indexes_and_report_at_once(run: Run, wiki: Path, ledger: Ledger) -> None:
    outcome = run()
    assert outcome.made == 2
    assert len(outcome.accepted) == len(outcome.drafts) >= 4
    read = read_wiki(wiki)
    assert read.repo == "some_zoo"
    assert check_wiki(read) == []
    assert {draft.type for draft in outcome.drafts} == {"Environment", "Heuristic"}
    assert f"_RepoMap_{read.repo}.md" in read.files
    assert COMPLETE in report_of(wiki)
    assert {d.who for draft in outcome.drafts for d in ledger.decisions(draft.id)} == {"policy:accept-valid"}


def test_a_second_run_adds_nothing_and_changes_no_file(run: Run, wiki: Path, ledger: Ledger) -> None:
    run()
    before, known = files_of(wiki), ledger.drafts()
    outcome = run(now="2027-01-01 00:00 GMT")
    assert (outcome.made, outcome.accepted, outcome.files) == (0, (), ())
    assert files_of(wiki) == before
    assert ledger.drafts() == known


@pytest.mark.parametrize("accept_valid", [True, False])
def test_a_fresh_ledger_on_an_enriched_wiki_has_nothing_to_do(
    run: Run, wiki: Path, tmp_path: Path, accept_valid: bool
) -> None:
    run()
    before, fresh = files_of(wiki), Ledger(tmp_path / "fresh.sqlite")
    outcome = run(using=fresh, accept_valid=accept_valid, now="2027-01-01 00:00 GMT")
    assert (outcome.accepted, outcome.files) == ((), ())
    assert files_of(wiki) == before
    assert set(states(fresh)) == {"accepted"}


def test_another_limit_leaves_what_is_there(run: Run, wiki: Path) -> None:
    run(limit=120)
    before = files_of(wiki)
    assert run(limit=2).files == ()
    assert files_of(wiki) == before


def test_a_greater_limit_adds_the_rest(run: Run, wiki: Path, tmp_path: Path) -> None:
    assert len(run(limit=2).drafts) == 2
    assert len(re.findall(r"^   - \w+ \(\S+:\d+", report_of(wiki), re.M)) == len(run(limit=120).drafts) - 2
    assert "not drafted:** 0." in report_of(wiki)


def test_pending_then_accept_and_reject(run: Run, wiki: Path, ledger: Ledger) -> None:
    outcome = run(accept_valid=False)
    assert set(states(ledger)) == {"pending"}
    assert not list(wiki.glob("heuristics/*"))
    report = report_of(wiki)
    assert COMPLETE not in report
    assert f"**Phase 3 not complete:** {len(outcome.drafts)} drafts await review." in report

    first, second, *others = outcome.drafts
    changed = accept(ledger, [first], "me", NOW)
    page = page_of(first)
    assert {page.file, f"_{first.type}Index.md", "_reports/phase3_enrichment.md"} <= set(changed)
    assert check_wiki(read_wiki(wiki)) == []
    for link in page.related:
        assert f"{link.edge}::{first.type}:{first.name}" in (wiki / f"{link.kind.folder}/{link.name}.md").read_text()

    assert reject(ledger, [second], "me", NOW, "Everybody knows it.") == ("_reports/phase3_enrichment.md",)
    assert f"   - {second.name} (draft {second.id}): Everybody knows it." in report_of(wiki)
    assert states(ledger) == {"accepted": 1, "rejected": 1, "pending": len(others)}

    accept(ledger, others, "me", NOW)
    assert COMPLETE in report_of(wiki)
    again = run()
    assert (again.accepted, again.files) == ((), ())
    assert ledger.draft(second.id).state == "rejected"


def test_only_pending_drafts_can_be_decided(run: Run, wiki: Path, ledger: Ledger) -> None:
    first, second, *_ = run(accept_valid=False).drafts
    accept(ledger, [first], "me", NOW)
    reject(ledger, [second], "me", NOW, "no")
    first, second, before = ledger.draft(first.id), ledger.draft(second.id), files_of(wiki)
    with pytest.raises(DraftError, match=r"is accepted already, by me; `wikiagent undo"):
        reject(ledger, [first], "me", NOW, "no")
    with pytest.raises(DraftError, match="was rejected already"):
        accept(ledger, [second], "me", NOW)
    assert files_of(wiki) == before


def test_two_people_cannot_decide_the_same_draft(run: Run, wiki: Path, ledger: Ledger) -> None:
    seen, *_ = run(accept_valid=False).drafts
    reject(ledger, [seen], "somebody", NOW, "no")
    before = files_of(wiki)
    with pytest.raises(DraftError, match="was rejected already"):
        accept(ledger, [seen], "me", NOW)  # still pending when it was read
    assert files_of(wiki) == before


def test_drafts_with_error_findings_are_rejected_on_record(
    run: Run, wiki: Path, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = drafters.extractive.draft

    def wrong(*arguments: object) -> object:
        page = real(*arguments)  # type: ignore[arg-type]
        quote: Exhibit = page.evidence[0]
        return page.model_copy(update={"evidence": (quote.model_copy(update={"code": "no()"}), *page.evidence[1:])})

    monkeypatch.setattr(drafters.extractive, "draft", wrong)
    outcome = run()
    assert set(states(ledger)) == {"rejected"}
    assert all("CIT003" in {f.code for f in ledger.findings(draft.id)} for draft in outcome.drafts)
    assert not list(wiki.glob("heuristics/*"))
    assert f"(draft {outcome.drafts[0].id}): CIT003" in report_of(wiki)
    with pytest.raises(DraftError, match=r"error findings \(.*CIT003.*\), which cannot be overruled"):
        accept(ledger, [outcome.drafts[0]], "me", NOW)

    monkeypatch.undo()
    assert len(run().accepted) == len(outcome.drafts)


def test_a_page_changed_by_hand_is_never_overwritten(run: Run, wiki: Path, ledger: Ledger, tmp_path: Path) -> None:
    name = next(draft.name for draft in run().drafts if draft.type == "Heuristic")
    file = wiki / "heuristics" / f"{name}.md"
    file.write_text(file.read_text().replace("== Overview ==\n", "== Overview ==\nA person says more. "))
    changed = file.read_text()

    run()
    assert file.read_text() == changed
    assert f"   - {name}: the page was changed since its draft was accepted, and stays as it is." in report_of(wiki)
    assert COMPLETE in report_of(wiki)

    fresh = Ledger(tmp_path / "fresh.sqlite")
    run(using=fresh)
    (waiting,) = fresh.drafts(state="pending")
    assert waiting.name == name
    assert f"   - {name}: the wiki has a page of this name that says something else" in report_of(wiki)
    assert "**Phase 3 not complete:** 1 draft awaits review." in report_of(wiki)
    with pytest.raises(DraftError, match=r"Merge the draft into that page .*, or move the page away"):
        accept(fresh, [waiting], "me", NOW)
    assert file.read_text() == changed


def test_an_accepted_page_that_was_removed_is_offered_again(run: Run, wiki: Path, ledger: Ledger) -> None:
    draft, *others = run().drafts
    before = files_of(wiki)
    (wiki / page_of(draft).file).unlink()
    assert run(accept_valid=False).files
    assert states(ledger) == {"pending": 1, "accepted": len(others)}
    assert COMPLETE not in report_of(wiki)
    run()
    assert files_of(wiki) == before


@pytest.mark.parametrize("edited", [True, False])
def test_a_run_that_died_at_its_edit_ends_as_an_undisturbed_one(
    run: Run, wiki: Path, ledger: Ledger, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, edited: bool
) -> None:
    apply = promises.apply

    def die(*arguments: object) -> object:
        if edited:
            apply(*arguments)  # type: ignore[arg-type]
        raise KeyboardInterrupt

    monkeypatch.setattr(promises, "apply", die)
    with pytest.raises(KeyboardInterrupt):
        run()
    monkeypatch.undo()
    assert set(states(ledger)) == {"accepted"}
    assert ("_reports/phase3_enrichment.md" in files_of(wiki)) == edited
    run()
    assert ledger.promised(wiki) is None
    calm = Ledger(tmp_path / "calm.sqlite")
    before = files_of(wiki)
    assert run(using=calm).files == ()
    assert files_of(wiki) == before
    assert COMPLETE in before["_reports/phase3_enrichment.md"]


def test_a_page_that_comes_later_gets_its_links_on_both_sides(run: Run, wiki: Path) -> None:
    outcome = run()
    draft = next(d for d in outcome.drafts if any(link.name == "some_zoo_Keeper" for link in page_of(d).related))
    keeper = wiki / "implementations" / "some_zoo_Keeper.md"
    lost = keeper.read_text()
    lines = (line for line in lost.splitlines(keepends=True) if f":{draft.name}]]" not in line)
    keeper.write_text("".join(lines))
    page = wiki / page_of(draft).file
    page.write_text(
        page.read_text().replace(f"* [[{page_of(draft).related[0].edge}::Implementation:some_zoo_Keeper]]\n", "")
    )
    fresh = Ledger(wiki.parent / "fresh.sqlite")
    again = run(using=fresh)
    assert [d.name for d in again.accepted] == [draft.name]
    assert sorted(keeper.read_text().splitlines()) == sorted(lost.splitlines())
    assert "Implementation:some_zoo_Keeper]]" in page.read_text()
    assert check_wiki(read_wiki(wiki)) == []


def test_a_wanted_page_is_counted_once_with_all_that_want_it(run: Run, wiki: Path) -> None:
    drafts = run().drafts
    (wiki / "implementations" / "some_zoo_Keeper.md").unlink()
    run()
    wanting = [d.name for d in drafts if any(link.name == "some_zoo_Keeper" for link in page_of(d).related)]
    assert len(wanting) > 1
    assert f"**Wanted pages:** 1:\n   - ⬜ some_zoo_Keeper, for {', '.join(sorted(wanting))}\n" in report_of(wiki)
    assert "⬜Impl:some_zoo_Keeper" in (wiki / "_HeuristicIndex.md").read_text()


def test_pages_that_name_an_environment_before_it_exists_are_linked_back(run: Run, wiki: Path, tmp_path: Path) -> None:
    name = next(draft.name for draft in run(accept_valid=False).drafts if draft.type == "Environment")
    pointing = wiki / "implementations" / "some_zoo_Pointing.md"
    pointing.write_text(f"== Overview ==\nPoints.\n\n== Related Pages ==\n* [[requires_env::Environment:{name}]]\n")
    run(accept_valid=False)
    assert f"   - Environment:{name}: 1 page names it, and no page has this name." in report_of(wiki)
    run()
    assert "requires_env::Implementation:some_zoo_Pointing" in (wiki / "environments" / f"{name}.md").read_text()
    assert check_wiki(read_wiki(wiki)) == []
    assert "names it, and no page has this name" not in report_of(wiki)


def test_what_was_broken_before_does_not_stop_an_edit(run: Run, wiki: Path) -> None:
    run(accept_valid=False)
    for file in wiki.glob("implementations/*.md"):
        text = (
            file.read_text()
            + "\n== Related Pages ==\n* [[step::Principle:x]]\n\n== See also ==\n[[step::Principle:x]]\n"
        )
        file.write_text(text)
    broken = {finding.code for finding in check_wiki(read_wiki(wiki))}
    run()
    assert {finding.code for finding in check_wiki(read_wiki(wiki))} == broken == {"LNK001", "LNK003"}


def test_an_edit_that_would_break_the_wiki_is_not_made(
    run: Run, wiki: Path, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft, *_ = run(accept_valid=False).drafts
    before = files_of(wiki)
    monkeypatch.setattr(publish, "derive_indexes", lambda read: {f"_{draft.type}Index.md": "nothing"})
    with pytest.raises(WikiError, match="would break the wiki and was not made"):
        accept(ledger, [draft], "me", NOW)
    assert files_of(wiki) == before
    assert ledger.draft(draft.id).state == "pending"


def test_a_newer_version_that_says_the_same_brings_nothing_back(
    run: Run, wiki: Path, ledger: Ledger, tmp_path: Path
) -> None:
    first, second, *others = run(accept_valid=False).drafts
    accept(ledger, [first], "me", NOW)
    reject(ledger, [second], "me", NOW, "Everybody knows it.")
    pages = {file: text for file, text in files_of(wiki).items() if "/" in file and "_reports" not in file}
    moved = {**FILES, "src/zoo/keeper.py": "# Licence.\n" + FILES["src/zoo/keeper.py"], "README.md": "A zoo."}
    outcome = run(snapshot=write_source(tmp_path / "newer", "1.1", moved), accept_valid=False)
    assert {draft.id: draft.state for draft in outcome.drafts} == {
        first.id: "accepted", second.id: "rejected", **{draft.id: "pending" for draft in others}
    }  # fmt: skip
    assert {page_of(ledger.draft(draft.id)).metadata.revision for draft in others} == {"pypi:zoo==1.1"}
    assert {file: text for file, text in files_of(wiki).items() if file in pages} == pages
    report = report_of(wiki)
    assert f"from another source or version:** 1:\n   - {first.name} (pypi:zoo==1.0)" in report
    assert f"{second.name} (draft {second.id}): Everybody knows it." in report


def test_a_newer_version_does_not_touch_the_pages_of_the_older_one(run: Run, wiki: Path, tmp_path: Path) -> None:
    run()
    pages = {file: text for file, text in files_of(wiki).items() if file.startswith(("environments/", "heuristics/"))}
    changed = {file: text.replace("zebras nervous", "gnus nervous") for file, text in FILES.items()}
    outcome = run(snapshot=write_source(tmp_path / "newer", "1.1", changed))
    assert any("gnus nervous" in draft.page for draft in outcome.accepted)
    now = files_of(wiki)
    assert {file: now[file] for file in pages} == pages


def test_a_candidate_that_is_gone_keeps_its_page_and_loses_its_draft(run: Run, wiki: Path, ledger: Ledger) -> None:
    run(accept_valid=False)
    zebra = next(d for d in ledger.drafts() if "portions" in d.page and d.type == "Heuristic")
    accept(ledger, [zebra], "me", NOW)
    lesser = tuple(path for path in FILES if path != "src/zoo/keeper.py")
    run(accept_valid=False, paths=lesser)
    assert states(ledger)["superseded"] >= 2
    assert ledger.draft(zebra.id).state == "accepted"
    report = report_of(wiki)
    assert f"| {zebra.name} |" in report
    assert f"no longer found:** 1:\n   - {zebra.name}\n" in report


def test_what_another_version_of_wikiagent_recorded_is_one_sentence(
    run: Run, wiki: Path, ledger: Ledger, tmp_path: Path
) -> None:
    draft, *_ = run(accept_valid=False).drafts
    with sqlite3.connect(tmp_path / "ledger.sqlite") as db:
        db.execute('update drafts set page = \'{"name": "x", "colour": "red"}\'')
    with pytest.raises(DraftError, match=r"another version of wikiagent.*another --store"):
        accept(ledger, [draft], "me", NOW)
    with sqlite3.connect(tmp_path / "ledger.sqlite") as db:
        db.execute("update runs set facts = '{}'")
    with pytest.raises(StoreError, match=r"another version of wikiagent; run `wikiagent enrich` again"):
        reject(ledger, [draft], "me", NOW, "no")
    assert ledger.draft(draft.id).state == "pending"


def test_a_wiki_that_is_gone(run: Run, wiki: Path, ledger: Ledger) -> None:
    draft, *_ = run(accept_valid=False).drafts
    wiki.rename(wiki.with_name("moved"))
    with pytest.raises(WikiError, match="is not there any more"):
        accept(ledger, [draft], "me", NOW)
    assert not wiki.exists()


def test_a_single_page_without_an_index_takes_the_prefix_that_was_given(run: Run, wiki: Path) -> None:
    (wiki / "implementations").mkdir(parents=True)
    (wiki / "implementations" / "some_zoo_Keeper.md").write_text("== Overview ==\nKeeps.\n")
    assert run().made == 0
    assert "**Repository:** some_zoo\n" in report_of(wiki)
    assert (wiki / "_HeuristicIndex.md").read_text().startswith("# Heuristic Index: some_zoo\n")


@pytest.mark.parametrize("file", ["implementations/some_zoo_Foo (old).md", "principles/some_zoo_Größe.md"])
def test_a_page_that_no_link_can_lead_to(run: Run, wiki: Path, ledger: Ledger, file: str) -> None:
    draft, *_ = run(accept_valid=False).drafts
    (wiki / file).parent.mkdir(exist_ok=True)
    (wiki / file).write_text(f"== Overview ==\nOld.\n[[requires_env::Environment:{draft.name}]]\n")
    before = files_of(wiki)
    with pytest.raises(WikiError, match="No link can lead to"):
        run()
    with pytest.raises(WikiError, match="No link can lead to"):
        accept(ledger, [draft], "me", NOW)
    assert files_of(wiki) == before


def test_two_drafts_of_one_name_cannot_both_become_the_page(run: Run, wiki: Path, ledger: Ledger) -> None:
    first, *_ = run(accept_valid=False).drafts
    page = page_of(first).model_copy(update={"usage": "Read this at another time."})
    number = ledger.start_run(wiki, "pypi:zoo==1.0", "digest", "extractive", NOW, ledger.last_run(wiki).facts)  # type: ignore[union-attr]
    new = NewDraft("another", first.type, first.name, "extractive", 9, 0.1, "digest", page.model_dump_json(), ())
    (second,) = ledger.record(number, wiki, "pypi:zoo==1.0", [new], {"another", first.candidate})
    with pytest.raises(DraftError, match="says something else than draft"):
        accept(ledger, [first, second], "me", NOW)
    assert not (wiki / page.file).exists()
    assert {ledger.draft(first.id).state, ledger.draft(second.id).state} == {"pending"}


def test_the_same_evidence_under_another_name_waits_for_a_person(run: Run, wiki: Path, ledger: Ledger) -> None:
    run()
    old = next(draft for draft in ledger.drafts() if draft.type == "Heuristic")
    page = page_of(old).model_copy(update={"name": "some_zoo_Renamed"})
    number = ledger.start_run(wiki, "pypi:zoo==1.0", "digest", "extractive", NOW, ledger.last_run(wiki).facts)  # type: ignore[union-attr]
    new = NewDraft(old.candidate, old.type, page.name, "extractive", 1, 9.0, "renamed", page.model_dump_json(), ())
    (waiting,) = ledger.record(number, wiki, "pypi:zoo==1.0", [new], {draft.candidate for draft in ledger.drafts()})
    publish.publish(ledger, wiki, NOW)
    assert f"   - some_zoo_Renamed: the wiki has a page of the same evidence, {old.name}" in report_of(wiki)
    assert COMPLETE not in report_of(wiki)
    accept(ledger, [waiting], "me", NOW)  # a person may
    assert (wiki / page.file).exists()
