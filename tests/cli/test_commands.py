"""Each command does what it says, and says in a sentence why it does not."""

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import typer
from sqlalchemy import insert, select, update
from typer.testing import CliRunner

from bot.cli import app
from store import key_formats, keys, license_file
from store.key_formats import keys_from_text
from store.migrating import known_versions
from store.rules.claims import LicenseFacts, claims
from store.rules.environments import EnvironmentType
from store.tables import audit_entries, deliveries, persons
from store.vault import Vault
from tests.cli.conftest import EXAMPLE, ROOT, Program
from tests.example import serial

NOW = datetime.now(UTC).replace(microsecond=0)


def lines(group: Any, before: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The words of a command, and of every command below it."""
    yield before
    for name, command in getattr(group, "commands", {}).items():
        yield from lines(command, (*before, name))


COMMANDS = list(lines(typer.main.get_command(app)))


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_explains_itself(command: tuple[str, ...]) -> None:
    done = CliRunner().invoke(app, [*command, "--help"])
    assert (done.exit_code, done.stderr) == (0, "")
    assert f"Usage: {' '.join(('license-desk', *command))}" in " ".join(done.stdout.split())


def test_the_program_explains_itself(program: Program) -> None:
    assert "Usage:" in program.does("--help")


def test_help_loads_nothing_that_is_slow_to_load() -> None:
    slow = ("sqlalchemy", "slack_bolt", "slack_sdk", "cryptography", "alembic", "uvicorn", "pydantic", "yaml")
    listing = f"import sys, bot.cli; print([each for each in {slow} if each in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", listing], cwd=ROOT, text=True, capture_output=True, check=True
    )
    assert done.stdout == "[]\n"


def test_a_database_is_set_up_once(program: Program) -> None:
    newest = known_versions()[-1]
    assert program.does("migrate") == f"The database is set up, at version {newest}.\n"
    assert program.does("migrate") == f"The database is at version {newest} already; nothing was changed.\n"


def test_before_migrating_every_command_names_the_command_to_run(program: Program) -> None:
    for command in (
        ("import", EXAMPLE),
        ("export",),
        ("keys", "list"),
        ("audit", "verify"),
        ("deliveries", "list"),
    ):
        assert "run: license-desk migrate" in program.refuses(*command)


def test_missing_settings_are_named(program: Program) -> None:
    program.does("migrate")
    assert "LICENSE_DESK_MASTER_KEYS is missing" in program.refuses("keys", "init", master_keys="")
    assert "LICENSE_DESK_SLACK_BOT_TOKEN is missing" in program.refuses("run")


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("sqlite:////no/such/folder/desk.db", "unable to open database file"),
        ("postgresql://desk:secret@127.0.0.1:1/desk", "Connection refused"),
        ("nonsense", "Could not parse"),
        ("mysql://desk:secret@127.0.0.1/desk", "use SQLite or PostgreSQL"),
    ],
)
def test_a_database_out_of_reach_is_said_without_its_password(program: Program, url: str, words: str) -> None:
    said = program.refuses("migrate", database_url=url)
    assert words in said
    assert "secret" not in said


def test_an_import_says_what_it_did(operated: Program) -> None:
    said = operated.does("import", EXAMPLE)
    assert said.splitlines()[-1] == "Nothing to change."
    assert "warning: not in Slack yet, and linked when they appear: Lena Holm, Gus Tan" in said


def test_a_dry_run_writes_nothing(operated: Program, tmp_path: Path) -> None:
    file = tmp_path / "more.yml"
    file.write_text("company: New\naccount_manager: {name: Jo Park, email: jo@meridian.example}\n")
    assert "added: company New\nNothing was written (dry run). added: 1 company." in operated.does(
        "import", file, "--dry-run"
    )
    assert "New" not in operated.does("export")


def test_a_wrong_file_is_refused_with_every_line_and_status_1(operated: Program, tmp_path: Path) -> None:
    file = tmp_path / "wrong.yml"
    file.write_text("company: New\nadmin: []\npeople: none\n")
    said = operated.refuses("import", file)
    assert said.startswith(
        "3 problems; nothing was written:\nwrong.yml, line 1, company: this company is new"
    )
    assert "wrong.yml, line 2, admin: this field is not known; did you mean admins?" in said


def test_an_export_is_a_file_that_can_be_imported(operated: Program, tmp_path: Path) -> None:
    file = tmp_path / "export.yml"
    assert operated.does("export", "--output", file) == ""
    assert file.read_text() == operated.does("export")
    assert operated.does("import", file, "--own-roles", "--prune").endswith("Nothing to change.\n")


def test_whoever_acts_is_on_the_record(operated: Program, tmp_path: Path) -> None:
    file = tmp_path / "globex.yml"
    file.write_text("company: Globex\naccount_manager: {name: Kim Roy, email: kim@meridian.example}\n")
    operated.does("import", file, "--as", "Olga.Ruiz@meridian.example")
    database = operated.database()
    with database.read() as connection:
        last = select(audit_entries).order_by(audit_entries.c.id.desc()).limit(1)
        entry = connection.execute(last).one()
        olga = connection.execute(select(persons.c.id).where(persons.c.slack_id == "U0OLGA")).scalar_one()
    database.close()
    assert (entry.action, entry.source, entry.actor_id) == ("company_changed", "import", olga)


def test_nobody_acts_under_a_name_that_is_not_known(operated: Program) -> None:
    said = operated.refuses("import", EXAMPLE, "--as", "nobody@acme.example")
    assert said == "--as nobody@acme.example: nobody known to the desk has this e-mail address or Slack id.\n"


def test_there_is_one_first_key(operated: Program) -> None:
    assert (
        operated.refuses("keys", "init")
        == "There is an active signing key already, and there is exactly one.\n"
    )
    assert operated.does("keys", "list").split()[1:3] == ["ES256", "active"]


def test_an_algorithm_that_is_not_known_is_named(program: Program) -> None:
    program.does("migrate")
    said = program.refuses("keys", "init", "--algorithm", "RS256")
    assert said == "Licenses are signed with ES256 or EdDSA, not with RS256.\n"


def test_public_keys_come_as_jwks_and_as_pem(operated: Program) -> None:
    jwks, pem = operated.does("keys", "export"), operated.does("keys", "export", "--pem")
    assert keys_from_text(jwks).keys() == keys_from_text(pem).keys()
    assert "d" not in json.loads(jwks)["keys"][0]


def test_public_keys_are_written_to_a_file_as_they_are_printed(operated: Program, tmp_path: Path) -> None:
    file = tmp_path / "jwks.json"
    assert operated.does("keys", "export", "--jwks", "--output", file) == ""
    assert file.read_text() == operated.does("keys", "export")
    assert operated.refuses("keys", "export", "--jwks", "--pem") == "Choose one of --jwks and --pem.\n"


def test_the_record_holds_until_somebody_changes_it(program: Program) -> None:
    program.does("migrate")
    program.does("import", EXAMPLE)
    assert "none changed and none missing" in program.does("audit", "verify")
    database = program.database()
    with database.write() as connection:
        connection.execute(
            update(audit_entries).where(audit_entries.c.position == 2).values(action="nothing")
        )
    database.close()
    done = program("audit", "verify")
    assert done.returncode == 1
    assert "The record of the desk does not hold: entry 2 was changed after it was written." in done.stdout


def test_failed_deliveries_are_listed_and_queued_again(program: Program) -> None:
    program.does("migrate")
    database = program.database()
    with database.write() as connection:
        row = {
            "occasion": "hello",
            "kind": "notice",
            "facts": {},
            "steps": {},
            "lane": "l",
            "created_at": NOW,
            "due_at": NOW,
        }
        connection.execute(insert(deliveries), [{**row, "state": "failed", "error": "channel_not_found"}])
    database.close()
    listed = program.does("deliveries", "list", "--state", "failed")
    assert listed.startswith("1  failed  hello  ")
    assert listed.endswith("0 attempts  error channel_not_found\n")
    assert "Not failed, or not there: 7." in program.refuses("deliveries", "retry", "7")
    assert program.does("deliveries", "retry", "1") == "Queued again: 1.\n"
    assert program.does("deliveries", "list", "--state", "failed") == "There is none.\n"


def license_text(program: Program, **facts: object) -> str:
    """A license signed with the program's own key."""
    term: dict[str, object] = {
        "seq": 1,
        "not_before": NOW - timedelta(days=1),
        "license_end": datetime(2999, 1, 1, tzinfo=UTC),
        "expires_at": datetime(2999, 1, 15, tzinfo=UTC),
    }
    made = LicenseFacts(
        issuer="Meridian", audience="meridian-platform", slot_id=1, jti="j", issued_at=NOW, serial=serial(1),
        environment_type=EnvironmentType.NON_PRODUCTION, environment_name="Quality 1", company="Acme Logistics",
        activation_code="AC1.K7Q.2MX.9PL.4RT.8WZ.3VB.6NC", infrastructure="Acme Core", edition="Enterprise",
        features=("high_availability",), limits={"users": 500}, declared="11.17.0", highest="11",
        **(term | facts),  # type: ignore[arg-type] # dates, as the names say
    )  # fmt: skip
    database = program.database()
    with database.read() as connection:
        key = keys.KeyRing(Vault([program.settings["master_keys"]])).active(connection)
    database.close()
    return license_file.sign(claims(made), key)


def saved(folder: Path, text: str) -> Path:
    file = folder / "a.lic"
    file.write_text(text)
    return file


def test_a_license_file_is_told_in_words(operated: Program, tmp_path: Path) -> None:
    said = operated.does("verify", saved(tmp_path, license_text(operated)))
    assert said.startswith(
        "This is a license file of Meridian for meridian-platform. Its signature is good.\n"
    )
    assert (
        "It is valid until the end of 2998-12-31, and with grace until the end of 2999-01-14 (UTC).\n" in said
    )
    assert f"Environment: Quality 1 (Non-production)\nSerial number: {serial(1)}\n" in said
    assert "Licensee: Acme Logistics, Acme Core (activation code AC1." in said


def test_a_license_file_is_verified_offline_with_public_keys(operated: Program, tmp_path: Path) -> None:
    file = saved(tmp_path, license_text(operated))
    known = tmp_path / "jwks.json"
    known.write_text(operated.does("keys", "export"))
    elsewhere = Program(tmp_path)
    assert "Its signature is good" in elsewhere.does("verify", file, "--keys", known)
    other = key_formats.verifying_key(key_formats.generate("ES256").public_key())
    known.write_text(json.dumps(key_formats.jwks([other])))
    assert "a.lic cannot be trusted. This file is signed with a key" in elsewhere.refuses(
        "verify", file, "--keys", known
    )


@pytest.mark.parametrize(
    ("term", "words", "status"),
    [
        (
            {"not_before": datetime(2998, 1, 1, tzinfo=UTC)},
            "It is not valid yet: it starts 2998-01-01 00:00 UTC.",
            1,
        ),
        ({"license_end": NOW}, "It is in grace: its term ended with", 0),
        ({"license_end": NOW, "expires_at": NOW}, "It has expired: it worked until the end of", 1),
        ({"license_end": None, "expires_at": None}, "It is valid without end (perpetual).", 0),
    ],
)
def test_the_exit_status_says_whether_the_license_works_today(
    operated: Program, tmp_path: Path, term: dict[str, object], words: str, status: int
) -> None:
    done = operated("verify", saved(tmp_path, license_text(operated, **term)))
    assert words in done.stdout
    assert done.returncode == status


def test_what_is_wrong_with_a_license_file_is_said_exactly(operated: Program, tmp_path: Path) -> None:
    text, other = license_text(operated), license_text(operated, seq=2)
    changed = f"{text.rpartition('.')[0]}.{other.rpartition('.')[2]}"
    said = operated.refuses("verify", saved(tmp_path, changed))
    assert (
        said
        == "a.lic cannot be trusted. The signature does not match: the file was changed after it was signed.\n"
    )
    said = operated.refuses("verify", saved(tmp_path, text), "--audience", "other")
    assert "is for another product: its audience is meridian-platform, not other." in said
    assert "This is not a license file at all" in operated.refuses("verify", EXAMPLE)
    said = operated.refuses("verify", tmp_path / "no.lic")
    assert said.endswith("no.lic cannot be read: No such file or directory.\n")
