"""`license-desk import --welcome`, by starting it."""

from sqlalchemy import select

from store.tables import deliveries
from tests.cli.conftest import EXAMPLE, Program


def welcomed(program: Program) -> list[str]:
    """Who is to be greeted, by the occasion of their message."""
    database = program.database()
    with database.read() as connection:
        query = select(deliveries.c.occasion).where(deliveries.c.notice == "welcome")
        found = list(connection.execute(query.order_by(deliveries.c.id)).scalars())
    database.close()
    return found


def test_an_import_greets_everybody_with_a_role_once(program: Program) -> None:
    program.does("migrate")
    program.does("import", EXAMPLE)
    assert welcomed(program) == []

    assert program.does("import", EXAMPLE, "--welcome").endswith("Welcome messages queued: 11.\n")

    assert len(set(welcomed(program))) == len(welcomed(program)) == 11
    assert program.does("import", EXAMPLE, "--welcome").endswith("Nobody new to welcome.\n")


def test_a_dry_run_greets_nobody(program: Program) -> None:
    program.does("migrate")
    program.does("import", EXAMPLE)
    assert "elcome" not in program.does("import", EXAMPLE, "--welcome", "--dry-run")
    assert welcomed(program) == []
