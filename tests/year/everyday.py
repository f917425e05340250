"""Every day at the desk: people register, ask, decide, decline, withdraw, change and release."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from bot.sandbox.seen import Message
from store import decisions, registrations, releases, renames, replacements, requests
from store.desk import Actor
from tests.example import serial
from tests.year import acts, residents
from tests.year.company import AUDITOR, END, NEW_YORK, PLACES, START
from tests.year.year import Year

DIRECT = ("financial_contact", "technical_contact", "company_admin", "infrastructure_admin")
ASKING = ("member", "additional_contact")
RELEASING = ("technical_contact", "company_admin", "infrastructure_admin")
VERSIONS = ("11.17.0 (Build 36348)", "11.18.0", "11.0.539.0", "11.19.2")


class Everyday:
    """Plans what people do, and does it; whoever can do it at that moment is chosen then."""

    def __init__(self, year: Year, *, asks: int, changes: int) -> None:
        self._year, self._town, self._chance = year, year.town, year.chance
        self._serials = 0
        self._plan(asks, changes)

    def _plan(self, asks: int, changes: int) -> None:
        for place in PLACES:
            for _ in residents.free_slots(self._town, place):
                self._on_some_day(lambda place=place: self.register(place), until=START + timedelta(days=100))  # type: ignore[misc] # bound at once
        for _ in range(asks):
            self._on_some_day(self._in_some_place(self.ask))
        for _ in range(changes):
            self._on_some_day(self._in_some_place(self._chance.choice(self._changes())))
        for _ in range(3):
            # Whatever chance says, there are releases that operators have to confirm.
            self._on_some_day(lambda: self.release(NEW_YORK))
        for _ in range(asks // 4):
            self._on_some_day(self._in_some_place(self.look_at_home))

    def _changes(self) -> tuple[Callable[[str], None], ...]:
        direct = (self.change_serial, self.change_version, self.rename, self.release, self.replace)
        return (*direct, self.ask_serial_change, self.ask_serial_change)

    def _on_some_day(self, event: Callable[[], None], until: datetime = END) -> None:
        seconds = self._chance.uniform(0, (until - START).total_seconds())
        self._year.at(START + timedelta(seconds=seconds), event)

    def _in_some_place(self, event: Callable[[str], None]) -> Callable[[], None]:
        place = self._chance.choice(list(PLACES))
        return lambda: event(place)

    def _somebody(self, place: str, *roles: str) -> str | None:
        found = residents.holders(self._town, place, *roles)
        return self._chance.choice(found) if found else None

    def _something(self, place: str) -> Any:
        found = residents.registered(self._town, place)
        return self._chance.choice(found) if found else None

    def _serial(self) -> str:
        self._serials += 1
        return serial(self._serials)

    def register(self, place: str) -> None:
        """Somebody registers an environment in a free slot."""
        name, free = self._somebody(place, *ASKING, *DIRECT), residents.free_slots(self._town, place)
        if name and free:
            values = (self._chance.choice(free), self._serial(), self._chance.choice(VERSIONS))
            actor = self._town.actor(name)
            self._year.attempt("register", lambda: registrations.register(self._town.desk, actor, *values))

    def ask(self, place: str) -> None:
        """Somebody asks for license files in Slack, and something becomes of it some time later."""
        roles = DIRECT if self._chance.random() < 0.15 else ASKING
        name, found = self._somebody(place, *roles), residents.registered(self._town, place)
        if self._town.down or not name or not found:
            return
        urgent = self._chance.random() < 0.15
        if urgent:
            found = [each for each in found if each.environment_type == "production"] or found
        chosen = self._chance.sample(found, min(len(found), self._chance.choice((1, 1, 1, 2, 5))))
        before = residents.newest_request(self._town)
        outcome = acts.ask(self._town, name, chosen[0].serial, [each.id for each in chosen], urgent=urgent)
        self._year.done[f"ask: {outcome}"] += 1
        self._follow(before)

    def change_serial(self, place: str) -> None:
        """Somebody with the right moves an environment to a new server."""
        name, found = self._somebody(place, *DIRECT), self._something(place)
        if name and found:
            values = (self._town.actor(name), found.id, self._serial())
            self._year.attempt("serial", lambda: registrations.change_serial(self._town.desk, *values))

    def ask_serial_change(self, place: str) -> None:
        """Somebody without the right asks for that."""
        name, found, before = (
            self._somebody(place, *ASKING),
            self._something(place),
            residents.newest_request(self._town),
        )
        if name and found:
            values = (self._town.actor(name), found.id, self._serial(), "moved")
            self._year.attempt("ask serial", lambda: requests.ask_serial_change(self._town.desk, *values))
            self._follow(before)

    def change_version(self, place: str) -> None:
        """Somebody upgrades an environment."""
        name, found = self._somebody(place, *ASKING, *DIRECT), self._something(place)
        if name and found:
            values = (self._town.actor(name), found.id, self._chance.choice(VERSIONS))
            self._year.attempt("version", lambda: registrations.change_version(self._town.desk, *values))

    def rename(self, place: str) -> None:
        """Somebody gives a slot another name."""
        name, found = self._somebody(place, *RELEASING), self._something(place)
        if name and found:
            values = (self._town.actor(name), found.slot_id, f"Line {self._chance.randrange(1000)}")
            self._year.attempt("rename", lambda: renames.rename(self._town.desk, *values))

    def replace(self, place: str) -> None:
        """Somebody gives the slot of an environment to another one."""
        name, found = self._somebody(place, *RELEASING), self._something(place)
        if name and found:
            values = (self._town.actor(name), found.id, self._serial(), VERSIONS[0], "scrapped")
            act = partial(replacements.release_and_register, self._town.desk, *values)
            self._year.attempt("replace", act)

    def release(self, place: str) -> None:
        """Somebody gives a slot back, and somebody else takes it later."""
        name, found = self._somebody(place, *RELEASING), self._something(place)
        if not name or not found:
            return
        values, before = (self._town.actor(name), found.id, "gone"), residents.newest_request(self._town)
        if place == NEW_YORK:
            self._year.attempt("ask release", lambda: requests.ask_release(self._town.desk, *values))
            self._follow(before)
        else:
            self._year.attempt("release", lambda: releases.release(self._town.desk, *values))
        self._year.after(lambda: self.register(place), days=self._chance.uniform(1, 20))

    def _follow(self, before: int) -> None:
        """Plan what becomes of the request that was made since, if one was made."""
        request_id = residents.newest_request(self._town)
        if request_id == before or not residents.pending_items(self._town, request_id):
            return
        fate = self._chance.random()
        if fate < 0.15:
            self._year.after(lambda: self.ask_again(request_id), days=self._chance.uniform(7.1, 20))
            return  # Nobody ever answers.
        hours = self._chance.uniform(30, 160) if fate < 0.3 else self._chance.uniform(0.02, 30)
        outcome = self.decline if fate > 0.9 else self.withdraw if fate > 0.83 else self.forward
        self._year.after(lambda: outcome(request_id), hours=hours)

    def forward(self, request_id: int) -> None:
        """Somebody who was asked presses *Forward license*; now and then somebody else does so afterwards."""
        if self._postponed(lambda: self.forward(request_id)):
            return
        found = self._card(request_id)
        if found is None:
            return
        if self._chance.random() < 0.1:
            act = partial(decisions.forward, self._town.desk, self._town.actor(AUDITOR), request_id)
            self._year.attempt("auditor", act)
        if len(residents.pending_items(self._town, request_id)) > 1 and self._chance.random() < 0.4:
            acts.forward_one(self._town, *found)
            self._year.done["forward one"] += 1
            self._year.after(lambda: self.forward(request_id), hours=self._chance.uniform(0.1, 40))
            return
        acts.forward(self._town, *found)
        self._year.done["forward"] += 1
        if self._chance.random() < 0.2:
            self._year.after(lambda: self._click_late(found[1]), hours=self._chance.uniform(0.01, 2))

    def decline(self, request_id: int) -> None:
        """Somebody who was asked declines."""
        if self._postponed(lambda: self.decline(request_id)):
            return
        found = self._card(request_id)
        if found is not None:
            acts.decline(self._town, *found)
            self._year.done["decline"] += 1

    def withdraw(self, request_id: int) -> None:
        """The one who asked needs it no more."""
        for item in residents.pending_items(self._town, request_id):
            act = partial(requests.withdraw, self._town.desk, Actor(item.requester_id), item.id)
            self._year.attempt("withdraw", act)

    def ask_again(self, request_id: int) -> None:
        """The one whose request expired presses *Ask again*."""
        before = residents.newest_request(self._town)
        if not self._town.down and acts.ask_again(self._town, request_id):
            self._year.done["ask again"] += 1
            self._follow(before)

    def look_at_home(self, place: str) -> None:
        """Somebody looks at the app's Home."""
        name = self._somebody(place, *ASKING, *DIRECT)
        if name and not self._town.down:
            acts.look_at_home(self._town, name)
            self._year.done["home"] += 1

    def _postponed(self, event: Callable[[], None]) -> bool:
        """Whether Slack is down, so that it is tried later."""
        if self._town.down:
            self._year.after(event, hours=self._chance.uniform(1, 30))
        return self._town.down

    def _card(self, request_id: int) -> tuple[str, Message] | None:
        """Somebody who was asked, and the card before them that they can press."""
        asked = residents.asked_people(self._town, request_id)
        self._chance.shuffle(asked)
        seen = ((name, card) for name in asked for card in acts.cards_of(self._town, name, request_id))
        return next((each for each in seen if acts.is_alive(each[1])), None)

    def _click_late(self, card: Message) -> None:
        """Somebody still has the card before them as it was, and presses it, too."""
        readers = [] if self._town.down else acts.readers_of(self._town, card)
        if readers:
            acts.forward(self._town, self._chance.choice(readers), card)
            self._year.done["late click"] += 1
