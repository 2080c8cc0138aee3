"""`wikiagent init`: a commented configuration for somebody's own repository."""

from __future__ import annotations

import json
import re
from pathlib import Path
from urllib.parse import urlsplit

import typer

from wikiagent.cli.app import Shell, app
from wikiagent.config import CONFIG_FILE
from wikiagent.errors import ConfigError

_TEMPLATE = """\
# Settings of wikiagent for this repository. Each can be overridden by a flag of the command line or by an
# environment variable (WIKIAGENT_SOURCE__LOCATION).

# Run data: fetched sources, the index, the ledger of drafts and decisions. Add it to .gitignore.
store = ".wikiagent"

[source]
# What the wiki is about: a folder, a released package (pypi:NAME==VERSION) or git+URL@REV.
location = "."
# Which files are mined, in gitignore patterns; remove the # to change the defaults.
# include = ["*.py", "setup.cfg", "pyproject.toml"]
# exclude = ["tests/", "test_*.py", "/examples/"]
# Permanent links to the cited lines; without it, citations are plain path:first-last. {{version}} is the commit, or
# the version of a released package. A checkout with changes that are not committed gets no links.
# link = {link}

[wiki]
# The folder of the pages, and the prefix of their names.
path = "wiki"
repo = {repo}

[model]
# With a model, `wikiagent enrich` lets it write the pages; without one, pages are made of the source's own words.
# The key is read from OPENAI_API_KEY. An endpoint of your own may need none.
# name = "gpt-5-mini"
# base_url = "http://127.0.0.1:8080/v1"
"""


@app.command()
def init(context: typer.Context) -> None:
    """Write a commented wikiagent.toml for the repository in this folder."""
    shell: Shell = context.obj
    file = Path(CONFIG_FILE)
    try:
        with file.open("x", encoding="utf-8") as out:
            out.write(_configuration(Path.cwd()))
    except FileExistsError as error:
        raise ConfigError(f"{file} is here already and was left as it is; edit it, or remove it first.") from error
    except OSError as error:
        raise ConfigError(f"{file} cannot be written here: {error.strerror}.") from error
    shell.console.print(
        f"Wrote {file}. Look it over, add .wikiagent* to .gitignore, then run `wikiagent enrich --phase 3`.",
        markup=False,
    )


def _configuration(folder: Path) -> str:
    from wikiagent.source.git import web_url

    home = web_url(folder) or ""
    parts = urlsplit(home).path.strip("/").split("/")[-2:] if home else [folder.name]
    repo = re.sub(r"\W+", "_", "_".join(parts), flags=re.ASCII).strip("_") or "repository"
    link = f"{home or 'https://github.com/owner/name'}/blob/{{version}}/{{path}}#L{{first}}-L{{last}}"
    return _TEMPLATE.format(repo=json.dumps(repo), link=json.dumps(link))
