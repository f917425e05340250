"""Releasing an environment: `/license release`, its modal, and the request that a flagged infrastructure needs."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import Connection

from handlers import choosing, phrases
from handlers.answers import Answer, Open, say
from handlers.blocks import state
from handlers.blocks.ids import Action, BlockId, Callback
from handlers.blocks.kit import Element, View, input_block, modal, section, text_input
from handlers.blocks.text import last_day, quote
from handlers.choosing import Found, Purpose
from handlers.menus import environment_menu
from handlers.outcomes import outcome
from handlers.payloads import Click, Command, Submission
from handlers.visitors import Visitor
from store import releases, requests, slots
from store.rules.request_errors import LONGEST_REASON
from store.rules.rights import RELEASERS, RoleName

_RELEASING: Final = Purpose("release", lambda rights: rights.releases, RELEASERS - {RoleName.OPERATOR})


def release_command(visitor: Visitor, command: Command) -> Answer:
    """`/license release [serial or name]`: the modal, for the environment named or to choose one."""
    with visitor.read() as connection:
        found = choosing.by_words(connection, visitor, _RELEASING, command.rest)
        only = choosing.only_place(connection, visitor, _RELEASING, found, command.rest)
        return _opened(connection, found, command.rest, only)


def release_click(visitor: Visitor, click: Click) -> Answer:
    """The modal for the environment of a button, or to choose one of its infrastructure."""
    with visitor.read() as connection:
        if click.kind == "infrastructure":
            found = choosing.in_infrastructure(connection, visitor, _RELEASING, click.number)
            return _opened(connection, found, only=click.number)
        return _opened(connection, [choosing.by_registration(connection, visitor, _RELEASING, click.number)])


def release_submission(visitor: Visitor, submission: Submission) -> Answer:
    """Release, or in a flagged infrastructure ask the operators to."""
    registration_id = choosing.chosen(submission)
    reason = state.text(submission.entered, BlockId.REASON) or ""
    with visitor.read() as connection:
        found = choosing.by_registration(connection, visitor, _RELEASING, registration_id)
    if _needs_operators(found):
        return outcome(
            requests.ask_release(visitor.desk, visitor.actor, registration_id, reason, submission.view_id)
        )
    environment, infrastructure = releases.release(visitor.desk, visitor.actor, registration_id, reason)
    place = quote(infrastructure.name, phrases.LONGEST_NAME)
    return say(
        f"{phrases.environment(environment)} of {place} is released, and its slot is free. Its serial number can be "
        "registered again. Remember to remove the license file from the old server.",
        title="Released",
    )


def _needs_operators(found: Found) -> bool:
    return found.infrastructure.flagged and RoleName.OPERATOR not in found.seen.rights.roles


def _opened(
    connection: Connection, found: Sequence[Found], typed: str = "", only: int | None = None
) -> Answer:
    if not found:
        return say(_none(typed))
    ends = slots.license_ends(connection, [each.registration.id for each in found])
    end = ends.get(found[0].registration.id) if len(found) == 1 else None
    return Open(_view(found, end, environment_menu(Action.RELEASE_OF, only)))


def _none(typed: str) -> str:
    if not typed:
        return (
            "There is no registered environment to release, so nothing has changed. "
            "Type `/license slots` to see which slots are free."
        )
    return (
        f"There is no registered environment called “{quote(typed, phrases.LONGEST_NAME)}” that you may release. "
        "Type `/license environments` to see what is registered."
    )


def _view(found: Sequence[Found], license_end: datetime | None, many: Element) -> View:
    blocks = [*choosing.blocks(found, many), section(_what_happens(found, license_end))]
    reason = text_input(
        Action.FIELD, "For example: server switched off", multiline=True, longest=LONGEST_REASON
    )
    hint = "It is kept in the history, and those who are told of the release can read it."
    blocks.append(input_block("Reason", reason, BlockId.REASON, hint=hint))
    submit = "Ask the operators" if all(map(_needs_operators, found)) else "Release"
    return modal(Callback.RELEASE, "Release", blocks, submit=submit, private_metadata=choosing.memory(found))


def _what_happens(found: Sequence[Found], license_end: datetime | None) -> str:
    until = f", {last_day(license_end)}" if license_end else ""
    said = (
        "Releasing frees the slot. The old license file stays technically valid on the old server until the date in "
        f"it{until}: remove it there. Requests for this environment that wait for an answer are closed."
    )
    if any(map(_needs_operators, found)):
        said += " Releases of this infrastructure are confirmed by the operators: they are asked first."
    return said
