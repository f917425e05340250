"""Whom that which waits is put to, after people got roles, stand-ins began, or the approval channel changed."""

from collections.abc import Iterable, Iterator

from sqlalchemy import ColumnElement, delete, exists, insert, select, true, update

from store import asking, infrastructures, people
from store.asking import Candidate
from store.database import AnyRow
from store.deliveries import redraw
from store.desk import Act
from store.request_changes import hold_registrations, pending_of_request, record
from store.request_views import PENDING
from store.role_rows import Scope
from store.rules.request_states import RequestKind
from store.rules.rights import Step
from store.tables import asked, request_items, requests
from store.tables import infrastructures as infrastructure_rows


def ask_newcomers(act: Act, scopes: Iterable[Scope]) -> int:
    """Put what waits in these scopes also to those who can be asked now and were not; count the requests.

    Those who were skipped because nobody could reach them are asked as well, if they can be reached now. Releases
    are the operators' alone.
    """
    others = requests.c.kind != RequestKind.RELEASE
    found = [(row, _newcomers(act, row)) for row in _waiting(act, scopes, others)]
    put = [(row, asked_now) for row, asked_now in found if asked_now and _ask(act, row, asked_now)]
    for row, asked_now in put:
        ids = [each.person.id for each in asked_now]
        record(act, "ask_also", row.infrastructure_id, row.id, asked=ids)
    return len(put)


def move_cards(act: Act, scope: Scope) -> None:
    """Send the cards of what waits in a scope to its present approval channel, and directly to who is not in it."""
    for row in _waiting(act, [scope], true()):
        if not _hold(act, row.id):
            continue
        infrastructure = infrastructures.get(act.connection, row.infrastructure_id)
        workspace_id = people.get(act.connection, row.requester_id).workspace_id
        channel = asking.usable_channel(act.connection, infrastructure, workspace_id)
        reached = (asked.c.request_id == row.id, asked.c.reached, ~asked.c.by_mail)
        ids = act.connection.execute(select(asked.c.person_id).where(*reached)).scalars().all()
        known = people.get_many(act.connection, ids).values()
        present = [each.id for each in known if channel is not None and channel.has(each)]
        moved = update(asked).where(*reached).values(direct=asked.c.person_id.not_in(present))
        act.connection.execute(moved)
        redraw(act, row.id)


def _waiting(act: Act, scopes: Iterable[Scope], wanted: ColumnElement[bool]) -> Iterator[AnyRow]:
    """Requests of these scopes that somebody can still decide."""
    waits = exists().where(request_items.c.request_id == requests.c.id, PENDING)
    query = (
        select(requests.c.id, requests.c.infrastructure_id, requests.c.requester_id, requests.c.step)
        .join(infrastructure_rows, infrastructure_rows.c.id == requests.c.infrastructure_id)
        .where(waits, requests.c.step.is_not(None), wanted)
        .order_by(requests.c.id)
    )
    for scope in dict.fromkeys(scopes):
        inside = infrastructure_rows.c.id == scope.infrastructure_id
        if scope.infrastructure_id is None:
            inside = infrastructure_rows.c.company_id == scope.company_id
        yield from act.connection.execute(query.where(inside)).all()


def _newcomers(act: Act, request: AnyRow) -> list[Candidate]:
    """Those of the steps up to the present one who can be reached and do not have the card."""
    infrastructure = infrastructures.get(act.connection, request.infrastructure_id)
    found = asking.candidates(
        act.connection,
        infrastructure,
        request.requester_id,
        act.now,
        mails=act.desk.policy.mails,
        request_id=request.id,
    )
    having = select(asked.c.person_id).where(asked.c.request_id == request.id, asked.c.reached)
    known = set(act.connection.execute(having).scalars())
    order = list(Step)
    reachable = [
        each
        for step in order[: order.index(Step(request.step)) + 1]
        for each in found[step]
        if each.reachable and each.person.id not in known
    ]
    return list({each.person.id: each for each in reachable}.values())


def _ask(act: Act, request: AnyRow, newcomers: list[Candidate]) -> bool:
    """Send the card to these people too, unless the request was decided in the meantime."""
    if not _hold(act, request.id):
        return False
    ids = [each.person.id for each in newcomers]
    skipped_before = delete(asked).where(asked.c.request_id == request.id, asked.c.person_id.in_(ids))
    act.connection.execute(skipped_before)
    values = {"request_id": request.id, "step": request.step, "reached": True}
    rows = [
        {**values, "person_id": each.person.id, "direct": each.direct, "by_mail": each.by_mail}
        for each in newcomers
    ]
    act.connection.execute(insert(asked), rows)
    redraw(act, request.id)
    return True


def _hold(act: Act, request_id: int) -> bool:
    """Let nobody end the registrations of a request until the act ends; tell whether the request still waits.

    It may be decided meanwhile: the lock is shared with those who decide. Then the cards queued here find nothing
    that waits, and are not posted.
    """
    waiting = pending_of_request(act.connection, request_id)
    hold_registrations(act.connection, waiting.values(), to_end=False)
    return bool(pending_of_request(act.connection, request_id))
