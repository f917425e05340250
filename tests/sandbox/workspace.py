"""A workspace that the sandbox's own tests share, and an app that speaks to it without any library."""

import http.client
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest

from bot.sandbox import World
from bot.sandbox.clock import Clock

FACTS_VARIABLE = "LICENSE_DESK_SLACK_FACTS"
Json = dict[str, Any]
ANA, RUI, EVA, BEN, BOT = "U0ANA00001", "U0RUI00001", "U0EVA00001", "U0BEN00001", "U0SANDBOXBT"
GENERAL, SECRET, OLD, OTHER, HIDDEN = "C0GENERAL01", "C0SECRET001", "C0OLD00001", "C0OTHER001", "C0HIDDEN01"

WORKSPACE: Json = {
    "workspace": {"id": "T0SANDBOX01", "name": "Acme", "domain": "acme"},
    "app": {
        "name": "Echo App",
        "commands": ["/echo", "/form"],
        "shortcuts": ["open_form"],
        "scopes": [
            "commands",
            "chat:write",
            "files:write",
            "files:read",
            "im:write",
            "im:read",
            "im:history",
            "users:read",
            "users:read.email",
            "channels:read",
            "channels:join",
            "channels:history",
            "groups:read",
            "groups:history",
            "team:read",
        ],
    },
    "people": [
        {"id": ANA, "name": "ana", "real_name": "Ana Silva", "email": "ana@acme.example"},
        {
            "id": RUI,
            "name": "rui",
            "real_name": "Rui Costa",
            "email": "rui@acme.example",
            "tz": "Europe/Lisbon",
        },
        {"id": EVA, "name": "eva", "real_name": "Eva Lang", "deleted": True, "email": "eva@acme.example"},
        {"id": BEN, "name": "ben", "real_name": "Ben Guest", "is_restricted": True},
        {"id": "U0ZOE00001", "name": "zoe", "real_name": "Zoe Elsewhere", "team": "T0ELSEWHERE"},
        {"id": "U0ROBOT001", "name": "robot", "real_name": "Robot", "is_bot": True},
    ],
    "channels": [
        {"id": GENERAL, "name": "general", "members": ["ana", "rui", "ben"]},
        {"id": SECRET, "name": "secret", "members": ["ana", "rui"], "private": True},
        {"id": OLD, "name": "old", "members": ["ana"], "archived": True},
        {"id": OTHER, "name": "other", "members": ["rui"], "bot": False},
        {"id": HIDDEN, "name": "hidden", "members": ["rui"], "private": True, "bot": False},
    ],
}


def world(clock: Clock | None = None, **app: Any) -> World:
    """The workspace, with members of the app changed."""
    return World.from_config(WORKSPACE | {"app": WORKSPACE["app"] | app}, clock)


def facts(*parts: str) -> Path:
    """A file or folder of what is known about Slack; the test is skipped where the folder is not."""
    folder = os.environ.get(FACTS_VARIABLE)
    if not folder:
        pytest.skip(f"{FACTS_VARIABLE} does not name the folder with facts about Slack")
    return Path(folder, *parts)


def read_facts(*parts: str) -> Any:
    """The content of a JSON file of facts."""
    return json.loads(facts(*parts).read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Reply:
    """An HTTP answer: status, headers in lower case, the body as it came."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Json:
        """The body read as JSON."""
        found: Json = json.loads(self.body)
        return found


def post(
    url: str,
    body: bytes = b"",
    headers: dict[str, str] | None = None,
    *,
    method: str = "POST",
    seconds: float = 5,
) -> Reply:
    """One HTTP request, over a connection of its own."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=seconds)
    try:
        connection.request(method, f"{parts.path}?{parts.query}", body, headers or {})
        response = connection.getresponse()
        found = {name.lower(): value for name, value in response.getheaders()}
        return Reply(response.status, found, response.read())
    finally:
        connection.close()


@dataclass(frozen=True)
class Caller:
    """Calls the Web API at `url` with a token, as JSON or as a form."""

    url: str
    token: str = "xoxb-sandbox-bot-token"

    def __call__(self, method: str, **arguments: Any) -> Json:
        """The answer to a call."""
        return self.reply(method, **arguments).json

    def reply(self, method: str, **arguments: Any) -> Reply:
        """The answer with its status and headers."""
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json; charset=utf-8"}
        return post(f"{self.url}/api/{method}", json.dumps(arguments).encode(), headers)

    def form(self, method: str, **arguments: Any) -> Json:
        """The answer to a call whose arguments, the token too, come as a form."""
        body = urlencode({"token": self.token, **arguments}).encode()
        return post(
            f"{self.url}/api/{method}", body, {"Content-Type": "application/x-www-form-urlencoded"}
        ).json


def section(text: str = "Hello") -> Json:
    """A block with a sentence."""
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


def button(action_id: str = "press", value: str = "1") -> Json:
    """A button."""
    label = {"type": "plain_text", "text": "Press"}
    return {"type": "button", "action_id": action_id, "value": value, "text": label}


def actions(*elements: Json) -> Json:
    """A row of buttons."""
    return {"type": "actions", "block_id": "row", "elements": list(elements)}


def text_input(block_id: str = "name", **element: Any) -> Json:
    """An input for text."""
    return {
        "type": "input",
        "block_id": block_id,
        "label": {"type": "plain_text", "text": "Name"},
        "element": {"type": "plain_text_input", "action_id": f"{block_id}_text"} | element,
    }


def modal(*blocks: Json, **members: Any) -> Json:
    """A modal."""
    return {
        "type": "modal",
        "callback_id": "form",
        "title": {"type": "plain_text", "text": "Form"},
        "submit": {"type": "plain_text", "text": "Send"},
        "blocks": list(blocks) or [text_input()],
    } | members
