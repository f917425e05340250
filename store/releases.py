"""Releases: a registration ends and its slot is free again."""

from store import entitlement, telling
from store.desk import Act, intention
from store.infrastructures import Infrastructure
from store.new_requests import checked_reason
from store.registration_rows import end
from store.request_changes import close_pending
from store.rules.registration_errors import ReleaseNeedsOperators
from store.rules.rights import RoleName
from store.slots import Environment


@intention
def release(act: Act, registration_id: int, reason: str) -> tuple[Environment, Infrastructure]:
    """End a registration for a reason; return what it was. Its file stays technically valid until its date.

    Raises `ReasonMissing`, `ReasonTooLong`, `NoRight`, `NotRegistered`, `NotAssociated`, and
    `ReleaseNeedsOperators` in a flagged infrastructure, where it is asked for with `requests.ask_release`.
    """
    environment, seen = entitlement.registration_seen(act, registration_id)
    entitlement.require_releasing(act, seen, f"slot {environment.slot_id}")
    reason = checked_reason(reason)
    if seen.infrastructure.flagged and RoleName.OPERATOR not in seen.rights.roles:
        raise ReleaseNeedsOperators(seen.infrastructure.id)
    close_pending(act, registration_id, "released")
    carry_out_release(act, environment, reason)
    return environment, seen.infrastructure


def carry_out_release(act: Act, environment: Environment, reason: str) -> None:
    """End the registration, record it and tell those who are told. Raises `NotRegistered`."""
    registration = environment.registration
    end(act, environment, reason)
    registration_id = registration.id if registration else None
    act.record(
        "release",
        f"slot {environment.slot_id}",
        environment.infrastructure_id,
        registration=registration_id,
        reason=reason,
    )
    telling.tell_of_change(
        act,
        "released",
        environment.infrastructure_id,
        f"released:{registration_id}",
        also=[registration.registrant_id] if registration else [],
        registration_id=registration_id,
        actor_id=act.actor.person_id,
    )
