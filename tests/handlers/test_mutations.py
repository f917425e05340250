"""Payloads that were changed on their way: nobody gets a traceback, and nothing changes without a right."""

import random
from collections.abc import MutableMapping
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from store import registrations, tables
from store.desk import Actor, Desk
from tests.chaos.mutating import happenings, mutated, of_every_listener
from tests.example import Example, serial
from tests.handlers.forging import Forge

ROUNDS = 2_000


@pytest.fixture
def desk(desk: Desk) -> Desk:
    """A desk that hears everybody however often they are refused, so that every change reaches what it is meant for."""
    return replace(desk, policy=replace(desk.policy, refusals_most=10 * ROUNDS))


def state(desk: Desk) -> list[Any]:
    watched = (tables.registrations, tables.requests, tables.request_items, tables.licenses, tables.roles)
    with desk.database.read() as connection:
        return [connection.execute(select(table)).all() for table in watched]


def test_a_changed_payload_never_changes_anything_of_others(
    forge: Forge, desk: Desk, example: Example, logged: list[MutableMapping[str, Any]]
) -> None:
    made = registrations.register(
        desk, Actor(example.otto), example.globex_production[0], serial(1), "11.17.0"
    )
    assert made.environment.registration
    originals = of_every_listener("U0ANA", made.environment.registration.id, example.globex_production[0])
    before = state(desk)
    chance = random.Random(20_261_125)  # noqa: S311 # the same changes in every run

    for number in range(ROUNDS):
        answer = forge.answer(mutated(originals[number % len(originals)], chance))
        assert answer.status in {200, 400}
        assert "Traceback" not in answer.body

    # Ana may register in slots of her own, and a changed id may happen to name one; those of Globex stay.
    after = state(desk)
    assert [row for row in after[0] if row.infrastructure_id == example.globex] == list(before[0])
    assert all(row.requester_id == example.ana for row in after[1])
    assert after[4] == before[4]
    assert not [each for each in logged if each["event"].startswith("Something went wrong")]
    assert "xxxx" not in str(logged)


def test_a_changed_event_is_acknowledged_and_changes_nothing_of_others(
    forge: Forge, desk: Desk, example: Example, logged: list[MutableMapping[str, Any]]
) -> None:
    originals, before = happenings(), state(desk)
    chance = random.Random(20_261_126)  # noqa: S311 # the same changes in every run

    for number in range(ROUNDS):
        assert forge.answer(mutated(originals[number % len(originals)], chance)).status in {200, 400}

    assert state(desk) == before
    assert not [each for each in logged if each["event"].startswith("Something went wrong")]
    assert "xxxx" not in str(logged)
