"""Failed attempts: the refusals that many of one person, one after the other, make suspicious."""

from enum import StrEnum

from store.rules.checking import NotOneOfYours
from store.rules.errors import Refusal
from store.rules.people_errors import AccessAskedTooOften, MayNotSetRole
from store.rules.registration_errors import SerialElsewhere
from store.rules.request_errors import AskedTooOften, MayNotDecide, OwnRequest, RequestUnknown
from store.rules.seeing_errors import NoRight, NotAssociated
from store.rules.sheet_errors import InfrastructureUnknown


class AttemptKind(StrEnum):
    """What failed: it takes a right, it names something unknown or not theirs, or it was too often."""

    RIGHT = "right"
    UNKNOWN = "unknown"
    OFTEN = "often"


_KINDS: dict[type[Refusal], AttemptKind] = {
    **dict.fromkeys((NotAssociated, NoRight, MayNotDecide, OwnRequest, MayNotSetRole), AttemptKind.RIGHT),
    **dict.fromkeys(
        (NotOneOfYours, RequestUnknown, SerialElsewhere, InfrastructureUnknown), AttemptKind.UNKNOWN
    ),
    **dict.fromkeys((AskedTooOften, AccessAskedTooOften), AttemptKind.OFTEN),
}


def attempt_kind(refusal: Refusal) -> AttemptKind | None:
    """What kind of failed attempt a refusal is; None for one that says how things are, such as that no slot is free."""
    return _KINDS.get(type(refusal))
