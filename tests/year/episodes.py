"""What happens once in the year: renewals, people who leave and come back, a channel archived, Slack down."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from store import handing_over, reissuing, renewals, roles, stand_ins, subscriptions
from store.rules.environments import EnvironmentType
from store.rules.renewing import Renewal
from store.rules.rights import RoleName
from store.tables import roles as role_rows
from tests.year import residents
from tests.year.company import CHANNELS, LISBON, NEW_YORK, OPERATOR, PRAGUE, START, slack_id
from tests.year.year import Year

_LEAVE_SOME_TIME = 8
_COME_AND_GO = (
    "ana",
    "ben",
    "ada",
    "fiona",
    "tom",
    "pete",
    "gail",
    "hugo",
    "dora",
    "emil",
    "lars",
    "mona",
    "petra",
)


def day(month: int, number: int, hour: int = 10) -> datetime:
    """A moment of the year."""
    return datetime(2026, month, number, hour, 7, tzinfo=UTC)


class Episodes:
    """Puts them on the year's agenda."""

    def __init__(self, year: Year) -> None:
        self._year, self._town = year, year.town
        self._renewals()
        self._people()
        self._slack()

    def _renewals(self) -> None:
        """One early, one late in grace, one with more slots; and a suspension."""
        year = self._year
        year.at(day(5, 20), lambda: self.renew(LISBON, by_command=True))
        year.at(day(9, 8), lambda: self.renew(NEW_YORK))
        year.at(day(10, 25), lambda: self.renew(PRAGUE, slots={EnvironmentType.PRODUCTION: 24}))
        year.at(day(7, 10), lambda: self.suspend(PRAGUE))
        year.at(day(7, 14), lambda: self.reinstate(PRAGUE))

    def _people(self) -> None:
        year = self._year
        for name, month, number, away in (
            ("rui", 4, 13, 21),
            ("olaf", 6, 9, 40),
            ("kim", 3, 3, None),
            ("nils", 8, 20, None),
            ("ivo", 11, 3, 12),
            ("caro", 9, 14, None),
            ("ines", 12, 1, 9),
        ):
            year.at(day(month, number), lambda name=name, away=away: self.leave(name, away))  # type: ignore[misc] # bound at once
        for _ in range(_LEAVE_SOME_TIME):
            moment = START + timedelta(days=year.chance.uniform(20, 330))
            year.at(moment, lambda: self.leave(year.chance.choice(_COME_AND_GO), year.chance.randint(1, 20)))
        year.at(day(2, 10), lambda: self.stand_in(LISBON, "fiona", "ben", 10))
        year.at(day(8, 3), lambda: self.stand_in(PRAGUE, "olaf", "dora", 30))
        year.at(day(10, 24), lambda: self.stand_in(LISBON, "rui", "ben", 7))
        year.at(day(8, 27), lambda: self.hand_over("vera", "petra"))
        year.at(day(4, 20), lambda: self.set_technical_contact(NEW_YORK, "jack"))
        year.at(day(6, 1), lambda: self.set_technical_contact(NEW_YORK, "pete"))

    def _slack(self) -> None:
        year = self._year
        year.at(day(5, 4), lambda: self.archive(LISBON))
        year.at(day(5, 11), lambda: self.unarchive(LISBON))
        year.at(day(9, 15, 0), self.slack_falls_silent)
        year.at(day(9, 17, 0), self.slack_speaks)

    def renew(
        self, place: str, slots: dict[EnvironmentType, int] | None = None, *, by_command: bool = False
    ) -> None:
        """An operator renews for a year; `by_command` makes the licenses at once, as the command does."""
        desk, actor = self._town.desk, self._town.actor(OPERATOR)
        renewal = Renewal(ends_at=datetime(2027, 9, 1, tzinfo=UTC), slots=slots or {})
        done = renewals.renew(desk, actor, self._town.places[place], renewal)
        assert done.reissue_id, "a renewal without anything to replace"
        if by_command:
            reissuing.run(desk, actor, done.reissue_id)
        self._year.done["renew"] += 1

    def suspend(self, place: str) -> None:
        """An operator suspends a subscription."""
        actor, place_id = self._town.actor(OPERATOR), self._town.places[place]
        subscriptions.suspend(self._town.desk, actor, place_id, "not paid")
        self._year.done["suspend"] += 1

    def reinstate(self, place: str) -> None:
        """And ends the suspension."""
        subscriptions.reinstate(self._town.desk, self._town.actor(OPERATOR), self._town.places[place])
        self._year.done["reinstate"] += 1

    def leave(self, name: str, away: int | None) -> None:
        """Somebody is deactivated in Slack; and comes back after some days."""
        if self._year.ledger.is_away(slack_id(name), self._year.now) or self._town.down:
            return
        self._town.slack.deactivate(slack_id(name))
        self._town.settle()
        self._year.ledger.left(slack_id(name), self._year.now)
        self._year.done["leave"] += 1
        if away is not None:
            self._year.after(lambda: self.come_back(name), days=away)

    def come_back(self, name: str) -> None:
        """Somebody is active again; their roles are confirmed some hours later."""
        if self._town.down:
            self._year.after(lambda: self.come_back(name), days=1)
            return
        self._town.slack.reactivate(slack_id(name))
        self._town.settle()
        self._year.after(lambda: self.confirm(name), hours=7)

    def confirm(self, name: str) -> None:
        """An operator lets their roles count again."""
        resting = residents.resting_roles(self._town, name)
        confirmed = roles.confirm(self._town.desk, self._town.actor(OPERATOR), resting)
        assert len(confirmed) == len(resting)
        self._year.ledger.came_back(slack_id(name), self._year.now)
        self._year.done["come back"] += 1

    def stand_in(self, place: str, contact: str, name: str, days: int) -> None:
        """A contact names somebody who decides for them from tomorrow on."""
        first = self._year.now.date() + timedelta(days=1)
        people, last = self._town.people, first + timedelta(days=days - 1)
        self._year.attempt(
            "stand in",
            lambda: stand_ins.name_stand_in(
                self._town.desk,
                self._town.actor(contact),
                self._town.places[place],
                people[contact],
                people[name],
                first,
                last,
            ),
        )

    def hand_over(self, name: str, successor: str) -> None:
        """Somebody gives all their roles to a successor."""
        held = (role_rows.c.person_id == self._town.people[name], role_rows.c.held_until.is_(None))
        with self._town.desk.database.read() as connection:
            ids = list(connection.execute(select(role_rows.c.id).where(*held)).scalars())
        values = (self._town.actor(name), ids, self._town.people[successor])
        self._year.attempt("hand over", lambda: handing_over.hand_over(self._town.desk, *values))

    def set_technical_contact(self, place: str, name: str) -> None:
        """An admin makes somebody the technical contact."""
        values = (self._town.places[place], RoleName.TECHNICAL_CONTACT, [self._town.people[name]])
        eva = self._town.actor("eva")
        self._year.attempt("set role", lambda: roles.change(self._town.desk, eva, *values))

    def archive(self, place: str) -> None:
        """Somebody archives the approval channel."""
        self._town.slack.archive(CHANNELS[place])
        self._town.settle()
        self._year.done["archive"] += 1

    def unarchive(self, place: str) -> None:
        """And brings it back."""
        self._town.slack.unarchive(CHANNELS[place])
        self._town.settle()
        self._year.done["unarchive"] += 1

    def slack_falls_silent(self) -> None:
        """Slack answers every call with an error, and sends nothing."""
        self._town.slack.weather(fault="server_error")
        self._town.down = True
        self._year.ledger.fell_silent(self._year.now)

    def slack_speaks(self) -> None:
        """And works again."""
        self._town.slack.calm("server_error")
        self._town.down = False
        self._year.ledger.speaks(self._year.now)
        self._year.done["Slack down"] += 1
