"""`/license request`: a modal for the license files of one to ten environments, and what asking came to."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import Connection

from handlers import choosing, phrases, request_form
from handlers.answers import Answer, Open, Replace, Say, say
from handlers.blocks.ids import Action
from handlers.blocks.kit import View, button
from handlers.blocks.text import quote
from handlers.choosing import Found
from handlers.outcomes import outcome
from handlers.payloads import Click, Command, Shortcut, Submission
from handlers.request_form import REQUESTING
from handlers.visitors import Visitor
from store import infrastructures, requests
from store.rules.serials import (
    ActivationCodeMalformed,
    ActivationCodeTyped,
    SerialMalformed,
    parse_activation_code,
    parse_serial,
)

# So far from the length of a serial number it was none that was meant.
_FAR_FROM_A_SERIAL: Final = 3


def request_command(visitor: Visitor, command: Command) -> Answer:
    """Open the modal, with the environment filled in that was named by serial number or name."""
    with visitor.read() as connection:
        if not command.rest:
            return _opened(connection, visitor)
        found = _named(connection, visitor, command.rest)
    return Open(found) if found else not_found(command.rest)


def request_shortcut(visitor: Visitor, _shortcut: Shortcut) -> Answer:
    """Open the modal from the shortcuts menu."""
    with visitor.read() as connection:
        return _opened(connection, visitor)


def request_click(visitor: Visitor, click: Click) -> Answer:
    """Get the license, or open the modal to ask for it, of the registration that a button names.

    The same click again is the same request.
    """
    with visitor.read() as connection:
        if not click.value:
            return _opened(connection, visitor)
        found = choosing.by_registration(connection, visitor, REQUESTING, click.number)
        if not found.seen.rights.gets_files_directly:
            form = request_form.gather(connection, visitor, found.seen, [found.registration.id])
            return Open(request_form.draw(form, visitor))
    return outcome(requests.ask(visitor.desk, visitor.actor, [found.registration.id], "", click.key))


def infrastructure_changed(visitor: Visitor, click: Click) -> Answer:
    """Draw the modal anew for the infrastructure chosen in it; the reason stays."""
    with visitor.read() as connection:
        seen = infrastructures.seen(connection, visitor.person.id, click.number)
        reason = request_form.read_reason(click.entered or {})
        form = request_form.gather(connection, visitor, seen, reason=reason)
        return Replace(request_form.draw(form, visitor))


def request_submission(visitor: Visitor, submission: Submission) -> Answer:
    """Ask for the environments chosen; the same submission again is the same request."""
    wanted = request_form.read_environments(submission.entered)
    reason = request_form.read_reason(submission.entered) or ""
    urgent = request_form.read_urgent(submission.entered)
    key = submission.view_id
    return outcome(requests.ask(visitor.desk, visitor.actor, wanted, reason, key, urgent=urgent))


def _opened(connection: Connection, visitor: Visitor) -> Answer:
    listed = request_form.places(connection, visitor)
    chosen = request_form.first(connection, visitor, listed)
    return Open(request_form.draw(request_form.gather(connection, visitor, chosen), visitor))


def _named(connection: Connection, visitor: Visitor, typed: str) -> View | None:
    """The modal for an environment named by serial number or name, or for an infrastructure."""
    if _is_code(typed):
        # A serial number is wanted here, and the two are often taken for each other.
        return None
    found = choosing.by_words(connection, visitor, REQUESTING, typed)
    if found:
        form = request_form.gather(connection, visitor, found[0].seen, _meant(found, typed))
        return request_form.draw(form, visitor)
    # Without anything registered there is still something to say of an infrastructure of this name.
    listed = request_form.places(connection, visitor, named=typed)
    if not listed:
        return None
    return request_form.draw(request_form.gather(connection, visitor, listed[0]), visitor)


def _is_code(typed: str) -> bool:
    try:
        parse_activation_code(typed)
    except ActivationCodeMalformed:
        return False
    return "." in typed


def _meant(found: Sequence[Found], typed: str) -> list[int]:
    """Those of the environments found that were named themselves, and not only their infrastructure."""
    named = choosing.exactly(found, typed)
    return [each.registration.id for each in named if each.infrastructure.id == found[0].infrastructure.id]


def not_found(typed: str) -> Say:
    """Offer to register a serial number; say what is wrong with what was meant to be one.

    Raises `ActivationCodeTyped`.
    """
    try:
        serial = parse_serial(typed)
    except ActivationCodeTyped:
        raise
    except SerialMalformed as malformed:
        name = quote(typed, phrases.LONGEST_NAME)
        return say(f"You see no registered environment called “{name}”. {_hint(malformed)}")
    register = button("Register it", Action.REGISTER, serial, style="primary")
    return say(
        f"The serial number {serial} is not registered yet, so there is no license for it to ask for. "
        "Register the environment first; its serial number is filled in for you.",
        register,
    )


def _hint(malformed: SerialMalformed) -> str:
    said = "Nothing was asked for. Type `/license environments` to see what is registered."
    if malformed.wrong or abs(malformed.length - malformed.expected) > _FAR_FROM_A_SERIAL:
        return said
    return f"A serial number has {malformed.expected} letters and digits; this has {malformed.length}. {said}"
