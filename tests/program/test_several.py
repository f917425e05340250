"""Several processes on one PostgreSQL, each with its part of the work; started, killed and started again."""

import signal
from uuid import uuid4

import pytest

from bot.play import FIRST_SERIAL, VERSION
from bot.sandbox.client import SlackClient
from handlers.blocks.ids import Action
from store.database import Database
from tests.postgres import create_database
from tests.program.conftest import CHANNEL, Program, ask, register, wait_until


class TestOnPostgres:
    """Processes that share a database server."""

    @pytest.fixture
    def database_url(self, postgres_socket: str) -> str:
        return create_database(postgres_socket, f"several_{uuid4().hex}")

    def test_each_does_its_part_and_together_they_do_everything(
        self, program: Program, slack: SlackClient
    ) -> None:
        web, *_ = (program.start("--role", role) for role in ("web", "courier", "schedule"))
        wait_until(lambda: slack.connections() == 1)

        register(slack, "U0ANA", FIRST_SERIAL, VERSION, "Quality 1")
        ask(slack, "U0ANA", "Quality 1")
        wait_until(lambda: slack.messages(CHANNEL))
        slack.click("U0RUI", slack.messages(CHANNEL)[0], str(Action.FORWARD))
        wait_until(lambda: slack.files("U0ANA"))

        for each in program.running:
            each.send_signal(signal.SIGTERM)
        assert [each.wait(30) for each in program.running] == [0, 0, 0]
        assert web.poll() == 0

    def test_couriers_come_and_go_while_nothing_is_lost_or_sent_twice(
        self, program: Program, slack: SlackClient
    ) -> None:
        program.start("--role", "web")
        wait_until(lambda: slack.connections() == 1)
        slots = ("Quality 1", "Quality 2", "Prod 1")
        for number, slot in enumerate(slots, start=1):
            courier = program.start("--role", "courier")
            register(slack, "U0ANA", f"{FIRST_SERIAL[:-1]}{number}", VERSION, slot)
            ask(slack, "U0ANA", slot)
            courier.send_signal(signal.SIGTERM)
            courier.wait(30)
        assert len(slack.messages(CHANNEL)) <= len(slots)

        first, second = (program.start("--role", "courier") for _ in range(2))
        wait_until(lambda: len(slack.messages(CHANNEL)) == len(slots))
        for card in slack.messages(CHANNEL):
            slack.click("U0RUI", card, str(Action.FORWARD))
        first.send_signal(signal.SIGTERM)
        wait_until(lambda: len(slack.files("U0ANA")) == len(slots))
        assert second.poll() is None
        assert program.command("audit", "verify").returncode == 0

    def test_a_version_that_runs_goes_on_while_the_next_one_migrates(
        self, program: Program, slack: SlackClient
    ) -> None:
        program.start()
        wait_until(lambda: slack.connections() == 1)
        register(slack, "U0ANA", FIRST_SERIAL, VERSION, "Quality 1")

        expand(program.settings["LICENSE_DESK_DATABASE_URL"])

        ask(slack, "U0ANA", "Quality 1")
        wait_until(lambda: slack.messages(CHANNEL))
        slack.click("U0RUI", slack.messages(CHANNEL)[0], str(Action.FORWARD))
        wait_until(lambda: slack.files("U0ANA"))
        late = program.start()
        assert late.wait(30) == 1
        assert "newer" in program.logs()
        assert program.running[0].poll() is None


def expand(url: str) -> None:
    """What the migrations of a next version may do while this one runs: add, and change nothing that is there."""
    database = Database(url)
    with database.write() as connection:
        for statement in (
            "ALTER TABLE requests ADD COLUMN ticket VARCHAR(40)",
            "ALTER TABLE deliveries ADD COLUMN weight INTEGER NOT NULL DEFAULT 0",
            "CREATE TABLE tickets (id BIGSERIAL PRIMARY KEY, request_id BIGINT REFERENCES requests (id))",
            "CREATE INDEX ix_requests_ticket ON requests (ticket)",
            "UPDATE alembic_version SET version_num = '9999'",
        ):
            connection.exec_driver_sql(statement)
    database.close()


def test_a_part_alone_is_refused_on_sqlite(program: Program) -> None:
    done = program.command("run", "--role", "courier")
    assert done.returncode == 1
    assert "One SQLite file serves one running program, which does everything." in done.stderr
    assert "Traceback" not in done.stderr
