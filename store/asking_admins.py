"""Asking the company admins as well, when nobody has answered a request for long; at once when it is urgent."""

from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from store import asking, deadlines, infrastructures, people
from store.asking import Candidate
from store.deadlines import Waiting
from store.deliveries import queue_notice, queue_reply, redraw
from store.desk import Act, Desk, intention
from store.escalation import ITSELF
from store.request_changes import hold_registrations, pending_of_request, record
from store.rules.rights import Step
from store.tables import asked, requests


def ask_admins_due(desk: Desk, limit: int = 100) -> int:
    """Ask the company admins about the requests whose moment has come, at most `limit`; give how many there were.

    Each request has a transaction of its own, so that a person who clicks waits for one of them at most.
    """
    with desk.database.read() as connection:
        due = _due(connection, desk, desk.clock())
    return sum(_ask_admins(desk, ITSELF, each) for each in due[:limit])


def _due(connection: Connection, desk: Desk, now: datetime) -> list[Waiting]:
    spans = desk.policy.request_spans
    posted_by = now - min(spans.admins, spans.admins_if_urgent)
    not_yet = (requests.c.escalated_at.is_(None), requests.c.first_posted_at <= posted_by)
    found = deadlines.waiting(connection, desk.policy, now, *not_yet)
    return [each for each in found if each.deadlines.admins and each.deadlines.admins <= now]


@intention
def _ask_admins(act: Act, due: Waiting) -> bool:
    """Send the card also to the company admins who do not have it; those asked before stay asked."""
    hold_registrations(act.connection, pending_of_request(act.connection, due.id).values(), to_end=False)
    if not pending_of_request(act.connection, due.id) or not _note(act, due.id):
        return False
    chosen, skipped = _admins(act, due)
    _keep(act, due.id, chosen, skipped)
    redraw(act, due.id)
    if chosen:
        _tell(act, due)
    record(act, "escalate", due.infrastructure_id, due.id, asked=[each.person.id for each in chosen])
    return True


def _note(act: Act, request_id: int) -> bool:
    """Note that the admins are asked; tell whether it is news."""
    first = (requests.c.id == request_id, requests.c.escalated_at.is_(None))
    noted = act.connection.execute(update(requests).where(*first).values(escalated_at=act.now))
    return noted.rowcount == 1


def _admins(act: Act, due: Waiting) -> tuple[list[Candidate], list[Candidate]]:
    """The company admins who are to be asked, and those who cannot be reached."""
    infrastructure = infrastructures.get(act.connection, due.infrastructure_id)
    found = asking.candidates(
        act.connection,
        infrastructure,
        due.requester_id,
        act.now,
        mails=act.desk.policy.mails,
        request_id=due.id,
    )
    having = select(asked.c.person_id).where(asked.c.request_id == due.id, asked.c.reached)
    known = set(act.connection.execute(having).scalars())
    new = [each for each in found[Step.COMPANY_ADMINS] if each.person.id not in known]
    return [each for each in new if each.reachable], [each for each in new if not each.reachable]


def _keep(act: Act, request_id: int, chosen: list[Candidate], skipped: list[Candidate]) -> None:
    """Store whom it was put to; directly, since a card that stands in the channel would tell nobody anew."""
    ids = [each.person.id for each in [*chosen, *skipped]]
    before = delete(asked).where(asked.c.request_id == request_id, asked.c.person_id.in_(ids))
    act.connection.execute(before)
    rows = [
        {
            "request_id": request_id,
            "step": str(Step.COMPANY_ADMINS),
            "person_id": each.person.id,
            "reached": each.reachable,
            "direct": each.reachable and not each.by_mail,
            "by_mail": each.by_mail,
        }
        for each in [*chosen, *skipped]
    ]
    if rows:
        act.connection.execute(insert(asked), rows)


def _tell(act: Act, due: Waiting) -> None:
    """Say it in the thread of each card, and to the requester."""
    occasion = f"escalated:{due.id}"
    queue_reply(act, due.id, "escalated", occasion)
    if people.get(act.connection, due.requester_id).reachable:
        queue_notice(act, "escalated", due.requester_id, f"{occasion}:requester", request_id=due.id)
