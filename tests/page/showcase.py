"""A small Bolt app that shows everything that an app can show, in a small workspace."""

import re
import threading
from http.server import ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

from slack_bolt import Ack, App
from slack_sdk import WebClient

from bot.sandbox import Sandbox
from bot.sandbox.client import SlackClient
from tests.sandbox.apps import handler_of

Json = dict[str, Any]
ANA, BEN, GENERAL = "U0ANA", "U0BEN", "C0GENERAL"
BOT_TOKEN, SECRET = "xoxb-showcase", "showcase-signing-secret"


def workspace(**names: str) -> Json:
    """Two people and a channel; `names` replaces what is said about Ben, whom nothing else needs."""
    ben = {"id": BEN, "name": "ben", "real_name": "Ben Okafor", "title": "Guest", "tz": "Asia/Tokyo"} | names
    return {
        "workspace": {"id": "T0SHOW", "name": "Show", "domain": "show"},
        "app": {
            "name": "Showcase",
            "bot_user": "U0SHOWCASE",
            "bot_token": BOT_TOKEN,
            "signing_secret": SECRET,
            "commands": [
                {"command": "/show", "description": "Shows a form", "usage_hint": "[form | nothing]"}
            ],
            "shortcuts": [{"callback_id": "open_form", "name": "Open the form", "description": "At once"}],
        },
        "people": [
            {"id": ANA, "name": "ana", "real_name": "Ana Silva", "title": "Engineer", "tz": "Europe/Lisbon"},
            ben,
        ],
        "channels": [{"id": GENERAL, "name": "general", "members": ["ana", "ben"]}],
    }


class Showcase:
    """The app; `heard` keeps every payload of a click, a choice or a submission; `answer` is its next ack."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self.heard: list[Json] = []
        self.answer: Json = {}
        self.form: Json = form()
        self.web = WebClient(BOT_TOKEN, base_url=sandbox.api_url, retry_handlers=[])
        bolt = App(client=self.web, signing_secret=SECRET, process_before_response=True)
        bolt.command("/show")(self._show)
        bolt.shortcut("open_form")(self._show)
        bolt.view("form")(self._take)
        bolt.action(re.compile(".*"))(self._hear)
        bolt.event("app_home_opened")(self._welcome)
        bolt.event("message")(self._ignore)
        bolt.event({"type": "file_shared"})(self._ignore)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler_of(bolt))
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})

    def _show(self, ack: Ack, body: Json) -> None:
        if body.get("text") == "nothing":
            ack(blocks=[{"type": "no such block"}])
            return
        ack()
        self.web.views_open(trigger_id=body["trigger_id"], view=self.form)

    def _take(self, ack: Ack, body: Json) -> None:
        self.heard.append(body)
        ack(**self.answer)

    def _hear(self, ack: Ack, body: Json) -> None:
        self.heard.append(body)
        ack()

    def _welcome(self, event: Json) -> None:
        if event["tab"] == "home":
            self.web.views_publish(user_id=event["user"], view=home(f"Welcome, <@{event['user']}>"))

    def _ignore(self) -> None:
        """What people write is not this app's concern."""

    def __enter__(self) -> Self:
        self._thread.start()
        SlackClient(self._sandbox.url).set_request_url(
            f"http://127.0.0.1:{self._server.server_port}/slack/events"
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def section(text: str, **more: Any) -> Json:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}} | more


def button(text: str, action_id: str = "press", **more: Any) -> Json:
    return {"type": "button", "action_id": action_id, "text": plain(text), "value": "1"} | more


def options(*names: str) -> list[Json]:
    return [
        {"text": plain(name), "value": name.lower(), "description": plain(f"About {name}")} for name in names
    ]


def field(block_id: str, element: Json, **more: Any) -> Json:
    labelled = {"type": "input", "block_id": block_id, "label": plain(block_id.capitalize())}
    return labelled | {"element": {"action_id": block_id} | element} | more


def form(*blocks: Json, **members: Any) -> Json:
    """A modal with every element that people fill in, or with these blocks."""
    return {
        "type": "modal",
        "callback_id": "form",
        "title": plain("Form"),
        "submit": plain("Send"),
        "blocks": list(blocks) or every_field(),
    } | members


def every_field() -> list[Json]:
    return [
        field("name", {"type": "plain_text_input", "max_length": 20}, hint=plain("As it is written")),
        field("notes", {"type": "plain_text_input", "multiline": True}, optional=True),
        field("mail", {"type": "email_text_input"}, optional=True),
        field("amount", {"type": "number_input", "is_decimal_allowed": False}, optional=True),
        field("color", {"type": "static_select", "options": options("Red", "Green", "Blue")}),
        field("sizes", {"type": "multi_static_select", "options": options("Small", "Large")}, optional=True),
        field("kind", {"type": "radio_buttons", "options": options("One", "Two")}, optional=True),
        field("extras", {"type": "checkboxes", "options": options("Fast", "Safe")}, optional=True),
        field("person", {"type": "users_select"}, optional=True),
        field("place", {"type": "conversations_select"}, optional=True),
        field("day", {"type": "datepicker"}, optional=True),
        field("moment", {"type": "datetimepicker"}, optional=True),
        field("papers", {"type": "file_input"}, optional=True),
    ]


def home(text: str) -> Json:
    return {
        "type": "home",
        "blocks": [
            {"type": "header", "text": plain("Home")},
            section(text),
            {"type": "actions", "elements": [button("Begin", "begin")]},
        ],
    }
