"""New requests: what may be asked for, whom it is put to, and the rows and deliveries that this makes."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select

from store import asking, awaited_files, deadlines, entitlement, infrastructures, slots
from store.asking import Asked
from store.asking_rate import require_rate
from store.deliveries import queue_card, queue_file
from store.desk import Act
from store.infrastructures import Infrastructure, Seen
from store.once import short_key
from store.request_changes import close_taken, file_waits_until, hold_registrations, record
from store.request_views import PENDING, ItemView, items_of, view
from store.rules.deadlines import Deadlines
from store.rules.errors import Named
from store.rules.registration_errors import NotRegistered
from store.rules.request_errors import (
    LONGEST_REASON,
    MOST_ENVIRONMENTS,
    NobodyToAsk,
    NoEnvironmentChosen,
    ReasonMissing,
    ReasonTooLong,
    SeveralInfrastructures,
    TooManyEnvironments,
)
from store.rules.request_states import ItemState, RequestKind, request_number
from store.rules.rights import RoleName, Step
from store.rules.seeing_errors import NoRight, NotAssociated
from store.slots import Environment
from store.tables import persons, request_items, requests
from store.workflow_steps import WORKFLOW


@dataclass(frozen=True, slots=True)
class Outcome:
    """What asking came to.

    `request_id` and `number` are absent when everything was pending before. `direct` are items whose file
    comes at once, or at `waits_until` when the term has not begun; `put` are items that `asked` decide;
    `already_pending` are items of earlier requests of the same person. `deadlines` are those of what was put.
    """

    infrastructure: Infrastructure
    request_id: int | None = None
    number: str | None = None
    direct: tuple[ItemView, ...] = ()
    put: tuple[ItemView, ...] = ()
    asked: Asked | None = None
    already_pending: tuple[ItemView, ...] = ()
    waits_until: datetime | None = None
    asked_at: datetime | None = None
    deadlines: Deadlines | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody asks for, checked: open registrations of one infrastructure that they see."""

    kind: RequestKind
    requester_id: int
    seen: Seen
    environments: tuple[Environment, ...]
    reason: str
    form_key: str | None
    urgent: bool = False

    @property
    def infrastructure(self) -> Infrastructure:
        """Where the environments are."""
        return self.seen.infrastructure

    @property
    def registration_ids(self) -> list[int]:
        """The registrations asked for."""
        return [each.registration.id for each in self.environments if each.registration]


def hold_requester(act: Act) -> int:
    """Let the acting person ask one thing at a time, and return their id. Raises `NotAssociated`.

    Somebody may submit one form twice at once: the second submission waits here until the first has
    committed, and then finds what it made. The unique constraints of form keys and pending items stand behind.
    """
    person_id = act.actor.person_id
    if person_id is None:
        raise NotAssociated
    query = select(persons.c.id).where(persons.c.id == person_id)
    act.connection.execute(query.with_for_update(key_share=True)).all()
    return person_id


def made_by_form(act: Act, requester_id: int, form_key: str | None) -> Outcome | None:
    """What the same submission came to when it arrived before."""
    if form_key is None:
        return None
    query = select(requests.c.id).where(requests.c.form_key == _own_key(requester_id, form_key))
    made = act.connection.execute(query).scalar_one_or_none()
    return None if made is None else _outcome(act, made)


def chosen(act: Act, registration_ids: Sequence[int]) -> tuple[tuple[Environment, ...], Seen]:
    """The environments asked for and their infrastructure as the actor sees it, held until the act ends.

    Raises `NoEnvironmentChosen`, `TooManyEnvironments`, `NotAssociated`, `SeveralInfrastructures` and
    `NotRegistered`.
    """
    wanted = list(dict.fromkeys(registration_ids))
    if not wanted:
        raise NoEnvironmentChosen
    if len(wanted) > MOST_ENVIRONMENTS:
        raise TooManyEnvironments(len(wanted))
    hold_registrations(act.connection, wanted, to_end=False)
    found = slots.environments_of(act.connection, wanted)
    seen = _seen_together(act, found, wanted)
    environments = tuple(found[each] for each in wanted)
    for environment in environments:
        _require_open(environment)
    return environments, seen


def require_asking(act: Act, seen: Seen) -> None:
    """Raise `NoRight` for auditors, and what `entitlement.require_registering` raises."""
    if not seen.rights.registers:
        anybody = frozenset(RoleName) - {RoleName.AUDITOR, RoleName.OPERATOR}
        names = entitlement.names_of(act, seen.infrastructure.id, anybody)
        raise NoRight(seen.infrastructure.id, "infrastructure", "request", names)
    entitlement.require_registering(act, seen)


def checked_reason(text: str, *, may_be_empty: bool = False) -> str:
    """The reason as it is kept. Raises `ReasonMissing` and `ReasonTooLong`."""
    reason = text.strip()
    if not reason and not may_be_empty:
        raise ReasonMissing
    if len(reason) > LONGEST_REASON:
        raise ReasonTooLong(len(reason))
    return reason


def take(act: Act, wanted: Wanted) -> Outcome:
    """Make a request whose items are born `direct`, with a file for each. Raises `AskedTooOften`."""
    require_rate(act, wanted.requester_id, wanted.seen)
    close_taken(act, wanted.requester_id, wanted.registration_ids)
    request_id, item_ids = _insert(act, wanted, ItemState.DIRECT, None)
    waits_until = file_waits_until(wanted.infrastructure, act.now)
    for item_id in item_ids:
        queue_file(act, item_id, wanted.requester_id, f"file:item-{item_id}", waits_until)
    awaited_files.want_for_request(act, wanted.infrastructure, request_id, wanted.registration_ids)
    record(act, "take", wanted.infrastructure.id, request_id, item_ids, registrations=wanted.registration_ids)
    return _outcome(act, request_id)


def put(
    act: Act, wanted: Wanted, *, steps: tuple[Step, ...] = tuple(Step), reserved_id: int | None = None
) -> Outcome:
    """Make a request and put it to the first of `steps` in which somebody can be reached.

    Raises `NobodyToAsk` and `AskedTooOften`, and nothing is created.
    """
    require_rate(act, wanted.requester_id, wanted.seen)
    asked = asking.who_is_asked(
        act.connection,
        wanted.infrastructure,
        wanted.requester_id,
        act.now,
        steps,
        mails=act.desk.policy.mails,
    )
    if asked is None:
        raise _nobody_to_ask(act, wanted, steps)
    request_id, item_ids = _insert(act, wanted, ItemState.PENDING, asked.step, reserved_id)
    asking.keep(act.connection, request_id, asked)
    queue_card(act, request_id, version=1)
    if wanted.kind is RequestKind.LICENSE:
        awaited_files.want_for_request(act, wanted.infrastructure, request_id, wanted.registration_ids)
    facts = {"kind": str(wanted.kind), "step": str(asked.step), "asked": [each.id for each in asked.people]}
    record(
        act,
        "ask",
        wanted.infrastructure.id,
        request_id,
        item_ids,
        registrations=wanted.registration_ids,
        **facts,
        **({"urgent": True} if wanted.urgent else {}),
    )
    return _outcome(act, request_id)


def own_pending(act: Act, requester_id: int, registration_ids: Collection[int]) -> tuple[ItemView, ...]:
    """What this person has asked for already and nobody has decided."""
    query = select(request_items.c.id).where(
        request_items.c.requester_id == requester_id,
        request_items.c.registration_id.in_(registration_ids),
        PENDING,
    )
    return items_of(act.connection, list(act.connection.execute(query).scalars()))


def _seen_together(act: Act, found: dict[int, Environment], wanted: list[int]) -> Seen:
    """The one infrastructure of these environments; what is missing is answered like what is not seen."""
    if len(found) < len(wanted):
        raise infrastructures.not_associated(act.connection, act.actor.person_id)
    ids = dict.fromkeys(found[each].infrastructure_id for each in wanted)
    seen = [entitlement.seen_by_actor(act, each) for each in ids]
    if len(seen) > 1:
        raise SeveralInfrastructures(tuple(each.infrastructure.name for each in seen))
    return seen[0]


def _require_open(environment: Environment) -> None:
    registration = environment.registration
    if registration is None or registration.state != "open":
        slot = Named(environment.slot_id, environment.slot_name)
        raise NotRegistered(environment.infrastructure_id, slot)


def _insert(
    act: Act, wanted: Wanted, state: ItemState, step: Step | None, reserved_id: int | None = None
) -> tuple[int, list[int]]:
    request = {
        "kind": str(wanted.kind),
        "infrastructure_id": wanted.infrastructure.id,
        "requester_id": wanted.requester_id,
        "reason": wanted.reason,
        "step": None if step is None else str(step),
        "asked_at": act.now,
        "urgent": wanted.urgent,
        "form_key": wanted.form_key and _own_key(wanted.requester_id, wanted.form_key),
        "through_workflow": act.actor.source == WORKFLOW,
    }
    made = act.connection.execute(insert(requests).values(request).returning(requests.c.id)).scalar_one()
    item = {
        "request_id": made,
        "requester_id": wanted.requester_id,
        "state": str(state),
        "reserved_id": reserved_id,
        "decided_at": act.now if state is ItemState.DIRECT else None,
    }
    rows = [{**item, "registration_id": each} for each in wanted.registration_ids]
    ids = act.connection.execute(insert(request_items).returning(request_items.c.id), rows).scalars()
    return made, sorted(ids)


def _own_key(requester_id: int, form_key: str) -> str:
    """A form belongs to the person who has it open; nobody finds a request by somebody else's key."""
    return short_key(requester_id, form_key)


def _nobody_to_ask(act: Act, wanted: Wanted, steps: tuple[Step, ...]) -> NobodyToAsk:
    found = asking.candidates(
        act.connection,
        wanted.infrastructure,
        wanted.requester_id,
        act.now,
        mails=act.desk.policy.mails,
    )
    skipped = tuple(each.name for each in asking.unreachable(found, steps))
    return NobodyToAsk(
        infrastructure_id=wanted.infrastructure.id,
        infrastructure=wanted.infrastructure.name,
        steps=steps,
        skipped=skipped,
    )


def _outcome(act: Act, request_id: int) -> Outcome:
    made = view(act.connection, request_id)
    return Outcome(
        infrastructure=made.infrastructure,
        request_id=request_id,
        number=request_number(request_id),
        direct=tuple(each for each in made.items if each.state is ItemState.DIRECT),
        put=tuple(each for each in made.items if each.state is not ItemState.DIRECT),
        asked=asking.asked_of(act.connection, made.infrastructure, request_id),
        waits_until=file_waits_until(made.infrastructure, act.now),
        asked_at=made.asked_at,
        deadlines=deadlines.of_request(made, act.desk.policy, act.now),
    )
