"""The reviewer's loop in a real browser: by keyboard alone, with two browsers, through reloads; and accessibility."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from threading import Event
from typing import Any

import pytest

from tests.crash.server import changed
from tests.web.conftest import Serve, Served
from wikiagent.check.wiki_rules import check_wiki
from wikiagent.review.desk import Desk
from wikiagent.wiki.graph import read_wiki

pytestmark = pytest.mark.web

PHONE = {"width": 360, "height": 740}


def waiting(desk: Desk) -> list[int]:
    return [item.id for item in desk.queue() if item.state == "pending"]


def heuristic(desk: Desk) -> int:
    return next(item.id for item in desk.queue() if item.state == "pending" and item.type == "Heuristic")


def shown(page: Any) -> int:
    """The draft that is on screen."""
    return int(page.locator(".draft").get_attribute("data-draft"))


def decide(page: Any, *keys: str) -> int:
    """Press keys that end in a decision, and wait for the page that comes next; returns the draft decided about."""
    before = shown(page)
    for key in keys[:-1]:
        page.keyboard.press(key)
    with page.expect_navigation():
        page.keyboard.press(keys[-1])
    return before


def test_ten_drafts_by_keyboard_alone(desk: Desk, served: Served) -> None:
    page = served.page()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    decided: list[tuple[int, str]] = []
    for _ in range(3):
        page.keyboard.press("j")
        page.keyboard.press("k")
        decided.append((decide(page, "a"), "accepted"))
        assert page.get_by_role("status").filter(has_text=f"Accepted {decided[-1][0]},").is_visible()
    for number in "1357":
        decided.append((decide(page, "r", number, "Enter"), "rejected"))
    page.keyboard.press("r")
    page.keyboard.press("n")
    page.keyboard.type("The gate is never closed; a says so.")
    decided.append((decide(page, "Control+Enter"), "rejected"))
    decided.append((decide(page, "s"), "skipped"))

    fixing = decide(page, "f")
    assert page.locator("#text").is_visible()
    page.locator("#text").fill(changed(page.locator("#text").input_value()))
    decided.append((decide(page, "Control+Enter"), "accepted"))
    assert decided[-1][0] == fixing

    log = [(made.draft, made.decision) for made in desk.ledger.log(desk.root) if made.who == "ann"]
    assert log == decided
    codes = [made.code for made in desk.ledger.log(desk.root) if made.who == "ann" and made.decision == "rejected"]
    assert codes == ["wrong", "trivial", "unclear", "wrong-links", "other"]
    assert desk.ledger.decisions(fixing)[-1].code == "fixed"
    assert all(made.seconds is not None for made in desk.ledger.log(desk.root) if made.who == "ann")
    assert check_wiki(read_wiki(desk.root)) == []
    assert not desk.ledger.verify().problems


def test_merge_and_undo_by_keyboard(desk: Desk, served: Served) -> None:
    into = next(name for kind, name in read_wiki(desk.root).pages if kind == "Heuristic")
    before = read_wiki(desk.root).files
    first = heuristic(desk)
    page = served.page(f"/draft/{first}")
    page.keyboard.press("m")
    page.keyboard.type(into)
    decide(page, "Enter")
    assert desk.ledger.decisions(first)[-1].decision == "merged"
    with page.expect_navigation():
        page.keyboard.press("u")
    assert shown(page) == first
    assert read_wiki(desk.root).files == before
    assert page.get_by_role("status").filter(has_text="Took back").is_visible()


def test_next_and_previous_decide_nothing(desk: Desk, served: Served) -> None:
    first, second = waiting(desk)[:2]
    page = served.page(f"/draft/{first}")
    assert decide(page, "n") == first
    assert decide(page, "p") == second
    assert shown(page) == first
    with page.expect_navigation():
        page.keyboard.press("q")
    assert page.url == f"{served.origin}/"
    assert [made for made in desk.ledger.log(desk.root) if made.who == "ann"] == []


def test_a_statement_shows_its_evidence(desk: Desk, served: Served) -> None:
    several = next(n for n in waiting(desk) if len({ref for s in desk.view(n).statements for ref in s.refs}) > 1)
    page = served.page(f"/draft/{several}")
    for number, stated in enumerate(desk.view(several).statements):
        assert page.locator(".stated > li[aria-current]").get_attribute("id") == f"s{number + 1}"
        visible = page.locator("figure.evidence:visible")
        assert visible.count() == (1 if stated.refs else 0)
        assert page.get_by_text("This statement names no evidence.").is_visible() == (not stated.refs)
        if stated.refs:
            assert visible.get_attribute("data-id") == stated.refs[0]
            marked = page.locator("figure.evidence:visible .line.marked").first
            assert marked.evaluate(
                "e => { const r = e.getBoundingClientRect(); return r.top > 0 && r.bottom < innerHeight }"
            )
        page.keyboard.press("j")
    page.keyboard.press("e")
    assert page.locator("figure.evidence:visible").count() == 1


def test_help_lists_the_keys_and_keys_can_be_switched_off(desk: Desk, served: Served) -> None:
    first = waiting(desk)[0]
    page = served.page(f"/draft/{first}")
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Keys")
    assert dialog.is_visible()
    listed = set(dialog.locator("dt kbd").all_inner_texts())
    buttons = {
        key for key in page.locator("[data-key]").evaluate_all("all => all.map(e => e.dataset.key)") if key != "q"
    }
    assert buttons <= listed | {"Enter"}, "every key of a button stands in the help"
    page.keyboard.press("a")
    assert desk.ledger.draft(first).state == "pending", "the help is open"
    dialog.get_by_label("Single keys are commands").uncheck()
    page.keyboard.press("Escape")
    assert not dialog.is_visible()
    page.keyboard.press("a")
    page.reload()
    page.keyboard.press("a")
    assert desk.ledger.draft(first).state == "pending"
    assert shown(page) == first


def test_typed_text_survives_a_reload(desk: Desk, served: Served) -> None:
    first = heuristic(desk)
    page = served.page(f"/draft/{first}")
    page.keyboard.press("r")
    page.locator("#reason").fill("Half a thou")
    page.reload()
    assert page.locator("#reason").input_value() == "Half a thou"
    assert page.locator("#reason").is_visible()

    page.goto(f"{served.origin}/draft/{first}/fix")
    changed = page.locator("#text").input_value() + "\n<!-- a long afternoon -->"
    page.locator("#text").fill(changed)
    page.reload()
    assert page.locator("#text").input_value() == changed
    assert page.get_by_text("What you typed here before was brought back.").is_visible()
    again = page.context.new_page()  # the browser was closed and opened
    page.close()
    again.goto(f"{served.origin}/draft/{first}/fix")
    assert again.locator("#text").input_value() == changed
    again.get_by_role("button", name="Start again from the draft").click()
    assert again.locator("#text").input_value() == desk.view(first).text
    again.reload()
    assert again.locator("#text").input_value() == desk.view(first).text


def test_what_was_taken_is_not_brought_back(desk: Desk, served: Served) -> None:
    first = heuristic(desk)
    page = served.page(f"/draft/{first}")
    page.keyboard.press("r")
    page.locator("#reason").fill("Nobody needs this.")
    decide(page, "Control+Enter")
    with page.expect_navigation():
        page.keyboard.press("u")
    assert shown(page) == first
    assert not page.locator("#reject").evaluate("panel => panel.open")
    assert page.locator("#reason").input_value() == ""


def test_a_text_with_errors_comes_back_and_is_kept(desk: Desk, served: Served) -> None:
    first = heuristic(desk)
    page = served.page(f"/draft/{first}/fix")
    text = page.locator("#text").input_value().replace("=== Usage ===", "=== Usage ===\nIt is 97% faster.", 1)
    page.locator("#text").fill(text)
    with page.expect_navigation():
        page.get_by_role("button", name="Accept as changed").click()
    assert page.get_by_text(re.compile("Not accepted: ")).is_visible()
    assert page.locator("#text").input_value() == text
    page.goto(f"{served.origin}/draft/{first}/fix")
    assert page.locator("#text").input_value() == text
    assert desk.ledger.draft(first).state == "pending"


def test_two_browsers_on_one_queue(desk: Desk, served: Served) -> None:
    first = waiting(desk)[0]
    one, other = served.page(f"/draft/{first}"), served.page("/name")
    other.get_by_label("Your name in the log of decisions").fill("bert")
    other.get_by_role("button", name="Keep").click()
    other.goto(f"{served.origin}/draft/{first}")
    decide(one, "a")
    other.keyboard.press("r")
    other.locator("#reason").fill("I do not believe it.")
    decide(other, "Control+Enter")
    assert other.get_by_role("alert").filter(has_text="is accepted already").is_visible()
    assert other.locator(".history").get_by_text("by ann").is_visible()
    with other.expect_navigation():
        other.keyboard.press("Enter")
    assert shown(other) != first
    decide(other, "a")
    assert {made.who for made in desk.ledger.log(desk.root)} >= {"ann", "bert"}
    assert len(desk.ledger.decisions(first)) == 1


def test_a_key_that_is_held_down_decides_once(desk: Desk, served: Served) -> None:
    page = served.page(f"/draft/{waiting(desk)[0]}")
    press = "key => document.body.dispatchEvent(new KeyboardEvent('keydown', {key, repeat: true, bubbles: true}))"
    page.evaluate(press, "a")
    page.evaluate(press, "s")
    page.reload()
    assert [made for made in desk.ledger.log(desk.root) if made.who == "ann"] == []


def test_news_of_a_redraft_come_while_the_reviewer_goes_on(desk: Desk, serve: Serve) -> None:
    go_on = Event()

    def redraft(ids: object) -> str:
        go_on.wait(20)
        return "Draft 4 was drafted again as 31."

    served = serve(replace(desk, redraft=redraft))
    first, second = waiting(desk)[:2]
    page = served.page(f"/draft/{first}")
    decide(page, "r", "5", "Enter")
    assert shown(page) == second  # while the redraft goes on
    go_on.set()
    page.locator("#news").get_by_text("Draft 4 was drafted again as 31.").wait_for()
    assert page.locator("#news").get_by_text("Draft 4 was drafted again as 31.").is_visible()


def test_without_a_script_everything_can_be_decided(desk: Desk, served: Served) -> None:
    first, second, third = waiting(desk)[:3]
    page = served.page(f"/draft/{first}", java_script_enabled=False)
    page.get_by_role("button", name="Accept").click()
    assert page.url.partition("?")[0] == f"{served.origin}/draft/{second}"
    page.locator("#reject summary").click()
    page.locator("#reject [value=trivial]").check()
    page.locator("#reject").get_by_role("button", name="Reject").click()
    assert page.url.partition("?")[0] == f"{served.origin}/draft/{third}"
    assert desk.ledger.decisions(second)[-1].code == "trivial"
    page.get_by_role("button", name="Undo").click()
    assert page.url.partition("?")[0] == f"{served.origin}/draft/{second}"


def pages_of(desk: Desk) -> dict[str, str]:
    kind, name = next(page for page in read_wiki(desk.root).pages if page[0] == "Heuristic")
    first = heuristic(desk)
    return {
        "queue": "/",
        "draft": f"/draft/{first}",
        "fix": f"/draft/{first}/fix",
        "as a page": f"/draft/{first}/page",
        "bulk": "/bulk?rule=findings%3D0",
        "log": "/log",
        "statistics": "/statistics",
        "name": "/name",
        "problem": "/draft/9999",
        "wiki": "/wiki",
        "list": f"/wiki/{kind.folder}",
        "page": f"/wiki/{kind.folder}/{name}",
        "search": "/search?q=keeper",
        "graph": "/graph",
        "source": "/source/src/zoo/keeper.py#L7",
        "report": "/reports/phase3_enrichment",
    }


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_serious_stands_in_the_way_of_anybody(desk: Desk, served: Served, scheme: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-playwright-python is missing")
    desk.reject([waiting(desk)[-1]], "unclear", "Says nothing.")
    addresses = pages_of(desk)
    page = served.page(color_scheme=scheme)
    found = {}
    for name, address in addresses.items():
        page.goto(served.origin + address)
        if name == "draft":
            page.keyboard.press("r")
        results = axe.Axe().run(page)
        bad = [v for v in results.response["violations"] if v["impact"] in ("serious", "critical")]
        found[name] = [(v["id"], [node["html"][:120] for node in v["nodes"]][:3]) for v in bad]
    served.complaints[:] = [told for told in served.complaints if "status of 404" not in told]
    assert {name: bad for name, bad in found.items() if bad} == {}, json.dumps(found, indent=1)


def test_nothing_is_wider_than_a_phone(desk: Desk, served: Served) -> None:
    page = served.page(viewport=PHONE)
    wide = {}
    for name, address in pages_of(desk).items():
        page.goto(served.origin + address)
        over = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        if over > 0:
            wide[name] = over
    served.complaints[:] = [told for told in served.complaints if "status of 404" not in told]
    assert wide == {}


def test_long_lines_of_code_are_wrapped(desk: Desk, served: Served) -> None:
    page = served.page(viewport=PHONE)
    for address in (f"/draft/{heuristic(desk)}", "/source/src/zoo/keeper.py", pages_of(desk)["page"]):
        page.goto(served.origin + address)
        over = page.locator("figure.code:visible pre").evaluate_all(
            "all => all.map(e => e.scrollWidth - e.clientWidth)"
        )
        assert over, address
        assert max(over) <= 0, address


def test_on_a_phone_a_way_leads_to_the_evidence_and_back(desk: Desk, served: Served) -> None:
    seen = "e => { const r = e.getBoundingClientRect(); return r.top >= 0 && r.bottom <= innerHeight }"
    page = served.page(f"/draft/{heuristic(desk)}", viewport=PHONE)
    page.locator(".stated > li .evidence-link").last.click()
    statement = page.locator(".stated > li[aria-current]")
    assert page.locator("figure.evidence:visible figcaption").evaluate(seen)
    marked = page.locator("figure.evidence:visible .line.marked").first
    within = "e => { const a = e.getBoundingClientRect(), b = e.closest('pre').getBoundingClientRect(); "
    assert marked.evaluate(within + "return a.top >= b.top && a.top < b.bottom }"), (
        "the cited lines, not the first ones"
    )
    page.get_by_role("link", name="To the statement").click()
    assert statement.evaluate(seen)
    assert statement.evaluate("e => document.activeElement === e")


def test_a_panel_that_a_reload_opens_has_the_focus(desk: Desk, served: Served) -> None:
    first = heuristic(desk)
    name = next(name for kind, name in read_wiki(desk.root).pages if kind == "Heuristic")
    page = served.page(f"/draft/{first}")
    page.keyboard.press("m")
    page.keyboard.type(name[:-3])
    page.reload()
    page.keyboard.press("End")
    page.keyboard.type(name[-3:])
    assert page.locator("#into").input_value() == name
    decide(page, "Enter")
    assert desk.ledger.decisions(first)[-1].decision == "merged"
    with page.expect_navigation():
        page.keyboard.press("f")
    assert page.evaluate("document.activeElement.id") == "text"


def test_a_skipped_draft_is_what_undo_brings_back(desk: Desk, served: Served) -> None:
    page = served.page(f"/draft/{waiting(desk)[0]}")
    decide(page, "a")
    skipped = decide(page, "s")
    with page.expect_navigation():
        page.keyboard.press("u")
    assert shown(page) == skipped


def test_the_log_names_drafts_on_a_phone(desk: Desk, served: Served) -> None:
    desk.reject([waiting(desk)[0]], "unclear", "Says nothing.")
    page = served.page("/log", viewport=PHONE)
    row = page.locator("table.log tbody tr").first
    for shown in (row.get_by_role("link"), row.get_by_text("Says nothing.")):
        assert shown.evaluate("e => e.getBoundingClientRect().right <= innerWidth && e.getClientRects().length > 0")


def test_the_focus_goes_where_the_reviewer_reads(desk: Desk, served: Served) -> None:
    page = served.page(f"/draft/{heuristic(desk)}")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the main part"
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement.matches('.stated > li[aria-current]')")
    page.keyboard.press("r")
    assert page.evaluate("document.activeElement.name") == "code"
    assert page.evaluate("document.activeElement.checked")
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.matches('.stated > li[aria-current]')")
    page.keyboard.press("/")
    page.goto(f"{served.origin}/")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "rule"
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement === document.body")
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement.matches('table.queue a')")
