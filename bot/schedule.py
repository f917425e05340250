"""The schedule: what is due by the clock, looked at again and again in one thread."""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import structlog

from store.asking_admins import ask_admins_due
from store.desk import Desk
from store.expiry import expire_due
from store.file_deletions import queue_due as delete_files_due
from store.overtaken import follow_up
from store.pauses import forget_attempts
from store.pauses import tell_due as tell_of_pauses
from store.reissuing import carry_on_due
from store.reminders import remind_due
from store.stand_ins import begin_due
from store.term_reminders import remind_due as remind_of_terms
from store.undelivered import tell_late

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class DueJob:
    """Something that is looked at every `every` seconds. `run` gives how much there was to do."""

    name: str
    every: float
    run: Callable[[Desk], int]


JOBS: Sequence[DueJob] = (
    DueJob("expire requests", 10.0, expire_due),
    DueJob("follow up overtaken requests", 10.0, follow_up),
    DueJob("ask company admins", 10.0, ask_admins_due),
    DueJob("remind of requests", 10.0, remind_due),
    DueJob("ask stand-ins", 30.0, begin_due),
    DueJob("tell of late files", 10.0, tell_late),
    DueJob("replace licenses", 10.0, carry_on_due),
    DueJob("tell of people refused often", 10.0, tell_of_pauses),
    DueJob("delete files from Slack", 60.0, delete_files_due),
    DueJob("forget failed attempts", 600.0, forget_attempts),
    DueJob("remind of ends of terms", 60.0, remind_of_terms),
)


class Schedule:
    """Runs what is due. A service: `start` and `stop`.

    What is due is decided by the desk's clock; `monotonic`, in seconds, decides only when to look.
    """

    def __init__(
        self, desk: Desk, jobs: Sequence[DueJob] = JOBS, *, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._desk = desk
        self._monotonic = monotonic
        self._next = {job: monotonic() for job in jobs}
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="schedule", daemon=True)

    def start(self) -> None:
        """Begin to look; returns at once."""
        self._thread.start()

    def stop(self, seconds: float) -> bool:
        """Finish the job that runs, within `seconds`; tell whether it did."""
        self._stopping.set()
        if self._thread.ident is not None:
            self._thread.join(seconds)
        return not self._thread.is_alive()

    def run_due(self) -> int:
        """Run the jobs whose turn it is; give how much there was to do in all."""
        now = self._monotonic()
        due = [job for job, moment in self._next.items() if moment <= now]
        return sum(self._run_one(job, now) for job in due)

    def _run_one(self, job: DueJob, now: float) -> int:
        try:
            done = job.run(self._desk)
        except Exception:
            # The outermost edge of the schedule: one job that fails must not end the others.
            log.exception("A job of the schedule failed", job=job.name)
            done = 0
        # With something done there may be more of it, which need not wait its turn.
        self._next[job] = now if done else now + job.every
        return done

    def _run(self) -> None:
        while not self._stopping.is_set():
            done = self.run_due()
            wait = 0.0 if done else max(0.0, min(self._next.values()) - self._monotonic())
            self._stopping.wait(min(wait, 1.0))
