"""Payloads that were changed on their way."""

import copy
import random
from typing import Any

from handlers import CLICKS, EVENTS, SUBMISSIONS
from handlers.memory import remember
from tests.example import WORKSPACE, serial

ODD: list[Any] = [
    None,
    "",
    0,
    -1,
    True,
    [],
    {},
    "x" * 4_000,
    "1",
    "999999",
    "\u202e<!channel>",
    10**30,
    ["a"],
    {"id": 1},
]


def mutated(payload: Any, chance: random.Random) -> Any:
    """A copy with one to three things in it replaced or taken away."""
    changed = copy.deepcopy(payload)
    for _ in range(chance.randint(1, 3)):
        places = list(_places(changed))
        if not places:
            return changed
        holder, key = chance.choice(places)
        if isinstance(holder, dict) and chance.random() < 0.2:
            holder.pop(key, None)
        else:
            holder[key] = copy.deepcopy(chance.choice(ODD))
    return changed


def of_every_listener(user: str, registration: int, slot: int) -> list[dict[str, Any]]:
    """A click and a submission for each id that there is, about an environment and a slot."""
    who = {"team": {"id": WORKSPACE}, "user": {"id": user, "team_id": WORKSPACE}}
    typed = {"type": "plain_text_input", "value": serial(2)}
    values = {
        "slot:1": {"field": {"type": "static_select", "selected_option": {"value": str(slot)}}},
        "serial": {"field": typed},
        "version": {"field": {"type": "plain_text_input", "value": "11.17.0"}},
        "reason": {"field": {"type": "plain_text_input", "value": "why not"}},
        "environments": {
            "field": {"type": "multi_static_select", "selected_options": [{"value": str(registration)}]}
        },
    }
    view = {"id": "V1", "type": "modal", "hash": "1", "private_metadata": remember(registration=registration)}
    submissions = [
        {
            **who,
            "type": "view_submission",
            "view": {**view, "callback_id": str(name), "state": {"values": values}},
        }
        for name in SUBMISSIONS
    ]
    button = {"type": "button", "block_id": "b", "action_ts": "1.1"}
    clicks = [
        {
            **who,
            "type": "block_actions",
            "container": {"type": "message", "channel_id": "D0X"},
            "channel": {"id": "D0X"},
            "actions": [{**button, "action_id": str(name), "value": str(registration)}],
        }
        for name in CLICKS
    ]
    return submissions + clicks


def happenings() -> list[dict[str, Any]]:
    """An event of each kind, about somebody and a channel that the desk does not need for anything else."""
    user = {"id": "U0NEW", "team_id": WORKSPACE, "profile": {"email": "new@acme.example", "real_name": "New"}}
    more = {"type": "message", "channel_type": "im", "ts": "1.1", "text": "hello", "user_team": WORKSPACE}
    bodies: dict[str, dict[str, Any]] = {
        "message": {"user": "U0NEW", "channel": "D0NEW", **more},
        "app_home_opened": {"user": "U0NEW", "tab": "home", "channel": "D0NEW"},
        "tokens_revoked": {"tokens": {"oauth": ["U0NEW"], "bot": []}},
        "channel_rename": {"channel": {"id": "C0NEW", "name": "new"}},
        "group_rename": {"channel": {"id": "C0NEW", "name": "new"}},
        "channel_id_changed": {"old_channel_id": "C0NEW", "new_channel_id": "C0NEWER"},
        "team_join": {"user": user},
        "user_change": {"user": user},
    }
    about_channel = {"channel": "C0NEW", "user": "U0NEW"}
    return [
        {
            "type": "event_callback",
            "team_id": WORKSPACE,
            "event": {"type": name, **bodies.get(name, about_channel)},
        }
        for name in EVENTS
        if name != "app_uninstalled"  # of which nothing is read but that it happened
    ]


def _places(part: Any) -> list[tuple[Any, Any]]:
    found: list[tuple[Any, Any]] = []
    pairs = part.items() if isinstance(part, dict) else enumerate(part) if isinstance(part, list) else []
    for key, each in pairs:
        found.append((part, key))
        found += _places(each)
    return found
