"""The modal in which an environment is registered: what it offers, how it is drawn, what was entered."""

from dataclasses import dataclass, replace
from typing import Final

from sqlalchemy import Connection

from handlers import words
from handlers.blocks import state
from handlers.blocks.ids import Action, BlockId, Callback, keyed
from handlers.blocks.kit import (
    Block,
    View,
    actions,
    button,
    input_block,
    modal,
    option,
    radio,
    section,
    select,
    text_input,
)
from handlers.blocks.limits import OPTION_DESCRIPTION, room
from handlers.blocks.state import BadPayload, Values
from handlers.blocks.text import date, quote
from handlers.choosing import MOST_LISTED, on_premises_first
from handlers.menus import infrastructure_menu, is_many, slot_menu
from handlers.payloads import number
from handlers.visitors import Visitor
from store import entitlement, infrastructures, people, slots
from store.infrastructures import Infrastructure, Product, Seen
from store.rules.environments import EnvironmentType
from store.rules.errors import Refusal
from store.rules.registration_errors import CloudNeedsNothing, Holding, NoSlotFree
from store.rules.rights import RELEASERS, RoleName
from store.rules.seeing_errors import NoRight
from store.rules.terms import TermState
from store.slots import Capacity, Environment

_LONGEST_TYPED: Final = 200


@dataclass(frozen=True, slots=True)
class Entered:
    """What stands in the modal; what is not chosen or typed yet is absent or empty."""

    infrastructure_id: int | None = None
    environment_type: EnvironmentType | None = None
    slot_id: int | None = None
    serial: str = ""
    version: str = ""


@dataclass(frozen=True, slots=True)
class Form:
    """What the modal offers for what was entered.

    Of `many` infrastructures one is found by typing. `refused` says why nothing can be registered in the chosen
    one, `full` that no slot of the chosen type is free.
    """

    entered: Entered
    offered: tuple[Seen, ...]
    chosen: Seen | None
    many: bool = False
    capacity: tuple[Capacity, ...] = ()
    free: tuple[Environment, ...] = ()
    refused: Refusal | None = None
    full: NoSlotFree | None = None


def read(entered: Values) -> Entered:
    """What a modal drawn by `draw` holds. Raises BadPayload for anything that it cannot hold."""
    infrastructure = state.text(entered, BlockId.INFRASTRUCTURE)
    slot = state.text(entered, BlockId.SLOT)
    return Entered(
        number(infrastructure) if infrastructure else None,
        _type(state.text(entered, BlockId.ENVIRONMENT_TYPE)),
        number(slot) if slot else None,
        state.text(entered, BlockId.SERIAL) or "",
        state.text(entered, BlockId.VERSION) or "",
    )


def gather(connection: Connection, visitor: Visitor, entered: Entered) -> Form:
    """Read what can be offered now.

    Raises for somebody who cannot register anywhere `NotAssociated`, `CloudNeedsNothing`,
    `NoRight`, or what is wrong with the one subscription that there is.
    """
    offered, many = _offered(connection, visitor)
    wanted = entered.infrastructure_id
    chosen = next((each for each in offered if each.infrastructure.id == wanted), None)
    if many and wanted:
        chosen = _found(connection, visitor, wanted)
    elif len(offered) == 1:
        chosen = offered[0]
    form = Form(entered, offered, chosen, many)
    if chosen is None:
        return form
    try:
        entitlement.good_term(chosen.infrastructure, visitor.now)
    except Refusal as refusal:
        if len(offered) == 1 and not many:
            raise
        return replace(form, refused=refusal)
    return _with_slots(connection, form, chosen)


def draw(form: Form, visitor: Visitor, notice: str = "") -> View:
    """The modal; `notice` stands at its top."""
    blocks = [section(notice)] if notice else []
    blocks.append(_infrastructure(form))
    if form.chosen:
        blocks += _note_of_term(form.chosen.infrastructure, visitor)
        blocks += _slot(form, form.chosen, visitor)
    blocks += typed_fields(form.entered, form.chosen.infrastructure.product if form.chosen else None)
    blocks.append(actions([button("Register several from a table", Action.BULK)]))
    return modal(Callback.REGISTER, "Register", blocks, submit="Register")


def _type(value: str | None) -> EnvironmentType | None:
    try:
        return EnvironmentType(value) if value else None
    except ValueError:
        raise BadPayload("not an environment type") from None


def _offered(connection: Connection, visitor: Visitor) -> tuple[tuple[Seen, ...], bool]:
    """Where somebody may register, and whether there may be more than are listed."""
    seen = infrastructures.seen_with(connection, visitor.held, limit=MOST_LISTED + 1)
    if not seen:
        raise infrastructures.not_associated(connection, visitor.person.id)
    offered = tuple(filter(_takes_registrations, seen))
    many = is_many(seen) and visitor.rights.registers
    if not offered and not many:
        raise _cannot_register(connection, on_premises_first(seen)[0])
    return offered, many


def _found(connection: Connection, visitor: Visitor, infrastructure_id: int) -> Seen:
    """The one of many that was chosen. Raises `NotAssociated`, `NoRight` and `CloudNeedsNothing`."""
    seen = infrastructures.seen(connection, visitor.person.id, infrastructure_id)
    if not _takes_registrations(seen):
        raise _cannot_register(connection, seen)
    return seen


def _takes_registrations(seen: Seen) -> bool:
    return seen.rights.registers and not seen.infrastructure.is_cloud


def _cannot_register(connection: Connection, seen: Seen) -> CloudNeedsNothing | NoRight:
    infrastructure = seen.infrastructure
    if infrastructure.is_cloud and seen.rights.registers:
        return CloudNeedsNothing(infrastructure.id, infrastructure.name)
    admins = people.company_admins(connection, infrastructure.company_id)
    return NoRight(infrastructure.id, "infrastructure", "register", tuple(each.name for each in admins[:3]))


def _with_slots(connection: Connection, form: Form, chosen: Seen) -> Form:
    counts = tuple(slots.capacity(connection, [chosen.infrastructure.id]).get(chosen.infrastructure.id, ()))
    types = [each.environment_type for each in counts]
    wanted = form.entered.environment_type if form.entered.environment_type in types else None
    if len(types) == 1:
        wanted = types[0]
    entered = replace(form.entered, environment_type=wanted)
    if wanted is None:
        return replace(form, entered=entered, capacity=counts)
    found = slots.of_infrastructure(connection, chosen.infrastructure.id)
    of_type = [each for each in found if each.environment_type is wanted]
    free = tuple(each for each in of_type if each.registration is None)
    full = None if free else _full(connection, chosen.infrastructure, wanted, of_type)
    return replace(form, entered=entered, capacity=counts, free=free, full=full)


def _full(
    connection: Connection, infrastructure: Infrastructure, kind: EnvironmentType, taken: list[Environment]
) -> NoSlotFree:
    holding = tuple(
        Holding(each.slot_name, each.registration.id, each.registration.registered_at)
        for each in taken
        if each.registration
    )
    holders = people.holders(connection, infrastructure.id, RELEASERS - {RoleName.OPERATOR})
    names = dict.fromkeys(each.person.name for each in holders if each.active and each.person.active)
    manager = infrastructure.account_manager
    return NoSlotFree(
        infrastructure.id, infrastructure.name, kind, holding, tuple(names)[:3], (manager.name, manager.email)
    )


def _infrastructure(form: Form) -> Block:
    if form.chosen and len(form.offered) == 1 and not form.many:
        return section(f"Infrastructure: {_name(form.chosen.infrastructure)}")
    offered = [each.infrastructure for each in form.offered]
    chosen = form.chosen.infrastructure if form.chosen else None
    menu = infrastructure_menu(Action.REGISTER_INFRASTRUCTURE, offered, chosen, many=form.many)
    return input_block("Infrastructure", menu, BlockId.INFRASTRUCTURE, dispatch=True)


def _name(infrastructure: Infrastructure) -> str:
    return f"{quote(infrastructure.name, 80)} ({quote(infrastructure.company_name, 80)})"


def _note_of_term(infrastructure: Infrastructure, visitor: Visitor) -> list[Block]:
    term = infrastructure.term
    state_now = term.state(visitor.now) if term else None
    if term and state_now is TermState.NOT_STARTED:
        return [section(f"The subscription starts on {date(term.starts_at)}; license files come then.")]
    if term and term.expires_at and state_now is TermState.IN_GRACE:
        return [
            section(f"The subscription has ended; everything works in grace until {date(term.expires_at)}.")
        ]
    return []


def _slot(form: Form, chosen: Seen, visitor: Visitor) -> list[Block]:
    infrastructure = chosen.infrastructure
    if form.refused:
        return [section(words.of(form.refused, visitor.desk.policy))]
    if not form.capacity:
        manager = infrastructure.account_manager
        return [
            section(
                f"{quote(infrastructure.name, 80)} has no slots yet. Write to {quote(manager.name, 80)}, "
                f"your account manager: {quote(manager.email, 80)}"
            )
        ]
    blocks = [_environment_type(form, infrastructure)]
    if form.full:
        return [*blocks, section(words.of(form.full, visitor.desk.policy)), _instead(chosen)]
    return [*blocks, _free_slots(form, infrastructure)] if form.free else blocks


def _environment_type(form: Form, infrastructure: Infrastructure) -> Block:
    chosen, use = form.entered.environment_type, infrastructure.product.permitted_use
    options = [
        option(
            f"{each.environment_type.label} ({each.free} of {each.total} free)",
            str(each.environment_type),
            use.get(str(each.environment_type)) or None,
        )
        for each in form.capacity
    ]
    return input_block(
        "Environment type",
        radio(Action.REGISTER_TYPE, options, str(chosen) if chosen else None),
        # Another infrastructure has other types: with the same block id Slack would keep the old choice.
        keyed(BlockId.ENVIRONMENT_TYPE, infrastructure.id),
        hint=_cut_off(use.get(str(chosen), "")),
        dispatch=True,
    )


def _cut_off(use: str) -> str | None:
    """The permitted use in whole, where it is too long to stand with its choice."""
    return use if len(use) > room(OPTION_DESCRIPTION) else None


def _free_slots(form: Form, infrastructure: Infrastructure) -> Block:
    first, wanted = form.free[0], form.entered.slot_id
    initial = next((each for each in form.free if each.slot_id == wanted), first)
    if is_many(form.free):
        menu = slot_menu(infrastructure.id, first.environment_type, initial)
    else:
        options = [option(each.slot_name, str(each.slot_id)) for each in form.free]
        menu = select(Action.FIELD, options, initial=str(initial.slot_id))
    # Another type has other slots; a taken one must not stay chosen either.
    block_id = keyed(BlockId.SLOT, f"{infrastructure.id}-{form.entered.environment_type}-{first.slot_id}")
    return input_block("Slot", menu, block_id)


def _instead(chosen: Seen) -> Block:
    """What somebody can do who finds no free slot."""
    value = str(chosen.infrastructure.id)
    buttons = [button("Serial changed", keyed(Action.CHANGE_SERIAL, "infrastructure"), value)]
    if chosen.rights.releases:
        buttons.append(button("Release and register", Action.REPLACE, value))
        buttons.append(button("Release", keyed(Action.RELEASE, "infrastructure"), value))
    return actions(buttons)


def typed_fields(entered: Entered, product: Product | None) -> list[Block]:
    """The fields for serial number and platform version, with what was typed."""
    where = f"{product.console_name}, {product.menu_path}" if product else "the console of your product"
    return [
        input_block(
            "Serial number",
            text_input(
                Action.FIELD,
                "XXX-XXX-XXX-XXX-XXX-XXX-XXX-XXX",
                entered.serial or None,
                longest=_LONGEST_TYPED,
            ),
            BlockId.SERIAL,
            hint=f"24 letters and digits. You find it in {where}.",
        ),
        input_block(
            "Platform version",
            text_input(
                Action.FIELD, "11.17.0 (Build 36348)", entered.version or None, longest=_LONGEST_TYPED
            ),
            BlockId.VERSION,
            hint=f"The number, not the name of the release. You find it in {where}.",
        ),
    ]
