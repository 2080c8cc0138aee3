"""A real MediaWiki imports a dump of a real wiki and shows it: references, line numbers, links."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest

from tests.end_to_end.conftest import wikiagent
from tests.export.conftest import awkward_pages
from tests.export.text import Parsed, squeezed
from wikiagent.export.mediawiki_xml import dump_of, wiki_title
from wikiagent.source.snapshot import Snapshot
from wikiagent.wiki.graph import PageId, Wiki, read_wiki
from wikiagent.wiki.mediawiki import render
from wikiagent.wiki.page import Environment, Heuristic, PageKind

pytestmark = pytest.mark.web

MEDIAWIKI = Path("/usr/share/mediawiki")
SETTINGS = """
wfLoadExtensions( [ 'Cite', 'SyntaxHighlight_GeSHi' ] );
$wgPygmentizePath = '/usr/bin/pygmentize';
$wgServer = 'http://127.0.0.1:%(port)s';
$wgCacheDirectory = '%(data)s';
$wgMaxShellMemory = 0;
"""


@dataclass(frozen=True)
class MediaWiki:
    """A MediaWiki that is served on the loopback, and the wiki that it holds."""

    address: str
    wiki: Wiki
    said: str

    def page(self, title: str) -> str:
        answer = httpx.get(f"{self.address}/index.php?title={quote(title)}", timeout=120, follow_redirects=True)
        assert answer.status_code == 200, title
        return answer.text


@pytest.fixture(scope="module")
def programs() -> None:
    needed = [MEDIAWIKI / "maintenance" / "importDump.php", Path("/usr/bin/php"), Path("/usr/bin/pygmentize")]
    if missing := [str(path) for path in needed if not path.exists()]:
        pytest.skip(f"{', '.join(missing)} not found: `.ci/web-packages` installs MediaWiki through apt")


@pytest.fixture(scope="module")
def mediawiki(programs: None, peft: Snapshot, tmp_path_factory: pytest.TempPathFactory) -> Iterator[MediaWiki]:
    """A wiki about peft and a page with awkward characters, exported, imported and served."""
    folder = tmp_path_factory.mktemp("mediawiki")
    wiki = _with_awkward_pages(_enriched(peft, folder))
    dump = folder / "dump.xml"
    dump.write_bytes(dump_of(wiki, wiki.repo or "", datetime.now(UTC)).content)
    port = _free_port()
    settings = _install(folder, port)
    said = _php(settings, "importDump.php", "--no-updates", str(dump))
    server = subprocess.Popen(
        ["php", "-S", f"127.0.0.1:{port}"], cwd=MEDIAWIKI, env=_environment(settings),
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        _wait_for(port)
        yield MediaWiki(f"http://127.0.0.1:{port}", wiki, said)
    finally:
        server.terminate()
        server.wait(timeout=10)


def _enriched(peft: Snapshot, folder: Path) -> Wiki:
    shutil.copytree(peft.root.parent, folder / "store" / "sources")
    command = (
        "enrich --phase 3 --source pypi:peft==0.18.1 --limit 60 --accept-valid --wiki wiki --repo huggingface_peft"
    )
    done = wikiagent("--store", folder / "store", *command.split(), cwd=folder)
    assert done.returncode == 0, done.stderr
    return read_wiki(folder / "wiki")


def _with_awkward_pages(wiki: Wiki) -> Wiki:
    return wiki.edited({page.file: render(page) for page in awkward_pages()})


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _install(folder: Path, port: int) -> Path:
    data, settings = folder / "data", folder / "LocalSettings.php"
    data.mkdir()
    _php(
        None, "install.php", "--dbtype", "sqlite", "--dbpath", str(data), "--dbname", "wiki", "--pass", "long-enough-1",
        "--confpath", str(folder), "--scriptpath", "", "--server", f"http://127.0.0.1:{port}", "Test", "Admin",
    )  # fmt: skip
    with settings.open("a") as file:
        file.write(SETTINGS % {"port": port, "data": data})
    return settings


def _environment(settings: Path | None) -> dict[str, str]:
    return {**os.environ, **({"MW_CONFIG_FILE": str(settings)} if settings else {})}


def _php(settings: Path | None, script: str, *arguments: str) -> str:
    done = subprocess.run(
        ["php", f"maintenance/{script}", *arguments], cwd=MEDIAWIKI, env=_environment(settings),
        capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def _wait_for(port: int) -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until:
        with socket.socket() as tried:
            if tried.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    pytest.fail("php did not serve MediaWiki within 30 seconds")


def shown_title(title: str) -> str:
    """A title as MediaWiki shows it."""
    return re.sub(r"[ _]+", " ", title).strip()


def some_pages(wiki: Wiki) -> list[PageId]:
    """Pages of each type, those with awkward characters among them."""
    own = {(page.kind, page.name) for page in awkward_pages()}
    of_kind = {kind: [page for page in wiki.pages if page[0] is kind and page not in own] for kind in PageKind}
    return [*own, *(page for pages in of_kind.values() for page in pages[:6])]


def test_the_importer_takes_every_page(mediawiki: MediaWiki) -> None:
    assert "Done!" in mediawiki.said
    answer = httpx.get(
        f"{mediawiki.address}/api.php?action=query&list=allpages&aplimit=500&format=json", timeout=60
    ).json()
    titles = {page["title"] for page in answer["query"]["allpages"]}
    assert {shown_title(wiki_title(page)) for page in mediawiki.wiki.pages} <= titles


def test_references_are_a_list_and_none_is_wrong(mediawiki: MediaWiki) -> None:
    with_references = 0
    for page in some_pages(mediawiki.wiki):
        html = mediawiki.page(wiki_title(page))
        assert "Cite error" not in html, page
        assert "mw-parser-output" in html
        parsed = mediawiki.wiki.pages[page].page
        if isinstance(parsed, Heuristic | Environment) and parsed.evidence:
            assert re.search(r'<ol class="references"', html), page
            with_references += 1
    assert with_references >= 8


def test_code_is_highlighted_and_numbered_from_its_line(mediawiki: MediaWiki) -> None:
    for page in some_pages(mediawiki.wiki):
        parsed = mediawiki.wiki.pages[page].page
        if not isinstance(parsed, Heuristic | Environment) or not parsed.evidence:
            continue
        html = mediawiki.page(wiki_title(page))
        numbers = [int(number) for number in re.findall(r'class="linenos" data-line="(\d+)"', html)]
        assert numbers == [
            number
            for exhibit in parsed.evidence
            for number in range(exhibit.first, exhibit.first + len(exhibit.code.split("\n")))
        ], page
        shown = squeezed(Parsed(html).text)
        assert all(squeezed(exhibit.code).replace("</syntax", "<\\/syntax") in shown for exhibit in parsed.evidence), (
            page
        )
        assert html.count("mw-highlight-lang-python") >= len([e for e in parsed.evidence if e.language == "python"])


def test_links_lead_to_pages_and_only_wanted_ones_are_red(mediawiki: MediaWiki) -> None:
    there = {shown_title(wiki_title(page)) for page in mediawiki.wiki.pages}
    linked = 0
    for page in some_pages(mediawiki.wiki):
        html = mediawiki.page(wiki_title(page))
        body = html[
            html.index("mw-parser-output") : html.index('id="mw-hidden-catlinks"') if "mw-hidden" in html else None
        ]
        red = {
            title.removesuffix(" (page does not exist)")
            for title in re.findall(r'class="new" title="([^"]*)"', body)
            if not title.startswith(("Talk:", "User"))
        }
        wanted = {shown_title(f"{link.kind}:{link.name}") for link in mediawiki.wiki.pages[page].links} - there
        assert red <= wanted, page
        assert not re.search(r"\[\[\w+::", Parsed(body.partition("<pre")[0]).text), page
        linked += len(re.findall(r'title="(?:Implementation|Heuristic|Environment):[^"(]*"', body))
    assert linked > 20


def test_what_looks_like_a_script_is_text(mediawiki: MediaWiki) -> None:
    html = mediawiki.page("Heuristic:zoo_Slow__init___X")
    assert "<script>alert(1)</script>" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html


def test_the_lists_of_pages_are_tables(mediawiki: MediaWiki) -> None:
    html = mediawiki.page(f"Heuristic Index: {mediawiki.wiki.repo}")
    count = len([page for page in mediawiki.wiki.pages if page[0] is PageKind.HEURISTIC])
    table = html[html.index('<table class="wikitable sortable"') : html.index("</table>")]
    assert table.count("<tr>") == count + 1
    assert 'title="Heuristic:' in table
