"""The static site: every link leads somewhere, the search data is data, pages are inert and have their landmarks."""

from __future__ import annotations

import json
from pathlib import Path, PurePosixPath
from urllib.parse import unquote

import pytest

from tests.export.text import Parsed
from wikiagent.export.search import Entry, search_data
from wikiagent.export.shell import ASSETS, POLICY, NavLink, Shell, asset, environment, render
from wikiagent.export.site import site_files
from wikiagent.wiki.graph import Wiki, read_wiki
from wikiagent.wiki.page import PageKind

SHELL = Shell(name="A & <b>", home="/", assets="/assets/", search="/search")


def problems(files: dict[str, bytes]) -> list[str]:
    """Links of a site that lead nowhere, within it."""
    ids = {name: set(Parsed(text.decode()).values("id")) for name, text in files.items() if name.endswith(".html")}
    out = []
    for name in ids:
        parsed = Parsed(files[name].decode())
        for address in parsed.values("href") + parsed.values("src") + parsed.values("action"):
            path, _, anchor = address.partition("#")
            if path.startswith("https://"):
                continue
            target = name if not path else joined(PurePosixPath(name).parent, unquote(path))
            if target not in files or (anchor and anchor not in ids.get(target, set())):
                out.append(f"{name}: {address}")
    return out


def joined(folder: PurePosixPath, path: str) -> str:
    parts = list(folder.parts)
    for part in path.split("/"):
        parts = parts[:-1] if part == ".." else [*parts, part]
    return "/".join(parts)


@pytest.fixture(scope="module")
def files(awkward: Wiki) -> dict[str, bytes]:
    return dict(site_files(awkward, "zoo <wiki>"))


def test_every_link_leads_somewhere(files: dict[str, bytes]) -> None:
    assert problems(files) == []
    broken = {**files, "index.html": files["index.html"].replace(b"graph.html", b"grph.html")}
    assert problems(broken) != []


def test_every_page_index_and_asset_is_there(files: dict[str, bytes], awkward: Wiki) -> None:
    assert {f"{kind.folder}/{name}.html" for kind, name in awkward.pages} <= set(files)
    assert {"index.html", "search.html", "search-data.js", "graph.html", "map.html", "heuristics.html"} <= set(files)
    assert {f"assets/{name}" for name in ASSETS} <= set(files)
    assert "principles.html" not in files


def test_pages_work_under_a_strict_policy(files: dict[str, bytes]) -> None:
    for name, text in files.items():
        if not name.endswith(".html"):
            continue
        parsed = Parsed(text.decode().removeprefix("<!doctype html>"))
        assert parsed.problems == [], name
        assert POLICY in parsed.values("content")
        attributes = {attribute for _, found in parsed.tags for attribute in found}
        assert not {attribute for attribute in attributes if attribute.startswith("on")}
        assert "style" not in attributes
        assert "style" not in {tag for tag, _ in parsed.tags}
        assert all("src" in found for tag, found in parsed.tags if tag == "script")
        assert b"alert(1)</script>" not in text


def test_pages_have_landmarks_labels_and_one_heading(files: dict[str, bytes]) -> None:
    for name, text in files.items():
        if not name.endswith(".html"):
            continue
        tags = [tag for tag, _ in Parsed(text.decode()).tags]
        assert [tags.count(tag) for tag in ("main", "h1", "nav", "html")] == [1, 1, 1, 1], name
        assert '<html lang="en">' in text.decode()
        assert 'href="#main"' in text.decode()
        assert '<label class="sr" for="q">' in text.decode()


def test_navigation_counts_and_knows_where_one_is(files: dict[str, bytes]) -> None:
    text = files["heuristics/zoo_Slow__init___X.html"].decode()
    assert '<a href="../heuristics.html" aria-current="page">Heuristics <span class="count">1</span></a>' in text
    assert "<title>Slow  init   X · zoo &lt;wiki&gt;</title>" in text


def test_a_page_shows_what_is_around_it(files: dict[str, bytes]) -> None:
    text = files["implementations/zoo_Keeper.html"].decode()
    assert 'aria-current="page"' in text
    assert 'href="../heuristics/zoo_Slow__init___X.html" aria-label="Heuristic: Slow  init   X"' in text


def test_a_title_is_shown_once(hand_written: Wiki) -> None:
    files = dict(site_files(hand_written, "zoo"))
    assert problems(files) == []
    assert files["heuristics/zoo_Greed.html"].count(b"Greed</h") == 1


def test_only_checked_pages_make_promises(files: dict[str, bytes]) -> None:
    others = dict(site_files(Wiki({"heuristics/a.md": "Said."}), "a"))
    assert b"quote the lines" in files["index.html"]
    assert b"quote the lines" not in others["index.html"]


def test_search_data_is_one_value(files: dict[str, bytes], awkward: Wiki) -> None:
    script = files["search-data.js"].decode()
    pages = json.loads(script.removeprefix("window.wikiPages = ").removesuffix(";\n"))
    assert {page["a"] for page in pages} == {f"{kind.folder}/{name}.html" for kind, name in awkward.pages}
    (slow,) = (page for page in pages if page["t"] == "Slow  init   X")
    assert "kwargs" in slow["x"]
    assert "pypi:zoo" not in slow["x"]


def test_search_data_ends_no_script() -> None:
    entry = Entry((PageKind.HEURISTIC, "a"), "</script>", "\u2028 </SCRIPT> \\ \" '")
    script = search_data([(entry, "a.html")])
    assert "</" not in script
    assert "\u2028" not in script
    (page,) = json.loads(script.removeprefix("window.wikiPages = ").removesuffix(";\n"))
    assert page["t"] == "</script>"


def test_the_frame_escapes_and_takes_links_of_others() -> None:
    from jinja2 import DictLoader

    templates = environment(
        DictLoader({"mine.html": '{% extends "base.html" %}{% block main %}{{ said }}{% endblock %}'})
    )
    shell = Shell("A", "/", "/assets/", "/find", more=(NavLink("Queue <1>", "/queue", 3),), query='"><script>')
    html = render(shell, "mine.html", title="<i>", templates=templates, said="<script>")
    assert "<script" not in html
    assert '<a href="/queue">Queue &lt;1&gt; <span class="count">3</span></a>' in html
    assert "Content-Security-Policy" not in html


def test_assets_are_named_ones() -> None:
    assert asset("style.css").startswith(b"/*")
    with pytest.raises(KeyError):
        asset("../shell.py")


@pytest.mark.shared
def test_links_of_foreign_sites_lead_somewhere(shared: Path) -> None:
    for root in (shared / "reference").glob("peft-wiki-*"):
        assert problems(dict(site_files(read_wiki(root), root.name))) == []
