"""Whether what somebody asked for may still be carried out: asked at a decision, at delivery, and in between."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Connection

from store import people
from store.infrastructures import Infrastructure
from store.request_views import RequestView
from store.rules.request_states import Cause, RequestKind
from store.rules.rights import Rights
from store.rules.terms import TermState

_OF_TERM = {TermState.SUSPENDED: Cause.SUSPENDED, TermState.ENDED: Cause.TERM_ENDED}


def cause_against(connection: Connection, request: RequestView, now: datetime) -> Cause | None:
    """Why nothing of a request may be carried out any more, or `None` while it may."""
    if request.kind is RequestKind.RELEASE:
        return of_requester(connection, request.requester.id, request.infrastructure, _releases)
    lost = of_requester(connection, request.requester.id, request.infrastructure, _registers)
    return lost or of_infrastructure(request.infrastructure, now)


def of_requester(
    connection: Connection, requester_id: int, infrastructure: Infrastructure, may: Callable[[Rights], bool]
) -> Cause | None:
    """Why somebody may not have what they asked for; `may` says what right it needs."""
    if not people.get(connection, requester_id).active:
        return Cause.REQUESTER_INACTIVE
    rights = people.rights_in(connection, requester_id, infrastructure.id)
    return None if may(rights) else Cause.REQUESTER_WITHOUT_ROLE


def of_infrastructure(infrastructure: Infrastructure, now: datetime) -> Cause | None:
    """Why no license file is delivered in an infrastructure at this moment."""
    if infrastructure.term is None:
        return Cause.TERM_ENDED
    return _OF_TERM.get(infrastructure.term.state(now))


def of_signing(infrastructure: Infrastructure, now: datetime) -> Cause | None:
    """Why no license file is made for an infrastructure at this moment."""
    if infrastructure.files != "signed":
        return Cause.FILES_HELD
    return of_infrastructure(infrastructure, now)


def _registers(rights: Rights) -> bool:
    return rights.registers


def _releases(rights: Rights) -> bool:
    return rights.releases
