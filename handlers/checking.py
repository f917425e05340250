"""`/license check`: what a serial number or a license file is, and why a server might refuse it."""

import re
from typing import Final

from handlers import phrases
from handlers.answers import Answer, FieldErrors, Open, ReadFile, Say, say, say_blocks
from handlers.blocks import state
from handlers.blocks.ids import Action, BlockId, Callback
from handlers.blocks.kit import (
    Element,
    View,
    fields_lines,
    file_input,
    input_block,
    modal,
    section,
    text_input,
)
from handlers.blocks.text import quote
from handlers.payloads import Command, Submission
from handlers.registration import license_button
from handlers.visitors import Visitor
from handlers.words.checking import newest, registered, trouble, validity
from handlers.words.pens import Mrkdwn
from store import checking, infrastructures
from store.checking import Checked
from store.license_file import LARGEST
from store.reach import reach
from store.rules.rights import Rights, rights
from store.rules.serials import parse_serial

_TITLE: Final = "Check a license"
# A license file on one line; nothing else that people type has two dots and is this long.
_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{20,}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*")


def check_command(visitor: Visitor, command: Command) -> Answer:
    """Check the serial number typed or the license file pasted; a form that asks for one of them for no words."""
    _require_seeing(visitor)
    return _checked(visitor, command.rest) if command.rest else Open(_form())


def check_submission(visitor: Visitor, submission: Submission) -> Answer:
    """Check the file put into the form, or else what was typed there."""
    _require_seeing(visitor)
    files = state.texts(submission.entered, BlockId.FILE)
    typed = state.text(submission.entered, BlockId.TEXT)
    if files:
        reading = say("Reading the file…", title=_TITLE)
        return ReadFile(reading, files[0], LARGEST, lambda read: _of_file(visitor, read.content))
    if typed:
        return _checked(visitor, typed)
    return FieldErrors(
        {BlockId.TEXT: "Type a serial number or paste a license file here, or upload a file below."}
    )


def _require_seeing(visitor: Visitor) -> None:
    """Raise `NotAssociated` for somebody who sees nothing, whatever they want checked."""
    if reach(visitor.held).nowhere:
        with visitor.read() as connection:
            raise infrastructures.not_associated(connection, visitor.person.id)


def _checked(visitor: Visitor, typed: str) -> Say:
    pasted = _TOKEN.search("".join(typed.split()))
    if pasted:
        return _of_file(visitor, f"{pasted.group()}\n".encode())
    serial = parse_serial(typed)
    with visitor.read() as connection:
        return _drawn(visitor, checking.check_serial(connection, visitor.held, serial, visitor.now))


def _of_file(visitor: Visitor, content: bytes) -> Say:
    with visitor.read() as connection:
        return _drawn(visitor, checking.check_file(connection, visitor.held, content, visitor.now))


def _form() -> View:
    text = text_input(Action.FIELD, "7QK-4ZP-… or eyJ…", multiline=True, focus=True)
    hint = "A serial number, or everything that is in a license file."
    return modal(
        Callback.CHECK,
        _TITLE,
        [
            section(
                "See what a license file is, whether it is the newest, and why a server might refuse it."
            ),
            input_block(
                "Serial number or text of a license file", text, BlockId.TEXT, hint=hint, optional=True
            ),
            input_block(
                "Or a license file", file_input(Action.FIELD, ["lic", "txt"]), BlockId.FILE, optional=True
            ),
        ],
        submit="Check",
    )


def _drawn(visitor: Visitor, checked: Checked) -> Say:
    pen = Mrkdwn(visitor.desk.policy)
    summary = _summary(checked)
    reasons = [trouble(each, checked, pen) for each in checked.troubles]
    blocks = [section(summary), fields_lines(_facts(checked, pen)), section(_judgement(checked, reasons))]
    return say_blocks(summary, blocks, _buttons(visitor, checked), title=_TITLE)


def _summary(checked: Checked) -> str:
    infrastructure, environment = checked.infrastructure, phrases.environment(checked.environment)
    company, name = (
        quote(each, phrases.LONGEST_NAME) for each in (infrastructure.company_name, infrastructure.name)
    )
    what = "This is a license file of" if checked.file else "This is the serial number of"
    return f"{what} {environment}, {company}, {name}."


def _facts(checked: Checked, pen: Mrkdwn) -> list[tuple[str, str]]:
    version = checked.file.facts.declared if checked.file else checked.registration.platform_version
    facts = [
        ("Serial number", checked.registration.serial),
        ("Platform version", quote(version)),
        ("Registered", registered(checked, pen)),
        ("License", newest(checked, pen)),
    ]
    if checked.license:
        sha256 = checked.file.sha256 if checked.file else checked.license.sha256
        facts += [("Valid", validity(checked)), ("SHA-256 of the file", f"`{sha256}`")]
    return facts


def _judgement(checked: Checked, reasons: list[str]) -> str:
    if checked.license is None:
        return "There is no license file of it that a server could take or refuse."
    if not reasons:
        return "Nothing speaks against it: a server with this serial number should accept it."
    return "\n".join(["Why a server might refuse it:", *(f"• {each}" for each in reasons)])


def _buttons(visitor: Visitor, checked: Checked) -> list[Element]:
    """The license of what is registered there now, for those who may register."""
    own: Rights = rights(visitor.held, checked.infrastructure.company_id, checked.infrastructure.id)
    if checked.present is None or not own.registers:
        return []
    return [license_button(checked.environment, checked.present, own)]
