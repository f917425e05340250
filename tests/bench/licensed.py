"""Infrastructures whose every environment has a license, written in bulk: what a renewal makes anew."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Connection, insert, select

from bot.desk import now
from store.database import Database
from store.desk import Actor, Desk, Policy
from store.keys import KeyRing
from store.migrating import migrate
from store.rules.environments import EnvironmentType
from store.signing import init_keys
from store.tables import (
    companies,
    infrastructures,
    licenses,
    persons,
    registrations,
    roles,
    signing_keys,
    slots,
    subscriptions,
)
from store.vault import Vault, generate_key
from tests.bench.data import WORKSPACE, activation_code, product, serial

STARTS: Final = datetime(2026, 1, 1, tzinfo=UTC)
ENDS: Final = datetime(2027, 1, 1, tzinfo=UTC)
_LENGTH: Final = 890
"""Bytes of a license file, about."""

Row = dict[str, Any]
_COMPANY: Final[Row] = {
    "id": 1,
    "name": "Company",
    "account_manager_name": "Jo Park",
    "account_manager_email": "jo.park@vendor.example",
}


def desk_at(path: Path, vault: Vault | None = None) -> Desk:
    """A desk with an empty database and an active key."""
    database = Database(f"sqlite:///{path}")
    migrate(database)
    vault = vault or Vault([generate_key()])
    desk = Desk(database, vault, KeyRing(vault), Policy(vendor="Vendor"), now)
    init_keys(desk, Actor(None, "command"))
    return desk


def fill(desk: Desk, infrastructure_count: int, environments: int, file_bytes: int = _LENGTH) -> list[int]:
    """Write so many infrastructures with so many licensed environments each; give their ids.

    Each license file has `file_bytes`, and the same content. Each infrastructure has a technical contact, and a member
    who registered everything.
    """
    ids = range(1, infrastructure_count + 1)
    sealed = desk.vault.encrypt(bytes(file_bytes))
    with desk.database.write() as connection:
        connection.execute(insert(companies), _COMPANY)
        product(connection)
        key_id = connection.execute(select(signing_keys.c.id)).scalar_one()
        connection.execute(insert(persons), [_person(number) for number in (1, 2)])
        connection.execute(insert(infrastructures), [_infrastructure(number) for number in ids])
        connection.execute(insert(subscriptions), [_subscription(number) for number in ids])
        connection.execute(insert(roles), [row for number in ids for row in _roles(number)])
        for number in ids:
            _environments(connection, number, environments, key_id, sealed)
    return list(ids)


def _environments(
    connection: Connection, infrastructure: int, count: int, key_id: int, sealed: bytes
) -> None:
    numbers = range((infrastructure - 1) * count + 1, infrastructure * count + 1)
    connection.execute(insert(slots), [_slot(number, infrastructure) for number in numbers])
    connection.execute(insert(registrations), [_registration(number, infrastructure) for number in numbers])
    connection.execute(insert(licenses), [_license(number, key_id, sealed) for number in numbers])


def _person(number: int) -> Row:
    slack_id = f"U{number:08}"
    return {"id": number, "workspace_id": WORKSPACE, "slack_id": slack_id, "name": f"Person {number}"}


def _infrastructure(number: int) -> Row:
    return {
        "id": number,
        "company_id": 1,
        "product_id": 1,
        "name": f"Plant {number}",
        "activation_code": activation_code(number),
        "hosting": "on_premises",
        "files": "signed",
    }


def _subscription(infrastructure: int) -> Row:
    return {
        "infrastructure_id": infrastructure,
        "edition": "Enterprise",
        "features": ["high_availability", "single_sign_on"],
        "limits": {"users": 500},
        "starts_at": STARTS,
        "ends_at": ENDS,
        "unbroken_since": STARTS,
        "highest_version": "11",
    }


def _roles(infrastructure: int) -> Iterator[Row]:
    for person, role in ((1, "technical_contact"), (2, "member")):
        yield {"person_id": person, "role": role, "infrastructure_id": infrastructure, "held_from": STARTS}


def _slot(number: int, infrastructure: int) -> Row:
    name = f"Production {number}"
    kind = str(EnvironmentType.PRODUCTION)
    return {"id": number, "infrastructure_id": infrastructure, "environment_type": kind, "name": name}


def _registration(number: int, infrastructure: int) -> Row:
    return {
        "id": number,
        "slot_id": number,
        "infrastructure_id": infrastructure,
        "serial": serial(number),
        "platform_version": f"11.{number % 20}.0",
        "registrant_id": 2,
        "state": "open",
        "registered_at": STARTS,
    }


def _license(number: int, key_id: int, sealed: bytes) -> Row:
    return {
        "jti": str(UUID(int=number)),
        "registration_id": number,
        "slot_id": number,
        "seq": 1,
        "key_id": key_id,
        "not_before": STARTS,
        "license_end": ENDS,
        "expires_at": ENDS,
        "sameness": f"{number:064x}",
        "text_encrypted": sealed,
        "sha256": f"{number:064x}",
        "issued_at": STARTS,
    }
