"""`/license slots`: how many slots are free and taken, and what to do when none is free."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import Connection

from handlers.answers import Answer, say, say_blocks
from handlers.blocks.ids import Action
from handlers.blocks.kit import Block, Element, button, context, section
from handlers.blocks.text import quote
from handlers.payloads import Command
from handlers.visitors import Visitor
from store import infrastructures, slots
from store.infrastructures import Infrastructure, Seen
from store.slots import Capacity

_MOST_SHOWN: Final = 10
_LONGEST_NAME: Final = 80


def slots_command(visitor: Visitor, command: Command) -> Answer:
    """Slots by type for each infrastructure of the visitor, or for those whose name has the words typed."""
    with visitor.read() as connection:
        found = infrastructures.seen_with(connection, visitor.held, limit=_MOST_SHOWN + 1, named=command.rest)
        if not found:
            return say(_none_named(command.rest, _any(connection, visitor)))
        shown = found[:_MOST_SHOWN]
        counts = slots.capacity(connection, [each.infrastructure.id for each in shown])
    drawn = [(each, counts.get(each.infrastructure.id, [])) for each in shown]
    return _drawn(drawn, more=len(found) > len(shown))


def _any(connection: Connection, visitor: Visitor) -> list[Seen]:
    """A few infrastructures that can be named. Raises `NotAssociated` when there is none."""
    seen = infrastructures.seen_with(connection, visitor.held, limit=_MOST_SHOWN)
    if not seen:
        raise infrastructures.not_associated(connection, visitor.person.id)
    return seen


def _none_named(typed: str, seen: Sequence[Seen]) -> str:
    known = ", ".join(quote(each.infrastructure.name, _LONGEST_NAME) for each in seen)
    return f"None of your infrastructures is called “{quote(typed, _LONGEST_NAME)}”. You see: {known}."


def _drawn(shown: Sequence[tuple[Seen, list[Capacity]]], *, more: bool) -> Answer:
    free = sum(each.free for _, counts in shown for each in counts)
    total = sum(each.total for _, counts in shown for each in counts)
    summary = f"{free} of {total} slots are free."
    blocks: list[Block] = [section(summary)]
    blocks += [section("\n".join(_lines(seen.infrastructure, counts))) for seen, counts in shown]
    if more:
        blocks.append(context(f"The first {len(shown)} are shown. Name another one: `/license slots NAME`."))
    return say_blocks(summary, blocks, _buttons(free, shown))


def _lines(infrastructure: Infrastructure, counts: Sequence[Capacity]) -> list[str]:
    name = (
        f"*{quote(infrastructure.name, _LONGEST_NAME)}* ({quote(infrastructure.company_name, _LONGEST_NAME)})"
    )
    if infrastructure.is_cloud:
        return [f"{name}: managed by the vendor, already active"]
    if not counts:
        return [f"{name}: no slots yet. {_manager(infrastructure)}"]
    lines = [name, *(_line(each) for each in counts)]
    full = [each.environment_type.short for each in counts if not each.free]
    if full:
        lines.append(_when_full(infrastructure, full))
    return lines


def _line(count: Capacity) -> str:
    return f"{count.environment_type.label}: {count.taken} of {count.total} used, {count.free} free"


def _when_full(infrastructure: Infrastructure, full: Sequence[str]) -> str:
    return (
        f"None free: {', '.join(full)}. Same environment with a new serial? Use `/license serial-changed`. "
        f"One no longer used? An administrator can release it. {_manager(infrastructure)}"
    )


def _manager(infrastructure: Infrastructure) -> str:
    manager = infrastructure.account_manager
    return (
        f"Need more? Write to {quote(manager.name, _LONGEST_NAME)}, "
        f"your account manager: {quote(manager.email, _LONGEST_NAME)}."
    )


def _buttons(free: int, shown: Sequence[tuple[Seen, list[Capacity]]]) -> list[Element]:
    registers = any(seen.rights.registers and not seen.infrastructure.is_cloud for seen, _ in shown)
    if free and registers:
        return [button("Register an environment", Action.REGISTER, style="primary")]
    return []
