"""Slots and serial numbers: one open registration in each, one place for each."""

from collections import Counter
from collections.abc import Iterator

from tests.year.look import Look


def two_in_one_slot(look: Look) -> Iterator[str]:
    """No slot with two open registrations."""
    opened = [each.slot_id for each in look.facts.registrations.values() if each.state == "open"]
    yield from (f"slot {slot} has {n} open registrations" for slot, n in Counter(opened).items() if n > 1)


def serial_twice(look: Look) -> Iterator[str]:
    """No serial number in two places."""
    held = [each.serial for each in look.facts.registrations.values() if each.state != "ended"]
    yield from (f"serial {serial} is in {n} places" for serial, n in Counter(held).items() if n > 1)


def reserved_for_nothing(look: Look) -> Iterator[str]:
    """A serial number is reserved while a serial change waits, and no longer."""
    waited_for = {each.reserved_id for items in look.facts.pending().values() for each in items}
    for each in look.facts.registrations.values():
        if each.state == "reserved" and each.id not in waited_for:
            yield f"registration {each.id} is reserved for nothing"
