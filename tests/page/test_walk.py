"""A walk past everything that people ever see of the product, in the page, on a wide screen and on a dark phone."""

import time
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import get_args

import pytest
import yaml

from bot.app import Bot
from bot.demo import EXAMPLE, running, set_up, settings_for, world_of
from bot.sandbox import Sandbox, World
from handlers import SUBMISSIONS
from handlers.blocks.ids import Action, Callback
from handlers.commands import SUBCOMMANDS
from handlers.notices import NOTICES
from handlers.replies import REPLIES
from store.deliveries import Kind
from tests.page import walk_held, walk_overseeing, walk_people, walk_registering, walk_requesting
from tests.page.conftest import Open
from tests.page.guide import Guide, moment
from tests.page.walked import Seen
from tests.workflow_lines import added_to

MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
MANY = 101
# Home is no message, what a workflow is told nobody reads, mail comes up elsewhere, and a deletion draws the message of
# its file anew, in the place where that one came up.
WITHOUT_MESSAGE = {"deletion", "home", "mail", "step"}
# Nothing is asked in them that could be wrong; and a channel is only found out about after the form was sent in.
WITHOUT_ERRORS = {
    Callback.CHANGE_VERSION,
    Callback.REINSTATE,
    Callback.BULK_CONFIRM,
    Callback.SET_CHANNEL,
    Callback.UPLOAD_CONFIRM,
}


def company() -> str:
    """The example company, beside one with more infrastructures than a menu holds."""
    return EXAMPLE.read_text(encoding="utf-8") + yaml.safe_dump(many(), explicit_start=True)


def many() -> dict[str, object]:
    person = {"name": "Ivo Lund", "slack_id": "U0IVO", "email": "ivo@initech.example", "zone": "Europe/Oslo"}
    return {
        "company": "Initech",
        "account_manager": {"name": "Jo Park", "email": "jo.park@meridian.example"},
        "people": [person],
        "admins": ["U0IVO"],
        "infrastructures": [
            {
                "name": f"Plant {number:03}",
                "product": "Meridian Platform",
                "files": "signed" if number else "held",
                "activation_code": f"IN5.{number:03}.6RB.4TQ.8VX.3ZD.7AF.1SG",
                "subscription": {
                    "edition": "Standard",
                    "starts": "2026-01-01",
                    "ends": "2027-06-30",
                    "highest_version": "11",
                },
                "slots": {"production": 1 if number else 2 * MANY + 2},
            }
            for number in range(MANY)
        ],
    }


def world() -> dict[str, object]:
    """The demo's workspace, with a step for workflows, two more channels, and somebody whom nobody knows."""
    config = world_of(company())
    config["app"]["manifest"] = added_to(config["app"]["manifest"])
    config["people"] += [
        {
            "id": "U0NOA",
            "name": "noa",
            "real_name": "Noa Lind",
            "email": "noa@acme.example",
            "tz": "Europe/Oslo",
        }
    ]
    bot = config["app"]["bot_user"]
    config["channels"] += [
        {"id": "C0CORE", "name": "acme-core", "members": ["U0RUI", "U0EVA", "U0FIONA", bot]},
        {"id": "C0RANDOM", "name": "random", "members": ["U0RUI", "U0EVA", "U0TOM"]},
    ]
    return config


@pytest.fixture
def town() -> Iterator[Sandbox]:
    """That workspace, on a Monday morning in March."""
    with Sandbox.start(World.from_config(world())) as started:
        started.world.clock.advance(MONDAY.timestamp() - time.time())
        yield started


@pytest.fixture
def guide(town: Sandbox, open_page: Open, tmp_path: Path) -> Iterator[Guide]:
    """A guide through the page, with the product at work."""
    settings = settings_for(tmp_path, town.api_url)
    desk = set_up(settings, tmp_path, company(), moment(town))
    with running(Bot(settings, desk)):
        found = Guide(open_page(f"{town.url}/#U0ANA/app"), town, desk)
        found.slack.wait_for(found.slack.connections)
        yield found
    desk.database.close()


@pytest.mark.timeout(400)  # Half a minute where nothing else runs.
def test_everything_that_people_see_comes_up_well_drawn_and_well_said(guide: Guide) -> None:
    for scene in SCENES:
        scene(guide)

    assert guide.seen.faults == []
    assert missing(guide.seen) == {}


def missing(seen: Seen) -> dict[str, list[str]]:
    """What there is in the product and did not come up, by what it is."""
    there: dict[str, tuple[Iterable[str], Iterable[str]]] = {
        "notices": (NOTICES, seen.notices("notice", "reissue", "reminder")),
        "replies in threads": (REPLIES, seen.notices("reply")),
        "deliveries": (set(get_args(Kind)) - WITHOUT_MESSAGE, seen.kinds()),
        "buttons, menus and fields": (Action, seen.actions),
        "modals": (Callback, seen.callbacks),
        "errors at fields": (set(SUBMISSIONS) - WITHOUT_ERRORS, seen.wrong),
        "subcommands": ({each.name for each in SUBCOMMANDS}, seen.subcommands),
    }
    gaps = {what: sorted(set(map(str, all_)) - set(shown)) for what, (all_, shown) in there.items()}
    return {what: gap for what, gap in gaps.items() if gap}


SCENES = (
    walk_registering.registering,
    walk_registering.versions,
    walk_registering.full,
    walk_registering.replacing,
    walk_registering.renaming,
    walk_registering.releasing,
    walk_registering.changing_serials,
    walk_registering.tables,
    walk_requesting.asking,
    walk_requesting.forwarding,
    walk_requesting.several,
    walk_requesting.deadlines,
    walk_requesting.late_files,
    walk_requesting.closing,
    walk_people.roles,
    walk_people.channel,
    walk_people.stand_ins,
    walk_people.successors,
    walk_people.leaving,
    walk_people.access,
    walk_people.welcoming,
    walk_overseeing.commands,
    walk_overseeing.checking,
    walk_overseeing.history,
    walk_overseeing.home,
    walk_overseeing.many,
    walk_overseeing.subscriptions,
    walk_held.held,
    walk_overseeing.ending,
    walk_overseeing.alarming,
    walk_overseeing.deleting,
)
