"""A serial number has changed: `/license serial-changed`, its modal, done at once or asked for."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import Connection

from handlers import choosing, phrases
from handlers.answers import Answer, Open, Say, say, say_blocks
from handlers.blocks import state
from handlers.blocks.ids import Action, BlockId, Callback
from handlers.blocks.kit import Block, Element, View, fields_lines, input_block, modal, section, text_input
from handlers.blocks.text import quote
from handlers.choosing import Found, Purpose
from handlers.menus import environment_menu
from handlers.outcomes import outcome, who_will_be_asked
from handlers.payloads import Click, Command, Submission
from handlers.registration import license_button, next_step
from handlers.visitors import Visitor
from store import asking, registrations, requests
from store.held_files import are_held
from store.registrations import Registered
from store.rules.request_errors import LONGEST_REASON
from store.rules.rights import RoleName

_CHANGING: Final = Purpose(
    "serial_change",
    lambda rights: rights.registers,
    frozenset(RoleName) - {RoleName.AUDITOR, RoleName.OPERATOR},
)


def serial_changed_command(visitor: Visitor, command: Command) -> Answer:
    """`/license serial-changed [serial or name]`: the modal, for the environment named or to choose one."""
    with visitor.read() as connection:
        found = choosing.by_words(connection, visitor, _CHANGING, command.rest)
        only = choosing.only_place(connection, visitor, _CHANGING, found, command.rest)
        return _opened(connection, visitor, found, typed=command.rest, only=only)


def serial_changed_click(visitor: Visitor, click: Click) -> Answer:
    """The modal for the environment of a button, or to choose one of its infrastructure.

    A serial number that was typed into the modal around the button is taken along.
    """
    serial = state.text(click.entered or {}, BlockId.SERIAL) or ""
    with visitor.read() as connection:
        if click.kind == "infrastructure":
            found = choosing.in_infrastructure(connection, visitor, _CHANGING, click.number)
            return _opened(connection, visitor, found, serial=serial, only=click.number)
        found = [choosing.by_registration(connection, visitor, _CHANGING, click.number)]
        return _opened(connection, visitor, found, serial=serial)


def serial_changed_submission(visitor: Visitor, submission: Submission) -> Answer:
    """Change the serial number at once with the direct right, or ask for it."""
    registration_id = choosing.chosen(submission)
    serial = state.text(submission.entered, BlockId.SERIAL) or ""
    reason = state.text(submission.entered, BlockId.REASON) or ""
    with visitor.read() as connection:
        found = choosing.by_registration(connection, visitor, _CHANGING, registration_id)
    if not found.seen.rights.changes_serial_directly:
        return outcome(
            requests.ask_serial_change(
                visitor.desk, visitor.actor, registration_id, serial, reason, submission.view_id
            )
        )
    made = registrations.change_serial(visitor.desk, visitor.actor, registration_id, serial)
    return _changed(visitor, found, made)


def _opened(
    connection: Connection,
    visitor: Visitor,
    found: Sequence[Found],
    *,
    typed: str = "",
    serial: str = "",
    only: int | None = None,
) -> Answer:
    if not found:
        return say(_none(typed))
    many = environment_menu(Action.CHANGE_SERIAL_OF, only)
    return Open(_view(connection, visitor, found, serial, many))


def _none(typed: str) -> str:
    if not typed:
        return "There is no registered environment whose serial number could change. `/license register` registers one."
    return (
        f"There is no registered environment called “{quote(typed, phrases.LONGEST_NAME)}”. Type "
        "`/license environments` to see what is registered, with the serial numbers as they are now."
    )


def _view(
    connection: Connection, visitor: Visitor, found: Sequence[Found], typed: str, many: Element
) -> View:
    product = found[0].infrastructure.product
    serial = input_block(
        "New serial number",
        text_input(Action.FIELD, "XXX-XXX-XXX-XXX-XXX-XXX-XXX-XXX", typed or None, longest=200),
        BlockId.SERIAL,
        hint=f"24 letters and digits. You find it in {product.console_name}, {product.menu_path}.",
    )
    blocks = [
        *choosing.blocks(found, many),
        serial,
        *_reason(found),
        section(_what_happens(connection, visitor, found)),
    ]
    submit = "Change" if all(each.seen.rights.changes_serial_directly for each in found) else "Continue"
    memory = choosing.memory(found)
    return modal(Callback.CHANGE_SERIAL, "Serial changed", blocks, submit=submit, private_metadata=memory)


def _reason(found: Sequence[Found]) -> list[Block]:
    """Those who are asked want a reason; where everything is done at once, nobody is asked."""
    asks = [each for each in found if not each.seen.rights.changes_serial_directly]
    if not asks:
        return []
    field = text_input(Action.FIELD, "For example: new hardware", multiline=True, longest=LONGEST_REASON)
    optional = len(asks) < len(found)
    return [
        input_block(
            "Reason", field, BlockId.REASON, hint="Those who are asked will read it.", optional=optional
        )
    ]


def _what_happens(connection: Connection, visitor: Visitor, found: Sequence[Found]) -> str:
    said = "The slot stays the same; the old license file stays technically valid on the old server until its date."
    if any(are_held(each.infrastructure) for each in found):
        said += (
            " A file that the vendor made does not fit the new serial number: a new one has to be uploaded."
        )
    if all(each.seen.rights.changes_serial_directly for each in found):
        return f"{said} The change is made at once."
    if len(found) > 1:
        return f"{said} Where you may not get files directly, the change is put to the contacts first."
    asked = asking.who_is_asked(
        connection,
        found[0].infrastructure,
        visitor.person.id,
        visitor.now,
        mails=visitor.desk.policy.mails,
    )
    return f"{said} {who_will_be_asked(asked)}"


def _changed(visitor: Visitor, found: Found, made: Registered) -> Say:
    with visitor.read() as connection:
        step = next_step(connection, visitor, found.infrastructure, found.seen.rights)
    registration = made.environment.registration
    new = registration.serial if registration else ""
    summary = f"{phrases.environment(made.environment)} has its new serial number."
    blocks = [
        section(summary),
        fields_lines([("Serial number", new), ("Before", found.registration.serial)]),
        section(step),
    ]
    buttons = [license_button(made.environment, registration, found.seen.rights)] if registration else []
    return say_blocks(summary, blocks, buttons, title="Serial changed")
