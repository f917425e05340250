"""Methods about people: `users.*`."""

from typing import Any

from bot.sandbox.errors import ApiError
from bot.sandbox.people import Person, user_object
from bot.sandbox.web_api import conversations
from bot.sandbox.web_api.call import Call, Json, Method, page


def _shown(call: Call, person: Person) -> dict[str, Any]:
    world = call.world
    may_read = "users:read.email" in world.scopes()
    return user_object(person, world.workspace.id, world.clock.now(), with_email=may_read)


def _info(call: Call) -> Json:
    person = call.world.people.get(call.text("user"))
    if person is None:
        raise ApiError("user_not_found")
    return {"user": _shown(call, person)}


def _list(call: Call) -> Json:
    team = call.world.workspace.id
    members = [each for each in call.world.people.values() if each.team == team]
    chosen, cursor = page(members, call, 1000)
    return {
        "members": [_shown(call, each) for each in chosen],
        "cache_ts": int(call.world.clock.now()),
        "response_metadata": {"next_cursor": cursor},
    }


def _lookup_by_email(call: Call) -> Json:
    """Deactivated people are not found by their address."""
    wanted = call.text("email").lower()
    for person in call.world.people.values():
        if person.email and person.email.lower() == wanted and not person.deleted and not person.is_bot:
            return {"user": _shown(call, person)}
    raise ApiError("users_not_found")


METHODS = [
    Method("users.info", _info, ("user",), ("include_locale",), "users:read"),
    Method("users.list", _list, (), ("cursor", "include_locale", "limit", "team_id"), "users:read"),
    Method("users.lookupByEmail", _lookup_by_email, ("email",), (), "users:read.email"),
    Method(
        "users.conversations",
        conversations.of_user,
        (),
        ("cursor", "exclude_archived", "limit", "team_id", "types", "user"),
    ),
]
