"""The revocation list at the command line: written, shown and verified."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from store import licenses, registrations, releases, revocation_lists
from store.desk import Act, Actor, Desk, Policy, intention
from store.keys import KeyRing
from store.tables import persons, slots, subscriptions
from store.tables import revocation_lists as rows
from store.vault import Vault
from tests.cli.conftest import Program
from tests.example import serial

ITSELF = Actor(None, "schedule")


@intention
def issued(act: Act, registration_id: int) -> str:
    return licenses.issue(act, registration_id).jti


@pytest.fixture(scope="module")
def desk(operated: Program) -> Iterator[Desk]:
    """The program's desk, as the running bot has it."""
    database, vault = operated.database(), Vault([operated.settings["master_keys"]])
    yield Desk(database, vault, KeyRing(vault), Policy(vendor="Meridian"), lambda: datetime.now(UTC))
    database.close()


@pytest.fixture(scope="module")
def revoked(desk: Desk) -> str:
    """The license of an environment that was released."""
    with desk.database.write() as connection:
        term = dict.fromkeys(("starts_at", "unbroken_since"), datetime(2020, 1, 1, tzinfo=UTC))
        connection.execute(update(subscriptions).values(ends_at=datetime(2999, 1, 1, tzinfo=UTC), **term))
        ana, rui = (
            connection.execute(select(persons.c.id).where(persons.c.name == name)).scalar_one()
            for name in ("Ana Silva", "Rui Costa")
        )
        slot = connection.execute(select(slots.c.id).where(slots.c.name == "Quality 1")).scalar_one()
    made = registrations.register(desk, Actor(ana), slot, serial(1), "11.17.0")
    assert made.environment.registration
    jti = issued(desk, ITSELF, made.environment.registration.id)
    releases.release(desk, Actor(rui), made.environment.registration.id, "not needed")
    return jti


@pytest.fixture
def file(operated: Program, revoked: str, tmp_path: Path) -> Path:
    """The list, written to a file."""
    path = tmp_path / "license-revocations.jwt"
    assert (
        operated.does("revocations", "export", "--output", path)
        == f"Written: {path}, list 1 with 1 license.\n"
    )
    return path


def test_a_list_is_shown(operated: Program, revoked: str) -> None:
    first, second = operated.does("revocations", "list").splitlines()
    assert first.startswith(f"{revoked}  released     since 20")
    assert first.endswith(" UTC")
    assert second == "1 license."


def test_without_revocations_there_is_nothing_to_show(program: Program) -> None:
    program.does("migrate")
    assert program.does("revocations", "list") == "Every license counts that was made.\n"


def test_a_list_is_written_to_the_screen_or_to_a_file(operated: Program, file: Path) -> None:
    printed = operated.does("revocations", "export")
    assert printed.count(".") == 2
    assert printed.endswith("\n")
    assert file.read_text().split(".")[0] == printed.split(".")[0]


def test_a_good_list_is_said_to_be_good(operated: Program, file: Path) -> None:
    said = operated.does("revocations", "verify", file).splitlines()
    assert said[0] == "This is revocation list 1 of Meridian with 1 license. Its signature is good."
    assert len(said) == 2


def test_public_keys_do_instead_of_the_database(operated: Program, file: Path, tmp_path: Path) -> None:
    known = tmp_path / "jwks.json"
    known.write_text(operated.does("keys", "export"))
    said = Program(tmp_path).does("revocations", "verify", file, "--keys", known)
    assert "Its signature is good." in said


def test_a_list_that_was_changed_is_refused(operated: Program, file: Path) -> None:
    header, payload, signature = file.read_text().split(".")
    file.write_text(f"{header}.{payload[:40]}{payload[40:48][::-1]}{payload[48:]}.{signature}")
    assert "cannot be trusted. The signature does not match" in operated.refuses(
        "revocations", "verify", file
    )


def test_what_is_no_list_is_refused(operated: Program, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.write_text("Hello")
    assert "This is not a revocation list at all" in operated.refuses("revocations", "verify", other)


def test_a_license_file_is_no_revocation_list(
    operated: Program, desk: Desk, revoked: str, tmp_path: Path
) -> None:
    with desk.database.read() as connection:
        text = licenses.text_of(desk, connection, 1)
    (tmp_path / "a.lic").write_bytes(text)
    assert "names another type" in operated.refuses("revocations", "verify", tmp_path / "a.lic")


def test_a_stale_list_is_told_and_ends_with_status_1(
    operated: Program, desk: Desk, revoked: str, tmp_path: Path
) -> None:
    short = replace(desk, policy=replace(desk.policy, revocation_list_life=timedelta(microseconds=1)))
    (tmp_path / "stale").write_bytes(revocation_lists.make(short, ITSELF).text)
    done = operated("revocations", "verify", tmp_path / "stale")
    assert done.returncode == 1
    assert "It is stale: it still counts, but a newer one should be there by now.\n" in done.stdout


def test_an_older_list_and_one_of_another_desk_are_told(
    operated: Program, desk: Desk, revoked: str, file: Path, tmp_path: Path
) -> None:
    with desk.database.write() as connection:
        connection.execute(rows.insert().values(seq=2, digest="0" * 64, entries=0, made_at=datetime.now(UTC)))
    older = operated("revocations", "verify", file)
    assert (older.returncode, older.stdout.splitlines()[-1]) == (
        1,
        "It is not the newest: list 2 was made since.",
    )
    with desk.database.write() as connection:
        connection.execute(rows.update().where(rows.c.seq == 1).values(digest="1" * 64))
    other = operated("revocations", "verify", file)
    assert other.stdout.splitlines()[-1] == "It is not what this desk listed under the number 1."
