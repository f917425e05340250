"""Requests for access: somebody without a role says what they need, and admins or operators add them or decline.

Whether the words lead anywhere is never told to the one who asks. An activation code leads to the admins of its
company, the import's link of a person to a company to those; everything else goes to the operators.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select, update

from store import infrastructures, menus, people
from store.database import AnyRow
from store.desk import Act, intention
from store.infrastructures import Infrastructure, Seen, not_associated
from store.menus import Place
from store.once import insert_once
from store.people import Person
from store.role_changes import follow, hold_actor, own_rights, put
from store.role_rows import Scope, hold_company_of
from store.rules.errors import FieldError
from store.rules.people_errors import (
    LONGEST_ACCESS_TEXT,
    AccessAnswered,
    AccessAskedTooOften,
    AccessTextMissing,
    AccessTextTooLong,
)
from store.rules.rights import ADMINS, HeldRole, RoleName
from store.rules.role_rules import may_let_in
from store.rules.serials import parse_activation_code
from store.tables import access_requests, persons
from store.tables import infrastructures as infrastructure_rows
from store.telling import tell

MOST_A_DAY = 3
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class AccessRequest:
    """Somebody wants access. `company_id` is whose admins were asked, `infrastructure_id` what their code names."""

    id: int
    person: Person
    typed: str
    company_id: int | None
    infrastructure_id: int | None
    asked_at: datetime
    state: str
    answered_by: Person | None
    answered_at: datetime | None

    @property
    def is_open(self) -> bool:
        """Whether somebody can still answer it."""
        return self.state == "open"


@intention
def ask(act: Act, typed: str, form_key: str | None = None) -> None:
    """Ask for access in one's own words or with an activation code, which say nothing of what became of them.

    Raises `AccessTextMissing` and `AccessTextTooLong`, and `AccessAskedTooOften` after three within a day.
    """
    person_id = _person(act)
    text = _checked(typed)
    # Two requests at once would each count the others only.
    act.connection.execute(
        select(persons.c.id).where(persons.c.id == person_id).with_for_update(key_share=True)
    )
    if form_key and _known(act, form_key):
        return
    _require_rate(act, person_id)
    company_id, infrastructure_id = _led_to(act, person_id, text)
    values = {
        "person_id": person_id,
        "typed": text,
        "company_id": company_id,
        "infrastructure_id": infrastructure_id,
        "form_key": form_key,
        "asked_at": act.now,
        "state": "open",
    }
    if insert_once(act.connection, access_requests, values):
        _announce(act, _newest(act, person_id), company_id)


@intention
def to_answer(act: Act, access_request_id: int) -> AccessRequest:
    """A request for access that the actor may answer.

    Raises `NotAssociated`, whether it exists or not, and `AccessAnswered`.
    """
    return _answerable(act, access_request_id)


def offered(
    connection: Connection, person_id: int, request: AccessRequest, limit: int
) -> list[Infrastructure]:
    """Where somebody may add the one who asks: admins in the company that was asked, operators anywhere."""
    held = [each for each in people.held_roles(connection, person_id) if _may_reach(each, request)]
    found = infrastructures.seen_with(connection, held, limit=limit)
    return [each.infrastructure for each in found if _may_let_in(each, request)]


def offered_to(connection: Connection, person_id: int, access_request_id: int, typed: str) -> list[Place]:
    """The best of those for what was typed; none of a request that is not open any more."""
    request = find(connection, access_request_id)
    if request is None or request.state != "open":
        return []
    held = [each for each in people.held_roles(connection, person_id) if _may_reach(each, request)]
    return menus.places(connection, held, ADMINS | {RoleName.OPERATOR}, typed)


@intention
def add_member(act: Act, access_request_id: int, infrastructure_id: int) -> tuple[Person, Infrastructure]:
    """Make the person who asked a member of an infrastructure.

    Raises `NotAssociated`, `AccessAnswered` and `CannotHoldRole`.
    """
    hold_company_of(act, infrastructure_id)
    hold_actor(act)
    request = _answerable(act, access_request_id)
    seen = infrastructures.seen(act.connection, _person(act), infrastructure_id)
    if not _may_let_in(seen, request):
        raise not_associated(act.connection, act.actor.person_id)
    infrastructure = seen.infrastructure
    _answer(act, request, "added")
    scope = Scope(infrastructure.company_id, infrastructure.id)
    changes = put(act, RoleName.MEMBER, scope, add=[request.person.id], infrastructure_id=infrastructure.id)
    follow(act, changes)
    act.record("let_in", f"person {request.person.id}", infrastructure.id, access=request.id)
    return request.person, infrastructure


@intention
def decline(act: Act, access_request_id: int) -> Person:
    """Decline a request for access; the one who asked is told, without names.

    Raises `NotAssociated` and `AccessAnswered`.
    """
    request = _answerable(act, access_request_id)
    _answer(act, request, "declined")
    act.record("decline_access", f"person {request.person.id}", request.infrastructure_id, access=request.id)
    tell(act, "access_declined", [request.person.id], f"access:{request.id}:declined")
    return request.person


def find(connection: Connection, access_request_id: int) -> AccessRequest | None:
    """One request for access, or None."""
    query = select(access_requests).where(access_requests.c.id == access_request_id)
    row = connection.execute(query).one_or_none()
    return None if row is None else _request(connection, row)


def _person(act: Act) -> int:
    if act.actor.person_id is None:
        raise not_associated(act.connection, None)
    return act.actor.person_id


def _checked(typed: str) -> str:
    text = typed.strip()
    if not text:
        raise AccessTextMissing
    if len(text) > LONGEST_ACCESS_TEXT:
        raise AccessTextTooLong(len(text))
    return text


def _known(act: Act, form_key: str) -> bool:
    query = select(access_requests.c.id).where(access_requests.c.form_key == form_key)
    return act.connection.execute(query).first() is not None


def _require_rate(act: Act, person_id: int) -> None:
    lately = (access_requests.c.person_id == person_id, access_requests.c.asked_at > act.now - DAY)
    query = select(func.count(), func.min(access_requests.c.asked_at)).where(*lately)
    count, first = act.connection.execute(query).one()
    if count >= MOST_A_DAY:
        raise AccessAskedTooOften(first + DAY)


def _led_to(act: Act, person_id: int, text: str) -> tuple[int | None, int | None]:
    """The company whose admins are asked, if it has any, and the infrastructure that an activation code names."""
    named = _of_code(act, text)
    linked = people.get(act.connection, person_id).company_id
    company_id = named.company_id if named else linked
    if company_id is None or not people.company_admins(act.connection, company_id):
        return None, named.id if named else None
    return company_id, named.id if named else None


def _of_code(act: Act, text: str) -> AnyRow | None:
    try:
        code = parse_activation_code(text)
    except FieldError:
        return None
    query = select(infrastructure_rows.c.id, infrastructure_rows.c.company_id)
    return act.connection.execute(query.where(infrastructure_rows.c.activation_code == code)).one_or_none()


def _newest(act: Act, person_id: int) -> int:
    query = select(func.max(access_requests.c.id)).where(access_requests.c.person_id == person_id)
    return int(act.connection.execute(query).scalar_one())


def _announce(act: Act, access_request_id: int, company_id: int | None) -> None:
    """Record what was asked, by its id only, and tell those who answer."""
    act.record("ask_access", f"person {act.actor.person_id}", access=access_request_id)
    answering = people.operators(act.connection)
    if company_id is not None:
        answering = people.company_admins(act.connection, company_id)
    told = {each.id for each in answering}
    tell(act, "access_asked", told, f"access:{access_request_id}", access_request_id=access_request_id)


def _answerable(act: Act, access_request_id: int) -> AccessRequest:
    request = find(act.connection, access_request_id)
    person_id = _person(act)
    if request is None or not _may_answer(act, person_id, request):
        raise not_associated(act.connection, person_id)
    if not request.is_open:
        raise _answered(request)
    return request


def _may_answer(act: Act, person_id: int, request: AccessRequest) -> bool:
    """Whether it is the actor's to answer; company admins may decline although there is nowhere to add somebody."""
    if own_rights(act, Scope(request.company_id, None)).roles & {RoleName.COMPANY_ADMIN, RoleName.OPERATOR}:
        return True
    return bool(offered(act.connection, person_id, request, 1))


def _may_reach(held: HeldRole, request: AccessRequest) -> bool:
    """Whether a role can be one that lets somebody add the person."""
    if held.role is RoleName.OPERATOR:
        return True
    return held.role in ADMINS and held.company_id in {None, request.company_id}


def _may_let_in(seen: Seen, request: AccessRequest) -> bool:
    asked_here = seen.infrastructure.company_id == request.company_id
    return may_let_in(seen.rights, asked_here=asked_here)


def _answer(act: Act, request: AccessRequest, state: str) -> None:
    # Several admins may press at once; the first finds it open, and the others learn here who that was.
    still = (access_requests.c.id == request.id, access_requests.c.state == "open")
    values = {"state": state, "answered_by": act.actor.person_id, "answered_at": act.now}
    if act.connection.execute(update(access_requests).where(*still).values(values)).rowcount != 1:
        now = find(act.connection, request.id)
        raise _answered(now or request)


def _answered(request: AccessRequest) -> AccessAnswered:
    by = request.answered_by.name if request.answered_by else ""
    answered_at = request.answered_at or request.asked_at
    return AccessAnswered(request.person.name, by, answered_at, request.state == "added")


def _request(connection: Connection, row: AnyRow) -> AccessRequest:
    known = people.get_many(connection, {row.person_id, row.answered_by} - {None})
    return AccessRequest(
        row.id,
        known[row.person_id],
        row.typed,
        row.company_id,
        row.infrastructure_id,
        row.asked_at,
        row.state,
        known.get(row.answered_by),
        row.answered_at,
    )
