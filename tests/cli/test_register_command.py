"""`license-desk register`: a table at the command line."""

import csv
import shutil
from io import StringIO
from pathlib import Path

import pytest
from sqlalchemy import func, select

from store.tables import audit_entries, persons, registrations
from tests.cli.conftest import Program
from tests.example import serial

HEAD = "infrastructure,environment type,slot,serial number,platform version"


@pytest.fixture
def own(operated: Program, tmp_path: Path) -> Program:
    """The example company, for one test alone."""
    shutil.copy(operated.folder / "license-desk.db", tmp_path)
    return Program(tmp_path, operated.settings)


def table(program: Program, *rows: str) -> Path:
    file = program.folder / "table.csv"
    file.write_text("\n".join([HEAD, *rows]))
    return file


def production(number: int, slot: str = "") -> str:
    return f"Acme Core,Production,{slot},{serial(number)},11.17.0"


def registered(program: Program) -> int:
    database = program.database()
    with database.read() as connection:
        many = connection.execute(select(func.count(registrations.c.id))).scalar_one()
    database.close()
    return many


def test_a_dry_run_says_what_it_would_come_to_and_writes_nothing(own: Program) -> None:
    said = own.does("register", table(own, production(1), production(2)), "--as", "U0BEN", "--dry-run")

    assert "2 of 2 rows can be registered, and no row has a fault. Nothing was registered yet." in said
    assert "Prod 1" in said
    assert registered(own) == 0


def test_rows_are_registered_for_the_person_named_and_recorded_so(own: Program) -> None:
    said = own.does("register", table(own, production(1), production(2)), "--as", "ben.okafor@acme.example")

    assert "2 environments of 2 rows are registered now, and no row has a fault." in said
    assert registered(own) == 2
    database = own.database()
    with database.read() as connection:
        query = select(persons.c.slack_id, audit_entries.c.source).join(
            persons, persons.c.id == audit_entries.c.actor_id
        )
        found = connection.execute(query.where(audit_entries.c.action == "register")).all()
    database.close()
    assert [tuple(each) for each in found] == [("U0BEN", "command")] * 2


def test_rows_with_faults_are_named_and_the_status_says_so(own: Program) -> None:
    done = own("register", table(own, production(1), production(2, "Prod 9")), "--as", "U0BEN")

    assert done.returncode == 1
    assert done.stderr == ""
    assert "Acme Core has no slot called “Prod 9”" in " ".join(done.stdout.split())
    assert "1 environment of 2 rows is registered now, 1 row could not be." in done.stdout
    assert registered(own) == 1


def test_all_or_nothing_registers_nothing_then(own: Program) -> None:
    file = table(own, production(1), production(2, "Prod 9"))

    done = own("register", file, "--as", "U0BEN", "--all-or-nothing")

    assert done.returncode == 1
    assert "Nothing was registered, because you asked for all or nothing." in done.stdout
    assert registered(own) == 0


def test_every_row_with_its_result_is_written_where_it_is_asked_for(own: Program) -> None:
    output = own.folder / "results.csv"
    own("register", table(own, production(1), production(2, "=9")), "--as", "U0BEN", "--output", str(output))

    rows = list(csv.DictReader(StringIO(output.read_text("utf-8-sig"))))
    assert [(each["line"], each["result"], each["column"], each["slot"]) for each in rows] == [
        ("2", "registered", "", "Prod 1"),
        ("3", "not registered", "slot", "'=9"),
    ]


def test_the_same_again_is_the_same_answer(own: Program) -> None:
    file = table(own, production(1))
    own.does("register", file, "--as", "U0BEN")

    said = own.does("register", file, "--as", "U0BEN")

    assert "0 environments of 1 row are registered now, 1 was registered like this before" in said


def test_it_says_that_somebody_has_to_be_named(own: Program) -> None:
    assert "--as PERSON" in own.refuses("register", table(own, production(1)))
    assert "nobody known" in own.refuses("register", table(own, production(1)), "--as", "U0NOBODY")


def test_what_is_no_table_is_refused_in_words(own: Program) -> None:
    file = own.folder / "table.csv"
    file.write_bytes("Zürich".encode("latin-1"))

    assert "UTF-8" in own.refuses("register", file, "--as", "U0BEN")
    assert "No such file" in own.refuses("register", own.folder / "none.csv", "--as", "U0BEN")
