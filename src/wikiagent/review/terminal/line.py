"""Work beside the screen: one thing after the other, in the order in which it was asked for."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from itertools import count
from queue import PriorityQueue
from threading import Thread
from typing import Any, TypeVar

Result = TypeVar("Result")


class Line:
    """A thread that does what it is given, in order. It does not hold up the end of the program."""

    def __init__(self) -> None:
        self._asked: PriorityQueue[tuple[bool, int, Callable[[], Any], Future[Any]]] = PriorityQueue()
        self._number = count()
        Thread(target=self._work, daemon=True).start()

    def add(self, do: Callable[[], Result], in_time: bool = False) -> Future[Result]:
        """Have something done after all that was asked for before; `in_time` when nothing else is left to do."""
        future: Future[Result] = Future()
        self._asked.put((in_time, next(self._number), do, future))
        return future

    def _work(self) -> None:
        while True:
            _, _, do, future = self._asked.get()
            if not future.set_running_or_notify_cancel():
                continue  # nobody waits for it any more
            try:
                future.set_result(do())
            except BaseException as error:  # noqa: BLE001 - whoever waits for the result gets it
                future.set_exception(error)
