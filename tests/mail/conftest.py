"""A desk that asks by e-mail: a real mail server, the real pages over HTTP, and the courier between them."""

import asyncio
import http.client
import re
import socket
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any
from urllib.parse import urlencode

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from pydantic import SecretStr
from sqlalchemy import insert, update

from bot.courier import Courier
from bot.http import HttpServer
from bot.mailing import Mailer
from bot.pages import pages
from bot.sandbox import Sandbox
from bot.sandbox.client import SlackClient
from bot.settings import Settings
from bot.site import site
from handlers.drawings import Drawings
from store.desk import Desk
from store.identity import Workspace
from store.tables import persons, roles
from store.vault import generate_key
from tests.conftest import Clock
from tests.courier.conftest import Scene, sandbox, slack_calls
from tests.example import START, WORKSPACE, Example
from tests.store.requesting import make_key

__all__ = ["sandbox"]
LENA = "lena.holm@acme.example"
SENDER = "licenses@meridian.example"


@dataclass
class Postbox:
    """Takes e-mails, or answers with what `answers` says first: a reply code and words, one for each attempt.

    `goodbye` answers QUIT; `hangs_up` is how many e-mails it takes without saying so before it hangs up.
    """

    answers: list[str] = field(default_factory=list)
    goodbye: str = "221 Bye"
    hangs_up: int = 0
    received: list[EmailMessage] = field(default_factory=list)
    recipients: list[list[str]] = field(default_factory=list)

    async def handle_RCPT(  # noqa: N802 # the name is the library's
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if self.answers:
            return self.answers.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_QUIT(self, _server: SMTP, _session: Session, _envelope: Envelope) -> str:  # noqa: N802 # see above
        return self.goodbye

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 # see above
        assert isinstance(envelope.content, bytes)
        message = message_from_bytes(envelope.content, policy=default)
        assert isinstance(message, EmailMessage)
        self.received.append(message)
        self.recipients.append(list(envelope.rcpt_tos))
        if self.hangs_up:
            self.hangs_up -= 1
            assert isinstance(server.transport, asyncio.WriteTransport)
            server.transport.abort()
        return "250 taken"


@dataclass(frozen=True)
class Reply:
    """An answer over HTTP."""

    status: int
    headers: dict[str, str]
    body: str


@dataclass
class Browser:
    """Opens pages of the desk, from an address of this machine."""

    port: int
    address: str = "127.0.0.1"

    def get(self, path: str, method: str = "GET", headers: dict[str, str] | None = None) -> Reply:
        return self._ask(method, path, None, headers or {})

    def post(self, path: str, headers: dict[str, str] | None = None, **form: str) -> Reply:
        kind = {"content-type": "application/x-www-form-urlencoded"}
        return self._ask("POST", path, urlencode(form), kind | (headers or {}))

    def _ask(self, method: str, path: str, body: str | None, headers: dict[str, str]) -> Reply:
        connection = http.client.HTTPConnection(
            "127.0.0.1", self.port, timeout=10, source_address=(self.address, 0)
        )
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        reply = Reply(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read().decode())
        connection.close()
        return reply


@dataclass
class Mailing:
    """Everything that a test of e-mails needs."""

    scene: Scene
    postbox: Postbox
    browser: Browser
    ticks: list[float]
    """The present of the pages' memory of unknown links, in seconds."""

    @property
    def desk(self) -> Desk:
        return self.scene.desk

    @property
    def example(self) -> Example:
        return self.scene.example

    def last(self) -> str:
        """The plain text of the newest e-mail."""
        part = self.postbox.received[-1].get_body(("plain",))
        assert part is not None
        return str(part.get_content())

    def path(self) -> str:
        """The path of the link in the newest e-mail."""
        found = re.search(r"https?://[^/\s]+(/decide/\S+)", self.last())
        assert found, self.last()
        return found[1]


@pytest.fixture
def postbox() -> Postbox:
    return Postbox()


@pytest.fixture
def smtp_port(postbox: Postbox) -> Iterator[int]:
    port = _free_port()
    controller = Controller(postbox, hostname="127.0.0.1", port=port)
    controller.start()
    yield port
    controller.stop()


def settings_for(smtp_port: int, public_url: str, **more: Any) -> Settings:
    given: dict[str, Any] = {
        "smtp_host": "127.0.0.1",
        "smtp_port": smtp_port,
        "smtp_security": "none",
        "smtp_sender": SENDER,
        "public_url": public_url,
        "vendor": "Meridian",
        **more,
    }
    return Settings(_env_file=None, master_keys=SecretStr(generate_key()), **given)


@pytest.fixture
def mailing(
    desk: Desk, clock: Clock, example: Example, sandbox: Sandbox, postbox: Postbox, smtp_port: int
) -> Iterator[Mailing]:
    """Lena, who is not in Slack, is an additional contact of Acme Core."""
    port = _free_port()
    url = f"http://127.0.0.1:{port}/"
    desk = replace(desk, policy=replace(desk.policy, mails=True, public_url=url))
    make_key(desk)
    with desk.database.write() as connection:
        role = {"person_id": example.lena, "infrastructure_id": example.core, "state": "active"}
        connection.execute(insert(roles).values(**role, role="additional_contact", held_from=START))
        connection.execute(
            update(persons).where(persons.c.id == example.lena).values(zone="Europe/Stockholm")
        )
    courier = Courier(
        desk, slack_calls(sandbox, clock), Drawings(), mailer=Mailer(settings_for(smtp_port, url))
    )
    scene = Scene(desk, clock, example, sandbox, SlackClient(sandbox.url), courier, [], [])
    known = Workspace(WORKSPACE, "Acme", "B1", "U0DESK", None, connected=True)
    ticks = [0.0]
    routes = pages(desk, lambda: known, lambda: ticks[0], body_seconds=0.5)
    server = HttpServer(site(routes), "127.0.0.1", port, name="pages")
    server.start()
    yield Mailing(scene, postbox, Browser(port), ticks)
    assert server.stop(5.0)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])
