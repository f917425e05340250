import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module, resources
from pathlib import Path
from uuid import uuid4

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Table, UniqueConstraint, inspect, text

from store.database import Database
from store.migrating import check, known_versions, migrate, version
from store.rules.database_errors import DatabaseNewer, DatabaseOlder
from store.tables import metadata
from tests.postgres import create_database

DEFINITIONS = {
    # Everything but the name of a table's owner and the bookkeeping of versions.
    "sqlite": "SELECT name, sql FROM sqlite_master WHERE tbl_name <> 'alembic_version' AND sql IS NOT NULL",
    "postgresql": """
        SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
        UNION ALL
        SELECT conrelid::regclass || ' ' || conname, pg_get_constraintdef(oid) FROM pg_constraint
            WHERE connamespace = 'public'::regnamespace
        UNION ALL
        SELECT table_name || '.' || column_name,
            concat_ws(' ', data_type, character_maximum_length, is_nullable, column_default)
            FROM information_schema.columns WHERE table_schema = 'public'
    """,
}


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database without any table."""
    if request.param == "sqlite":
        database = Database(f"sqlite:///{tmp_path / 'empty.db'}")
    else:
        database = Database(
            create_database(request.getfixturevalue("postgres_socket"), f"empty_{uuid4().hex}")
        )
    yield database
    database.close()


def definitions(database: Database) -> dict[str, list[str]]:
    """What the database itself says it consists of; the order of columns does not matter."""
    with database.read() as connection:
        rows = connection.execute(text(DEFINITIONS[connection.dialect.name])).all()
    return {name: _parts(definition) for name, definition in rows if "alembic_version" not in name}


def _parts(definition: str) -> list[str]:
    flat = " ".join(definition.split())
    head, _, body = flat.partition("(") if flat.startswith("CREATE TABLE") else ("", "", flat)
    parts = [
        _ADDED_REFERENCE.sub(_as_of_table, each) for each in re.split(_COMMA, body.removesuffix(")").strip())
    ]
    return [head, *sorted(re.split(_COMMA, ", ".join(parts)))]


_COMMA = r", (?![^(]*\))"
# SQLite keeps the words of a statement that added a column: there a reference stands beside its column.
_ADDED_REFERENCE = re.compile(r"^(\w+)( \w+) CONSTRAINT (\w+) REFERENCES (\w+ \(\w+\))$")


def _as_of_table(added: re.Match[str]) -> str:
    column, kind, name, target = added.groups()
    return f"{column}{kind}, CONSTRAINT {name} FOREIGN KEY({column}) REFERENCES {target}"


@pytest.fixture
def created(empty: Database, request: pytest.FixtureRequest) -> Database:
    """A database of the same kind as `empty`, made from the tables instead of the migrations."""
    kind = "sqlite" if empty.is_sqlite else "postgresql"
    found: Database = request.getfixturevalue(f"{kind}_database")
    return found


def test_migrations_and_tables_define_the_same_database(empty: Database, created: Database) -> None:
    migrate(empty)
    assert definitions(empty) == definitions(created)


def test_the_comparison_sees_a_partial_index_that_lost_its_condition(
    empty: Database, created: Database
) -> None:
    migrate(empty)
    with empty.write() as connection:
        connection.execute(text("DROP INDEX uq_slots_name"))
        connection.execute(text("CREATE UNIQUE INDEX uq_slots_name ON slots (infrastructure_id, name)"))
    expected = definitions(created)
    assert [name for name, parts in definitions(empty).items() if parts != expected[name]] == [
        "uq_slots_name"
    ]


def test_two_programs_that_migrate_at_once_do_it_once(empty: Database) -> None:
    with ThreadPoolExecutor(2) as pool:
        migrated = list(pool.map(migrate, [empty, empty]))
    assert sorted(each.before or "" for each in migrated) == ["", known_versions()[-1]]


def test_an_empty_database_is_refused_and_the_command_named(empty: Database) -> None:
    with pytest.raises(DatabaseOlder, match=r"has not been set up yet.*license-desk migrate"):
        check(empty)


def test_a_migrated_database_is_accepted(empty: Database) -> None:
    migrated = migrate(empty)
    check(empty)
    assert (migrated.before, migrated.after) == (None, version(empty)) == (None, known_versions()[-1])


def test_migrating_twice_changes_nothing(empty: Database) -> None:
    migrate(empty)
    before = definitions(empty)
    assert migrate(empty).before == known_versions()[-1]
    assert definitions(empty) == before


def test_an_older_database_is_refused_with_both_versions(empty: Database) -> None:
    migrate(empty)
    _pretend_version(empty, known_versions()[0])
    with pytest.raises(
        DatabaseOlder, match=rf"at version {known_versions()[0]}.*needs version {known_versions()[-1]}"
    ):
        check(empty)


def test_a_newer_database_is_refused_and_left_alone(empty: Database) -> None:
    migrate(empty)
    _pretend_version(empty, "9999")
    for act in (check, migrate):
        with pytest.raises(DatabaseNewer, match=r"version 9999, which is newer"):
            act(empty)
    assert version(empty) == "9999"


def _pretend_version(database: Database, number: str) -> None:
    with database.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :number"), {"number": number})


def test_a_migration_that_fails_leaves_nothing_behind(empty: Database) -> None:
    with empty.write() as connection:
        connection.execute(text("CREATE TABLE deliveries (id INTEGER)"))
    with pytest.raises(Exception, match="deliveries"):
        migrate(empty)
    with empty.read() as connection:
        assert _tables(connection) == {"deliveries"}


def _tables(connection: Connection) -> set[str]:
    return set(inspect(connection).get_table_names())


def test_each_known_version_follows_the_one_before() -> None:
    config = Config()
    config.set_main_option("script_location", "store:migrations")
    revisions = ScriptDirectory.from_config(config).walk_revisions()
    assert [revision.revision for revision in revisions] == known_versions()[::-1]


def test_checking_does_not_load_alembic() -> None:
    program = "import sys, store.migrating; sys.exit('alembic' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


@pytest.mark.parametrize("table", metadata.tables.values(), ids=str)
def test_no_two_unique_constraints_of_a_table_share_their_columns(table: Table) -> None:
    indexes = [tuple(str(part) for part in index.expressions) for index in table.indexes if index.unique]
    constraints = [
        tuple(str(column) for column in each.columns)
        for each in table.constraints
        if isinstance(each, UniqueConstraint)
    ]
    shared = [columns for columns, times in Counter(indexes + constraints).items() if times > 1]
    assert shared == []


# Until the first release every installation migrates while it stands still.
FIRST_RELEASE = "0017"
EXPANDS = re.compile(
    r"CREATE (TABLE|(UNIQUE )?INDEX) |ALTER TABLE \w+ ADD COLUMN \w+ (?!(?!.*DEFAULT).*NOT NULL)", re.DOTALL
)


@pytest.mark.parametrize("version", [each for each in known_versions() if each > FIRST_RELEASE])
def test_a_migration_adds_and_takes_nothing_from_the_version_that_still_runs(version: str) -> None:
    [name] = [
        each.name.removesuffix(".py")
        for each in resources.files("store.migrations.versions").iterdir()
        if each.name.startswith(version)
    ]
    migration = import_module(f"store.migrations.versions.{name}")
    if not getattr(migration, "CONTRACTS", False):
        assert [each for each in migration.STATEMENTS if not EXPANDS.match(each.strip())] == []


@pytest.mark.parametrize(
    "statement",
    [
        "DROP INDEX ix_slots_type",
        "ALTER TABLE slots DROP COLUMN name",
        "ALTER TABLE slots ADD COLUMN shelf INTEGER NOT NULL",
        "ALTER TABLE slots RENAME TO places",
    ],
)
def test_what_takes_something_away_is_no_expansion(statement: str) -> None:
    assert not EXPANDS.match(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE slots ADD COLUMN shelf INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE slots ADD COLUMN shelf INTEGER DEFAULT 0 NOT NULL",
        "ALTER TABLE slots ADD COLUMN shelf INTEGER",
        "CREATE UNIQUE INDEX uq_shelves ON shelves (id)",
    ],
)
def test_what_adds_is_an_expansion(statement: str) -> None:
    assert EXPANDS.match(statement)
