"""Whether `wikiagent eval` notices that pages became worse: damage is planted, and each kind must be found.

    python -m benchmarks.eval_sensitivity [CONFIG ...]

For each configuration (evals/peft.toml without one) the undamaged pages are measured and become the baseline. The same
again must show no regression. Then each kind of damage is planted into the running program. Exit status 1: a kind was
not found, or there was a false alarm.
"""

from __future__ import annotations

import json
import random
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

from typer.testing import CliRunner

import wikiagent.cli  # noqa: F401 - registers all commands
from wikiagent.cli.app import app
from wikiagent.evals.config import read_config
from wikiagent.phases import drafters, phase3
from wikiagent.source.fetch import fetch
from wikiagent.wiki.page import Statement

HERE = Path(__file__).parents[1]
REGRESSION = 3
_SEED = 7

Damage = Callable[[ExitStack], None]


def without_signals(kind: str) -> Damage:
    """Mining that has lost the query for one kind of signal."""
    real = phase3.read_signals

    def fewer(*arguments: Any) -> list[Any]:
        return [signal for signal in real(*arguments) if signal.kind != kind]

    return lambda stack: _replace(stack, phase3, "read_signals", fewer)


def shuffled(stack: ExitStack) -> None:
    """A ranking that says nothing."""
    real = phase3.rank

    def anyhow(*arguments: Any) -> list[Any]:
        candidates = real(*arguments)
        random.Random(_SEED).shuffle(candidates)
        return candidates

    _replace(stack, phase3, "rank", anyhow)


def inventing(stack: ExitStack) -> None:
    """A drafter that adds a number to the overview of each tenth page."""
    real, count = drafters.extractive.draft, iter(range(10**6))

    def draft(*arguments: Any) -> Any:
        page = real(*arguments)
        if next(count) % 10 or not page.overview:
            return page
        first = page.overview[0]
        told = Statement(text=f"{first.text.rstrip('.')}, which costs 8641 ms.", refs=first.refs)
        return page.model_copy(update={"overview": (told, *page.overview[1:])})

    _replace(stack, drafters.extractive, "draft", draft)


def inventing_unseen(stack: ExitStack) -> None:
    """The same behind a gate that lets every draft pass."""
    inventing(stack)
    _replace(stack, drafters, "check_draft", lambda *arguments: [])


def without_edges(stack: ExitStack) -> None:
    """A drafter that links its pages with nothing."""
    _replace(stack, drafters, "related_pages", lambda *arguments: ())


def _replace(stack: ExitStack, owner: Any, name: str, by: Any) -> None:
    stack.enter_context(patch.object(owner, name, by))


PLANTED: dict[str, Damage] = {
    "mining: no query for warnings": without_signals("warning"),
    "mining: no query for errors": without_signals("error"),
    "mining: no query for comments": without_signals("comment"),
    "mining: no docstrings": without_signals("docstring"),
    "ranking: shuffled": shuffled,
    "drafting: a number invented, found by the gate": inventing,
    "drafting: a number invented, past the gate": inventing_unseen,
    "linking: edges dropped": without_edges,
}


@contextmanager
def damaged(damage: Damage) -> Iterator[None]:
    """The program with one kind of damage."""
    with ExitStack() as stack:
        damage(stack)
        yield


def evaluated(store: Path, config: Path, *options: str) -> tuple[int, dict[str, Any]]:
    """Exit status and output of a fresh run."""
    done = CliRunner().invoke(
        app,
        ["--quiet", "--store", str(store), "eval", "run", str(config), "--fresh", "--format", "json", *options],
        catch_exceptions=False,
    )
    return done.exit_code, json.loads(done.stdout)


def fallen(told: dict[str, Any]) -> list[str]:
    """The metrics that are worse than in the baseline."""
    return [guard["metric"] for guard in told["guards"] if guard["kind"] == "baseline" and not guard["met"]]


def measure(store: Path, config: Path) -> Iterator[tuple[str, int, list[str], dict[str, Any]]]:
    """Each kind of damage with the exit status, the metrics that fell, and the whole output; undamaged first."""
    baseline = ["--baseline", str(store / "baseline.json")]
    evaluated(store, config, "--update-baseline", *baseline)
    code, told = evaluated(store, config, *baseline)
    yield "undamaged", code, fallen(told), told
    for name, damage in PLANTED.items():
        with damaged(damage):
            code, told = evaluated(store, config, *baseline)
        yield name, code, fallen(told), told


def main(arguments: Sequence[str]) -> int:
    configs = [Path(name) for name in arguments] or [HERE / "evals" / "peft.toml"]
    wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        for config in configs:
            store = Path(folder) / config.stem
            store.mkdir()
            fetch(read_config(config).source, HERE / "store")
            (store / "sources").symlink_to(HERE / "store" / "sources", target_is_directory=True)
            print(f"{config.stem}\n{'planted':<48}{'exit':>5}  recall@120  metrics that fell")
            for name, code, metrics, told in measure(store, config):
                wrong += (code == REGRESSION) != (name != "undamaged")
                recall = next(each["value"] for each in told["metrics"] if each["name"] == "recall@120")
                print(f"{name:<48}{code:>5}  {recall:>10.3f}  {', '.join(metrics) or '-'}", flush=True)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
