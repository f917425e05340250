"""Words for what registering, changing and releasing are refused for."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from handlers.blocks.text import last_day
from handlers.words.pens import Pen, manager, names, span
from store.rules.errors import DeskError
from store.rules.registration_errors import (
    CannotUndo,
    CloudNeedsNothing,
    NoSlotFree,
    NoSubscription,
    NotRegistered,
    ReleaseNeedsOperators,
    SerialElsewhere,
    SerialInOtherSlot,
    SerialReserved,
    SlotTaken,
    Suspended,
    TermEnded,
    VersionNotEntitled,
)

_MOST_LISTED = 10

_STAYS: Final = "Nothing has changed. If the environment is not needed, it can be released."
_NOT_UNDONE: Final = {
    "other_registrant": "Only the person who registered an environment can undo it.",
    "serial_changed": (
        "A change of the serial number cannot be undone; change it once more, or have the environment released."
    ),
    "licensed": "A license file was already made for this registration, so it cannot be undone.",
}


def _cloud(error: CloudNeedsNothing, pen: Pen) -> str:
    return (
        f"{pen.name(error.name)} is managed by the vendor and already active. There is nothing to register, "
        "and no license file is to be installed."
    )


def _no_subscription(error: NoSubscription, pen: Pen) -> str:
    return f"{pen.name(error.name)} has no subscription yet. Nothing has changed. The operators can load it."


def _term_ended(error: TermEnded, pen: Pen) -> str:
    return (
        f"The subscription of {pen.name(error.name)} has ended, and its days of grace ended with "
        f"{last_day(error.expired_at)}. Nothing has changed. To renew it, write to "
        f"{manager(pen, error.account_manager)}."
    )


def _suspended(error: Suspended, pen: Pen) -> str:
    return (
        f"The subscription of {pen.name(error.name)} is suspended. Nothing has changed. To learn why, write to "
        f"{manager(pen, error.account_manager)}."
    )


def _no_slot_free(error: NoSlotFree, pen: Pen) -> str:
    kind, name = error.environment_type.short, pen.name(error.name)
    if not error.holding:
        return (
            f"The subscription of {name} has no {kind} slots. Nothing was registered. To get some, write to "
            f"{manager(pen, error.account_manager)}."
        )
    release = f" {names(pen, error.releasers)} can release it." if error.releasers else ""
    several = len(error.holding) > 1
    full = (
        f"All {len(error.holding)} {kind} slots of {name} are"
        if several
        else f"The only {kind} slot of {name} is"
    )
    return (
        f"{full} taken: {_held(error, pen)}. Nothing was registered. "
        f"Same environment with a new serial? Press Serial changed. One no longer used?{release} "
        f"Need one more? Write to {manager(pen, error.account_manager)}."
    )


def _held(error: NoSlotFree, pen: Pen) -> str:
    listed = [f"{pen.name(each.slot)} (since {pen.day(each.since)})" for each in error.holding[:_MOST_LISTED]]
    more = len(error.holding) - len(listed)
    return ", ".join(listed) + (f" and {more} more" if more else "")


def _slot_taken(error: SlotTaken, pen: Pen) -> str:
    left = "Choose another one." if error.free else "No other slot of this type is free."
    return f"{pen.name(error.slot.name)} was taken by somebody else in the meantime. Nothing was registered. {left}"


def _serial_in_other_slot(error: SerialInOtherSlot, pen: Pen) -> str:
    return (
        f"This serial number is already registered in {pen.name(error.slot.name)}. Nothing has changed. Check it in "
        "your console. Only the version is new? Type /license register with the serial number and the version."
    )


def _serial_reserved(error: SerialReserved, pen: Pen) -> str:
    return (
        f"This serial number waits in a serial change of {pen.name(error.slot.name)} that nobody has decided yet. "
        "Nothing has changed. Type `/license requests` to see your own requests."
    )


def _serial_elsewhere(_error: SerialElsewhere, _pen: Pen) -> str:
    return (
        "This serial number is in use elsewhere, so it cannot be registered here. Nothing has changed. Check it in "
        "your console; if it is right, the operators have been told and will look into it."
    )


def _version_not_entitled(error: VersionNotEntitled, pen: Pen) -> str:
    return (
        f"Your subscription covers platform versions up to {pen.name(error.highest)}; this is "
        f"{pen.name(error.wanted)}. Nothing has changed. To raise it, write to {manager(pen, error.account_manager)}."
    )


def _not_registered(error: NotRegistered, pen: Pen) -> str:
    return (
        f"{pen.name(error.slot.name)} is not registered with that serial number any more. Nothing has changed. "
        "Type `/license environments` to see what is registered now."
    )


def _cannot_undo(error: CannotUndo, pen: Pen) -> str:
    if error.why == "too_late":
        return f"Undo works for {span(pen.policy.undo_window)} after registering, and they are over. {_STAYS}"
    why = _NOT_UNDONE.get(error.why, "This registration cannot be undone.")
    return f"{why} {_STAYS}"


def _release_needs_operators(_error: ReleaseNeedsOperators, _pen: Pen) -> str:
    return "Releases of this infrastructure are confirmed by the operators. Nothing has changed yet."


WORDS: Final[Mapping[type[DeskError], Callable[[Any, Pen], str]]] = {
    CloudNeedsNothing: _cloud,
    NoSubscription: _no_subscription,
    TermEnded: _term_ended,
    Suspended: _suspended,
    NoSlotFree: _no_slot_free,
    SlotTaken: _slot_taken,
    SerialInOtherSlot: _serial_in_other_slot,
    SerialReserved: _serial_reserved,
    SerialElsewhere: _serial_elsewhere,
    VersionNotEntitled: _version_not_entitled,
    NotRegistered: _not_registered,
    CannotUndo: _cannot_undo,
    ReleaseNeedsOperators: _release_needs_operators,
}
