"""`/license slots`: how many slots are free and taken, and what to do when none is free."""

from collections.abc import Collection, Sequence
from typing import Final

from sqlalchemy import Connection

from handlers.answers import Answer, say, say_blocks
from handlers.blocks.ids import Action, keyed
from handlers.blocks.kit import Block, Element, actions, button, context, section
from handlers.blocks.text import plain, quote
from handlers.menus import another_menu
from handlers.payloads import Command
from handlers.visitors import Visitor
from store import held_files, infrastructures
from store.overviews import Overview, overviews
from store.rules.rights import rights
from store.slots import Capacity

_MOST_SHOWN: Final = 10
_LONGEST_NAME: Final = 80
_IN_A_BUTTON: Final = 50


def slots_command(visitor: Visitor, command: Command) -> Answer:
    """Slots by type for each infrastructure of the visitor, or for those whose name has the words typed."""
    with visitor.read() as connection:
        found = _found(connection, visitor, command.rest)
        if not found:
            return say(_none_named(command.rest, _any(connection, visitor)))
        shown = found[:_MOST_SHOWN]
        awaited = held_files.awaited_in(connection, [each.id for each in shown if _uploads(visitor, each)])
    return _drawn(visitor, shown, awaited, more=len(found) > _MOST_SHOWN)


def _found(connection: Connection, visitor: Visitor, named: str = "") -> list[Overview]:
    return overviews(connection, visitor.person.id, visitor.held, limit=_MOST_SHOWN + 1, named=named)


def _any(connection: Connection, visitor: Visitor) -> list[Overview]:
    """A few infrastructures that can be named. Raises `NotAssociated` when there is none."""
    seen = _found(connection, visitor)[:_MOST_SHOWN]
    if not seen:
        raise infrastructures.not_associated(connection, visitor.person.id)
    return seen


def _none_named(typed: str, seen: Sequence[Overview]) -> str:
    known = ", ".join(quote(each.name, _LONGEST_NAME) for each in seen)
    return f"None of your infrastructures is called “{quote(typed, _LONGEST_NAME)}”. You see: {known}."


def _drawn(visitor: Visitor, shown: Sequence[Overview], awaited: Collection[int], *, more: bool) -> Answer:
    total = sum([count.total for each in shown for count in each.counts])
    free = total - sum([count.taken for each in shown for count in each.counts])
    slots_are = "slot is" if total == 1 else "slots are"
    summary = f"{free} of {total} {slots_are} free." if total else "There are no slots here."
    blocks: list[Block] = [section(summary), *(section("\n".join(_lines(each))) for each in shown)]
    if more:
        blocks.append(context(f"The first {len(shown)} are shown. Name another one: `/license slots NAME`."))
        blocks.append(actions([another_menu("slots")]))
    waiting = [_upload_button(each, alone=len(shown) == 1) for each in shown if each.id in awaited]
    return say_blocks(summary, blocks, [*_buttons(visitor, shown, free=bool(free)), *waiting])


def _lines(seen: Overview) -> list[str]:
    name = f"*{quote(seen.name, _LONGEST_NAME)}* ({quote(seen.company_name, _LONGEST_NAME)})"
    if seen.is_cloud:
        return [f"{name}: managed by the vendor, already active"]
    if not seen.counts:
        return [f"{name}: no slots yet. {_manager(seen)}"]
    lines = [name, *(_line(each) for each in seen.counts)]
    full = [each.environment_type.short for each in seen.counts if not each.free]
    if full:
        lines.append(_when_full(seen, full))
    return lines


def _line(count: Capacity) -> str:
    return f"{count.environment_type.label}: {count.taken} of {count.total} used, {count.free} free"


def _when_full(seen: Overview, full: Sequence[str]) -> str:
    return (
        f"None free: {', '.join(full)}. Same environment with a new serial? Use `/license serial-changed`. "
        f"One no longer used? An administrator can release it. {_manager(seen)}"
    )


def _manager(seen: Overview) -> str:
    manager = seen.account_manager
    return (
        f"Need more? Write to {quote(manager.name, _LONGEST_NAME)}, "
        f"your account manager: {quote(manager.email, _LONGEST_NAME)}."
    )


def _buttons(visitor: Visitor, shown: Sequence[Overview], *, free: bool) -> list[Element]:
    allowed = [(each, rights(visitor.held, each.company_id, each.id)) for each in shown if not each.is_cloud]
    registers = free and any(own.registers for _, own in allowed)
    register = [button("Register an environment", Action.REGISTER, style="primary")] if registers else []
    renamed = [each for each, own in allowed if each.counts and own.renames]
    return [*register, *(_rename_button(each, alone=len(shown) == 1) for each in renamed)]


def _uploads(visitor: Visitor, seen: Overview) -> bool:
    """Whether the vendor makes the license files there, and the visitor may upload them."""
    own = seen.files_held and not seen.is_cloud and rights(visitor.held, seen.company_id, seen.id)
    return bool(own and own.gets_files_directly)


def _upload_button(seen: Overview, *, alone: bool) -> Element:
    text = "Upload a license file" if alone else f"Upload for {plain(seen.name, _IN_A_BUTTON)}"
    action = keyed(Action.UPLOAD, f"infrastructure-{seen.id}")
    label = f"Upload a license file for {plain(seen.name, 40)}"
    return button(text, action, str(seen.id), accessibility_label=label)


def _rename_button(seen: Overview, *, alone: bool) -> Element:
    text = "Rename a slot" if alone else f"Rename in {plain(seen.name, _IN_A_BUTTON)}"
    action = keyed(Action.RENAME, f"infrastructure-{seen.id}")
    return button(text, action, str(seen.id), accessibility_label=f"Rename a slot of {plain(seen.name, 40)}")
