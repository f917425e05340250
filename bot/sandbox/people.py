"""People of the workspace, and the bot among them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo


@dataclass
class Person:
    """Somebody with an account: a member, a guest, a bot, or a member of another workspace (`team`).

    `title` is what they do, in the words of their profile.
    """

    id: str
    name: str
    real_name: str
    team: str
    email: str | None = None
    tz: str = "Europe/Amsterdam"
    is_restricted: bool = False
    is_ultra_restricted: bool = False
    deleted: bool = False
    is_bot: bool = False
    updated: int = 0
    title: str = ""

    @property
    def is_guest(self) -> bool:
        """Whether this is a guest of one or several channels."""
        return self.is_restricted or self.is_ultra_restricted


def user_object(person: Person, workspace: str, now: float, *, with_email: bool) -> dict[str, Any]:
    """The person as `users.info` gives them; the address only to apps that may read it."""
    user: dict[str, Any] = {
        "id": person.id,
        "team_id": person.team,
        "name": person.name,
        "deleted": person.deleted,
        "color": "4bbe2e",
        "real_name": person.real_name,
        "profile": _profile(person, with_email=with_email),
        "is_bot": person.is_bot,
        "is_app_user": False,
        "updated": person.updated,
    }
    if not person.deleted:
        user |= _standing(person) | _zone(person, now)
    if person.team != workspace:
        user["is_stranger"] = True
    return user


def _standing(person: Person) -> dict[str, Any]:
    return {
        "is_admin": False,
        "is_owner": False,
        "is_primary_owner": False,
        "is_restricted": person.is_restricted,
        "is_ultra_restricted": person.is_ultra_restricted,
        "is_email_confirmed": person.email is not None,
    }


def _zone(person: Person, now: float) -> dict[str, Any]:
    moment = datetime.fromtimestamp(now, ZoneInfo(person.tz))
    offset = moment.utcoffset()
    return {
        "tz": person.tz,
        "tz_label": moment.tzname() or person.tz,
        "tz_offset": int(offset.total_seconds()) if offset else 0,
    }


def _profile(person: Person, *, with_email: bool) -> dict[str, Any]:
    first, _, last = person.real_name.partition(" ")
    profile: dict[str, Any] = {
        "title": person.title,
        "phone": "",
        "skype": "",
        "real_name": person.real_name,
        "real_name_normalized": person.real_name,
        "display_name": person.name,
        "display_name_normalized": person.name,
        "status_text": "",
        "status_emoji": "",
        "avatar_hash": "",
        "first_name": first,
        "last_name": last,
        "team": person.team,
    }
    if with_email and person.email and not person.is_bot:
        profile["email"] = person.email
    return profile
