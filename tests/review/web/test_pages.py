from __future__ import annotations

import json
import re
from html.parser import HTMLParser

import pytest

from tests.docs.text import ROOT
from tests.review.web.conftest import Browser, browser_of, pending
from wikiagent.export.names import title_of
from wikiagent.export.search import Entry
from wikiagent.ledger import NewDraft, RecordedFinding
from wikiagent.review.desk import Desk
from wikiagent.review.web.library import _PageSearch
from wikiagent.wiki.graph import read_wiki
from wikiagent.wiki.page import PageKind

ZOO = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "javascript:alert(1)",
    "[javascript:alert(1) click]",
    "[[javascript:alert(1)|click]]",
    "{{Template|<b>x</b>}} __NOTOC__ {{#invoke:Evil|run}}",
    "<nowiki><script>alert(1)</script></nowiki>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "</textarea><script>alert(1)</script>",
    '" autofocus onfocus="alert(1)',
    "]]><!--<script>",
    "\u202egnp.exe\u202c",
)


class Live(HTMLParser):
    """What of a page a browser would run, or lead to."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name.startswith("on") or name in ("style", "srcdoc", "autofocus"):
                self.found.append(f"{tag} {name}")
            if name in ("href", "src", "action") and re.match(r"\s*(javascript|data|vbscript):", value or "", re.I):
                self.found.append(f"{tag} {name}={value}")
        if tag in ("script", "iframe", "object", "embed", "base", "link", "img", "b:x"):
            source = dict(attrs).get("src") or dict(attrs).get("href") or ""
            if not source.startswith("/assets/"):
                self.found.append(tag)


def live(text: str) -> list[str]:
    parser = Live()
    parser.feed(text)
    return parser.found


def evil_draft(desk: Desk) -> int:
    """A draft in which everything that a model may write is written to run in a browser."""
    known = desk.ledger.draft(pending(desk)[0])
    page = json.loads(known.page)
    bad = " ".join(ZOO)

    def spoiled(value: object) -> object:
        if isinstance(value, dict):
            return {
                key: bad if key in ("text", "caption") and isinstance(part, str) else spoiled(part)
                for key, part in value.items()
            }
        return [spoiled(part) for part in value] if isinstance(value, list) else value

    page = spoiled(page)
    assert isinstance(page, dict)
    page["name"] = "some_zoo_Evil"
    found = [RecordedFinding("CLM001", "warning", 0, f"“{bad[:160]}” is {bad}", bad)]
    run = desk.ledger.last_run(desk.root)
    assert run is not None
    new = NewDraft(
        "evil", known.type, "some_zoo_Evil", "agent:x", 1, 1.0, "d", json.dumps(page), found,
        written=json.dumps({"model": bad, "prompts": {}}),
    )  # fmt: skip
    (draft,) = desk.ledger.record(run.id, desk.root, run.source, [new], {new.candidate, known.candidate})
    return draft.id


def test_what_a_draft_says_is_text(desk: Desk) -> None:
    draft_id = evil_draft(desk)
    browser = browser_of(desk)
    for address in (
        "/",
        f"/draft/{draft_id}",
        f"/draft/{draft_id}/fix",
        f"/draft/{draft_id}/page",
        "/bulk?rule=new%3Dyes",
    ):
        page = browser.get(address)
        assert page.status_code == 200
        assert live(page.text) == [], address
        assert "\u202e" not in page.text.replace(
            page.text[page.text.find("<textarea") : page.text.find("</textarea")], ""
        )
    assert "&lt;script&gt;alert(1)" in browser.get(f"/draft/{draft_id}").text


@pytest.mark.parametrize("bad", ZOO)
def test_what_is_typed_is_text(desk: Desk, browser: Browser, bad: str) -> None:
    first = pending(desk)[0]
    pages = [
        browser.get("/", params={"rule": bad}),
        browser.get("/", params={"rule": f'name="{bad}"'}),
        browser.get("/bulk", params={"rule": bad}),
        browser.get("/search", params={"q": bad}),
        browser.get("/", params={"done": bad, "page": bad}),
        browser.get("/log", params={"before": bad}),
        browser.get(f"/draft/{first}", params={"done": bad}),
        browser.press(f"/draft/{first}", f"/draft/{first}/merge", into=bad),
        browser.press(f"/draft/{first}", f"/draft/{first}/reject", code="no such", reason=bad),
        browser.press(f"/draft/{first}/fix", f"/draft/{first}/fix", text=bad, action="accept"),
    ]
    for page in pages:
        assert page.status_code in (200, 422), page.url
        assert live(page.text) == [], page.url


@pytest.mark.parametrize("bad", ZOO)
def test_what_was_noted_is_text(desk: Desk, browser: Browser, bad: str) -> None:
    first = pending(desk)[0]
    browser.press("/name", "/name", name=bad)
    browser.press(f"/draft/{first}", f"/draft/{first}/reject", code="wrong", reason=bad)
    for address in ("/", "/log", "/statistics", f"/draft/{first}"):
        assert live(browser.get(address).text) == []


def test_what_the_source_says_is_text(desk: Desk, browser: Browser) -> None:
    folder = next((desk.ledger.file.parent / "sources").glob("zoo@1.0/src/zoo"))
    file = folder / "keeper.py"
    file.chmod(0o644)
    before = file.read_bytes()
    file.write_bytes((f"# {' '.join(ZOO)}\n".encode() + before)[: len(before)])  # another size would be a damaged copy
    for address in ("/source/src/zoo/keeper.py", "/search?q=alert", f"/draft/{pending(desk)[0]}"):
        page = browser.get(address)
        assert page.status_code == 200
        assert live(page.text) == [], address
    assert "&lt;script&gt;" in browser.get("/source/src/zoo/keeper.py").text.replace("</span>", "").replace(
        "<span>", ""
    )


# --- the queue ---


def test_the_queue_lists_what_waits_in_its_order(desk: Desk, browser: Browser) -> None:
    text = browser.get("/").text
    assert [int(found) for found in re.findall(r'<a href="/draft/(\d+)">', text)] == pending(desk)
    assert f"0 of {len(pending(desk))} decided in this visit" in text


def test_progress_counts_what_was_decided_in_this_visit(desk: Desk, browser: Browser) -> None:
    total = len(pending(desk))
    first, second = pending(desk)[:2]
    browser.press(f"/draft/{first}", f"/draft/{first}/accept")
    assert f"<strong>1</strong> of {total} decided" in browser.get(f"/draft/{second}").text
    browser.press(f"/draft/{second}", f"/draft/{second}/skip")
    assert f"1 of {total} decided in this visit" in browser.get("/").text
    assert f"<strong>1</strong> of {total} decided" in browser.get(f"/draft/{second}").text, "skipped is not done"


def test_a_merge_is_one_decision_of_the_visit(desk: Desk, browser: Browser) -> None:
    total = len(pending(desk))
    first, second, *_ = (n for n in pending(desk) if desk.ledger.draft(n).type == "Heuristic")
    browser.press(f"/draft/{first}", f"/draft/{first}/accept")
    browser.press(f"/draft/{second}", f"/draft/{second}/merge", into=desk.ledger.draft(first).name)
    assert f"2 of {total} decided in this visit" in browser.get("/").text
    page = browser.press("/", "/undo")
    assert f"Took back the decision about {second}, " in page.text
    assert f"<strong>1</strong> of {total} decided" in page.text


def test_a_rule_narrows_the_queue_and_goes_along(desk: Desk, browser: Browser) -> None:
    rule = "type=Heuristic"
    page = browser.get("/", params={"rule": rule})
    chosen = [item.id for item in desk.queue() if item.state == "pending" and item.type == "Heuristic"]
    assert [int(found) for found in re.findall(r'<a href="/draft/(\d+)\?', page.text)] == chosen
    page = browser.press(f"/draft/{chosen[0]}?rule=type%3DHeuristic", f"/draft/{chosen[0]}/skip")
    assert page.url.params["rule"] == rule
    assert page.url.path == f"/draft/{chosen[1]}"


def test_a_rule_that_cannot_be_read_is_told_beside_its_field(browser: Browser) -> None:
    page = browser.get("/", params={"rule": "fundings=0"})
    assert page.status_code == 422
    assert "Did you mean findings?" in page.text
    assert 'value="fundings=0"' in page.text


def test_the_second_visit_knows_what_is_new(desk: Desk) -> None:
    assert 'class="tag">new</span>' in browser_of(desk).get("/").text
    assert 'class="tag">new</span>' not in browser_of(desk).get("/").text


def test_everything_decided_is_said(desk: Desk, browser: Browser) -> None:
    desk.reject(pending(desk), "wrong")
    assert "Everything is decided." in browser.get("/").text


# --- a draft ---


def test_a_draft_shows_each_statement_with_its_evidence_in_its_file(desk: Desk, browser: Browser) -> None:
    draft_id = next(n for n in pending(desk) if len(desk.view(n).statements) > 2 and desk.view(n).page.evidence)
    view, text = desk.view(draft_id), browser.get(f"/draft/{draft_id}").text
    assert len(re.findall(r'<li id="s\d+"', text)) == len(view.statements)
    for exhibit in view.page.evidence:
        figure = text.partition(f'id="evidence-{exhibit.id}" ')[2].partition("</figure>")[0]
        marked = [int(number) for number in re.findall(r'class="line marked"[^>]* data-line="(\d+)"', figure)]
        assert marked == list(range(exhibit.first, exhibit.last + 1))
        shown = [int(number) for number in re.findall(r'data-line="(\d+)"', figure)]
        assert shown[0] <= max(1, exhibit.first - 10)
        assert f'href="/source/{exhibit.path}#L{exhibit.first}"' in figure
    assert all(f'data-refs="{" ".join(each.refs)}"' in text for each in view.statements)


def test_a_draft_can_be_looked_at_as_a_page(desk: Desk, browser: Browser) -> None:
    first = pending(desk)[0]
    text = browser.get(f"/draft/{first}/page").text
    assert title_of((PageKind(desk.ledger.draft(first).type), desk.ledger.draft(first).name), "some_zoo") in text
    assert 'class="references"' in text


def test_a_draft_of_another_wiki_is_not_shown(desk: Desk, browser: Browser) -> None:
    run = desk.ledger.start_run(desk.root / "other", "pypi:zoo==1.0", "d", "x", "now", "{}")
    known = desk.ledger.draft(1)
    new = NewDraft("c", known.type, known.name, "x", 1, 1.0, "d2", known.page, ())
    (other,) = desk.ledger.record(run, desk.root / "other", known.source, [new], {"c"})
    assert browser.get(f"/draft/{other.id}").status_code == 404


# --- log and statistics ---


def test_the_log_tells_who_decided_what_and_that_it_is_whole(desk: Desk, browser: Browser) -> None:
    first = pending(desk)[0]
    browser.press(f"/draft/{first}", f"/draft/{first}/reject", code="unclear", reason="Which gate?", seconds="12")
    text = browser.get("/log").text
    assert "<b>unclear</b> Which gate?" in text
    assert desk.ledger.verify().head in text
    text = browser.get("/statistics").text
    assert "12 seconds" in text
    assert "unclear" in text


# --- the wiki ---


def test_the_wiki_is_there_to_read(desk: Desk, reader: Browser) -> None:
    wiki = read_wiki(desk.root)
    kind, name = next(page for page in wiki.pages if page[0] == "Heuristic")
    assert "Heuristics" in reader.get("/wiki").text
    listed = reader.get(f"/wiki/{kind.folder}").text
    assert f'href="/wiki/{kind.folder}/{name}"' in listed
    page = reader.get(f"/wiki/{kind.folder}/{name}").text
    assert 'id="evidence-e1"' in page
    assert 'data-line="' in page
    assert 'href="#evidence-e1"' in page
    assert f'href="/wiki/{kind.folder}/{name}"' in reader.get("/graph").text
    assert "phase3_enrichment" in reader.get("/reports").text
    assert "Executive Summary" in reader.get("/reports/phase3_enrichment").text


def test_what_is_not_there_is_a_sentence(reader: Browser) -> None:
    inside = ("/wiki/heuristics/Nothing", "/wiki/recipes", "/reports/none", "/source/none.py", "/nothing")
    outside = ("/source/../../../etc/passwd", "/source/%2e%2e/%2e%2e/etc/passwd", "/assets/..%2fsite.py")
    for address in (*inside, *outside):
        page = reader.get(address)
        assert page.status_code == 404
        assert "<h1>Not found</h1>" in page.text


def test_pages_and_code_are_found(desk: Desk, reader: Browser) -> None:
    text = reader.get("/search?q=zebra").text
    assert "<mark>zebra</mark>" in text
    assert re.search(r'href="/source/src/zoo/keeper\.py#L\d+"', text)
    assert 'id="L3"' in reader.get("/source/src/zoo/keeper.py").text
    nothing = reader.get("/search?q=xylophone").text
    assert "No page has these words." in nothing
    assert "Words that pages or code should have" in reader.get("/search").text


def test_what_was_accepted_is_found_at_once(desk: Desk, reader: Browser) -> None:
    draft = next(desk.ledger.draft(n) for n in pending(desk) if desk.ledger.draft(n).type == "Heuristic")
    address = f"/wiki/heuristics/{draft.name}"
    assert reader.get(address).status_code == 404
    desk.accept([draft.id])
    assert reader.get(address).status_code == 200
    words = title_of((PageKind.HEURISTIC, draft.name), "some_zoo")
    assert f'<a href="{address}">' in reader.get("/search", params={"q": words}).text


def test_searching_needs_no_source(desk: Desk, reader: Browser) -> None:
    for file in (desk.ledger.file.parent / "sources").glob("*.json"):
        file.unlink()
    assert "its code cannot be searched" in reader.get("/search?q=zebra").text
    assert reader.get("/source/src/zoo/keeper.py").status_code == 404


def test_no_embedding_is_loaded_to_search(reader: Browser) -> None:
    import sys

    before = set(sys.modules)
    reader.get("/search?q=zebra")
    assert not {"chromadb", "wordllama"} & (set(sys.modules) - before)


def test_the_documentation_has_the_keys_of_the_help(desk: Desk, browser: Browser) -> None:
    text = (ROOT / "docs" / "how-to" / "review-drafts.md").read_text().partition("## In the browser")[2]
    rows = [line.split("|")[1] for line in text.partition("\n## ")[0].split("\n") if line.startswith("| `")]
    documented = {key for row in rows for key in re.findall(r"`([^`]+)`", row)}
    shown = set()
    for address in ("/", f"/draft/{pending(desk)[0]}"):
        for keys in re.findall(r"<dt>(.*?)</dt>", browser.get(address).text.partition('<dialog id="keys"')[2]):
            shown |= set(re.findall(r"<kbd>(.*?)</kbd>", keys))
    assert documented - {"↓", "↑"} == shown - {"Esc"}


def test_the_map_and_the_source_have_their_places(desk: Desk, reader: Browser) -> None:
    start = reader.get("/wiki").text
    (there,) = re.findall(r'href="(/reports/_RepoMap[^"]*)">Repository map<', start)
    assert "<h1>Repository map</h1>" in reader.get(there).text
    assert "_RepoMap" not in reader.get("/reports").text.partition("<main")[2]
    assert 'href="/source"' in start
    assert 'href="/source/src/zoo/keeper.py"' in reader.get("/source").text


def test_what_a_page_quotes_leads_to_its_file(desk: Desk, reader: Browser) -> None:
    kind, name = next(page for page in read_wiki(desk.root).pages if page[0] == "Heuristic")
    page = reader.get(f"/wiki/{kind.folder}/{name}").text
    assert re.search(r'from <a href="/source/src/zoo/\w+\.py#L\d+"><code>src/zoo/', page)


def test_pages_with_all_words_stand_before_those_with_some() -> None:
    pages = [("Night night night", "night"), ("Keys", "the gate is shut at night"), ("Zebras", "a gate")]
    entries = [Entry((PageKind.HEURISTIC, title), title, text) for title, text in pages]
    assert next(iter(_PageSearch(entries).find("night gate", 9))).title == "Keys"
    assert len(_PageSearch(entries).find("night gate", 9)) == 3
    assert len(_PageSearch(entries).find("night gate", 1)) == 1
    assert _PageSearch(entries).find("xylophone", 9) == []
