"""The frame around every HTML page: header, navigation, search box, main part; and what it needs of files.

Whoever shows pages, as files or from a server, makes a `Shell` that says where things are, and calls `render` with a
template. `base.html` has the blocks `head`, `main` and `foot`; a template of another folder extends it by its name:

    {% extends "base.html" %}
    {% block main %}<h1>{{ title }}</h1>{{ body }}{% endblock %}

Templates escape whatever is no `Markup`, and an undefined variable is an error. Pages carry no style and no script
inline: they work under `POLICY`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import BaseLoader, ChoiceLoader, Environment, PackageLoader, StrictUndefined

POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'self'"
)
"""The Content-Security-Policy that the pages need at least."""

ASSETS = ("style.css", "search.js", "graph.js", "icon.svg")
"""The files that pages ask for below `Shell.assets`."""


@dataclass(frozen=True)
class NavLink:
    """An entry of the navigation; `count` stands behind its label."""

    label: str
    address: str
    count: int | None = None
    current: bool = False


@dataclass(frozen=True)
class Shell:
    """Where the parts of a site are, as seen from the page that is rendered.

    Attributes:
        name: name of the wiki, shown in the header.
        home: address of the start page.
        assets: address below which the files of `ASSETS` are, with a slash at its end where it is not empty.
        search: address that the search box asks, with the words as `q`.
        nav: what the navigation leads to.
        more: further links, after a gap: those of a server, for example.
        query: what stands in the search box.
        policy: the Content-Security-Policy to write into the page; None where a server sends it.
        note: a sentence for the foot of the page.
    """

    name: str
    home: str
    assets: str
    search: str
    nav: tuple[NavLink, ...] = ()
    more: tuple[NavLink, ...] = ()
    query: str = ""
    policy: str | None = None
    note: str = ""


def environment(loader: BaseLoader | None = None) -> Environment:
    """A Jinja environment with the templates of this package, and before them those of `loader`."""
    own = PackageLoader("wikiagent.export", "templates")
    return Environment(
        loader=ChoiceLoader([loader, own]) if loader else own,
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def _own() -> Environment:
    return environment()


def render(shell: Shell, template: str, *, title: str, templates: Environment | None = None, **values: Any) -> str:
    """A whole HTML page.

    Args:
        shell: the frame.
        template: name of a template that extends `base.html`.
        title: what the page is called, in the window and as its heading.
        templates: where templates are looked for; default: those of this package.
        **values: what the template shows; HTML is passed as `markupsafe.Markup`, all else is escaped.
    """
    return (templates or _own()).get_template(template).render(shell=shell, title=title, **values)


def asset(name: str) -> bytes:
    """The content of one of `ASSETS`.

    Raises:
        KeyError: there is no such file.
    """
    if name not in ASSETS:
        raise KeyError(name)
    return files("wikiagent.export").joinpath("assets", name).read_bytes()
