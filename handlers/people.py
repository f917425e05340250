"""`/license people`: who is who in an infrastructure, what needs attention, and the buttons that change it."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from sqlalchemy import Connection

from handlers import phrases, who_is_who
from handlers.answers import Answer, Say, say, say_blocks
from handlers.blocks.ids import Action, keyed
from handlers.blocks.kit import Block, Element, actions, button, confirm, section
from handlers.blocks.text import plain, quote
from handlers.choosing import MOST_LISTED
from handlers.choosing_people import seen_at
from handlers.menus import infrastructure_menu, is_many
from handlers.payloads import Click, Command
from handlers.visitors import Visitor
from handlers.who_is_who import Who
from store import handing_over, infrastructures, role_rows, roles
from store.infrastructures import Seen
from store.rules.rights import ADMINS, CONTACTS
from store.rules.role_rules import settable
from store.stand_in_rows import StandIn

_MOST_STAND_INS: Final = 5


def people_command(visitor: Visitor, command: Command) -> Answer:
    """`/license people [infrastructure]`: the one there is or that was named, or a menu to choose one."""
    with visitor.read() as connection:
        seen = infrastructures.seen_with(connection, visitor.held, limit=MOST_LISTED + 1, named=command.rest)
        if not seen:
            return say(_none(connection, visitor, command.rest))
        if len(seen) == 1:
            return _shown(connection, visitor, seen[0])
    return _menu(seen)


def infrastructure_chosen(visitor: Visitor, click: Click) -> Answer:
    """The infrastructure chosen from the menu, in the place of the menu."""
    with visitor.read() as connection:
        return replace(_shown(connection, visitor, seen_at(connection, visitor, click.number)), replace=True)


def _none(connection: Connection, visitor: Visitor, typed: str) -> str:
    if not infrastructures.seen_with(connection, visitor.held, limit=1):
        raise infrastructures.not_associated(connection, visitor.person.id)
    return (
        f"None of your infrastructures is called “{quote(typed, phrases.LONGEST_NAME)}”. "
        "Type `/license people` to choose one."
    )


def _menu(seen: Sequence[Seen]) -> Answer:
    offered, many = [each.infrastructure for each in seen], is_many(seen)
    menu = infrastructure_menu(Action.PEOPLE_INFRASTRUCTURE, offered, None, many=many)
    number = f"more than {MOST_LISTED}" if many else str(len(seen))
    summary = f"You see {number} infrastructures. Whose people would you like to see?"
    return say_blocks(summary, [section(summary)], [menu])


def _shown(connection: Connection, visitor: Visitor, seen: Seen) -> Say:
    who = who_is_who.read(
        connection, seen, visitor.person.workspace_id, visitor.now, mails=visitor.desk.policy.mails
    )
    summary = who_is_who.summary(who)
    blocks: list[Block] = [section(summary), *map(section, who_is_who.paragraphs(who))]
    warnings = who_is_who.warnings(who)
    if warnings:
        blocks.append(section("\n".join(["Needs attention:", *warnings])))
    blocks += [_stand_in(visitor, seen, each) for each in who.stand_ins[:_MOST_STAND_INS]]
    row = _buttons(connection, visitor, who)
    return say_blocks(summary, [*blocks, *([actions(row)] if row else [])])


def _stand_in(visitor: Visitor, seen: Seen, stand_in: StandIn) -> Block:
    """A stand-in with the days, and the button that ends it for those who may."""
    may_end = visitor.person.id in {stand_in.contact.id, stand_in.person.id} or seen.rights.roles & ADMINS
    return section(who_is_who.stand_in(stand_in), _end(stand_in) if may_end else None)


def _end(stand_in: StandIn) -> Element:
    who, whom = phrases.plain_name(stand_in.person), phrases.plain_name(stand_in.contact)
    asked = confirm("End it now?", f"{who} no longer stands in for {whom}.", "End it", "Not now")
    label = f"End that {who} stands in for {whom}"
    return button("End it", Action.END_STAND_IN, str(stand_in.id), confirm=asked, accessibility_label=label)


def _buttons(connection: Connection, visitor: Visitor, who: Who) -> list[Element]:
    rights, infrastructure = who.seen.rights, who.seen.infrastructure
    value, name = str(infrastructure.id), plain(infrastructure.name)
    row: list[Element] = []
    if settable(rights):
        label = f"Change a role in {name}"
        row.append(button("Change a role", Action.SET_ROLE, value, accessibility_label=label))
    if rights.roles & ADMINS:
        label = f"Set the approval channel of {name}"
        row.append(button("Approval channel", Action.SET_CHANNEL, value, accessibility_label=label))
    if rights.roles & (ADMINS | CONTACTS):
        label = f"Name a stand-in in {name}"
        row.append(button("Name a stand-in", Action.NAME_STAND_IN, value, accessibility_label=label))
    if roles.confirmable(who.held, visitor.held):
        confirm_here = keyed(Action.CONFIRM_ROLES, "infrastructure")
        label = f"Confirm resting roles in {name}"
        row.append(button("Confirm roles", confirm_here, value, accessibility_label=label))
    if handing_over.roles_to_hand_over(role_rows.of_person(connection, visitor.person.id)):
        row.append(button("Hand over my roles", Action.HAND_OVER))
    return row
