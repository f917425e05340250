"""An import beside a running desk: it locks briefly, it can be cut off, and it overwrites nobody."""

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import insert, update

from store.desk import Desk
from store.importing import Options, load
from store.importing.loading import Progress
from store.rules.import_errors import ChangedMeanwhile
from store.tables import companies, persons, registrations, slots
from tests.example import serial
from tests.store.importing import BY_IMPORT, COMPANY, CORE, DESK, PEOPLE, TERM, Imports

MANY = COMPANY + PEOPLE + CORE + TERM + "    slots: {production: 20000}\n"
FEW = COMPANY + PEOPLE + CORE + TERM + "    slots: {production: 2}\n"


@pytest.fixture
def imports(desk: Desk, tmp_path: Path) -> Imports:
    return Imports(desk, tmp_path)


def when_writing(path: Path, act: Callable[[], None]) -> Progress:
    """Do something once, when the second reading has begun."""
    waiting = [act]

    def progress(done: int) -> None:
        if done > path.stat().st_size and waiting:
            waiting.pop()()

    return progress


def test_the_desk_goes_on_writing_while_a_long_file_is_imported(imports: Imports) -> None:
    imports(DESK, FEW)
    written = 0
    importing = threading.Thread(target=imports, args=(DESK, MANY))
    importing.start()
    while importing.is_alive():
        with imports.desk.database.write() as connection:
            connection.execute(update(persons).values(guest=False))
        written += 1
        importing.join(0.001)
    assert len(imports.rows(slots)) == 20_000
    assert written >= 10


def test_an_import_that_is_cut_off_is_completed_by_the_next_one(imports: Imports) -> None:
    def cut_off() -> None:
        raise KeyboardInterrupt

    more = COMPANY.replace("Acme", "Globex")
    path = imports.written(DESK, MANY, *(more.replace("Globex", f"Globex {number}") for number in range(3)))
    with pytest.raises(KeyboardInterrupt):
        load(imports.desk, BY_IMPORT, path, Options(), _at_document(5, cut_off, path))
    assert 0 < len(imports.rows(companies)) < 4
    load(imports.desk, BY_IMPORT, path, Options())
    assert len(imports.rows(companies)) == 4
    assert load(imports.desk, BY_IMPORT, path, Options(True, True)).changes_nothing


def _at_document(number: int, act: Callable[[], None], path: Path) -> Progress:
    seen = 0

    def progress(done: int) -> None:
        nonlocal seen
        seen += done > path.stat().st_size
        if seen == number:
            act()

    return progress


def test_a_slot_that_is_taken_meanwhile_is_not_removed(imports: Imports) -> None:
    imports(DESK, FEW)
    path = imports.written(DESK, FEW.replace("production: 2", "production: 1"))
    with pytest.raises(
        ChangedMeanwhile, match=r"^Somebody changed the same things while acme\.yml was being"
    ):
        load(
            imports.desk,
            BY_IMPORT,
            path,
            Options(prune=True),
            when_writing(path, lambda: take_every_slot(imports)),
        )
    assert [row.removed_at for row in imports.rows(slots)] == [None, None]


def take_every_slot(imports: Imports) -> None:
    person = imports.rows(persons)[0].id
    with imports.desk.database.write() as connection:
        for slot in imports.rows(slots):
            connection.execute(
                insert(registrations).values(
                    slot_id=slot.id, infrastructure_id=slot.infrastructure_id, serial=serial(slot.id),
                    platform_version="11.17.0", registrant_id=person, state="open",
                    registered_at=imports.desk.clock(),
                )
            )  # fmt: skip


def test_somebody_added_meanwhile_is_not_added_twice(imports: Imports) -> None:
    path = imports.written(DESK, FEW)

    def appear() -> None:
        with imports.desk.database.write() as connection:
            connection.execute(insert(persons).values(workspace_id="T0ACME", slack_id="U0ANA", name="Ana"))

    load(imports.desk, BY_IMPORT, path, Options(), when_writing(path, appear))
    assert [row.slack_id for row in imports.rows(persons)] == ["U0ANA", None]
