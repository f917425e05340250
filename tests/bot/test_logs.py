"""Logs: readable or JSON, and never with what people sent or with a secret."""

import io
import json
import logging
from collections.abc import Callable
from typing import Any

import pytest
import structlog
from slack_bolt import App, BoltRequest
from slack_bolt.authorization import AuthorizeResult
from slack_sdk import WebClient
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from bot import logs
from store.database import Database
from tests.postgres import create_database

CANARY = "canary-in-a-body"
Begin = Callable[..., io.StringIO]


def _bolt_with_its_own_checks(**options: Any) -> App:
    identity = AuthorizeResult(enterprise_id=None, team_id="T1", bot_token="xoxb-1", bot_user_id="U0")
    return App(authorize=lambda: identity, signing_secret="s", process_before_response=True, **options)


def _request(body: str) -> BoltRequest:
    headers: dict[str, Any] = {
        "content-type": "application/x-www-form-urlencoded",
        "x-slack-signature": "v0=0123456789abcdef0123456789abcdef",
        "x-slack-request-timestamp": "1",
    }
    return BoltRequest(body=body, headers=headers)


@pytest.mark.parametrize("level", ["debug", "info"])
@pytest.mark.parametrize("with_our_logger", [True, False])
def test_an_unsigned_body_that_bolt_logs_is_withheld(
    level: str, with_our_logger: bool, log_lines: Begin
) -> None:
    stream = log_lines(log_level=level)
    options = {"logger": logs.slack_logger()} if with_our_logger else {}
    app = _bolt_with_its_own_checks(**options)
    assert app.dispatch(_request(f"command=%2Flicense&text={CANARY}")).status == 401
    assert CANARY not in stream.getvalue()
    assert "0123456789abcdef" not in stream.getvalue()


@pytest.mark.parametrize("level", ["debug", "info"])
def test_an_unheard_body_that_bolt_logs_is_withheld_but_the_fact_is_told(
    level: str, log_lines: Begin
) -> None:
    stream = log_lines(log_level=level)
    app = _bolt_with_its_own_checks(request_verification_enabled=False)
    assert app.dispatch(_request(f"command=%2F{CANARY}&text={CANARY}")).status == 404
    assert CANARY not in stream.getvalue()
    assert "Unhandled request; the rest is withheld" in stream.getvalue()


def test_an_error_in_a_listener_is_logged_by_its_place_without_its_words(log_lines: Begin) -> None:
    stream = log_lines()
    app = _bolt_with_its_own_checks(request_verification_enabled=False)

    @app.command("/license")
    def fail() -> None:
        raise ValueError(CANARY)

    app.dispatch(_request("command=%2Flicense&text=x"))
    assert CANARY not in stream.getvalue()
    assert "(ValueError at " in stream.getvalue()
    assert "test_logs.py:" in stream.getvalue()


def test_a_call_to_slack_is_not_logged_even_when_debugging(log_lines: Begin) -> None:
    stream = log_lines(log_level="debug")
    client = WebClient("xoxb-1-canary", base_url="http://127.0.0.1:1/api/", retry_handlers=[])
    with pytest.raises(OSError, match="refused"):
        client.chat_postMessage(channel="C1", text=CANARY)
    assert CANARY not in stream.getvalue()
    assert "xoxb" not in stream.getvalue()


SECRETS = [
    "xoxb-123-456-abcDEF",
    "xoxp-1-2-3",
    "xoxe.xoxb-1-AbC-dEf",
    "xapp-1-A1-2-abc",
    "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503",
    "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJ4In0.c2ln-_",
    "-----BEGIN PRIVATE KEY-----\nMIGHAgEAMBMG\n-----END PRIVATE KEY-----",
    "desk:hunter2",
]


@pytest.mark.parametrize("log_format", ["json", "console"])
@pytest.mark.parametrize("secret", SECRETS)
def test_a_secret_that_slips_into_a_line_is_redacted(secret: str, log_format: str, log_lines: Begin) -> None:
    stream = log_lines(log_format=log_format)
    shown = f"postgresql://{secret}@db/desk" if secret == "desk:hunter2" else f"<{secret}>"
    structlog.get_logger("test").info(f"a {shown}", key=shown, deep={"list": [shown]})
    logging.getLogger("other").warning("a %s", shown)
    lines = stream.getvalue()
    assert lines.count("[redacted]") == 4
    assert not any(part in lines for part in secret.splitlines()[:2])


def test_a_secret_in_an_error_is_redacted(log_lines: Begin) -> None:
    stream = log_lines(log_format="json")
    try:
        int("xoxb-123-canary")
    except ValueError:
        structlog.get_logger("test").exception("It failed")
    assert (
        "ValueError: invalid literal for int() with base 10: '[redacted]'"
        in json.loads(stream.getvalue())["exception"]
    )
    assert "canary" not in stream.getvalue()


@pytest.mark.parametrize("log_format", ["json", "console"])
def test_the_row_that_a_database_refuses_is_withheld(
    log_format: str, postgres_socket: str, log_lines: Begin
) -> None:
    stream = log_lines(log_format=log_format)
    database = Database(create_database(postgres_socket, f"refused_row_{log_format}"))
    with database.write() as connection:
        connection.exec_driver_sql("CREATE TABLE kept (reason text, number int CHECK (number > 0))")
    row = {"reason": f"first\n{CANARY}", "number": -1}
    try:
        with database.write() as connection:
            connection.execute(text("INSERT INTO kept VALUES (:reason, :number)"), row)
    except IntegrityError:
        structlog.get_logger("test").exception("It failed")
    database.close()
    lines = stream.getvalue()
    assert "violates check constraint" in lines
    assert "INSERT INTO kept" in lines
    assert "test_logs.py" in lines
    assert CANARY not in lines


@pytest.mark.parametrize(
    "harmless",
    ["QT4-0NV-NKP-XKY-ZWA-LY4-RIE-GD6", "R-1042 was forwarded", "11.17.0 (Build 36348)", "eyJ", "box-1"],
)
def test_what_is_no_secret_is_left_alone(harmless: str) -> None:
    assert logs.redact(harmless) == harmless


def test_tracebacks_in_a_terminal_show_no_variables(log_lines: Begin) -> None:
    stream = log_lines(log_format="console")
    body = {"text": CANARY}
    try:
        body["missing"]
    except KeyError:
        structlog.get_logger("test").exception("It failed")
    assert "KeyError" in stream.getvalue()
    assert CANARY not in stream.getvalue()


def test_a_stream_that_is_no_terminal_gets_json_with_a_time_in_utc(log_lines: Begin) -> None:
    stream = log_lines()
    structlog.get_logger("bot.test").info("Something happened", number=3)
    line = json.loads(stream.getvalue())
    assert line.pop("timestamp").endswith("Z")
    assert line == {"event": "Something happened", "number": 3, "level": "info", "logger": "bot.test"}


def test_lines_below_the_level_are_left_out(log_lines: Begin) -> None:
    stream = log_lines(log_level="warning")
    structlog.get_logger("test").info("not this")
    logging.getLogger("other").info("nor this")
    assert stream.getvalue() == ""


def test_a_line_that_cannot_be_written_is_missed_in_words_without_its_values() -> None:
    stream = io.StringIO()
    record = logging.LogRecord("other", logging.WARNING, __file__, 7, "%d pieces", (CANARY,), None)
    logs.DeskHandler(stream).handle(record)
    assert stream.getvalue() == "A log line of other at line 7 could not be written.\n"
