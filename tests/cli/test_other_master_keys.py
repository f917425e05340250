"""Master keys of another database, or none: said before anything is done, and nothing is changed."""

import hashlib
import inspect
from collections.abc import Iterator
from typing import Any

import pytest
import typer

from bot.app import run
from bot.cli import app
from bot.settings import Settings, SettingsRefused, variable
from store.rules.secrets import MasterKeysOther
from store.vault import generate_key
from tests.cli.conftest import EXAMPLE, Program

SERIAL = "7QK-4ZP-M2X-9HB-T5R-C8W-E0N-001"
CORE = "Acme Core"
COMMANDS: dict[str, tuple[str, ...]] = {
    "import": (str(EXAMPLE),),
    "keys init": (),
    "keys add": (),
    "keys activate": ("KID",),
    "keys retire": ("KID", "--yes"),
    "keys compromise": ("KID", "--yes"),
    "register": ("many.csv", "--as", "U0OLGA"),
    "files add": (SERIAL, "many.csv", "--as", "U0OLGA"),
    "audit heads": (),
    "deliveries retry": ("1",),
    "subscription renew": (CORE, "--until", "2031-12-31"),
    "subscription suspend": (CORE, "--reason", "unpaid"),
    "subscription reinstate": (CORE,),
    "revocations export": (),
    "restore": ("backup.db", "--force"),
}
WITHOUT = {"secrets status", "secrets rotate"}
"""Commands that say themselves what the master keys open."""


@pytest.fixture(scope="module")
def ready(operated: Program) -> Program:
    (operated.folder / "many.csv").write_text(
        "infrastructure;environment type;slot;serial number;platform version\n"
        f"Acme Core;Production;;{SERIAL};11.17.0\n"
    )
    operated.does("backup", "backup.db")
    return operated


@pytest.fixture
def settings(ready: Program, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The settings of the program in this process, with master keys of another database."""
    monkeypatch.chdir(ready.folder)
    found = {**ready.settings, "master_keys": generate_key()}
    for name, value in found.items():
        monkeypatch.setenv(variable(name), value)
    return found


def rows_of(program: Program) -> str:
    """Everything in the database, as one checksum."""
    database = program.database()
    with database.read() as connection:
        raw = connection.connection.driver_connection
        assert raw is not None
        dumped = "\n".join(raw.iterdump())
    database.close()
    return hashlib.sha256(dumped.encode()).hexdigest()


def command(*words: str) -> None:
    """Run a command in this process; what it ends with is raised."""
    typer.main.get_command(app).main(list(words), "license-desk", standalone_mode=False)


@pytest.mark.parametrize("name", COMMANDS)
def test_with_other_master_keys_or_none_nothing_is_done(
    ready: Program, settings: dict[str, str], monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    assert settings["master_keys"] != ready.settings["master_keys"]
    before = rows_of(ready)
    with pytest.raises(MasterKeysOther):
        command(*name.split(), *COMMANDS[name])
    monkeypatch.setenv(variable("master_keys"), "")
    with pytest.raises(SettingsRefused, match="LICENSE_DESK_MASTER_KEYS is missing"):
        command(*name.split(), *COMMANDS[name])
    assert rows_of(ready) == before


def test_the_program_does_not_start_with_other_master_keys(ready: Program, settings: dict[str, str]) -> None:
    before = rows_of(ready)
    known: dict[str, Any] = settings | {
        "operators_address": "desk@meridian.example",
        "slack_bot_token": "xoxb-1",
        "slack_app_token": "xapp-1",
    }
    with pytest.raises(MasterKeysOther):
        run(Settings(_env_file=None, **known))
    assert rows_of(ready) == before


def test_it_is_said_in_a_sentence_and_what_needs_no_master_keys_goes_on(ready: Program) -> None:
    assert ready.refuses("import", EXAMPLE, master_keys=generate_key()) == (
        "The master keys are not those of this database, so nothing was done. Add the one it was encrypted with.\n"
    )
    listed = ready("keys", "list", master_keys="")
    assert (listed.returncode, "  active  " in listed.stdout) == (0, True)


def test_every_command_that_takes_the_master_keys_is_tried_here() -> None:
    taking = {name for name, source in _sources(typer.main.get_command(app)) if "open_desk(" in source}
    assert taking - WITHOUT == COMMANDS.keys() - {"restore"}


def _sources(group: Any, before: tuple[str, ...] = ()) -> Iterator[tuple[str, str]]:
    for name, each in group.commands.items():
        words = (*before, name)
        if hasattr(each, "commands"):
            yield from _sources(each, words)
        else:
            yield " ".join(words), inspect.getsource(each.callback)
