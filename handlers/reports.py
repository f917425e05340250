"""`/license report`: capacity and ending licenses, as a direct message with a picture and a table for spreadsheets.

What the picture shows is also said in words beside it.
"""

from dataclasses import dataclass
from typing import Final

import structlog

from handlers import phrases
from handlers.answers import Answer, say
from handlers.blocks.text import quote, utc
from handlers.payloads import Command
from handlers.spreadsheet import spreadsheet
from handlers.told import Told, Words
from handlers.visitors import Visitor
from handlers.words.figures import lines
from store import reports
from store.figures import Figures, figures
from store.reports import Scope

log = structlog.get_logger(__name__)

_LONGEST_TOLD: Final = 900


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that goes with a message; `told` describes it for those who do not see it."""

    filename: str
    title: str
    told: str
    content: bytes


def report_command(visitor: Visitor, command: Command) -> Answer:
    """Have a report sent about a company or an infrastructure, or about all that the visitor oversees."""
    scope = reports.order(visitor.desk, visitor.actor, command.rest)
    return say(f"The report of {_name(scope)} is on its way: it comes as a direct message, in a few seconds.")


def report(told: Told) -> tuple[Words, list[Attachment]]:
    """What the message of a report says, and its files, as far as its reader oversees what it is about now."""
    found = _figures(told)
    return (_said(found), attachments(found)) if found else (_not_any_more(), [])


def words(told: Told) -> Words:
    """What the message says, alone."""
    found = _figures(told)
    return _said(found) if found else _not_any_more()


def attachments(found: Figures) -> list[Attachment]:
    """The picture, where the library that draws it is installed, and the table."""
    stem = f"license-report-{found.at:%Y-%m-%d}"
    told = " ".join(lines(found))
    table = Attachment(f"{stem}.csv", "Report as a table", "The figures as a table", spreadsheet(found))
    try:
        from handlers.charts import chart
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "matplotlib":
            raise
        log.warning("A report goes without its picture: install license-desk[report]")
        return [table]
    return [Attachment(f"{stem}.png", "Report as a picture", told[:_LONGEST_TOLD], chart(found)), table]


def _name(scope: Scope) -> str:
    return quote(scope.name, phrases.LONGEST_NAME) if scope.name else "all that you oversee"


def _figures(told: Told) -> Figures | None:
    """The figures that were asked for; none for somebody who lost the right to them meanwhile."""
    overseen = reports.overseen_by(told.connection, told.delivery.person_id or 0)
    company, infrastructure = told.facts.get("company"), told.facts.get("infrastructure")
    scope = reports.scope_again(told.connection, overseen, company, infrastructure)
    return figures(told.connection, overseen, scope, told.now) if scope else None


def _said(found: Figures) -> Words:
    slots_are = "slot is" if found.total == 1 else "slots are"
    _of_all, *others = lines(found)  # which the first sentence says
    return Words(
        f"Report of {_name(found.scope)}: {found.used} of {found.total} {slots_are} used.",
        [
            f"As of {utc(found.at)}, with months counted in UTC.",
            *others,
            "The table has these figures for each infrastructure and type.",
        ],
    )


def _not_any_more() -> Words:
    return Words(
        "The report that you asked for was not made, because you do not oversee what it is about any more.",
        ["If you should, ask an admin or the operators."],
    )
