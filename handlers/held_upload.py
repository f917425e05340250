"""`/license upload`: a license file that the vendor made is handed in for an environment.

The file is read again when it is confirmed, so that nothing of it has to be kept, and nothing that a modal
remembers is trusted but which file it was: whose file it is, Slack says.
"""

from collections.abc import Callable, Sequence
from typing import Final

from sqlalchemy import Connection

from handlers import choosing, phrases, words
from handlers.answers import Answer, FieldErrors, FileRead, Open, ReadFile, Say, say, say_blocks
from handlers.blocks import state
from handlers.blocks.ids import Action, BlockId, Callback
from handlers.blocks.kit import (
    Block,
    View,
    fields_lines,
    file_input,
    input_block,
    modal,
    section,
)
from handlers.blocks.state import BadPayload
from handlers.blocks.text import quote
from handlers.choosing import Found, Purpose
from handlers.memory import recall, remember
from handlers.menus import environment_menu
from handlers.payloads import Click, Command, Submission, number
from handlers.visitors import Visitor
from handlers.words.pens import size
from store import held_files, held_uploads
from store.desk import Policy
from store.held_uploads import Uploaded
from store.rules.errors import FieldError
from store.rules.held_file_errors import FilesSigned, NamesAnother, SerialNotNamed
from store.rules.rights import DIRECT, RoleName

_UPLOADING: Final = Purpose("upload", lambda rights: rights.gets_files_directly, DIRECT - {RoleName.OPERATOR})
_TITLE: Final = "Upload a license file"
_READING: Final = "Reading the file…"
_MOST_ENDINGS: Final = 20


def upload_command(visitor: Visitor, command: Command) -> Answer:
    """`/license upload [serial or name]`: the modal, for the environment named or to choose one."""
    with visitor.read() as connection:
        found = choosing.by_words(connection, visitor, _UPLOADING, command.rest)
    # More than can be listed are only the first ones: others elsewhere may have files that are held.
    held = [each for each in found if held_files.are_held(each.infrastructure)]
    offered = found if len(found) > choosing.MOST_LISTED else held
    return Open(_form(visitor.desk.policy, offered)) if offered else _none(found, command.rest)


def upload_click(visitor: Visitor, click: Click) -> Answer:
    """The modal for the environment of a button, or to choose one of its infrastructure that has no file yet."""
    with visitor.read() as connection:
        if not click.kind.startswith("infrastructure"):
            return Open(_form(visitor.desk.policy, [_for_one(connection, visitor, click.number)]))
        found = _in_one(connection, visitor, click.number)
    return Open(_form(visitor.desk.policy, found, only=click.number)) if found else say(_ALL_THERE)


def upload_submission(visitor: Visitor, submission: Submission) -> Answer:
    """Take the file; one that does not name the serial number only once that is confirmed."""
    registration_id = choosing.chosen(submission)
    files = state.texts(submission.entered, BlockId.FILE)
    if not files:
        return FieldErrors({BlockId.FILE: "Put the license file here."})
    with visitor.read() as connection:
        found = _for_one(connection, visitor, registration_id)
    return _read(visitor, files[0], lambda read: _take(visitor, found, files[0], read))


def upload_confirm_submission(visitor: Visitor, submission: Submission) -> Answer:
    """Take the file although it does not name the serial number."""
    facts = recall(submission.metadata)
    file, registration_id = facts.get("file"), number(facts.get("registration"))
    if not file:
        raise BadPayload("no file to take")
    with visitor.read() as connection:
        _for_one(connection, visitor, registration_id)
    return _read(visitor, file, lambda read: _taken(visitor, registration_id, read, confirmed=True))


def _for_one(connection: Connection, visitor: Visitor, registration_id: int) -> Found:
    """An environment whose file may be uploaded. Raises `FilesSigned`, and what choosing raises."""
    found = choosing.by_registration(connection, visitor, _UPLOADING, registration_id)
    if not held_files.are_held(found.infrastructure):
        raise FilesSigned(found.infrastructure.id, found.infrastructure.name)
    return found


def _in_one(connection: Connection, visitor: Visitor, infrastructure_id: int) -> list[Found]:
    """Those of an infrastructure that have no file yet; all of them where there are more than can be listed."""
    found = choosing.in_infrastructure(connection, visitor, _UPLOADING, infrastructure_id)
    if found and not held_files.are_held(found[0].infrastructure):
        raise FilesSigned(found[0].infrastructure.id, found[0].infrastructure.name)
    if len(found) > choosing.MOST_LISTED:
        return found
    there = held_files.newest_of_each(connection, [each.registration.id for each in found])
    return [each for each in found if each.registration.id not in there]


_ALL_THERE: Final = (
    "Every environment there has its license file by now. Nothing has changed. To upload a newer one, type "
    "`/license upload`."
)


def _none(found: Sequence[Found], typed: str) -> Answer:
    if found:
        raise FilesSigned(found[0].infrastructure.id, found[0].infrastructure.name)
    if not typed:
        return say("No environment is registered yet, so there is none to upload a file for.")
    return say(
        f"You see no registered environment called “{quote(typed, phrases.LONGEST_NAME)}”. Type "
        "`/license environments` to see what is registered."
    )


def _form(policy: Policy, found: Sequence[Found], notice: str = "", only: int | None = None) -> View:
    endings = policy.held_file_endings[:_MOST_ENDINGS]
    hint = f"At most {size(policy.held_file_largest)}. It is kept encrypted, and earlier files of the environment stay."
    blocks: list[Block] = [
        *([section(notice)] if notice else []),
        section(_WHAT_HAPPENS),
        *choosing.blocks(found, environment_menu(Action.UPLOAD_OF, only)),
        input_block("License file", file_input(Action.FIELD, endings), BlockId.FILE, hint=hint),
    ]
    return modal(Callback.UPLOAD, _TITLE, blocks, submit="Upload", private_metadata=choosing.memory(found))


_WHAT_HAPPENS: Final = (
    "The vendor makes the license files here. Upload the one for this environment: whoever waits for it gets it at "
    "once, and it is what people get from now on."
)


def _read(visitor: Visitor, file: str, then: Callable[[FileRead], Answer]) -> ReadFile:
    return ReadFile(say(_READING, title=_TITLE), file, visitor.desk.policy.held_file_largest, then)


def _take(visitor: Visitor, found: Found, file: str, read: FileRead) -> Answer:
    try:
        return _taken(visitor, found.registration.id, read)
    except SerialNotNamed as unsure:
        return Open(_confirm(found, file, words.of(unsure, visitor.desk.policy)))
    except (FieldError, NamesAnother) as error:
        # The form is there again, with what is wrong, so that another file can be put into it.
        return Open(_form(visitor.desk.policy, [found], words.of(error, visitor.desk.policy)))


def _taken(visitor: Visitor, registration_id: int, read: FileRead, *, confirmed: bool = False) -> Say:
    made = held_uploads.add(
        visitor.desk, visitor.actor, registration_id, read.name, read.content, confirmed=confirmed
    )
    return _said(made)


def _confirm(found: Found, file: str, said: str) -> View:
    memory = remember(file=file, registration=found.registration.id)
    name = phrases.environment(found.environment)
    asked = f"{said} Is it the license file of {name} all the same? Then press Upload anyway."
    return modal(
        Callback.UPLOAD_CONFIRM, _TITLE, [section(asked)], submit="Upload anyway", private_metadata=memory
    )


def _said(made: Uploaded) -> Say:
    name = phrases.environment(made.environment)
    summary = f"The vendor's file of {name} is uploaded, as file number {made.file.version}."
    if made.again:
        summary = f"File number {made.file.version} of {name} is this one already. Nothing has changed."
    facts = [
        ("File", f"{quote(made.file.name, 100)}, {size(made.file.size)}"),
        ("SHA-256 of the file", f"`{made.file.sha256}`"),
        ("Serial number", _NAMED[made.file.names_serial]),
    ]
    waited = [section(_SENT[made.sent > 1].format(made.sent))] if made.sent else []
    return say_blocks(summary, [section(summary), fields_lines(facts), *waited], title="Uploaded")


_SENT: Final = (
    "Whoever waited for it gets it now.",
    "It waited {} times, and is on its way to all who waited.",
)


_NAMED: Final = {
    True: "named in the file",
    False: "not named in the file; you confirmed that it is the right one",
    None: "not looked for, since the file is no text",
}
