"""Registering many environments from a table: its modal, the look before, and the result.

The table is read again when it is registered, so that nothing of it has to be kept, and nothing that a modal
remembers is trusted but which file it was: whose file it is, Slack says.
"""

from typing import Final

from handlers import bulk_words
from handlers.answers import Answer, FieldErrors, Open, ReadFile, Say, say, say_blocks
from handlers.blocks import state
from handlers.blocks.ids import Action, BlockId, Callback
from handlers.blocks.kit import (
    Block,
    View,
    checkboxes,
    context,
    file_input,
    input_block,
    modal,
    option,
    section,
)
from handlers.blocks.limits import VIEW_BUTTON
from handlers.blocks.state import BadPayload
from handlers.memory import recall, remember
from handlers.payloads import Click, Submission
from handlers.visitors import Visitor
from handlers.words.pens import Mrkdwn, Plain
from store import bulk, bulk_results, bulk_telling
from store.bulk import Report
from store.bulk_wishes import Result
from store.once import short_key
from store.rules import sheets

LARGEST: Final = 1024 * 1024
"""Bytes of a table in Slack."""
MOST_ROWS: Final = 5000
"""Rows of a table in Slack: registered while somebody waits, in a few seconds."""
_MOST_SHOWN: Final = 10
_TITLE: Final = "Register from a table"
_ALL: Final = "all"
_COLUMNS: Final = (
    "Put a table of environments here, as CSV: one row for each, separated by commas or semicolons, saved as UTF-8. "
    "Its first line names the columns, in any order: `infrastructure` (name or activation code), `environment type`, "
    "`slot` (may be left out or empty: a free one is taken), `serial number`, `platform version`."
)


def bulk_click(_visitor: Visitor, _click: Click) -> Answer:
    """The modal that takes the table."""
    return Open(_form())


def bulk_submission(visitor: Visitor, submission: Submission) -> Answer:
    """Read the table, and show what registering it would come to."""
    files = state.texts(submission.entered, BlockId.FILE)
    if not files:
        return FieldErrors({BlockId.FILE: "Put the table here as a file."})
    together = _ALL in state.texts(submission.entered, BlockId.ALL_OR_NOTHING)
    key = short_key(submission.view_id, "check")
    reading = say("Reading the table…", title=_TITLE)
    return ReadFile(
        reading, files[0], LARGEST, lambda read: _look(visitor, read.content, files[0], key, together)
    )


def bulk_confirm_submission(visitor: Visitor, submission: Submission) -> Answer:
    """Register what was looked at."""
    facts = recall(submission.metadata)
    file = facts.get("file")
    if not file:
        raise BadPayload("no table to register")
    together, key = facts.get("together") == _ALL, short_key(submission.view_id)
    working = say(
        "Registering… The result is shown here, and comes as a direct message as well.", title=_TITLE
    )
    return ReadFile(working, file, LARGEST, lambda read: _register(visitor, read.content, key, together))


def _form() -> View:
    choice = option("All or nothing: register no row if one has a fault", _ALL)
    return modal(
        Callback.BULK,
        _TITLE,
        [
            section(_COLUMNS),
            input_block(
                "Table",
                file_input(Action.FIELD, ["csv", "tsv", "txt"]),
                BlockId.FILE,
                hint=f"At most {MOST_ROWS:,} rows and {LARGEST // 1024 // 1024} MiB. You see what it comes to first.",
            ),
            input_block(
                "Rows with faults", checkboxes(Action.FIELD, [choice]), BlockId.ALL_OR_NOTHING, optional=True
            ),
        ],
        submit="Check",
    )


def _look(visitor: Visitor, content: bytes, file: str, key: str, together: bool) -> Answer:
    report = bulk.check(visitor.desk, visitor.actor, sheets.read(content, MOST_ROWS))
    bulk_telling.report_refused(visitor.desk, visitor.actor, report.outcomes)
    new, faults = report.count(Result.REGISTERED), report.count(Result.WRONG)
    if faults > _MOST_SHOWN:
        _send(visitor, report, key)
    said = bulk_words.summary(report, all_or_nothing=together)
    if not new or (faults and together):
        return _said(visitor, report, said)
    blocks = [section(said), *_faults(visitor, report), *_rest(faults)]
    memory = remember(file=file, together=_ALL if together else "")
    return Open(modal(Callback.BULK_CONFIRM, _TITLE, blocks, submit=_button(new), private_metadata=memory))


def _register(visitor: Visitor, content: bytes, key: str, together: bool) -> Answer:
    rows = sheets.read(content, MOST_ROWS)
    register = bulk.register_all if together else bulk.register
    report = register(visitor.desk, visitor.actor, rows, key)
    _send(visitor, report, key)
    return _said(visitor, report, bulk_words.summary(report, all_or_nothing=together), sent=True)


def _said(visitor: Visitor, report: Report, said: str, *, sent: bool = False) -> Say:
    faults = report.count(Result.WRONG)
    rest = [context("The whole result is on its way as a direct message.")] if sent else _rest(faults)
    return say_blocks(said, [section(said), *_faults(visitor, report), *rest], title=_TITLE)


def _faults(visitor: Visitor, report: Report) -> list[Block]:
    """The first rows with faults, each with what to do."""
    pen = Mrkdwn(visitor.desk.policy)
    wrong = [each for each in report.outcomes if each.result is Result.WRONG]
    return [section(bulk_words.fault(each, pen)) for each in wrong[:_MOST_SHOWN]]


def _rest(faults: int) -> list[Block]:
    more = faults - _MOST_SHOWN
    if more <= 0:
        return []
    return [context(f"… and {more:,} more. All of them come as a table, in a direct message.")]


def _send(visitor: Visitor, report: Report, key: str) -> None:
    figures = {str(each): report.count(each) for each in Result}
    content = bulk_words.table(report, Plain(visitor.desk.policy))
    bulk_results.send(visitor.desk, visitor.actor, key, content, figures, done=report.done)


def _button(new: int) -> str:
    whole = f"Register {new:,} environment{'' if new == 1 else 's'}"
    return whole if len(whole) <= VIEW_BUTTON else f"Register {new:,}"
