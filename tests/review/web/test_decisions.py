from __future__ import annotations

import re
from dataclasses import replace
from threading import Event, Thread

from tests.phases.conftest import files_of
from tests.review.web.conftest import Browser, browser_of, pending
from wikiagent.check.wiki_rules import check_wiki
from wikiagent.errors import RemoteError
from wikiagent.ledger import Draft
from wikiagent.review.desk import MAX_REASON, Desk
from wikiagent.wiki.graph import read_wiki


def state(desk: Desk, draft_id: int) -> str:
    return desk.ledger.draft(draft_id).state


def heuristics(desk: Desk) -> list[Draft]:
    return [desk.ledger.draft(number) for number in pending(desk) if desk.ledger.draft(number).type == "Heuristic"]


def test_accepting_leads_to_the_next_draft_and_says_what_happened(desk: Desk, browser: Browser) -> None:
    first, second = pending(desk)[:2]
    page = browser.press(f"/draft/{first}", f"/draft/{first}/accept", seconds="12.5")
    assert page.url.path == f"/draft/{second}"
    assert page.history[0].status_code == 303
    assert f"Accepted {first}, " in page.text
    assert 'role="status"' in page.text
    assert state(desk, first) == "accepted"
    (made,) = desk.ledger.decisions(first)
    assert (made.who, made.seconds) == ("ann", 12.5)
    assert check_wiki(read_wiki(desk.root)) == []


def test_without_a_script_the_seconds_are_those_since_the_page_was_made(desk: Desk, browser: Browser) -> None:
    first = pending(desk)[0]
    browser.press(f"/draft/{first}", f"/draft/{first}/skip")
    assert 0 <= (desk.ledger.decisions(first)[0].seconds or -1.0) < 60


def test_seconds_that_make_no_sense_are_not_recorded(desk: Desk, browser: Browser) -> None:
    for draft_id, given in zip(pending(desk), ("nan", "-4", "1e99", "inf", "soon"), strict=False):
        browser.press(f"/draft/{draft_id}", f"/draft/{draft_id}/skip", seconds=given)
        assert desk.ledger.decisions(draft_id)[-1].seconds is None


def test_rejecting_records_code_and_note(desk: Desk, browser: Browser) -> None:
    first = pending(desk)[0]
    page = browser.press(f"/draft/{first}", f"/draft/{first}/reject", code="unclear", reason="Says  nothing\nnew.")
    (made,) = desk.ledger.decisions(first)
    assert (made.decision, made.code, made.reason) == ("rejected", "unclear", "Says nothing new.")
    assert f"Rejected {first}, " in page.text


def test_a_reject_that_says_nothing_comes_back_with_a_sentence(desk: Desk, browser: Browser) -> None:
    first = pending(desk)[0]
    page = browser.press(f"/draft/{first}", f"/draft/{first}/reject", code="other", reason="")
    assert page.status_code == 422
    assert "Choose a reason, or write a note" in page.text
    assert "--" not in page.text.partition('role="alert"')[2].partition("</div>")[0]
    assert state(desk, first) == "pending"


def test_a_note_of_a_megabyte_is_refused_and_comes_back(desk: Desk, browser: Browser) -> None:
    first, note = pending(desk)[0], "too long " * 120_000
    page = browser.press(f"/draft/{first}", f"/draft/{first}/reject", code="wrong", reason=note)
    assert page.status_code == 422
    assert f"at most {MAX_REASON:,} are kept" in page.text
    assert note in page.text
    assert re.search(r'value="wrong" checked', page.text)
    assert state(desk, first) == "pending"


def test_what_is_far_too_long_is_refused_before_it_is_read(desk: Desk, browser: Browser) -> None:
    first = pending(desk)[0]
    page = browser.press(f"/draft/{first}", f"/draft/{first}/reject", code="wrong", reason="x" * 9_000_000)
    assert page.status_code == 413
    assert "more than 8 MB; nothing was changed" in page.text
    assert state(desk, first) == "pending"


def test_fixing_checks_the_text_again_and_gives_it_back_with_its_findings(desk: Desk, browser: Browser) -> None:
    draft = heuristics(desk)[0]
    text = desk.view(draft.id).text.replace("=== Usage ===", "=== Usage ===\nIt saves 90% of the memory.\n", 1)
    page = browser.press(f"/draft/{draft.id}/fix", f"/draft/{draft.id}/fix", text=text, action="accept")
    assert page.status_code == 422
    assert "Not accepted" in page.text
    assert "It saves 90% of the memory." in page.text
    assert state(desk, draft.id) == "pending"


def test_checking_only_decides_nothing(desk: Desk, browser: Browser) -> None:
    draft = heuristics(desk)[0]
    text = desk.view(draft.id).text
    page = browser.press(f"/draft/{draft.id}/fix", f"/draft/{draft.id}/fix", text=text, action="check")
    assert page.status_code == 200
    assert "can be accepted" in page.text
    assert state(desk, draft.id) == "pending"


def test_a_fixed_draft_is_accepted_as_it_was_changed(desk: Desk, browser: Browser) -> None:
    draft = heuristics(desk)[0]
    text = desk.view(draft.id).text.replace("\n", "\r\n")
    page = browser.press(f"/draft/{draft.id}/fix", f"/draft/{draft.id}/fix", text=text, action="accept")
    assert "You changed nothing" in page.text
    text = text.replace("Read this", "Read it")
    page = browser.press(f"/draft/{draft.id}/fix", f"/draft/{draft.id}/fix", text=text, action="accept")
    assert "as you changed it" in page.text
    assert desk.ledger.decisions(draft.id)[-1].code == "fixed"


def test_a_text_that_is_no_page_comes_back(desk: Desk, browser: Browser) -> None:
    draft = heuristics(desk)[0]
    page = browser.press(f"/draft/{draft.id}/fix", f"/draft/{draft.id}/fix", text="just words & <b>", action="accept")
    assert page.status_code == 422
    assert "just words &amp; &lt;b&gt;</textarea>" in page.text
    assert state(desk, draft.id) == "pending"


def test_merging_offers_the_pages_of_the_type_and_merges(desk: Desk, browser: Browser) -> None:
    draft = heuristics(desk)[0]
    into = next(name for kind, name in read_wiki(desk.root).pages if kind == "Heuristic")
    assert f'<option value="{into}">' in browser.get(f"/draft/{draft.id}").text
    page = browser.press(f"/draft/{draft.id}", f"/draft/{draft.id}/merge", into=into)
    assert page.status_code == 200
    assert desk.ledger.decisions(draft.id)[-1].decision == "merged"


def test_merging_into_nothing_says_so_and_keeps_the_name(desk: Desk, browser: Browser) -> None:
    draft = heuristics(desk)[0]
    page = browser.press(f"/draft/{draft.id}", f"/draft/{draft.id}/merge", into="some_zoo_Nowhere")
    assert page.status_code == 422
    assert "has no Heuristic page some_zoo_Nowhere" in page.text
    assert 'value="some_zoo_Nowhere" required' in page.text


def test_a_part_of_a_name_is_enough_to_merge(desk: Desk, browser: Browser) -> None:
    draft = heuristics(desk)[0]
    names = [name for kind, name in read_wiki(desk.root).pages if kind == "Heuristic"]
    into = names[0]
    part = into.split("_", 2)[-1].replace("_", " ").upper()
    assert [name for name in names if part.casefold().replace(" ", "_") in name.casefold()] == [into]
    page = browser.press(f"/draft/{draft.id}", f"/draft/{draft.id}/merge", into=part)
    assert desk.ledger.decisions(draft.id)[-1].reason == f"merged into {into}"
    assert ", into " in page.text


def test_a_part_of_several_names_offers_them(desk: Desk, browser: Browser) -> None:
    first = pending(desk)[0]
    kind = desk.ledger.draft(first).type
    of_kind = [number for number in pending(desk) if desk.ledger.draft(number).type == kind]
    for number in of_kind[1:3]:
        browser.press(f"/draft/{number}", f"/draft/{number}/accept")
    names = sorted(name for each, name in read_wiki(desk.root).pages if each == kind)
    page = browser.press(f"/draft/{first}", f"/draft/{first}/merge", into="zoo")
    assert page.status_code == 422
    assert f"is part of the names of {len(names)} {kind} pages" in page.text
    assert re.findall(r'<button name="page" value="([^"]*)"', page.text) == names
    browser.press(f"/draft/{first}", f"/draft/{first}/merge", into="zoo", page=names[0])
    assert desk.ledger.decisions(first)[-1].reason == f"merged into {names[0]}"


def test_what_was_skipped_last_is_what_undo_brings_back_first(desk: Desk, browser: Browser) -> None:
    first, second = pending(desk)[:2]
    browser.press(f"/draft/{first}", f"/draft/{first}/accept")
    browser.press(f"/draft/{second}", f"/draft/{second}/skip")
    assert browser.press("/", "/undo").url.path == f"/draft/{second}"
    assert state(desk, first) == "accepted"
    assert browser.press("/", "/undo").url.path == f"/draft/{first}"
    assert state(desk, first) == "pending"


def test_undo_brings_the_draft_back_also_with_a_new_server(desk: Desk, browser: Browser) -> None:
    first, before = pending(desk)[0], files_of(desk.root)
    browser.press(f"/draft/{first}", f"/draft/{first}/accept")
    again = browser_of(desk)
    page = again.press("/", "/undo")
    assert page.url.path == f"/draft/{first}"
    assert "Took back the decision about" in page.text
    assert state(desk, first) == "pending"
    assert files_of(desk.root) == before


def test_undo_without_a_decision_is_a_sentence(browser: Browser) -> None:
    page = browser.press("/", "/undo")
    assert page.status_code == 422
    assert "ann has no decision to take back" in page.text


def test_a_skipped_draft_comes_last(desk: Desk, browser: Browser) -> None:
    first = pending(desk)[0]
    browser.press(f"/draft/{first}", f"/draft/{first}/skip")
    assert pending(desk)[-1] == first
    assert state(desk, first) == "pending"


def test_a_draft_that_somebody_else_decided_says_so(desk: Desk, bert: Desk, browser: Browser) -> None:
    first, second = pending(desk)[:2]
    form = browser.fields(f"/draft/{first}", f"/draft/{first}/reject")
    bert.accept([first])
    page = browser.post(f"/draft/{first}/reject", data={**form, "code": "wrong", "reason": "A long thought."})
    assert page.status_code == 409
    told = page.text.partition('role="alert"')[2].partition("</div>")[0]
    assert f"Draft {first} is accepted already, by bert. “Take this decision back” (U)" in told
    assert "wikiagent" not in told, "a page has buttons for what commands do"
    assert "<b>accepted</b> by bert" in page.text
    assert f'href="/draft/{second}"' in page.text
    assert state(desk, first) == "accepted"


def test_the_next_draft_is_one_that_waits_still(desk: Desk, bert: Desk, browser: Browser) -> None:
    first, second, third = pending(desk)[:3]
    form = browser.fields(f"/draft/{first}", f"/draft/{first}/skip")
    assert form["next"] == str(second)
    bert.reject([second], "wrong")
    assert browser.post(f"/draft/{first}/skip", data=form).url.path == f"/draft/{third}"


def test_a_page_that_was_written_by_hand_meanwhile_is_a_conflict(desk: Desk, browser: Browser) -> None:
    draft = heuristics(desk)[0]
    form = browser.fields(f"/draft/{draft.id}", f"/draft/{draft.id}/accept")
    file = desk.root / "heuristics" / f"{draft.name}.md"
    file.write_text("== Overview ==\nWritten by hand.\n")
    page = browser.post(f"/draft/{draft.id}/accept", data=form)
    assert page.status_code in (409, 422)
    assert "is there already and says something else" in page.text
    assert file.read_text() == "== Overview ==\nWritten by hand.\n"


def test_a_source_that_is_gone_is_a_sentence_and_the_text_comes_back(desk: Desk, browser: Browser) -> None:
    draft = heuristics(desk)[0]
    for file in (desk.ledger.file.parent / "sources").glob("*.json"):
        file.unlink()
    assert browser.get(f"/draft/{draft.id}").status_code == 200, "the quoted lines are there"
    page = browser.press(f"/draft/{draft.id}/fix", f"/draft/{draft.id}/fix", text="my own words", action="accept")
    assert page.status_code in (409, 422)
    assert "my own words</textarea>" in page.text


def test_a_wiki_that_is_gone_is_a_sentence(desk: Desk, browser: Browser) -> None:
    first = pending(desk)[0]
    form = browser.fields(f"/draft/{first}", f"/draft/{first}/accept")
    desk.root.rename(desk.root.with_name("moved"))
    page = browser.post(f"/draft/{first}/accept", data=form)
    assert page.status_code == 409
    assert "is not there any more" in page.text
    assert state(desk, first) == "pending"


def test_unknown_drafts_are_not_found(browser: Browser) -> None:
    for address in ("/draft/99", "/draft/99999999999999999999999", "/draft/99/fix", "/draft/99/page"):
        page = browser.get(address)
        assert page.status_code == 404
        assert "There is no draft" in page.text


def test_what_is_rejected_is_drafted_again_meanwhile(desk: Desk) -> None:
    asked, go_on = [], Event()

    def redraft(ids: object) -> str:
        go_on.wait(10)
        asked.append(ids)
        return "Drafted 1 again: <b>41</b>."

    browser = browser_of(replace(desk, redraft=redraft))
    first, second = pending(desk)[:2]
    page = browser.press(f"/draft/{first}", f"/draft/{first}/reject", code="unclear", reason="Why?")
    assert page.status_code == 200
    assert browser.get("/news").json() == {"number": 0, "told": [], "running": 1}
    browser.press(f"/draft/{second}", f"/draft/{second}/reject", code="trivial")
    go_on.set()
    until(lambda: not browser.get("/news").json()["running"])
    assert asked == [[first]], "what is trivial is not drafted again"
    assert browser.get("/news").json() == {"number": 1, "told": ["Drafted 1 again: <b>41</b>."], "running": 0}
    assert browser.get("/news?after=1").json()["told"] == []


def test_a_redraft_that_fails_is_told(desk: Desk) -> None:
    def redraft(ids: object) -> str:
        raise RemoteError("The model does not answer.")

    browser = browser_of(replace(desk, redraft=redraft))
    first = pending(desk)[0]
    browser.press(f"/draft/{first}", f"/draft/{first}/reject", code="wrong")
    until(lambda: not browser.get("/news").json()["running"])
    (told,) = browser.get("/news").json()["told"]
    assert told == f"Draft {first} could not be drafted again: The model does not answer."
    assert state(desk, first) == "rejected"


def until(holds: object) -> None:
    """Wait for a thread, at most as long as its join takes."""
    waiting = Event()
    for _ in range(1000):
        if holds():  # type: ignore[operator]
            return
        waiting.wait(0.01)
    raise AssertionError("it does not end")


def test_accepting_by_a_rule_shows_first_what_it_chooses(desk: Desk, browser: Browser) -> None:
    waiting, before = pending(desk), files_of(desk.root)
    page = browser.get("/bulk?rule=findings%3D0")
    assert f"The rule chooses {len(waiting)} drafts" in page.text
    page = browser.press("/bulk?rule=findings%3D0", "/bulk")
    assert f"Accepted {len(waiting)} drafts." in page.text
    assert pending(desk) == []
    page = browser.press(f"/?done={desk.ledger.log(desk.root)[-1].id - len(waiting) + 1}", "/undo", draft="")
    assert f"Took back the decision about {len(waiting)} drafts." in page.text
    assert files_of(desk.root) == before


def test_a_rule_accepts_what_was_shown_or_nothing(desk: Desk, bert: Desk, browser: Browser) -> None:
    waiting = pending(desk)
    form = browser.fields("/bulk?rule=findings%3D0", "/bulk")
    bert.reject([waiting[0]], "wrong")
    page = browser.post("/bulk", data=form)
    assert page.status_code == 409
    assert "Nothing was accepted" in page.text
    assert pending(desk) == waiting[1:]


def test_several_reviewers_at_once_on_one_store(desk: Desk) -> None:
    """Two servers, each with a browser that decides about every draft: one decision for each draft, in both orders."""
    waiting = pending(desk)
    one, other = browser_of(desk), browser_of(replace(desk, who="bert"))
    forms = {(id(b), d): b.fields(f"/draft/{d}", f"/draft/{d}/accept") for b in (one, other) for d in waiting}
    statuses: list[tuple[int, int]] = []

    def decide(browser: Browser, drafts: list[int]) -> None:
        for draft_id in drafts:
            form = forms[id(browser), draft_id]
            answer = browser.post(f"/draft/{draft_id}/accept", data=form, follow_redirects=False)
            statuses.append((draft_id, answer.status_code))

    threads = [Thread(target=decide, args=(one, waiting)), Thread(target=decide, args=(other, waiting[::-1]))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(statuses) == sorted([(draft_id, 303) for draft_id in waiting] + [(d, 409) for d in waiting])
    assert all(len(desk.ledger.decisions(draft_id)) == 1 for draft_id in waiting)
    assert check_wiki(read_wiki(desk.root)) == []
    assert not desk.ledger.verify().problems


def test_each_browser_may_review_under_a_name_of_its_own(desk: Desk, browser: Browser) -> None:
    first, second = pending(desk)[:2]
    assert browser.press("/name", "/name", name="Zoë <b> Müller").status_code == 200
    browser.press(f"/draft/{first}", f"/draft/{first}/accept")
    assert desk.ledger.decisions(first)[0].who == "Zoë <b> Müller"
    assert "as Zoë &lt;b&gt; Müller" in browser.get("/").text
    browser.press("/name", "/name", name="")
    browser.press(f"/draft/{second}", f"/draft/{second}/accept")
    assert desk.ledger.decisions(second)[0].who == "ann"


def test_a_reviewer_is_no_policy(browser: Browser) -> None:
    page = browser.press("/name", "/name", name="policy:accept-valid")
    assert page.status_code == 422
    assert "a name that the program itself uses" in page.text
