"""The doctor's patients: a migrated database with the example company, and a sandbox with its people."""

import os
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import text

from bot.doctor import examine
from bot.doctoring.finding import Finding, Level
from bot.sandbox import Sandbox, World
from bot.sandbox.client import SlackClient
from bot.settings import Settings
from store import keys
from store.database import Database
from store.migrating import known_versions
from store.vault import Vault, generate_key
from tests.example import APPROVAL_CHANNEL, START, WORKSPACE, Example

PEOPLE = ("Ana", "Ben", "Rui", "Fiona", "Ada", "Tom", "Eva", "Max", "Olga", "Otto", "Nina")
BOT_TOKEN, APP_TOKEN = "xoxb-sandbox-bot-token", "xapp-1-A0SANDBOX01-77-5a4db0"

Look = Callable[..., list[Finding]]


@pytest.fixture(autouse=True)
def _without_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("LICENSE_DESK_")]:
        monkeypatch.delenv(name)


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    people = [
        {"id": f"U0{name.upper()}", "name": name.lower(), "real_name": name, "team": WORKSPACE}
        for name in PEOPLE
    ]
    channel = {"id": APPROVAL_CHANNEL, "name": "licenses", "members": ["rui", "fiona", "eva", "tom"]}
    description = {
        "workspace": {"id": WORKSPACE, "name": "Acme"},
        "app": {"app_token": APP_TOKEN},
        "people": people,
        "channels": [channel],
    }
    with Sandbox.start(World.from_config(description)) as running:
        yield running


@pytest.fixture
def slack(sandbox: Sandbox) -> SlackClient:
    return SlackClient(sandbox.url)


@pytest.fixture
def master_key() -> str:
    return generate_key()


@pytest.fixture
def migrated(database: Database, example: Example, master_key: str) -> Iterator[Database]:
    """A database that says that it is of this program's version, with an active signing key."""
    with database.write() as connection:
        connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)"))
        connection.execute(text("INSERT INTO alembic_version VALUES (:now)"), {"now": known_versions()[-1]})
        keys.init(connection, Vault([master_key]), START)
    yield database
    with database.write() as connection:
        connection.execute(text("DROP TABLE alembic_version"))


@pytest.fixture
def settings(migrated: Database, sandbox: Sandbox, master_key: str) -> Callable[..., Settings]:
    """Make the settings of a desk in good order, but for what is given."""

    def make(**given: Any) -> Settings:
        well = {
            "database_url": migrated.url.render_as_string(hide_password=False),
            "master_keys": master_key,
            "vendor": "Meridian",
            "operators_address": "desk@meridian.example",
            "slack_bot_token": BOT_TOKEN,
            "slack_app_token": APP_TOKEN,
            "slack_signing_secret": "0123456789abcdef",
            "slack_api_url": sandbox.api_url,
            "health_port": 1,
        }
        return Settings(_env_file=None, **{**well, **given})

    return make


@pytest.fixture
def pauses() -> list[float]:
    """How long the doctor waited, in seconds, each time that Slack asked for it."""
    return []


@pytest.fixture
def look(settings: Callable[..., Settings], pauses: list[float]) -> Look:
    """Examine at `now`, and give the findings about `subject`."""

    def examined(subject: str, now: datetime = START, most: int | None = 200, **given: Any) -> list[Finding]:
        found = examine(settings(**given), most=most, clock=lambda: now, pause=pauses.append)
        return [each for each in found if each.subject == subject]

    return examined


def levels(findings: list[Finding]) -> set[Level]:
    return {each.level for each in findings}


def says(findings: list[Finding]) -> str:
    """Everything that is not well, with its remedy."""
    return "\n".join(f"{each.says} {each.remedy}" for each in findings if each.level is not Level.OK)
