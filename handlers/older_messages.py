"""Turning away clicks in messages from before a restored backup whose buttons name what was made after it.

After a backup was restored ids are given out again. A message is sent after what it names is in the database, so one
that was there before the restore is about something that is lost. When Slack posted it is believed only for turning a
click away; every right is asked of the database all the same. What stands in a view has no such moment: modals are
short-lived, and Home is drawn anew after a restore.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import wraps
from typing import Final

from sqlalchemy import Connection

from handlers.adapters import Conversation
from handlers.answers import Answer
from handlers.blocks.ids import Action, base
from handlers.payloads import Click, number
from handlers.visitors import Visitor
from store.restorations import restored_before
from store.rules.older_messages import MessageOlder, Thing, outlived

Named = Iterator[tuple[Thing, int]]

_IN_KEYS: Final = {"infrastructure": Thing.INFRASTRUCTURE, "slot": Thing.SLOT}


def not_older(talk: Conversation[Click]) -> Conversation[Click]:
    """The same conversation, held only if the message is not from before what its button names.

    Raises `MessageOlder`, and BadPayload for a button that names something else than it should.
    """

    @wraps(talk)
    def look_first(visitor: Visitor, click: Click) -> Answer:
        names = NAMED.get(base(click.action_id))
        if click.message_age is not None and names is not None:
            with visitor.read() as connection:
                _require_younger(connection, visitor, click, names(click))
        return talk(visitor, click)

    return look_first


def _require_younger(connection: Connection, visitor: Visitor, click: Click, named: Named) -> None:
    for thing, thing_id in named:
        restored_at = restored_before(connection, thing, thing_id)
        if restored_at and click.message_age and outlived(click.message_age, visitor.now - restored_at):
            raise MessageOlder(thing, thing_id)


def _value(thing: Thing) -> Callable[[Click], Named]:
    """What a button's value names; nothing where it has none."""

    def named(click: Click) -> Named:
        if click.value:
            yield _IN_KEYS.get(click.kind.partition("-")[0], thing), click.number

    return named


def _key(click: Click) -> Named:
    """What the key of an action id names, such as `slot-17`; the value is only how far somebody has read."""
    kind, _, key = click.kind.partition("-")
    if kind in _IN_KEYS:
        yield _IN_KEYS[kind], number(key)


def _successor(click: Click) -> Named:
    role, _, person = click.value.partition("-")
    yield Thing.ROLE, number(role)
    yield Thing.PERSON, number(person)


NAMED: Final[Mapping[str, Callable[[Click], Named]]] = {
    Action.UNDO: _value(Thing.REGISTRATION),
    Action.RELEASE: _value(Thing.REGISTRATION),
    Action.RENAME: _value(Thing.SLOT),
    Action.CHANGE_SERIAL: _value(Thing.REGISTRATION),
    Action.UPLOAD: _value(Thing.REGISTRATION),
    Action.REQUEST: _value(Thing.REGISTRATION),
    Action.FORWARD: _value(Thing.REQUEST),
    Action.FORWARD_CHOOSE: _value(Thing.REQUEST),
    Action.DECLINE: _value(Thing.REQUEST),
    Action.WITHDRAW: _value(Thing.ITEM),
    Action.ASK_AGAIN: _value(Thing.ITEM),
    Action.SEND_AGAIN: _value(Thing.ITEM),
    Action.RENEW: _value(Thing.INFRASTRUCTURE),
    Action.SUSPEND: _value(Thing.INFRASTRUCTURE),
    Action.REINSTATE: _value(Thing.INFRASTRUCTURE),
    Action.HISTORY: _key,
    Action.HISTORY_OLDER: _key,
    Action.HISTORY_NEWEST: _key,
    Action.SET_ROLE: _value(Thing.INFRASTRUCTURE),
    Action.SET_CHANNEL: _value(Thing.INFRASTRUCTURE),
    Action.NAME_STAND_IN: _value(Thing.INFRASTRUCTURE),
    Action.END_STAND_IN: _value(Thing.STAND_IN),
    Action.TAKE_OVER: _successor,
    Action.CONFIRM_ROLES: _value(Thing.PERSON),
    Action.ADD_MEMBER: _value(Thing.ACCESS_REQUEST),
    Action.DECLINE_ACCESS: _value(Thing.ACCESS_REQUEST),
}
"""What the button of each action names."""

NAMELESS: Final = frozenset(
    {
        # These name nothing, or what is typed.
        Action.REGISTER,
        Action.BULK,
        Action.HAND_OVER,
        Action.ASK_ACCESS,
        # These name what is chosen at this moment, from what there is at this moment; nothing changes by it.
        Action.PEOPLE_INFRASTRUCTURE,
        Action.SHOW,
        # These stand in a modal or in Home, and never in a message.
        Action.REGISTER_INFRASTRUCTURE,
        Action.REGISTER_TYPE,
        Action.REPLACE,
        Action.REQUEST_INFRASTRUCTURE,
        Action.ROLE,
        Action.HOME_COMMAND,
        Action.HOME_PAGE,
        Action.HOME_REQUEST,
        Action.HOME_SEARCH,
        Action.HOME_ENVIRONMENTS,
    }
)
"""The actions that need no look: every action is in one of these two."""
