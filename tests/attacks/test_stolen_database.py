"""A stolen database: neither its file nor a dump of it shows what is secret without the master key."""

import subprocess
from base64 import b64encode, urlsafe_b64decode
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from sqlalchemy import select, update

from bot.courier import Courier
from bot.sandbox import Sandbox
from bot.slack_calls import SlackCalls
from handlers.drawings import Drawings
from store import decisions
from store.database import Database
from store.desk import Actor, Desk
from store.key_formats import generate, private_der, private_from_der
from store.keys import KeyRing
from store.rules.secrets import VaultClosed
from store.tables import licenses, signing_keys
from store.vault import Vault, generate_key
from tests.conftest import Clock
from tests.example import Example
from tests.handlers.conftest import sandbox
from tests.postgres import packaged
from tests.store.requesting import make_key, put, registered

__all__ = ["sandbox"]


@pytest.fixture
def delivered(desk: Desk, clock: Clock, example: Example, sandbox: Sandbox) -> Desk:
    """A desk that has a key and has sent a license file."""
    make_key(desk)
    decisions.forward(
        desk, Actor(example.rui), put(desk, example.ben, registered(desk, example.ben, example.quality[0]))
    )
    calls = SlackCalls("xoxb-sandbox-bot-token", sandbox.api_url, monotonic=lambda: clock.now.timestamp())
    Courier(desk, calls, Drawings()).send_due()
    return desk


def secrets(desk: Desk) -> dict[str, bytes]:
    """What a thief is after, by name."""
    with desk.database.read() as connection:
        [sealed] = connection.execute(select(licenses.c.text_encrypted)).scalars()
        [private] = connection.execute(select(signing_keys.c.private_encrypted)).scalars()
    text, der = desk.vault.decrypt(sealed).strip(), desk.vault.decrypt(private)
    _header, payload, signature = text.split(b".")
    key = private_from_der(der)
    assert isinstance(key, EllipticCurvePrivateKey)
    return {
        "license text": text,
        "payload": payload,
        "signature": signature,
        "signature as bytes": urlsafe_b64decode(signature + b"=="),
        "private key": der,
        "private number": key.private_numbers().private_value.to_bytes(32),
        "bot token": b"xoxb-sandbox-bot-token",
    }


def found_in(stolen: bytes, hunted: dict[str, bytes]) -> list[str]:
    """The names of the secrets that are in there, in whatever form it is written."""
    folded = stolen.lower()
    return [
        name
        for name, secret in hunted.items()
        if secret in stolen or secret.hex().encode() in folded or b64encode(secret)[:-4] in stolen
    ]


def raw(database: Database) -> bytes:
    """All bytes of a database that was taken while the program ran, or of its dump."""
    if database.is_sqlite:
        path = Path(str(database.url.database))
        return b"".join(each.read_bytes() for each in sorted(path.parent.glob(f"{path.name}*")))
    where = ("-U", "postgres", "-h", str(database.url.query["host"]), str(database.url.database))
    return subprocess.run([packaged() / "bin" / "pg_dump", *where], check=True, capture_output=True).stdout


def test_neither_a_license_nor_a_private_key_nor_a_token_is_readable_in_what_was_stolen(
    delivered: Desk,
) -> None:
    hunted, stolen = secrets(delivered), raw(delivered.database)
    assert delivered.vault.encrypt(b"")[:5] in stolen or b"6741414141" in stolen  # the sealed ones are there
    assert found_in(stolen, hunted) == []


def test_the_hunt_finds_what_is_not_sealed(delivered: Desk) -> None:
    hunted = secrets(delivered)
    with delivered.database.write() as connection:
        connection.execute(update(licenses).values(text_encrypted=hunted["license text"]))
        connection.execute(update(signing_keys).values(private_encrypted=hunted["private key"]))
    found = found_in(raw(delivered.database), hunted)
    assert {"license text", "payload", "signature", "private key", "private number"} <= set(found)


def test_what_was_stolen_does_not_open_with_another_master_key(delivered: Desk) -> None:
    with delivered.database.read() as connection:
        [sealed] = connection.execute(select(licenses.c.text_encrypted)).scalars()
    with pytest.raises(VaultClosed):
        Vault([generate_key()]).decrypt(sealed)


def test_the_private_key_of_the_thief_put_in_its_place_signs_nothing(delivered: Desk) -> None:
    thief = Vault([generate_key()])
    forged = thief.encrypt(private_der(generate("ES256")))
    with delivered.database.write() as connection:
        connection.execute(update(signing_keys).values(private_encrypted=forged))
    with delivered.database.read() as connection, pytest.raises(VaultClosed):
        KeyRing(delivered.vault).active(connection)
