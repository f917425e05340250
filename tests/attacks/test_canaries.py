"""Canaries in every secret, and a hunt for them in all that the program lets out: nothing may sing."""

import traceback
import urllib.error
import urllib.request
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from pydantic import SecretStr
from sqlalchemy import select, text

from bot.demo import company_this_year, world_of
from bot.sandbox import Sandbox, World
from bot.sandbox.client import SlackClient
from bot.settings import Settings
from handlers.blocks.ids import Action
from store.database import Database
from store.tables import licenses, signing_keys
from store.vault import Vault
from tests.bot.asking import FORM, JSON, send, signed, slash
from tests.example import serial
from tests.program.conftest import CHANNEL, Program, ask, database_url, program, register, slack, wait_until
from tests.program.test_ways_in import VERSION, port_of

__all__ = ["database_url", "program", "slack"]

BOT_TOKEN = "xoxb-7777777777-canary-of-the-bot"
APP_TOKEN = "xapp-1-A0CANARY-7777-canaryoftheapp"
SIGNING_SECRET = "canary0of0the0signing0secret0777"
SMTP_PASSWORD = "canary-of-the-mail-server"
DATABASE_PASSWORD = "canary-of-the-database"
IN_A_BODY = "canary-in-a-body"
RESPONSE_URL = "https://hooks.slack.com/commands/canary-of-an-answer"
MASTER_KEY = urlsafe_b64encode(b"canary of the master key 7777777").decode()
PLANTED = {
    "bot token": BOT_TOKEN,
    "app token": APP_TOKEN,
    "signing secret": SIGNING_SECRET,
    "mail password": SMTP_PASSWORD,
    "database password": DATABASE_PASSWORD,
    "request body": IN_A_BODY,
    "response address": RESPONSE_URL.rpartition("/")[2],
    "master key": MASTER_KEY,
}
COMMANDS = (
    ("doctor",),
    ("doctor", "--all"),
    ("audit", "show"),
    ("audit", "export"),
    ("audit", "verify"),
    ("keys", "list"),
    ("keys", "export"),
    ("deliveries", "list"),
    ("export",),
    ("report",),
    ("keys", "activate", "no-such-key"),
    ("run", "--no-such-option"),
)


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    world = world_of(company_this_year(datetime.now(UTC)))
    world["app"] |= {"bot_token": BOT_TOKEN, "app_token": APP_TOKEN, "signing_secret": SIGNING_SECRET}
    with Sandbox.start(World.from_config(world)) as started:
        yield started


@pytest.fixture
def planted(program: Program, slack: SlackClient) -> Program:
    """The real program over HTTP at debug, with a canary in every setting that is secret."""
    own_key = program.settings["LICENSE_DESK_MASTER_KEYS"]
    program.settings |= {
        "LICENSE_DESK_MODE": "http",
        "LICENSE_DESK_HTTP_PORT": "0",
        "LICENSE_DESK_LOG_FORMAT": "json",
        "LICENSE_DESK_LOG_LEVEL": "debug",
        "LICENSE_DESK_MASTER_KEYS": f"{own_key},{MASTER_KEY}",
        "LICENSE_DESK_SLACK_BOT_TOKEN": BOT_TOKEN,
        "LICENSE_DESK_SLACK_APP_TOKEN": APP_TOKEN,
        "LICENSE_DESK_SLACK_SIGNING_SECRET": SIGNING_SECRET,
        "LICENSE_DESK_SMTP_HOST": "127.0.0.1",
        "LICENSE_DESK_SMTP_PORT": "9",
        "LICENSE_DESK_SMTP_USER": "desk",
        "LICENSE_DESK_SMTP_PASSWORD": SMTP_PASSWORD,
        "LICENSE_DESK_SMTP_SENDER": "licenses@example.com",
        "LICENSE_DESK_PUBLIC_URL": "https://licenses.example.com",
    }
    program.start()
    wait_until(lambda: port_of(program, "http_port"))
    slack.set_request_url(f"http://127.0.0.1:{port_of(program, 'http_port')}/slack/events")
    wait_until(lambda: "Connected to a workspace" in program.logs())
    return program


def test_no_secret_is_in_anything_that_the_program_lets_out(planted: Program, slack: SlackClient) -> None:
    register(slack, "U0ANA", serial(1), VERSION, "Quality 1")
    ask(slack, "U0ANA", "Quality 1", reason=IN_A_BODY)
    wait_until(lambda: slack.messages(CHANNEL))
    slack.click("U0RUI", slack.messages(CHANNEL)[0], str(Action.FORWARD))
    wait_until(lambda: slack.files("U0ANA"))
    let_out = _answers(planted)
    _break(planted)
    let_out["answer to a failure"] = slack.command("U0ANA", "slots").text
    wait_until(lambda: "Traceback" in planted.logs())
    hunted = PLANTED | _made(planted)
    let_out |= {"log": planted.logs(), "settings": _settings_shown()} | _printed(planted)

    assert len(let_out["log"]) > 1_000
    assert singing(let_out, hunted) == []


def test_the_hunt_hears_every_canary_that_sings() -> None:
    for name, secret in PLANTED.items():
        assert singing({"log": f"before {secret} after"}, PLANTED) == [("log", name)]


def singing(let_out: dict[str, str], hunted: dict[str, str]) -> list[tuple[str, str]]:
    """Where which secret was let out."""
    return [
        (where, name) for where, said in let_out.items() for name, secret in hunted.items() if secret in said
    ]


def _answers(planted: Program) -> dict[str, str]:
    """What strangers and Slack are answered over HTTP, and what health and metrics say."""
    port, health = port_of(planted, "http_port"), port_of(planted, "health_port")
    broken = f'{{"{IN_A_BODY}": '.encode()
    hidden = {"response_url": RESPONSE_URL, "token": IN_A_BODY, "team_id": "T0ACME", "user_id": "U0ANA"}
    typed, unknown = slash("slots", **hidden), slash("slots", **hidden | {"user_id": "U0NOBODY"})
    asked = {
        "unsigned": (slash(IN_A_BODY), {"Content-Type": FORM}),
        "broken": (broken, signed(broken, kind=JSON, secret=SIGNING_SECRET)),
        "stale": (typed, signed(typed, at=1_000_000_000, secret=SIGNING_SECRET)),
        "signed": (typed, signed(typed, secret=SIGNING_SECRET)),
        "unknown": (unknown, signed(unknown, secret=SIGNING_SECRET)),
    }
    answers = {f"answer to {name}": send(port, *request).body for name, request in asked.items()}
    pages = {path: _page(health, path) for path in ("live", "ready", "metrics")}
    return answers | pages | {"decide": _page(port, f"decide/{IN_A_BODY}x")}


def _page(port: int, path: str) -> str:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/{path}", timeout=10) as answer:
            return str(answer.read().decode())
    except urllib.error.HTTPError as refused:
        return str(refused.read().decode())


def _made(planted: Program) -> dict[str, str]:
    """The secrets that the program made itself."""
    database = Database(planted.settings["LICENSE_DESK_DATABASE_URL"])
    vault = Vault(planted.settings["LICENSE_DESK_MASTER_KEYS"].split(","))
    with database.read() as connection:
        sealed = connection.execute(select(licenses.c.text_encrypted)).scalars().first()
        private = connection.execute(select(signing_keys.c.private_encrypted)).scalars().first()
    database.close()
    assert sealed
    assert private
    license_text = vault.decrypt(sealed).decode().strip()
    own_key = planted.settings["LICENSE_DESK_MASTER_KEYS"].partition(",")[0]
    return {
        "license text": license_text,
        "signature": license_text.rpartition(".")[2],
        "private key": repr(vault.decrypt(private))[2:-1],
        "first master key": own_key,
    }


def _break(planted: Program) -> None:
    """Take away what the next command needs, so that it fails in a way that nobody foresaw."""
    database = Database(planted.settings["LICENSE_DESK_DATABASE_URL"])
    with database.write() as connection:
        connection.execute(text("ALTER TABLE slots RENAME TO slots_away"))
    database.close()


def _printed(planted: Program) -> dict[str, str]:
    """What the commands print, over the broken database and over the whole one."""
    broken = {f"{each} over a broken database": _out(planted, *each) for each in (("doctor",), ("report",))}
    database = Database(planted.settings["LICENSE_DESK_DATABASE_URL"])
    with database.write() as connection:
        connection.execute(text("ALTER TABLE slots_away RENAME TO slots"))
    database.close()
    printed = {" ".join(each): _out(planted, *each) for each in COMMANDS}
    planted.settings["LICENSE_DESK_DATABASE_URL"] = (
        f"postgresql+psycopg://desk:{DATABASE_PASSWORD}@127.0.0.1:9/desk"
    )
    away = {
        f"{each} without a database": _out(planted, *each) for each in (("doctor",), ("run",), ("migrate",))
    }
    return printed | broken | away


def _out(planted: Program, *words: str) -> str:
    done = planted.command(*words)
    assert done.stdout or done.stderr, words
    return done.stdout + done.stderr


def _settings_shown() -> str:
    """Settings in every way in which a program shows things, and in a traceback with its variables."""
    settings = Settings(
        _env_file=None,
        slack_bot_token=SecretStr(BOT_TOKEN),
        slack_app_token=SecretStr(APP_TOKEN),
        slack_signing_secret=SecretStr(SIGNING_SECRET),
        smtp_password=SecretStr(SMTP_PASSWORD),
        master_keys=SecretStr(MASTER_KEY),
        database_url=SecretStr(f"postgresql+psycopg://desk:{DATABASE_PASSWORD}@127.0.0.1/desk"),
    )
    try:
        _fail(settings)
    except ValueError as error:
        shown = traceback.TracebackException.from_exception(error, capture_locals=True)
    return "".join([repr(settings), str(settings), settings.model_dump_json(), *shown.format()])


def _fail(settings: Settings) -> None:
    raise ValueError(settings)
