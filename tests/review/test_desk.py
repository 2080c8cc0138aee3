from __future__ import annotations

import json
import os
import re
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from tests.phases.conftest import Run, files_of, report_of
from wikiagent.check.wiki_rules import check_wiki
from wikiagent.errors import DraftError, SourceError, WikiError
from wikiagent.ledger import Draft
from wikiagent.phases import drafters
from wikiagent.review import promises
from wikiagent.review.desk import MAX_REASON, Desk
from wikiagent.review.editor import kept_text
from wikiagent.review.edits import without_links
from wikiagent.review.standing import Replaced, page_of
from wikiagent.review.web.draft_pages import can
from wikiagent.wiki import edit
from wikiagent.wiki.graph import add_links, read_wiki
from wikiagent.wiki.mediawiki import render
from wikiagent.wiki.page import Heuristic, Link, PageKind


def drafts_of(desk: Desk, kind: str = "Heuristic") -> list[Draft]:
    return [draft for draft in desk.ledger.drafts(desk.root, "pending") if draft.type == kind]


def told(desk: Desk) -> list[tuple[int, str, str]]:
    return [(made.draft, made.decision, made.who) for made in desk.ledger.log(desk.root)]


def is_sound(desk: Desk) -> bool:
    """Whether wiki and ledger agree, and both are in order."""
    wiki = read_wiki(desk.root)
    there = {name for kind, name in wiki.pages if kind in (PageKind.HEURISTIC, PageKind.ENVIRONMENT)}
    accepted = {draft.name for draft in desk.ledger.drafts(desk.root, "accepted")}
    return (
        check_wiki(wiki) == []
        and there == accepted
        and not desk.ledger.verify().problems
        and desk.ledger.promised(desk.root) is None
    )


# --- accept and undo ---


def test_undo_brings_back_every_byte(desk: Desk) -> None:
    before = files_of(desk.root)
    first, second = drafts_of(desk)[:2]
    desk.accept([first.id], seconds=12.5)
    between = files_of(desk.root)
    desk.accept([second.id])
    assert is_sound(desk)
    desk.undo()
    assert files_of(desk.root) == between
    assert [taken.draft for taken in desk.undo()] == [first.id]
    assert files_of(desk.root) == before
    assert desk.ledger.draft(first.id) == first
    assert told(desk)[2:] == [
        (first.id, "accepted", "ann"), (second.id, "accepted", "ann"), (second.id, "undone", "ann"),
        (first.id, "undone", "ann"),
    ]  # fmt: skip
    assert desk.ledger.decisions(first.id)[0].seconds == 12.5
    with pytest.raises(DraftError, match="ann has no decision to take back"):
        desk.undo()


def test_decisions_are_undone_in_any_order(desk: Desk) -> None:
    first, second, third = drafts_of(desk)[:3]
    desk.accept([second.id, third.id])
    without = files_of(desk.root)
    desk.undo()
    desk.accept([first.id])
    desk.accept([second.id])
    desk.accept([third.id])
    desk.undo([first.id])
    assert is_sound(desk)
    assert files_of(desk.root) == without
    desk.accept([first.id])
    assert is_sound(desk)


def test_what_was_accepted_together_is_undone_together(desk: Desk, bert: Desk) -> None:
    before = files_of(desk.root)
    drafts = drafts_of(desk) + drafts_of(desk, "Environment")
    desk.accept([draft.id for draft in drafts])
    with pytest.raises(DraftError, match="bert has no decision"):
        bert.undo()
    assert len(desk.undo()) == len(drafts)
    assert files_of(desk.root) == before


def test_undo_knows_what_an_accept_found_there(desk: Desk, run: Run) -> None:
    """Links and pages that were in the wiki before an accept stay when it is taken back."""
    draft = drafts_of(desk)[0]
    desk.accept([draft.id])
    whole = files_of(desk.root)
    desk.ledger.file.unlink()
    for rest in desk.ledger.file.parent.glob("ledger.sqlite-*"):
        rest.unlink()
    desk = Desk(type(desk.ledger)(desk.ledger.file), desk.root, "ann", desk.publisher, desk.sources, desk.clock)
    run(accept_valid=False)
    (again,) = [d for d in desk.ledger.drafts(desk.root) if d.name == draft.name]
    assert again.state == "accepted"  # by the run, which found its page
    desk.undo([again.id])
    assert files_of(desk.root)[page_of(draft).file] == whole[page_of(draft).file]


def test_a_page_that_was_changed_by_hand_is_not_removed(desk: Desk) -> None:
    draft = drafts_of(desk)[0]
    desk.accept([draft.id])
    file = desk.root / page_of(draft).file
    file.write_text(file.read_text().replace("== Reasoning ==\n", "== Reasoning ==\nMy own words. "))
    changed = files_of(desk.root)
    with pytest.raises(DraftError, match="was changed by hand since draft"):
        desk.undo()
    assert files_of(desk.root) == changed
    assert desk.ledger.draft(draft.id).state == "accepted"


def test_words_that_somebody_added_to_a_page_hold_up_no_decision(desk: Desk) -> None:
    """Below the categories too, where the page is no longer as it would be rendered."""
    first, second = drafts_of(desk)[:2]
    desk.accept([first.id])
    file = desk.root / page_of(first).file
    file.write_text(file.read_text() + "\nMy own words.\n")
    desk.accept([second.id])
    desk.undo()
    assert file.read_text().endswith("\nMy own words.\n")
    assert is_sound(desk)


def test_the_second_of_two_reviewers_learns_of_the_first(desk: Desk, bert: Desk) -> None:
    draft = drafts_of(desk)[0]
    bert.reject([draft.id], "wrong", "Not so.")
    after = files_of(desk.root)
    with pytest.raises(DraftError, match="was rejected already"):
        desk.accept([draft.id])
    with pytest.raises(DraftError, match="not pending any more"):
        desk.skip(draft.id)
    bert.undo()
    desk.accept([draft.id])
    with pytest.raises(DraftError, match="is accepted already, by ann;"):
        bert.reject([draft.id], "wrong")
    assert files_of(desk.root) != after
    assert is_sound(desk)


def test_an_undo_of_what_was_decided_since_is_refused(desk: Desk, bert: Desk) -> None:
    draft = drafts_of(desk)[0]
    desk.reject([draft.id], "wrong")
    bert.undo([draft.id])
    bert.accept([draft.id])
    with pytest.raises(DraftError, match="ann has no decision to take back"):
        desk.undo()
    with pytest.raises(DraftError, match="Nothing is decided about draft"):
        desk.undo([drafts_of(desk)[0].id])


# --- reject ---


def test_a_reject_keeps_code_and_note(desk: Desk) -> None:
    first, second, *_ = drafts_of(desk)
    assert desk.reject([first.id], "unsupported", " The lines\nsay nothing  of it. ") == (
        "_reports/phase3_enrichment.md",
    )
    desk.reject([second.id], "trivial")
    made = desk.ledger.decisions(first.id)[-1]
    assert (made.code, made.reason, made.digest, made.source) == (
        "unsupported", "The lines say nothing of it.", first.digest, "pypi:zoo==1.0",
    )  # fmt: skip
    assert "The lines say nothing of it." in report_of(desk.root)
    assert "trivial" in report_of(desk.root)
    desk.undo()
    assert "trivial" not in report_of(desk.root)


@pytest.mark.parametrize(
    ("code", "reason", "message"),
    [
        ("other", "  ", "Say why"),
        ("ugly", "so", "There is no reason code 'ugly'"),
        ("wrong", "x" * (MAX_REASON + 1), "at most 2,000 are kept"),
    ],
)
def test_a_reason_says_something(desk: Desk, code: str, reason: str, message: str) -> None:
    with pytest.raises(DraftError, match=message):
        desk.reject([drafts_of(desk)[0].id], code, reason)
    assert desk.ledger.decisions(drafts_of(desk)[0].id) == []


# --- fix ---


def test_a_fix_is_checked_and_accepted(desk: Desk, run: Run) -> None:
    before = files_of(desk.root)
    draft = next(d for d in drafts_of(desk) if "makes the zebras nervous" in d.page)
    text = render(page_of(draft))
    fixed = text.replace("makes the zebras nervous", "makes zebras nervous", 1)
    assert fixed != text
    assert desk.fix(draft.id, fixed) == []
    after = desk.ledger.draft(draft.id)
    assert (after.state, after.digest) == ("accepted", draft.digest)
    made = desk.ledger.decisions(draft.id)[-1]
    assert (made.decision, made.code) == ("accepted", "fixed")
    assert made.digest != draft.digest
    assert "makes zebras nervous" in (desk.root / page_of(draft).file).read_text()
    assert is_sound(desk)
    there = files_of(desk.root)
    run(accept_valid=False)  # the drafter says the same as before: it is no new draft
    assert files_of(desk.root) == there
    desk.undo()
    assert files_of(desk.root) == before
    assert desk.ledger.draft(draft.id) == draft
    assert desk.sources is not None
    assert "makes zebras nervous" in kept_text(desk.sources.store, draft.id).read_text()  # to go on with
    with pytest.raises(DraftError, match="You changed nothing, so nothing was decided"):
        desk.fix(draft.id, text)


def test_a_fix_that_does_not_hold_changes_nothing(desk: Desk) -> None:
    before = files_of(desk.root)
    draft = next(d for d in drafts_of(desk) if "above 3.0" in d.page)
    findings = desk.fix(draft.id, render(page_of(draft)).replace("above 3.0", "above 7.5", 1))
    assert {finding.code for finding in findings} >= {"CLM001"}
    quoted = render(page_of(draft)).replace('warnings.warn("A keeper', 'warnings.warn("Two keepers')
    assert "CIT003" in {finding.code for finding in desk.fix(draft.id, quoted)}
    more = "== Remarks ==\nMy own words about antelopes.\n\n== Related"
    with pytest.raises(DraftError, match="have no place for this line: “== Remarks ==”"):
        desk.fix(draft.id, render(page_of(draft)).replace("== Related", more))
    with pytest.raises(DraftError, match=r"no Heuristic page|have no place"):
        desk.fix(draft.id, "hello")
    assert files_of(desk.root) == before
    assert desk.ledger.draft(draft.id) == draft
    assert desk.ledger.decisions(draft.id) == []


def test_a_draft_with_errors_can_be_fixed_but_not_accepted(
    desk: Desk, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:

    real = drafters.extractive.draft

    def wrong(*arguments: object) -> object:
        page = real(*arguments)  # type: ignore[arg-type]
        return page.model_copy(update={"overview": (page.overview[0].model_copy(update={"text": "Use 77 zebras."}),)})

    monkeypatch.setattr(drafters.extractive, "draft", wrong)
    run(accept_valid=False)
    monkeypatch.undo()
    draft = next(d for d in desk.ledger.drafts(desk.root, "rejected") if d.type == "Heuristic")
    with pytest.raises(DraftError, match=r"error findings .* cannot be overruled"):
        desk.accept([draft.id])
    good = render(page_of(draft)).replace("Use 77 zebras.", "Use zebras.")
    assert not [finding for finding in desk.fix(draft.id, good) if finding.severity == "error"]
    assert desk.ledger.draft(draft.id).state == "accepted"
    desk.undo()
    assert desk.ledger.draft(draft.id) == draft
    assert desk.ledger.findings(draft.id)
    assert can(desk.view(draft.id), desk.ledger.decisions(draft.id)) == {"fix"}
    desk.fix(draft.id, good)
    assert desk.ledger.draft(draft.id).state == "accepted"


def test_an_undone_reject_makes_no_draft_with_errors_acceptable(desk: Desk) -> None:
    """A page that left the wiki and whose draft has errors can be rejected; taking that back gives it no way in."""
    draft = drafts_of(desk)[0]
    left = Replaced(type=PageKind.HEURISTIC, name=draft.name, source="a", since="b", text="", citations=())
    with sqlite3.connect(desk.ledger.file) as db:
        now = (left.model_dump_json(), draft.id)
        db.execute("update drafts set state = 'rejected', replaces = ? where id = ?", now)
        db.execute("insert into findings values (?, 'CLM001', 'error', 1, 'no', '', null)", (draft.id,))
    desk.reject([draft.id], "wrong")
    desk.undo()
    assert desk.ledger.draft(draft.id).state == "rejected"
    with pytest.raises(DraftError, match="error findings"):
        desk.accept([draft.id])
    desk.reject([draft.id], "trivial")
    with pytest.raises(DraftError, match="not pending any more"):
        desk.reject([draft.id], "wrong")
    assert not desk.ledger.verify().problems


def test_without_its_source_nothing_can_be_checked(desk: Desk, tmp_path: Path) -> None:
    draft = drafts_of(desk)[0]
    (tmp_path / "sources" / "zoo@1.0.json").unlink()
    with pytest.raises(SourceError, match=r"pypi:zoo==1.0 is not in .*wikiagent index --source"):
        desk.fix(draft.id, render(page_of(draft)).replace("Read this", "Read it"))


# --- merge ---


def test_a_draft_is_merged_into_a_page(desk: Desk, run: Run) -> None:
    first, second = drafts_of(desk)[:2]
    desk.accept([first.id])
    before, page = files_of(desk.root), page_of(second)
    desk.merge(second.id, first.name)
    merged = read_wiki(desk.root).pages[(PageKind.HEURISTIC, first.name)].page
    assert isinstance(merged, Heuristic)
    places = [exhibit.place for exhibit in merged.evidence]
    assert set(places) == {e.place for e in (*page_of(first).evidence, *page.evidence)}
    assert len(places) == len(set(places))
    assert [exhibit.id for exhibit in merged.evidence] == [f"e{n}" for n in range(1, len(places) + 1)]
    told = json.dumps(merged.model_dump(mode="json"))
    assert all(json.dumps(s.text)[1:-1] in told for s in page.overview)
    assert {link.name for link in page.related} <= {link.name for link in merged.related}
    assert check_wiki(read_wiki(desk.root)) == []
    assert (desk.ledger.draft(second.id).state, desk.ledger.decisions(second.id)[-1].code) == ("rejected", "duplicate")
    assert desk.ledger.draft(first.id).page == merged.model_dump_json()
    assert f"merged into {first.name}" in report_of(desk.root)
    there = files_of(desk.root)
    others = run(accept_valid=True).accepted  # nothing of the two comes back
    assert others
    desk.undo([draft.id for draft in others])
    assert files_of(desk.root) == there
    desk.undo([second.id])
    assert files_of(desk.root) == before
    assert (desk.ledger.draft(first.id).state, desk.ledger.draft(second.id)) == ("accepted", second)


def test_environments_are_merged_row_by_row(desk: Desk) -> None:
    (second,) = drafts_of(desk, "Environment")
    first = next(draft for draft in desk.ledger.drafts(desk.root, "accepted") if draft.type == "Environment")
    desk.merge(second.id, first.name)
    assert check_wiki(read_wiki(desk.root)) == []
    text = (desk.root / page_of(first).file).read_text()
    assert all(exhibit.code.split("\n")[0] in text for exhibit in page_of(second).evidence)


def test_what_cannot_be_merged(desk: Desk) -> None:
    first, second = drafts_of(desk)[:2]
    environment = drafts_of(desk, "Environment")[0]
    with pytest.raises(DraftError, match="The wiki has no Heuristic page"):
        desk.merge(second.id, first.name)
    desk.accept([first.id, environment.id])
    with pytest.raises(DraftError, match="The wiki has no Heuristic page"):
        desk.merge(second.id, environment.name)
    file = desk.root / page_of(first).file
    file.write_text(file.read_text().replace("== Related", "== Remarks ==\nMy own words.\n\n== Related"))
    changed = files_of(desk.root)
    with pytest.raises(DraftError, match="have no place for this line"):
        desk.merge(second.id, first.name)
    assert files_of(desk.root) == changed
    assert desk.ledger.draft(second.id).state == "pending"


# --- skip ---


def test_decisions_before_a_merge_can_be_undone_after_it(desk: Desk) -> None:
    before = files_of(desk.root)
    first, second = drafts_of(desk)[:2]
    desk.accept([first.id])
    desk.merge(second.id, first.name)
    desk.undo()
    desk.undo()
    assert files_of(desk.root) == before
    assert {desk.ledger.draft(draft.id).state for draft in (first, second)} == {"pending"}
    assert is_sound(desk)


@pytest.mark.parametrize("named", ["page", "draft", "both"])
def test_a_merge_is_undone_as_a_whole_whichever_draft_is_named(desk: Desk, named: str) -> None:
    first, second = drafts_of(desk)[:2]
    desk.accept([first.id])
    before = files_of(desk.root)
    desk.merge(second.id, first.name)
    ids = {"page": [first.id], "draft": [second.id], "both": [first.id, second.id]}[named]
    assert {made.decision for made in desk.undo(ids)} == {"merged", "extended"}
    assert files_of(desk.root) == before
    assert is_sound(desk)
    assert desk.ledger.draft(second.id) == second
    desk.undo([first.id])
    assert desk.ledger.draft(first.id) == first


def test_what_is_skipped_comes_last_for_this_reviewer(desk: Desk, bert: Desk) -> None:
    pending = [item.id for item in desk.queue() if item.state == "pending"]
    first = pending[0]
    desk.skip(first, 3.0)
    assert [item.id for item in desk.queue() if item.state == "pending"] == [*pending[1:], first]
    assert [item.id for item in bert.queue() if item.state == "pending"] == pending
    assert desk.ledger.draft(first).state == "pending"
    desk.accept([first])
    assert is_sound(desk)


# --- promises ---


def test_a_promise_is_kept_after_a_crash(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    draft, other = drafts_of(desk)[:2]
    before = files_of(desk.root)

    def die(*arguments: object) -> tuple[str, ...]:
        raise KeyboardInterrupt

    monkeypatch.setattr(promises, "apply", die)
    with pytest.raises(KeyboardInterrupt):
        desk.accept([draft.id])
    monkeypatch.undo()
    assert files_of(desk.root) == before
    assert desk.ledger.draft(draft.id).state == "accepted"
    assert desk.ledger.promised(desk.root) is not None
    desk.accept([other.id])  # makes up for it first
    assert is_sound(desk)
    desk.settle()
    assert is_sound(desk)


def test_a_promise_that_cannot_be_kept_is_taken_back(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    draft = drafts_of(desk)[0]
    before = files_of(desk.root)

    def full(*arguments: object) -> tuple[str, ...]:
        raise WikiError("No space is left on the disk.")

    monkeypatch.setattr(promises, "apply", full)
    with pytest.raises(WikiError, match="No space is left"):
        desk.accept([draft.id])
    monkeypatch.undo()
    assert files_of(desk.root) == before
    assert desk.ledger.draft(draft.id) == draft
    assert [(d.decision, d.who) for d in desk.ledger.decisions(draft.id)] == [
        ("accepted", "ann"), ("undone", "wikiagent"),
    ]  # fmt: skip
    desk.accept([draft.id])
    assert is_sound(desk)


def test_a_hand_edit_between_a_crash_and_the_next_start_stays(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    draft = drafts_of(desk)[0]

    def die(*arguments: object) -> tuple[str, ...]:
        raise KeyboardInterrupt

    monkeypatch.setattr(promises, "apply", die)
    with pytest.raises(KeyboardInterrupt):
        desk.accept([draft.id])
    monkeypatch.undo()
    target = next(iter(read_wiki(desk.root).pages.values()))
    file = desk.root / "_HeuristicIndex.md"
    file.write_text("# Mine\n")
    with pytest.raises(WikiError, match=r"_HeuristicIndex.md was changed meanwhile"):
        desk.settle()
    assert file.read_text() == "# Mine\n"
    assert target.text == (desk.root / target.file).read_text()
    assert desk.ledger.draft(draft.id).state == "pending"
    assert desk.ledger.promised(desk.root) is None


def test_a_promise_that_is_half_kept_stays(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    draft = drafts_of(desk)[0]
    move, moved = edit._move, []

    def fail(root: Path, staging: Path, step: Any) -> None:
        if moved:
            raise OSError(5, "Input/output error")
        moved.append(step)
        move(root, staging, step)

    monkeypatch.setattr(edit, "_move", fail)
    with pytest.raises(WikiError, match="the next start finishes or undoes it"):
        desk.accept([draft.id])
    with pytest.raises(WikiError, match="the next start finishes or undoes it"):
        desk.settle()
    monkeypatch.undo()
    assert desk.ledger.draft(draft.id).state == "accepted"
    desk.settle()
    assert is_sound(desk)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_wiki_that_cannot_be_written(desk: Desk) -> None:
    draft = drafts_of(desk)[0]
    desk.root.chmod(0o555)
    try:
        with pytest.raises(WikiError, match="cannot be written"):
            desk.accept([draft.id])
    finally:
        desk.root.chmod(0o755)
    assert desk.ledger.draft(draft.id).state == "pending"


# --- links ---

LINK = Link(edge="uses_heuristic", kind=PageKind.HEURISTIC, name="zoo_Feeding")
OTHER = Link(edge="uses_heuristic", kind=PageKind.HEURISTIC, name="zoo_Cages")


@pytest.mark.parametrize(
    "text",
    [
        "", "text", "text\n", "text\n\n", "text\n\n[[Category:Zoo]]\n", "text\n\n[[Category:Zoo]]",
        "== Related Pages ==\n", "== Related Pages ==\n* [[step::Principle:zoo_X]]\n\n[[Category:Zoo]]\n",
        "a\n\n== Related Pages ==\n\n== More ==\nb\n", "a\r\n\r\n[[Category:Zoo]]\r\n", "a\r\n",
    ],
)  # fmt: skip
@pytest.mark.parametrize("links", [[LINK], [LINK, OTHER]])
def test_links_go_as_they_came(text: str, links: list[Link]) -> None:
    added = add_links(text, links)
    assert added != text
    assert without_links(added, links, section_made="Related Pages" not in text) == text


def test_a_link_that_was_there_is_not_the_accepts(desk: Desk) -> None:
    draft = drafts_of(desk)[0]
    link = page_of(draft).related[0]
    target = read_wiki(desk.root).pages[(link.kind, link.name)]
    wanted = f"* [[uses_heuristic::Heuristic:{draft.name}]]\n"
    file = desk.root / target.file
    text = target.text
    file.write_text(re.sub(r"(== Related Pages ==\n)", rf"\1{wanted}", text) if "Related" in text else text)
    before = files_of(desk.root)
    desk.accept([draft.id])
    after = files_of(desk.root)
    with pytest.raises(WikiError, match=rf"would break the wiki .* LNK001 Heuristic:{draft.name} does not exist"):
        desk.undo()
    assert files_of(desk.root) == after
    file.write_text(after[target.file].replace(wanted, ""))
    desk.undo()
    assert files_of(desk.root) == {**before, target.file: text}
