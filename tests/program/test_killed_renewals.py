"""Commands that make licenses anew are killed again and again: every license is made once, every file comes once."""

import io
import random
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import Connection, func, insert, select

from bot.sandbox.client import SlackClient
from store.database import Database
from store.tables import (
    infrastructures,
    licenses,
    persons,
    registrations,
    reissues,
    signing_keys,
    slots,
)
from tests.example import serial
from tests.postgres import create_database
from tests.program.conftest import Program, wait_until

CORE = "AC1.K7Q.2MX.9PL.4RT.8WZ.3VB.6NC"
CELLS = 2400
LAST_DAY = f"{datetime.now(UTC).year + 2}-12-31"
COMMAND = ("subscription", "renew", CORE, "--until", LAST_DAY)
KILLS = 3


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'desk.db'}"
    return create_database(request.getfixturevalue("postgres_socket"), f"renewal_{uuid4().hex}")


@contextmanager
def opened(program: Program) -> Iterator[Database]:
    database = Database(program.settings["LICENSE_DESK_DATABASE_URL"])
    yield database
    database.close()


def license_many(connection: Connection) -> None:
    """Rui Costa, the technical contact, has registered thousands of cells, each with a license."""
    of_core = infrastructures.c.activation_code == CORE
    core = connection.execute(select(infrastructures.c.id).where(of_core)).scalar_one()
    rui = connection.execute(select(persons.c.id).where(persons.c.slack_id == "U0RUI")).scalar_one()
    key, now = connection.execute(select(signing_keys.c.id)).scalar_one(), datetime.now(UTC)
    slot = {"infrastructure_id": core, "environment_type": "production"}
    connection.execute(insert(slots), [{**slot, "name": f"Cell {each}"} for each in range(CELLS)])
    cells = connection.execute(select(slots.c.id).where(slots.c.name.startswith("Cell "))).scalars().all()
    row = {"infrastructure_id": core, "platform_version": "11.17.0", "registrant_id": rui, "state": "open"}
    numbered = enumerate(cells, start=1)
    rows = [{**row, "slot_id": cell, "serial": serial(n), "registered_at": now} for n, cell in numbered]
    connection.execute(insert(registrations), rows)
    made = connection.execute(select(registrations.c.id, registrations.c.slot_id)).all()
    first = {"seq": 1, "key_id": key, "not_before": now, "issued_at": now, "sameness": "", "sha256": ""}
    first |= {"text_encrypted": b""}
    ids = [{"jti": f"cell {each.id}", "registration_id": each.id, "slot_id": each.slot_id} for each in made]
    connection.execute(insert(licenses), [{**first, **each} for each in ids])


def kill_when(
    program: Program, come: Callable[[], object], seconds: float, command: Sequence[str] = COMMAND
) -> bool:
    """Start the command, and kill it so many seconds after the moment has come; tell whether it was in time."""
    line = [sys.executable, "-m", "bot.cli", *command]
    with subprocess.Popen(
        line, cwd=program.folder, env=program._environment(), stdout=subprocess.DEVNULL
    ) as process:
        while process.poll() is None and not come():
            time.sleep(0.002)
        time.sleep(seconds)
        process.kill()
    return process.returncode == -signal.SIGKILL


def position(database: Database) -> int:
    """How far the renewal got; -1 before it began."""
    with database.read() as connection:
        query = select(reissues.c.position).where(reissues.c.finished_at.is_(None))
        found = connection.execute(query).scalar_one_or_none()
    return -1 if found is None else int(found)


def test_a_renewal_killed_at_several_moments_makes_each_license_once_and_sends_each_file_once(
    program: Program, slack: SlackClient
) -> None:
    chance = random.Random(365)  # noqa: S311 - chooses moments, protects nothing.
    with opened(program) as database:
        with database.write() as connection:
            license_many(connection)
        # Before it has done anything, when it has begun, and in the middle of batches.
        assert kill_when(program, lambda: True, 0.05)
        assert kill_when(program, lambda: position(database) >= 0, 0.0)
        in_the_middle = 0
        for _ in range(KILLS):
            before = max(0, position(database))
            kill_when(program, lambda: position(database) > before, chance.uniform(0, 0.05))  # noqa: B023 - called at once.
            in_the_middle += position(database) > before
        assert in_the_middle >= KILLS - 1
        done = program.command(*COMMAND)
        assert (done.returncode, done.stderr) == (0, "")
        _each_license_once(database)
        assert program.command("audit", "verify").returncode == 0
        program.start()
        wait_until(lambda: slack.files("U0RUI"), 60)
        wait_until(lambda: "queued" not in program.command("deliveries", "list").stdout, 60)
        _each_file_once(database, slack)


def test_a_compromise_killed_in_the_middle_is_carried_on_by_the_running_bot(
    program: Program, slack: SlackClient
) -> None:
    with opened(program) as database:
        with database.write() as connection:
            license_many(connection)
            lost = connection.execute(select(signing_keys.c.kid)).scalar_one()
        command = ("keys", "compromise", lost, "--yes")
        assert kill_when(program, lambda: position(database) > 0, 0.0, command)
        assert position(database) > 0
        program.start()
        wait_until(lambda: slack.files("U0RUI"), 60)
        wait_until(lambda: "queued" not in program.command("deliveries", "list").stdout, 60)
        _each_license_once(database)
        _each_file_once(database, slack)
        with database.read() as connection:
            by_key = select(signing_keys.c.state, licenses.c.seq).join(licenses).distinct()
            assert set(connection.execute(by_key)) == {("compromised", 1), ("active", 2)}
        assert program.command("audit", "verify").returncode == 0


def _each_license_once(database: Database) -> None:
    with database.read() as connection:
        numbers = connection.execute(select(licenses.c.seq, func.count()).group_by(licenses.c.seq)).all()
        slots_of_second = select(func.count(licenses.c.slot_id.distinct())).where(licenses.c.seq == 2)
        assert {row[0]: row[1] for row in numbers} == {1: CELLS, 2: CELLS}
        assert connection.execute(slots_of_second).scalar_one() == CELLS


def _each_file_once(database: Database, slack: SlackClient) -> None:
    [archive] = slack.files("U0RUI")
    with zipfile.ZipFile(io.BytesIO(slack.download(archive))) as opened_archive:
        names = [each for each in opened_archive.namelist() if each.endswith(".lic")]
        sent = [sha256(opened_archive.read(each)).hexdigest() for each in names]
    with database.read() as connection:
        made = connection.execute(select(licenses.c.sha256).where(licenses.c.seq == 2)).scalars().all()
    assert sorted(sent) == sorted(made)
