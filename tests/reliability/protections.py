# ruff: noqa: E501
"""Takes one protection out at a time, and looks whether the test that names it fails: `python -m tests.reliability.protections`.

A protection is taken out by changing a copy of the program's text. A test that does not notice protects nothing.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]


class Protection(NamedTuple):
    """What protects, the file below `src/wikiagent`, its text and what takes its place, and the test that must fail."""

    what: str
    file: str
    text: str
    instead: str
    test: str


PROTECTIONS = (
    Protection("paths of an archive stay in its tree", "source/archive.py", 'if name.startswith(("/", "\\\\"))', "if False and name.startswith(('/',))", "tests/source/test_archive.py -k path_out_of_the_tree"),
    Protection("devices are refused", "source/archive.py", "elif not member.isdir():", "elif False:", "tests/source/test_archive.py -k devices"),
    Protection("links are left out", "source/archive.py", "if member.issym() or member.islnk():", "if False:", "tests/source/test_archive.py -k links_are_left_out"),
    Protection("bytes are counted while they are written", "source/archive.py", "            budget.spend(len(chunk))\n", "", "tests/source/test_archive.py -k 'bomb or ten_gigabytes'"),
    Protection("members are counted", "source/archive.py", "if self.members > self.max_members:", "if False:", "tests/source/test_archive.py -k 'too_many'"),
    Protection("headers are bounded", "source/archive.py", "if self._read > self._budget.size", "if False and self._read > self._budget.size", "tests/source/test_archive.py -k headers"),
    Protection("damaged headers are no traceback", "source/archive.py", "except (ValueError, LookupError, struct.error, RuntimeError) as error:", "except ZeroDivisionError as error:", "tests/fuzz/test_readers.py -k archives"),
    Protection("names that no page could cite are left out", "source/kept.py", " if not _UNFIT.search(path)))\n\n\ndef _regular", "))\n\n\ndef _regular", "tests/source/test_kept.py -k no_page_could_cite"),
    Protection("a damaged copy of a source is not used", "source/kept.py", "record.size in (None, _size(folder, record.files))", "True", "tests/reliability/test_stores.py -k made_again"),
    Protection("the archive's own name is read", "source/package.py", "    _refuse_other(package, root, archive.name)\n", "", "tests/source/test_package.py -k another_package"),
    Protection("downloads are bounded", "source/package.py", ", progress=_Bounded)", ")", "tests/source/test_package.py -k without_end"),
    Protection("hashes are verified", "source/package.py", "verify=verify,", "verify=False,", "tests/source/test_package.py -k wrong_hash"),
    Protection("packs of git are bounded", "source/git.py", 'preexec_fn=_bound if arguments[0] == "fetch" and os.name == "posix" else None', "preexec_fn=None", "tests/source/test_git.py -k too_large"),
    Protection("blobs are counted", "source/git.py", "            budget.spend(size)\n", "", "tests/source/test_git.py -k unpacks_to_too_much"),
    Protection("options for git and ssh are refused", "source/origin.py", 'if unfit or any(word.startswith("-")', 'if False and any(word.startswith("-")', "tests/source/test_origin.py"),
    Protection("hooks of a repository do not run", "source/git.py", '"core.fsmonitor=false"', '"core.bare=false"', "tests/source/test_git.py -k nothing_of_the_repository"),
    Protection("deep code is not read", "code/syntax.py", "if _INDENTED.search(code) and _levels(code) > MAX_LEVELS:", "if False:", "tests/code/test_syntax.py -k 'not_read_is_said or bounded'"),
    Protection("deep expressions are not read", "code/syntax.py", "if _depth(tree) > MAX_DEPTH:", "if False:", "tests/code/test_syntax.py -k bounded"),
    Protection("long lines are not read", "code/syntax.py", "_LONG_LINE.subn(_blank, code.replace(b\"\\0\", b\" \"))", "(code, 0)", "tests/code/test_syntax.py -k line_that_is_too_long"),
    Protection("lines that nobody sees are no evidence", "mine/signal.py", " and quotable(line)", "", "tests/code/test_syntax.py -k bidi"),
    Protection("a closing tag in code is escaped", "wiki/markup.py", 'return _CLOSING_TAG.sub(r"<\\\\\\1", code)', "return code", "tests/wiki/test_mediawiki.py -k closing_tag"),
    Protection("markup in text is escaped", "wiki/markup.py", "pieces[0::2] = [_IN_TEXT.sub(_entity, piece) for piece in pieces[0::2]]", "pass", "tests/reliability/test_hostile.py -k in_text"),
    Protection("text on a terminal is inert", "cli/app.py", "typer.secho(inert(text), bold=bold)", "typer.secho(text, bold=bold)", "tests/cli/test_terminal.py -k no_command"),
    Protection("messages on a terminal are inert", "cli/app.py", "shown = [inert(each) if isinstance(each, str) else each for each in objects]", "shown = objects", "tests/cli/test_terminal.py -k message"),
    Protection("keys are masked", "source/snapshot.py", "masked(text).encode", "(text).encode", "tests/reliability/test_secrets.py"),
    Protection("a page changed by hand is not overwritten", "wiki/edit.py", "if _digest(_content(root, step.file)) != step.before:", "if False:", "tests/wiki/test_edit.py -k changed_since"),
    Protection("an edit is journalled before it is made", "wiki/edit.py", "        _stage(root, steps, new)\n", "        for file, content in new.items():\n            _target(root, file).unlink(missing_ok=True) if content is None else (_target(root, file).parent.mkdir(parents=True, exist_ok=True), _write_synced(_target(root, file), content))\n", "tests/wiki/test_edit.py -k interrupted_anywhere"),
    Protection("readers see an edit as a whole", "wiki/graph.py", "under_way(root).items()", "dict[str, bytes]().items()", "tests/wiki/test_edit.py -k interrupted_anywhere"),
    Protection("a journal names nothing outside of its folder", "wiki/edit.py", "step.staged.isdecimal()", "True", "tests/wiki/test_edit.py -k journal_that_is_none"),
    Protection("goldens are read to a bounded depth", "evals/golden.py", "        _refuse_deep(text)\n", "", "tests/fuzz/test_evaluations.py -k goldens"),
    Protection("edits lock the wiki", "wiki/edit.py", "with FileLock(root / LOCK, timeout=_SECONDS_TO_WAIT, is_singleton=True):", "with FileLock(root / (LOCK + str(os.getpid()))):", "tests/reliability/test_locks.py -k 'told_who_is_first'"),
    Protection("decisions cannot be removed", "ledger/database.py", "begin select raise(abort, 'decisions last'); end", "begin select 1; end", "tests/reliability/test_stores.py -k older_version"),
    Protection("a migration is one transaction", "ledger/database.py", '        db.execute("begin immediate")\n', "", "tests/reliability/test_stores.py -k migration"),
    Protection("a newer ledger is left alone", "ledger/database.py", "if version > len(STEPS):", "if False:", "tests/reliability/test_stores.py -k newer"),
    Protection("wikis of others get no pages", "cli/enrich.py", "            refuse_foreign(read_wiki(wiki), wiki, snapshot.name)\n", "            pass\n", "tests/docs/test_errors.py -k about"),
    Protection("what looks like a key costs no time", "source/secret.py", "(?=[\\w-]{0,100}\\d)", "(?=[\\w-]*\\d)", "tests/fuzz/test_readers.py -k masks"),
)  # fmt: skip


def notices(protection: Protection) -> bool:
    """Whether the test of a protection fails without it.

    Raises:
        ValueError: the program's text has changed, so that nothing was taken out.
    """
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(ROOT / "src", Path(folder, "src"))
        shutil.copytree(ROOT / "prompts", Path(folder, "prompts"))
        file = Path(folder, "src/wikiagent", protection.file)
        text = file.read_text("utf-8")
        if protection.text not in text:
            raise ValueError(f"{protection.file} does not have {protection.text!r}")
        file.write_text(text.replace(protection.text, protection.instead), "utf-8")
        command = f"{sys.executable} -m pytest -q -x {protection.test}"
        environment = {**os.environ, "PYTHONPATH": str(Path(folder, "src")), "WIKIAGENT_FUZZ": "2000"}
        try:
            done = subprocess.run(
                ["sh", "-c", f"exec {command}"],
                cwd=ROOT,
                env=environment,
                capture_output=True,
                timeout=150,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return True  # what would take hours
    return done.returncode == 1 or done.returncode < 0  # a test failed, or the program crashed


def main() -> int:
    """Try all of them, or those whose words have one of the arguments; the number that no test noticed."""
    wanted = [p for p in PROTECTIONS if not sys.argv[1:] or any(word in p.what for word in sys.argv[1:])]
    missed = 0
    for protection in wanted:
        noticed = notices(protection)
        missed += not noticed
        print(f"{'noticed' if noticed else 'MISSED '}  {protection.what}", flush=True)
    print(f"{len(wanted) - missed} of {len(wanted)} noticed")
    return missed


if __name__ == "__main__":
    sys.exit(main())
