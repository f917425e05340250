"""How the databases find what listeners read: through indexes, never by looking at all there is.

People of each kind type every subcommand to the product's own Bolt app, and every select that this takes is
explained by the database that it was sent to.
"""

import contextlib
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import pytest
from slack_bolt import App
from slack_sdk import WebClient
from sqlalchemy import Connection, event, select

from bot.app import bolt_app
from bot.dispatch import to_bolt
from bot.metrics import Metrics
from handlers import commands
from handlers.context import Context
from handlers.slack import WebCalls
from store import (
    file_deletions,
    home,
    home_redraws,
    infrastructures,
    menus,
    overviews,
    pauses,
    people,
    registration_rows,
    slot_counts,
    slots,
)
from store.asking_rate import require_rate
from store.database import Database
from store.desk import Act, Actor, Desk, Policy, intention, record_refusal
from store.home_redraws import Touched
from store.keys import KeyRing
from store.prepared import Prepared
from store.rules.checking import NotOneOfYours
from store.rules.environments import EnvironmentType
from store.rules.errors import Refusal
from store.rules.rights import RoleName
from store.tables import metadata, persons
from store.tables import slots as slot_rows
from store.vault import Vault, generate_key
from tests.bench.data import BOT_USER, WORKSPACE, Askers, fill
from tests.conftest import Clock
from tests.postgres import create_database

ENVIRONMENTS: Final = 20_000
NOT_LARGE: Final = frozenset({"products", "workspaces", "signing_keys"})
# PostgreSQL plans by what is in a table; SQLite plans alike for an empty one.
FILLED: Final = frozenset(
    {"companies", "infrastructures", "persons", "registrations", "roles", "slots", "subscriptions"}
)
# An index of nothing but what waits for an answer, which is little whatever else there is.
WAITING: Final = "uq_request_items_pending"
# What a node says that finds its rows by an index, or that writes those which another one found.
FOUND: Final = frozenset({"Index Cond", "Recheck Cond", "Operation"})
TYPED: Final = [
    "help",
    *(each.name for each in commands.SUBCOMMANDS),
    "slots plant",
    "environments Quality 1",
    "request Quality 1",
    "request 7QK-4ZP-M2X-9HB-T5R-C8W-E0N-001",
    "release Quality 1",
    "serial-changed Quality 1",
    "history Quality 1",
    "history 7QK-4ZP-M2X-9HB-T5R-C8W-E0N-001",
    "check 7QK-4ZP-M2X-9HB-T5R-C8W-E0N-001",
    "requests R-1001",
    "people plant",
    "subscription plant",
]
ASKERS: Final[dict[str, Callable[[Askers], str]]] = {
    "engineer": lambda askers: askers.engineers[0],
    "engineer of ten": lambda askers: askers.engineers_of_ten[0],
    "company admin": lambda askers: askers.admins[0],
}


@dataclass(frozen=True)
class Identity:
    workspace_id: str = WORKSPACE
    bot_user_id: str = BOT_USER


class NothingLater:
    """Calls to Slack come after what is read, and are not made."""

    def submit(self, call: Callable[[], object], on_error: Callable[[Exception], None]) -> None:
        """Leave it."""


@dataclass(frozen=True)
class Large:
    """A desk with many environments."""

    app: App
    desk: Desk
    askers: Askers

    @property
    def database(self) -> Database:
        """The database of the desk."""
        return self.desk.database

    def reads(self, user: str, text: str) -> list[tuple[str, Any]]:
        """The selects that answering `/license text` takes, with their parameters."""
        body = {
            "command": "/license",
            "team_id": WORKSPACE,
            "user_id": user,
            "channel_id": "D1",
            "text": text,
        }

        def answered() -> None:
            assert self.app.dispatch(to_bolt(body, {})).status == 200

        return [each for each in self.sent(answered) if each[0].lstrip().startswith(("SELECT", "WITH"))]

    def sent(self, act: Callable[[], None]) -> list[tuple[str, Any]]:
        """The statements that something takes, with their parameters."""
        sent: list[tuple[str, Any]] = []

        def note(_connection: object, _cursor: object, statement: str, values: Any, *_rest: object) -> None:
            sent.append((statement, values))

        event.listen(self.database.engine, "before_cursor_execute", note)
        act()
        event.remove(self.database.engine, "before_cursor_execute", note)
        return sent

    def words_of(self, prepared: Prepared) -> tuple[str, Any]:
        """What a prepared select is to the database, with parameters that find nothing."""
        compiled = prepared.query.compile(dialect=self.database.engine.dialect)
        values = {name: value or 0 for name, value in compiled.params.items()}
        return str(compiled), tuple(
            values[name] for name in compiled.positiontup
        ) if compiled.positiontup else values

    def scans(self, user: str, text: str) -> list[str]:
        """Every look at a whole table that those selects take, as the database words it."""
        reads = [self.words_of(people.WITH_ROLES), *self.reads(user, text)]
        return [scan for read in reads for scan in self.scans_of(*read)]

    def scans_of(self, statement: str, values: Any = ()) -> list[str]:
        """The same for one select."""
        explain = _explained_by_sqlite if self.database.is_sqlite else _explained_by_postgresql
        with self.database.write() as connection:
            return explain(connection, statement, values)


@contextmanager
def _large(url: str) -> Iterator[Large]:
    database, vault = Database(url), Vault([generate_key()])
    with database.write() as connection:
        metadata.create_all(connection)
    askers = fill(database, ENVIRONMENTS)
    desk = Desk(database, vault, KeyRing(vault), Policy(vendor="Meridian"), Clock())
    client = WebClient(token="xoxb-nobody", base_url="http://127.0.0.1:9/api/", retry_handlers=[])
    context = Context(desk, WebCalls(client), NothingLater(), Metrics(), Identity)
    yield Large(bolt_app(context, client), desk, askers)
    database.close()


@pytest.fixture(scope="module")
def large_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Large]:
    path: Path = tmp_path_factory.mktemp("large") / "desk.db"
    with _large(f"sqlite:///{path}") as large:
        yield large


@pytest.fixture(scope="module")
def large_postgresql(postgres_socket: str) -> Iterator[Large]:
    with _large(create_database(postgres_socket, f"large_{uuid4().hex}")) as large:
        yield large


@pytest.fixture(params=["sqlite", "postgresql"])
def large(request: pytest.FixtureRequest) -> Large:
    found: Large = request.getfixturevalue(f"large_{request.param}")
    return found


def _explained_by_sqlite(connection: Connection, statement: str, values: Any) -> list[str]:
    plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).all()
    scans = [row.detail for row in plan if row.detail.startswith("SCAN ")]
    return [scan for scan in scans if _is_large(scan.split()[1]) and not scan.endswith(WAITING)]


def _explained_by_postgresql(connection: Connection, statement: str, values: Any) -> list[str]:
    # A table of a few pages is read whole, whatever its indexes. Told to avoid that wherever it can, the planner
    # shows what it could do with more.
    for way in ("seqscan", "hashjoin", "mergejoin"):
        connection.exec_driver_sql(f"SET LOCAL enable_{way} = off")
    plan = connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {statement}", values).scalar_one()
    return [
        f"{node['Node Type']} {node['Relation Name']} {node.get('Index Name', '')}"
        for node in _nodes(plan[0]["Plan"])
        if node.get("Relation Name") in FILLED and not FOUND & set(node)
    ]


def _nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for child in node.get("Plans", []):
        yield from _nodes(child)


def _is_large(name: str) -> bool:
    """Whether that is a table that grows, or an alias of one; subqueries are not."""
    table = re.sub(r"_\d+$", "", name)
    return table in metadata.tables and table not in NOT_LARGE


@pytest.mark.parametrize("asker", ASKERS)
@pytest.mark.parametrize("text", TYPED)
def test_what_a_subcommand_reads_is_found_by_index(large: Large, asker: str, text: str) -> None:
    assert large.scans(ASKERS[asker](large.askers), text) == []


def test_what_is_counted_is_found_by_index(large: Large) -> None:
    assert large.scans_of(*large.words_of(overviews.OF_ROLES)) == []


def test_whose_home_a_change_concerns_is_found_by_index(large: Large) -> None:
    touched = Touched(actor_ids={1}, infrastructure_ids={1}, company_ids={1}, person_ids={1})

    def queued() -> None:
        with large.database.write() as connection:
            home_redraws.queue(connection, touched, large.desk.clock())

    home.opened(large.desk, Actor(1), 1)
    done = [each for each in large.sent(queued) if each[0].startswith("SELECT")]
    assert len(done) == 3  # infrastructures, companies, and what waits already
    assert [scan for each in done for scan in large.scans_of(*each)] == []


def test_the_operators_are_found_by_index(large: Large) -> None:
    def found() -> None:
        with large.database.read() as connection:
            people.operators(connection)

    assert [scan for each in large.sent(found) for scan in large.scans_of(*each)] == []


@pytest.mark.parametrize("asker", [*ASKERS, "operator"])
def test_what_only_home_reads_is_found_by_index(large: Large, asker: str) -> None:
    def read() -> None:
        slack_id = ASKERS[asker](large.askers) if asker in ASKERS else large.askers.operators[0]
        with large.database.read() as connection:
            query = select(persons.c.id).where(
                persons.c.workspace_id == WORKSPACE, persons.c.slack_id == slack_id
            )
            held = people.held_roles(connection, connection.execute(query).scalar_one())
            home.page_of(connection, 1)
            home.ending(connection, held, large.desk.clock(), 10)
            home.administered(connection, held)
            home.registered(connection, 1, 0, 10)

    assert [scan for each in large.sent(read) for scan in large.scans_of(*each)] == []


@pytest.mark.parametrize("asker", ASKERS)
def test_what_menus_offer_is_found_by_index(large: Large, asker: str) -> None:
    def read() -> None:
        with large.database.read() as connection:
            query = select(persons.c.id).where(persons.c.slack_id == ASKERS[asker](large.askers))
            held = people.held_roles(connection, connection.execute(query).scalar_one())
            for typed in ("", "plant 1"):
                menus.places(connection, held, frozenset(RoleName), typed)
                menus.environments(connection, held, frozenset(RoleName), typed)
                menus.environments(connection, held, frozenset(RoleName), typed, 1)
                menus.environments(
                    connection, held, frozenset(RoleName), typed, 1, kind=EnvironmentType.PRODUCTION
                )
                menus.free_slots(connection, 1, EnvironmentType.PRODUCTION, typed)
                menus.slots_of(connection, 1, typed)

    # People are found by workspace and Slack id together; here is only the latter.
    sent = [each for each in large.sent(read) if "persons" not in each[0]]
    assert [scan for each in sent for scan in large.scans_of(*each)] == []


def test_what_a_bulk_registration_reads_is_found_by_index(large: Large) -> None:
    def read() -> None:
        with large.database.read() as connection:
            query = select(slot_rows.c.infrastructure_id).where(slot_rows.c.id == 1)
            place = connection.execute(query).scalar_one()
            slots.named(connection, place, ["Quality 1"])
            slots.free_after(connection, place, EnvironmentType.PRODUCTION, 0, 10)
            slots.hold_all(connection, [1, 2])
            registration_rows.holders_of(connection, ["7QK-4ZP-M2X-9HB-T5R-C8W-E0N-001"])

    assert [scan for each in large.sent(read) for scan in large.scans_of(*each)] == []


def test_whether_a_slot_may_be_removed_is_found_by_index(large: Large) -> None:
    with large.database.read() as connection:
        query = select(slot_rows.c.infrastructure_id, slot_rows.c.environment_type).where(slot_rows.c.id == 1)
        infrastructure_id, environment_type = connection.execute(query).one()
    wanted = {EnvironmentType(environment_type): 0}
    done = large.sent(
        lambda: intention(slot_counts.adjust)(large.desk, Actor(None), infrastructure_id, wanted)
    )
    [removed] = [each for each in done if each[0].startswith("UPDATE slots")]
    assert large.scans_of(*removed) == []


def test_how_often_people_ask_and_are_refused_is_found_by_index(large: Large) -> None:
    def count() -> None:
        strict = replace(large.desk, policy=replace(large.desk.policy, requests_most=1, refusals_most=1))
        with contextlib.suppress(Refusal), strict.database.write() as connection:
            act = Act(connection, strict.clock(), Actor(1), strict)
            require_rate(act, 1, infrastructures.seen(connection, 1, 1))
        record_refusal(strict, Actor(1), NotOneOfYours(), "check")
        with strict.database.read() as connection:
            pauses.since(connection, strict.clock())
        pauses.tell_due(strict)
        pauses.forget_attempts(strict)

    own = ("attempts", "pauses", "requests")
    sent = [each for each in large.sent(count) if any(f"FROM {name}" in each[0] for name in own)]
    assert len(sent) >= 6
    assert [scan for each in sent for scan in large.scans_of(*each)] == []


def test_files_to_delete_from_slack_are_found_by_index(large: Large) -> None:
    policy = replace(large.desk.policy, delete_files_after_days=30)

    def look() -> None:
        file_deletions.queue_due(replace(large.desk, policy=policy))

    sent = large.sent(look)

    assert len(sent) == 2
    assert [scan for each in sent for scan in large.scans_of(*each)] == []


def test_a_look_at_a_whole_table_would_be_noticed(large: Large) -> None:
    assert large.scans_of("SELECT name FROM slots WHERE name = 'Quality 1'") != []
    assert large.scans_of("SELECT name FROM slots WHERE id = 1") == []


def test_operators_get_the_first_of_all_by_name_without_sorting_all(large_sqlite: Large) -> None:
    statement, values = large_sqlite.words_of(overviews.EVERYWHERE)
    with large_sqlite.database.read() as connection:
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).all()
    assert not [row.detail for row in plan if "ORDER BY" in row.detail]
