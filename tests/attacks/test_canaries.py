"""Canaries in every secret, and a hunt for them in all that the program lets out: nothing may sing."""

import json
import traceback
import urllib.error
import urllib.request
from base64 import b64encode, urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from joserfc.jwk import ECKey
from pydantic import SecretStr
from sqlalchemy import select, text

from bot.demo import company_this_year, world_of
from bot.sandbox import Sandbox, World
from bot.sandbox.client import SlackClient
from bot.sandbox.seen import Message
from bot.settings import Settings
from handlers.blocks.ids import Action
from store.database import Database
from store.key_formats import generate, private_from_der
from store.tables import licenses, signing_keys
from store.vault import Vault
from tests.attacks.writing import forms, found_in, of_key, of_master_key
from tests.bot.asking import FORM, JSON, send, signed, slash
from tests.example import serial
from tests.program.conftest import CHANNEL, Program, ask, database_url, program, register, slack, wait_until
from tests.program.test_ways_in import VERSION, port_of
from tests.starting import run

__all__ = ["database_url", "program", "slack"]

BOT_TOKEN = "xoxb-7777777777-canary-of-the-bot"
APP_TOKEN = "xapp-1-A0CANARY-7777-canaryoftheapp"
SIGNING_SECRET = "canary0of0the0signing0secret0777"
SMTP_PASSWORD = "canary-of-the-mail-server"
DATABASE_PASSWORD = "canary-of-the-database"
IN_A_BODY = "canary-in-a-body"
RESPONSE_URL = "https://hooks.slack.com/commands/canary-of-an-answer"
MASTER_KEY = urlsafe_b64encode(b"canary of the master key 7777777").decode()
TEXTS = {
    "bot token": BOT_TOKEN,
    "app token": APP_TOKEN,
    "signing secret": SIGNING_SECRET,
    "mail password": SMTP_PASSWORD,
    "database password": DATABASE_PASSWORD,
    "request body": IN_A_BODY,
    "response address": RESPONSE_URL.rpartition("/")[2],
    "master key": MASTER_KEY,
}
Hunted = Mapping[str, set[str]]
"""The forms of each secret, by its name."""
PLANTED: Hunted = {name: forms(secret) for name, secret in TEXTS.items()} | {
    "master key": of_master_key(MASTER_KEY)
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
def planted(program: Program) -> Program:
    """The program at debug, with a canary in every setting that is secret; it does not run yet."""
    own_key = program.settings["LICENSE_DESK_MASTER_KEYS"]
    program.settings |= {
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
    return program


def test_no_secret_is_in_anything_that_the_program_lets_out(planted: Program, slack: SlackClient) -> None:
    let_out = _in_socket_mode(planted, slack) | _over_http(planted, slack)
    hunted = {**PLANTED, **_made(planted)}
    let_out |= {"settings": _settings_shown()} | _printed(planted)

    assert min(len(let_out[log]) for log in ("log", "log of the socket")) > 1_000
    assert singing(let_out, hunted) == []


@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize(
    "write",
    [
        str,
        str.encode,
        json.dumps,
        lambda secret: f"{secret[:9]}\n{secret[9:]}",
        lambda secret: secret.encode().hex(),
        lambda secret: secret.encode().hex().upper(),
        lambda secret: b64encode(secret.encode()),
        lambda secret: urlsafe_b64encode(secret.encode()),
        lambda secret: b64encode(f"user:{secret}".encode()),
        lambda secret: b64encode(f"users:{secret}".encode()),
    ],
    ids=["plain", "bytes", "JSON", "lines", "hex", "HEX", "base64", "base64url", "behind 5", "behind 6"],
)
def test_the_hunt_hears_every_canary_that_sings(name: str, write: Callable[[str], object]) -> None:
    assert singing({"log": f"before {write(TEXTS[name])} after"}, PLANTED) == [("log", name)]


def _private_forms(key: EllipticCurvePrivateKey) -> dict[str, object]:
    """A private key as programs write it."""
    number = key.private_numbers().private_value
    pkcs8 = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    return {
        "PEM": pem,
        "PEM in JSON": json.dumps({"key": pem}),
        "body of a PEM": "".join(pem.splitlines()[1:-1]),
        "old PEM": key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()).decode(),
        "bytes": pkcs8,
        "base64": b64encode(pkcs8),
        "base64url": urlsafe_b64encode(pkcs8),
        "hex": pkcs8.hex(),
        "HEX": pkcs8.hex().upper(),
        "number": number,
        "number in hex": hex(number),
        "number with colons": number.to_bytes(32).hex(":"),
        "number in base64url": urlsafe_b64encode(number.to_bytes(32)),
        "JWK": json.dumps(ECKey.import_key(pem).as_dict(private=True)),
    }


@pytest.mark.parametrize("how", _private_forms(_A_KEY := generate("ES256")))  # type: ignore[arg-type] # ES256 is this
def test_the_hunt_hears_a_private_key_however_it_is_written(how: str) -> None:
    assert isinstance(_A_KEY, EllipticCurvePrivateKey)
    written = _private_forms(_A_KEY)[how]
    assert singing({"log": f"before {written} after"}, {"key": of_key(_A_KEY)}) == [("log", "key")]


@pytest.mark.parametrize("part", [slice(None), slice(16), slice(16, None)], ids=["whole", "first", "second"])
@pytest.mark.parametrize("write", [repr, bytes.hex, b64encode, urlsafe_b64encode])
def test_the_hunt_hears_what_a_master_key_decodes_to(part: slice, write: Callable[[bytes], object]) -> None:
    written = write(urlsafe_b64decode(MASTER_KEY)[part])
    assert singing({"log": f"before {written} after"}, PLANTED) == [("log", "master key")]


def singing(let_out: Mapping[str, str], hunted: Hunted) -> list[tuple[str, str]]:
    """Where which secret was let out."""
    return [(where, name) for where, said in let_out.items() for name in found_in(said, hunted)]


def _in_socket_mode(planted: Program, slack: SlackClient) -> dict[str, str]:
    """The main job and a failure through the socket, and what health and metrics say of it."""
    running = planted.start()
    wait_until(slack.connections)
    _play(slack, serial(1), "Quality 1")
    let_out = {f"{page} of the socket": text for page, text in _pages(planted).items()}
    let_out["answer to a failure through the socket"] = _failing(planted, slack)
    running.terminate()
    running.wait()
    let_out["log of the socket"] = planted.logs()
    (planted.folder / "run-0.log").unlink()
    return let_out


def _over_http(planted: Program, slack: SlackClient) -> dict[str, str]:
    """The same over HTTP, with what strangers are answered."""
    planted.settings["LICENSE_DESK_MODE"] = "http"
    planted.start()
    wait_until(lambda: port_of(planted, "http_port"))
    slack.set_request_url(f"http://127.0.0.1:{port_of(planted, 'http_port')}/slack/events")
    wait_until(lambda: "Connected to a workspace" in planted.logs())
    _play(slack, serial(2), "Quality 2")
    let_out = _answers(planted) | {"answer to a failure": _failing(planted, slack)}
    return let_out | {"log": planted.logs()}


def _play(slack: SlackClient, number: str, slot: str) -> None:
    """A license is registered, requested, forwarded and delivered."""
    files = len(slack.files("U0ANA"))
    register(slack, "U0ANA", number, VERSION, slot)
    ask(slack, "U0ANA", slot, reason=IN_A_BODY)
    wait_until(lambda: _cards(slack, slot))
    slack.click("U0RUI", _cards(slack, slot)[0], str(Action.FORWARD))
    wait_until(lambda: len(slack.files("U0ANA")) > files)


def _cards(slack: SlackClient, slot: str) -> list[Message]:
    return [each for each in slack.messages(CHANNEL) if slot in each.text]


def _answers(planted: Program) -> dict[str, str]:
    """What strangers and Slack are answered over HTTP, and what health and metrics say."""
    port = port_of(planted, "http_port")
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
    return answers | _pages(planted) | {"decide": _page(port, f"decide/{IN_A_BODY}x")}


def _pages(planted: Program) -> dict[str, str]:
    health = port_of(planted, "health_port")
    return {path: _page(health, path) for path in ("live", "ready", "metrics")}


def _page(port: int, path: str) -> str:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/{path}", timeout=10) as answer:
            return str(answer.read().decode())
    except urllib.error.HTTPError as refused:
        return str(refused.read().decode())


def _made(planted: Program) -> dict[str, set[str]]:
    """The secrets that the program made itself."""
    vault = Vault(planted.settings["LICENSE_DESK_MASTER_KEYS"].split(","))
    with _database(planted) as database, database.read() as connection:
        sealed = connection.execute(select(licenses.c.text_encrypted)).scalars().all()
        private = connection.execute(select(signing_keys.c.private_encrypted)).scalars().first()
    assert private
    der = vault.decrypt(private)
    key = private_from_der(der)
    assert isinstance(key, EllipticCurvePrivateKey)
    texts = [vault.decrypt(each).decode().strip() for each in sealed]
    assert len(texts) == 2
    return {
        "license text": forms(texts[0]) | forms(texts[1]),
        "signature": {text.rpartition(".")[2] for text in texts},
        "private key": of_key(key) | forms(der),
        "first master key": of_master_key(planted.settings["LICENSE_DESK_MASTER_KEYS"].partition(",")[0]),
    }


@contextmanager
def _database(planted: Program) -> Iterator[Database]:
    database = Database(planted.settings["LICENSE_DESK_DATABASE_URL"])
    yield database
    database.close()


@contextmanager
def _broken(planted: Program) -> Iterator[None]:
    """Take away what commands need, so that they fail in a way that nobody foresaw."""
    _rename(planted, "slots", "slots_away")
    yield
    _rename(planted, "slots_away", "slots")


def _rename(planted: Program, before: str, after: str) -> None:
    with _database(planted) as database, database.write() as connection:
        connection.execute(text(f"ALTER TABLE {before} RENAME TO {after}"))


def _failing(planted: Program, slack: SlackClient) -> str:
    """What a person is answered by a program that fails; its log tells more."""
    with _broken(planted):
        said = slack.command("U0ANA", "slots").text
        wait_until(lambda: "Traceback" in planted.logs())
    return said


def _printed(planted: Program) -> dict[str, str]:
    """What the commands print, over a broken database, over the whole one, and without any."""
    whole = planted.settings
    away = f"postgresql+psycopg://desk:{DATABASE_PASSWORD}@127.0.0.1:9/desk"
    without = whole | {"LICENSE_DESK_DATABASE_URL": away}

    def said_by(settings: dict[str, str], *words: str) -> str:
        done = run(words, planted.folder, settings)
        said = done.stdout + done.stderr
        assert said, words
        return said

    printed = {" ".join(each): said_by(whole, *each) for each in COMMANDS}
    for words in ("doctor", "run", "migrate"):
        printed[f"{words} without a database"] = said_by(without, words)
    with _broken(planted):
        for words in ("doctor", "report"):
            printed[f"{words} over a broken database"] = said_by(whole, words)
    return printed


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
