"""Signing keys that are kept outside the database, at the command line."""

from pathlib import Path

import pytest

from store.key_formats import generate, keys_from_text, private_der
from tests.cli.conftest import Program
from tests.softhsm import PIN, Token

RUNNING = {
    "operators_address": "desk@meridian.example",
    "slack_bot_token": "xoxb-1",
    "slack_app_token": "xapp-1",
}


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    file = tmp_path / "signing.key"
    file.write_bytes(private_der(generate("EdDSA")))
    file.chmod(0o600)
    return file


@pytest.fixture
def set_up(program: Program) -> Program:
    program.does("migrate")
    return program


def test_the_first_key_is_taken_from_a_file_and_stays_there(set_up: Program, key_file: Path) -> None:
    said = set_up.does("keys", "init", "--from-file", "signing.key")
    kid = said.split()[4]
    assert said == f"Took the signing key {kid} (EdDSA); it is active.\n"
    listed = set_up.does("keys", "list")
    assert listed.startswith(f"{kid}  EdDSA  active  ")
    assert listed.endswith(f"  kept in the file {key_file}\n")
    assert list(keys_from_text(set_up.does("keys", "export"))) == [kid]


def test_the_next_key_is_taken_from_a_file_while_the_first_is_in_the_database(
    set_up: Program, key_file: Path
) -> None:
    set_up.does("keys", "init")
    assert set_up.does("keys", "add", "--from-file", key_file).startswith("Took the signing key ")
    first, second = set_up.does("keys", "list").splitlines()
    assert first.endswith("  kept in the database")
    assert second.endswith(f"  kept in the file {key_file}")


def test_the_first_key_is_taken_from_a_token_and_a_wrong_pin_starts_nothing(
    set_up: Program, token: Token
) -> None:
    token.make_pair("licenses")
    set_up.settings |= token.settings
    assert set_up.does("keys", "init", "--from-token", "licenses").startswith("Took the signing key ")
    assert "kept in the token pkcs11:token=desk%20" in set_up.does("keys", "list")
    assert set_up.refuses("keys", "init", "--from-token", "other").startswith(
        f"The token {token.label} has no pair of a private and a public key with the label other, or several."
    )
    set_up.settings |= RUNNING | {"key_token_pin": "0000"}
    assert set_up.refuses_for_good("run") == (
        f"The token {token.label} refused the PIN (PinIncorrect). Set the right one: starting again and again locks "
        "the token.\n"
    )


def test_a_wrong_pin_is_said_without_it(set_up: Program, token: Token) -> None:
    set_up.settings |= token.settings | {"key_token_pin": "canary-0000"}
    said = set_up.refuses_for_good("keys", "init", "--from-token", "licenses")
    assert said.startswith(f"The token {token.label} refused the PIN (PinIncorrect)")
    assert "canary" not in said
    assert set_up.does("keys", "list").startswith("There is no signing key yet")


def test_a_pin_is_read_from_a_file(set_up: Program, token: Token) -> None:
    token.make_pair("licenses")
    file = set_up.folder / "pin"
    file.write_text(f"{PIN}\n")
    set_up.settings |= {**token.settings, "key_token_pin": "", "key_token_pin_file": str(file)}
    set_up.does("keys", "init", "--from-token", "licenses")


def test_a_key_that_cannot_be_taken_is_refused_and_none_is_made(set_up: Program, key_file: Path) -> None:
    for words, said in (
        (("--from-file", "signing.key", "--algorithm", "EdDSA"), "Choose one of"),
        (("--from-file", "none.key"), "none.key cannot be read (No such file or directory)."),
        (("--from-token", "licenses"), "No token is set."),
    ):
        assert said in set_up.refuses("keys", "init", *words)
    assert set_up.does("keys", "list").startswith("There is no signing key yet")


def test_a_key_file_that_everybody_may_read_is_refused_with_what_to_do(
    set_up: Program, key_file: Path
) -> None:
    key_file.chmod(0o644)
    said = set_up.refuses("keys", "init", "--from-file", key_file)
    assert said == (
        f"The key file {key_file} may be read or written by every user of this machine. Run: chmod o= {key_file}\n"
    )


def test_a_secret_of_a_key_is_set_in_one_way(set_up: Program, key_file: Path) -> None:
    both = {"key_token_pin": "canary", "key_token_pin_file": str(key_file)}
    said = set_up.refuses("keys", "init", **both)
    assert "Set only one of LICENSE_DESK_KEY_TOKEN_PIN and LICENSE_DESK_KEY_TOKEN_PIN_FILE." in said
    assert "canary" not in said
    gone = set_up.refuses("keys", "init", key_passphrase_file="nothing")
    assert "LICENSE_DESK_KEY_PASSPHRASE_FILE names a file that cannot be read." in gone


def test_the_program_does_not_start_while_its_key_cannot_sign(set_up: Program, key_file: Path) -> None:
    set_up.does("keys", "init", "--from-file", key_file)
    set_up.settings |= RUNNING
    key_file.unlink()
    assert set_up.refuses("run").startswith(f"The key file {key_file} cannot be read (No such file")
