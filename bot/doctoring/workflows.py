"""The step in Workflow Builder: whether its set-up is whole, which only its runs can tell."""

from collections.abc import Iterator
from datetime import timedelta

from bot.doctoring.examined import Examined
from bot.doctoring.finding import Finding, ok, warning
from handlers.words.pens import counted
from handlers.workflow_steps import NO_PERSON, OLD_STEP
from store import checkup

SUBJECT = "Workflow step"
RECENT = timedelta(days=7)

_LINES = "the lines that the README gives under “A step in Workflow Builder”"
_COMPARE = f"Compare the app's manifest with {_LINES}, and install the app again"


def check(examined: Examined) -> Iterator[Finding]:
    """Look at the runs of the step within a week."""
    with examined.database.read() as connection:
        seen = checkup.step_runs(connection, examined.clock() - RECENT)
    troubles = [*_half_set_up(seen), *_not_ended(seen)]
    if troubles:
        yield from troubles
    elif seen.number:
        yield ok(SUBJECT, f"{counted(seen.number, 'run')} within a week.")


def _half_set_up(seen: checkup.StepRuns) -> Iterator[Finding]:
    other, nobody = (seen.refusals.get(words, 0) for words in (OLD_STEP, NO_PERSON))
    if other:
        yield warning(SUBJECT, f"an unknown step, in {counted(other, 'run')} within a week.", f"{_COMPARE}.")
    if nobody:
        says = f"nobody who asks, in {counted(nobody, 'run')} within a week."
        yield warning(
            SUBJECT, says, f"Choose the person in the workflow. If there is no such field: {_COMPARE}."
        )


def _not_ended(seen: checkup.StepRuns) -> Iterator[Finding]:
    for each in seen.failed:
        says = f"Slack did not let {counted(each.number, 'run')} end within a week ({each.error})."
        yield warning(SUBJECT, says, f"{_COMPARE}; then license-desk deliveries retry.")
