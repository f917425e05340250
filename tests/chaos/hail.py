"""A hail of changed payloads: what Slack's documentation shows, and what really went to and fro in a play.

All of them come from somebody of another company, so that nothing of the company in the play may change, and
nothing may be answered with a fault of the program's.
"""

import json
import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from slack_sdk import WebClient
from sqlalchemy import func, or_, select
from structlog.testing import capture_logs

from bot.app import bolt_app
from bot.demo import stage
from bot.dispatch import BadPayload, Dispatcher, to_bolt
from bot.metrics import Metrics
from bot.play import Play
from bot.sandbox.client import SlackClient
from handlers.context import Context
from handlers.slack import WebCalls
from store import tables
from store.desk import Desk
from tests.chaos.mutating import happenings, mutated, of_every_listener

STRANGER: Final = "U0OTTO"
WORKSPACE: Final = "T0ACME"
COMPANY: Final = "Acme Logistics"
Json = dict[str, Any]
_OURS: Final = ("slash_commands", "interactive", "events_api")
_NOWHERE: Final = "http://127.0.0.1:9/api/"


@dataclass(frozen=True)
class _Identity:
    workspace_id: str = WORKSPACE
    bot_user_id: str = "U0LICENSEDESK"


class _NothingLater:
    """Calls to Slack that follow an answer are not made."""

    def submit(self, call: Callable[[], object], on_error: Callable[[Exception], None]) -> None:
        """Leave it."""


def hail(folder: Path, payloads: int, seed: int, samples: Path | None) -> dict[str, Any]:
    """Send so many, and give how they were answered; `samples` are documented payloads. Raises AssertionError."""
    chance = random.Random(seed)  # noqa: S311 # the same changes for the same seed
    with stage(folder) as (slack, desk, _):
        Play(Console(quiet=True), slack, desk, folder).perform()
        slack.wait_for(lambda: not _queued(desk), 30.0)
        originals = [*_sent(slack), *of_every_listener(STRANGER, 1, 1), *happenings(), *_documented(samples)]
        before = _of_the_company(desk)
        with capture_logs() as logged:
            statuses = _statuses(desk, originals, payloads, chance)
        after = _of_the_company(desk)
    changed = [set(map(str, new)) ^ set(map(str, old)) for old, new in zip(before, after, strict=True)]
    assert not any(changed), f"something of another company was changed: {changed}"
    faults = [each for each in logged if each["event"].startswith("Something went wrong")]
    assert faults == [], f"{len(faults)} faults of the program, the first: {faults[0]}"
    assert "xxxx" not in str(logged), "a payload is in the log"
    return {"payloads": payloads, "seed": seed, "originals": len(originals), "statuses": statuses}


def _queued(desk: Desk) -> int:
    with desk.database.read() as connection:
        waiting = select(func.count()).where(tables.deliveries.c.state == "queued")
        return connection.execute(waiting).scalar_one()


def _sent(slack: SlackClient) -> Iterator[Json]:
    for kind in _OURS:
        for each in slack.traffic("envelope", kind):
            yield each.sent


def _documented(samples: Path | None) -> Iterator[Json]:
    for path in sorted(samples.glob("*-samples/*Payload.json")) if samples else []:
        yield json.loads(path.read_text(encoding="utf-8"))


def _statuses(desk: Desk, originals: Sequence[Json], payloads: int, chance: random.Random) -> dict[int, int]:
    client = WebClient(token="xoxb-nobody", base_url=_NOWHERE, timeout=1, retry_handlers=[])
    context = Context(desk, WebCalls(client), _NothingLater(), Metrics(), _Identity)
    way = Dispatcher(bolt_app(context, client), Metrics())
    counted = Counter(
        _answered(way, mutated(_as_stranger(chance.choice(originals)), chance)) for _ in range(payloads)
    )
    return dict(counted)


def _as_stranger(payload: Json) -> Json:
    """The same from somebody of another company. Events come from Slack itself, and stay as they are."""
    if payload.get("type") == "event_callback" or "event" in payload:
        return payload | {"team_id": WORKSPACE}
    if "command" in payload:
        return payload | {"user_id": STRANGER, "team_id": WORKSPACE}
    return payload | {
        "user": {"id": STRANGER, "team_id": WORKSPACE},
        "team": {"id": WORKSPACE, "domain": "acme"},
    }


def _answered(way: Dispatcher, payload: Json) -> int:
    try:
        answer = way.answer(to_bolt(payload, {}))
    except BadPayload:
        return 400
    assert answer.status in {200, 400}, f"answered with {answer.status}"
    assert "Traceback" not in answer.body
    return int(answer.status)


def _of_the_company(desk: Desk) -> list[Any]:
    """Every row about the company that a stranger has no right in."""
    company = select(tables.companies.c.id).where(tables.companies.c.name == COMPANY)
    places = select(tables.infrastructures.c.id).where(tables.infrastructures.c.company_id.in_(company))
    asked = select(tables.requests.c.id).where(tables.requests.c.infrastructure_id.in_(places))
    wanted = [
        select(tables.infrastructures).where(tables.infrastructures.c.id.in_(places)),
        select(tables.slots).where(tables.slots.c.infrastructure_id.in_(places)),
        select(tables.registrations).where(tables.registrations.c.infrastructure_id.in_(places)),
        select(tables.requests).where(tables.requests.c.id.in_(asked)),
        select(tables.request_items).where(tables.request_items.c.request_id.in_(asked)),
        select(tables.roles).where(
            or_(tables.roles.c.company_id.in_(company), tables.roles.c.infrastructure_id.in_(places))
        ),
        select(tables.subscriptions).where(tables.subscriptions.c.infrastructure_id.in_(places)),
    ]
    with desk.database.read() as connection:
        return [connection.execute(each).all() for each in wanted]
