# ruff: noqa: E501, PT017
"""Whatever bytes a reader is given, it reads them or says so by an error of ours. What was found is an example."""

from __future__ import annotations

import gzip
import io
import os
import tarfile
import tempfile
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from wikiagent.check.page_rules import check_page
from wikiagent.check.reading import Reading
from wikiagent.config import load_settings
from wikiagent.errors import ConfigError, DraftError, SourceError, WikiagentError
from wikiagent.mine import requirements
from wikiagent.review.filters import read_filter
from wikiagent.source.archive import extract
from wikiagent.source.home import home_of, name_of, stated
from wikiagent.source.kept import find_snapshot
from wikiagent.source.orders import order_lines
from wikiagent.source.secret import masked
from wikiagent.wiki.graph import Wiki
from wikiagent.wiki.indexes import INDEX_FILES, derive_indexes, read_index
from wikiagent.wiki.mediawiki import parse, render
from wikiagent.wiki.page import PageKind

often = settings(
    max_examples=int(os.environ.get("WIKIAGENT_FUZZ", "150")), deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)  # fmt: skip

#: Pieces of which pages, indexes and filters are made, so that what is drawn comes near to real ones.
PIECES = st.lists(
    st.sampled_from(
        ["== Overview ==\n", "=== Usage ===\n", "== Code Evidence ==\n", "== Related Pages ==\n", "{|\n", "|-\n", "| a || b",
         "|}\n", "<syntaxhighlight lang=\"python\" line start=\"5\">\n", "</syntaxhighlight>\n", "<references>\n",
         "</references>\n", "<ref name=\"e1\" />", "<ref name=\"e1\">a.py:1-2</ref>\n",
         "[[uses_heuristic::Implementation:x_Y]]",
         "[[Category:Heuristic]]\n", "`a.py:1-2`", "<code>", "</code>", "''' '''", "* '''Action:''' ", "```python\n", "```\n",
         "# x Index: x\n",
         "| Page | File | Connections | Notes |\n",
         "| [→](./x_Y.md) | ✅Impl:x_Y | ⬜Env:x_Z | a |\n", "|---|\n",
         "- **Total Heuristic Pages:** 99999999999999999999\n", "\n", " ", "\r\n", "\0", "\u202e", "&#1114112;", "&#xD800;",
         "&lt;", "a.py:99999999999999999999", "e0", "\ud800"]
    ) | st.text(max_size=12),
    max_size=25,
).map("".join)  # fmt: skip


@often
@given(PIECES, st.sampled_from(PageKind))
@example("== Overview ==\n&#1114112;&#xD800;", PageKind.HEURISTIC)
@example("<pre>" * 9 + "\n```\n" * 9, PageKind.ENVIRONMENT)
def test_pages(text: str, kind: PageKind) -> None:
    page = parse(text, kind, "x_Y")
    assert parse(render(page), kind, "x_Y") == page


@often
@given(PIECES, st.sampled_from(PageKind))
def test_pages_that_are_checked(text: str, kind: PageKind) -> None:
    check_page(Reading(f"{kind.folder}/x_Y.md", kind, "x_Y", text), None)


@often
@given(PIECES, st.sampled_from(sorted(INDEX_FILES.values())))
def test_indexes(text: str, file: str) -> None:
    read_index(text)
    wiki = Wiki({file: text, "heuristics/x_Y.md": text}, "x")
    derived = derive_indexes(wiki)
    assert derive_indexes(wiki.edited(derived)) == derived


@often
@given(st.binary(max_size=600), st.sampled_from([".tar.gz", ".tgz", ".zip", ".tar.bz2", ".tar.xz"]), st.booleans())
@example(b"\x1f\x8b", ".tar.gz", False)
@example(b"PK\5\6" + b"\xff" * 18, ".zip", False)
def test_archives(data: bytes, suffix: str, packed: bool) -> None:
    unpack(gzip.compress(data) if packed else data, suffix)


@often
@given(st.lists(st.tuples(st.integers(0, 20_000), st.integers(0, 255)), max_size=12), st.sampled_from(["tar", "zip"]))
@example([(156, 120)], "tar")
def test_archives_with_bytes_changed(changes: list[tuple[int, int]], form: str) -> None:
    data = bytearray(SOUND[form])
    for at, byte in changes:
        data[at % len(data)] = byte
    unpack(gzip.compress(bytes(data)) if form == "tar" else bytes(data), ".tar.gz" if form == "tar" else ".zip")


def unpack(data: bytes, suffix: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        archive, into = Path(folder, f"a{suffix}"), Path(folder, "into")
        archive.write_bytes(data)
        into.mkdir()
        try:
            extract(archive, into, max_size=1_000_000, max_members=100)
        except SourceError as error:
            assert "\n" not in str(error)
        assert {path.name for path in Path(folder).iterdir()} == {archive.name, "into"}


def _sound() -> dict[str, bytes]:
    tar_bytes, zip_bytes = io.BytesIO(), io.BytesIO()
    with tarfile.open(fileobj=tar_bytes, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for name in ("a/x.py", "a/" + "long" * 60 + ".py"):
            member = tarfile.TarInfo(name)
            member.size = 4
            tar.addfile(member, io.BytesIO(b"x=1\n"))
    with zipfile.ZipFile(zip_bytes, "w", zipfile.ZIP_DEFLATED) as bundle:
        bundle.writestr("a/x.py", "x = 1\n" * 40)
    return {"tar": tar_bytes.getvalue(), "zip": zip_bytes.getvalue()}


SOUND = _sound()


@often
@given(
    st.lists(st.sampled_from(["[source]", "location", "[wiki]", "=", '"x"', "\n", "[", "]", "{", "1", "store", ".", "\0"]))
    .map(" ".join).map(str.encode) | st.binary(max_size=80)
)  # fmt: skip
@example(b"a=" + b"[" * 5000)
@example(b"\xff")
@example(b"store = 1979-05-27")
def test_configurations(data: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "wikiagent.toml")
        file.write_bytes(data)
        try:
            load_settings(file)
        except ConfigError as error:
            assert str(error)


@often
@given(st.sampled_from(["pyproject.toml", "setup.cfg", "setup.py", "PKG-INFO"]), st.text(max_size=200) | PIECES)
@example("pyproject.toml", "a=" + "[" * 5000)
@example("pyproject.toml", "[project]\ndependencies = ['a; " + "(" * 3000 + "']")
@example("setup.py", "a" + ".b" * 500 + "()")
@example("setup.py", "x = " + "-" * 5000 + "1")
@example("setup.cfg", "[options]\ninstall_requires =\n  a\n[options]\n python_requires")
@example("PKG-INFO", "Name: \u00e9\nProject-URL: x\nHome-page: http://[::\n")
def test_metadata(name: str, text: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, name).write_bytes(text.encode("utf-8", "surrogatepass"))
        for read in (home_of, name_of, stated):
            read(Path(folder))
    lines = tuple(text.encode("utf-8", "replace").decode().split("\n"))
    found = [*requirements.read(name, lines), *requirements.extras(name, lines)]
    assert all(1 <= place.first <= place.last <= len(lines) for _, _, place in found)


@often
@given(st.lists(st.sampled_from(["findings", "rank", "=", "<", ">", "!=", "and", "or", "0", '"', "'", "type", "~", " "]))
       .map("".join) | st.text(max_size=30))  # fmt: skip
def test_filters(rule: str) -> None:
    try:
        read_filter(rule)
    except DraftError as error:
        assert str(error)


@often
@given(st.text() | PIECES)
@example("sk-" * 200_000)
@example("eyJ-" * 50_000)
@example("-----BEGIN PRIVATE KEY-----" * 2_000)
@example("agent " + "a" * 100_000)
@example("agent" + " " * 100_000 + "x")
@example("#" * 100_000 + "<|")
def test_masks_and_orders(text: str) -> None:
    assert masked(masked(text)) == masked(text)
    assert masked(text).count("\n") == text.count("\n")
    order_lines(text)


@often
@given(
    st.binary(max_size=60) | st.sampled_from([b'{"files": 3}', b"[]", b"null", b'{"asked": [], "files": ["../../x"]}'])
)
def test_records(data: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        sources = Path(folder, "sources")
        (sources / "a@1").mkdir(parents=True)
        (sources / "a@1.json").write_bytes(data)
        try:
            assert find_snapshot(Path(folder), "a@1") is None
        except WikiagentError as error:
            pytest.fail(str(error))


#: What took hours: patterns that tried the same characters again and again.
LONG = [
    "<pre>", "</pre><pre ", "```a\n````\n", "== a", "## a ", "=== ", "<ref ", "<ref>", "[//a ", "<code>", "`", "[[", "[[source::",
    "[[a::b:", "'''", "| - ", "|-", "* ", "[[Category:", "a.", "`a:1` ", "{|\n", "&#", "a/",
]  # fmt: skip


@pytest.mark.parametrize("piece", LONG)
@pytest.mark.parametrize("kind", [PageKind.HEURISTIC, PageKind.ENVIRONMENT, PageKind.IMPLEMENTATION])
def test_long_pages_are_read_in_time(piece: str, kind: PageKind) -> None:
    """Twice 30,000 pieces: what takes the square of that would take minutes."""
    for title in ("Overview", "Code Evidence"):
        page = parse(f"== {title} ==\n" + piece * 30_000 + " " * 30_000 + "x", kind, "x_Y")
        assert page.name == "x_Y"
