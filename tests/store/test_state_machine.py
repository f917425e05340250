"""Random people do random things, and after every step the rules hold.

What the desk answers is held against an oracle that reads the rows anew (`tests/store/oracle.py`), and the rows
against what must be true of them (`tests/store/truths.py`).
"""

import shutil
import tempfile
from collections.abc import Callable
from datetime import timedelta
from functools import cache, partial
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from sqlalchemy import insert, select, update

from store import (
    audit_check,
    cards,
    conversations,
    decisions,
    deliverability,
    delivery_claims,
    failures,
    keys,
    profiles,
    registrations,
    releases,
    requests,
)
from store.database import Database
from store.deliverability import Deliverable
from store.deliveries import Delivery
from store.delivery_claims import COURIER
from store.desk import Actor, Desk, Policy
from store.keys import KeyRing
from store.overtaken import follow_up, overtaken
from store.profiles import Profile
from store.rules.errors import DeskError, Refusal
from store.rules.request_errors import MayNotDecide, OwnRequest
from store.tables import infrastructures, metadata, roles, subscriptions
from store.undelivered import tell_late
from store.vault import Vault, generate_key
from tests.conftest import Clock
from tests.example import WORKSPACE, Example, load, serial
from tests.store import truths
from tests.store.oracle import Facts, facts

VAULT = Vault([generate_key()])
NAMES = ("ana", "ben", "rui", "fiona", "ada", "tom", "eva", "max", "olga", "gus", "otto", "nina")
VERSIONS = ("11.17.0 (Build 36348)", "11.18.0", "11.0.539.0", "12.1.0")
ROLES_IN_CORE = ("member", "additional_contact", "infrastructure_admin", "auditor")
MOMENTS = (timedelta(minutes=1), timedelta(hours=5), timedelta(days=2), timedelta(days=8))

people = st.sampled_from(NAMES)
# Most people most of the time: the ones who ask and the ones who decide.
askers = st.one_of(st.sampled_from(("ana", "ben", "ada")), people)
deciders = st.one_of(st.sampled_from(("rui", "fiona", "ada", "tom", "eva", "olga")), people)
picks = st.integers(0, 40)
numbers = st.integers(1, 6)
strangers = st.one_of(st.none(), st.none(), people)


@cache
def template() -> tuple[Path, Example]:
    """A database with the example company and a key, made once."""
    path = Path(tempfile.mkdtemp(prefix="license-desk-")) / "template.db"
    database = Database(f"sqlite:///{path}")
    with database.write() as connection:
        metadata.create_all(connection)
        example = load(connection)
        keys.init(connection, VAULT, Clock().now)
    with database.read() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    return path, example


def _memory() -> str | None:
    """Where files never wait for a disk, if there is such a place: many small transactions are made."""
    return "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 - the folder made there is our own.


class People(RuleBasedStateMachine):
    """The example company at its desk, on SQLite."""

    def __init__(self) -> None:
        super().__init__()
        path, self.example = template()
        self.folder = Path(tempfile.mkdtemp(prefix="license-desk-", dir=_memory()))
        self.database = Database(f"sqlite:///{shutil.copy(path, self.folder / 'desk.db')}")
        self.clock = Clock()
        self.desk = Desk(self.database, VAULT, KeyRing(VAULT), Policy(vendor="Meridian"), self.clock)

    def teardown(self) -> None:
        self.database.close()
        shutil.rmtree(self.folder)

    def now(self) -> Facts:
        with self.database.read() as connection:
            return facts(connection)

    def actor(self, name: str) -> Actor:
        return Actor(getattr(self.example, name))

    def act(self, step: Callable[[], object]) -> DeskError | None:
        """Make one step of the desk's, check what it changed, and give its refusal."""
        # Every refusal is on record once a minute, so that each step gets a minute of its own.
        moment = self.clock.advance(timedelta(seconds=61))
        before, refused = self.now(), None
        try:
            step()
        except DeskError as error:
            refused = error
        after = self.now()
        truths.across_a_step(before, after, moment)
        if isinstance(refused, Refusal):
            assert after.entries > before.entries, "a refusal without an entry in the record"
        if refused is not None:
            assert after.state == before.state, "a refused step left something behind"
        return refused

    def requester(self, item_id: int, stranger: str | None) -> Actor:
        """Who asked for an item, or somebody else."""
        return self.actor(stranger) if stranger else Actor(self.now().items[item_id].requester_id)

    def pick(self, rows: dict[int, Any], number: int) -> int:
        """The id of some row, often of one of the newest; 0 when there is none."""
        ids = sorted(rows, reverse=True)
        return ids[number % min(len(ids), 6)] if ids else 0

    @initialize()
    def begin_with_requests(self) -> None:
        """Ana has asked for two licenses, of which Rui forwarded one; Tom has taken one."""
        made = [self._registered(number, slot) for number, slot in enumerate(self.example.quality, 1)]
        first, _ = (requests.ask(self.desk, self.actor("ana"), [each], "upgrade").request_id for each in made)
        decisions.forward(self.desk, self.actor("rui"), first or 0)
        requests.ask(self.desk, self.actor("tom"), [made[0]], "")

    def _registered(self, number: int, slot: int) -> int:
        made = registrations.register(self.desk, self.actor("ana"), slot, serial(number), VERSIONS[0])
        assert made.environment.registration is not None
        return made.environment.registration.id

    @rule(name=askers, slot=picks, number=numbers, version=st.sampled_from(VERSIONS), confirm=st.booleans())
    def register(self, name: str, slot: int, number: int, version: str, confirm: bool) -> None:
        place = sorted(self.now().slots)[slot % len(self.now().slots)]
        self.act(
            lambda: registrations.register(
                self.desk, self.actor(name), place, serial(number), version, confirm_version_change=confirm
            )
        )

    @rule(name=askers, which=picks)
    def undo(self, name: str, which: int) -> None:
        registration = self.pick(self.now().registrations, which)
        self.act(lambda: registrations.undo(self.desk, self.actor(name), registration))

    @rule(name=askers, which=picks, version=st.sampled_from(VERSIONS))
    def change_version(self, name: str, which: int, version: str) -> None:
        registration = self.pick(self.now().registrations, which)
        self.act(lambda: registrations.change_version(self.desk, self.actor(name), registration, version))

    @rule(name=askers, which=st.lists(picks, min_size=1, max_size=3), key=st.sampled_from([None, "V1", "V2"]))
    def ask(self, name: str, which: list[int], key: str | None) -> None:
        wanted = [self.pick(self.now().registrations, each) for each in which]
        self.act(lambda: requests.ask(self.desk, self.actor(name), wanted, "upgrade", key))

    @rule(name=askers, which=picks, number=numbers)
    def ask_serial_change(self, name: str, which: int, number: int) -> None:
        registration = self.pick(self.now().registrations, which)
        actor = self.actor(name)
        self.act(lambda: requests.ask_serial_change(self.desk, actor, registration, serial(number), "moved"))

    @rule(name=deciders, which=picks, number=numbers)
    def change_serial(self, name: str, which: int, number: int) -> None:
        registration = self.pick(self.now().registrations, which)
        self.act(
            lambda: registrations.change_serial(self.desk, self.actor(name), registration, serial(number))
        )

    @rule(name=deciders, which=picks)
    def ask_release(self, name: str, which: int) -> None:
        registration = self.pick(self.now().registrations, which)
        self.act(lambda: requests.ask_release(self.desk, self.actor(name), registration, "gone"))

    @rule(name=deciders, which=picks)
    def release(self, name: str, which: int) -> None:
        registration = self.pick(self.now().registrations, which)
        self.act(lambda: releases.release(self.desk, self.actor(name), registration, "gone"))

    @rule(name=deciders, which=picks, some=st.booleans(), declining=st.booleans())
    def decide(self, name: str, which: int, some: bool, declining: bool) -> None:
        before = self.now()
        request, person = self.pick(before.requests, which), getattr(self.example, name)
        own = [each.id for each in before.items.values() if each.request_id == request]
        chosen = own[:1] if some else None
        if declining:
            refused = self.act(
                lambda: decisions.decline(self.desk, Actor(person), request, chosen, "not now")
            )
        else:
            refused = self.act(lambda: decisions.forward(self.desk, Actor(person), request, chosen))
        without_right = isinstance(refused, MayNotDecide | OwnRequest)
        assert without_right is not before.may_decide(person, request)

    @rule(which=picks, stranger=strangers)
    def withdraw(self, which: int, stranger: str | None) -> None:
        item = self.pick(self.now().items, which)
        self.act(lambda: requests.withdraw(self.desk, self.requester(item, stranger), item))

    @rule(which=picks, stranger=strangers)
    def ask_again(self, which: int, stranger: str | None) -> None:
        item = self.pick(self.now().items, which)
        self.act(lambda: requests.ask_again(self.desk, self.requester(item, stranger), item))

    @rule(which=picks, stranger=strangers)
    def send_again(self, which: int, stranger: str | None) -> None:
        with_files = {
            key: each for key, each in self.now().items.items() if each.state in {"forwarded", "direct"}
        }
        item = self.pick(with_files or self.now().items, which)
        self.act(lambda: requests.send_again(self.desk, self.requester(item, stranger), item))

    @rule(name=people, active=st.booleans(), guest=st.integers(0, 5), soon=st.booleans())
    def change_in_slack(self, name: str, active: bool, guest: int, soon: bool) -> None:
        self._note(name, active=active, guest=guest == 0)
        self._follow_up(soon)

    @rule(
        names=st.sets(st.sampled_from(("rui", "fiona", "ada", "tom", "eva")), min_size=3), soon=st.booleans()
    )
    def several_leave(self, names: set[str], soon: bool) -> None:
        for name in sorted(names):
            self._note(name, active=False, guest=False)
        self._follow_up(soon)

    def _note(self, name: str, *, active: bool, guest: bool) -> None:
        profile = Profile(WORKSPACE, f"U0{name.upper()}", name, active=active, guest=guest)
        self.act(lambda: profiles.note(self.desk, COURIER, profile))

    @rule(which=picks, state=st.sampled_from(["ended", "active", "active", "resting"]), soon=st.booleans())
    def change_a_role(self, which: int, state: str, soon: bool) -> None:
        """As an administrator or the import does."""
        with self.database.write() as connection:
            ids = connection.execute(select(roles.c.id).where(roles.c.held_until.is_(None))).scalars().all()
            one = update(roles).where(roles.c.id == ids[which % len(ids)])
            ended = {"held_until": self.clock.now}
            connection.execute(one.values(ended if state == "ended" else {"state": state}))
        self._follow_up(soon)

    @rule(name=people, role=st.sampled_from(ROLES_IN_CORE))
    def give_a_role(self, name: str, role: str) -> None:
        values = {"person_id": getattr(self.example, name), "infrastructure_id": self.example.core}
        held = (roles.c.held_until.is_(None), roles.c.role == role)
        same = [roles.c[key] == value for key, value in values.items()]
        with self.database.write() as connection:
            if connection.execute(select(roles.c.id).where(*held, *same)).first() is None:
                connection.execute(insert(roles).values(**values, role=role, held_from=self.clock.now))

    @rule(
        state=st.sampled_from(["active", "active", "suspended"]),
        files=st.sampled_from(["signed", "signed", "signed", "held"]),
        soon=st.booleans(),
    )
    def change_what_was_agreed(self, state: str, files: str, soon: bool) -> None:
        """As the import does, which tells nobody."""
        core = self.example.core
        of_core = subscriptions.c.infrastructure_id == core
        with self.database.write() as connection:
            connection.execute(update(subscriptions).where(of_core).values(state=state))
            connection.execute(
                update(infrastructures).where(infrastructures.c.id == core).values(files=files)
            )
        self._follow_up(soon)

    @rule(by=st.sampled_from(MOMENTS))
    def time_passes(self, by: timedelta) -> None:
        self.clock.advance(by)

    @rule()
    def look_at_what_is_due(self) -> None:
        for look in (requests.expire_due, tell_late):
            self.act(partial(look, self.desk))
            assert look(self.desk) == 0, "what was done is due again, and would be for ever"
        self._follow_up(True)

    def _follow_up(self, soon: bool) -> None:
        """As the schedule does, now or some time later."""
        if soon:
            self.act(lambda: follow_up(self.desk))
            truths.after_following_up(self.now(), self.clock.now)
            with self.database.read() as connection:
                assert overtaken(connection, self.clock.now) == [], "what was followed up is found again"

    @rule(most=st.integers(1, 8), works=st.sampled_from([True, True, True, False]))
    def deliver(self, most: int, works: bool) -> None:
        """As the courier does, with a Slack that takes everything or refuses it."""
        for delivery in delivery_claims.claim(self.desk, "lease", most, 60):
            send = _SEND.get(delivery.kind, _send_message) if works else _refuse
            self.act(lambda send=send, delivery=delivery: send(self.desk, delivery))  # type: ignore[misc] # bound at once

    @invariant()
    def the_rules_hold(self) -> None:
        truths.at_every_moment(self.now())
        with self.database.read() as connection:
            assert list(audit_check.verify(connection)) == []


def _send_card(desk: Desk, delivery: Delivery) -> None:
    request_id, target = cards.request_of(delivery), cards.target_of(delivery)
    with desk.database.read() as connection:
        shown, present = cards.shown(connection, request_id), cards.at(connection, request_id, target)
    if present:
        cards.redrawn(desk, COURIER, delivery, [each.id for each in present], shown.version)
    elif shown.pending or delivery.facts.get("even_decided"):
        conversation = _conversation(desk, delivery)
        cards.posted(desk, COURIER, delivery, conversation, f"{delivery.id}.0001", shown.version)
    else:
        delivery_claims.sent_alone(desk, COURIER, delivery)


def _conversation(desk: Desk, delivery: Delivery) -> int:
    if delivery.person_id is not None:
        return conversations.remember_direct(desk, COURIER, delivery.person_id, f"D0{delivery.person_id}")
    conversations.note_state(desk, COURIER, WORKSPACE, delivery.channel or "")
    with desk.database.read() as connection:
        found = conversations.find(connection, WORKSPACE, delivery.channel or "")
    assert found is not None
    return found.id


def _send_file(desk: Desk, delivery: Delivery) -> None:
    checked = deliverability.prepare(desk, COURIER, delivery)
    if isinstance(checked, Deliverable):
        assert checked.content.endswith(b"\n")
        deliverability.shared(desk, COURIER, delivery)


def _send_message(desk: Desk, delivery: Delivery) -> None:
    delivery_claims.sent_alone(desk, COURIER, delivery)


def _refuse(desk: Desk, delivery: Delivery) -> None:
    failures.fail(desk, COURIER, delivery, "cannot_dm_bot" if delivery.channel is None else "invalid_blocks")


_SEND = {"card": _send_card, "file": _send_file}

TestPeople = People.TestCase
TestPeople.settings = settings(
    max_examples=20,
    stateful_step_count=40,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
