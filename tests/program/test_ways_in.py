"""The real program over signed HTTP, over a socket that is cut, and several of it on one PostgreSQL."""

import http.client
import json
import re
import socket
import urllib.request

import pytest

from bot.sandbox.client import SlackClient
from handlers.blocks.ids import Action, BlockId
from tests.postgres import create_database
from tests.program.conftest import CHANNEL, Program, ask, open_modal, register, wait_until

VERSION = "11.17.0 (Build 36348)"


def serial(number: int) -> str:
    return f"7QK-4ZP-M2X-9HB-T5R-C8W-E0N-{number:03}"


def port_of(program: Program, kind: str) -> int:
    """The port that the program says it listens on, in its log."""
    found = re.search(rf'"{kind}": (\d+)', program.logs())
    return int(found[1]) if found else 0


@pytest.fixture
def over_http(program: Program, slack: SlackClient) -> Program:
    program.settings |= {
        "LICENSE_DESK_MODE": "http",
        "LICENSE_DESK_SLACK_SIGNING_SECRET": "sandbox-signing-secret",
        "LICENSE_DESK_HTTP_PORT": "0",
        "LICENSE_DESK_LOG_FORMAT": "json",
        "LICENSE_DESK_LOG_LEVEL": "debug",
    }
    del program.settings["LICENSE_DESK_SLACK_APP_TOKEN"]
    program.start()
    wait_until(lambda: port_of(program, "http_port"))
    slack.set_request_url(f"http://127.0.0.1:{port_of(program, 'http_port')}/slack/events")
    wait_until(lambda: "Connected to a workspace" in program.logs())
    return program


def test_over_http_a_license_is_registered_requested_forwarded_and_delivered(
    over_http: Program, slack: SlackClient
) -> None:
    register(slack, "U0ANA", serial(1), VERSION, "Quality 1")
    ask(slack, "U0ANA", "Quality 1", reason="canary reason")
    wait_until(lambda: slack.messages(CHANNEL))
    slack.click("U0RUI", slack.messages(CHANNEL)[0], str(Action.FORWARD))
    wait_until(lambda: slack.files("U0ANA"))
    assert [each.name for each in slack.files("U0ANA")] == [f"{serial(1)}.lic"]
    assert not [
        each for each in ("sandbox-signing-secret", "canary reason", serial(1)) if each in over_http.logs()
    ]


def test_over_http_anybody_reads_the_public_keys_of_production(over_http: Program) -> None:
    # The demonstration's own key is a test key, which is not among them.
    assert over_http.command("keys", "add").returncode == 0
    address = f"http://127.0.0.1:{port_of(over_http, 'http_port')}/.well-known/jwks.json"
    with urllib.request.urlopen(address, timeout=10) as answer:
        assert len(json.load(answer)["keys"]) == 1


def test_in_socket_mode_pages_have_a_port_of_their_own_with_the_public_keys(program: Program) -> None:
    program.settings |= {
        "LICENSE_DESK_PUBLIC_URL": "https://licenses.example.com",
        "LICENSE_DESK_HTTP_PORT": "0",
        "LICENSE_DESK_LOG_FORMAT": "json",
    }
    assert program.command("keys", "add").returncode == 0
    program.start()
    wait_until(lambda: port_of(program, "http_port"))
    address = f"http://127.0.0.1:{port_of(program, 'http_port')}/.well-known/jwks.json"
    with urllib.request.urlopen(address, timeout=10) as answer:
        assert len(json.load(answer)["keys"]) == 1


def test_over_http_health_says_that_it_is_ready(over_http: Program) -> None:
    url = f"http://127.0.0.1:{port_of(over_http, 'health_port')}/ready"
    with urllib.request.urlopen(url, timeout=10) as answer:
        said = json.loads(answer.read())
    assert answer.status == 200
    assert "database" in json.dumps(said)


@pytest.mark.parametrize("exchange", ["cut_sockets", "warn_sockets"])
def test_a_form_that_is_open_while_the_socket_changes_is_answered_over_the_next_one(
    connected: Program, slack: SlackClient, exchange: str
) -> None:
    register(slack, "U0ANA", serial(1), VERSION, "Quality 1")
    view = open_modal(slack, "U0ANA", "request Quality 1")
    hellos = connected.logs().count("Slack has said hello")
    getattr(slack, exchange)()
    wait_until(lambda: connected.logs().count("Slack has said hello") > hellos)
    wait_until(lambda: slack.connections() == 1)
    done = slack.submit("U0ANA", view, {str(BlockId.REASON): "upgrade"})
    assert done.view is not None, done
    wait_until(lambda: slack.messages(CHANNEL))
    assert len(slack.messages(CHANNEL)) == 1


@pytest.fixture
def database_url(request: pytest.FixtureRequest, tmp_path: object) -> str:
    if "postgres" in request.node.name:
        return create_database(
            request.getfixturevalue("postgres_socket"), f"program_{request.node.name[-20:]}"
        )
    return f"sqlite:///{tmp_path}/desk.db"


def test_two_programs_on_one_postgres_do_everything_once(program: Program, slack: SlackClient) -> None:
    program.start()
    program.start()
    wait_until(lambda: slack.connections() == 2)
    for number, slot in enumerate(("Quality 1", "Quality 2", "Prod 1"), start=1):
        register(slack, "U0ANA", serial(number), VERSION, slot)
        ask(slack, "U0ANA", slot)
    wait_until(lambda: len([each for each in slack.messages(CHANNEL) if not each.thread_ts]) == 3)
    for card in [each for each in slack.messages(CHANNEL) if not each.thread_ts]:
        slack.click("U0RUI", card, str(Action.FORWARD))
    wait_until(lambda: len(slack.files("U0ANA")) == 3)
    assert len([each for each in slack.messages(CHANNEL) if not each.thread_ts]) == 3
    assert "another program uses the same app token" in program.logs()


def test_in_socket_mode_the_desks_own_pages_have_a_port_of_their_own(
    program: Program, slack: SlackClient
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as found:
        port = int(found.getsockname()[1])
    program.settings["LICENSE_DESK_PUBLIC_URL"] = "https://licenses.example.com"
    program.settings["LICENSE_DESK_HTTP_PORT"] = str(port)
    program.start()
    wait_until(lambda: slack.connections() > 0)

    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", f"/start?serial={serial(1)}")
    answer = connection.getresponse()
    assert answer.status == 200
    assert f"/license register {serial(1)}" in answer.read().decode()
    connection.request("POST", "/slack/events", b"{}")
    assert connection.getresponse().status == 404
    connection.close()


def test_a_mail_server_without_a_sender_and_an_address_for_its_links_is_refused(program: Program) -> None:
    program.settings["LICENSE_DESK_SMTP_HOST"] = "mail.example.com"
    done = program.command("run")
    assert done.returncode == 1
    assert "LICENSE_DESK_SMTP_SENDER" in done.stderr
    assert "LICENSE_DESK_PUBLIC_URL" in done.stderr
