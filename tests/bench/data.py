"""Many companies with people, infrastructures, slots and registrations, written in bulk.

Every company has one of two shapes, so that what one person sees is the same however many companies there
are: an ordinary one has four infrastructures, every twentieth one has ten. An infrastructure has ten slots,
eight of them with an environment.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import Connection, Table, insert

from store.database import Database
from store.rules.environments import EnvironmentType
from store.tables import (
    companies,
    infrastructures,
    persons,
    products,
    registrations,
    roles,
    slots,
    subscriptions,
    workspaces,
)

WORKSPACE: Final = "T0BENCH"
BOT_USER: Final = "U0BENCHBOT"
ORDINARY: Final = 4
LARGE: Final = 10
TAKEN: Final = 8
"""Environments in an infrastructure."""
_EVERY: Final = 20
_COMPANIES_IN_A_BATCH: Final = 100
_SLOTS: Final = (
    *((EnvironmentType.DEVELOPMENT, f"Development {number}") for number in (1, 2)),
    *((EnvironmentType.NON_PRODUCTION, f"Quality {number}") for number in (1, 2, 3)),
    *((EnvironmentType.PRODUCTION, f"Production {number}") for number in (1, 2, 3, 4)),
    (EnvironmentType.MANAGEMENT, "Management 1"),
)
_FREE: Final = (1, 4)
"""Places in `_SLOTS` without an environment."""
_ODD: Final = 0x9E3779B97F4A7C15F39CC061
"""An odd multiplier, so that no two numbers below 2**96 have the same product modulo that."""
_ROLES: Final = ("member", "member", "financial_contact", "technical_contact", "additional_contact")
_TERM_START = datetime(2026, 1, 1, tzinfo=UTC)
_TERM_END = datetime(2036, 1, 1, tzinfo=UTC)

Rows = dict[Table, list[dict[str, Any]]]


@dataclass
class Askers:
    """People by what they see, by Slack's ids; engineers have a role in each infrastructure, admins one in all."""

    engineers: list[str] = field(default_factory=list)
    admins: list[str] = field(default_factory=list)
    engineers_of_ten: list[str] = field(default_factory=list)
    operators: list[str] = field(default_factory=list)


class _Writer:
    """Makes the rows of one company after the other; ids are given, since their rows refer to each other."""

    def __init__(self) -> None:
        self._last: dict[Table, int] = defaultdict(int)
        self.rows: Rows = defaultdict(list)
        self.askers = Askers()

    def add(self, table: Table, **values: Any) -> int:
        self._last[table] += 1
        self.rows[table].append({"id": self._last[table], **values})
        return self._last[table]

    def company(self, number: int) -> int:
        """Add a company with all that belongs to it, and give the number of its environments."""
        company = self.add(
            companies,
            name=f"Company {_scattered(number)}",
            account_manager_name="Jo Park",
            account_manager_email="jo.park@vendor.example",
        )
        admin, *staff = [self._person(company) for _ in range(1 + len(_ROLES))]
        self._role("company_admin", admin, company_id=company)
        large = number % _EVERY == 0
        size = LARGE if large else ORDINARY
        for place in range(1, size + 1):
            self._infrastructure(company, place, staff)
        engineers = self.askers.engineers_of_ten if large else self.askers.engineers
        engineers.append(_slack_id(staff[0]))
        if not large:
            self.askers.admins.append(_slack_id(admin))
        return size * TAKEN

    def operator(self) -> None:
        operator = self._person(None)
        self._role("operator", operator)
        self.askers.operators.append(_slack_id(operator))

    def _person(self, company: int | None) -> int:
        number = self._last[persons] + 1
        return self.add(
            persons,
            workspace_id=WORKSPACE,
            slack_id=_slack_id(number),
            email=f"person.{number}@company.example",
            name=f"Person {number}",
            company_id=company,
            slack_id_imported=True,
        )

    def _role(
        self, role: str, person: int, company_id: int | None = None, infrastructure_id: int | None = None
    ) -> None:
        self.add(
            roles,
            person_id=person,
            role=role,
            company_id=company_id,
            infrastructure_id=infrastructure_id,
            held_from=_TERM_START,
        )

    def _infrastructure(self, company: int, place: int, staff: list[int]) -> None:
        infrastructure = self.add(
            infrastructures,
            company_id=company,
            product_id=1,
            name=f"Plant {place}",
            activation_code=activation_code(self._last[infrastructures]),
            hosting="on_premises",
            files="signed",
        )
        self._subscription(infrastructure)
        for person, role in zip(staff, _ROLES, strict=True):
            self._role(role, person, infrastructure_id=infrastructure)
        for number, (environment_type, name) in enumerate(_SLOTS):
            slot = self.add(
                slots, infrastructure_id=infrastructure, environment_type=environment_type, name=name
            )
            if number not in _FREE:
                self._registration(slot, infrastructure, staff[0])

    def _subscription(self, infrastructure: int) -> None:
        self.add(
            subscriptions,
            infrastructure_id=infrastructure,
            edition="Enterprise",
            features=["high_availability"],
            limits={"users": 500},
            starts_at=_TERM_START,
            ends_at=_TERM_END,
            unbroken_since=_TERM_START,
            highest_version="11",
        )

    def _registration(self, slot: int, infrastructure: int, registrant: int) -> None:
        self.add(
            registrations,
            slot_id=slot,
            infrastructure_id=infrastructure,
            serial=serial(self._last[registrations]),
            platform_version="11.17.0",
            registrant_id=registrant,
            state="open",
            registered_at=_TERM_START,
        )


def fill(database: Database, environments: int) -> Askers:
    """Write at least so many environments into an empty database with tables.

    PostgreSQL gathers its statistics at once, which it would do by itself a minute later; SQLite never does.
    """
    writer = _Writer()
    with database.write() as connection:
        connection.execute(insert(workspaces), _workspace())
        product(connection)
        writer.operator()
        for rows in _batches(writer, environments):
            _write(connection, rows)
    if not database.is_sqlite:
        with database.read() as connection:
            connection.exec_driver_sql("ANALYZE")
    return writer.askers


def _batches(writer: _Writer, environments: int) -> Iterator[Rows]:
    made, number = 0, 0
    while made < environments:
        for _ in range(_COMPANIES_IN_A_BATCH):
            number += 1
            made += writer.company(number)
            if made >= environments:
                break
        yield writer.rows
        writer.rows.clear()


def _write(connection: Connection, rows: Rows) -> None:
    # Parents before children, whatever the order in which they were made.
    for table in (companies, persons, infrastructures, subscriptions, roles, slots, registrations):
        if rows[table]:
            connection.execute(insert(table), rows[table])


def _workspace() -> dict[str, Any]:
    return {"workspace_id": WORKSPACE, "name": "Bench", "bot_id": "B0BENCH", "bot_user_id": BOT_USER}


def product(connection: Connection) -> None:
    """Write the one product, with id 1."""
    values = {
        "id": 1,
        "name": "Platform",
        "audience": "platform",
        "console_name": "Console",
        "menu_path": "Administration > Licensing",
        "upload_path": "Administration > Licensing > Upload",
        "permitted_use": dict.fromkeys(EnvironmentType, "As the contract says."),
    }
    connection.execute(insert(products), values)


def _slack_id(person: int) -> str:
    return f"U{person:08}"


def _scattered(number: int) -> str:
    """A number as a name whose alphabetical order has nothing to do with the order of the rows."""
    return f"{number * 2_654_435_761 % 2**32:010}"


def serial(number: int) -> str:
    """A serial number, a different one for each number."""
    return _code(number, "-")


def activation_code(number: int) -> str:
    """An activation code, a different one for each number."""
    return _code(number, ".")


def _code(number: int, separator: str) -> str:
    """Eight groups of three symbols, a different one for each number, scattered over their index."""
    symbols = f"{number * _ODD % 2**96:024X}"
    return separator.join(symbols[place : place + 3] for place in range(0, 24, 3))
