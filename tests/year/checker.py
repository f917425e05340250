"""The checker: looks at the database and at Slack, and says in words whatever is not as it must be."""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime

from bot.sandbox import World
from store.database import Database
from tests.year import of_cards, of_deadlines, of_deliveries, of_files, of_record, of_slots, of_terms
from tests.year.facts import Facts, read
from tests.year.ledger import Ledger
from tests.year.look import Look
from tests.year.shown import ShownFile, files_in

Check = Callable[[Look], Iterator[str]]

CHECKS: tuple[Check, ...] = (
    of_slots.two_in_one_slot,
    of_slots.serial_twice,
    of_slots.reserved_for_nothing,
    of_cards.alive_after_the_end,
    of_cards.waiting_without_a_card,
    of_cards.drawn_behind,
    of_cards.said_twice,
    of_cards.sent_without_a_message,
    of_deadlines.early_or_late,
    of_deadlines.reminded_twice,
    of_deadlines.missed,
    of_deadlines.wrong_expiry,
    of_record.broken,
    of_record.unrecorded_decision,
    of_record.unrecorded_registration,
    of_record.unrecorded_slot,
    of_record.unrecorded_license,
    of_record.unrecorded_term,
    of_record.unrecorded_person,
    of_record.unrecorded_stand_in,
    of_terms.license_behind,
    of_terms.reminded_of_end_twice,
    of_terms.reminded_of_end_late,
    of_terms.reminded_of_end_at_night,
    of_files.unverified,
    of_files.without_right,
    of_files.delivered_twice,
    of_files.never_arrived,
    of_deliveries.stuck,
    of_deliveries.late,
    of_deliveries.given_up,
    of_deliveries.requester_not_told,
)


class Checker:
    """Remembers what it saw at the look before."""

    def __init__(self, database: Database, world: World, ledger: Ledger) -> None:
        self._database, self._world, self._ledger = database, world, ledger
        self._facts = Facts()
        self._read: Counter[str] = Counter()
        self._copies: Counter[tuple[str, str]] = Counter()

    def complaints(self, now: datetime) -> list[str]:
        """Look once, and give everything that is wrong, each with the name of its check."""
        files = list(self._new_files())
        facts = read(self._database, self._facts)
        look = Look(now, facts, self._facts, self._world, self._ledger, files, self._copies)
        self._facts = facts
        return [f"{check.__name__}: {each}" for check in CHECKS for each in check(look)]

    def _new_files(self) -> Iterator[ShownFile]:
        for place in self._world.conversations.values():
            for file in files_in(self._world, place, self._read[place.id]):
                self._copies[hashlib.sha256(file.content).hexdigest(), file.slack_id] += 1
                yield file
            self._read[place.id] = len(place.messages)
