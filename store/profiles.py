"""What Slack says of a person: linked once by e-mail, kept up to date, and let go when deactivated."""

from dataclasses import dataclass, replace
from enum import Enum, auto

from sqlalchemy import Connection, or_, update

from store import people
from store.coming_back import tell_came_back
from store.desk import Act, intention
from store.once import insert_once
from store.people import Person
from store.rules.rights import RoleName
from store.rules.seeing_errors import NotAllowedHere
from store.tables import persons, roles, stand_ins
from store.telling import tell

_ANY_ZONE = "UTC"


@dataclass(frozen=True, slots=True)
class Profile:
    """A member of a workspace as Slack describes them; the e-mail address may be hidden from us.

    `zone` is absent where Slack does not say it, as it does not of those who left.
    """

    workspace_id: str
    slack_id: str
    name: str
    email: str | None = None
    zone: str | None = None
    active: bool = True
    guest: bool = False
    bot: bool = False


class News(Enum):
    """What a profile is to the desk: of no concern, of somebody whom the import named, or not as it was."""

    NONE = auto()
    APPEARED = auto()
    CHANGED = auto()


def news(connection: Connection, profile: Profile) -> News:
    """What a profile says that the desk does not know yet; bots and people of no concern are no news."""
    if profile.bot:
        return News.NONE
    known = people.find(connection, profile.workspace_id, profile.slack_id)
    if known is not None:
        zone = profile.zone or known.zone
        same = (known.active, known.guest, known.zone) == (profile.active, profile.guest, zone)
        return News.NONE if same else News.CHANGED
    named = people.find_by_email(connection, profile.email) if profile.email and profile.active else None
    return News.APPEARED if named is not None and named.slack_id is None else News.NONE


@intention
def link(act: Act, profile: Profile) -> Person:
    """Find or make the person of a profile, and link them by e-mail if the import named it.

    Linking happens once: a person who has a Slack id keeps it. Raises `NotAllowedHere` for bots.
    """
    if profile.bot:
        raise NotAllowedHere("bot")
    known = people.find(act.connection, profile.workspace_id, profile.slack_id)
    if known is None:
        known = _link_by_email(act, profile) or _add(act, profile)
    _keep(act, known, profile)
    return people.get(act.connection, known.id)


@intention
def note(act: Act, profile: Profile) -> None:
    """Keep what Slack now says of a known person; somebody unknown waits until they are seen."""
    known = people.find(act.connection, profile.workspace_id, profile.slack_id)
    if known is not None:
        _keep(act, known, profile)


def _link_by_email(act: Act, profile: Profile) -> Person | None:
    found = people.find_by_email(act.connection, profile.email) if profile.email else None
    if found is None or found.slack_id is not None:
        return None
    # Two first commands of one person may arrive at once: only one of them finds the place empty.
    linked = act.connection.execute(
        update(persons)
        .where(persons.c.id == found.id, persons.c.slack_id.is_(None))
        .values(slack_id=profile.slack_id, workspace_id=profile.workspace_id)
    )
    if linked.rowcount != 1:
        return people.find(act.connection, profile.workspace_id, profile.slack_id)
    act.record("link_person", f"person {found.id}", by="email")
    return found


def _add(act: Act, profile: Profile) -> Person:
    taken = profile.email and people.find_by_email(act.connection, profile.email)
    values = {
        "workspace_id": profile.workspace_id,
        "slack_id": profile.slack_id,
        "email": None if taken or not profile.email else profile.email.lower(),
        "name": profile.name,
        "zone": profile.zone or _ANY_ZONE,
        "active": profile.active,
        "guest": profile.guest,
    }
    # Two first commands of one person may arrive at once: the second finds the row of the first.
    met = insert_once(act.connection, persons, values)
    found = people.find(act.connection, profile.workspace_id, profile.slack_id)
    if found is None:
        # Somebody else was met with the same address at the same moment, and has it.
        return _add(act, replace(profile, email=None))
    if met:
        act.record("meet_person", f"person {found.id}")
    return found


def _keep(act: Act, seen: Person, profile: Profile) -> None:
    # Slack may tell the same change several times at once: the second finds nothing left to change.
    known = people.get_to_change(act.connection, seen.id)
    zone = profile.zone or known.zone
    values = {"guest": profile.guest, "active": profile.active, "zone": zone, "checked_at": act.now}
    act.connection.execute(update(persons).where(persons.c.id == known.id).values(values))
    if known.guest != profile.guest:
        act.record("guest_changed", f"person {known.id}", guest=profile.guest)
    if known.active and not profile.active:
        _let_rest(act, known)
    elif profile.active and not known.active:
        act.record("reactivate_person", f"person {known.id}")
        tell_came_back(act, known)


def _let_rest(act: Act, person: Person) -> None:
    """Let the roles of somebody deactivated rest, end what depends on them, and tell admins and operators.

    Requests that were put to them, or that they made, are followed up by the schedule.
    """
    held = [each for each in people.held_roles(act.connection, person.id) if each.active]
    act.connection.execute(
        update(roles)
        .where(roles.c.person_id == person.id, roles.c.held_until.is_(None))
        .values(state="resting")
    )
    _end_stand_ins(act, person.id)
    act.record("deactivate_person", f"person {person.id}", resting=len(held))
    told = {each.id for each in people.operators(act.connection)} if held else set()
    for role in held:
        told |= {each.id for each in _admins_of(act, role.company_id, role.infrastructure_id)}
    occasion = f"resting:{person.id}:{act.now.isoformat()}"
    tell(act, "roles_resting", told - {person.id}, occasion, resting_person_id=person.id)


def _end_stand_ins(act: Act, person_id: int) -> None:
    """End standing in, for somebody or by them, so that it does not come back with a role."""
    either = or_(stand_ins.c.contact_id == person_id, stand_ins.c.person_id == person_id)
    going_on = update(stand_ins).where(either, stand_ins.c.ends_at > act.now)
    act.connection.execute(going_on.values(ends_at=act.now))


def _admins_of(act: Act, company_id: int | None, infrastructure_id: int | None) -> list[Person]:
    if infrastructure_id is not None:
        admins = {RoleName.COMPANY_ADMIN, RoleName.INFRASTRUCTURE_ADMIN}
        held = people.holders(act.connection, infrastructure_id, admins)
        return [each.person for each in held if each.active and each.person.active]
    return [] if company_id is None else people.company_admins(act.connection, company_id)
