"""A real Bolt app over the sandbox and a real database: people type, click and submit, and see the answers."""

from collections.abc import Iterator, MutableMapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from slack_bolt import App
from slack_sdk import WebClient
from structlog.testing import capture_logs

from bot.app import bolt_app
from bot.courier import Courier
from bot.executor import AnswerExecutor
from bot.sandbox import Sandbox, World
from bot.sandbox.client import SlackClient
from bot.slack_calls import SlackCalls
from handlers.context import Context
from handlers.drawings import Drawings
from handlers.slack import WebCalls
from store import keys
from store.database import Database
from store.desk import Desk
from tests.conftest import Clock
from tests.example import APPROVAL_CHANNEL, WORKSPACE, Example
from tests.handlers.forging import Forge
from tests.handlers.posts import Posts
from tests.handlers.way_in import WayIn
from tests.workflow_lines import FUNCTIONS

BOT_USER = "U0DESK"
PEOPLE = (
    "Ana Silva",
    "Ben Okafor",
    "Rui Costa",
    "Fiona Marsh",
    "Ada Novak",
    "Tom Berg",
    "Eva Lang",
    "Max Weber",
    "Olga Ruiz",
    "Lena Holm",
    "Otto Brandt",
    "Nina Rossi",
    "Zoe Quist",
)


@dataclass(frozen=True)
class Identity:
    workspace_id: str = WORKSPACE
    bot_user_id: str = BOT_USER


@dataclass
class Counts:
    """What was refused, in the order in which it happened."""

    refusals: list[str] = field(default_factory=list)

    def refused(self, refusal: type[Exception]) -> None:
        self.refusals.append(refusal.__name__)


@pytest.fixture
def database(sqlite_database: Database) -> Database:
    """Conversations are the same on both databases; what they call is tested on both."""
    return sqlite_database


@pytest.fixture
def signing_desk(desk: Desk) -> Desk:
    """The same desk, with an active signing key."""
    with desk.database.write() as connection:
        keys.init(connection, desk.vault, desk.clock())
    return desk


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox.start(World.from_config(_workspace())) as running:
        yield running


@pytest.fixture
def slack(sandbox: Sandbox, bolt: App) -> Iterator[SlackClient]:
    """The people of the sandbox; the app is connected."""
    client = SlackClient(sandbox.url)
    with WayIn(bolt) as way_in:
        client.set_request_url(way_in.url)
        yield client


@pytest.fixture(autouse=True)
def logged() -> Iterator[list[MutableMapping[str, Any]]]:
    """What was logged, instead of on the screen."""
    with capture_logs() as entries:
        yield entries


@pytest.fixture
def counts() -> Counts:
    return Counts()


@pytest.fixture
def executor() -> Iterator[AnswerExecutor]:
    running = AnswerExecutor(threads=2)
    yield running
    assert running.stop(5)


@pytest.fixture
def context(desk: Desk, sandbox: Sandbox, executor: AnswerExecutor, counts: Counts) -> Context:
    client = WebClient(token="xoxb-sandbox-bot-token", base_url=sandbox.api_url, timeout=5, retry_handlers=[])
    return Context(desk, WebCalls(client), executor, counts, Identity)


@pytest.fixture
def bolt(context: Context, example: Example) -> App:
    """The product's own Bolt app, with every listener."""
    return bolt_app(context, WebClient(token="xoxb-sandbox-bot-token"))


@pytest.fixture
def forge(bolt: App) -> Forge:
    """Payloads that no client of Slack's would send."""
    return Forge(bolt)


@pytest.fixture
def posts(signing_desk: Desk, sandbox: Sandbox, slack: SlackClient, clock: Clock, example: Example) -> Posts:
    """The courier; files are shown as soon as they are complete."""
    slack.weather(sharing=0.0)
    calls = SlackCalls("xoxb-sandbox-bot-token", sandbox.api_url, monotonic=lambda: clock.now.timestamp())
    return Posts(signing_desk, clock, slack, Courier(signing_desk, calls, Drawings()))


def _workspace() -> dict[str, Any]:
    return {
        "workspace": {"id": WORKSPACE, "name": "Acme", "domain": "acme"},
        "app": {
            "name": "License Desk",
            "bot_user": BOT_USER,
            "bot_id": "B0DESK",
            "commands": ["/license"],
            "shortcuts": ["environment.register", "license.request"],
            "functions": FUNCTIONS,
        },
        "people": [_person(name) for name in PEOPLE]
        + [
            _person("Gus Tan") | {"is_restricted": True},
            _person("Sam Far") | {"team": "T0FAR"},
        ],
        "channels": [
            {"id": APPROVAL_CHANNEL, "name": "licenses", "members": ["U0RUI", "U0FIONA", "U0EVA", "U0TOM"]}
        ],
    }


def _person(name: str) -> dict[str, Any]:
    first = name.split()[0]
    company = "globex" if first in {"Otto", "Nina"} else "acme"
    return {
        "id": f"U0{first.upper()}",
        "name": first.lower(),
        "real_name": name,
        "email": f"{name.lower().replace(' ', '.')}@{company}.example",
    }
