"""Words for what renewing, suspending and reinstating are refused for."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from handlers.blocks.text import last_day
from handlers.words.pens import Pen, counted
from store.rules.errors import DeskError
from store.rules.subscription_errors import (
    AlreadySuspended,
    NotSuspended,
    RenewalEndsTooEarly,
    RenewalTooSmall,
    TakenSlots,
)

_MOST_LISTED = 10


def _ends_too_early(error: RenewalEndsTooEarly, _pen: Pen) -> str:
    if error.earliest is None:
        return "This subscription runs without an end, so there is nothing to renew."
    return (
        f"Choose {last_day(error.earliest)} or a later day: a renewal ends neither before the present term nor in the "
        "past."
    )


def _too_small(error: RenewalTooSmall, pen: Pen) -> str:
    said = [_slots(each, pen) for each in error.slots]
    if error.above:
        listed = _listed(error.above, pen)
        said.append(f"It covers platform versions up to {pen.name(error.highest)}; above that are {listed}.")
    return (
        f"The renewal carries less than is registered in {pen.name(error.name)}. Nothing has changed. "
        f"{' '.join(said)} Release them first, or renew with more."
    )


def _slots(taken: TakenSlots, pen: Pen) -> str:
    carried = counted(taken.carried, f"{taken.environment_type.short} slot")
    return f"It carries {carried}, and {len(taken.taken)} are taken: {_listed(taken.taken, pen)}."


def _listed(pairs: tuple[tuple[str, str], ...], pen: Pen) -> str:
    listed = [f"{pen.name(name)} ({pen.name(what)})" for name, what in pairs[:_MOST_LISTED]]
    more = len(pairs) - len(listed)
    return ", ".join(listed) + (f" and {more} more" if more else "")


def _already_suspended(error: AlreadySuspended, pen: Pen) -> str:
    return f"The subscription of {pen.name(error.name)} is suspended already. Nothing has changed."


def _not_suspended(error: NotSuspended, pen: Pen) -> str:
    return f"The subscription of {pen.name(error.name)} is not suspended. Nothing has changed."


WORDS: Final[Mapping[type[DeskError], Callable[[Any, Pen], str]]] = {
    RenewalEndsTooEarly: _ends_too_early,
    RenewalTooSmall: _too_small,
    AlreadySuspended: _already_suspended,
    NotSuspended: _not_suspended,
}
