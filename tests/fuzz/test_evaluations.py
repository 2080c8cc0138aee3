# ruff: noqa: E501, PT017
"""Whatever the files of an evaluation hold, they are read, or a sentence says that they cannot be."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from pathlib import Path

from hypothesis import example, given
from hypothesis import strategies as st

from tests.fuzz.test_readers import PIECES, often
from wikiagent.errors import WikiagentError
from wikiagent.evals.agreement import read_labels
from wikiagent.evals.config import read_config
from wikiagent.evals.golden import read_set
from wikiagent.evals.guards import read_baseline
from wikiagent.evals.runs import Runs
from wikiagent.export.blocks import read
from wikiagent.export.document import Document
from wikiagent.export.mediawiki_xml import for_mediawiki
from wikiagent.export.output import MARKER, write_folder
from wikiagent.source.snapshot import Snapshot

GOLDEN = {
    "id": "gnu", "type": "Heuristic", "title": "Gnu", "insight": "Gnus run.", "facts": ["Gnus run."], "importance": 3,
    "applies_to": [], "evidence": [{"path": "a.py", "first": 1, "last": 1, "quote": "x"}],
}  # fmt: skip
SET = {"source": "pypi:zoo==1.0", "goldens": [GOLDEN]}

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.sampled_from(["a.py", "gnu"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*GOLDEN, *SET, "x"]), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip


def refused(reader: Callable[[Path], object], name: str, data: bytes) -> bool:
    """Whether a reader refuses a file, as it should: in one line; what it reads is not nothing."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, name)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
        try:
            made = reader(file)
        except WikiagentError as error:
            assert "\n" not in str(error)
            return True
        assert made is not None
    return False


@often
@given(
    st.text(max_size=60).map(str.encode)
    | st.binary(max_size=60)
    | st.tuples(st.sampled_from(sorted(GOLDEN)), anything).map(
        lambda change: json.dumps({**SET, "goldens": [{**GOLDEN, change[0]: change[1]}]}).encode()
    )
    | anything.map(lambda value: json.dumps(value).encode())
)
@example(b"[" * 200_000)
@example(b"- " * 2_000 + b"x")
@example(b"goldens: &a [*a]")
@example(b"a: 2026-99-99")
@example(b"? [a, b]\n: c")
@example(b"source: !!python/object/apply:os.system ['false']")
@example(b"a: 1\na: 2")
@example(json.dumps({**SET, "goldens": [{**GOLDEN, "id": "\x1b[2J"}]}).encode())
def test_goldens(data: bytes) -> None:
    refused(read_set, "g.yaml", data)


def test_the_golden_that_is_varied_is_one() -> None:
    assert not refused(read_set, "g.yaml", json.dumps(SET).encode())


CONFIG = {"source": "pypi:zoo==1.0", "goldens": "g.yaml"}


@often
@given(
    st.lists(st.sampled_from([*CONFIG, "[thresholds]", "recall@120", "judge", "=", '"x"', "\n", "[", "]", "1", ".", "nan"]))
    .map(" ".join).map(str.encode) | st.binary(max_size=60)
)  # fmt: skip
@example(b"a=" + b"[" * 5000)
@example(b'source = "."\ngoldens = "g"\n[thresholds]\n"recall@120" = nan')
@example(b'source = "."\ngoldens = "g"\ntrials = 999999999999999999999999999')
@example(b'source = "."\ngoldens = "g"\n[thresholds]\n"recall@99999999999999999999999999999" = 1')
def test_configurations(data: bytes) -> None:
    refused(read_config, "e.toml", data)


@often
@given(st.binary(max_size=60) | anything.map(lambda value: json.dumps(value).encode()))
@example(b'{"format": 1, "evals": {"x": {"values": {"recall": NaN}}}}')
@example(b"[" * 100_000)
def test_baselines(data: bytes) -> None:
    refused(read_baseline, "baseline.json", data)


@often
@given(
    st.binary(max_size=60) | anything.map(lambda value: json.dumps(value).encode()),
    st.sampled_from(["run.json", "x-1"]),
)
@example(b'{"format": 1}', "run.json")
@example(b'{"format": 99999999999999999999999}', "run.json")
@example(b"[" * 100_000, "run.json")
def test_runs(data: bytes, name: str) -> None:
    def read_runs(file: Path) -> None:
        runs = Runs(file.parents[2])
        runs.all()
        runs.named("x-1").rows()

    assert refused(read_runs, f"evals/x-1/{name}", data)


@often
@given(st.binary(max_size=60) | anything.map(lambda value: json.dumps(value).encode()))
@example(b'{"row": "golden"}')
@example(b"\xff")
def test_rows_and_labels(data: bytes) -> None:
    from wikiagent.evals.rows import read as read_rows

    refused(lambda file: read_rows(file.read_bytes(), file.name), "rows.jsonl", data)
    nothing = Snapshot("path:x@1", "x", "1", Path(), ())
    refused(lambda file: read_labels(file, nothing, lambda *_: ()), "labels.jsonl", data)


@often
@given(st.binary(max_size=60) | anything.map(lambda value: json.dumps({"files": value}).encode()))
@example(b'{"files": ["../../x", "..", ".", "", "a/b"]}')
def test_markers_of_exports(data: bytes) -> None:
    """What a marker of an earlier export says never leads out of its folder."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "mine").write_text("mine")
        (Path(folder) / "out").mkdir()
        Path(folder, "out", MARKER).write_bytes(data)
        try:
            write_folder(Path(folder, "out"), [("index.md", b"x")], Path(folder, "wiki"))
        except WikiagentError as error:
            assert "\n" not in str(error)
        assert (Path(folder) / "mine").read_text() == "mine"


@often
@given(PIECES)
def test_pages_that_are_exported(text: str) -> None:
    assert isinstance(read(text), Document)
    for_mediawiki(text)
