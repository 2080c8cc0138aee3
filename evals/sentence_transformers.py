"""The goldens of sentence-transformers under inspect_ai, as in `evals/peft.py`."""

from pathlib import Path

from inspect_ai import Task, task

from wikiagent.evals.inspect_task import task_of

HERE = Path(__file__).parent


@task
def sentence_transformers(context: int | None = None, schema: bool = True) -> Task:
    """A page for each golden; `context` is the model's in tokens, `schema` whether it gets that of its answer."""
    return task_of(HERE / "sentence-transformers.toml", HERE.parent, context=context, schema=schema)
