"""The record, reports and checked license files at the command line."""

import csv
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import insert, select, update

from store import licenses, registrations, releases
from store.database import Database
from store.desk import Act, Actor, Desk, Policy, intention
from store.keys import KeyRing
from store.tables import audit_entries, audit_heads, infrastructures, persons, slots, subscriptions
from store.vault import Vault
from tests.cli.conftest import Program
from tests.example import serial


@intention
def issued(act: Act, registration_id: int) -> bytes:
    made = licenses.issue(act, registration_id)
    return licenses.text_of(act.desk, act.connection, made.id)


@pytest.fixture(scope="module")
def desk(operated: Program) -> Iterator[Desk]:
    """The program's desk, as the running bot has it."""
    database, vault = operated.database(), Vault([operated.settings["master_keys"]])
    yield Desk(database, vault, KeyRing(vault), Policy(vendor="Meridian"), lambda: datetime.now(UTC))
    database.close()


@pytest.fixture(scope="module")
def own(desk: Desk) -> int:
    """Ana's environment, Quality 1 of Acme Core, within a term that lasts."""
    with desk.database.write() as connection:
        term = {
            "starts_at": datetime(2020, 1, 1, tzinfo=UTC),
            "unbroken_since": datetime(2020, 1, 1, tzinfo=UTC),
        }
        connection.execute(update(subscriptions).values(ends_at=datetime(2999, 1, 1, tzinfo=UTC), **term))
    ana, slot = _id(desk.database, persons, "Ana Silva"), _id(desk.database, slots, "Quality 1")
    made = registrations.register(desk, Actor(ana), slot, serial(1), "11.17.0")
    assert made.environment.registration
    return made.environment.registration.id


def _id(database: Database, table: object, name: str) -> int:
    assert table is persons or table is slots or table is infrastructures
    with database.read() as connection:
        return int(connection.execute(select(table.c.id).where(table.c.name == name).limit(1)).scalar_one())


@pytest.fixture(scope="module")
def content(desk: Desk, own: int) -> bytes:
    return issued(desk, Actor(None, "schedule"), own)


def saved(folder: Path, content: bytes) -> Path:
    file = folder / "a.lic"
    file.write_bytes(content)
    return file


def test_the_record_is_shown_in_sentences_newest_first(operated: Program, content: bytes) -> None:
    first, second, *rest = operated.does("audit", "show").splitlines()

    assert first.startswith("The desk made license number 1 of Quality 1 (Non-production), SHA-256 ")
    assert second.startswith(
        f"Ana Silva registered Quality 1 (Non-production) with serial number {serial(1)}"
    )
    assert second.endswith(" UTC, from Slack).")
    assert "The desk gave Olga Ruiz the role operator (" in "\n".join(rest)


def test_the_record_is_filtered(operated: Program, content: bytes) -> None:
    by_ana = operated.does("audit", "show", "--person", "ana.silva@acme.example").splitlines()
    assert [line.partition(" with")[0] for line in by_ana] == [
        "Ana Silva registered Quality 1 (Non-production)"
    ]
    assert len(operated.does("audit", "show", "--infrastructure", "Globex Core").splitlines()) == 5
    assert operated.does("audit", "show", "--since", "2999-01-01") == "There is none.\n"
    assert operated.does("audit", "show", "--until", "2020-01-01") == "There is none.\n"
    assert len(operated.does("audit", "show", "--limit", "3").splitlines()) == 3


def test_a_filter_that_finds_nobody_and_nothing_is_said(operated: Program) -> None:
    assert operated.refuses("audit", "show", "--person", "x@y.example") == (
        "--person x@y.example: nobody known to the desk has this e-mail address or Slack id.\n"
    )
    assert operated.refuses("audit", "export", "--infrastructure", "Mars") == (
        "Mars: there is no infrastructure with this name or activation code.\n"
    )


def test_the_record_is_exported_as_json_lines(operated: Program, content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "record.jsonl"
    assert operated.does("audit", "export", "--infrastructure", "Acme Core", "--output", file) == ""

    entries = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    assert [each["position"] for each in entries] == list(range(1, len(entries) + 1))
    assert all(after["previous"] == before["hash"] for before, after in pairwise(entries))
    registered = next(each for each in entries if each["action"] == "register")
    assert registered["facts"]["serial"] == serial(1)
    assert registered["names"] == {
        "actor": "Ana Silva",
        "infrastructure": "Acme Core",
        "company": "Acme Logistics",
        "about": ["Quality 1 (Non-production)"],
        "registration": serial(1),
    }
    everything = operated.does("audit", "export").splitlines()
    assert len(everything) > len(entries)


def test_a_report_is_written_to_disk_with_its_figures_on_the_screen(
    operated: Program, content: bytes, tmp_path: Path
) -> None:
    folder = tmp_path / "reports"
    said = operated.does("report", "--output", folder)

    assert said.startswith("Slots: 1 of 10 used.\n")
    assert "1 environment ending later.\n" in said
    [table], [picture] = folder.glob("*.csv"), folder.glob("*.png")
    assert picture.read_bytes().startswith(b"\x89PNG")
    with table.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {each["infrastructure"] for each in rows} == {"Acme Core", "Acme Depot", "Globex Core"}
    assert sum(int(each["used"]) for each in rows) == 1


def test_a_report_can_be_about_one_company_or_infrastructure(operated: Program, tmp_path: Path) -> None:
    assert operated.does("report", "Globex", "--output", tmp_path).startswith("Slots: 0 of 1 used.\n")
    assert operated.does("report", "Acme Depot", "--output", tmp_path).startswith("Slots: 0 of 1 used.\n")
    assert operated.refuses("report", "Mars", "--output", tmp_path) == (
        "Mars: no company or infrastructure is called so.\n"
    )


def test_verify_says_whether_a_file_is_the_newest_of_its_slot(
    operated: Program, desk: Desk, own: int, content: bytes, tmp_path: Path
) -> None:
    file = saved(tmp_path, content)
    said = operated.does("verify", file)
    assert "In the database: number 1 of its slot, made on " in said
    assert "; it is the newest\n" in said

    with desk.database.write() as connection:
        connection.execute(update(subscriptions).values(edition="Premium"))
    issued(desk, Actor(None, "schedule"), own)
    said = operated.does("verify", file)
    assert "it is not the newest, which is number 2 of " in said
    assert "A newer license was made, number 2. A server that has seen it may refuse this one.\n" in said

    rui = _id(desk.database, persons, "Rui Costa")
    releases.release(desk, Actor(rui), own, "switched off")
    assert "The environment was released, so the file is not meant to be used any more." in operated.does(
        "verify", file
    )


def test_verify_without_the_database_says_nothing_of_the_slot(
    operated: Program, content: bytes, tmp_path: Path
) -> None:
    known = tmp_path / "jwks.json"
    known.write_text(operated.does("keys", "export"))

    said = Program(tmp_path).does("verify", saved(tmp_path, content), "--keys", known)

    assert "Its signature is good." in said
    assert "In the database" not in said


@pytest.fixture
def kept(operated: Program, content: bytes, tmp_path: Path) -> Path:
    """Heads of the record that were written to a file."""
    file = tmp_path / "heads.jwt"
    said = operated.does("audit", "heads", "--output", file)
    assert said.startswith(f"Written: {file}, the heads of ")
    return file


def test_the_record_holds_against_the_heads_that_were_exported(
    operated: Program, kept: Path, tmp_path: Path
) -> None:
    said = operated.does("audit", "verify", "--heads", kept)
    assert "None is missing since the heads were exported at 20" in said
    known = tmp_path / "jwks.json"
    known.write_text(operated.does("keys", "export"))
    assert operated.does("audit", "verify", "--heads", kept, "--keys", known) == said
    assert operated.does("audit", "heads").split(".")[0] == kept.read_text().split(".")[0]


def test_an_end_that_was_cut_off_with_its_note_is_named_against_the_heads(
    operated: Program, desk: Desk, kept: Path
) -> None:
    chain = audit_entries.c.chain == 0
    query = select(audit_entries).where(chain).order_by(audit_entries.c.position.desc()).limit(3)
    with desk.database.write() as connection:
        last, before, left = connection.execute(query).all()
        connection.execute(audit_entries.delete().where(audit_entries.c.id.in_([last.id, before.id])))
        shorter = update(audit_heads).where(audit_heads.c.chain == 0)
        connection.execute(shorter.values(position=left.position, hash=left.hash))
    assert "none changed and none missing" in operated.does("audit", "verify")

    done = operated("audit", "verify", "--heads", kept)

    assert done.returncode == 1
    assert done.stdout == (
        f"The record of the desk does not hold: entries {before.position} to {last.position} were cut off "
        "since its head was exported.\n"
    )
    with desk.database.write() as connection:
        connection.execute(
            insert(audit_entries),
            [dict(zip(audit_entries.c.keys(), row, strict=True)) for row in (before, last)],
        )
        connection.execute(shorter.values(position=last.position, hash=last.hash))


def test_heads_that_are_none_are_refused(operated: Program, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.write_text("Hello")
    assert "other cannot be trusted. These are no exported heads of the record at all" in operated.refuses(
        "audit", "verify", "--heads", other
    )
