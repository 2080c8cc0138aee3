"""The exported site in a real browser, straight from a folder: search, graph, policy, accessibility, narrow screens."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from tests.export.conftest import awkward_pages
from wikiagent.export.site import site_files
from wikiagent.wiki.graph import Edge, Wiki
from wikiagent.wiki.indexes import derive_indexes
from wikiagent.wiki.mediawiki import render
from wikiagent.wiki.page import Heuristic, Link, PageKind

pytestmark = pytest.mark.web

CHROMIUM = Path("/usr/bin/chromium")
SLOW = "heuristics/zoo_Slow__init___X.html"
PAGES = [
    "index.html",
    "search.html?q=keeper",
    "graph.html",
    "heuristics.html",
    SLOW,
    "environments/zoo_Python.html",
    "map.html",
]

Open = Callable[..., Any]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site about the awkward pages and forty more."""
    link = Link(edge="uses_heuristic", kind=PageKind.IMPLEMENTATION, name="zoo_Keeper")
    more = [Heuristic(name=f"zoo_Rule_{n}", overview=f"Said {n}.", related=(link,)) for n in range(40)]
    wiki = Wiki({page.file: render(page) for page in [*awkward_pages(), *more]}, "zoo")
    wiki = wiki.edited(
        {**derive_indexes(wiki), "_RepoMap_zoo.md": "# Map\n\n| File | Purpose |\n|---|---|\n| `a.py` | b |\n"}
    )
    root = tmp_path_factory.mktemp("site")
    for file, content in site_files(wiki, "zoo"):
        path = root / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return root


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    if not CHROMIUM.exists():
        pytest.skip(f"{CHROMIUM} not found: `.ci/web-packages` installs it through apt")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture
def opened(browser: Any, site: Path) -> Iterator[Open]:
    """Opens a file of the site; whatever the browser complains of fails the test."""
    contexts, complaints = [], []

    def open_(file: str, **options: Any) -> Any:
        context = browser.new_context(**options)
        contexts.append(context)
        page = context.new_page()
        page.on(
            "console", lambda message: complaints.append(message.text) if message.type in ("error", "warning") else None
        )
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("dialog", lambda dialog: (complaints.append(f"dialog: {dialog.message}"), dialog.dismiss()))
        page.goto(file if file.startswith("http") else f"{site.as_uri()}/{file}")
        return page

    yield open_
    for context in contexts:
        context.close()
    assert complaints == []


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def served(site: Path) -> Iterator[str]:
    """The address at which a web server has the site."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=site)) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_the_search_box_of_a_page_finds_pages_without_a_server(opened: Open) -> None:
    page = opened(SLOW)
    page.get_by_role("searchbox", name="Search this wiki").fill("feeds animals")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search.html?q=feeds+animals")
    assert page.locator("#status").inner_text() == "1 page found"
    page.get_by_role("main").get_by_role("link", name="Keeper").click()
    page.wait_for_url("**/implementations/zoo_Keeper.html")


def test_the_search_ranks_titles_first_and_goes_on_while_one_types(opened: Open) -> None:
    page = opened("search.html")
    box = page.get_by_role("searchbox", name="Search this wiki")
    box.press_sequentially("keeper")
    titles = page.locator("#results > li > a").all_inner_texts()
    assert titles[0] == "Keeper"
    assert len(titles) > 1
    box.fill("kéeper <xylophone> nonsense")
    assert page.locator("#results > li > a").all_inner_texts() == titles
    box.fill("rule keeper feeds animals")
    assert page.locator("#status").inner_text().endswith(" pages found, those with all words first")
    box.fill("<xylophone> nonsense")
    assert page.locator("#status").inner_text() == "0 pages found"
    box.fill("alert(1)")
    assert page.locator("#results script").count() == 0
    assert "<script>alert(1)</script>" in page.locator("#results").inner_text()


def test_the_address_goes_along_with_a_second_search(opened: Open, served: str) -> None:
    page = opened(f"{served}/search.html?q=keeper")
    page.get_by_role("searchbox", name="Search this wiki").fill("animals")
    page.wait_for_url("**/search.html?q=animals")
    page.reload()
    assert page.get_by_role("searchbox", name="Search this wiki").input_value() == "animals"


def test_a_reference_leads_to_its_lines_and_back(opened: Open) -> None:
    page = opened(SLOW)
    page.locator("sup.ref a").first.click()
    assert page.url.endswith("#evidence-e1")
    figure = page.locator("#evidence-e1")
    assert "if a:" in figure.inner_text()
    assert figure.locator(".line").first.get_attribute("data-line") == "3"
    figure.get_by_role("link", name="Back to mention 1 of reference 1").click()
    assert page.url.endswith("#ref-e1-1")


def test_the_graph_shows_what_a_page_is_linked_with(opened: Open) -> None:
    page = opened("graph.html")
    page.locator("svg.links a", has_text="Python").hover()
    on = page.locator("svg.links .node.on text").all_text_contents()
    assert sorted(on) == ["Keeper", "Python"]
    page.mouse.move(0, 0)
    page.get_by_label("Find in the graph").fill("rule 17")
    assert page.locator("#filtered").inner_text() == "1 found"
    page.locator("svg.links a", has_text="Rule 17").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/heuristics/zoo_Rule_17.html")
    assert page.locator("svg.links .current text").text_content() == "Rule 17"


def test_the_first_tab_leads_to_the_text(opened: Open) -> None:
    page = opened(SLOW)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the text"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_pages_fit_a_phone(opened: Open) -> None:
    for file in PAGES:
        page = opened(file, viewport={"width": 360, "height": 700})
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= 360, file


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(opened: Open, served: str, scheme: str) -> None:
    from axe_playwright_python.sync_playwright import Axe

    for file in PAGES:
        page = opened(f"{served}/{file}", color_scheme=scheme)
        found = Axe().run(page).response["violations"]
        serious = [
            (violation["id"], violation["nodes"][0]["html"])
            for violation in found
            if violation["impact"] in ("serious", "critical")
        ]
        assert serious == [], file
        if file == "index.html":
            background = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
            assert (background == "rgb(255, 255, 255)") == (scheme == "light")


def test_without_script_the_lists_still_work(opened: Open) -> None:
    page = opened("index.html", java_script_enabled=False)
    page.get_by_role("main").get_by_role("link", name="Heuristics").click()
    page.get_by_role("main").get_by_role("link", name="Rule 7", exact=True).click()
    assert page.get_by_role("heading", level=1).inner_text() == "Rule 7"


def test_a_graph_of_eight_hundred_pages_is_usable(opened: Open, site: Path) -> None:
    from wikiagent.export.graph import graph_svg
    from wikiagent.export.shell import POLICY, Shell
    from wikiagent.export.shell import render as render_page

    pages = [(kind, f"zoo_{kind}_{n}") for n in range(160) for kind in PageKind]
    edges = [Edge(a, "step", b) for a, b in zip(pages, pages[7:], strict=False)]
    picture = graph_svg(pages, edges, address_of=lambda page: f"{page[1]}.html", repo="zoo")
    shell = Shell("zoo", "index.html", "assets/", "search.html", policy=POLICY)
    html = render_page(shell, "graph.html", title="Link graph", picture=picture, pages=len(pages), links=len(edges))
    (site / "large.html").write_text(html, "utf-8")
    page = opened("large.html")
    page.get_by_label("Find in the graph").fill("heuristic 159")
    assert page.locator("#filtered").inner_text() == "1 found"
    box = page.locator("svg.links a", has_text="Heuristic 159").bounding_box()
    size = page.viewport_size
    assert 0 <= box["y"] <= size["height"]
    assert 0 <= box["x"] <= size["width"]
