"""Which registered environment somebody means: by what they typed, or from a menu in a modal."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection

from handlers import phrases
from handlers.blocks import state
from handlers.blocks.ids import Action, BlockId
from handlers.blocks.kit import Block, Element, fields_lines, input_block, option, select
from handlers.blocks.text import quote
from handlers.memory import recall, remember
from handlers.payloads import Submission, number
from handlers.visitors import Visitor
from store import infrastructures, people, registration_rows, slots
from store.infrastructures import Infrastructure, Seen
from store.reach import reach
from store.rules.errors import FieldError, Named
from store.rules.registration_errors import CloudNeedsNothing, NotRegistered
from store.rules.rights import HeldRole, Rights, RoleName, rights
from store.rules.seeing_errors import NoRight
from store.rules.serials import parse_serial
from store.slots import Environment, Registration

MOST_LISTED: Final = 100


@dataclass(frozen=True, slots=True)
class Found:
    """A registered environment where the visitor may do what they are about to do."""

    environment: Environment
    registration: Registration
    seen: Seen

    @property
    def infrastructure(self) -> Infrastructure:
        """Where it is."""
        return self.seen.infrastructure


@dataclass(frozen=True, slots=True)
class Purpose:
    """What an environment is chosen for: who may do it, and what it is called where it is refused."""

    act: str
    allowed: Callable[[Rights], bool]
    who_may: frozenset[RoleName]


def by_registration(
    connection: Connection, visitor: Visitor, purpose: Purpose, registration_id: int
) -> Found:
    """The environment of an open registration. Raises `NotAssociated`, `NoRight` and `NotRegistered`."""
    environment = slots.environments_of(connection, [registration_id]).get(registration_id)
    if environment is None or environment.registration is None:
        raise infrastructures.not_associated(connection, visitor.person.id)
    seen = infrastructures.seen(connection, visitor.person.id, environment.infrastructure_id)
    if not purpose.allowed(seen.rights):
        raise _no_right(connection, seen, purpose, f"slot {environment.slot_id}")
    if environment.registration.state != "open":
        raise NotRegistered(environment.infrastructure_id, Named(environment.slot_id, environment.slot_name))
    return Found(environment, environment.registration, seen)


def in_infrastructure(
    connection: Connection, visitor: Visitor, purpose: Purpose, infrastructure_id: int
) -> list[Found]:
    """The environments of one infrastructure. Raises `NotAssociated` and `NoRight`."""
    seen = infrastructures.seen(connection, visitor.person.id, infrastructure_id)
    where_allowed(connection, [seen], purpose)
    return _registered(connection, [seen])


def by_words(connection: Connection, visitor: Visitor, purpose: Purpose, typed: str) -> list[Found]:
    """The environments of a serial number, of a slot's name or of an infrastructure's; all of them for no words.

    One more than `MOST_LISTED` at most. Raises `NotAssociated`, `NoRight`, and `CloudNeedsNothing`.
    """
    seen = _first(connection, visitor, purpose) or infrastructures.seen_with(
        connection, visitor.held, limit=MOST_LISTED + 1
    )
    if not seen:
        raise infrastructures.not_associated(connection, visitor.person.id)
    allowed = where_allowed(connection, seen, purpose)
    here = allowed if len(seen) <= MOST_LISTED else None
    if not typed:
        return _among(connection, visitor, purpose, here, "")
    return (
        _of_serial(connection, visitor, purpose, typed)
        or _among(connection, visitor, purpose, here, typed)
        or _registered(connection, _first(connection, visitor, purpose, typed))
    )


def exactly(found: Sequence[Found], typed: str) -> list[Found]:
    """Those of the environments found that were named themselves, and not only their infrastructure."""
    serial, name = _serial(typed), typed.strip().casefold()
    return [
        each
        for each in found
        if each.registration.serial == serial or each.environment.slot_name.casefold() == name
    ]


def only_place(
    connection: Connection, visitor: Visitor, purpose: Purpose, found: Sequence[Found], typed: str
) -> int | None:
    """The infrastructure of more environments than can be listed, if the words leave that one alone."""
    if len(found) <= MOST_LISTED:
        return None
    # The environments found are the first ones and do not tell that there are others elsewhere.
    named = [each.infrastructure for each in _first(connection, visitor, purpose, typed)]
    left = {each.id for each in named if not each.is_cloud}
    return left.pop() if len(left) == 1 and left == {each.infrastructure.id for each in found} else None


def where_allowed(connection: Connection, seen: Sequence[Seen], purpose: Purpose) -> list[Seen]:
    """Those of the infrastructures in which the purpose is allowed; one of them at least.

    Raises `NoRight` and `CloudNeedsNothing`.
    """
    allowed = [each for each in seen if purpose.allowed(each.rights)]
    if not allowed:
        raise _no_right(connection, on_premises_first(seen)[0], purpose, "infrastructure")
    on_premises = [each for each in allowed if not each.infrastructure.is_cloud]
    if not on_premises:
        cloud = allowed[0].infrastructure
        raise CloudNeedsNothing(cloud.id, cloud.name)
    return on_premises


def on_premises_first(seen: Sequence[Seen]) -> list[Seen]:
    """Those that something can be done with, before those of the vendor's cloud."""
    return sorted(seen, key=lambda each: each.infrastructure.is_cloud)


def blocks(found: Sequence[Found], many: Element) -> list[Block]:
    """One environment as text, several as a menu, and as the menu `many` more than can be listed."""
    if len(found) == 1:
        return [_told(found[0])]
    if len(found) > MOST_LISTED:
        return [input_block("Environment", many, BlockId.ENVIRONMENT)]
    options = [_option(each) for each in found]
    menu = select(Action.FIELD, options, "Choose an environment")
    return [input_block("Environment", menu, BlockId.ENVIRONMENT)]


def memory(found: Sequence[Found]) -> str:
    """What the modal of `blocks` has to remember."""
    return remember(registration=found[0].registration.id) if len(found) == 1 else ""


def chosen(submission: Submission) -> int:
    """The registration id of a modal with `blocks`. Raises BadPayload when there is none."""
    return number(
        state.text(submission.entered, BlockId.ENVIRONMENT) or recall(submission.metadata).get("registration")
    )


def _told(found: Found) -> Block:
    infrastructure = found.infrastructure
    name, company = (
        quote(each, phrases.LONGEST_NAME) for each in (infrastructure.name, infrastructure.company_name)
    )
    return fields_lines(
        [
            ("Environment", f"{phrases.environment(found.environment)}, {name} ({company})"),
            ("Serial number", found.registration.serial),
            ("Platform version", quote(found.registration.platform_version)),
        ]
    )


def _option(found: Found) -> dict[str, object]:
    text = f"{found.environment.slot_name} ({found.infrastructure.name})"
    return option(text, str(found.registration.id), found.registration.serial)


def _no_right(connection: Connection, seen: Seen, purpose: Purpose, subject: str) -> NoRight:
    holders = people.holders(connection, seen.infrastructure.id, purpose.who_may)
    names = dict.fromkeys(each.person.name for each in holders if each.active and each.person.active)
    return NoRight(seen.infrastructure.id, subject, purpose.act, tuple(names)[:3])


def _of_serial(connection: Connection, visitor: Visitor, purpose: Purpose, typed: str) -> list[Found]:
    serial = _serial(typed)
    if serial is None:
        return []
    # What somebody may not see is answered like what does not exist.
    found = registration_rows.open_within(connection, reach(visitor.held), serial)
    if found is None or found.registration is None:
        return []
    return [by_registration(connection, visitor, purpose, found.registration.id)]


def _serial(typed: str) -> str | None:
    try:
        return parse_serial(typed)
    except FieldError:
        return None


def _among(
    connection: Connection, visitor: Visitor, purpose: Purpose, here: Sequence[Seen] | None, typed: str
) -> list[Found]:
    """Those whose slot is called so, or all; in these infrastructures, or (`None`) wherever the visitor may do it."""
    if here is not None:
        return (
            _joined(slots.find(connection, _ids(here), typed), here)
            if typed
            else _registered(connection, here)
        )
    found = slots.within(connection, reach(_enough(visitor, purpose)), MOST_LISTED + 1, typed)
    places = infrastructures.get_many(connection, {each.infrastructure_id for each in found})
    return _joined(found, [_seen(visitor, each) for each in places.values()])


def _first(connection: Connection, visitor: Visitor, purpose: Purpose, named: str = "") -> list[Seen]:
    """The first infrastructures in which the visitor may do it, one more than can be listed."""
    own = _enough(visitor, purpose)
    found = infrastructures.seen_with(connection, own, limit=MOST_LISTED + 1, named=named)
    return [_seen(visitor, each.infrastructure) for each in found]


def _enough(visitor: Visitor, purpose: Purpose) -> list[HeldRole]:
    """Those of the visitor's roles each of which is enough where it is held."""
    return [each for each in visitor.held if purpose.allowed(Rights(frozenset({each.role})))]


def _seen(visitor: Visitor, infrastructure: Infrastructure) -> Seen:
    return Seen(infrastructure, rights(visitor.held, infrastructure.company_id, infrastructure.id))


def _registered(connection: Connection, seen: Sequence[Seen]) -> list[Found]:
    return _joined(slots.registered(connection, _ids(seen), MOST_LISTED + 1), seen)


def _joined(environments: Sequence[Environment], seen: Sequence[Seen]) -> list[Found]:
    by_id = {each.infrastructure.id: each for each in seen}
    return [
        Found(each, each.registration, by_id[each.infrastructure_id])
        for each in environments
        if each.registration
    ]


def _ids(seen: Sequence[Seen]) -> list[int]:
    return [each.infrastructure.id for each in seen]
