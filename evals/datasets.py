"""The goldens of datasets under inspect_ai: `inspect eval evals/datasets.py --model openai/NAME`."""

from pathlib import Path

from inspect_ai import Task, task

from wikiagent.evals.inspect_task import task_of

HERE = Path(__file__).parent


@task
def datasets(context: int | None = None, schema: bool = True) -> Task:
    """A page for each golden; `context` is the model's in tokens, `schema` whether it gets that of its answer."""
    return task_of(HERE / "datasets.toml", HERE.parent, context=context, schema=schema)
