"""Words for what a report cannot be about."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from handlers.words.pens import Pen, names
from store.rules.errors import DeskError
from store.rules.report_errors import ReportUnclear, ReportUnknown


def _unknown(error: ReportUnknown, pen: Pen) -> str:
    return (
        f"You oversee no company or infrastructure called “{pen.name(error.typed)}”, so no report was made. "
        "Type /license report for one about everything that you oversee."
    )


def _unclear(error: ReportUnclear, pen: Pen) -> str:
    return (
        f"Several are called “{pen.name(error.typed)}”, so no report was made: {names(pen, error.names, 'and')}. "
        "Type the whole name, or the activation code, of one of them."
    )


WORDS: Final[Mapping[type[DeskError], Callable[[Any, Pen], str]]] = {
    ReportUnknown: _unknown,
    ReportUnclear: _unclear,
}
