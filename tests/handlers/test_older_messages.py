"""A backup is restored, ids are given out again, and old messages are still in Slack."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, select

from bot.sandbox import Sandbox, World
from bot.sandbox import clock as sandbox_clock
from bot.sandbox.seen import Message
from store import backup, decisions
from store.backup import embedded
from store.database import Database
from store.desk import Actor, Desk
from store.restoring import settle
from store.tables import audit_entries, cards, deliveries, homes
from tests.conftest import Clock
from tests.example import Example
from tests.handlers.conftest import _workspace
from tests.handlers.posts import Posts
from tests.handlers.requesting import asked, made, registered, states

COMMAND = Actor(None, "command")
REFUSED = "This message is older than what its button stands for today."
APART = timedelta(hours=3)
"""By how much Slack's clock is behind ours in these tests."""


@pytest.fixture
def database(migrated_database: Database) -> Database:
    return migrated_database


@pytest.fixture
def sandbox(clock: Clock) -> Iterator[Sandbox]:
    """Slack, with a clock that goes as ours does and tells another time."""
    world = World.from_config(_workspace(), sandbox_clock.Clock(lambda: (clock.now - APART).timestamp()))
    with Sandbox.start(world) as running:
        yield running


@dataclass
class Loss:
    """A backup of the desk as it is now, and its restoring an hour later."""

    desk: Desk
    clock: Clock
    file: Path

    def back_up(self) -> None:
        backup.backup(self.desk.database.url, self.file, lambda _copied, _total: None, force=True)

    def restore(self) -> None:
        self.clock.advance(timedelta(hours=1))
        # As the command does it: what is restored is settled before it takes the place of the database.
        backup.restore(self.desk.database.url, self.file, self.clock.now, self._prepare, force=True)
        self.clock.advance(timedelta(minutes=1))

    def _prepare(self, path: Path) -> None:
        copy = Database(embedded(path))
        settle(Desk(copy, self.desk.vault, self.desk.keys, self.desk.policy, self.clock), COMMAND)
        copy.close()


@pytest.fixture
def loss(posts: Posts, tmp_path: Path) -> Loss:
    found = Loss(posts.desk, posts.clock, tmp_path / "backup.db")
    found.back_up()
    return found


@pytest.fixture
def lost_card(posts: Posts, loss: Loss, example: Example) -> Message:
    """Ben's request is lost with its card in the channel, and Ana's has its number now."""
    asked(posts.desk, example.ben, registered(posts.desk, example.ben, example.quality[0]))
    posts.send()
    card = posts.card()
    loss.restore()
    assert made(posts.desk) == 0
    asked(posts.desk, example.ana, registered(posts.desk, example.ana, example.quality[1], 2))
    posts.send()
    return card


@pytest.mark.parametrize("action", ["request.forward", "request.decline"])
def test_the_card_of_a_lost_request_decides_nothing_about_another_one_of_its_number(
    posts: Posts, lost_card: Message, action: str
) -> None:
    assert lost_card.text.startswith("R-1001: Ben Okafor asks")
    assert posts.card().text.startswith("R-1001: Ana Silva asks")

    posts.click("U0RUI", lost_card, action)

    said = posts.answer("U0RUI", REFUSED)
    assert "Nothing has changed. Type `/license requests` to see what waits for you" in said
    assert states(posts.desk) == ["pending"]
    assert posts.slack.view("U0RUI") is None
    with posts.desk.database.read() as connection:
        # The lost card is not taken for one of the new request, which would be drawn over it.
        assert lost_card.ts not in connection.execute(select(cards.c.ts)).scalars().all()
        newest = select(audit_entries.c.action, audit_entries.c.facts).order_by(audit_entries.c.id.desc())
        entry = connection.execute(newest.limit(1)).one()
    assert entry.action.startswith("refused:")
    assert (entry.facts["thing"], entry.facts["id"]) == ("request", 1)


def test_the_card_of_the_request_that_is_there_decides_it(posts: Posts, lost_card: Message) -> None:
    assert lost_card.ts != posts.card().ts

    posts.click("U0RUI", posts.card(), "request.forward")

    posts.answer("U0RUI", "you forwarded")
    assert states(posts.desk) == ["forwarded"]


def test_a_card_that_was_there_at_the_backup_decides_its_request_after_the_restore(
    posts: Posts, tmp_path: Path, example: Example
) -> None:
    asked(posts.desk, example.ben, registered(posts.desk, example.ben, example.quality[0]))
    posts.send()
    card, loss = posts.card(), Loss(posts.desk, posts.clock, tmp_path / "backup.db")
    loss.back_up()
    posts.clock.advance(timedelta(days=1))
    loss.restore()

    posts.click("U0RUI", card, "request.forward")

    posts.answer("U0RUI", "you forwarded")


def test_a_card_that_was_drawn_anew_for_days_goes_on_deciding(posts: Posts, example: Example) -> None:
    first = [
        registered(posts.desk, example.ben, slot, number) for number, slot in enumerate(example.quality, 1)
    ]
    request_id = asked(posts.desk, example.ben, *first)
    posts.send()
    items = decisions.to_decide(posts.desk, Actor(example.rui), request_id).pending
    posts.clock.advance(timedelta(days=2))
    decisions.decline(posts.desk, Actor(example.rui), request_id, [items[0].id], "not this one")
    posts.send()

    posts.click("U0RUI", posts.card(), "request.forward")

    posts.answer("U0RUI", "you forwarded")


def test_a_direct_message_about_a_lost_item_asks_for_nothing_again(
    posts: Posts, loss: Loss, example: Example
) -> None:
    lost = asked(posts.desk, example.ben, registered(posts.desk, example.ben, example.quality[0]))
    decisions.decline(posts.desk, Actor(example.rui), lost, None, "not yet")
    posts.send()
    old = posts.direct_message("U0BEN", "declined")
    loss.restore()
    new = asked(posts.desk, example.ben, registered(posts.desk, example.ben, example.production[0], 2))
    decisions.decline(posts.desk, Actor(example.rui), new, None, "nor this")

    posts.click("U0BEN", old, "item.ask_again")

    posts.send()
    assert any(REFUSED in each for each in posts.direct("U0BEN"))
    assert states(posts.desk) == ["declined"]


def test_homes_are_drawn_anew_after_a_restore_because_their_buttons_have_no_moment(
    posts: Posts, loss: Loss, example: Example
) -> None:
    opened = insert(homes).values(person_id=example.rui, opened_at=posts.clock.now)
    with posts.desk.database.write() as connection:
        connection.execute(opened)
    loss.back_up()
    loss.restore()

    with posts.desk.database.read() as connection:
        queued = select(deliveries.c.person_id).where(deliveries.c.kind == "home")
        assert connection.execute(queued).scalars().all() == [example.rui]
