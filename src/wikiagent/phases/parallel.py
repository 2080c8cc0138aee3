"""Several jobs at once, in threads that do not outlive the program."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from queue import SimpleQueue
from threading import Event, Lock, Thread
from typing import TypeVar

from wikiagent.errors import WikiagentError

Job = TypeVar("Job")
Done = TypeVar("Done")


def in_parallel(
    jobs: Sequence[Job], work: Callable[[Job], Done], workers: int, stop: Event
) -> Iterator[tuple[Job, Done | WikiagentError]]:
    """Do jobs, several at once, begun in their order; yields each with its result or its error as it ends.

    Once `stop` is set, no further job is begun, and those that were begun are still yielded. The threads end with the
    program, so that an interrupt need not wait for an answer that is under way.

    Raises:
        Exception: what `work` raised, if that is no `WikiagentError`.
    """
    waiting, lock = iter(jobs), Lock()
    ended: SimpleQueue[tuple[Job, Done | WikiagentError | Exception] | None] = SimpleQueue()

    def go_on() -> None:
        while not stop.is_set():
            with lock:
                job = next(waiting, None)
            if job is None:
                break
            try:
                ended.put((job, work(job)))
            except Exception as error:  # noqa: BLE001 - it is raised below, where the caller is
                ended.put((job, error))
        ended.put(None)

    threads = [Thread(target=go_on, daemon=True) for _ in range(min(workers, len(jobs)))]
    for thread in threads:
        thread.start()
    working = len(threads)
    while working:
        done = ended.get()
        if done is None:
            working -= 1
            continue
        job, result = done
        if isinstance(result, Exception) and not isinstance(result, WikiagentError):
            stop.set()
            raise result
        yield job, result
