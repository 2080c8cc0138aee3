"""The goldens of peft under inspect_ai: `inspect eval evals/peft.py --model openai/NAME`."""

from pathlib import Path

from inspect_ai import Task, task

from wikiagent.evals.inspect_task import task_of

HERE = Path(__file__).parent


@task
def peft(context: int | None = None, schema: bool = True) -> Task:
    """A page for each golden; `context` is the model's in tokens, `schema` whether it gets that of its answer."""
    return task_of(HERE / "peft.toml", HERE.parent, context=context, schema=schema)
