"""Reads the database and what stands in Slack, and finds whatever is not as it was promised.

It shares no query with the product: rows are read with an engine of its own, and Slack is read as people see it.
"""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import jwt
from sqlalchemy import func, select

from bot.sandbox.seen import Message
from handlers.blocks.ids import Action
from store import tables
from tests.chaos.company import CHANNEL, CONTACTS, ENGINEERS
from tests.chaos.crowd import Memory
from tests.chaos.town import Town, engine_of
from tests.program.conftest import wait_until
from tests.store import truths
from tests.store.oracle import Facts, facts

_QUIET_SECONDS: Final = 120.0
_DECIDING: Final = {Action.FORWARD, Action.FORWARD_CHOOSE, Action.DECLINE}
_SAYS: Final = {
    "forwarded": ("forwarded",),
    "declined": ("declined",),
    "closed": ("closed", "released", "no longer"),
    "pending": ("asks for",),
}


@dataclass(frozen=True)
class Found:
    """How much there was, for the report; nothing in it is wrong."""

    registrations: int
    requests: int
    decided: int
    files: int
    twice: int
    cards_twice: int


def at_a_kill(town: Town, memory: Memory) -> None:
    """What holds at every moment. Raises AssertionError."""
    # People go on with the processes that still run: what they are told after the look is not in it.
    told = memory.as_it_is()
    now = _read(town)
    truths.at_every_moment(now)
    _promises_hold(now, told)


def when_quiet(town: Town, memory: Memory) -> Found:
    """What holds once nothing is under way any more. Raises AssertionError."""
    now = _read(town)
    truths.at_every_moment(now)
    _promises_hold(now, memory)
    # What was released meanwhile is not delivered any more, and its item is closed.
    given_up = [row for row in now.deliveries.values() if row.state == "failed"]
    failed = [(row.kind, row.error) for row in given_up if not row.error.startswith("closed:")]
    assert failed == [], f"deliveries were given up: {failed}"
    _click_cards_that_nobody_knows(town)
    now = _read(town)
    cards_twice = _cards_tell_the_truth(now, town.slack.messages(CHANNEL), town.interrupted)
    files, twice = _files_arrived_once(now, town)
    _outcomes_are_told(now, town)
    return Found(
        len(now.registrations),
        len(now.requests),
        sum(each.state in {"forwarded", "declined"} for each in now.items.values()),
        files,
        twice,
        cards_twice,
    )


def waiting(town: Town) -> int:
    """How many deliveries are still to be made."""
    engine = engine_of(town.database_url)
    with engine.connect() as connection:
        queued = select(func.count()).where(tables.deliveries.c.state == "queued")
        number = connection.execute(queued).scalar_one()
    engine.dispose()
    return int(number)


def _read(town: Town) -> Facts:
    engine = engine_of(town.database_url)
    with engine.begin() as connection:
        found = facts(connection)
    engine.dispose()
    return found


def _promises_hold(now: Facts, memory: Memory) -> None:
    serials = {each.serial for each in now.registrations.values()}
    assert memory.registered <= serials, "a registration that somebody was told of is lost"
    numbers = {f"R-{1000 + each}" for each in now.requests}
    assert memory.asked <= numbers, "a request that somebody was told of is lost"
    ended = {each.serial for each in now.registrations.values() if each.state == "ended"}
    assert memory.released <= ended, (
        f"a release that somebody was told of is lost: {_rows(now, memory.released - ended)}"
    )
    declined = {f"R-{1000 + each.request_id}" for each in now.items.values() if each.state == "declined"}
    assert memory.declined <= declined, "a decision that somebody was told of is lost"


def _rows(now: Facts, serials: set[str]) -> list[Any]:
    return [each for each in now.registrations.values() if each.serial in serials]


def _click_cards_that_nobody_knows(town: Town) -> None:
    """Press *Forward* on each card that was posted by a program killed before it could note the message.

    The program learns of such a card when somebody clicks it, and then draws it like any other.
    """
    engine = engine_of(town.database_url)
    with engine.connect() as connection:
        known = set(connection.execute(select(tables.cards.c.ts)).scalars())
    engine.dispose()
    for card in town.slack.messages(CHANNEL):
        if not card.thread_ts and card.ts not in known and Action.FORWARD in set(_actions(card)):
            town.slack.click(CONTACTS[0], card, str(Action.FORWARD))
    wait_until(lambda: not waiting(town), _QUIET_SECONDS)


def _cards_tell_the_truth(now: Facts, messages: list[Message], interrupted: int) -> int:
    cards = [each for each in messages if not each.thread_ts and each.text.startswith("R-")]
    states = {
        f"R-{1000 + each.request_id}": each.state for each in now.items.values() if each.state != "direct"
    }
    seen = Counter(each.text.partition(":")[0] for each in cards)
    # What was closed before its card was posted has none.
    due = {each for each, state in states.items() if state != "closed"}
    assert due <= set(seen) <= set(states), (
        f"without a card: {due - set(seen)}; unknown: {set(seen) - set(states)}"
    )
    for card in cards:
        state = states[card.text.partition(":")[0]]
        offered = _DECIDING & set(_actions(card))
        assert bool(offered) is (state == "pending"), f"{card.text} is {state} and offers {offered}"
        said = card.text.lower()
        assert any(word in said for word in _SAYS[state]), f"{card.text} is {state}"
    twice = sum(seen.values()) - len(seen)
    assert twice <= interrupted, "more cards twice than were interrupted"
    return twice


def _files_arrived_once(now: Facts, town: Town) -> tuple[int, int]:
    keys = jwt.PyJWKSet.from_dict(json.loads(town.program.command("keys", "export", "--test").stdout))
    people = {row.slack_id: row.id for row in now.persons.values()}
    files = twice = 0
    for slack_id in (*ENGINEERS, *CONTACTS):
        due = Counter(
            now.registrations[each.registration_id].serial
            for each in now.items.values()
            if each.state in {"forwarded", "direct"} and each.requester_id == people[slack_id]
        )
        got = Counter(_verified(town, file, keys) for file in town.slack.files(slack_id))
        assert set(got) == set(due), f"{slack_id} has not what was forwarded"
        assert all(got[each] >= due[each] for each in due), f"{slack_id} misses a file"
        files += sum(due.values())
        twice += sum(got.values()) - sum(due.values())
    assert twice <= town.interrupted, "more files twice than were interrupted"
    assert all(each.delivered_at for each in now.items.values() if each.state in {"forwarded", "direct"})
    return files, twice


def _verified(town: Town, file: Any, keys: jwt.PyJWKSet) -> str:
    token = town.slack.download(file).decode().strip()
    key = keys[jwt.get_unverified_header(token)["kid"]]
    claims = jwt.decode(token, key, [key.algorithm_name], audience="meridian-platform", issuer="Meridian")
    assert file.name == f"{claims['serial']}.lic"
    return str(claims["serial"])


def _outcomes_are_told(now: Facts, town: Town) -> None:
    people = {row.id: row.slack_id for row in now.persons.values()}
    for slack_id in ENGINEERS:
        said = "\n".join(each.text for each in town.slack.direct(slack_id))
        for each in now.items.values():
            if people[each.requester_id] == slack_id and each.state in {"declined", "closed"}:
                assert f"R-{1000 + each.request_id}" in said, f"{slack_id} was not told of {each}"


def _actions(card: Message) -> Iterator[str]:
    for block in card.blocks:
        for each in block.get("elements", []):
            yield str(each.get("action_id"))
