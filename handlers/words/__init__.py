"""The one map from errors to words for the person who reads them.

Each error class has one function here that says what happened, what it means and what to do next. A pen
writes names and moments for where the words go: mrkdwn in messages, plain text at a field.
"""

import secrets
from collections.abc import Callable, Mapping
from typing import Any, Final

import structlog

from handlers.words import (
    busy,
    checking,
    files,
    held_files,
    mails,
    people,
    registration,
    reports,
    requests,
    seeing,
    sheets,
    subscriptions,
    typing,
)
from handlers.words.pens import Mrkdwn, Pen, Plain
from store.desk import Policy
from store.rules.errors import DeskError, FieldError
from store.rules.registration_errors import (
    SerialElsewhere,
    SerialInOtherSlot,
    SerialReserved,
    VersionNotEntitled,
)
from store.rules.request_errors import UrgentTooOften
from store.rules.subscription_errors import RenewalTooSmall

log = structlog.get_logger(__name__)

Words = Callable[[Any, Pen], str]
WORDS: Final[Mapping[type[DeskError], Words]] = {
    **typing.WORDS,
    **seeing.WORDS,
    **registration.WORDS,
    **requests.WORDS,
    **files.WORDS,
    **held_files.WORDS,
    **checking.WORDS,
    **reports.WORDS,
    **subscriptions.WORDS,
    **people.WORDS,
    **sheets.WORDS,
    **mails.WORDS,
    **busy.WORDS,
}
# Refusals that are about one thing typed: they are shown at its field, so that it can be put right there.
AT_FIELDS: Final[Mapping[type[DeskError], str]] = {
    SerialInOtherSlot: "serial",
    SerialReserved: "serial",
    SerialElsewhere: "serial",
    VersionNotEntitled: "version",
    UrgentTooOften: "urgent",
}

TRY_AGAIN: Final = (
    "The form could not be opened within the three seconds that Slack allows. Nothing has changed. "
    "Please try again."
)
SLACK_FAILED: Final = (
    "Slack did not take our answer. Nothing was lost: what is done is done, and `/license requests` and "
    "`/license environments` show it. Please try again."
)
NOT_CHECKED: Final = (
    "We could not find out who you are, because Slack did not answer. Nothing has changed. Please try again."
)
UNREADABLE: Final = (
    "We could not read what Slack sent us. Nothing has changed. Please start again with `/license`."
)
CHECKING: Final = "Checking who you are…"
OLD_BUTTON: Final = (
    "This button belongs to an earlier version of License Desk. Nothing has changed. "
    "Type `/license` to see what you can do."
)


def of(error: DeskError, policy: Policy) -> str:
    """What the reader of a message is told about a refusal or a typing error; mrkdwn."""
    return written(error, Mrkdwn(policy))


def at_field(error: DeskError, policy: Policy) -> str:
    """The same as plain text, for the field that it is about."""
    return written(error, Plain(policy))


def field_of(error: DeskError) -> str:
    """The field that an error is about, so that it can be shown there; empty when it is about none."""
    if isinstance(error, RenewalTooSmall):
        return f"slots:{error.slots[0].environment_type}" if error.slots else "highest_version"
    return error.field if isinstance(error, FieldError) else AT_FIELDS.get(type(error), "")


def written(error: DeskError, pen: Pen) -> str:
    """The words for an error, with names and moments as a pen writes them."""
    for kind in type(error).__mro__:
        words = WORDS.get(kind)
        if words:
            return words(error, pen)
    return unforeseen(error)


def unforeseen(error: Exception) -> str:
    """What the reader is told about an error of ours; the reference is also in the log, with the traceback."""
    reference = secrets.token_hex(3).upper()
    log.error("Something went wrong while answering a person", reference=reference, exc_info=error)
    return (
        "Something went wrong on our side, and what you asked for may not be done. Please try again. "
        f"If it happens again, give the operators this reference: {reference}."
    )
