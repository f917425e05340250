"""A promise not to wait, for those who hold up everybody else while they work.

Whoever made it may read, and gives up where it would come to a write: that waits for other writers, and for the
disk. What gave up has changed nothing, and is done anew where it may wait.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

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
