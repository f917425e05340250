"""The desk: what every intention needs, and the one way in which intentions run.

An intention is a function whose first parameter is an `Act`. `@intention` makes it a function of a `Desk`
and an `Actor` that runs it in one transaction. When it raises a `Refusal` everything it wrote is taken back,
and the refusal alone is recorded.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection

from store import attempts, audit, home_redraws
from store.attempts import Limit
from store.database import Database, again_after_deadlock
from store.home_redraws import Touched
from store.keys import KeyRing
from store.rules.attempts import attempt_kind
from store.rules.deadlines import Spans
from store.rules.errors import Refusal
from store.rules.held_files import ENDINGS, LARGEST
from store.vault import Vault

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True)
class Policy:
    """What the operators set for the whole desk."""

    vendor: str = "License Desk"  # `iss` of license files
    operators_address: str = "the operators of License Desk"
    request_expiry: timedelta = timedelta(days=7)
    request_spans: Spans = field(default_factory=Spans)
    urgent_requests: int = 2  # of one person in `urgent_period`
    urgent_period: timedelta = timedelta(days=7)
    requests_most: int = 100  # of one person in `requests_period`
    requests_period: timedelta = timedelta(hours=1)
    refusals_most: int = 50  # of one person in `refusals_period`, which is also how long they are paused then
    refusals_period: timedelta = timedelta(minutes=10)
    operators_channel: str = ""  # Slack's id of the channel in which operators are told; absent: directly
    delete_files_after_days: int = 0  # from Slack, counted from when they were shared; 0 leaves them there
    undo_window: timedelta = timedelta(minutes=30)
    undelivered_after: timedelta = timedelta(minutes=5)
    send_again_for: timedelta = timedelta(days=7)
    key_published_for: timedelta = timedelta(days=1)  # before a signing key may sign
    revocation_list_life: timedelta = timedelta(days=30)  # from its making to its `exp`
    public_url: str = ""  # where people reach the desk's own pages, with a slash at its end
    held_file_largest: int = LARGEST  # bytes of a file that the vendor made
    held_file_endings: tuple[str, ...] = ENDINGS  # of the names of such files, in lower case
    mails: bool = False  # whether people who are not in Slack are asked by e-mail


@dataclass(frozen=True)
class Desk:
    """Everything an intention needs; made once by the composition root."""

    database: Database
    vault: Vault
    keys: KeyRing
    policy: Policy
    clock: Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, and from where: `slack`, `workflow`, `command`, `import`, `schedule`; no person is the desk itself."""

    person_id: int | None
    source: str = "slack"


@dataclass(frozen=True)
class Act:
    """One intention under way: its transaction, its moment, who does it, and what it has changed so far."""

    connection: Connection
    now: datetime
    actor: Actor
    desk: Desk
    touched: Touched = field(default_factory=Touched)

    def record(
        self, action: str, subject: str, infrastructure_id: int | None = None, **facts: object
    ) -> None:
        """Append an audit entry to this act's transaction. `facts` are ids and plain values, never names."""
        entry = audit.Entry(
            infrastructure_id, self.actor.person_id, self.actor.source, action, subject, facts
        )
        self.record_all([entry])

    def record_all(self, entries: Sequence[audit.Entry]) -> None:
        """Append entries of one chain, in order, to this act's transaction."""
        audit.append_all(self.connection, entries, self.now)
        self.touched.note_all(entries)


def intention(function: Callable[Concatenate[Act, P], R]) -> Callable[Concatenate[Desk, Actor, P], R]:
    """Run `function` in one transaction, and record its refusal in another one."""
    name = function.__name__

    @wraps(function)
    def run(desk: Desk, actor: Actor, /, *args: P.args, **kwargs: P.kwargs) -> R:
        def attempt() -> R:
            with desk.database.write() as connection:
                act = Act(connection, desk.clock(), actor, desk)
                result = function(act, *args, **kwargs)
                home_redraws.queue(connection, act.touched, act.now)
                return result

        try:
            return again_after_deadlock(attempt)
        except Refusal as refusal:
            record_refusal(desk, actor, refusal, name)
            raise

    return run


def record_refusal(desk: Desk, actor: Actor, refusal: Refusal, intention_name: str) -> None:
    """Record a refusal in a transaction of its own, once: a read that is refused has no intention to do it."""
    if refusal.recorded:
        return
    entry = audit.refusal(refusal, actor.person_id, actor.source, intention_name)

    def attempt() -> None:
        with desk.database.write() as connection:
            count_attempts(desk, connection, actor, [refusal])
            audit.append_once_a_minute(connection, entry, desk.clock())

    again_after_deadlock(attempt)
    refusal.recorded = True


def count_attempts(desk: Desk, connection: Connection, actor: Actor, refusals: Iterable[Refusal]) -> None:
    """Count what a person tried in Slack and failed with, several of one kind at once as one.

    Whoever builds a workflow can name anybody, and commands are the operators' own; neither is counted.
    """
    if actor.person_id is None or actor.source != "slack":
        return
    kinds = {kind for each in refusals if (kind := attempt_kind(each))}
    limit = Limit(desk.policy.refusals_most, desk.policy.refusals_period)
    attempts.count(connection, actor.person_id, sorted(kinds), limit, desk.clock())
