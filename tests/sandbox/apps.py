"""A small Bolt app, unmodified, that talks to the sandbox over sockets or over HTTP."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

from slack_bolt import Ack, App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_bolt.request import BoltRequest
from slack_sdk import WebClient

from bot.sandbox import Sandbox
from bot.sandbox.client import SlackClient
from tests.sandbox.workspace import Json, actions, button, modal, section, text_input


class EchoApp:
    """Echoes commands, opens a form, posts what was filled in with a button, answers the button with a file.

    `heard` keeps every event and every closing.
    """

    request_url = ""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.heard: list[Json] = []
        client = WebClient("xoxb-sandbox-bot-token", base_url=sandbox.api_url, retry_handlers=[])
        self.bolt = App(client=client, signing_secret="sandbox-signing-secret", process_before_response=True)
        self.bolt.command("/echo")(_echo)
        self.bolt.command("/form")(_open_form)
        self.bolt.shortcut("open_form")(_open_form)
        self.bolt.view("form")(_take_form)
        self.bolt.view_closed("form")(self._hear)
        self.bolt.action("press")(_press)
        self.bolt.action("choose")(self._hear)
        self.bolt.action("name_text")(self._hear)
        self.bolt.event({"type": "message"})(self._hear)
        for name in EVENTS:
            self.bolt.event(name)(self._hear)

    def _hear(self, body: Json, ack: Ack) -> None:
        self.heard.append(body)
        ack()

    def heard_types(self) -> list[str]:
        """The types of the events heard, in order."""
        return [str(body["event"]["type"]) for body in self.heard if "event" in body]


EVENTS = [
    "app_home_opened",
    "app_uninstalled",
    "channel_archive",
    "channel_unarchive",
    "channel_deleted",
    "channel_rename",
    "channel_left",
    "file_shared",
    "function_executed",
    "group_archive",
    "group_deleted",
    "group_left",
    "member_joined_channel",
    "member_left_channel",
    "team_join",
    "tokens_revoked",
    "user_change",
]


def _echo(ack: Ack, body: Json) -> None:
    ack(f"You said: {body['text']}")


def _open_form(ack: Ack, body: Json, client: WebClient) -> None:
    view = modal(text_input(), notify_on_close=True, private_metadata="kept")
    client.views_open(trigger_id=body["trigger_id"], view=view)
    ack()


def _take_form(ack: Ack, body: Json, client: WebClient) -> None:
    name = body["view"]["state"]["values"]["name"]["name_text"]["value"]
    if name == "nobody":
        ack(response_action="errors", errors={"name": "That is nobody."})
        return
    if name == "again":
        ack(response_action="update", view=modal(text_input("more")))
        return
    client.chat_postMessage(
        channel="C0GENERAL01", text=f"A card for {name}", blocks=[section(name), actions(button())]
    )
    ack()


def _press(ack: Ack, body: Json, client: WebClient) -> None:
    ack()
    channel, stamp = body["container"]["channel_id"], body["container"]["message_ts"]
    client.chat_update(channel=channel, ts=stamp, text="Pressed", blocks=[section("Pressed")])
    direct = client.conversations_open(users=body["user"]["id"])["channel"]["id"]
    client.files_upload_v2(
        channel=direct, content="the content", filename="note.txt", initial_comment="For you"
    )


class SocketApp(EchoApp):
    """The app in Socket Mode."""

    def __init__(self, sandbox: Sandbox) -> None:
        super().__init__(sandbox)
        self.handler = SocketModeHandler(self.bolt, "xapp-sandbox-app-token")

    def __enter__(self) -> Self:
        self.handler.connect()  # type: ignore[no-untyped-call]  # The library leaves it untyped.
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # The library waits three seconds for its own reading to end; an ended connection ends it at once.
        self.handler.client.auto_reconnect_enabled = False
        SlackClient(self.sandbox.url).cut_sockets()
        self.handler.close()  # type: ignore[no-untyped-call]  # The library leaves it untyped.


class HttpApp(EchoApp):
    """The app behind a request URL, with Bolt's own check of signatures."""

    def __init__(self, sandbox: Sandbox) -> None:
        super().__init__(sandbox)
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), handler_of(self.bolt))
        self.request_url = f"http://127.0.0.1:{self.server.server_port}/slack/events"
        self._thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01})

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.server.shutdown()
        self.server.server_close()
        self._thread.join()


def handler_of(bolt: App) -> type[BaseHTTPRequestHandler]:
    """Answers what is pushed as the app does."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:  # The library names it so.
            length = int(self.headers["content-length"])
            body = self.rfile.read(length).decode()
            headers: dict[str, Any] = {name.lower(): value for name, value in self.headers.items()}
            answer = bolt.dispatch(BoltRequest(body=body, headers=headers))
            content = (answer.body or "").encode()
            self.send_response(answer.status)
            for name, value in answer.first_headers_without_set_cookie().items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # The library names it so.
            """A test's output is the test's."""

    return Handler


class ScriptedApp:
    """An app that answers every push with what the test says, and only while `open` is set.

    `pushed` keeps the headers (in lower case) and the body of every push.
    """

    def __init__(self) -> None:
        self.status = 200
        self.answer = b""
        self.open = threading.Event()
        self.open.set()
        self.pushed: list[tuple[dict[str, str], bytes]] = []
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), _scripted(self))
        self.url = f"http://127.0.0.1:{self.server.server_port}/slack/events"
        self._thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01})

    def says(self, **body: Any) -> None:
        """Answer with this JSON from now on."""
        self.answer = json.dumps(body).encode()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.open.set()
        self.server.shutdown()
        self.server.server_close()
        self._thread.join()


def _scripted(app: ScriptedApp) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            app.pushed.append(({name.lower(): value for name, value in self.headers.items()}, body))
            app.open.wait(10)
            self.send_response(app.status)
            self.send_header("Content-Length", str(len(app.answer)))
            self.end_headers()
            self.wfile.write(app.answer)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # The library names it so.
            """A test's output is the test's."""

    return Handler
