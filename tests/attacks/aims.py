"""A well-formed payload for every button and every form, and who may use it in Acme Core.

Whoever adds a listener adds it here: the tests ask for exactly the listeners that there are.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from handlers.blocks.ids import Action, Callback
from tests.attacks.payloads import Json, choice, choices, day, file, form, people, person, press, text
from tests.attacks.staging import REASON, Ids
from tests.example import serial

MEMBER, ASKER, AUDITOR, ADDITIONAL, TECHNICAL, FINANCIAL, INFRASTRUCTURE_ADMIN, ADMIN, OPERATOR = (
    "U0ANA",
    "U0BEN",
    "U0MAX",
    "U0ADA",
    "U0RUI",
    "U0FIONA",
    "U0TOM",
    "U0EVA",
    "U0OLGA",
)
INSIDERS: Final = frozenset(
    {
        MEMBER,
        ASKER,
        AUDITOR,
        ADDITIONAL,
        TECHNICAL,
        FINANCIAL,
        INFRASTRUCTURE_ADMIN,
        ADMIN,
        OPERATOR,
    }
)
"""One person for each role that sees Acme Core; `ASKER` is a member who asked for something."""
REGISTERING: Final = INSIDERS - {AUDITOR}
RELEASING: Final = frozenset({TECHNICAL, INFRASTRUCTURE_ADMIN, ADMIN, OPERATOR})
DECIDING: Final = frozenset({ADDITIONAL, TECHNICAL, FINANCIAL, INFRASTRUCTURE_ADMIN, ADMIN})
OVERSEEING: Final = frozenset({AUDITOR, INFRASTRUCTURE_ADMIN, ADMIN, OPERATOR})
UPLOADING: Final = RELEASING | {FINANCIAL}
ADMINS: Final = frozenset({INFRASTRUCTURE_ADMIN, ADMIN})


@dataclass(frozen=True, slots=True)
class Aim:
    """What is sent, and what it comes to for those who `may`.

    With `opens` a form with this id is shown; with `reads` something is told; with `fetches` Slack is asked for a
    file, and there is none; else something changes. `anybody` tells that it is about the one who sends it alone, so
    that everybody may whom the desk lets in. `suspended` and `held` tell what the subscription and the files have to
    be.
    """

    payload: Callable[[Ids], Json]
    may: frozenset[str] = frozenset()
    opens: str = ""
    reads: bool = False
    anybody: bool = False
    fetches: bool = False
    suspended: bool = False
    held: bool = False


def _nothing(_ids: Ids) -> Json:
    return {}


_WHY: Final = text("reason", REASON)
_NEW: Final = {**text("serial", serial(9)), **text("version", "11.17.0")}
_OF_TYPE: Final = choice("environment_type", "non_production")

CLICKS: Final[Mapping[str, Aim]] = {
    Action.REGISTER: Aim(press(Action.REGISTER, lambda _: serial(9)), REGISTERING, opens=Callback.REGISTER),
    Action.REGISTER_INFRASTRUCTURE: Aim(
        lambda ids: press(
            Action.REGISTER_INFRASTRUCTURE,
            lambda _: ids.infrastructure,
            values=choice("infrastructure", ids.infrastructure),
        )(ids),
        REGISTERING,
        reads=True,
    ),
    Action.REGISTER_TYPE: Aim(
        lambda ids: press(
            Action.REGISTER_TYPE,
            lambda _: "production",
            values={
                **choice("infrastructure", ids.infrastructure),
                **choice("environment_type", "production"),
            },
        )(ids),
        REGISTERING,
        reads=True,
    ),
    Action.BULK: Aim(press(Action.BULK, lambda _: ""), INSIDERS, opens=Callback.BULK, anybody=True),
    Action.UNDO: Aim(press(Action.UNDO, lambda ids: ids.fresh), frozenset({ASKER})),
    Action.RELEASE: Aim(
        press(Action.RELEASE, lambda ids: ids.registration), RELEASING, opens=Callback.RELEASE
    ),
    Action.REPLACE: Aim(
        press(Action.REPLACE, lambda ids: ids.infrastructure, values=_OF_TYPE),
        RELEASING,
        opens=Callback.REPLACE,
    ),
    Action.RENAME: Aim(press(Action.RENAME, lambda ids: ids.taken), RELEASING, opens=Callback.RENAME),
    Action.CHANGE_SERIAL: Aim(
        press(Action.CHANGE_SERIAL, lambda ids: ids.fresh), REGISTERING, opens=Callback.CHANGE_SERIAL
    ),
    Action.UPLOAD: Aim(
        press(Action.UPLOAD, lambda ids: ids.fresh), UPLOADING, opens=Callback.UPLOAD, held=True
    ),
    Action.REQUEST: Aim(
        press(Action.REQUEST, lambda ids: ids.fresh),
        REGISTERING,
        opens=Callback.REQUEST,
    ),
    Action.REQUEST_INFRASTRUCTURE: Aim(
        press(Action.REQUEST_INFRASTRUCTURE, lambda ids: ids.infrastructure, values={}),
        REGISTERING,
        reads=True,
    ),
    Action.FORWARD: Aim(press(Action.FORWARD, lambda ids: ids.request), DECIDING),
    Action.FORWARD_CHOOSE: Aim(
        press(Action.FORWARD_CHOOSE, lambda ids: ids.request), DECIDING, opens=Callback.FORWARD
    ),
    Action.DECLINE: Aim(press(Action.DECLINE, lambda ids: ids.request), DECIDING, opens=Callback.DECLINE),
    Action.WITHDRAW: Aim(press(Action.WITHDRAW, lambda ids: ids.item), frozenset({ASKER})),
    Action.ASK_AGAIN: Aim(press(Action.ASK_AGAIN, lambda ids: ids.declined), frozenset({ASKER})),
    Action.SEND_AGAIN: Aim(
        press(Action.SEND_AGAIN, lambda ids: ids.forwarded), frozenset({ASKER, TECHNICAL})
    ),
    Action.RENEW: Aim(
        press(Action.RENEW, lambda ids: ids.infrastructure), frozenset({OPERATOR}), opens=Callback.RENEW
    ),
    Action.SUSPEND: Aim(
        press(Action.SUSPEND, lambda ids: ids.infrastructure), frozenset({OPERATOR}), opens=Callback.SUSPEND
    ),
    Action.REINSTATE: Aim(
        press(Action.REINSTATE, lambda ids: ids.infrastructure),
        frozenset({OPERATOR}),
        opens=Callback.REINSTATE,
    ),
    Action.HISTORY: Aim(
        lambda ids: press(Action.HISTORY, lambda _: 0, kind=f"infrastructure-{ids.infrastructure}")(ids),
        INSIDERS,
        reads=True,
    ),
    Action.HISTORY_OLDER: Aim(
        lambda ids: press(Action.HISTORY_OLDER, lambda _: 9, kind=f"slot-{ids.taken}")(ids),
        OVERSEEING,
        reads=True,
    ),
    Action.HISTORY_NEWEST: Aim(
        lambda ids: press(Action.HISTORY_NEWEST, lambda _: 0, kind=f"slot-{ids.taken}")(ids),
        OVERSEEING,
        reads=True,
    ),
    Action.PEOPLE_INFRASTRUCTURE: Aim(
        press(Action.PEOPLE_INFRASTRUCTURE, lambda ids: ids.infrastructure), INSIDERS, reads=True
    ),
    Action.SET_ROLE: Aim(
        press(Action.SET_ROLE, lambda ids: ids.infrastructure),
        ADMINS | {TECHNICAL, OPERATOR},
        opens=Callback.SET_ROLE,
    ),
    Action.ROLE: Aim(
        press(
            Action.ROLE,
            lambda _: "technical_contact",
            values={},
            memory=lambda ids: {"infrastructure": ids.infrastructure},
        ),
        ADMINS | {TECHNICAL, OPERATOR},
        opens=Callback.SET_ROLE,
    ),
    Action.SET_CHANNEL: Aim(
        press(Action.SET_CHANNEL, lambda ids: ids.infrastructure), ADMINS, opens=Callback.SET_CHANNEL
    ),
    Action.NAME_STAND_IN: Aim(
        press(Action.NAME_STAND_IN, lambda ids: ids.infrastructure), DECIDING, opens=Callback.NAME_STAND_IN
    ),
    Action.END_STAND_IN: Aim(press(Action.END_STAND_IN, lambda ids: ids.stand_in), ADMINS | {TECHNICAL}),
    Action.HAND_OVER: Aim(
        press(Action.HAND_OVER, lambda _: ""), INSIDERS - {OPERATOR}, opens=Callback.HAND_OVER, anybody=True
    ),
    Action.TAKE_OVER: Aim(
        press(Action.TAKE_OVER, lambda ids: f"{ids.role}-{ids.holder}"), ADMINS | {TECHNICAL}
    ),
    Action.CONFIRM_ROLES: Aim(
        press(Action.CONFIRM_ROLES, lambda ids: ids.infrastructure, kind="infrastructure"),
        ADMINS | {OPERATOR},
        opens=Callback.CONFIRM_ROLES,
    ),
    Action.ASK_ACCESS: Aim(
        press(Action.ASK_ACCESS, lambda _: ""), INSIDERS, opens=Callback.ASK_ACCESS, anybody=True
    ),
    Action.ADD_MEMBER: Aim(
        press(Action.ADD_MEMBER, lambda ids: ids.access), ADMINS | {OPERATOR}, opens=Callback.ADD_MEMBER
    ),
    Action.DECLINE_ACCESS: Aim(press(Action.DECLINE_ACCESS, lambda ids: ids.access), ADMINS | {OPERATOR}),
    Action.SHOW: Aim(press(Action.SHOW, lambda ids: ids.infrastructure, kind="slots"), INSIDERS, reads=True),
    Action.HOME_COMMAND: Aim(
        press(Action.HOME_COMMAND, lambda _: "history"), INSIDERS, reads=True, anybody=True
    ),
    Action.HOME_PAGE: Aim(press(Action.HOME_PAGE, lambda _: 1), INSIDERS, anybody=True),
    Action.HOME_REQUEST: Aim(
        press(Action.HOME_REQUEST, lambda ids: ids.request),
        DECIDING | {ASKER, AUDITOR, OPERATOR},
        reads=True,
    ),
    Action.HOME_SEARCH: Aim(
        press(Action.HOME_SEARCH, lambda _: ""), INSIDERS, opens=Callback.HOME_SEARCH, anybody=True
    ),
    Action.HOME_ENVIRONMENTS: Aim(
        lambda ids: press(Action.HOME_ENVIRONMENTS, lambda _: 0, kind=f"{ids.infrastructure}-more")(ids),
        INSIDERS,
        reads=True,
    ),
}
FORMS: Final[Mapping[str, Aim]] = {
    Callback.REGISTER: Aim(
        form(Callback.REGISTER, lambda ids: {**choice("slot", ids.slot), **_NEW}), REGISTERING
    ),
    Callback.BULK: Aim(
        form(Callback.BULK, lambda _: file("file", "F1")),
        frozenset({ADMIN}),
        reads=True,
        anybody=True,
    ),
    Callback.BULK_CONFIRM: Aim(
        form(Callback.BULK_CONFIRM, _nothing, lambda _: {"file": "F1"}),
        frozenset({ADMIN}),
        reads=True,
        anybody=True,
    ),
    Callback.CHANGE_VERSION: Aim(
        form(
            Callback.CHANGE_VERSION,
            _nothing,
            lambda ids: {"registration": ids.fresh, "version": "11.18.0"},
        ),
        REGISTERING,
    ),
    Callback.RELEASE: Aim(
        form(Callback.RELEASE, lambda _: _WHY, lambda ids: {"registration": ids.registration}), RELEASING
    ),
    Callback.REPLACE: Aim(
        form(
            Callback.REPLACE,
            lambda ids: {**choice("environment", ids.registration), **_NEW, **_WHY},
            lambda ids: {"infrastructure": ids.infrastructure, "type": "non_production"},
        ),
        RELEASING,
    ),
    Callback.RENAME: Aim(
        form(Callback.RENAME, lambda _: text("name", "Renamed"), lambda ids: {"slot": ids.taken}), RELEASING
    ),
    Callback.CHANGE_SERIAL: Aim(
        form(
            Callback.CHANGE_SERIAL,
            lambda _: {**text("serial", serial(9)), **_WHY},
            lambda ids: {"registration": ids.fresh},
        ),
        REGISTERING,
    ),
    Callback.RENEW: Aim(
        form(
            Callback.RENEW,
            lambda _: {**day("ends", "2028-12-31"), **text("highest_version", "11")},
            lambda ids: {"infrastructure": ids.infrastructure},
        ),
        frozenset({OPERATOR}),
    ),
    Callback.SUSPEND: Aim(
        form(Callback.SUSPEND, lambda _: _WHY, lambda ids: {"infrastructure": ids.infrastructure}),
        frozenset({OPERATOR}),
    ),
    Callback.REINSTATE: Aim(
        form(Callback.REINSTATE, _nothing, lambda ids: {"infrastructure": ids.infrastructure}),
        frozenset({OPERATOR}),
        suspended=True,
    ),
    Callback.REQUEST: Aim(
        form(Callback.REQUEST, lambda ids: {**choices("environments", ids.fresh), **_WHY}), REGISTERING
    ),
    Callback.FORWARD: Aim(
        form(Callback.FORWARD, lambda ids: choices("items", ids.item), lambda ids: str(ids.request)), DECIDING
    ),
    Callback.DECLINE: Aim(form(Callback.DECLINE, lambda _: _WHY, lambda ids: str(ids.request)), DECIDING),
    Callback.UPLOAD: Aim(
        form(Callback.UPLOAD, lambda _: file("file", "F1"), lambda ids: {"registration": ids.fresh}),
        UPLOADING,
        fetches=True,
        held=True,
    ),
    Callback.UPLOAD_CONFIRM: Aim(
        form(Callback.UPLOAD_CONFIRM, _nothing, lambda ids: {"registration": ids.fresh, "file": "F1"}),
        UPLOADING,
        fetches=True,
        held=True,
    ),
    Callback.CHECK: Aim(form(Callback.CHECK, lambda _: text("text", serial(1))), INSIDERS, reads=True),
    Callback.SET_ROLE: Aim(
        form(
            Callback.SET_ROLE,
            lambda _: {**choice("role", "member"), **people("add", "U0OTTO")},
            lambda ids: {"infrastructure": ids.infrastructure},
        ),
        ADMINS,
    ),
    Callback.SET_CHANNEL: Aim(
        form(
            Callback.SET_CHANNEL,
            lambda _: {"channel": {"field": {"type": "conversations_select", "selected_conversation": None}}},
            lambda ids: {"infrastructure": ids.infrastructure},
        ),
        ADMINS,
    ),
    Callback.NAME_STAND_IN: Aim(
        form(
            Callback.NAME_STAND_IN,
            lambda ids: {
                **choice("contact", ids.contact),
                **person("stand_in", "U0ANA"),
                **day("from", "2026-11-25"),
                **day("until", "2026-11-30"),
            },
            lambda ids: {"infrastructure": ids.infrastructure},
        ),
        ADMINS | {TECHNICAL},
    ),
    Callback.HAND_OVER: Aim(
        form(Callback.HAND_OVER, lambda ids: choices("roles", ids.role)), frozenset({TECHNICAL})
    ),
    Callback.CONFIRM_ROLES: Aim(
        form(Callback.CONFIRM_ROLES, lambda ids: choices("roles", ids.resting)), ADMINS | {OPERATOR}
    ),
    Callback.ASK_ACCESS: Aim(
        form(Callback.ASK_ACCESS, lambda _: text("access", "let me in")), INSIDERS, anybody=True
    ),
    Callback.ADD_MEMBER: Aim(
        form(
            Callback.ADD_MEMBER,
            lambda ids: choice("infrastructure", ids.infrastructure),
            lambda ids: {"access": ids.access},
        ),
        ADMINS | {OPERATOR},
    ),
    Callback.HOME_SEARCH: Aim(
        form(Callback.HOME_SEARCH, lambda _: text("search", "Quality 1")), INSIDERS, reads=True
    ),
}
AIMS: Final[Mapping[str, Aim]] = {
    **{f"button {name}": aim for name, aim in CLICKS.items()},
    **{f"form {name}": aim for name, aim in FORMS.items()},
}
"""All of them, named for what they are: a button and a form may have the same id."""
