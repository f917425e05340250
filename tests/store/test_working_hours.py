"""Working hours in a file: read, checked, changed, taken away, and written again."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from store.database import Database
from store.desk import Desk
from store.tables import infrastructures
from tests.store.importing import COMPANY, CORE, DESK, Imports

HOURS = '    working_hours: {zone: Europe/Lisbon, days: [friday, monday], from: "8:00", until: "24:00"}\n'
KEPT = {"zone": "Europe/Lisbon", "days": ["monday", "friday"], "from": "08:00", "until": "24:00"}


@pytest.fixture
def database(sqlite_database: Database) -> Database:
    """Files are read the same on both databases."""
    return sqlite_database


@pytest.fixture
def imports(desk: Desk, tmp_path: Path) -> Imports:
    return Imports(desk, tmp_path)


def kept(imports: Imports) -> Any:
    with imports.desk.database.read() as connection:
        return connection.execute(select(infrastructures.c.working_hours)).scalar_one()


def test_working_hours_are_kept_and_stay_when_a_file_does_not_speak_of_them(imports: Imports) -> None:
    imports(DESK, COMPANY + CORE + HOURS)
    assert kept(imports) == KEPT
    imports(DESK, COMPANY + CORE)
    assert kept(imports) == KEPT


def test_always_takes_them_away(imports: Imports) -> None:
    imports(DESK, COMPANY + CORE + HOURS)
    imports(DESK, COMPANY + CORE + "    working_hours: always\n")
    assert kept(imports) is None


def test_an_export_writes_them_and_its_import_changes_nothing(imports: Imports) -> None:
    imports(DESK, COMPANY + CORE + HOURS)
    written = imports.exported()
    assert "working_hours" in written
    imports(*written.split("---\n"))
    assert (kept(imports), imports.exported()) == (KEPT, written)


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        (
            "Europe/Lisbon",
            "Europe/Lissabon",
            '"Europe/Lissabon" is not a time zone; did you mean Europe/Lisbon?',
        ),
        ("[friday, monday]", "[Montag]", '"Montag" is not a day; write it as monday'),
        ("[friday, monday]", "[]", "at least one day is needed"),
        ('"8:00"', "8", '"8" is not a time of day; write it as 08:30'),
        ('"24:00"', '"07:00"', "this must be later than the beginning, on the same day"),
        (', until: "24:00"', "", "until: this field is needed"),
        ("zone: Europe/Lisbon, ", "", "zone: this field is needed"),
        ("from:", "begin:", "begin: this field is not known"),
    ],
)
def test_what_is_wrong_is_named(imports: Imports, before: str, after: str, words: str) -> None:
    problems = imports.problems(DESK, COMPANY + CORE + HOURS.replace(before, after))
    assert any(words in each for each in problems), problems


def test_another_word_than_always_is_refused(imports: Imports) -> None:
    [problem] = imports.problems(DESK, COMPANY + CORE + "    working_hours: never\n")
    assert '"never" cannot be used; choose one of always' in problem
