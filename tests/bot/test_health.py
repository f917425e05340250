"""Health on its own port: alive, ready, and figures, with reasons in words."""

import io
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from threading import Event

import pytest
from pydantic import SecretStr

from bot.app import Bot
from bot.health import (
    Check,
    Finding,
    courier_check,
    database_check,
    health_app,
    queue_check,
    signing_check,
    socket_check,
)
from bot.http import HttpServer
from bot.metrics import Metrics
from bot.settings import Settings
from store import keys
from store.database import Database
from store.desk import Desk, Policy
from store.kept_keys import KeyAccess, key_in_file
from store.key_formats import generate, private_der
from store.keys import KeyRing
from store.rules.errors import DeskError
from store.rules.key_keeping import TokenAway
from store.vault import Vault, generate_key
from tests.bot.asking import Reply, send


@pytest.fixture
def checks() -> dict[str, Check]:
    return {}


@pytest.fixture
def metrics() -> Metrics:
    return Metrics()


@pytest.fixture
def port(checks: dict[str, Check], metrics: Metrics) -> Iterator[int]:
    server = HttpServer(health_app(checks, metrics), "127.0.0.1", 0, name="health")
    server.start()
    yield server.port
    assert server.stop(5.0)


def _get(port: int, path: str) -> Reply:
    return send(port, b"", {}, method="GET", path=path)


def test_a_running_process_is_alive(port: int) -> None:
    assert _get(port, "/live") == Reply(200, "alive\n")


def test_it_is_ready_when_every_check_is_well(port: int, checks: dict[str, Check]) -> None:
    checks["database"] = database_check(lambda: None)
    checks["slack"] = socket_check(lambda: 1.26, 5.0)
    reply = _get(port, "/ready")
    body = json.loads(reply.body)
    assert (reply.status, body["ready"]) == (200, True)
    assert body["checks"]["slack"] == {"well": True, "says": "Slack was last heard 1.3 seconds ago"}
    assert body["checks"]["database"]["says"].startswith("answered in ")


def test_one_check_that_is_not_well_is_enough_and_says_why(port: int, checks: dict[str, Check]) -> None:
    checks["queue"] = queue_check(lambda: None)
    checks["slack"] = socket_check(lambda: None, 5.0)
    reply = _get(port, "/ready")
    assert (reply.status, json.loads(reply.body)) == (
        503,
        {
            "ready": False,
            "checks": {
                "queue": {"well": True, "says": "no delivery is due"},
                "slack": {"well": False, "says": "no connection to Slack; trying again"},
            },
        },
    )


def test_a_check_that_fails_is_not_well_and_keeps_its_words_to_the_log(
    port: int, checks: dict[str, Check], log_lines: Callable[..., io.StringIO]
) -> None:
    stream = log_lines()

    def ping() -> None:
        raise ConnectionError("canary at db.example.com")

    checks["database"] = database_check(ping)
    reply = _get(port, "/ready")
    assert reply.status == 503
    assert "the check failed (ConnectionError)" in reply.body
    assert "canary" not in reply.body
    assert "canary" in stream.getvalue()


@pytest.mark.parametrize(
    ("check", "finding"),
    [
        (socket_check(lambda: 5.1, 5.0), Finding(False, "Slack was last heard 5.1 seconds ago")),
        (courier_check(lambda: None), Finding(False, "the courier has not begun")),
        (courier_check(lambda: 2.0), Finding(True, "last turn 2 seconds ago; at most 30 are well")),
        (courier_check(lambda: 31.0), Finding(False, "last turn 31 seconds ago; at most 30 are well")),
        (
            queue_check(lambda: 299.0),
            Finding(True, "oldest delivery due 299 seconds ago; at most 300 are well"),
        ),
        (
            queue_check(lambda: 301.0),
            Finding(False, "oldest delivery due 301 seconds ago; at most 300 are well"),
        ),
    ],
)
def test_a_check_says_what_it_found(check: Check, finding: Finding) -> None:
    assert check() == finding


def test_whether_the_key_signs_is_looked_at_now_and_then() -> None:
    looks, moment = [], [100.0]
    answers: list[bool | DeskError] = [True, TokenAway("desk", "DeviceRemoved"), False]

    def signs() -> bool:
        looks.append(moment[0])
        answer = answers[len(looks) - 1]
        if isinstance(answer, DeskError):
            raise answer
        return answer

    check = signing_check(signs, within=60.0, fresh_for=10.0, clock=lambda: moment[0])
    well = Finding(True, "the active key signs")
    assert [check(), check()] == [well, well]
    moment[0] = 109.9
    assert check() == well
    moment[0] = 110.0
    unwell = check()
    assert not unwell.well
    assert unwell.says.startswith("The PKCS #11 token desk does not answer as it should (DeviceRemoved).")
    moment[0] = 120.0
    assert check() == Finding(True, "there is no active signing key yet")
    assert looks == [100.0, 110.0, 120.0]


def test_a_key_that_does_not_answer_keeps_no_probe_and_is_not_asked_a_second_time() -> None:
    answers, looks = Event(), []

    def signs() -> bool:
        looks.append(1)
        return answers.wait(60)

    check = signing_check(signs, within=0.01, fresh_for=0.0)
    silent = Finding(False, "the active signing key did not sign within 0.01 seconds")
    assert [check(), check(), check()] == [silent] * 3
    assert looks == [1]
    answers.set()


def test_the_program_is_ready_only_while_its_key_signs(sqlite_database: Database, tmp_path: Path) -> None:
    file, vault, now = tmp_path / "signing.key", Vault([generate_key()]), datetime(2026, 12, 1, tzinfo=UTC)
    desk = Desk(sqlite_database, vault, KeyRing(vault), Policy(vendor="Meridian"), lambda: now)
    settings = Settings(_env_file=None, slack_bot_token=SecretStr("xoxb-1"))

    def signing() -> Finding:
        return Bot(settings, desk).beside().checks["signing"]()

    assert signing() == Finding(True, "there is no active signing key yet")
    file.write_bytes(private_der(generate("ES256")))
    file.chmod(0o600)
    with sqlite_database.write() as connection:
        keys.init(connection, vault, now, outside=key_in_file(file, KeyAccess()))
    file.chmod(0o644)
    unwell = signing()
    assert (unwell.well, unwell.says.startswith(f"The key file {file} may be read")) == (False, True)
    file.chmod(0o600)
    assert signing() == Finding(True, "the active key signs")


def test_figures_come_in_prometheus_format(port: int, metrics: Metrics) -> None:
    metrics.refused(KeyError)
    metrics.delivered("file", "sent")
    metrics.called("chat.postMessage", "ratelimited", 0.2)
    metrics.queue_age(12.0)
    metrics.paused(3)
    metrics.connections(2)
    page = _get(port, "/metrics").body
    for line in (
        'license_desk_refusals_total{refusal="KeyError"} 1.0',
        'license_desk_deliveries_total{kind="file",outcome="sent"} 1.0',
        'license_desk_slack_call_seconds_count{method="chat.postMessage",outcome="ratelimited"} 1.0',
        "license_desk_oldest_due_delivery_seconds 12.0",
        "license_desk_paused_people 3.0",
        "license_desk_slack_connections 2.0",
    ):
        assert f"\n{line}\n" in page


def test_figures_of_one_desk_are_not_those_of_another(port: int) -> None:
    Metrics().refused(KeyError)
    assert "KeyError" not in _get(port, "/metrics").body


def test_the_health_port_serves_nothing_else(port: int) -> None:
    assert _get(port, "/slack/events").status == 404
