"""The executor for answers to people who wait: one attempt each, and every error has its taker."""

import io
import threading
from collections.abc import Callable, Iterator

import pytest

from bot.executor import AnswerExecutor, AnswerNotTaken


@pytest.fixture
def executor() -> Iterator[AnswerExecutor]:
    executor = AnswerExecutor(threads=2, max_waiting=1)
    executor.start()
    yield executor
    executor.stop(5.0)


class Taker:
    """Takes errors, in whatever thread."""

    def __init__(self) -> None:
        self.errors: list[Exception] = []
        self.taken = threading.Semaphore(0)

    def __call__(self, error: Exception) -> None:
        self.errors.append(error)
        self.taken.release()


def test_a_call_is_made_once_in_another_thread(executor: AnswerExecutor) -> None:
    threads: list[str] = []
    taker = Taker()
    executor.submit(lambda: threads.append(threading.current_thread().name), taker)
    assert executor.stop(5.0)
    assert len(threads) == 1
    assert threads[0].startswith("answer")
    assert taker.errors == []


def test_an_error_goes_to_its_taker(executor: AnswerExecutor) -> None:
    taker = Taker()
    executor.submit(lambda: int("x"), taker)
    assert taker.taken.acquire(timeout=5)
    assert [type(error) for error in taker.errors] == [ValueError]


def test_a_taker_that_fails_is_told_in_the_log(
    executor: AnswerExecutor, log_lines: Callable[..., io.StringIO]
) -> None:
    stream = log_lines()
    executor.submit(lambda: int("x"), lambda _error: int("x"))
    assert executor.stop(5.0)
    assert "A person could not be told that a call to Slack failed" in stream.getvalue()


@pytest.fixture
def release(executor: AnswerExecutor) -> Iterator[threading.Event]:
    """Every thread and every place of the queue is taken until this is set."""
    released = threading.Event()
    for _ in range(3):
        executor.submit(lambda: released.wait(10), Taker())
    yield released
    released.set()


def test_calls_beyond_the_bound_are_not_taken_and_said_so(
    executor: AnswerExecutor, release: threading.Event
) -> None:
    taker, made = Taker(), threading.Event()
    executor.submit(made.set, taker)
    release.set()
    assert taker.taken.acquire(timeout=5)
    assert [type(error) for error in taker.errors] == [AnswerNotTaken]
    assert not made.is_set()


def test_saying_that_there_is_no_room_holds_up_nobody_who_submits(
    executor: AnswerExecutor, release: threading.Event
) -> None:
    told_in: list[str] = []
    executor.submit(lambda: None, lambda _error: told_in.append(threading.current_thread().name))
    assert told_in == []
    release.set()
    assert executor.stop(5.0)
    assert [each.partition("_")[0] for each in told_in] == ["answer"]


def test_when_there_is_no_room_to_say_so_either_the_log_tells_it(
    executor: AnswerExecutor, release: threading.Event, log_lines: Callable[..., io.StringIO]
) -> None:
    stream, taker = log_lines(), Taker()
    for _ in range(4):
        executor.submit(lambda: None, taker)
    assert "A person could not be told anything" in stream.getvalue()
    release.set()
    assert executor.stop(5.0)
    assert len(taker.errors) == 3


def test_room_is_made_as_calls_end(executor: AnswerExecutor) -> None:
    done, taker = threading.Semaphore(0), Taker()
    for _ in range(20):
        executor.submit(done.release, taker)
        assert done.acquire(timeout=5)
    assert executor.stop(5.0)
    assert taker.errors == []


def test_a_stop_waits_for_what_was_taken(executor: AnswerExecutor) -> None:
    running, release, ended = threading.Event(), threading.Event(), threading.Event()

    def call() -> None:
        running.set()
        release.wait(10)
        ended.set()

    executor.submit(call, Taker())
    assert running.wait(5)
    threading.Timer(0.05, release.set).start()
    assert executor.stop(5.0)
    assert ended.is_set()


def test_a_stop_does_not_wait_for_ever_and_tells_what_it_gave_up(
    executor: AnswerExecutor, log_lines: Callable[..., io.StringIO]
) -> None:
    stream, release = log_lines(), threading.Event()
    executor.submit(lambda: release.wait(10), Taker())
    assert not executor.stop(0.05)
    assert "Calls to Slack were given up at the stop" in stream.getvalue()
    release.set()


def test_after_a_stop_nothing_is_taken_and_that_is_said(executor: AnswerExecutor) -> None:
    executor.stop(1.0)
    taker = Taker()
    executor.submit(lambda: None, taker)
    assert [type(error) for error in taker.errors] == [AnswerNotTaken]
