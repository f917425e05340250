"""The executor for calls to Slack that answer a person who waits: opening a view, a sentence only they see.

These run after the decision, outside the listener, one attempt each. Bolt's lazy listeners do the like, but
run even when the listener refused, and `app.error` never sees their errors; here each error has its taker.
"""

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait

import structlog

log = structlog.get_logger(__name__)

MAX_WAITING = 1000
"""Calls that may wait for a thread; beyond that nobody would still be waiting for the answer."""

OnError = Callable[[Exception], object]
"""Turns an error into words for the person who waits."""


class AnswerNotTaken(Exception):
    """The call was not made: the program is stopping, or too many calls are waiting."""


class AnswerExecutor:
    """A pool of `threads` threads with a bounded queue, drained at `stop`."""

    def __init__(self, *, threads: int, max_waiting: int = MAX_WAITING) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="answer")
        self._room = threads + max_waiting
        self._lock = threading.Lock()
        self._running: set[Future[None]] = set()
        self._stopped = False

    def start(self) -> None:
        """Nothing to do: threads begin with the first call."""

    def submit(self, call: Callable[[], object], on_error: OnError) -> None:
        """Make `call` soon, once; whatever it raises goes to `on_error`, and so does AnswerNotTaken.

        While the program runs this returns at once: whoever submits has an answer to give to Slack.
        """
        with self._lock:
            future = self._begin(call, on_error)
            stopped = self._stopped
        if future is not None:
            future.add_done_callback(self._forget)
        elif stopped:
            _hand_over(AnswerNotTaken(), on_error)
        else:
            log.error("A person could not be told anything: too many calls to Slack are waiting")

    def stop(self, seconds: float) -> bool:
        """Take no more calls, let the taken ones end; tell whether all did within `seconds`."""
        with self._lock:
            self._stopped = True
            left = set(self._running)
        unfinished = wait(left, timeout=seconds).not_done
        self._pool.shutdown(wait=False, cancel_futures=True)
        if unfinished:
            log.warning("Calls to Slack were given up at the stop", calls=len(unfinished))
        return not unfinished

    def _begin(self, call: Callable[[], object], on_error: OnError) -> Future[None] | None:
        if self._stopped or len(self._running) >= 2 * self._room:
            return None
        if len(self._running) < self._room:
            future = self._pool.submit(_run, call, on_error)
        else:
            # Saying that there is no room is a call to Slack as well; it has as much room again.
            future = self._pool.submit(_hand_over, AnswerNotTaken(), on_error)
        self._running.add(future)
        return future

    def _forget(self, future: Future[None]) -> None:
        with self._lock:
            self._running.discard(future)


def _run(call: Callable[[], object], on_error: OnError) -> None:
    try:
        call()
    except Exception as error:  # noqa: BLE001 - this thread's outermost edge: any error becomes words.
        _hand_over(error, on_error)


def _hand_over(error: Exception, on_error: OnError) -> None:
    try:
        on_error(error)
    except Exception:
        # Saying it failed as well, as when Slack does not answer; the log is the last place to tell it.
        log.exception("A person could not be told that a call to Slack failed", error=type(error).__name__)
