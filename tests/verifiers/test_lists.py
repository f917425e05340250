"""Revocation lists: what the desk signs, and what it says of the lists among the vectors."""

import json
from pathlib import Path
from typing import Any

import pytest

from store import key_formats, keys, licenses, registrations, releases, revocation_lists
from store.database import Database
from store.desk import Act, Actor, Desk, intention
from store.key_formats import keys_from_text
from store.rules import license_errors
from store.rules.revocation_claims import RevocationClaims
from tests.example import Example, serial
from tests.store.requesting import VERSION, make_key
from tests.verifiers.make_vectors import vector
from tests.verifiers.toolchains import COMMANDS, FOLDER, Missing, run

ITSELF = Actor(None, "schedule")
KEYS = keys_from_text((FOLDER / "jwks.json").read_text(encoding="utf-8"))
VECTORS: list[dict[str, Any]] = json.loads((FOLDER / "vectors.json").read_text(encoding="utf-8"))["vectors"]
LISTS = [each for each in VECTORS if each["expected"]["revocations"] != "none"]


@pytest.fixture
def database(sqlite_database: Database) -> Database:
    """What is signed is the same on both databases."""
    return sqlite_database


@intention
def issue(act: Act, registration_id: int) -> int:
    return licenses.issue(act, registration_id).id


def licensed(desk: Desk, person: int, slot: int, number: int) -> tuple[int, str]:
    """A registration with a license: its id, and the text of the license file."""
    made = registrations.register(desk, Actor(person), slot, serial(number), VERSION).environment
    assert made.registration
    license_id = issue(desk, ITSELF, made.registration.id)
    with desk.database.read() as connection:
        return made.registration.id, licenses.text_of(desk, connection, license_id).decode()


@pytest.mark.parametrize("language", COMMANDS)
def test_every_verifier_takes_the_list_that_the_desk_signs(
    language: str, desk: Desk, example: Example, tmp_path: Path
) -> None:
    make_key(desk)
    released, gone = licensed(desk, example.ana, example.quality[0], 1)
    _, kept = licensed(desk, example.ana, example.quality[1], 2)
    releases.release(desk, Actor(example.rui), released, "not needed")
    made = revocation_lists.make(desk, ITSELF)
    with desk.database.read() as connection:
        jwks = key_formats.jwks(keys.verifying_keys(connection).values())
    vectors = [
        vector(
            verdict, "Signed by the desk", text, verdict, state="current",
            revocations=made.text.decode(), revocations_seq=made.seq, serial=serial(number), highest_seq={},
            environment_type=None, now=int(desk.clock().timestamp()), high_water=0,
        )
        for number, text, verdict in ((1, gone, "Revoked"), (2, kept, "valid"))
    ]  # fmt: skip
    try:
        said = run(language, tmp_path, jwks, vectors)
    except Missing as missing:
        pytest.skip(str(missing))
    assert said == [["Revoked", "Revoked", "current", "good"], ["valid", "valid", "current", "good"]]


@pytest.mark.parametrize("given", LISTS, ids=[each["name"] for each in LISTS])
def test_the_desk_says_the_same_of_a_list(given: dict[str, Any]) -> None:
    state = given["expected"]["revocations"]
    if state in ("current", "stale", "OlderRevocations"):
        read = _read(given)
        # Which numbers a product saw, only the product knows.
        assert (read.seq < given["revocations_seq"]) == (state == "OlderRevocations")
        return
    with pytest.raises(getattr(license_errors, state)):
        _read(given)


def _read(given: dict[str, Any]) -> RevocationClaims:
    return revocation_lists.read(given["revocations"].encode(), KEYS, test_keys=given["test_keys"])
