"""People who go on working whatever happens, and remember what they were told was done."""

import itertools
import random
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final

from bot.play import option_of
from bot.sandbox.client import SlackClient
from bot.sandbox.errors import Refused
from bot.sandbox.seen import Message, Submitted, View
from handlers.blocks.ids import Action, BlockId
from tests.chaos.company import ADMIN, CHANNEL, CONTACTS, ENGINEERS
from tests.example import serial
from tests.handlers.reading import shown

_PATIENCE: Final = 2.0
"""Seconds that somebody waits for a form; then they begin anew, as people do."""


class GaveUp(Exception):
    """Slack or the desk did not answer, or not with what comes next."""


@dataclass
class Memory:
    """What people were told: each of these must be true for good."""

    registered: set[str] = field(default_factory=set)
    asked: set[str] = field(default_factory=set)
    released: set[str] = field(default_factory=set)
    declined: set[str] = field(default_factory=set)
    attempts: int = 0
    gave_up: int = 0

    def as_it_is(self) -> "Memory":
        """What people were told up to now."""
        return Memory(self.registered.copy(), self.asked.copy(), self.released.copy(), self.declined.copy())


class Crowd:
    """Engineers, contacts and an admin, each in a thread of their own, until `stop`."""

    def __init__(self, url: str, seed: int) -> None:
        self.memory = Memory()
        self._url, self._seed = url, seed
        self._numbers = itertools.count(1)
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        roles: list[tuple[str, Callable[[_Person], None]]] = [
            *((each, self._engineer) for each in ENGINEERS),
            *((each, self._contact) for each in CONTACTS),
            (ADMIN, self._admin),
        ]
        self._threads = [
            threading.Thread(target=self._live, args=(user, act), name=user, daemon=True)
            for user, act in roles
        ]
        self.faults: list[BaseException] = []

    def start(self) -> None:
        """Begin."""
        for each in self._threads:
            each.start()

    def stop(self) -> None:
        """Let everybody finish what they are at. Raises what a person met that is no trouble of Slack's or ours."""
        self._stopping.set()
        for each in self._threads:
            each.join()
        if self.faults:
            raise self.faults[0]

    def _live(self, user: str, act: Callable[["_Person"], None]) -> None:
        person = _Person(SlackClient(self._url), user, random.Random(f"{self._seed} {user}"))  # noqa: S311 # no secret
        while not self._stopping.is_set():
            self.memory.attempts += 1
            try:
                act(person)
            except (GaveUp, Refused, TimeoutError, OSError):
                self.memory.gave_up += 1
                person.put_away()
            except BaseException as fault:  # noqa: BLE001 # the edge of a thread; `stop` raises it.
                self.faults.append(fault)
                return
            self._stopping.wait(person.chance.uniform(0.0, 0.05))

    def _engineer(self, person: "_Person") -> None:
        known = sorted(self.memory.registered - self.memory.released)
        if not known or person.chance.random() < 0.4:
            wanted = serial(next(self._numbers))
            if "is registered" in person.register(wanted):
                self.memory.registered.add(wanted)
            return
        said = person.fill_in(f"request {person.chance.choice(known)}", {BlockId.REASON: "upgrade"})
        numbers = [word.rstrip(":.,") for word in said.split() if word.startswith("R-")]
        if numbers and "I asked" in said:
            self.memory.asked.add(numbers[0])

    def _contact(self, person: "_Person") -> None:
        cards = [each for each in person.slack.messages(CHANNEL) if _waits(each)]
        if not cards:
            raise GaveUp
        card = person.chance.choice(cards)
        if person.chance.random() < 0.7:
            person.slack.click(person.user, card, str(Action.FORWARD))
            return
        before = person.slack.view(person.user)
        person.slack.click(person.user, card, str(Action.DECLINE))
        said = person.submitted(person.opened(before), {BlockId.REASON: "not now"})
        if "declined" in said.lower() and "already" not in said:
            self.memory.declined.add(card.text.partition(":")[0])

    def _admin(self, person: "_Person") -> None:
        known = sorted(self.memory.registered - self.memory.released)
        if len(known) < 20:
            raise GaveUp
        wanted = person.chance.choice(known)
        said = person.fill_in(f"release {wanted}", {BlockId.REASON: "no longer used"})
        if "is released" in said or "is free" in said:
            self.memory.released.add(wanted)


@dataclass(frozen=True)
class _Person:
    """One person at their Slack client."""

    slack: SlackClient
    user: str
    chance: random.Random

    def register(self, wanted: str) -> str:
        view = self.command(f"register {wanted} 11.17.0")
        view = self.chosen(view, Action.REGISTER_TYPE, "production")
        slots = _options(view, BlockId.SLOT)
        if not slots:
            raise GaveUp
        return self.submitted(view, option_of(view, BlockId.SLOT, self.chance.choice(slots)))

    def fill_in(self, text: str, values: dict[BlockId, str]) -> str:
        return self.submitted(self.command(text), values)

    def command(self, text: str) -> View:
        before = self.slack.view(self.user)
        if not self.slack.command(self.user, text).ok:
            raise GaveUp
        view = self.opened(before)
        # The form of an earlier command may come only now; whoever filled that in would act on something else.
        if text.split()[1] not in str(view.raw):
            raise GaveUp
        return view

    def opened(self, before: View | None) -> View:
        def newer() -> View | None:
            now = self.slack.view(self.user)
            return now if now and (before is None or now.id != before.id) else None

        return _there(self.slack.wait_for(newer, _PATIENCE))

    def chosen(self, view: View, action: Action, value: str) -> View:
        self.slack.act(self.user, view, str(action), value)

        def redrawn() -> View | None:
            now = self.slack.view(self.user)
            return now if now and now.hash != view.hash else None

        return _there(self.slack.wait_for(redrawn, _PATIENCE))

    def submitted(self, view: View, values: dict[BlockId, str] | dict[str, str]) -> str:
        done: Submitted = self.slack.submit(self.user, view, {str(key): each for key, each in values.items()})
        if done.trouble is not None or done.view is None:
            raise GaveUp
        said = shown(done.view.blocks)
        self.put_away()
        return said

    def put_away(self) -> None:
        """Close every form."""
        for view in reversed(self.slack.views(self.user)):
            self.slack.close(self.user, view)


def _there(view: View | None) -> View:
    if view is None:
        raise GaveUp
    return view


def _options(view: View, block_id: BlockId) -> list[str]:
    return [
        text
        for block in view.blocks
        if str(block.get("block_id")).startswith(block_id)
        for text in _texts(block)
    ]


def _texts(block: dict[str, object]) -> Iterator[str]:
    element = block.get("element")
    for each in element.get("options", []) if isinstance(element, dict) else []:
        yield each["text"]["text"]


def _waits(card: Message) -> bool:
    return not card.thread_ts and any(
        each.get("action_id") == Action.FORWARD for block in card.blocks for each in block.get("elements", [])
    )
