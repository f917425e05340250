"""Files that are deleted from Slack some days after they were shared; license files stay in the database."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, Connection, and_, func, literal_column, select, update

from store import audit
from store.database import AnyRow
from store.deliveries import QUEUED, Delivery, get, of_row, queue
from store.desk import Act, Desk, Policy, intention
from store.escalation import ITSELF
from store.rules.request_states import request_number
from store.tables import deliveries, held_files, licenses, registrations, request_items

BATCH: Final = 50
"""How many deletions wait at a time; Slack takes about as many in a minute."""
_LANES: Final = tuple(f"deletion:{number}" for number in range(4))
"""Few at a time, so that people's files and messages never wait for them."""

# Written out, because SQLite uses a partial index only when the query says its condition literally.
_WITH_FILES: ColumnElement[bool] = and_(
    deliveries.c.state == literal_column("'sent'"),
    deliveries.c.deletion_queued_at.is_(None),
    literal_column("(kind IN ('file', 'reissue') OR notice IN ('bulk_result', 'report', 'revocations'))"),
)


@dataclass(frozen=True, slots=True)
class SharedFiles:
    """Slack's ids of the files that a delivery shared, and in which direct messages: channel by person."""

    delivery: Delivery
    file_ids: tuple[str, ...]
    places: Mapping[int, str]


def deletion_date(policy: Policy, shared_at: datetime) -> datetime | None:
    """When files that are shared at a moment are deleted from Slack; None when they are left there."""
    days = policy.delete_files_after_days
    return shared_at + timedelta(days=days) if days else None


def queue_due(desk: Desk) -> int:
    """Queue the deletion of what was shared long enough ago, a batch at a time; give 0, since the next can wait."""
    if desk.policy.delete_files_after_days:
        with desk.database.read() as connection:
            waiting = connection.execute(
                select(func.count(deliveries.c.id)).where(deliveries.c.lane.in_(_LANES), QUEUED)
            ).scalar_one()
            found = _due(connection, desk, BATCH - waiting)
        if found:
            _queue(desk, ITSELF, found)
    return 0


def shared_files(connection: Connection, deletion: Delivery) -> SharedFiles:
    """What a deletion is about."""
    return _of(get(connection, int(deletion.facts["delivery_id"])))


@intention
def record_deleted(act: Act, shared: SharedFiles, *, gone_before: bool) -> None:
    """Record that files are no longer in Slack; `gone_before`: somebody else had deleted them already."""
    facts = {"recipients": sorted(shared.places), **({"gone_before": True} if gone_before else {})}
    entries = _entries(act, shared.delivery, facts)
    act.record_all(entries)


def _due(connection: Connection, desk: Desk, limit: int) -> list[int]:
    if limit <= 0:
        return []
    before = desk.clock() - timedelta(days=desk.policy.delete_files_after_days)
    query = select(deliveries.c.id).where(_WITH_FILES, deliveries.c.sent_at <= before)
    oldest = query.order_by(deliveries.c.sent_at, deliveries.c.id).limit(limit)
    return list(connection.execute(oldest).scalars())


@intention
def _queue(act: Act, delivery_ids: Sequence[int]) -> None:
    # Two processes may find the same ones: the first to note that it queues one queues it.
    ours = (deliveries.c.id.in_(delivery_ids), deliveries.c.deletion_queued_at.is_(None))
    noted = update(deliveries).where(*ours).values(deletion_queued_at=act.now).returning(*deliveries.c)
    for row in sorted(act.connection.execute(noted).all(), key=lambda each: each.id):
        shared = _of(of_row(row))
        if shared.file_ids:
            _queue_one(act, shared)


def _queue_one(act: Act, shared: SharedFiles) -> None:
    of = shared.delivery
    queue(
        act,
        "deletion",
        occasion=f"deletion:{of.id}",
        lane=_LANES[of.id % len(_LANES)],
        person_id=next(iter(shared.places), None),
        request_id=of.request_id,
        item_id=of.item_id,
        registration_id=of.registration_id,
        facts={"delivery_id": of.id},
    )


def _of(delivery: Delivery) -> SharedFiles:
    steps = delivery.steps
    if delivery.kind == "reissue":
        files = [each["id"] for each in steps.get("files") or []]
        people = zip(steps.get("people") or [], steps.get("channels") or [], strict=False)
        return SharedFiles(delivery, tuple(files), dict(people))
    files = [steps["file"]] if steps.get("file") else steps.get("files") or []
    channel, person_id = steps.get("channel"), delivery.person_id
    return SharedFiles(delivery, tuple(files), {person_id: channel} if channel and person_id else {})


def _entries(act: Act, delivery: Delivery, facts: Mapping[str, object]) -> list[audit.Entry]:
    """An entry for each license or held file that is gone; one of the desk's own for a report, a list or a result."""
    asked = f"request {request_number(delivery.request_id)}" if delivery.request_id else None
    if delivery.kind not in {"file", "reissue"}:
        return [_entry(act, None, f"delivery {delivery.id}", facts)]
    # As the delivery was recorded: what somebody asked for is a part of their own history.
    return [
        _entry(act, row.infrastructure_id, asked or f"slot {row.slot_id}", {**_file(row), **facts})
        for row in (*_licenses(act.connection, delivery), *_held(act.connection, delivery))
    ]


def _licenses(connection: Connection, delivery: Delivery) -> Sequence[AnyRow]:
    query = select(
        licenses.c.jti, licenses.c.seq, licenses.c.slot_id, registrations.c.infrastructure_id
    ).join(registrations, registrations.c.id == licenses.c.registration_id)
    if delivery.kind == "reissue":
        chosen = query.where(licenses.c.id.in_(delivery.steps.get("licenses") or []))
    else:
        chosen = query.join(request_items, request_items.c.license_id == licenses.c.id).where(
            request_items.c.id == delivery.item_id
        )
    return connection.execute(chosen.order_by(licenses.c.id)).all()


def _held(connection: Connection, delivery: Delivery) -> Sequence[AnyRow]:
    if delivery.kind != "file":
        return []
    query = (
        select(
            held_files.c.id.label("held_file"),
            held_files.c.version,
            registrations.c.slot_id,
            registrations.c.infrastructure_id,
        )
        .join(registrations, registrations.c.id == held_files.c.registration_id)
        .join(request_items, request_items.c.held_file_id == held_files.c.id)
    )
    return connection.execute(query.where(request_items.c.id == delivery.item_id)).all()


def _file(row: AnyRow) -> dict[str, object]:
    """What the record says of a file: the columns that its row has beside its place."""
    said = row._asdict()
    return {name: said[name] for name in ("jti", "seq", "held_file", "version") if name in said}


def _entry(act: Act, place: int | None, subject: str, facts: Mapping[str, object]) -> audit.Entry:
    return audit.Entry(place, act.actor.person_id, act.actor.source, "delete_file", subject, facts)
