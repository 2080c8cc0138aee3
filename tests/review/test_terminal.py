"""Every key of `wikiagent review`, with what it does to ledger and wiki and what the screen shows."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from threading import Event

import pytest

from tests.docs.text import ROOT, rows, sections
from tests.phases.conftest import Run, files_of
from tests.review.terminal import Terminal, review
from wikiagent.errors import DraftError, WikiagentError
from wikiagent.ledger import Draft
from wikiagent.review.desk import MAX_REASON, Desk
from wikiagent.review.editor import kept_text
from wikiagent.review.standing import page_of
from wikiagent.review.terminal import run as run_in_terminal
from wikiagent.review.terminal.draft import DraftScreen
from wikiagent.review.terminal.keys import keys_of
from wikiagent.review.terminal.queue import QueueScreen
from wikiagent.wiki.mediawiki import render

SIZES = [(80, 24), (140, 45)]
Editor = Callable[[str], None]

both = pytest.mark.parametrize("size", SIZES, ids=["80x24", "140x45"])


def pending(desk: Desk) -> list[int]:
    return [item.id for item in desk.queue() if item.state == "pending"]


def last(desk: Desk) -> tuple[int, str, str]:
    made = desk.ledger.log(desk.root)[-1]
    return made.draft, made.decision, made.code


def in_wiki(desk: Desk, draft: Draft) -> bool:
    return (desk.root / page_of(draft).file).exists()


@pytest.fixture
def editor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Editor:
    """Sets what the reviewer's editor does with the file, as shell commands about `$1`."""

    def does(commands: str) -> None:
        script = tmp_path / "editor.sh"
        script.write_text(f"#!/bin/sh\n{commands}\n")
        script.chmod(0o755)
        monkeypatch.setenv("VISUAL", str(script))

    return does


# --- decisions ---


@both
def test_a_accepts_and_shows_the_next(desk: Desk, size: tuple[int, int]) -> None:
    before = pending(desk)

    async def steps(terminal: Terminal) -> None:
        await terminal.shows(f"0 decided, {len(before)} left")
        assert terminal.listed == before
        first = await terminal.to_draft()
        assert first == before[0]
        await terminal.press("a")
        assert terminal.draft == before[1]  # at once, whatever accepting takes
        await terminal.shows(f"1 decided, {len(before) - 1} left")

    review(desk, steps, size)
    assert last(desk) == (before[0], "accepted", "accepted") or last(desk)[:2] == (before[0], "accepted")
    assert in_wiki(desk, desk.ledger.draft(before[0]))
    assert desk.ledger.decisions(before[0])[-1].seconds is not None


@both
def test_the_draft_is_beside_its_evidence(desk: Desk, size: tuple[int, int]) -> None:
    async def steps(terminal: Terminal) -> None:
        draft = desk.ledger.draft(await terminal.to_draft())
        exhibit = page_of(draft).evidence[0]
        span = f"{exhibit.first}-{exhibit.last}" if exhibit.last > exhibit.first else f"{exhibit.first}"
        await terminal.shows(draft.name, f"draft {draft.id} · {draft.type}", f"{exhibit.path}:{span}", "▌")
        cited = [line for line in terminal.text.split("\n") if "┃" in line]
        assert any(re.search(rf"┃ +{exhibit.first}  ", line) for line in cited)
        above = [line for line in terminal.text.split("\n") if re.search(rf"  {exhibit.first - 1}  ", line)]
        assert above
        assert "┃" not in above[0]
        statements = next(n for n, line in enumerate(terminal.text.split("\n")) if "Statements" in line)
        evidence = next(n for n, line in enumerate(terminal.text.split("\n")) if "Evidence" in line)
        assert (statements == evidence) == (size[0] > 100)  # side by side where there is room, else stacked

    review(desk, steps, size)


@both
def test_r_rejects_with_a_code_and_a_note(desk: Desk, size: tuple[int, int]) -> None:
    before = pending(desk)

    async def steps(terminal: Terminal) -> None:
        await terminal.to_draft()
        await terminal.press("r")
        await terminal.shows("Why is", "1 wrong", "8 other", "Note for whoever writes")
        await terminal.press("2", "n")
        await terminal.write("the lines say 3 times")
        await terminal.press("enter")
        assert terminal.draft == before[1]
        await terminal.shows(f"1 decided, {len(before) - 1} left")

    review(desk, steps, size)
    made = desk.ledger.decisions(before[0])[-1]
    assert (made.decision, made.code, made.reason) == ("rejected", "unsupported", "the lines say 3 times")
    assert not in_wiki(desk, desk.ledger.draft(before[0]))


@both
def test_the_dialog_of_a_reject_shows_the_reason_that_is_chosen(desk: Desk, size: tuple[int, int]) -> None:
    async def steps(terminal: Terminal) -> None:
        first = await terminal.to_draft()
        await terminal.press("r")
        await terminal.shows("Why is", "n note")
        assert "▶" not in terminal.text
        for keys, chosen in (
            ("3", "3 trivial"), ("5", "5 unclear"), (["down"], "6 wrong-type"), (["up"], "5 unclear"),
            ("n7", "5 unclear"), (["down"], "6 wrong-type"), (["tab"], "6 wrong-type"), ("8", "8 other"),
            (["down"], "1 wrong"), (["up"], "8 other"),
        ):  # fmt: skip
            await terminal.press(*keys)
            await terminal.shows(f"▶ {chosen}")
            assert terminal.text.count("▶") == 1
        assert terminal.app.screen.query_one("#note").value == "7"  # type: ignore[attr-defined]
        await terminal.press("tab", "escape")  # back from the note, which stays
        await terminal.press("2", "enter")
        await terminal.until(lambda: desk.ledger.draft(first).state == "rejected")
        assert last(desk) == (first, "rejected", "unsupported")

    review(desk, steps, size)


def test_a_reject_needs_a_reason(desk: Desk) -> None:
    async def steps(terminal: Terminal) -> None:
        first = await terminal.to_draft()
        await terminal.press("r", "escape")
        await terminal.shows("Statements")
        await terminal.press("r", "enter")
        await terminal.shows("✗ Choose a reason first")
        await terminal.press("n", "x", "enter")
        await terminal.shows("✗ Choose a reason first", "x")
        assert desk.ledger.draft(first).state == "pending"
        await terminal.press("8")
        await terminal.until(lambda: "✗" not in terminal.text)
        await terminal.press("n", "ctrl+u", "backspace", "enter")
        await terminal.shows("✗ Say why in a sentence")
        await terminal.press("y", "enter")
        await terminal.until(lambda: desk.ledger.draft(first).state == "rejected")
        assert last(desk) == (first, "rejected", "other")

    review(desk, steps)


def test_a_note_of_a_megabyte_is_refused_before_it_is_lost(desk: Desk) -> None:
    async def steps(terminal: Terminal) -> None:
        first = await terminal.to_draft()
        await terminal.press("r", "1")
        note = terminal.app.screen.query_one("#note")
        note.value = "x" * 1_000_000  # type: ignore[attr-defined]  # as it is pasted
        await terminal.press("enter")
        await terminal.shows("1,000,000 characters", f"{MAX_REASON:,}")
        assert desk.ledger.draft(first).state == "pending"

    review(desk, steps)


@both
def test_m_merges_into_the_page_that_is_typed(desk: Desk, size: tuple[int, int]) -> None:
    target = next(draft for draft in desk.ledger.drafts(desk.root, "accepted") if draft.type == "Heuristic")

    async def steps(terminal: Terminal) -> None:
        await terminal.press("t")
        first = await terminal.to_draft()
        await terminal.press("m")
        await terminal.shows("into which", target.name)
        await terminal.write("nothing like it")
        await terminal.shows("✗ No page of this type has such a name.")
        await terminal.press("enter", "ctrl+u")
        await terminal.write(target.name[-4:].upper())
        await terminal.press("down", "up", "enter")
        await terminal.until(lambda: desk.ledger.draft(first).state == "rejected")
        await terminal.ready()

    review(desk, steps, size)
    assert [made.decision for made in desk.ledger.log(desk.root)][-2:] == ["merged", "extended"]


def test_a_merge_into_no_page(desk: Desk) -> None:
    for draft in desk.ledger.drafts(desk.root, "accepted"):
        desk.undo([draft.id])

    async def steps(terminal: Terminal) -> None:
        await terminal.to_draft()
        await terminal.press("m")
        await terminal.shows("page to merge it into yet")
        await terminal.press("m", "escape")

    before = desk.ledger.log(desk.root)
    review(desk, steps)
    assert desk.ledger.log(desk.root) == before


@both
def test_s_leaves_a_draft_for_later(desk: Desk, size: tuple[int, int]) -> None:
    before = pending(desk)

    async def steps(terminal: Terminal) -> None:
        await terminal.to_draft()
        await terminal.press("s")
        assert terminal.draft == before[1]
        await terminal.ready()
        await terminal.press("escape")
        await terminal.until(lambda: terminal.listed == [*before[1:], before[0]])
        await terminal.shows("skipped", f"0 decided, {len(before)} left (1 skipped)")

    review(desk, steps, size)
    assert last(desk)[:2] == (before[0], "skipped")


def test_u_takes_back_decisions_of_an_earlier_sitting_too(desk: Desk) -> None:
    before, pages = pending(desk), files_of(desk.root)

    async def decide(terminal: Terminal) -> None:
        await terminal.to_draft()
        for _ in "aa":
            await terminal.press("a")
            await terminal.ready()

    async def take_back(terminal: Terminal) -> None:
        await terminal.shows(f"0 decided, {len(before) - 2} left")
        await terminal.press("u")
        await terminal.shows(f"Took back: accepted draft {before[1]}.")
        assert terminal.queue.drafts.current.id == before[1]  # type: ignore[union-attr]
        await terminal.to_draft()
        await terminal.press("u")
        await terminal.until(lambda: terminal.draft == before[0])
        await terminal.shows(f"Took back: accepted draft {before[0]}.", f"0 decided, {len(before)} left")
        await terminal.press("u")
        await terminal.shows("ann has no decision to take back")

    review(desk, decide)
    assert [desk.ledger.draft(each).state for each in before[:2]] == ["accepted", "accepted"]
    review(desk, take_back)
    assert pending(desk) == before
    assert files_of(desk.root) == pages


def test_u_takes_back_the_decision_about_the_draft_that_is_shown(desk: Desk) -> None:
    first, second, *_ = pending(desk)
    desk.accept([first])
    desk.accept([second])

    async def steps(terminal: Terminal) -> None:
        await terminal.press("s")
        await terminal.shows("state=accepted", "accepted")
        terminal.app.review(first)
        await terminal.ready()
        await terminal.shows("ACCEPTED")
        await terminal.press("a")
        await terminal.shows(f"Draft {first} is accepted already")
        await terminal.press("u")
        await terminal.shows(f"Took back: accepted draft {first}.")

    review(desk, steps)
    assert [desk.ledger.draft(each).state for each in (first, second)] == ["pending", "accepted"]


# --- what is said of decisions ---


@both
def test_a_decision_is_confirmed_with_the_way_back(desk: Desk, size: tuple[int, int]) -> None:
    first, second, third, *_ = pending(desk)
    name = desk.ledger.draft(first).name.removeprefix("wiki_")

    async def steps(terminal: Terminal) -> None:
        await terminal.to_draft()
        await terminal.press("a")
        await terminal.shows(f"Accepted draft {first}, ", name[-6:], "u takes it back.")
        await terminal.ready()
        await terminal.press("r", "3", "enter")
        await terminal.shows(f"Rejected draft {second}, ", ": trivial. u takes it back.")
        assert f"draft {first}," not in terminal.text
        await terminal.ready()
        await terminal.press("s")
        await terminal.shows(f"Skipped draft {third}, ", "2 decided, 2 left (1 skipped)")

    review(desk, steps, size)


def test_a_key_that_is_pressed_twice_decides_about_one_draft(desk: Desk) -> None:
    first, second, *_ = pending(desk)
    now = [0.0]

    async def steps(terminal: Terminal) -> None:
        await terminal.to_draft()
        await terminal.press("a")
        await terminal.shows(f"Draft {first} had only just come up: nothing was decided")
        now[0] += 0.5
        await terminal.press("a")
        assert await terminal.ready() == second
        now[0] += 0.3
        for key in "as":
            await terminal.press(key)
            await terminal.shows(f"Draft {second} had only just come up", f"Accepted draft {first}")
        assert [made.draft for made in desk.ledger.log(desk.root)][-1] == first
        now[0] += 0.2
        await terminal.press("a")
        await terminal.until(lambda: desk.ledger.draft(second).state == "accepted")

    review(desk, steps, clock=lambda: now[0])


def test_u_brings_back_what_was_skipped_last(desk: Desk) -> None:
    first, second, third, *others = pending(desk)

    async def steps(terminal: Terminal) -> None:
        await terminal.to_draft()
        for key in "sas":
            await terminal.press(key)
            await terminal.ready()
        await terminal.press("u")
        await terminal.shows(f"Took back: skipped draft {third}")
        assert await terminal.ready() == third
        assert desk.ledger.draft(second).state == "accepted"
        await terminal.press("u")
        await terminal.shows(f"Took back: accepted draft {second}")
        assert await terminal.ready() == second
        await terminal.press("escape", "u")
        await terminal.shows(f"Took back: skipped draft {first}", "0 decided, 4 left")
        assert terminal.listed == [first, second, third, *others]
        assert terminal.queue.drafts.current.id == first  # type: ignore[union-attr]
        assert terminal.app.sitting.summary == "Nothing decided; 4 drafts left to decide."

    review(desk, steps)


def test_a_skip_that_fails_is_not_taken_back(desk: Desk, bert: Desk) -> None:
    first = pending(desk)[0]

    async def steps(terminal: Terminal) -> None:
        await terminal.to_draft()
        bert.accept([first])
        await terminal.press("s")
        await terminal.shows(f"✗ Draft {first} was decided meanwhile: accepted by bert.")
        assert "Skipp" not in terminal.text
        await terminal.press("u")
        await terminal.shows("ann has no decision to take back")

    review(desk, steps)


def test_the_sitting_ends_with_what_was_done(desk: Desk, bert: Desk) -> None:
    fourth = pending(desk)[-1]
    ended = []

    async def steps(terminal: Terminal) -> None:
        await terminal.to_draft()
        for keys in ("a", ("r", "3", "enter"), "s"):
            await terminal.press(*keys)
            await terminal.ready()
        bert.accept([fourth])
        await terminal.press("a", "q")
        await terminal.until(lambda: not terminal.app.is_running)
        ended.append((terminal.app.sitting.summary, list(terminal.app.sitting.trouble)))

    review(desk, steps)
    assert ended == [("1 accepted, 1 rejected, 1 skipped; 1 draft left to decide.", [fourth])]


# --- fix ---


@both
def test_f_goes_on_with_a_text_until_it_passes(desk: Desk, editor: Editor, size: tuple[int, int]) -> None:
    first = pending(desk)[0]
    sources = desk.sources
    assert sources is not None
    kept = kept_text(sources.store, first)

    async def steps(terminal: Terminal) -> None:
        await terminal.to_draft()
        editor("""sed -i 's/^== The Insight/It is 7777 times faster.<ref name="e1" \\/>\\n\\n&/' "$1" """)
        await terminal.press("f")
        await terminal.shows("Not done: your text has an error", "✗ error CLM001")
        await terminal.ready()
        assert terminal.draft == first
        assert "7777" in kept.read_text()
        editor("""grep -q 7777 "$1" && sed -i 's/It is 7777 times faster/It is faster/' "$1" """)
        await terminal.press("f")
        await terminal.until(lambda: desk.ledger.draft(first).state == "accepted")
        await terminal.until(lambda: terminal.draft != first)
        assert not kept.exists()

    review(desk, steps, size)


def test_a_fix_is_accepted_and_the_next_draft_comes(desk: Desk, editor: Editor) -> None:
    first, second, *_ = pending(desk)
    editor("""sed -i 's/^=== Usage ===$/&\\nRead this in the morning./; /^Read this [^i]/d' "$1" """)

    async def steps(terminal: Terminal) -> None:
        await terminal.to_draft()
        await terminal.press("f")
        await terminal.until(lambda: terminal.draft == second)
        await terminal.shows("1 decided")

    review(desk, steps)
    assert last(desk) == (first, "accepted", "fixed")
    assert "Read this in the morning." in (desk.root / page_of(desk.ledger.draft(first)).file).read_text()
    assert desk.sources is not None
    assert not kept_text(desk.sources.store, first).exists()


@pytest.mark.parametrize(
    ("commands", "sentence"),
    [
        ("exit 3", "ended with status 3; nothing was decided"),
        (': > "$1"', "left an empty page; nothing was decided"),
        ("true", "You changed nothing, so nothing was decided"),
        ('printf "\\377" > "$1"', "nothing was decided"),
        ('echo "no page at all" > "$1"', "Not done:"),
    ],
)
def test_an_editor_that_leaves_nothing_to_accept(desk: Desk, editor: Editor, commands: str, sentence: str) -> None:
    editor(commands)
    first, log = pending(desk)[0], desk.ledger.log(desk.root)

    async def steps(terminal: Terminal) -> None:
        await terminal.to_draft()
        await terminal.press("f")
        await terminal.until(lambda: sentence in " ".join(terminal.text.split()))
        assert await terminal.ready() == first

    review(desk, steps)
    assert desk.ledger.log(desk.root) == log


def test_a_draft_that_is_being_checked_waits(desk: Desk, editor: Editor, monkeypatch: pytest.MonkeyPatch) -> None:
    editor("""echo >> "$1" """)
    held = Event()
    monkeypatch.setattr(Desk, "fix", lambda *_: held.wait(30) and [])
    first, second, *_ = pending(desk)

    async def steps(terminal: Terminal) -> None:
        await terminal.to_draft()
        await terminal.press("f")
        await terminal.shows(f"checking draft {first} …")
        await terminal.press("a")
        await terminal.shows("Still checking this draft; n goes on to the next one.")
        await terminal.press("n")
        assert terminal.draft == second
        held.set()
        await terminal.until(lambda: not terminal.app.sitting.under_way)
        assert terminal.draft == second  # the reviewer has gone on

    review(desk, steps)


# --- reading ---


@both
def test_the_cursor_goes_over_statements_and_their_evidence(desk: Desk, size: tuple[int, int]) -> None:
    async def steps(terminal: Terminal) -> None:
        await terminal.to_draft()
        screen = terminal.app.draft
        assert screen is not None
        assert screen.look is not None
        statements = screen.look.view.statements

        def under_cursor() -> str:
            return " ".join(re.findall(r"▌ ([^│\n]*)", terminal.text)).strip()

        for key, at in (("down", 1), ("j", 2), ("up", 1), ("k", 0), ("k", 0)):
            await terminal.press(key)
            words = re.sub(r"\W+", "", statements[at].text)[:20]
            await terminal.until(lambda w=words: re.sub(r"\W+", "", under_cursor()).startswith(w))  # type: ignore[misc]
        await terminal.press(*["down"] * len(statements))
        assert re.sub(r"\W+", "", statements[-1].text)[:20] in re.sub(r"\W+", "", terminal.text)

    review(desk, steps, size)


@both
def test_tab_goes_round_the_evidence_of_a_statement(desk: Desk, size: tuple[int, int]) -> None:
    async def steps(terminal: Terminal) -> None:
        await terminal.to_draft()
        screen = terminal.app.draft
        assert screen is not None
        for _ in terminal.listed:  # to a draft and a statement that has more than one piece
            await terminal.ready()
            assert screen.look is not None
            refs = [stated.refs for stated in screen.look.view.statements]
            if any(len(each) > 1 for each in refs):
                break
            await terminal.press("n")
        several = next(number for number, each in enumerate(refs) if len(each) > 1)
        await terminal.press(*["down"] * several)
        many = len(refs[several])
        for key, number in (("tab", 2), ("shift+tab", 1), ("shift+tab", many), ("tab", 1)):
            await terminal.press(key)
            await terminal.shows(f"{number} of {many}", f"{refs[several][number - 1]} ")

    review(desk, steps, size)


def test_a_statement_without_evidence_says_so(desk: Desk) -> None:
    async def steps(terminal: Terminal) -> None:
        await terminal.to_draft()
        screen = terminal.app.draft
        assert screen is not None
        assert screen.look is not None
        bare = next(n for n, stated in enumerate(screen.look.view.statements) if not stated.refs)
        await terminal.press(*["down"] * bare)
        await terminal.shows("This statement names no evidence.")

    review(desk, steps)


@both
def test_the_evidence_scrolls_and_can_have_all_the_room(desk: Desk, size: tuple[int, int]) -> None:
    async def steps(terminal: Terminal) -> None:
        await terminal.to_draft()
        screen = terminal.app.draft
        assert screen is not None
        await terminal.press("v")
        await terminal.until(lambda: "Statements" not in terminal.text)
        alone = terminal.text.count("\n  ")
        await terminal.press("v")
        await terminal.shows("Statements")
        assert alone

    review(desk, steps, size)


def test_the_evidence_scrolls(desk: Desk) -> None:
    async def steps(terminal: Terminal) -> None:
        await terminal.to_draft()
        assert terminal.app.draft is not None
        pane = terminal.app.draft.query_one("#file")
        await terminal.press(*["pageup"] * 5)
        await terminal.until(lambda: pane.scroll_y == 0)
        top = terminal.text
        for key in ("pagedown", "space"):
            before = pane.scroll_y
            await terminal.press(key)
            await terminal.until(lambda b=before: pane.scroll_y > b or pane.scroll_y == pane.max_scroll_y)  # type: ignore[misc]
        assert terminal.text != top

    review(desk, steps)


def test_a_decision_that_ends_moves_nothing_on_the_screen(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    held, accept = Event(), Desk.accept

    def slow(*arguments: object) -> object:
        held.wait(30)
        return accept(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(Desk, "accept", slow)

    async def steps(terminal: Terminal) -> None:
        await terminal.to_draft()
        await terminal.press("a")
        assert terminal.app.draft is not None
        await terminal.until(lambda: terminal.app.draft and terminal.app.draft.look)
        pane = terminal.app.draft.query_one("#file")
        await terminal.press("down", *["pageup"] * 5)
        await terminal.until(lambda: pane.scroll_y == 0)
        held.set()
        await terminal.shows("1 decided")
        await terminal.ready()
        assert pane.scroll_y == 0
        assert "▌ " in next(line for line in terminal.text.split("\n") if "Description" in line)

    review(desk, steps)


@both
def test_n_and_p_go_round_the_queue_without_a_decision(desk: Desk, size: tuple[int, int]) -> None:
    order, log = pending(desk), desk.ledger.log(desk.root)

    async def steps(terminal: Terminal) -> None:
        await terminal.to_draft()
        for expected in [*order[1:], order[0]]:
            await terminal.press("n")
            assert terminal.draft == expected
            await terminal.ready()
            await terminal.shows(f"draft {expected} ·")
        await terminal.press("p")
        assert terminal.draft == order[-1]
        await terminal.press("escape")
        await terminal.shows("Review of")
        assert terminal.queue.drafts.current.id == order[-1]  # type: ignore[union-attr]

    review(desk, steps, size)
    assert desk.ledger.log(desk.root) == log


@both
def test_d_shows_what_is_different(desk: Desk, run: Run, size: tuple[int, int]) -> None:
    first = pending(desk)[0]
    draft = desk.ledger.draft(first)
    file = desk.root / page_of(draft).file
    file.parent.mkdir(exist_ok=True)
    other = page_of(draft).model_copy(update={"usage": "Read this on Sundays."})
    file.write_text(render(other))

    async def steps(terminal: Terminal) -> None:
        await terminal.to_draft()
        await terminal.shows("▲ Conflict:", "d shows what is different")
        await terminal.press("d")
        await terminal.shows("What is different", "-Read this on Sundays.", "+Read this")
        await terminal.press("j", "k", "space", "pageup", "escape")
        await terminal.press("a")  # refused, since the page says something else: it comes back with the sentence
        await terminal.ready()
        await terminal.shows("✗", "says something else")
        await terminal.press("s")
        assert await terminal.ready() == first  # what went wrong comes first
        await terminal.shows("✗ Not done:", "Merge the draft into")
        await terminal.press("escape")
        await terminal.shows("failed")

    review(desk, steps, size)
    assert desk.ledger.draft(first).state == "pending"


@both
def test_findings_stand_at_their_statement_or_at_the_top(desk: Desk, size: tuple[int, int]) -> None:
    first = pending(desk)[-1]
    text = desk.view(first).statements[1].text
    with sqlite3.connect(desk.ledger.file) as db:
        db.executemany(
            "insert into findings (draft, code, severity, line, message, cited) values (?, ?, 'warning', 0, ?, '')",
            [(first, "CLM004", f"The judge doubts “{text[:160]}”."), (first, "LNK009", "Nothing links here.")],
        )

    async def steps(terminal: Terminal) -> None:
        assert terminal.listed[0] == first  # doubts come first
        await terminal.shows("▲ 2", "low")
        assert await terminal.to_draft() == first
        await terminal.shows("▲ warning LNK009 Nothing links here.")
        screen = terminal.app.draft
        assert screen is not None
        said = str(screen.query_one("#said").visual).split("\n")
        at = [
            next(n for n, line in enumerate(said) if word in line)
            for word in ("LNK009", "Description", "CLM004", "Usage")
        ]
        assert at[0] == 0
        assert at == sorted(at)

    review(desk, steps, size)


def test_d_has_nothing_to_show_for_a_new_page(desk: Desk) -> None:
    async def steps(terminal: Terminal) -> None:
        await terminal.to_draft()
        await terminal.press("d")
        await terminal.shows("there is no difference to show")

    before = pending(desk)
    review(desk, steps)
    assert pending(desk) == before


@both
def test_the_help_lists_all_keys(desk: Desk, size: tuple[int, int]) -> None:
    async def steps(terminal: Terminal) -> None:
        await terminal.press("question_mark")
        await terminal.shows("Keys", "In the queue", "Review from this draft on")
        seen = terminal.text
        for _ in range(5):
            await terminal.press("space")
            await terminal.pilot.pause()
            seen += terminal.text
        for screen in (DraftScreen, QueueScreen):
            for key, meaning in keys_of(screen):
                assert re.search(rf"{re.escape(key)} +{re.escape(meaning)}", seen)
        await terminal.press("question_mark")
        await terminal.shows("Review of")
        await terminal.to_draft()
        await terminal.press("question_mark")
        await terminal.shows("At a draft", "Fix in your editor")
        assert "Review from this draft on" not in terminal.text or size[1] > 24
        await terminal.press("escape")
        await terminal.shows("Statements")

    review(desk, steps, size)


def test_the_documentation_lists_the_same_keys() -> None:
    text = sections((ROOT / "docs/how-to/review-drafts.md").read_text("utf-8"))["In the terminal"]
    tables = sections(text, "### ")
    for title, screen in (("Keys at a draft", DraftScreen), ("Keys in the queue", QueueScreen)):
        listed = [(key.replace("`", ""), meaning) for key, meaning in rows(tables[title])]
        assert listed == keys_of(screen)


# --- the queue ---


@both
def test_the_cursor_of_the_queue(desk: Desk, size: tuple[int, int]) -> None:
    order = pending(desk)

    async def steps(terminal: Terminal) -> None:
        for key, at in (
            ("down", 1), ("j", 2), ("up", 1), ("k", 0), ("k", 0), ("end", -1), ("home", 0), ("pagedown", -1),
            ("pageup", 0), ("space", -1),
        ):  # fmt: skip
            await terminal.press(key)
            current = terminal.queue.drafts.current
            assert current is not None
            assert current.id == order[at]
            await terminal.until(lambda c=current: re.search(rf"▶ {c.id} ", terminal.text))  # type: ignore[misc]
        await terminal.press("enter")
        assert terminal.draft == order[-1]

    review(desk, steps, size)


@both
def test_the_rule_is_written_or_turned_by_keys(desk: Desk, size: tuple[int, int]) -> None:
    every = {item.id: item for item in desk.queue()}

    async def steps(terminal: Terminal) -> None:
        await terminal.press("slash", "ctrl+u")
        await terminal.write("typ=Heuristic")
        await terminal.press("enter")
        await terminal.shows("✗ A draft has no 'typ'. Did you mean type?")
        await terminal.press("escape")
        await terminal.shows("state=pending")
        await terminal.press("slash", "ctrl+u")
        await terminal.write("type=Environment or")
        await terminal.press("enter")
        await terminal.shows("✗ The rule cannot be read at")
        await terminal.press("ctrl+u")
        await terminal.write("type=Environment")
        await terminal.press("enter")
        assert {every[each].type for each in terminal.listed} == {"Environment"}
        await terminal.press("x")
        assert terminal.listed == pending(desk)
        for key, rule in (
            ("s", "state=accepted"), ("s", "Rule"), ("t", "type=Heuristic"), ("t", "type=Environment"), ("t", "Rule"),
            ("w", "drafter=extractive"), ("w", "Rule"), ("f", "findings=0"), ("f", "Rule"), ("c", "confidence=high"),
        ):  # fmt: skip
            await terminal.press(key)  # over those that leave a draft
            await terminal.shows(rule)
        assert terminal.app.sitting.rule == "confidence=high"
        current = terminal.queue.drafts.current
        assert current is not None
        await terminal.press("l")
        await terminal.shows(f"file={current.file[0]}")
        assert all(current.file[0] in every[each].file for each in terminal.listed)
        await terminal.press("l")
        assert terminal.app.sitting.rule == "confidence=high"
        await terminal.press("slash", "end")
        await terminal.write(" and findings>0")
        await terminal.press("enter")
        await terminal.shows("No draft meets the rule. x shows all that are pending.")
        await terminal.press("enter")
        assert terminal.app.draft is None
        await terminal.press("l")
        await terminal.shows("No draft is here whose file could be chosen.")
        await terminal.press("slash", "ctrl+u")
        await terminal.write("type=Heuristic and rank<0")
        await terminal.press("enter", "c")
        await terminal.shows("There is no confidence that would leave a draft.")
        assert "✗" not in terminal.text

    review(desk, steps, size)


def test_what_is_new_is_marked(desk: Desk, run: Run) -> None:
    async def first(terminal: Terminal) -> None:
        await terminal.shows("new")

    async def second(terminal: Terminal) -> None:
        await terminal.shows("Heuristic")
        assert not re.search(r"\bnew\b", terminal.text)

    review(desk, first)
    review(desk, second)


def test_the_last_decision_leads_back_to_the_queue(desk: Desk) -> None:
    many = len(pending(desk))

    async def steps(terminal: Terminal) -> None:
        await terminal.to_draft()
        for _ in range(many):
            await terminal.ready()
            await terminal.press("a")
        await terminal.shows("Nothing is left to decide", f"{many} decided, 0 left")
        await terminal.press("enter", "a", "r", "q")

    review(desk, steps)
    assert pending(desk) == []


@pytest.mark.parametrize("key", ["q", "ctrl+c"])
@pytest.mark.parametrize("opened", [False, True])
def test_leaving_carries_out_what_was_decided(desk: Desk, key: str, opened: bool) -> None:
    before = pending(desk)

    async def steps(terminal: Terminal) -> None:
        if opened:
            await terminal.to_draft()
            await terminal.press("a")
        await terminal.press(key)
        await terminal.until(lambda: not terminal.app.is_running)

    review(desk, steps)
    assert pending(desk) == before[opened:]
    assert desk.ledger.promised(desk.root) is None


# --- others, and what goes wrong ---


def test_a_draft_that_somebody_else_decided(desk: Desk, bert: Desk) -> None:
    first, second, third, *_ = pending(desk)

    async def steps(terminal: Terminal) -> None:
        await terminal.to_draft()
        bert.accept([first])
        await terminal.press("a")
        await terminal.shows(f"✗ Draft {first} was decided meanwhile: accepted by bert.")
        assert await terminal.ready() == second
        bert.reject([third], "trivial")
        await terminal.press("n")
        await terminal.shows(f"✗ Draft {third} was decided meanwhile: rejected by bert.")
        await terminal.until(lambda: terminal.draft not in (first, third))
        await terminal.press("escape")
        await terminal.until(lambda: not {first, third} & set(terminal.listed))

    review(desk, steps)


def test_a_wiki_that_is_gone(desk: Desk) -> None:
    first = pending(desk)[0]

    async def steps(terminal: Terminal) -> None:
        await terminal.to_draft()
        desk.root.rename(desk.root.with_name("elsewhere"))
        await terminal.press("a")
        await terminal.shows("✗", "is not there any more")
        desk.root.with_name("elsewhere").rename(desk.root)
        assert first in terminal.app.sitting.trouble
        await terminal.press("n")
        await terminal.ready()
        assert terminal.draft == first
        await terminal.press("a")
        await terminal.until(lambda: desk.ledger.draft(first).state == "accepted")

    review(desk, steps)


def test_a_promise_of_a_crash_is_kept_when_the_loop_opens(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    first = pending(desk)[0]
    with monkeypatch.context() as dying:
        dying.setattr("wikiagent.review.desk.settle", lambda *_: ())
        desk.accept([first])
    assert desk.ledger.promised(desk.root)
    assert not in_wiki(desk, desk.ledger.draft(first))

    async def steps(terminal: Terminal) -> None:
        await terminal.shows("left")

    review(desk, steps)
    assert in_wiki(desk, desk.ledger.draft(first))


def test_a_ledger_that_cannot_be_read_ends_in_a_sentence(desk: Desk) -> None:
    desk.ledger.file.write_bytes(b"no database")

    async def steps(terminal: Terminal) -> None:
        assert terminal.app.cannot_open
        assert terminal.app.return_code == 2

    review(desk, steps)


def test_a_reject_has_the_draft_written_again(desk: Desk) -> None:
    first, second, third, *_ = pending(desk)
    asked: list[int] = []
    held = Event()

    def redraft(ids: object) -> str:
        held.wait(30)
        asked.extend(ids)  # type: ignore[arg-type]
        if asked == [first]:
            return f"Draft 99 was written in place of {first}."
        raise DraftError("The model refuses.")

    async def steps(terminal: Terminal) -> None:
        await terminal.to_draft()
        await terminal.press("r", "1", "enter")
        await terminal.shows("drafting again …")
        await terminal.ready()
        await terminal.press("r", "3", "enter")  # trivial: nothing is written again
        await terminal.until(lambda: desk.ledger.draft(second).state == "rejected")
        assert terminal.app.left_to_redraft == [first]
        held.set()
        await terminal.shows("Draft 99 was written in place of")
        await terminal.ready()
        await terminal.press("r", "5", "enter")
        await terminal.shows("✗ The model refuses.")

    review(replace(desk, redraft=redraft), steps)
    assert asked == [first, third]


def test_nothing_that_a_terminal_obeys_gets_there(desk: Desk, run: Run) -> None:
    """Escape sequences, marks of direction and markup in a draft are text."""
    first = pending(desk)[0]
    page = page_of(desk.ledger.draft(first))
    evil = "\x1b]0;owned\x07 \x9b31m \u202etxt [red]red[/red] [link=http://x]go[/link] $boost"
    bad = page.evidence[0].model_copy(update={"caption": f"Cap {evil}"})
    changed = page.model_copy(update={"usage": f"Use {evil}", "evidence": (bad, *page.evidence[1:])})
    with sqlite3.connect(desk.ledger.file) as db:
        db.execute("update drafts set page = ? where id = ?", (changed.model_dump_json(), first))
    source = desk.sources.snapshot(desk.ledger.draft(first).source) if desk.sources else None
    assert source is not None
    file = source.root / page.evidence[0].path
    file.chmod(0o644)
    lines = file.read_text().split("\n")
    lines[page.evidence[0].first - 1] += f"  # code {evil}"
    file.write_text("\n".join(lines))

    async def steps(terminal: Terminal) -> None:
        await terminal.to_draft()
        await terminal.shows("Use ", "[red]red[/red]", "Cap ", "# code �]0;owned� �31m �txt")
        for sign in "\x1b\x07\x9b\u202e":
            assert sign not in terminal.text

    review(desk, steps, (140, 45))


@pytest.mark.parametrize("stream", ["stdin", "stdout", "stderr"])
def test_a_terminal_that_is_no_terminal(desk: Desk, monkeypatch: pytest.MonkeyPatch, stream: str) -> None:
    class Tty:
        def __init__(self, is_one: bool) -> None:
            self.is_one = is_one

        def isatty(self) -> bool:
            return self.is_one

    for each in ("stdin", "stdout", "stderr"):
        monkeypatch.setattr(f"sys.__{each}__", Tty(each != stream))
    monkeypatch.setenv("TERM", "xterm")
    with pytest.raises(WikiagentError, match="needs a terminal"):
        run_in_terminal(desk)
