"""`license-desk files`: the vendor's files at the command line."""

import os
import shutil
from hashlib import sha256
from pathlib import Path

import pytest
from sqlalchemy import select, update

from bot.settings import Settings
from store import sealed_files
from store.tables import audit_entries, held_files, infrastructures
from store.vault import Vault
from tests.cli.conftest import Program
from tests.example import serial

HEAD = "infrastructure,environment type,slot,serial number,platform version"


@pytest.fixture
def own(operated: Program, tmp_path: Path) -> Program:
    """The example company with a registered environment of `Acme Core`, whose files the vendor makes."""
    shutil.copy(operated.folder / "license-desk.db", tmp_path)
    program = Program(tmp_path, operated.settings)
    table = tmp_path / "table.csv"
    table.write_text(f"{HEAD}\nAcme Core,Production,Prod 1,{serial(1)},11.17.0\n")
    program.does("register", table, "--as", "U0BEN")
    database = program.database()
    with database.write() as connection:
        connection.execute(update(infrastructures).values(files="held"))
    database.close()
    return program


def file(program: Program, content: bytes, name: str = "vendor.lic") -> Path:
    path = program.folder / name
    path.write_bytes(content)
    return path


def kept(program: Program) -> list[bytes]:
    database = program.database()
    vault = Vault([program.settings["master_keys"]])
    with database.read() as connection:
        sealed = connection.execute(
            select(held_files.c.content_encrypted).order_by(held_files.c.id)
        ).scalars()
        found = [sealed_files.unseal(vault, each) for each in sealed]
    database.close()
    return found


@pytest.mark.parametrize(
    "content", [serial(1).encode(), b"\x00" + os.urandom(1_200_000)], ids=["small", "large"]
)
def test_a_file_is_handed_in_listed_and_recorded(own: Program, content: bytes) -> None:
    said = own.does("files", "add", serial(1), file(own, content), "--as", "U0OLGA")

    assert said.startswith("vendor.lic is uploaded, as file number 1 of Prod 1 (Acme Core). SHA-256: ")
    assert sha256(content).hexdigest() in said
    assert kept(own) == [content]
    for name in ((), ("Acme Core",), (serial(1),)):
        listed = own.does("files", "list", *name)
        assert "vendor.lic" in listed
        assert "Olga Ruiz" in listed
    database = own.database()
    with database.read() as connection:
        query = select(audit_entries.c.source).where(audit_entries.c.action == "upload_file")
        assert connection.execute(query).scalar_one() == "command"
    database.close()


def test_there_is_nothing_to_list_at_first(own: Program) -> None:
    assert own.does("files", "list") == "There is none.\n"
    assert own.does("files", "list", "Nowhere") == "There is none.\n"


def test_the_same_file_again_is_the_same_answer(own: Program) -> None:
    path = file(own, serial(1).encode())
    own.does("files", "add", serial(1), path, "--as", "U0OLGA")
    assert "is there already, as file number 1" in own.does("files", "add", serial(1), path, "--as", "U0OLGA")


def test_a_file_without_the_serial_number_takes_a_confirmation(own: Program) -> None:
    path = file(own, b"something else")
    assert "add --confirm." in own.refuses("files", "add", serial(1), path, "--as", "U0OLGA")
    assert kept(own) == []
    own.does("files", "add", serial(1), path, "--as", "U0OLGA", "--confirm")
    assert kept(own) == [b"something else"]


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("vendor.lic", b"", "This file is empty."),
        ("vendor.exe", b"MZ", "Files ending in .exe are not taken."),
        ("vendor.lic", b"a" * (1024 * 1024 + 1), "at most 1 MiB are taken"),
    ],
)
def test_what_cannot_be_used_is_refused_in_words(own: Program, name: str, content: bytes, words: str) -> None:
    path = file(own, content, name)
    done = own.refuses("files", "add", serial(1), path, "--as", "U0OLGA", held_file_largest="1")
    assert words in " ".join(done.split())
    assert kept(own) == []


def test_rights_and_serial_numbers_hold_here_too(own: Program) -> None:
    path = file(own, serial(1).encode())
    assert "needs a role that you do not have" in own.refuses(
        "files", "add", serial(1), path, "--as", "U0BEN"
    )
    assert "Say who hands it in" in own.refuses("files", "add", serial(1), path)
    assert "not associated" in own.refuses("files", "add", serial(7), path, "--as", "U0BEN")
    assert "24 letters and digits" in own.refuses("files", "add", "7QK-4ZP", path, "--as", "U0OLGA")
    assert kept(own) == []


def test_the_endings_are_a_setting(own: Program) -> None:
    path = file(own, serial(1).encode(), "vendor.v2c")
    assert "not taken" in own.refuses("files", "add", serial(1), path, "--as", "U0OLGA")
    done = own("files", "add", serial(1), path, "--as", "U0OLGA", held_file_endings=" .V2C, lic")
    assert done.returncode == 0
    wrong = own.refuses("files", "list", held_file_endings="lic,/etc")
    assert "LICENSE_DESK_HELD_FILE_ENDINGS" in wrong
    assert Settings.model_fields["held_file_largest"].default == 10
