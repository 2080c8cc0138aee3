from __future__ import annotations

import ast

from benchmarks.chunking import TOKENIZER, Piece, chunks_of, definitions, different, held, lost, speed_bars
from benchmarks.copies import MODULE, renamed
from wikiagent.source.snapshot import Snapshot

CODE = "@a\n@b(\n    1)\ndef f(x):\n    return x\n\n\nclass A:\n    def g(self): ...\n"


def test_what_a_chunker_loses_and_changes() -> None:
    assert lost("a b\nc", [Piece("ab", 1, 1)]) == 1
    assert lost("a b\nc", [Piece("a", 1, 1), Piece("b\nc", 1, 2)]) == 0
    lines = ["a = 1", "  b = 2"]
    assert different(lines, [Piece("b = 2", 2, 2), Piece("a = 1\n  b = 2", None, None)]) == 0
    assert different(lines, [Piece("b = 2", 1, 1), Piece("a=1", 1, 1)]) == 2


def test_definitions_and_what_holds_them() -> None:
    functions, decorated = definitions(CODE)
    assert functions == ["@a@b(1)deff(x):returnx", "defg(self):..."]
    assert decorated == ["@a@b(1)deff(x):"]
    assert held(functions, [Piece(CODE, 1, 9)]) == (2, 2)
    assert held(decorated, [Piece("@a\n@b(\n    1)", 1, 3), Piece("def f(x):", 4, 4)]) == (0, 1)
    assert definitions("def (") == ([], [])


def test_copies_share_no_name_that_they_define(peft: Snapshot) -> None:
    code = "\n".join(peft.lines(MODULE))

    def defined(text: str) -> set[str]:
        return {node.name for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef | ast.ClassDef)}

    one, two = defined(renamed(code, 1)), defined(renamed(code, 2))
    assert len(one) == len(two) == len(defined(code))
    assert not {name for name in one & two if not name.startswith("__")}


def test_chunks_are_made_and_timed_in_a_process_of_its_own() -> None:
    _, seconds, chunks = chunks_of("wikiagent", {"zoo.py": CODE})
    assert 0 < seconds < 60
    assert chunks == {"zoo.py": [Piece(CODE.rstrip("\n"), 1, 9)]}
    assert TOKENIZER.is_file()


def test_the_bars_for_speed() -> None:
    met = {bar.text: bar.met for bar in speed_bars({"bare parse": 1, "wikiagent": 2, "LangChain": 1, "astchunk": 3})}
    assert met == {"2.00 times the bare parse (bar: 3)": True, "2.00 s beside 3.00 s of astchunk": True}
    slow = speed_bars({"bare parse": 1, "wikiagent": 4, "chonkie, tokens": 5, "chonkie": 3})
    assert [bar.met for bar in slow] == [False, True, False]
