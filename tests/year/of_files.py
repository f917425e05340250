"""License files: good, for whom they may be, and each as often as it was sent."""

import hashlib
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import jwt

from tests.year.look import Look
from tests.year.shown import ShownFile

_CONTACTS = {"financial_contact", "technical_contact", "additional_contact"}
_ADMINS = {"infrastructure_admin", "company_admin"}
_DIRECT = _ADMINS | {"financial_contact", "technical_contact", "operator"}
_NOT_LOOKED_AT = dict.fromkeys(("verify_aud", "verify_exp", "verify_nbf", "verify_iat"), False)


def unverified(look: Look) -> Iterator[str]:
    """Every license file verifies with its key, and names its registration, its slot and its term."""
    known = {each.sha256: each for each in look.facts.licenses.values()}
    for file in look.files:
        license_ = known.get(_sha256(file))
        if license_ is None:
            yield f"{file.name} of {file.slack_id} is no license that was made"
        else:
            yield from _wrong_claims(look, file, license_)


def without_right(look: Look) -> Iterator[str]:
    """Nobody without the right ever got a file."""
    known = {each.sha256: each for each in look.facts.licenses.values()}
    for file in look.files:
        license_ = known.get(_sha256(file))
        if license_ and not _had_right(look, file, license_):
            yield f"{file.slack_id or 'a channel'} got {file.name} at {file.at} without the right"


def delivered_twice(look: Look) -> Iterator[str]:
    """No file stands in a conversation more often than there are deliveries of it."""
    asked, reissued = _asked(look), _reissued(look)
    known = {each.sha256: each for each in look.facts.licenses.values()}
    for (sha256, slack_id), number in look.copies.items():
        license_ = known.get(sha256)
        if license_ is None or number <= asked[sha256, slack_id]:
            continue
        place = look.facts.registrations[license_.registration_id].infrastructure_id
        sent = asked[sha256, slack_id] + reissued[place, slack_id]
        if number > sent:
            yield f"a file of {slack_id} was shown {number} times and sent {sent} times"


def never_arrived(look: Look) -> Iterator[str]:
    """What counts as delivered stands in the direct message of the one who asked."""
    for item in look.facts.items.values():
        if item.delivered_at is not None:
            slack_id = look.facts.persons[item.requester_id].slack_id
            if not look.copies[look.facts.licenses[item.license_id].sha256, slack_id]:
                yield f"item {item.id} counts as delivered and {slack_id} has no such file"


def _wrong_claims(look: Look, file: ShownFile, license_: Any) -> Iterator[str]:
    key = look.facts.signing_keys[license_.key_id]
    options: Any = _NOT_LOOKED_AT
    try:
        claims = jwt.decode(
            file.content.decode().strip(), key.public_pem, algorithms=[key.algorithm], options=options
        )
    except jwt.InvalidTokenError as error:
        yield f"{file.name} does not verify: {error}"
        return
    registration = look.facts.registrations[license_.registration_id]
    said = (claims["serial"], claims["sub"], claims["jti"], claims["seq"])
    wanted = (registration.serial, str(registration.slot_id), license_.jti, license_.seq)
    if said != wanted or registration.serial not in file.name:
        yield f"{file.name} says {said} and is for {wanted}"
    if license_.license_end is not None and claims.get("license_end") != license_.license_end.timestamp():
        yield f"{file.name} ends at {claims.get('license_end')}, and its term at {license_.license_end}"


def _had_right(look: Look, file: ShownFile, license_: Any) -> bool:
    if not file.slack_id or look.ledger.is_away(file.slack_id, file.at):
        return False
    registration = look.facts.registrations[license_.registration_id]
    person = look.facts.person_of(file.slack_id)
    held = _roles(look, person.id, registration.infrastructure_id, file.at)
    if held & _DIRECT:
        return True
    own = (each for each in look.facts.items.values() if each.requester_id == person.id)
    given = (each for each in own if registration.id == (each.reserved_id or each.registration_id))
    return bool(held - {"auditor"}) and any(_was_given(look, each, file.at) for each in given)


def _was_given(look: Look, item: Any, by: datetime) -> bool:
    """Whether somebody else with the right forwarded it; or the file before was had with the right to it."""
    if item.state == "forwarded":
        return item.decided_at <= by and item.decider_id != item.requester_id and _could_decide(look, item)
    if item.state != "direct" or item.delivered_at is None or item.delivered_at >= by:
        return False
    place = look.facts.requests[item.request_id].infrastructure_id
    return bool(_roles(look, item.requester_id, place, item.delivered_at) & _DIRECT)


def _could_decide(look: Look, item: Any) -> bool:
    request = look.facts.requests[item.request_id]
    held = _roles(look, item.decider_id, request.infrastructure_id, item.decided_at)
    asked = {
        each.person_id
        for each in look.facts.asked.values()
        if each.request_id == request.id and each.step == "operators"
    }
    stands_in = any(
        each.person_id == item.decider_id
        and each.infrastructure_id == request.infrastructure_id
        and each.starts_at <= item.decided_at < each.ends_at
        for each in look.facts.stand_ins.values()
    )
    if look.ledger.is_away(look.facts.persons[item.decider_id].slack_id, item.decided_at):
        return False
    return bool(held & (_CONTACTS | _ADMINS)) or stands_in or item.decider_id in asked


def _roles(look: Look, person_id: int, infrastructure_id: int, at: datetime) -> set[str]:
    """The roles that somebody held in an infrastructure at a moment, by their dates alone."""
    company = look.facts.infrastructures[infrastructure_id].company_id
    return {
        row.role
        for row in look.facts.roles.values()
        if row.person_id == person_id
        and row.infrastructure_id in (None, infrastructure_id)
        and row.company_id in (None, company)
        and row.held_from <= at + timedelta(seconds=1)
        and (row.held_until is None or at < row.held_until)
    }


def _asked(look: Look) -> Counter[tuple[str, str]]:
    """How often each file was sent to each person because of a request."""
    found: Counter[tuple[str, str]] = Counter()
    for each in look.facts.deliveries.values():
        license_id = look.facts.items[each.item_id].license_id if each.kind == "file" else None
        if license_id is not None:
            found[look.facts.licenses[license_id].sha256, look.facts.persons[each.person_id].slack_id] += 1
    return found


def _reissued(look: Look) -> Counter[tuple[int, str]]:
    """How often the files of an infrastructure were sent to each person because they were made anew."""
    found: Counter[tuple[int, str]] = Counter()
    for each in look.facts.deliveries.values():
        if each.kind == "reissue" and each.state != "failed":
            place = look.facts.reissues[each.facts["reissue_id"]].infrastructure_id
            for person_id in each.facts["person_ids"]:
                found[place, look.facts.persons[person_id].slack_id] += 1
    return found


def _sha256(file: ShownFile) -> str:
    return hashlib.sha256(file.content).hexdigest()
