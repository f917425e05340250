from sqlalchemy import select

from store import infrastructures, people
from store.database import Database
from store.rules.rights import RoleName
from store.tables import metadata
from tests.example import Example


def test_every_test_begins_with_empty_tables(database: Database) -> None:
    with database.read() as connection:
        assert [
            name for name, table in metadata.tables.items() if connection.execute(select(table)).first()
        ] == []


def test_the_example_has_somebody_in_every_role(database: Database, example: Example) -> None:
    with database.read() as connection:
        held = {holder.role for holder in people.holders(connection, example.core, list(RoleName))}
        seen = infrastructures.seen_by(connection, example.ana)
    assert held == set(RoleName)
    assert [each.infrastructure.name for each in seen] == ["Acme Cloud", "Acme Core", "Acme Depot"]
