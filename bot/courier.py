"""The courier: takes queued deliveries, talks to Slack, and gives each its outcome.

One thread claims, several send. A commit of this process wakes the claiming thread at once; what other
processes queue is found within a second. Nobody sleeps for Slack: what has to wait goes back into the queue.
"""

import contextlib
import math
import queue
import random
import threading
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Final
from uuid import uuid4

import structlog

from bot.mailing import Mailer
from bot.sending.cards import send_card
from bot.sending.deletions import send_deletion
from bot.sending.files import send_file
from bot.sending.home import send_home
from bot.sending.job import LEASE_SECONDS, Drawings, Job
from bot.sending.mails import send_mail
from bot.sending.notices import send_notice, send_reply
from bot.sending.reissues import send_reissue
from bot.sending.reminders import send_reminder
from bot.sending.steps import send_step
from bot.sentences import sentence
from bot.slack_calls import AnswerLost, CallFailed, RateLimited, Refused, SlackCalls
from store import delivery_claims, failures
from store.deliveries import Delivery
from store.delivery_claims import COURIER, LeaseLost
from store.desk import Desk
from store.rules.key_keeping import KeyKeepingError

GIVE_UP_AFTER = timedelta(hours=24)
"""From the first attempt, with a Slack that otherwise answers."""
POLL_SECONDS = 1.0
LONGEST_BACKOFF = 60.0

OnDelivery = Callable[[str, str], None]
"""Told of each attempt: the delivery's kind and its outcome."""

SENDERS: Final[Mapping[str, Callable[[Job], None]]] = {
    "card": send_card,
    "file": send_file,
    "notice": send_notice,
    "reply": send_reply,
    "reissue": send_reissue,
    "reminder": send_reminder,
    "home": send_home,
    "step": send_step,
    "mail": send_mail,
    "deletion": send_deletion,
}

log = structlog.get_logger(__name__)


class Courier:
    """Sends deliveries with `threads` calls to Slack at the same time. A service: `start` and `stop`."""

    def __init__(
        self,
        desk: Desk,
        slack: SlackCalls,
        drawings: Drawings,
        *,
        threads: int = 8,
        chance: random.Random | None = None,
        on_delivery: OnDelivery | None = None,
        mailer: Mailer | None = None,
    ) -> None:
        self._desk = desk
        self._slack = slack
        self._drawings = drawings
        self._threads = threads
        self._chance = chance or random.Random()  # noqa: S311 - spreads retries, protects nothing.
        self._on_delivery = on_delivery
        self._mailer = mailer
        self._load = _Load(threads)
        self._claiming: threading.Thread | None = None
        self.last_turn: float | None = None
        """When the claiming thread last looked into the queue, by `time.monotonic`."""
        desk.database.on_wake(self.wake)

    def start(self) -> None:
        """Begin to send; returns at once."""
        for number in range(self._threads):
            threading.Thread(target=self._send_all, name=f"courier-{number}", daemon=True).start()
        self._claiming = threading.Thread(target=self._claim_all, name="courier", daemon=True)
        self._claiming.start()

    def stop(self, seconds: float) -> bool:
        """Claim nothing more, finish what is being sent within `seconds`, and return unused leases.

        What is still being sent afterwards keeps its lease until it ends, so that no step is done twice.
        """
        end = time.monotonic() + seconds
        self._load.close()
        if self._claiming is not None:
            self._claiming.join(max(0.0, end - time.monotonic()))
        delivery_claims.release(self._desk, self._load.take_back())
        return self._load.wait_until_idle(max(0.0, end - time.monotonic()))

    def wake(self) -> None:
        """Have the claiming thread look into the queue now."""
        self._load.wake()

    def send_due(self) -> int:
        """Send what is due in the calling thread, one after the other; give the number of attempts."""
        attempts = 0
        while claimed := delivery_claims.claim(self._desk, str(uuid4()), 1, LEASE_SECONDS):
            self.send(claimed[0])
            attempts += 1
        return attempts

    def send(self, delivery: Delivery) -> datetime | None:
        """Make one attempt at a delivery that is held; give when it is to be taken up again, if it is."""
        job = Job(self._desk, self._slack, self._drawings, delivery, self._mailer)
        try:
            outcome = self._attempt(job)
        except LeaseLost:
            outcome = "lease_lost"
        except Exception:
            # The outermost edge of an attempt, where even the outcome could not be written, for example without
            # a database: the lease ends by itself, and the delivery is taken up again.
            log.exception("A delivery was left to its lease", delivery=delivery.id, kind=delivery.kind)
            outcome = "left"
        if self._on_delivery is not None:
            self._on_delivery(delivery.kind, outcome)
        return job.due_at

    def _attempt(self, job: Job) -> str:
        try:
            SENDERS[job.delivery.kind](job)
        except CallFailed as failed:
            return self._after_failure(job, failed)
        except LeaseLost:
            raise
        except KeyKeepingError as error:
            # A license is made before anything is sent of it, so that nothing is unsure by this.
            log.warning("A license could not be signed", delivery=job.delivery.id, reason=sentence(error))
            return self._try_again(
                job, f"signing:{type(error).__name__}", self._backoff(job), unsure=job.unsure
            )
        except Exception as error:
            # The outermost edge of sending: an error of ours must neither end this thread nor stop the queue.
            log.exception("A delivery could not be sent", delivery=job.delivery.id, kind=job.delivery.kind)
            return self._try_again(job, f"internal:{type(error).__name__}", self._backoff(job), unsure=True)
        return job.outcome

    def _after_failure(self, job: Job, failed: CallFailed) -> str:
        if isinstance(failed, Refused):
            return self._give_up(job, failed.code)
        seconds = failed.seconds if isinstance(failed, RateLimited) else self._backoff(job)
        unsure = isinstance(failed, AnswerLost) or job.unsure
        return self._try_again(job, failed.code, seconds, unsure=unsure)

    def _try_again(self, job: Job, error: str, seconds: float, *, unsure: bool) -> str:
        begun = job.delivery.first_attempt_at or job.now
        if job.now - begun >= GIVE_UP_AFTER and self._slack.answers():
            return self._give_up(job, error)
        job.postpone(seconds, error, unsure=unsure)
        return "postponed"

    def _give_up(self, job: Job, error: str) -> str:
        log.warning("A delivery was given up", delivery=job.delivery.id, kind=job.delivery.kind, error=error)
        failures.fail(self._desk, COURIER, job.delivery, error)
        return "failed"

    def _backoff(self, job: Job) -> float:
        longest = min(LONGEST_BACKOFF, 2.0 ** min(job.delivery.attempts - 1, 10))
        return longest * (0.5 + self._chance.random() / 2)

    def _claim_all(self) -> None:
        while True:
            room = self._load.wait_for_room(POLL_SECONDS)
            if room is None:
                return
            self._claim(room)

    def _claim(self, room: int) -> None:
        try:
            claimed = delivery_claims.claim(self._desk, str(uuid4()), room, LEASE_SECONDS)
        except Exception:
            # The outermost edge of claiming: while the database does not answer, the courier waits for it.
            log.exception("The queue of deliveries could not be read")
            time.sleep(POLL_SECONDS)
            return
        self.last_turn = time.monotonic()
        self._load.add(claimed)

    def _send_all(self) -> None:
        while (delivery := self._load.next()) is not None:
            due_at = self.send(delivery)
            seconds = None if due_at is None else (due_at - self._desk.clock()).total_seconds()
            self._load.done(seconds)


class _Load:
    """What the sending threads hold, and when the claiming thread has to look again."""

    def __init__(self, threads: int) -> None:
        self._threads = threads
        self._held: queue.SimpleQueue[Delivery | None] = queue.SimpleQueue()
        self._changed = threading.Condition()
        self._busy = 0
        self._woken = True
        self._look_at = math.inf
        self._closed = False

    def wait_for_room(self, seconds: float) -> int | None:
        """Wait until there is room and reason to claim, at most `seconds` for a reason; `None` at the end."""
        with self._changed:
            self._look_at = min(self._look_at, time.monotonic() + seconds)
            while not self._closed and not self._has_room_and_reason():
                left = self._look_at - time.monotonic()
                self._changed.wait(left if self._busy < self._threads else None)
            if self._closed:
                return None
            self._woken = False
            if time.monotonic() >= self._look_at:
                self._look_at = math.inf
            return self._threads - self._busy

    def _has_room_and_reason(self) -> bool:
        return self._busy < self._threads and (self._woken or time.monotonic() >= self._look_at)

    def add(self, claimed: list[Delivery]) -> None:
        """Hand out what was claimed."""
        with self._changed:
            self._busy += len(claimed)
            # A full hand may have left something in the queue.
            self._woken = self._woken or bool(claimed)
        for delivery in claimed:
            self._held.put(delivery)

    def next(self) -> Delivery | None:
        """Give the next delivery to send, or `None` at the end."""
        return self._held.get()

    def done(self, seconds: float | None) -> None:
        """Note that one is no longer held, and that it is due again in `seconds`."""
        with self._changed:
            self._busy -= 1
            self._woken = True
            if seconds is not None:
                # Two clocks never agree wholly; looking a moment too early would cost a whole turn.
                self._look_at = min(self._look_at, time.monotonic() + max(0.0, seconds) + 0.002)
            self._changed.notify_all()

    def wake(self) -> None:
        """Have the claiming thread look."""
        with self._changed:
            self._woken = True
            self._changed.notify_all()

    def close(self) -> None:
        """Let the claiming thread end."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def take_back(self) -> list[Delivery]:
        """Take back what no thread has begun to send, and let the sending threads end after what they hold."""
        unused: list[Delivery] = []
        with contextlib.suppress(queue.Empty):
            while True:
                delivery = self._held.get_nowait()
                unused += [] if delivery is None else [delivery]
        with self._changed:
            self._busy -= len(unused)
            self._changed.notify_all()
        for _ in range(self._threads):
            self._held.put(None)
        return unused

    def wait_until_idle(self, seconds: float) -> bool:
        """Wait until nothing is held, at most `seconds`; tell whether it is so."""
        with self._changed:
            return self._changed.wait_for(lambda: self._busy == 0, timeout=seconds)
