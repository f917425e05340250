"""What attacks need: both companies on a stage that is set once, and the real app before it."""

import json
import shutil
from collections.abc import Callable, Iterator, MutableMapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from slack_sdk import WebClient

from bot.app import bolt_app
from bot.executor import OnError
from bot.sandbox import Sandbox, World
from handlers.context import Context
from handlers.slack import WebCalls
from store.database import Database
from store.desk import Desk, Policy
from store.keys import KeyRing
from store.vault import Vault, generate_key
from tests.attacks.staging import Ids, stage
from tests.attacks.watching import State, Watched
from tests.conftest import Clock, quick
from tests.example import Example, load
from tests.handlers.conftest import Counts, Identity, _workspace, logged
from tests.handlers.forging import Forge

__all__ = ["logged"]

_OF_INFRASTRUCTURE = {
    "infrastructures": "SELECT * FROM infrastructures WHERE id = ?",
    "subscriptions": "SELECT * FROM subscriptions WHERE infrastructure_id = ?",
    "slots": "SELECT * FROM slots WHERE infrastructure_id = ?",
    "registrations": "SELECT * FROM registrations WHERE infrastructure_id = ?",
    "requests": "SELECT * FROM requests WHERE infrastructure_id = ?",
    "items": "SELECT i.* FROM request_items i JOIN requests r ON r.id = i.request_id WHERE r.infrastructure_id = ?",
    "roles": "SELECT * FROM roles WHERE infrastructure_id = ?",
    "stand-ins": "SELECT * FROM stand_ins WHERE infrastructure_id = ?",
    "access requests": "SELECT * FROM access_requests WHERE infrastructure_id = ?",
    "licenses": "SELECT l.* FROM licenses l JOIN slots s ON s.id = l.slot_id WHERE s.infrastructure_id = ?",
}


@dataclass
class Stage:
    """Both companies in a database of their own."""

    desk: Desk
    example: Example
    acme: Ids
    globex: Ids
    watched: Watched

    def state(self) -> State:
        """Every row but those of the record."""
        return self.watched.state()

    def of_globex(self) -> State:
        """Every row that belongs to Globex Core or names something of it."""
        number = self.globex.infrastructure
        return {what: self.watched.rows(query, number) for what, query in _OF_INFRASTRUCTURE.items()}


@dataclass
class Said:
    """All that an attack got to see: the body of the answer, and every call that the app made to Slack."""

    answer: dict[str, Any]
    calls: list[dict[str, Any]]

    def __str__(self) -> str:
        return json.dumps([self.answer, [each["sent"] for each in self.calls]], ensure_ascii=False)

    def opened(self) -> set[str]:
        """The ids of the forms that were shown."""
        views = [each["sent"].get("view") for each in self.calls] + [self.answer.get("view")]
        read = [json.loads(each) if isinstance(each, str) else each for each in views if each]
        return {str(each.get("callback_id")) for each in read}


Attack = Callable[..., Said]


@pytest.fixture(scope="session")
def shared_stage(tmp_path_factory: pytest.TempPathFactory, _sqlite_template: Path) -> Iterator[Stage]:
    """The stage, set once: what a test changes is put back after it."""
    folder = tmp_path_factory.mktemp("stage")
    path, vault = Path(shutil.copy(_sqlite_template, folder / "stage.db")), Vault([generate_key()])
    desk = Desk(
        quick(Database(f"sqlite:///{path}")),
        vault,
        KeyRing(vault),
        Policy("Meridian", refusals_most=10_000),
        Clock(),
    )
    with desk.database.write() as connection:
        example = load(connection)
    acme, globex = stage(desk, example)
    watched = Watched(path)
    yield Stage(desk, example, acme, globex, watched)
    watched.close()
    desk.database.close()


@pytest.fixture
def staged(shared_stage: Stage) -> Iterator[Stage]:
    """The stage as it was set."""
    yield shared_stage
    shared_stage.watched.put_back()


@pytest.fixture(scope="session")
def shared_sandbox() -> Iterator[Sandbox]:
    """One workspace for all attacks: nobody changes anything in it."""
    with Sandbox.start(World.from_config(_workspace())) as running:
        yield running


class AtOnce:
    """Calls Slack before the ack instead of after it, so that nothing has to be waited for."""

    def submit(self, call: Callable[[], object], on_error: OnError) -> None:
        try:
            call()
        except Exception as error:  # noqa: BLE001 # as the executor does: any error becomes words
            on_error(error)


def _no_wait(_seconds: float) -> None:
    """Nobody opens a form between two looks for it."""


@pytest.fixture(scope="session")
def stage_door(shared_stage: Stage, shared_sandbox: Sandbox) -> Forge:
    """The real app before the stage."""
    client = WebClient(
        token="xoxb-sandbox-bot-token", base_url=shared_sandbox.api_url, timeout=5, retry_handlers=[]
    )
    context = Context(shared_stage.desk, WebCalls(client), AtOnce(), Counts(), Identity, _no_wait)
    return Forge(bolt_app(context, client))


@pytest.fixture
def attack(staged: Stage, stage_door: Forge, shared_sandbox: Sandbox) -> Attack:
    """Send a payload to the real app, and see all that comes of it."""

    def send(payload: MutableMapping[str, Any]) -> Said:
        traffic = shared_sandbox.world.traffic
        before, answer = traffic.count, stage_door.answer(payload)
        assert answer.status == 200
        calls = [each for each in traffic.since(before, 1_000) if each["kind"] == "call"]
        return Said(json.loads(answer.body) if answer.body else {}, calls)

    return send
