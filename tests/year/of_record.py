"""The record: unbroken, and with an entry for every change of state."""

import hashlib
import json
from collections.abc import Callable, Iterator
from datetime import UTC
from typing import Any

from tests.year.look import Look

_ACTIONS = {
    "forwarded": "forward",
    "declined": "decline",
    "withdrawn": "withdraw",
    "expired": "expire",
    "closed": "close",
    "direct": "take",
}
_OF_TERMS = {"renew_subscription", "suspend_subscription", "reinstate_subscription"}
_GENESIS = "0" * 64


def broken(look: Look) -> Iterator[str]:
    """The record holds from its first entry to its last."""
    last = {each.chain: each for each in look.before.entries.values()}
    for entry in look.facts.new:
        previous = last.get(entry.chain)
        position, digest = (previous.position, previous.hash) if previous else (0, _GENESIS)
        if (entry.position, entry.previous) != (position + 1, digest):
            yield f"entry {entry.id} does not follow the one before it in chain {entry.chain}"
        if entry.hash != _digest(entry):
            yield f"entry {entry.id} is not what was recorded"
        last[entry.chain] = entry
    for chain, head in look.facts.heads.items():
        if chain not in last or (head.position, head.hash) != (last[chain].position, last[chain].hash):
            yield f"chain {chain} does not end where its head says"


def unrecorded_decision(look: Look) -> Iterator[str]:
    """Every state of an item is in the record, with the action that made it."""
    for item in _changed(look, "items", lambda row: row.state):
        actions = {each.action for each in look.facts.new if item.id in each.facts.get("items", ())}
        wanted = _ACTIONS.get(item.state)
        if not actions or (wanted and wanted not in actions):
            yield f"item {item.id} is {item.state} and the record says {sorted(actions)}"


def unrecorded_registration(look: Look) -> Iterator[str]:
    """Every change of a registration is in the record, at its slot or at the request that it waits for."""
    subjects = {(each.infrastructure_id, each.subject.split()[0]) for each in look.facts.new}
    slots = {each.subject for each in look.facts.new}
    changes = _changed(look, "registrations", lambda row: (row.state, row.platform_version))
    for row in changes:
        before = look.before.registrations.get(row.id)
        waits = row.state == "reserved" or (before is not None and before.state == "reserved")
        short = row.replaces_id is not None and row.state == "ended"
        recorded = (row.infrastructure_id, "request") in subjects if waits or short else False
        if f"slot {row.slot_id}" not in slots and not recorded:
            yield f"registration {row.id} became {row.state} without an entry"


def unrecorded_slot(look: Look) -> Iterator[str]:
    """Every other name of a slot, and every slot that comes or goes, is in the record."""
    renamed = {each.subject for each in look.facts.new}
    counted = {each.infrastructure_id for each in look.facts.new if each.subject == "slots"}
    for row in _changed(look, "slots", lambda row: (row.name, row.removed_at)):
        if f"slot {row.id}" not in renamed and row.infrastructure_id not in counted:
            yield f"slot {row.id} changed without an entry"


def unrecorded_license(look: Look) -> Iterator[str]:
    """Every license that was made is in the record."""
    recorded = {each.facts.get("jti") for each in look.facts.new if each.action == "issue_license"}
    for each in _changed(look, "licenses", lambda row: row.jti):
        if each.jti not in recorded:
            yield f"license {each.jti} was made without an entry"


def unrecorded_term(look: Look) -> Iterator[str]:
    """Every change of a subscription is in the record."""
    recorded = {each.infrastructure_id for each in look.facts.new if each.action in _OF_TERMS}
    fields = ("starts_at", "ends_at", "state", "edition", "highest_version", "grace_days")
    for each in _changed(look, "subscriptions", lambda row: _values(row, fields)):
        if each.infrastructure_id not in recorded:
            yield f"the subscription of infrastructure {each.infrastructure_id} changed without an entry"


def unrecorded_person(look: Look) -> Iterator[str]:
    """Whoever leaves, comes back, gets or loses a role is in the record."""
    recorded = {each.subject for each in look.facts.new}
    changed = [each.id for each in _changed(look, "persons", lambda row: (row.active, row.guest))]
    roles = _changed(look, "roles", lambda row: (row.state, row.held_until))
    for person_id in {*changed, *(each.person_id for each in roles)}:
        if f"person {person_id}" not in recorded:
            yield f"person {person_id} or a role of theirs changed without an entry"


def unrecorded_stand_in(look: Look) -> Iterator[str]:
    """Whoever stands in for somebody is in the record."""
    named = {each.facts.get("stand_in") for each in look.facts.new}
    subjects = {each.subject for each in look.facts.new}
    for row in _changed(look, "stand_ins", lambda row: (row.starts_at, row.ends_at)):
        people = {f"person {row.person_id}", f"person {row.contact_id}"}
        if row.person_id not in named and not people & subjects:
            yield f"stand-in {row.id} changed without an entry"


def _changed(look: Look, table: str, value: Callable[[Any], object]) -> Iterator[Any]:
    """Rows that are new or have another value than before; at the first look every row was there already."""
    before, after = getattr(look.before, table), getattr(look.facts, table)
    for key, row in after.items() if look.before.persons else ():
        if key not in before or value(before[key]) != value(row):
            yield row


def _values(row: Any, names: tuple[str, ...]) -> list[object]:
    return [getattr(row, each) for each in names]


def _digest(entry: Any) -> str:
    said = [
        entry.previous,
        entry.chain,
        entry.position,
        entry.at.astimezone(UTC).isoformat(),
        entry.actor_id,
        entry.source,
        entry.action,
        entry.subject,
        entry.facts,
    ]
    return hashlib.sha256(json.dumps(said, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
