"""The figures of a report in words; plain text."""

from collections.abc import Iterator
from datetime import date

from handlers.blocks.text import MONTHS
from handlers.words.pens import counted
from store.figures import Figures


def lines(found: Figures) -> Iterator[str]:
    """The figures in words, a sentence each."""
    yield f"Slots: {found.used} of {found.total} used."
    for kind, (used, total) in found.by_type().items():
        yield f"{kind.short}: {used} of {total} used, {total - used} free."
    ending = [f"{number} in {month_name(month)}" for month, number in found.ending().items() if number]
    yield f"Licenses ending: {', '.join(ending) if ending else 'none within twelve months'}."
    rest = {
        "past the end of their term": found.ended,
        "ending later": found.later,
        "without an end": found.endless,
        "registered and without a license yet": found.unlicensed,
    }
    for what, number in rest.items():
        if number:
            yield f"{counted(number, 'environment')} {what}."


def month_name(month: date) -> str:
    """A month within a list: "Dec 2026"."""
    return f"{MONTHS[month.month - 1]} {month.year}"
