"""`wikiagent export`: the wiki in other formats."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from wikiagent.cli.app import Shell, app, say
from wikiagent.errors import ConfigError, WikiError

if TYPE_CHECKING:
    from wikiagent.wiki.graph import Wiki

Format = Literal["markdown", "html", "mediawiki-xml"]


@app.command()
def export(
    context: typer.Context,
    form: Annotated[Format, typer.Option("--format", help="What the wiki becomes.")],
    wiki: Annotated[Path | None, typer.Option(help="Folder of the wiki; default: the configured one.")] = None,
    output: Annotated[
        Path | None, typer.Option(help="Folder, or file for mediawiki-xml; default: named like the wiki, here.")
    ] = None,
) -> None:
    """Write the wiki as Markdown for a code host, as a static HTML site, or as a dump for MediaWiki."""
    from wikiagent.export.output import write_dump, write_folder

    shell: Shell = context.obj
    settings = shell.settings(wiki={"path": wiki})
    root = settings.wiki.path
    if root is None:
        raise ConfigError("No wiki is named. Pass --wiki FOLDER, or set [wiki] path in wikiagent.toml.")
    found = _wiki(root, settings.wiki.repo)
    name = found.repo or root.resolve().name
    target = output or Path(
        f"{root.resolve().name}.xml" if form == "mediawiki-xml" else f"{root.resolve().name}-{form}"
    )
    if form == "mediawiki-xml":
        from wikiagent.export.mediawiki_xml import dump_of

        dump = dump_of(found, name, datetime.now(UTC))
        write_dump(target, dump.content, root)
        if dump.replaced:
            shell.console.print(f"{dump.replaced} characters that XML does not allow are written as �")
        say(f"{dump.pages} pages in {target}")
        return
    if form == "html":
        from wikiagent.export.site import site_files as files
    else:
        from wikiagent.export.markdown_site import markdown_files as files
    count = write_folder(target, files(found, name), root)
    say(f"{len(found.pages)} pages, {count} files in {target}")


def _wiki(root: Path, repo: str | None) -> Wiki:
    """The wiki to export.

    Raises:
        WikiError: there is none, or it has no pages.
    """
    from wikiagent.wiki.graph import read_wiki

    if not root.exists():
        raise WikiError(f"{root}: there is no such wiki. Name its folder with --wiki.")
    found = read_wiki(root, repo)
    if not found.pages:
        raise WikiError(
            f"{root} has no pages to export. `wikiagent enrich --phase 3` writes some, or name another --wiki."
        )
    return found
