"""The modal in which an operator renews a subscription: how it is drawn, and what was entered."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from handlers.blocks import state
from handlers.blocks.ids import Action, BlockId, Callback, keyed
from handlers.blocks.kit import (
    Block,
    View,
    checkboxes,
    date_input,
    input_block,
    modal,
    option,
    section,
    text_input,
)
from handlers.blocks.state import BadPayload, Values
from handlers.blocks.text import last_day
from handlers.memory import remember
from handlers.subscription_phrases import place
from store.infrastructures import Infrastructure
from store.rules.environments import EnvironmentType
from store.rules.renewing import Renewal
from store.rules.versions import parse_highest
from store.slots import Capacity

_LAST_YEAR: Final = 2999
_MOST_DIGITS: Final = 6
_PERPETUAL: Final = "perpetual"


class Unfilled(Exception):
    """What is missing or cannot be read, by the ids of its blocks."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__()
        self.errors = errors


def draw(infrastructure: Infrastructure, counts: Sequence[Capacity], follows: str) -> View:
    """The modal; `follows` says who gets which files."""
    term = infrastructure.term
    ends = term.ends_at if term else None
    next_last = _a_year_later((ends - timedelta(days=1)).date()) if ends else None
    highest = text_input(Action.FIELD, infrastructure.highest_version or "For example: 11", longest=40)
    blocks = [
        section(_present(infrastructure)),
        input_block("Last day", date_input(Action.FIELD, next_last), BlockId.ENDS, optional=True),
        input_block(
            "Without an end",
            checkboxes(Action.FIELD, [option("Perpetual: the last day does not count", _PERPETUAL)]),
            BlockId.PERPETUAL,
            optional=True,
        ),
        input_block(
            "Highest platform version",
            highest,
            BlockId.HIGHEST_VERSION,
            hint="Leave it empty to keep the present one.",
            optional=True,
        ),
        *([] if infrastructure.is_cloud else _slots(counts)),
        section(follows),
    ]
    memory = remember(infrastructure=infrastructure.id)
    return modal(Callback.RENEW, "Renew", blocks, submit="Renew", private_metadata=memory)


def read(entered: Values) -> Renewal:
    """What the modal of `draw` holds.

    Raises `Unfilled`, `HighestVersionMalformed`, and BadPayload for what no field of it can hold.
    """
    perpetual = _PERPETUAL in state.texts(entered, BlockId.PERPETUAL)
    day = state.text(entered, BlockId.ENDS)
    errors = {} if perpetual or day else {str(BlockId.ENDS): "Choose the last day, or tick Perpetual below."}
    numbers: dict[EnvironmentType, int] = {}
    for kind, block_id, typed in _typed(entered):
        if typed.isascii() and typed.isdecimal() and len(typed) <= _MOST_DIGITS:
            numbers[kind] = int(typed)
        else:
            errors[block_id] = "Write a whole number, such as 5, or leave this empty to keep the present one."
    if errors:
        raise Unfilled(errors)
    highest = (state.text(entered, BlockId.HIGHEST_VERSION) or "").strip()
    values = {"highest_version": parse_highest(highest)} if highest else {}
    return Renewal(None if perpetual else _end(day), values=values, slots=numbers)


def _slots(counts: Sequence[Capacity]) -> Iterator[Block]:
    present = {each.environment_type: each for each in counts}
    for kind in EnvironmentType:
        count = present.get(kind)
        now = f"{count.total} now, {count.taken} of them taken" if count else "None now"
        yield input_block(
            f"{kind.short} slots",
            text_input(Action.FIELD, now, longest=_MOST_DIGITS),
            keyed(BlockId.SLOTS, kind),
            hint="Leave it empty to keep the present number.",
            optional=True,
        )


def _typed(entered: Values) -> Iterator[tuple[EnvironmentType, str, str]]:
    for kind in EnvironmentType:
        block_id = keyed(BlockId.SLOTS, kind)
        typed = (state.text(entered, block_id) or "").strip()
        if typed:
            yield kind, block_id, typed


def _present(infrastructure: Infrastructure) -> str:
    term = infrastructure.term
    if term is None or term.ends_at is None:
        return f"The subscription of {place(infrastructure)} runs without an end."
    return f"{place(infrastructure)}: the last day of the present term is {last_day(term.ends_at)}."


def _end(typed: str | None) -> datetime:
    """The first moment after the last day chosen. Raises BadPayload for what no calendar gives."""
    try:
        last = date.fromisoformat(typed or "")
    except ValueError:
        raise BadPayload("no day where one belongs") from None
    if last.year > _LAST_YEAR:
        raise BadPayload("a day too far away")
    return datetime.combine(last + timedelta(days=1), time(), UTC)


def _a_year_later(day: date) -> date:
    leap = (day.month, day.day) == (2, 29)
    return day.replace(year=day.year + 1, day=28 if leap else day.day)
