"""Menus of infrastructures, environments and slots: listed while they are few, and filled by what is typed when many.

Slack asks for the options of such a menu each time somebody types. They are read then, for whoever types and by the
roles that they have at that moment; what an id of the menu says, such as an infrastructure, is only a hint.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Final

from handlers.blocks.ids import Action, keyed
from handlers.blocks.kit import Element, Option, external_select, multi_external_select, option, select
from handlers.blocks.state import BadPayload
from handlers.blocks.text import plain
from handlers.choosing import MOST_LISTED
from handlers.payloads import Suggestion, number
from handlers.visitors import Visitor
from store import infrastructures, menus
from store.infrastructures import Infrastructure
from store.menus import Choice, Place
from store.rules.environments import EnvironmentType
from store.rules.rights import DIRECT, RELEASERS, RoleName
from store.slots import Environment

Offers = Callable[[Visitor, Suggestion], list[Option]]

_EVERYBODY: Final = frozenset(RoleName)
_REGISTERS: Final = _EVERYBODY - {RoleName.AUDITOR}
_TYPE: Final = "Type a part of the name"


def infrastructure_menu(
    action_id: str, offered: Sequence[Infrastructure], chosen: Infrastructure | None, *, many: bool
) -> Element:
    """A menu of these infrastructures, or with `many` of all that somebody sees."""
    if many:
        return external_select(action_id, _TYPE, _infrastructure(chosen) if chosen else None)
    options = [_infrastructure(each) for each in offered]
    return select(action_id, options, "Choose an infrastructure", str(chosen.id) if chosen else None)


def another_menu(command: str) -> Element:
    """A menu of everything that somebody sees, which answers like a command with what is chosen."""
    return external_select(keyed(Action.SHOW, command), "Another infrastructure")


def environment_menu(action: Action, only: int | None = None) -> Element:
    """A menu of all environments in which somebody may do what the action says, or `only` those of one place."""
    action_id = action if only is None else keyed(action, only)
    return external_select(action_id, "Type a name or serial number")


def environments_menu(infrastructure_id: int, picked: Sequence[Environment], most: int) -> Element:
    """A menu of all environments of an infrastructure, with several choices."""
    action_id = keyed(Action.REQUEST_ENVIRONMENTS, infrastructure_id)
    options = [environment_option(each) for each in picked]
    return multi_external_select(action_id, "Type a name or serial number", options, most)


def slot_menu(infrastructure_id: int, kind: EnvironmentType, chosen: Environment) -> Element:
    """A menu of all free slots of a type."""
    action_id = keyed(Action.REGISTER_SLOT, f"{infrastructure_id}-{kind}")
    return external_select(action_id, _TYPE, option(chosen.slot_name, str(chosen.slot_id)))


def replaced_menu(infrastructure_id: int, kind: EnvironmentType) -> Element:
    """A menu of all environments of a type in an infrastructure, one of which makes room for another."""
    action_id = keyed(Action.REPLACE_OF, f"{infrastructure_id}-{kind}")
    return external_select(action_id, "Type a name or serial number")


def renamed_menu(infrastructure_id: int) -> Element:
    """A menu of all slots of an infrastructure, free or taken."""
    return external_select(keyed(Action.RENAME_OF, infrastructure_id), _TYPE)


def environment_option(each: Environment) -> Option:
    """A registered environment of an infrastructure that is clear."""
    registration = each.registration
    if registration is None:
        raise ValueError("a free slot cannot be chosen as an environment")
    text = f"{plain(each.slot_name, 55)} ({each.environment_type.short})"
    return option(text, str(registration.id), registration.serial)


def _infrastructure(each: Infrastructure) -> Option:
    return place_option(Place(each.id, each.name, each.company_name))


def place_option(each: Place) -> Option:
    """An infrastructure with its company, by its id."""
    return option(f"{each.name} ({each.company_name})", str(each.id))


def _places(roles: Collection[RoleName], *, on_premises: bool) -> Offers:
    def offer(visitor: Visitor, suggestion: Suggestion) -> list[Option]:
        with visitor.read() as connection:
            found = menus.places(connection, visitor.held, roles, suggestion.value, on_premises=on_premises)
        return [place_option(each) for each in found]

    return offer


def _environments(roles: Collection[RoleName]) -> Offers:
    def offer(visitor: Visitor, suggestion: Suggestion) -> list[Option]:
        only = number(suggestion.key) if suggestion.key else None
        with visitor.read() as connection:
            found = menus.environments(connection, visitor.held, roles, suggestion.value, only)
        return [_environment(each, placed=only is None) for each in found]

    return offer


def _environment(each: Choice, *, placed: bool) -> Option:
    where = each.infrastructure_name if placed else each.environment_type.short
    return option(f"{plain(each.slot_name, 55)} ({where})", str(each.id), each.serial)


def _slots(visitor: Visitor, suggestion: Suggestion) -> list[Option]:
    """Free slots, for somebody who may register in them. Raises `NotAssociated`."""
    place, wanted = _place_and_type(suggestion)
    with visitor.read() as connection:
        seen = infrastructures.seen(connection, visitor.person.id, place)
        if not seen.rights.registers:
            return []
        found = menus.free_slots(connection, seen.infrastructure.id, wanted, suggestion.value)
    return [option(name, str(each)) for each, name in found]


def _replaced(visitor: Visitor, suggestion: Suggestion) -> list[Option]:
    """Environments of one type, for somebody who may release them."""
    place, wanted = _place_and_type(suggestion)
    with visitor.read() as connection:
        found = menus.environments(connection, visitor.held, RELEASERS, suggestion.value, place, kind=wanted)
    return [_environment(each, placed=False) for each in found]


def _renamed(visitor: Visitor, suggestion: Suggestion) -> list[Option]:
    """Slots, for somebody who may rename them. Raises `NotAssociated`."""
    with visitor.read() as connection:
        seen = infrastructures.seen(connection, visitor.person.id, number(suggestion.key))
        if not seen.rights.renames:
            return []
        found = menus.slots_of(connection, seen.infrastructure.id, suggestion.value)
    return [option(name, str(each), kind.short) for each, name, kind in found]


def _place_and_type(suggestion: Suggestion) -> tuple[int, EnvironmentType]:
    place, _, kind = suggestion.key.partition("-")
    try:
        return number(place), EnvironmentType(kind)
    except ValueError:
        raise BadPayload("not an environment type") from None


OFFERS: Final[Mapping[str, Offers]] = {
    Action.REGISTER_INFRASTRUCTURE: _places(_REGISTERS, on_premises=True),
    Action.REGISTER_SLOT: _slots,
    Action.REQUEST_INFRASTRUCTURE: _places(_REGISTERS, on_premises=True),
    Action.REQUEST_ENVIRONMENTS: _environments(_REGISTERS),
    Action.CHANGE_SERIAL_OF: _environments(_REGISTERS),
    Action.REPLACE_OF: _replaced,
    Action.RENAME_OF: _renamed,
    Action.RELEASE_OF: _environments(RELEASERS),
    Action.UPLOAD_OF: _environments(DIRECT),
    Action.PEOPLE_INFRASTRUCTURE: _places(_EVERYBODY, on_premises=False),
    Action.SHOW: _places(_EVERYBODY, on_premises=False),
}


def is_many(found: Sequence[object]) -> bool:
    """Whether there are more than a menu can list."""
    return len(found) > MOST_LISTED
