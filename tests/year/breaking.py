"""One way to break each thing that the checker looks at, by the name of its check."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, String, cast, delete, insert, literal, select, text, update

from store.tables import (
    audit_entries,
    deliveries,
    licenses,
    persons,
    registrations,
    request_items,
    requests,
    slots,
    stand_ins,
    subscriptions,
)
from tests.year.company import END, START

Break = Callable[[Connection], object]

A_DAY = timedelta(days=1)


def _set(table: Any, where: Any = None, **values: Any) -> Break:
    statement = update(table).values(values)
    return lambda connection: connection.execute(statement if where is None else statement.where(where))


def _drop(table: Any, where: Any) -> Break:
    return lambda connection: connection.execute(delete(table).where(where))


def _copy(table: Any, where: Any, **values: Any) -> Break:
    """Write a row once more, with other values in some columns."""

    def write(connection: Connection) -> None:
        row = dict(connection.execute(select(table).where(where)).mappings().first() or {})
        del row["id"]
        connection.execute(insert(table).values({**row, **values}))

    return write


def _in_turn(*breaks: Break) -> Break:
    return lambda connection: [each(connection) for each in breaks]


def _remind_of_end(*, moment: int, at: datetime, position: int) -> Break:
    """An entry of the record that a term's end, which is `END`, was told at some moment."""
    facts = {"ends_at": END.isoformat(), "moment": moment}
    values = {"action": "remind_of_end", "subject": "subscription", "facts": facts, "position": position}
    return _copy(audit_entries, audit_entries.c.action == "forward", at=at, **values)


def _without(index: str) -> Break:
    return lambda connection: connection.execute(text(f"DROP INDEX {index}"))


def _shifted(table: Any, column: Any, where: Any, by: timedelta) -> Break:
    def write(connection: Connection) -> None:
        for row in connection.execute(select(table.c.id, column).where(where)).all():
            connection.execute(update(table).where(table.c.id == row.id).values({column: row[1] + by}))

    return write


_PENDING = request_items.c.state == "pending"
_FORWARDED = request_items.c.state == "forwarded"
_SERIAL_CHANGE = request_items.c.reserved_id.is_not(None)
_FILE = deliveries.c.kind == "file"
_REMINDED = audit_entries.c.action == "remind"
_OTHERS = registrations.c.state == "open"

BREAKS: dict[str, Break] = {
    "two_in_one_slot": _in_turn(
        _without("uq_registrations_open_slot"),
        _set(registrations, _OTHERS, slot_id=1),
    ),
    "serial_twice": _in_turn(_without("uq_registrations_serial"), _set(registrations, _OTHERS, serial="A")),
    "reserved_for_nothing": _set(request_items, _SERIAL_CHANGE, state="withdrawn"),
    "alive_after_the_end": _set(request_items, _PENDING, state="declined"),
    "waiting_without_a_card": _set(request_items, _FORWARDED, state="pending"),
    "drawn_behind": _set(requests, version=requests.c.version + 1),
    "sent_without_a_message": _copy(deliveries, deliveries.c.kind == "notice", occasion="never said"),
    "early_or_late": _shifted(audit_entries, audit_entries.c.at, _REMINDED, timedelta(minutes=5)),
    "reminded_twice": _copy(audit_entries, _REMINDED, position=10_000),
    "missed": _set(requests, reminded=0),
    "wrong_expiry": _shifted(
        requests, requests.c.expires_at, requests.c.expires_at.is_not(None), timedelta(hours=1)
    ),
    "broken": _set(audit_entries, audit_entries.c.action == "forward", action="decline"),
    "unrecorded_decision": _set(request_items, _PENDING, state="withdrawn"),
    "unrecorded_registration": _set(registrations, _OTHERS, state="ended"),
    "unrecorded_slot": _set(slots, slots.c.id == 2, name="Renamed by nobody"),
    "unrecorded_license": _copy(licenses, licenses.c.seq == 1, jti="copy", seq=99),
    "unrecorded_term": _set(subscriptions, state="suspended"),
    "unrecorded_person": _set(persons, persons.c.slack_id == "U0MAX", active=False),
    "unrecorded_stand_in": lambda connection: connection.execute(
        insert(stand_ins).from_select(
            ["contact_id", "person_id", "infrastructure_id", "starts_at", "ends_at"],
            select(
                requests.c.requester_id,
                requests.c.requester_id,
                requests.c.infrastructure_id,
                requests.c.asked_at,
                requests.c.asked_at,
            ).limit(1),
        )
    ),
    "license_behind": _shifted(
        subscriptions, subscriptions.c.ends_at, subscriptions.c.ends_at.is_not(None), A_DAY
    ),
    "reminded_of_end_twice": _in_turn(
        *[_remind_of_end(moment=30, at=END, position=each) for each in (901, 902)]
    ),
    "reminded_of_end_late": _remind_of_end(moment=30, at=END, position=901),
    "reminded_of_end_at_night": _copy(
        deliveries,
        deliveries.c.kind == "notice",
        occasion="at night",
        notice="term_reminder",
        sent_at=START.replace(hour=2),
    ),
    "unverified": _set(registrations, _OTHERS, serial=literal("X-").concat(cast(registrations.c.id, String))),
    "without_right": _set(
        request_items,
        _FORWARDED,
        decider_id=select(persons.c.id).where(persons.c.slack_id == "U0MAX").scalar_subquery(),
    ),
    "delivered_twice": _drop(deliveries, _FILE),
    "never_arrived": _set(
        request_items,
        _FORWARDED,
        requester_id=select(persons.c.id).where(persons.c.slack_id == "U0BEN").scalar_subquery(),
    ),
    "stuck": _in_turn(
        _set(deliveries, _FILE, state="queued"), _shifted(deliveries, deliveries.c.due_at, _FILE, -A_DAY)
    ),
    "late": _shifted(deliveries, deliveries.c.sent_at, _FILE, A_DAY),
    "given_up": _set(deliveries, _FILE, state="failed", error="fatal_error"),
    "requester_not_told": _drop(deliveries, deliveries.c.notice == "expired"),
}
