"""`license-desk keys`: the life of signing keys at the command line."""

from pathlib import Path

import pytest

from tests.cli.conftest import EXAMPLE, Program
from tests.cli.test_commands import license_text, saved


@pytest.fixture
def keyed(program: Program) -> Program:
    """The program with a database and an active key."""
    program.does("migrate")
    program.does("keys", "init")
    return program


def listed(program: Program) -> dict[str, str]:
    """The state of each key by its name."""
    rows = [line.split() for line in program.does("keys", "list").splitlines()]
    return {kid: state for kid, _, state, *_ in rows}


def of_state(program: Program, state: str) -> str:
    [kid] = [kid for kid, found in listed(program).items() if found == state]
    return kid


def test_the_next_key_is_made_published_and_activated(keyed: Program) -> None:
    first = of_state(keyed, "active")
    said = keyed.does("keys", "add", "--algorithm", "EdDSA")
    following = of_state(keyed, "next")

    assert f"Made the signing key {following} (EdDSA); it is published, and signs nothing yet." in said
    assert f"license-desk keys activate {following}" in said
    assert following in keyed.does("keys", "export")
    assert "products may not know it yet" in keyed.refuses("keys", "activate", following)
    assert f"The signing key {following} is active" in keyed.does("keys", "activate", following, "--at-once")
    assert listed(keyed) == {first: "retired", following: "active"}


def test_where_nobody_waits_a_key_is_activated_as_soon_as_it_is_made(keyed: Program) -> None:
    keyed.does("keys", "add")
    keyed.settings["key_published_for"] = "0s"
    keyed.does("keys", "activate", of_state(keyed, "next"))


def test_a_key_is_given_up_only_by_whoever_means_it(keyed: Program) -> None:
    keyed.does("keys", "add")
    following = of_state(keyed, "next")

    assert "say --yes" in keyed.refuses("keys", "retire", following)
    assert listed(keyed)[following] == "next"
    keyed.does("keys", "retire", following, "--yes")
    assert listed(keyed)[following] == "retired"


def test_what_cannot_be_done_with_a_key_is_said(keyed: Program) -> None:
    active = of_state(keyed, "active")
    assert "There is no signing key with this" in keyed.refuses("keys", "activate", "nobody")
    said = keyed.refuses("keys", "retire", active, "--yes")
    assert said == f"A key in the state active cannot become retired. [kid {active}]\n"
    assert "no license of it may be signed with a test key" in keyed.refuses("keys", "add", "--test")


def test_who_did_it_stands_in_the_record(keyed: Program) -> None:
    keyed.does("import", EXAMPLE)
    keyed.does("keys", "add", "--as", "olga.ruiz@meridian.example")
    following = of_state(keyed, "next")
    keyed.does("keys", "activate", following, "--at-once", "--as", "olga.ruiz@meridian.example")

    said = keyed.does("audit", "show")
    assert f"Olga Ruiz made the signing key {following}" in said
    assert f"Olga Ruiz let the key {following} sign from now on, without waiting" in said


def test_test_keys_are_made_listed_and_exported_as_such(program: Program, tmp_path: Path) -> None:
    program.does("migrate")
    assert "Made the test key" in program.does("keys", "init", "--test")
    [line] = program.does("keys", "list").splitlines()
    assert "  test key  " in line
    kid = line.split()[0]
    assert kid not in program.does("keys", "export")
    assert kid in program.does("keys", "export", "--test")
    assert program.does("keys", "export", "--pem") == ""
    assert program.does("keys", "export", "--pem", "--test").startswith(
        "Purpose: test\n-----BEGIN PUBLIC KEY"
    )


def test_a_file_of_a_test_key_is_verified_only_by_whoever_asks_for_it(
    program: Program, tmp_path: Path
) -> None:
    program.does("migrate")
    program.does("keys", "init", "--test")
    program.does("import", EXAMPLE)
    file, known = saved(tmp_path, license_text(program)), tmp_path / "jwks.json"
    program.does("keys", "export", "--test", "--output", known)

    for keys in ((), ("--keys", known)):
        assert "signed with a test key" in program.refuses("verify", file, *keys)
        assert "a test key: products refuse it" in program.does("verify", file, *keys, "--test")


def test_a_compromised_key_is_replaced_and_so_is_what_it_signed(keyed: Program) -> None:
    lost = of_state(keyed, "active")
    assert "To do it, say --yes." in keyed.refuses("keys", "compromise", lost)
    assert listed(keyed) == {lost: "active"}

    said = keyed.does("keys", "compromise", lost, "--yes")
    following = of_state(keyed, "active")
    assert f"The signing key {lost} is compromised; {following} signs." in said
    assert "Made anew: 0 licenses." in said
    assert lost not in keyed.does("keys", "export")
    assert listed(keyed) == {lost: "compromised", following: "active"}
    assert f"declared the key {lost} compromised, so that key {following} signs" in keyed.does(
        "audit", "show"
    )


def test_a_file_of_a_compromised_key_is_not_trusted_any_more(keyed: Program, tmp_path: Path) -> None:
    keyed.does("import", EXAMPLE)
    file = saved(tmp_path, license_text(keyed))
    keyed.does("keys", "compromise", of_state(keyed, "active"), "--yes")
    assert "that was compromised, so anybody may have made it" in keyed.refuses("verify", file)
