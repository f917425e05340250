"""Changing a role: the modal that shows who has it, and lets somebody be added and others removed."""

from collections.abc import Collection, Sequence
from typing import Final

from sqlalchemy import Connection

from handlers import phrases
from handlers.answers import Answer, FieldErrors, Open, Replace, say
from handlers.blocks import state
from handlers.blocks.ids import Action, BlockId, Callback, keyed
from handlers.blocks.kit import Block, View, input_block, modal, multi_select, option, section, select
from handlers.blocks.limits import OPTIONS
from handlers.blocks.pickers import people_select, person_select
from handlers.blocks.state import BadPayload
from handlers.blocks.text import quote
from handlers.choosing_people import remembered, seen_at
from handlers.lookups import Known, with_people
from handlers.memory import remember
from handlers.payloads import Click, Submission, number
from handlers.role_phrases import as_role, called, holders_called, place
from handlers.visitors import Visitor
from handlers.words.people import ROLES
from store import role_changes, role_rows, roles
from store.infrastructures import Infrastructure, Seen
from store.role_changes import RoleChange, What
from store.role_rows import Held
from store.roles import Changed
from store.rules.people_errors import MayNotSetRole, RoleNotChosen
from store.rules.rights import RoleName
from store.rules.role_rules import COMPANY_WIDE, SET_BY, SINGLE, settable

MOST_ADDED: Final = 20
_TITLE: Final = "Change a role"


def set_role_click(visitor: Visitor, click: Click) -> Answer:
    """The modal for the infrastructure of the button."""
    with visitor.read() as connection:
        return Open(_view(connection, _allowed(connection, visitor, click.number), None))


def role_chosen(visitor: Visitor, click: Click) -> Answer:
    """The same modal with those who have the role that was chosen now."""
    with visitor.read() as connection:
        seen = _allowed(connection, visitor, remembered(click.metadata))
        return Replace(_view(connection, seen, _role(click.value)))


def set_role_submission(visitor: Visitor, submission: Submission) -> Answer:
    """Add and remove; somebody whom the desk does not know is looked up in Slack first."""
    role = _role(state.text(submission.entered, BlockId.ROLE))
    if role is None:
        raise RoleNotChosen
    added, removed = _people(submission, BlockId.ADD), _people(submission, BlockId.REMOVE)
    if not added and not removed:
        block_id = submission.field(BlockId.ADD) or submission.field(BlockId.ROLE) or BlockId.ROLE
        return FieldErrors({block_id: "Choose somebody to add or to remove."})
    infrastructure_id = remembered(submission.metadata)
    with visitor.read() as connection:
        _allowed(connection, visitor, infrastructure_id)

    def change(again: Visitor, known: Known) -> Answer:
        add = [known[each] for each in added]
        remove = [number(each) if each.isdecimal() else known[each] for each in removed]
        return _done(roles.change(again.desk, again.actor, infrastructure_id, role, add, remove))

    return with_people(visitor, [*added, *(each for each in removed if not each.isdecimal())], change, _TITLE)


def changes_in_words(changes: Sequence[RoleChange]) -> list[str]:
    """What became of whose role, one a line."""
    said = {What.GIVEN: "is now", What.ENDED: "is no longer", What.CONFIRMED: "is again"}
    return [
        f"{phrases.name(each.held.person)} {said[each.what]} "
        f"{as_role(each.held.role, each.held.infrastructure_name, each.held.company_name)}."
        for each in changes
    ]


def _allowed(connection: Connection, visitor: Visitor, infrastructure_id: int) -> Seen:
    """The infrastructure, for somebody who may set one of its roles. Raises `NotAssociated`, `MayNotSetRole`."""
    seen = seen_at(connection, visitor, infrastructure_id)
    if not settable(seen.rights):
        infrastructure = seen.infrastructure
        scope = role_rows.scope_of(RoleName.MEMBER, infrastructure.company_id, infrastructure.id)
        names = tuple(each.name for each in role_changes.setters(connection, RoleName.MEMBER, scope))
        subject = f"infrastructure {infrastructure.id}"
        raise MayNotSetRole(infrastructure.id, subject, RoleName.MEMBER, names[:3])
    return seen


def _role(value: str | None) -> RoleName | None:
    if not value:
        return None
    if value not in SET_BY:
        raise BadPayload("not a role that is set here")
    return RoleName(value)


def _people(submission: Submission, block_id: BlockId) -> list[str]:
    """Slack ids, or ids of ours, of those chosen at a field with one choice or several."""
    chosen = state.pick(submission.entered, block_id)
    found = [chosen] if isinstance(chosen, str) else chosen or []
    if len(found) > OPTIONS:
        raise BadPayload("more people than a field takes")
    return list(dict.fromkeys(found))


def _view(connection: Connection, seen: Seen, role: RoleName | None) -> View:
    infrastructure = seen.infrastructure
    offered = settable(seen.rights)
    chosen = role if role in offered else offered[0] if len(offered) == 1 else None
    options = [option(called(each), str(each)) for each in offered]
    menu = select(Action.ROLE, options, "Choose a role", str(chosen) if chosen else None)
    blocks: list[Block] = [
        section(f"Infrastructure: {place(infrastructure.name, infrastructure.company_name)}"),
        input_block("Role", menu, BlockId.ROLE, dispatch=True),
    ]
    if chosen:
        scope = role_rows.scope_of(chosen, infrastructure.company_id, infrastructure.id)
        blocks += _fields(infrastructure, chosen, role_rows.in_scope(connection, chosen, scope))
    memory = remember(infrastructure=infrastructure.id)
    return modal(Callback.SET_ROLE, _TITLE, blocks, submit="Save", private_metadata=memory)


def _fields(infrastructure: Infrastructure, role: RoleName, held: Sequence[Held]) -> list[Block]:
    blocks = [section(_present(infrastructure, role, held)), _add(role)]
    return [*blocks, _remove(role, held)] if held else blocks


def _present(infrastructure: Infrastructure, role: RoleName, held: Collection[Held]) -> str:
    names = [phrases.name(each.person) + ("" if each.counts else " (resting)") for each in held]
    now = f"{holders_called(role)} now: {phrases.shortened(names) if names else 'nobody'}."
    if role in COMPANY_WIDE:
        company = quote(infrastructure.company_name, phrases.LONGEST_NAME)
        return f"{now} This role counts in every infrastructure of {company}."
    return now


def _add(role: RoleName) -> Block:
    """Whom to add. Each role has a field of its own, so that nobody chosen for one stays chosen for another."""
    block_id = keyed(BlockId.ADD, role)
    if role in SINGLE:
        menu = person_select(Action.FIELD, "Choose a person")
        hint = "They take the place of the present one."
        return input_block(f"New {ROLES[role]}", menu, block_id, hint=hint, optional=True)
    menu = people_select(Action.FIELD, "Choose people", MOST_ADDED)
    return input_block("Add", menu, block_id, optional=True)


def _remove(role: RoleName, held: Sequence[Held]) -> Block:
    block_id = keyed(BlockId.REMOVE, role)
    if len(held) > OPTIONS:
        menu = people_select(Action.FIELD, "Choose people", MOST_ADDED)
        return input_block("Remove", menu, block_id, optional=True)
    options = [option(each.person.name, str(each.person.id)) for each in held]
    menu = multi_select(Action.FIELD, options, "Choose people")
    return input_block("Remove", menu, block_id, optional=True)


def _done(changed: Changed) -> Answer:
    if not changed.changes:
        where = place(changed.infrastructure.name, changed.infrastructure.company_name)
        return say(f"It is like that already in {where}. Nothing has changed.", title=_TITLE)
    lines = [*changes_in_words(changed.changes), "They and the admins are told."]
    return say("\n".join(lines), title="Changed")
