"""`license-desk secrets`, on a database whose master key is replaced."""

import http.server
import json
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any

import pytest
from sqlalchemy import insert, select

from store.tables import asked, persons, registrations, request_items, requests, signing_keys, slots
from store.vault import Vault, generate_key
from tests.cli.conftest import EXAMPLE, Program
from tests.example import START


@pytest.fixture
def desk(program: Program) -> Program:
    """A program with a database and a signing key, whose health port nobody listens on."""
    program.settings["health_port"] = "1"
    program.does("migrate")
    program.does("keys", "init")
    return program


def renewed(program: Program) -> tuple[str, str]:
    """Put a new master key in front of the one in use; give the fingerprints of both, the newest first."""
    new = program.does("secrets", "new-key").strip()
    program.settings["master_keys"] = f"{new},{program.settings['master_keys']}"
    newest, oldest = Vault(program.settings["master_keys"].split(",")).fingerprints
    return newest, oldest


@contextmanager
def answering(program: Program, *fingerprints: str) -> Iterator[None]:
    """A health port that names these master keys, as the running program does."""
    checks = {"master_keys": {"well": True, "says": ", ".join(fingerprints)}}

    class Health(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps({"ready": True, "checks": checks}).encode())

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    with http.server.HTTPServer(("127.0.0.1", 0), Health) as server:
        program.settings["health_port"] = str(server.server_address[1])
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield
        server.shutdown()
        thread.join()


def test_a_new_master_key_is_printed_and_takes_the_place_of_the_old_one(desk: Program) -> None:
    newest, oldest = renewed(desk)
    assert desk.does("secrets", "status").splitlines() == [
        f"Master key 1 ({newest}) is the newest, and encrypts nothing yet.",
        f"Master key 2 ({oldest}) is still needed for 1 private key. Run: license-desk secrets rotate",
    ]
    assert desk.does("secrets", "rotate").splitlines() == [
        "Looked at 1 secret, and encrypted 1 of them anew.",
        f"Master key 1 ({newest}) is the newest, and encrypts 1 private key.",
        f"Master key 2 ({oldest}) encrypts nothing any more, and may be removed.",
    ]
    desk.settings["master_keys"] = desk.settings["master_keys"].partition(",")[0]
    assert "encrypts 1 private key" in desk.does("secrets", "status")
    said = desk.does("audit", "show")
    assert f"The desk encrypted 1 secret anew with the master key {newest}" in said
    assert f"The desk began to encrypt secrets anew with the master key {newest}" in said


def test_no_command_says_a_master_key(desk: Program) -> None:
    renewed(desk)
    said = desk.does("secrets", "status") + desk.does("secrets", "rotate") + desk.does("audit", "export")
    assert not [key for key in desk.settings["master_keys"].split(",") if key in said]


def test_what_no_master_key_opens_is_named_and_the_status_is_1(desk: Program) -> None:
    desk.settings["master_keys"] = generate_key()
    for command in ("status", "rotate"):
        done = desk("secrets", command)
        assert done.returncode == 1
        assert "None of the master keys opens 1 private key (rows 1)." in done.stdout


def test_nothing_is_rotated_while_the_running_program_does_not_know_the_newest_key(desk: Program) -> None:
    newest, oldest = renewed(desk)
    with answering(desk, oldest):
        assert "Restart it, and run this command again." in desk.refuses("secrets", "rotate")
        assert "is still needed for 1 private key" in desk.does("secrets", "status")
    with answering(desk, newest, oldest):
        assert "encrypted 1 of them anew" in desk.does("secrets", "rotate")


def test_links_in_e_mails_that_end_with_an_older_key_are_told(desk: Program) -> None:
    desk.does("import", EXAMPLE)
    ask_by_mail(desk)
    assert "by e-mail" not in desk.does("secrets", "status")
    renewed(desk)
    assert "by e-mail" not in desk.does("secrets", "status")
    assert "1 request waits for an answer by e-mail." in desk.does("secrets", "rotate")


def ask_by_mail(program: Program) -> None:
    """A request that waits for somebody who is asked by e-mail."""
    database, now = program.database(), {"registered_at": START}
    with database.write() as connection:
        person = connection.execute(select(persons.c.id).limit(1)).scalar_one()
        slot = connection.execute(select(slots.c.id, slots.c.infrastructure_id).limit(1)).one()
        place = {"infrastructure_id": slot.infrastructure_id}
        registration = {"slot_id": slot.id, **place, "serial": "A", "platform_version": "11.0"}
        made = insert(registrations).values(**registration, registrant_id=person, state="open", **now)
        registration_id = connection.execute(made.returning(registrations.c.id)).scalar_one()
        request = {"kind": "license", **place, "requester_id": person, "reason": "upgrade"}
        asking = insert(requests).values(**request, asked_at=START)
        request_id = connection.execute(asking.returning(requests.c.id)).scalar_one()
        item = {"registration_id": registration_id, "requester_id": person, "state": "pending"}
        connection.execute(insert(request_items).values(request_id=request_id, **item))
        how = {"step": "contacts", "reached": True, "direct": False, "by_mail": True}
        connection.execute(insert(asked).values(request_id=request_id, person_id=person, **how))
    database.close()


def test_a_signing_key_still_signs_after_the_rotation(desk: Program) -> None:
    renewed(desk)
    desk.does("secrets", "rotate")
    database = desk.database()
    with database.read() as connection:
        sealed = connection.execute(select(signing_keys.c.private_encrypted)).scalar_one()
    database.close()
    assert Vault([desk.settings["master_keys"].partition(",")[0]]).decrypt(sealed)
