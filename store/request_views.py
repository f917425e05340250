"""Requests as people see them: read whole from the database, for cards, lists and answers."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, func, literal_column, or_, select

from store import held_files, infrastructures, people, slots
from store.database import AnyRow, AnySelect
from store.deciders import decides
from store.infrastructures import Infrastructure
from store.people import Person
from store.reach import reach
from store.rules.request_states import HAS_FILE, Cause, ItemState, RequestKind, request_number
from store.rules.rights import HeldRole, Step
from store.rules.unusual import Looked, Unusual, unusual
from store.slots import Environment
from store.tables import asked, request_items, requests
from store.tables import infrastructures as infrastructure_rows

# Written out, because SQLite uses a partial index only when the query says its condition literally.
PENDING: ColumnElement[bool] = request_items.c.state == literal_column("'pending'")


@dataclass(frozen=True, slots=True)
class ItemView:
    """One item of a request.

    `environment` carries the registration that was asked for, whatever has become of it; `new_serial` is what
    a serial change asks for. `decided_at` is also when it was withdrawn, expired, closed or taken directly.
    `undelivered`: there is a file to have, and it has not arrived. `held_file_id`: the file of the vendor's that it
    was given. `file_missing`: the vendor makes the file, and it is not there yet; of a serial change it never is,
    since the new serial number was not registered before.
    """

    id: int
    request_id: int
    number: str
    registration_id: int
    environment: Environment
    serial: str
    platform_version: str
    new_serial: str | None
    state: ItemState
    decider: Person | None
    decided_at: datetime | None
    decline_reason: str | None
    cause: Cause | None
    delivered_at: datetime | None
    license_id: int | None
    held_file_id: int | None
    file_missing: bool
    undelivered: bool

    @property
    def is_pending(self) -> bool:
        """Whether somebody can still decide it."""
        return self.state is ItemState.PENDING


@dataclass(frozen=True, slots=True)
class RequestView:
    """A request with its items.

    `expires_at` is absent until the first card was posted, since the deadline counts from there. `asked` are
    those whom it was put to and who have the card, `skipped` those who could not be reached. `urgent`: production
    is down. `escalated_at` is when the company admins were asked as well; of those asked, `asked_later` are they.
    `through_workflow`: a workflow asked in the requester's name.
    """

    id: int
    number: str
    kind: RequestKind
    infrastructure: Infrastructure
    requester: Person
    reason: str
    step: Step | None
    asked_at: datetime
    first_posted_at: datetime | None
    expires_at: datetime | None
    version: int
    urgent: bool
    escalated_at: datetime | None
    through_workflow: bool
    items: tuple[ItemView, ...]
    asked: tuple[Person, ...]
    asked_later: tuple[Person, ...]
    skipped: tuple[Person, ...]
    unusual: tuple[Unusual, ...]

    @property
    def pending(self) -> tuple[ItemView, ...]:
        """The items that somebody can still decide."""
        return tuple(each for each in self.items if each.is_pending)


def view(connection: Connection, request_id: int) -> RequestView:
    """One request; it exists, because other rows refer to it."""
    return views(connection, [request_id])[0]


def views(connection: Connection, request_ids: Collection[int]) -> list[RequestView]:
    """Several requests, newest first, with a number of queries that does not grow with theirs."""
    if not request_ids:
        return []
    query = select(*requests.c).where(requests.c.id.in_(request_ids)).order_by(requests.c.id.desc())
    rows = connection.execute(query).all()
    return _Gathered(connection, rows).views()


def shown_to(
    connection: Connection, request_id: int, person_id: int, held: Iterable[HeldRole], now: datetime
) -> list[RequestView]:
    """The request, for those who made it, may decide it, or have a role where it was made; else none.

    What is not theirs is read no further than what does not exist, so that the time tells nothing of it.
    """
    query = (
        select(requests.c.id)
        .join(infrastructure_rows, infrastructure_rows.c.id == requests.c.infrastructure_id)
        .where(
            requests.c.id == request_id,
            or_(requests.c.requester_id == person_id, reach(held).condition(), decides(person_id, now)),
        )
    )
    return views(connection, list(connection.execute(query).scalars()))


def items_of(connection: Connection, item_ids: Collection[int]) -> tuple[ItemView, ...]:
    """Several items, in the order in which they were asked for."""
    if not item_ids:
        return ()
    query = select(request_items.c.request_id).where(request_items.c.id.in_(item_ids)).distinct()
    found = views(connection, list(connection.execute(query).scalars()))
    items = [item for each in reversed(found) for item in each.items]
    return tuple(item for item in items if item.id in item_ids)


def mine(connection: Connection, person_id: int, limit: int = 20) -> list[RequestView]:
    """The newest requests that somebody made."""
    query = select(requests.c.id).where(requests.c.requester_id == person_id)
    newest = connection.execute(query.order_by(requests.c.id.desc()).limit(limit)).scalars()
    return views(connection, list(newest))


def waiting_for(connection: Connection, person_id: int, now: datetime, limit: int = 20) -> list[RequestView]:
    """The newest requests with pending items that this person may decide, asked or not."""
    query = (
        select(requests.c.id)
        .join(request_items, and_(request_items.c.request_id == requests.c.id, PENDING))
        .join(infrastructure_rows, infrastructure_rows.c.id == requests.c.infrastructure_id)
        .where(decides(person_id, now))
        .order_by(requests.c.id.desc())
        .limit(limit)
        .distinct()
    )
    return views(connection, list(connection.execute(query).scalars()))


class _Gathered:
    """Everything that the views of some requests need, each kind read once."""

    def __init__(self, connection: Connection, rows: Iterable[AnyRow]) -> None:
        self.connection, self.rows = connection, list(rows)
        ids = [row.id for row in self.rows]
        self.items = _grouped(connection.execute(_items_of_requests(ids)))
        self.asked = _grouped(connection.execute(_asked_of_requests(ids)))
        self.people = people.get_many(connection, self._person_ids())
        self.environments = slots.environments_of(connection, self._registration_ids())
        self.infrastructures = infrastructures.get_many(
            connection, {row.infrastructure_id for row in self.rows}
        )
        self.missing = self._missing()
        self.first = _first_requests(connection, {row.requester_id for row in self.rows})

    def views(self) -> list[RequestView]:
        return [self._view(row) for row in self.rows]

    def _person_ids(self) -> set[int]:
        deciders = {each.decider_id for listed in self.items.values() for each in listed}
        asked_ids = {each.person_id for listed in self.asked.values() for each in listed}
        return ({row.requester_id for row in self.rows} | asked_ids | deciders) - {None}

    def _registration_ids(self) -> set[int]:
        listed = [each for found in self.items.values() for each in found]
        return ({each.registration_id for each in listed} | {each.reserved_id for each in listed}) - {None}

    def _missing(self) -> set[int]:
        """Registrations without a file where the vendor makes the files."""
        held = {each.id for each in self.infrastructures.values() if held_files.are_held(each)}
        ids = {key for key, each in self.environments.items() if each.infrastructure_id in held}
        return ids - held_files.newest_of_each(self.connection, ids).keys()

    def _view(self, row: AnyRow) -> RequestView:
        items = tuple(self._item(each) for each in self.items[row.id])
        return RequestView(
            id=row.id,
            number=request_number(row.id),
            kind=RequestKind(row.kind),
            infrastructure=self.infrastructures[row.infrastructure_id],
            requester=self.people[row.requester_id],
            reason=row.reason,
            step=None if row.step is None else Step(row.step),
            asked_at=row.asked_at,
            first_posted_at=row.first_posted_at,
            expires_at=row.expires_at,
            version=row.version,
            urgent=row.urgent,
            escalated_at=row.escalated_at,
            through_workflow=row.through_workflow,
            items=items,
            asked=self._asked(row.id, reached=True),
            asked_later=self._asked_later(row),
            skipped=self._asked(row.id, reached=False),
            unusual=self._unusual(row, items),
        )

    def _item(self, row: AnyRow) -> ItemView:
        environment = self.environments[row.registration_id]
        registration = environment.registration
        reserved = self.environments.get(row.reserved_id)
        state = ItemState(row.state)
        return ItemView(
            id=row.id,
            request_id=row.request_id,
            number=request_number(row.request_id),
            registration_id=row.registration_id,
            environment=environment,
            serial=registration.serial if registration else "",
            platform_version=registration.platform_version if registration else "",
            new_serial=reserved.registration.serial if reserved and reserved.registration else None,
            state=state,
            decider=self.people.get(row.decider_id),
            decided_at=row.decided_at,
            decline_reason=row.decline_reason,
            cause=None if row.cause is None else Cause(row.cause),
            delivered_at=row.delivered_at,
            license_id=row.license_id,
            held_file_id=row.held_file_id,
            file_missing=(row.reserved_id or row.registration_id) in self.missing,
            undelivered=state in HAS_FILE and row.delivered_at is None,
        )

    def _asked(self, request_id: int, *, reached: bool) -> tuple[Person, ...]:
        return tuple(
            self.people[each.person_id] for each in self.asked[request_id] if each.reached is reached
        )

    def _asked_later(self, row: AnyRow) -> tuple[Person, ...]:
        """Those who have another step than the one that the request was put to."""
        later = [each for each in self.asked[row.id] if each.reached and each.step != row.step]
        return tuple(self.people[each.person_id] for each in later) if row.escalated_at else ()

    def _unusual(self, row: AnyRow, items: Iterable[ItemView]) -> tuple[Unusual, ...]:
        looked = [_looked(each.environment) for each in items]
        first = self.first[row.requester_id] == row.id
        return unusual(looked, first_request=first, asked_at=row.asked_at)


def _looked(environment: Environment) -> Looked:
    registration = environment.registration
    changed = registration.registered_at if registration and registration.replaces_id else None
    return Looked(environment.slot_name, environment.environment_type, changed)


def _items_of_requests(request_ids: Collection[int]) -> AnySelect:
    of_requests = request_items.c.request_id.in_(request_ids)
    return select(*request_items.c).where(of_requests).order_by(request_items.c.id)


def _asked_of_requests(request_ids: Collection[int]) -> AnySelect:
    return select(*asked.c).where(asked.c.request_id.in_(request_ids)).order_by(asked.c.id)


def _grouped(rows: Iterable[AnyRow]) -> dict[int, list[AnyRow]]:
    by_request: dict[int, list[AnyRow]] = defaultdict(list)
    for row in rows:
        by_request[row.request_id].append(row)
    return by_request


def _first_requests(connection: Connection, person_ids: Collection[int]) -> dict[int, int]:
    """The id of the first request that each of these people ever made."""
    query = select(requests.c.requester_id, func.min(requests.c.id)).where(
        requests.c.requester_id.in_(person_ids)
    )
    return {row[0]: row[1] for row in connection.execute(query.group_by(requests.c.requester_id))}
