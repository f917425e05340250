"""Re-issues: after a renewal, a reinstatement or the compromise of a key licenses are made anew, and sent.

A re-issue is a row that remembers how far it got. It is carried on in batches, each in a transaction of its
own, so that nobody waits long for it; what a killed process leaves is carried on by the next one.
"""

import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Connection, exists, func, insert, select, update

from store import audit, infrastructures, licenses, slots
from store.database import AnyRow
from store.deliveries import queue
from store.desk import Act, Actor, Desk, intention
from store.escalation import ITSELF
from store.infrastructures import Infrastructure
from store.keys import SigningKey
from store.licenses import Draft
from store.people import Person
from store.reissue_recipients import has_licensed, licensed, recipients
from store.slots import Environment
from store.tables import deliveries, registrations, reissues
from store.tables import licenses as license_rows
from store.tables import slots as slot_rows
from store.telling import tell_operators
from store.validity import of_signing

Cause = Literal["renewal", "reinstatement", "compromise"]

AT_ONCE = 550
"""Registrations in one transaction: about 60 ms in which nobody else writes on SQLite."""
PAUSE_SECONDS = 0.005
"""After each transaction on SQLite, whose lock others look for only now and then."""
SHARED_BY = 10
"""People to whose direct messages one upload is shared at most."""

UNFINISHED = reissues.c.finished_at.is_(None)


@dataclass(frozen=True, slots=True)
class Batch:
    """What one batch of a re-issue did: registrations looked at, licenses made, and whether it was the last."""

    looked_at: int
    made: int
    finished: bool


def begin(act: Act, infrastructure: Infrastructure, cause: Cause) -> int | None:
    """Begin to replace the licenses of an infrastructure, all from the start; give the re-issue's id.

    `None` where no license can be made, or none was made that could be replaced. A re-issue under way is begun
    again, and goes on with what is not replaced yet.
    """
    if of_signing(infrastructure, act.now) or not has_licensed(act.connection, infrastructure.id):
        finish(act, infrastructure.id)
        return None
    again = update(reissues).where(reissues.c.infrastructure_id == infrastructure.id, UNFINISHED)
    # Whoever begins holds the subscription, so that nobody else begins one after this statement.
    begun = act.connection.execute(again.values(position=0).returning(reissues.c.id)).scalar_one_or_none()
    return int(begun or _insert(act, infrastructure.id, cause))


def finish(act: Act, infrastructure_id: int) -> None:
    """End what is under way for an infrastructure; nothing more of it is made or sent."""
    own = (reissues.c.infrastructure_id == infrastructure_id, UNFINISHED)
    ended = (
        update(reissues).where(*own).values(finished_at=act.now).returning(reissues.c.id, reissues.c.cause)
    )
    for row in act.connection.execute(ended).all():
        _tell_of_the_last(act, row)


def run(
    desk: Desk,
    actor: Actor,
    reissue_id: int,
    progress: Callable[[int], None] = lambda _: None,
    at_once: int = AT_ONCE,
) -> int:
    """Carry a re-issue on to its end, and give the number of licenses made.

    `progress` is told how many registrations were looked at by each batch.
    """
    made = 0
    while True:
        batch = carry_on(desk, actor, reissue_id, at_once)
        made += batch.made
        progress(batch.looked_at)
        if batch.finished:
            return made
        if desk.database.is_sqlite:
            time.sleep(PAUSE_SECONDS)


def carry_on_due(desk: Desk) -> int:
    """Carry on the oldest re-issue that is unfinished by one batch, for the schedule; tell whether there was one."""
    with desk.database.read() as connection:
        oldest = select(reissues.c.id).where(UNFINISHED).order_by(reissues.c.id).limit(1)
        reissue_id = connection.execute(oldest).scalar_one_or_none()
    if reissue_id is None:
        return 0
    carry_on(desk, ITSELF, reissue_id)
    return 1


@intention
def carry_on(act: Act, reissue_id: int, at_once: int = AT_ONCE) -> Batch:
    """Make the licenses of the next registrations, at most `at_once`; with the last of them the files are queued.

    Two processes may carry on one re-issue: the second waits at its row and then goes on where the first ended.
    Raises `NoActiveKey`.
    """
    row = act.connection.execute(
        select(*reissues.c).where(reissues.c.id == reissue_id).with_for_update()
    ).one()
    infrastructure = infrastructures.get(act.connection, row.infrastructure_id)
    if row.finished_at is not None or of_signing(infrastructure, act.now):
        finish(act, infrastructure.id)
        return Batch(0, 0, finished=True)
    chosen = _next(act, infrastructure.id, row.position, at_once)
    made = _replace(act, infrastructure, chosen) if chosen else 0
    finished = len(chosen) < at_once
    position = chosen[-1] if chosen else row.position
    finished_at = act.now if finished else None
    moved = update(reissues).where(reissues.c.id == reissue_id)
    act.connection.execute(moved.values(position=position, finished_at=finished_at))
    if finished:
        queue_files(act, reissue_id, infrastructure.id, row.licenses_after)
        _tell_of_the_last(act, row)
    return Batch(len(chosen), made, finished)


def queue_files(act: Act, reissue_id: int, infrastructure_id: int, after: int) -> None:
    """Queue the files of a re-issue; those who get the same ones share one upload."""
    together: defaultdict[tuple[int, ...], list[Person]] = defaultdict(list)
    files = licensed(act.connection, infrastructure_id, after)
    for each in recipients(act.connection, infrastructure_id, files):
        if each.person.reachable:
            together[each.license_ids].append(each.person)
    for persons in together.values():
        for some in _chunks(persons, SHARED_BY):
            queue_for(act, reissue_id, [each.id for each in some])


def people_sent_to(connection: Connection, reissue_id: int) -> int:
    """How many people the files of a re-issue were queued for."""
    begins = deliveries.c.occasion.startswith(f"reissue:{reissue_id}:", autoescape=True)
    query = select(deliveries.c.facts).where(deliveries.c.kind == "reissue", begins)
    return len({person for facts in connection.execute(query).scalars() for person in facts["person_ids"]})


def queue_for(act: Act, reissue_id: int, person_ids: Sequence[int], *, apart: bool = False) -> None:
    """Queue the files of a re-issue for people who get the same ones; `apart` after they could not be sent together."""
    occasion = f"reissue:{reissue_id}:{person_ids[0]}"
    queue(
        act,
        "reissue",
        occasion=f"{occasion}:apart" if apart else occasion,
        lane=occasion,
        person_id=person_ids[0] if len(person_ids) == 1 else None,
        notice="reissued",
        facts={"reissue_id": reissue_id, "person_ids": list(person_ids)},
    )


def _tell_of_the_last(act: Act, ended: AnyRow) -> None:
    """Tell the operators when the last re-issue ended that the compromise of a key had begun."""
    if ended.cause != "compromise":
        return
    # Of two that end at once neither saw the other as ended; each waits for the other here, and one is run again.
    others = select(reissues.c.id).where(UNFINISHED, reissues.c.cause == ended.cause).order_by(reissues.c.id)
    if not act.connection.execute(others.with_for_update()).all():
        tell_operators(act, "compromise_over", f"compromise_over:{ended.id}")


def _insert(act: Act, infrastructure_id: int, cause: Cause) -> int:
    values = {
        "infrastructure_id": infrastructure_id,
        "cause": cause,
        "begun_at": act.now,
        "begun_by": act.actor.person_id,
        "licenses_after": act.connection.execute(select(func.max(license_rows.c.id))).scalar_one(),
        "position": 0,
    }
    return int(act.connection.execute(insert(reissues).values(values).returning(reissues.c.id)).scalar_one())


def _next(act: Act, infrastructure_id: int, position: int, at_once: int) -> list[int]:
    """The next open registrations that have a license, kept open until the transaction ends."""
    has_license = exists().where(license_rows.c.registration_id == registrations.c.id)
    query = (
        select(registrations.c.id)
        .where(
            registrations.c.infrastructure_id == infrastructure_id,
            registrations.c.state == "open",
            registrations.c.id > position,
            has_license,
        )
        .order_by(registrations.c.id)
        .limit(at_once)
    )
    return list(act.connection.execute(query.with_for_update(read=True)).scalars())


def _replace(act: Act, infrastructure: Infrastructure, registration_ids: Sequence[int]) -> int:
    environments = list(slots.environments_of(act.connection, registration_ids).values())
    slot_ids = sorted(each.slot_id for each in environments)
    # Couriers issue for one slot at a time and hold it so; all of them are taken in the same order.
    held = select(slot_rows.c.id).where(slot_rows.c.id.in_(slot_ids)).order_by(slot_rows.c.id)
    act.connection.execute(held.with_for_update(key_share=True))
    newest = licenses.newest_in(act.connection, slot_ids)
    key = act.desk.keys.active(act.connection)
    outdated = _outdated(act, infrastructure, environments, newest)
    rows = [licenses.row_of(act, draft, key) for draft in outdated]
    if rows:
        licenses.ROWS.run(act.connection, rows)
        act.record_all([_entry(act, infrastructure, row, key) for row in rows])
    return len(rows)


def _outdated(
    act: Act,
    infrastructure: Infrastructure,
    environments: Sequence[Environment],
    newest: Mapping[int, AnyRow],
) -> Iterator[Draft]:
    """What new licenses say, for the registrations whose newest one does not hold any more."""
    for each in environments:
        if each.registration is None:
            continue
        before = newest.get(each.slot_id)
        draft = licenses.draft_of(act, each, infrastructure, before)
        if not (before and licenses.holds(draft, before, infrastructure)):
            yield draft


def _entry(
    act: Act, infrastructure: Infrastructure, row: Mapping[str, object], key: SigningKey
) -> audit.Entry:
    facts = {"kid": key.kid, **{name: row[name] for name in ("jti", "seq", "sha256")}}
    actor, subject = act.actor, f"slot {row['slot_id']}"
    return audit.Entry(infrastructure.id, actor.person_id, actor.source, "issue_license", subject, facts)


def _chunks(persons: Sequence[Person], most: int) -> Iterator[Sequence[Person]]:
    for start in range(0, len(persons), most):
        yield persons[start : start + most]
