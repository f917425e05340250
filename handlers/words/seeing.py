"""Words for those who may not see, may not do, or are not known here."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from handlers.words.pens import Pen, counted, names, span
from store.rules.errors import DeskError
from store.rules.older_messages import MessageOlder
from store.rules.seeing_errors import EmailHidden, NoRight, NotAllowedHere, NotAssociated, RefusedTooOften

_NOT_HERE: Final = {
    "guest": (
        "Guests can use License Desk only when their company named them. Ask the person who invited you to "
        "write to {operators}."
    ),
    "deactivated": "Your account is deactivated, so License Desk cannot help you. Ask an admin of your workspace.",
    "bot": "License Desk answers people only.",
    "elsewhere": (
        "License Desk helps people of its own workspace only, and you belong to another one. "
        "Ask your contact in this workspace."
    ),
    "starting": (
        "License Desk is just starting and has not heard from Slack yet which workspace this is. Nothing has changed. "
        "Please try again in a minute."
    ),
}

_ACTS: Final = {
    "register": "Registering an environment",
    "release": "Releasing an environment",
    "rename": "Renaming a slot",
    "upload": "Uploading a license file",
    "request": "Asking for a license",
    "serial_change": "Changing a serial number",
    "channel": "Setting the approval channel",
    "stand_in": "Naming somebody's stand-in",
    "renew": "Renewing a subscription",
    "suspend": "Suspending a subscription",
    "reinstate": "Reinstating a subscription",
    "report": "A report",
    "revocations": "The revocation list",
}


def _not_associated(error: NotAssociated, pen: Pen) -> str:
    first = "You are not associated with any infrastructure, so there is nothing here for you to see."
    if error.admins and error.company:
        whom = names(pen, error.admins)
        return f"{first} The admins of {pen.name(error.company)} can add you: ask {whom}."
    return f"{first} Ask {pen.name(pen.policy.operators_address)} to add you."


def _not_allowed_here(error: NotAllowedHere, pen: Pen) -> str:
    words = _NOT_HERE.get(error.why, _NOT_HERE["elsewhere"])
    return words.format(operators=pen.name(pen.policy.operators_address))


def _email_hidden(_error: EmailHidden, pen: Pen) -> str:
    return (
        "Slack does not tell License Desk your e-mail address, so we cannot find out who you are. Nothing has changed. "
        f"Please try again later, or write to {pen.name(pen.policy.operators_address)}: `license-desk doctor` says "
        "what is missing."
    )


def _refused_too_often(error: RefusedTooOften, pen: Pen) -> str:
    times, within = counted(pen.policy.refusals_most, "time"), span(pen.policy.refusals_period)
    return (
        f"License Desk had to refuse what you tried {times} within {within}, so it does nothing for you until "
        f"{pen.moment(error.again_at)}. Nothing has changed. Try again after that; if it cannot wait, write to "
        f"{pen.name(pen.policy.operators_address)}."
    )


def _no_right(error: NoRight, pen: Pen) -> str:
    what = _ACTS.get(error.act, "That")
    who = f" Ask {names(pen, error.who_may)}." if error.who_may else ""
    return f"{what} needs a role that you do not have. Nothing has changed.{who}"


def _message_older(_error: MessageOlder, _pen: Pen) -> str:
    return (
        "This message is older than what its button stands for today. License Desk was restored from a backup, and "
        "what the message is about was lost. Nothing has changed. Type `/license requests` to see what waits for you, "
        "or `/license` to start anew."
    )


WORDS: Final[Mapping[type[DeskError], Callable[[Any, Pen], str]]] = {
    NotAssociated: _not_associated,
    NotAllowedHere: _not_allowed_here,
    RefusedTooOften: _refused_too_often,
    NoRight: _no_right,
    EmailHidden: _email_hidden,
    MessageOlder: _message_older,
}
