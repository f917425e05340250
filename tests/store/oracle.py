"""What the rules say, worked out anew from the rows and without the desk's own code, to hold the desk against it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Table, select

from store import tables

CONTACTS = {"financial_contact", "technical_contact", "additional_contact"}
ADMINS = {"infrastructure_admin", "company_admin"}
DIRECT = ADMINS | {"financial_contact", "technical_contact", "operator"}


@dataclass(frozen=True)
class Facts:
    """Every row that decides something, as it is at one moment."""

    persons: dict[int, Any]
    roles: Sequence[Any]
    infrastructures: dict[int, Any]
    subscriptions: dict[int, Any]
    slots: dict[int, Any]
    registrations: dict[int, Any]
    requests: dict[int, Any]
    items: dict[int, Any]
    asked: Sequence[Any]
    licenses: Sequence[Any]
    deliveries: dict[int, Any]
    entries: int

    @property
    def state(self) -> tuple[object, ...]:
        """What only an act that is on record may change."""
        steps = {each.id: each.step for each in self.requests.values()}
        items = [_without(each, "delivered_at") for each in self.items.values()]
        return (list(self.registrations.values()), items, steps, list(self.licenses))

    def roles_of(self, person_id: int | None, infrastructure_id: int) -> set[str]:
        """The roles that give somebody rights in an infrastructure."""
        person = self.persons.get(person_id or 0)
        if person is None or not person.active or (person.guest and not person.slack_id_imported):
            return set()
        company = self.infrastructures[infrastructure_id].company_id
        return {
            row.role
            for row in self.roles
            if row.person_id == person_id
            and row.held_until is None
            and row.state == "active"
            and row.infrastructure_id in (None, infrastructure_id)
            and row.company_id in (None, company)
        }

    def may_decide(self, person_id: int, request_id: int) -> bool:
        """Whether somebody may forward or decline a request."""
        request = self.requests[request_id]
        held = self.roles_of(person_id, request.infrastructure_id)
        if request.requester_id == person_id:
            return False
        if request.kind == "release":
            return "operator" in held
        reached = any(
            row.request_id == request_id and row.step == "operators" and row.reached for row in self.asked
        )
        return bool(held & (CONTACTS | ADMINS)) or ("operator" in held and reached)

    def may_have_files(self, infrastructure_id: int, now: datetime) -> bool:
        """Whether license files are made for an infrastructure at a moment."""
        term = self.subscriptions[infrastructure_id]
        ended = term.ends_at + timedelta(days=term.grace_days) <= now
        signed = self.infrastructures[infrastructure_id].files == "signed"
        return signed and term.state == "active" and not ended

    def pending(self) -> list[Any]:
        """The items that wait."""
        return [each for each in self.items.values() if each.state == "pending"]


def facts(connection: Connection) -> Facts:
    """Read every row."""
    rows = {table.name: connection.execute(select(table).order_by(_key(table))).all() for table in _READ}
    by_id = {name: {row.id: row for row in listed} for name, listed in rows.items()}
    return Facts(
        persons=by_id["persons"],
        roles=rows["roles"],
        infrastructures=by_id["infrastructures"],
        subscriptions={row.infrastructure_id: row for row in rows["subscriptions"]},
        slots=by_id["slots"],
        registrations=by_id["registrations"],
        requests=by_id["requests"],
        items=by_id["request_items"],
        asked=rows["asked"],
        licenses=rows["licenses"],
        deliveries=by_id["deliveries"],
        entries=len(connection.execute(select(tables.audit_entries.c.id)).all()),
    )


_READ = (
    tables.persons,
    tables.roles,
    tables.infrastructures,
    tables.subscriptions,
    tables.slots,
    tables.registrations,
    tables.requests,
    tables.request_items,
    tables.asked,
    tables.licenses,
    tables.deliveries,
)


def _key(table: Table) -> Any:
    return table.c.id


def _without(row: Any, name: str) -> dict[str, Any]:
    return {key: value for key, value in row._mapping.items() if key != name}
