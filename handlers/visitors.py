"""Who acts: from a payload's ids against the database; whoever cannot be told for sure may do nothing."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection

from handlers.context import Context
from handlers.payloads import Who, part, text
from store import people, profiles
from store.desk import Actor, Desk
from store.people import Person
from store.profiles import Profile
from store.rules.rights import HeldRole, Rights, RoleName
from store.rules.seeing_errors import EmailHidden, NotAllowedHere, RefusedTooOften

NOBODY = Actor(None)

_LONGEST_NAME: Final = 120
_LONGEST_ZONE: Final = 60
"""As many characters as the columns have; PostgreSQL refuses longer ones."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """A known person at the desk, with the roles that they hold as this turn begins.

    The roles are for what is shown; whoever changes something is asked for their right again, in its transaction.
    """

    desk: Desk
    person: Person
    held: tuple[HeldRole, ...]

    @property
    def actor(self) -> Actor:
        """The person as the one who acts."""
        return Actor(self.person.id)

    @property
    def rights(self) -> Rights:
        """What this person may do in at least one place: the rights of all their active roles together."""
        return Rights(frozenset(each.role for each in self.held if each.active))

    @property
    def now(self) -> datetime:
        """This moment."""
        return self.desk.clock()

    def require_heard(self) -> None:
        """Raise `RefusedTooOften` for somebody who is paused; operators never are."""
        until = self.person.paused_until
        if until is not None and until > self.now and RoleName.OPERATOR not in self.rights.roles:
            raise RefusedTooOften(until)

    def read(self) -> AbstractContextManager[Connection]:
        """A connection to read with."""
        return self.desk.database.read()


def identify(context: Context, who: Who) -> Visitor | None:
    """The visitor, or None for somebody never seen, whom `look_up` asks Slack about.

    Raises `NotAllowedHere` for guests, deactivated people and people of other workspaces, and for everybody until the
    desk knows which workspace it serves.
    """
    _require_home(context, who)
    with context.desk.database.read() as connection:
        found = people.find_with_roles(connection, who.workspace, who.slack_id)
    if found is None:
        return None
    person, held = found
    require_welcome(person, held)
    return Visitor(context.desk, person, held)


def look_up(context: Context, who: Who) -> Visitor:
    """Ask Slack who somebody is, and link them if the import named their address.

    Raises `NotAllowedHere`, `EmailHidden`, and what the call to Slack raises.
    """
    user = context.slack.users_info(who.slack_id)
    reason = unwelcome(user, who.workspace)
    if reason:
        raise NotAllowedHere(reason)
    profile = profile_of(user, who.workspace)
    if profile.email is None:
        raise EmailHidden
    person = profiles.link(context.desk, NOBODY, profile)
    with context.desk.database.read() as connection:
        return Visitor(context.desk, person, people.held_roles(connection, person.id))


def profile_of(user: Mapping[str, Any], workspace: str) -> Profile:
    """What a user object of Slack's says of a person."""
    shown, slack_id = part(user, "profile"), text(user, "id")
    name = text(shown, "real_name") or text(user, "real_name") or text(user, "name") or slack_id
    return Profile(
        workspace,
        slack_id,
        name[:_LONGEST_NAME],
        text(shown, "email") or None,
        text(user, "tz")[:_LONGEST_ZONE] or None,
        active=not user.get("deleted"),
        guest=_is_guest(user),
        bot=_is_bot(user),
    )


def require_welcome(person: Person, held: tuple[HeldRole, ...]) -> None:
    """Raise `NotAllowedHere` for a known person who is deactivated, or a guest whom the import did not name."""
    if not person.active:
        raise NotAllowedHere("deactivated")
    if person.guest and not (person.slack_id_imported and any(each.active for each in held)):
        raise NotAllowedHere("guest")


def unwelcome(user: Mapping[str, Any], workspace: str) -> str | None:
    """Why the person of a user object of Slack's cannot use the desk, or None."""
    if user.get("is_stranger") or user.get("team_id") != workspace:
        return "elsewhere"
    if user.get("deleted"):
        return "deactivated"
    if _is_bot(user):
        return "bot"
    return "guest" if _is_guest(user) else None


def _is_bot(user: Mapping[str, Any]) -> bool:
    return bool(user.get("is_bot") or user.get("is_workflow_bot") or user.get("id") == "USLACKBOT")


def _is_guest(user: Mapping[str, Any]) -> bool:
    return bool(user.get("is_restricted") or user.get("is_ultra_restricted"))


def _require_home(context: Context, who: Who) -> None:
    here = context.identity().workspace_id
    if not here:
        raise NotAllowedHere("starting")
    if not who.slack_id or who.workspace != here or who.home != here:
        raise NotAllowedHere("elsewhere")
