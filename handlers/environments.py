"""`/license environments`: what is registered, until when it is licensed, and what can be done with it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from handlers import choosing, phrases
from handlers.answers import Answer, say, say_blocks
from handlers.blocks.ids import Action, keyed
from handlers.blocks.kit import Block, Element, actions, button, context, section
from handlers.blocks.text import last_day, quote
from handlers.choosing import Found, Purpose
from handlers.item_buttons import upload_button
from handlers.menus import another_menu
from handlers.payloads import Command
from handlers.registration import license_button
from handlers.renames import rename_button
from handlers.visitors import Visitor
from store import held_files, history, slots
from store.held_files import HeldFile, are_held
from store.history import Change
from store.rules.rights import RoleName

_MOST_SHOWN: Final = 12
_NO_FILE: Final = "the vendor's file is not uploaded yet"
_SEEING: Final = Purpose("see", lambda rights: rights.sees, frozenset({RoleName.COMPANY_ADMIN}))


def environments_command(visitor: Visitor, command: Command) -> Answer:
    """List the registered environments, or those of the serial number, slot or infrastructure typed."""
    with visitor.read() as connection:
        found = choosing.by_words(connection, visitor, _SEEING, command.rest)
        shown = found[:_MOST_SHOWN]
        ids = [each.registration.id for each in shown]
        ends, files = slots.license_ends(connection, ids), held_files.newest_of_each(connection, ids)
        changes = history.last_changes(connection, [each.environment.slot_id for each in shown])
    if not found:
        return _nothing(command.rest, may_register=visitor.rights.registers)
    return _listed(found, shown, [_text(each, _license(each, ends, files), changes) for each in shown])


def _nothing(typed: str, *, may_register: bool) -> Answer:
    register = button("Register an environment", Action.REGISTER, style="primary")
    if not typed:
        return say("No environment is registered yet.", *([register] if may_register else []))
    return say(
        f"You see no registered environment called “{quote(typed, phrases.LONGEST_NAME)}”. Type "
        "`/license environments` for all of them.",
        register,
    )


def _listed(found: Sequence[Found], shown: Sequence[Found], texts: Sequence[str]) -> Answer:
    summary = (
        "1 environment is registered."
        if len(found) == 1
        else f"{_number(found)} environments are registered."
    )
    blocks: list[Block] = [section(summary)]
    for each, text in zip(shown, texts, strict=True):
        blocks += [section(text), *_buttons(each)]
    if len(found) > len(shown):
        blocks.append(context(f"The first {len(shown)} are shown. Name one: `/license environments NAME`."))
        blocks.append(actions([another_menu("environments")]))
    return say_blocks(summary, blocks)


def _number(found: Sequence[Found]) -> str:
    return f"More than {choosing.MOST_LISTED}" if len(found) > choosing.MOST_LISTED else str(len(found))


def _text(found: Found, license_: str, changes: Mapping[int, Change]) -> str:
    infrastructure = found.infrastructure
    name, company = (
        quote(each, phrases.LONGEST_NAME) for each in (infrastructure.name, infrastructure.company_name)
    )
    return "\n".join(
        [
            f"*{phrases.environment(found.environment)}*, {name} ({company})",
            f"Serial number: {found.registration.serial}",
            f"Platform version: {quote(found.registration.platform_version)}",
            f"License: {license_}",
            *_last_change(changes.get(found.environment.slot_id)),
        ]
    )


def _last_change(change: Change | None) -> list[str]:
    if change is None:
        return []
    who = quote(change.who, phrases.LONGEST_NAME) if change.who else "the desk"
    return [f"Last change: by {who} {phrases.on(change.at)}"]


def _license(found: Found, ends: Mapping[int, datetime | None], files: Mapping[int, HeldFile]) -> str:
    if are_held(found.infrastructure):
        held = files.get(found.registration.id)
        return (
            f"the vendor's file number {held.version}, uploaded {phrases.on(held.uploaded_at)}"
            if held
            else _NO_FILE
        )
    if found.registration.id not in ends:
        return "none yet"
    end = ends[found.registration.id]
    return f"until {last_day(end)}" if end else "without an end"


def _buttons(found: Found) -> list[Block]:
    rights, value, name = found.seen.rights, str(found.registration.id), found.environment.slot_name
    if not rights.registers:
        return []
    row: list[Element] = [
        license_button(found.environment, found.registration, rights),
        button("Serial changed", Action.CHANGE_SERIAL, value, accessibility_label=f"Serial changed: {name}"),
    ]
    if rights.gets_files_directly and are_held(found.infrastructure):
        row.append(upload_button(found.environment, found.registration.id))
    if rights.releases:
        row.append(button("Release", Action.RELEASE, value, accessibility_label=f"Release {name}"))
    if rights.renames:
        row.append(rename_button(found.environment))
    return [actions(row, block_id=keyed("environment", value))]
