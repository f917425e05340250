"""Calls into what may never return and must not be entered twice, such as a module of somebody else's in C."""

from collections.abc import Callable
from concurrent.futures import Future
from threading import Lock, Thread
from typing import Any, TypeVar

T = TypeVar("T")


class OneAtATime:
    """Makes one call at a time, each in a thread of its own, and waits for it no longer than it is told to.

    A call that does not return cannot be ended from outside: its thread stays blocked, and holds what it holds. It is
    left to itself, and until it has returned by itself every other call is refused at once, so that two are never
    made together. If it never returns, only a new start of the program helps; the end of the process does not wait
    for it, since its thread is a daemon.
    """

    def __init__(self) -> None:
        self._turn = Lock()
        self._last: Future[Any] | None = None

    def call(self, work: Callable[[], T], seconds: float) -> T:
        """Return what `work` returns or raise what it raises, within `seconds` from its turn on.

        Raises `TimeoutError` when it takes longer, and at once while an earlier one that did has not returned.
        """
        with self._turn:
            if self._last is not None and not self._last.done():
                raise TimeoutError
            made: Future[T] = Future()
            self._last = made
            Thread(target=_make, args=(made, work), name="one at a time", daemon=True).start()
            return made.result(seconds)


def _make(made: Future[T], work: Callable[[], T]) -> None:
    try:
        result = work()
    except BaseException as error:  # noqa: BLE001 # it is raised again where it is waited for.
        made.set_exception(error)
    else:
        made.set_result(result)
