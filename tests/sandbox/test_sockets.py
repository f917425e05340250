"""Socket Mode on the wire: tickets, envelopes, acks, and connections that end."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from bot.sandbox import Sandbox
from bot.sandbox.client import SlackClient
from bot.sandbox.seen import Answer
from tests.sandbox.workspace import Caller, Json


@pytest.fixture
def plug(sandbox: Sandbox) -> Iterator[Callable[[], ClientConnection]]:
    """Opens connections as an app does, and closes them at the end."""
    with ExitStack() as stack:

        def open_one() -> ClientConnection:
            url = Caller(sandbox.url, "xapp-sandbox-app-token")("apps.connections.open")["url"]
            return stack.enter_context(connect(url))

        yield open_one


def _read(socket: ClientConnection) -> Json:
    message: Json = json.loads(socket.recv(timeout=5))
    return message


def _type(slack: SlackClient) -> tuple[threading.Thread, list[Answer]]:
    """Let Ana type a command; her answer appears in the list once the thread has ended."""
    answers: list[Answer] = []
    thread = threading.Thread(target=lambda: answers.append(slack.command("ana", "hi", "/echo")))
    thread.start()
    return thread, answers


def _ack(socket: ClientConnection, envelope: Json, **payload: Any) -> None:
    socket.send(json.dumps({"envelope_id": envelope["envelope_id"], "payload": payload}))


def test_a_connection_is_greeted_with_the_number_of_connections(
    plug: Callable[[], ClientConnection], slack: SlackClient
) -> None:
    first = _read(plug())
    assert (first["type"], first["num_connections"]) == ("hello", 1)
    assert first["connection_info"]["app_id"] == "A0SANDBOX01"
    assert _read(plug())["num_connections"] == 2
    assert slack.connections() == 2


def test_a_ticket_opens_one_connection(sandbox: Sandbox) -> None:
    url = Caller(sandbox.url, "xapp-sandbox-app-token")("apps.connections.open")["url"]
    with connect(url) as first:
        assert _read(first)["type"] == "hello"
        with pytest.raises(InvalidStatus), connect(url):
            pass
    guessed = f"{sandbox.url.replace('http', 'ws')}/link?ticket=guessed"
    with pytest.raises(InvalidStatus), connect(guessed):
        pass


def test_the_bot_token_opens_no_connection(api: Caller) -> None:
    assert api("apps.connections.open")["error"] == "not_allowed_token_type"


def test_ten_connections_are_the_most(plug: Callable[[], ClientConnection]) -> None:
    for _ in range(10):
        plug()
    with pytest.raises(InvalidStatus):
        plug()


def test_each_envelope_goes_to_exactly_one_connection(
    plug: Callable[[], ClientConnection], slack: SlackClient
) -> None:
    sockets = [plug(), plug()]
    for socket in sockets:
        _read(socket)
    for turn in range(4):
        thread, answers = _type(slack)
        envelope = _read(sockets[turn % 2])
        with pytest.raises(TimeoutError):
            sockets[(turn + 1) % 2].recv(timeout=0.02)
        _ack(sockets[turn % 2], envelope, text=f"answer {turn}")
        thread.join()
        assert [each.text for each in answers] == [f"answer {turn}"]


def test_an_ack_is_matched_by_the_id_of_its_envelope(
    plug: Callable[[], ClientConnection], slack: SlackClient
) -> None:
    socket = plug()
    _read(socket)
    thread, answers = _type(slack)
    envelope = _read(socket)
    socket.send("no JSON")
    socket.send(json.dumps({"envelope_id": "another", "payload": {"text": "wrong"}}))
    _ack(socket, envelope, text="right")
    thread.join()
    assert [each.text for each in answers] == ["right"]
    assert [each.outcome for each in slack.traffic("ack")] == ["malformed", "late or unknown", "ok"]


def test_a_late_ack_is_recorded_and_has_no_effect(
    plug: Callable[[], ClientConnection], slack: SlackClient
) -> None:
    slack.weather(ack=0.05)
    socket = plug()
    _read(socket)
    thread, answers = _type(slack)
    envelope = _read(socket)
    thread.join()
    assert [each.error for each in answers] == ["operation_timeout"]
    _ack(socket, envelope, text="late")
    slack.wait_for(lambda: slack.traffic("ack"))
    assert [each.outcome for each in slack.traffic("ack")] == ["late or unknown"]
    assert slack.ephemerals("ana") == []


def test_a_connection_cut_before_the_ack_is_a_failure_at_once(
    plug: Callable[[], ClientConnection], slack: SlackClient
) -> None:
    socket = plug()
    _read(socket)
    thread, answers = _type(slack)
    _read(socket)
    assert slack.cut_sockets() == 1
    thread.join()
    assert [each.error for each in answers] == ["dispatch_failed"]
    with pytest.raises(ConnectionClosed):
        socket.recv(timeout=5)
    slack.wait_for(lambda: slack.connections() == 0)


def test_a_dead_connection_answers_no_ping(plug: Callable[[], ClientConnection], slack: SlackClient) -> None:
    socket = plug()
    _read(socket)
    assert socket.ping().wait(5)
    assert slack.deafen_sockets() == 1
    assert not socket.ping().wait(0.1)
    assert slack.connections() == 1
    slack.cut_sockets()


def test_a_warning_comes_before_a_planned_end(
    plug: Callable[[], ClientConnection], slack: SlackClient
) -> None:
    socket = plug()
    _read(socket)
    assert slack.warn_sockets() == 1
    assert _read(socket) == {"type": "disconnect", "reason": "warning", "debug_info": {"host": "sandbox"}}


def test_connections_can_be_refused(plug: Callable[[], ClientConnection], slack: SlackClient) -> None:
    slack.weather(refuse_sockets=True)
    with pytest.raises(InvalidStatus):
        plug()
    slack.clear_weather()
    assert _read(plug())["type"] == "hello"


def test_an_event_that_is_not_acked_is_sent_again_with_its_attempt(
    plug: Callable[[], ClientConnection], slack: SlackClient
) -> None:
    slack.weather(ack=0.1)
    socket = plug()
    _read(socket)
    slack.say("ana", "hello")
    first, second = _read(socket), _read(socket)
    assert (first["retry_attempt"], first["retry_reason"]) == (0, "")
    assert (second["retry_attempt"], second["retry_reason"]) == (1, "timeout")
    assert first["payload"] == second["payload"]
    assert first["envelope_id"] != second["envelope_id"]
    assert first["accepts_response_payload"] is False


def test_an_event_waits_for_a_connection(plug: Callable[[], ClientConnection], slack: SlackClient) -> None:
    slack.say("ana", "hello")
    socket = plug()
    assert _read(socket)["type"] == "hello"
    assert _read(socket)["payload"]["event"]["text"] == "hello"
