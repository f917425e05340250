"""How long somebody may wait for other writers: not at all, a moment, or as long as it takes.

Those who hold up everybody else while they work promise not to wait: they may read, and give up where it would come
to a write, which waits for other writers and for the disk. What gave up has changed nothing, and is done anew where
it may wait. Those whom a person waits for wait a moment, and then say that the desk is busy.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

_PATIENCE: Final[ContextVar[float | None]] = ContextVar("license_desk_patience", default=None)
_PROMISED: Final = ContextVar("license_desk_promised_not_to_wait", default=False)


class WouldWait(BaseException):
    """A write was begun under the promise not to wait.

    It is no error of what was tried, and passes those who answer errors.
    """


@contextmanager
def without_waiting() -> Iterator[None]:
    """Promise not to wait in this block. Raises `WouldWait` where it begins to write."""
    promise = _PROMISED.set(True)
    try:
        yield
    finally:
        _PROMISED.reset(promise)


def may_wait() -> None:
    """Say that now a wait may follow. Raises `WouldWait` under the promise."""
    if _PROMISED.get():
        raise WouldWait


@contextmanager
def waiting_at_most(seconds: float) -> Iterator[None]:
    """Wait no longer for other writers in this block. Raises `DeskBusy` where one of them takes longer."""
    patience_before = _PATIENCE.set(seconds)
    try:
        yield
    finally:
        _PATIENCE.reset(patience_before)


def patience() -> float | None:
    """How many seconds may be waited for other writers now; `None` where nobody waits for the outcome."""
    return _PATIENCE.get()
