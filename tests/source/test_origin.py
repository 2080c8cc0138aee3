from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wikiagent.errors import SourceError
from wikiagent.source.origin import Folder, Package, Repository, parse_source, slug


def test_a_package_is_normalized() -> None:
    assert str(parse_source("pypi:Sentence_Transformers==5.1")) == "pypi:sentence-transformers==5.1"


def test_a_folder_is_what_is_nothing_else() -> None:
    assert parse_source("some/folder@1") == Folder(Path("some/folder@1"))


@pytest.mark.parametrize(
    ("source", "url", "rev", "name"),
    [
        ("git+https://example.org/o/peft.git@v1", "https://example.org/o/peft.git", "v1", "peft"),
        ("git+ssh://git@example.org:22/o/peft@f/x", "ssh://git@example.org:22/o/peft", "f/x", "peft"),
        ("git+file:///tmp/with%20blank@main", "file:///tmp/with%20blank", "main", "with-blank"),
    ],
)
def test_a_repository(source: str, url: str, rev: str, name: str) -> None:
    parsed = parse_source(source)
    assert isinstance(parsed, Repository)
    assert (parsed.url, parsed.rev, parsed.name, parsed.login) == (url, rev, name, None)
    assert str(parsed) == source


def test_a_login_is_taken_out_of_what_is_shown() -> None:
    parsed = parse_source("git+https://me:s%40cret@example.org/o/n@main")
    assert isinstance(parsed, Repository)
    assert parsed.login == ("me", "s@cret")
    assert str(parsed) == "git+https://example.org/o/n@main"
    assert "cret" not in repr(parsed)


@pytest.mark.parametrize(
    "source",
    [
        *("", " ", "pypi:peft", "pypi:==1", "pypi:peft==", "pypi:peft==one", "pypi:pe ft==1", "pypi:peft[x]==1"),
        *("peft==0.18.1", "https://github.com/o/n", "hg+https://example.org/n@1", "git+https://example.org/o/n"),
        *(
            "git+ext::sh -c touch% x@main",
            "git+https://example.org/o/n@--upload-pack=x",
            "git+https://example.org/o/n@",
        ),
        *("git+ssh://-oProxyCommand=x/o/n@main", "git+ssh://-l@h/o/n@main", "git+https:///o/n@main"),
        *("git+https://example.org/o/n@a b", "git+https://example.org/o/n@main#x=1", "git+https://[::/o/n@main"),
        *("git+git@example.org:o/n@main", "git+https://example.org/@main", "git+https://h:99999999/o/n@main"),
        "git+https://example.org/o/n@a:b",
    ],
)
def test_what_is_no_source_is_refused_in_one_line(source: str) -> None:
    with pytest.raises(SourceError) as error:
        parse_source(source)
    assert "\n" not in str(error.value)


def test_a_refusal_does_not_show_the_password() -> None:
    with pytest.raises(SourceError) as error:
        parse_source("git+https://me:secret@example.org/o/n")
    assert "secret" not in str(error.value)


@given(st.text(), st.sampled_from(["", "pypi:", "git+", "git+https://", "git+ssh://h/", "git+file:///"]))
def test_any_text_is_a_source_or_a_source_error(text: str, prefix: str) -> None:
    try:
        parsed = parse_source(prefix + text)
    except SourceError:
        return
    if isinstance(parsed, Package | Repository):
        assert parse_source(str(parsed)) == parsed or getattr(parsed, "login", None)
    if isinstance(parsed, Repository):
        assert not parsed.rev.startswith("-")
        assert parsed.url.split(":")[0] in ("https", "ssh", "file")


@given(st.text())
def test_a_slug_is_a_plain_folder_name(name: str) -> None:
    assert slug(name)
    assert "/" not in slug(name)
    assert slug(slug(name)) == slug(name)
    assert not slug(name).startswith((".", "-"))
