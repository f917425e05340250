"""The settings: whatever `license-desk run` would refuse."""

from collections.abc import Iterator

from bot.doctoring.finding import Finding, ok, problem
from bot.settings import Settings, SettingsRefused

SUBJECT = "Settings"
_REMEDY = "Set it in the environment or as a line of .env; .env.example shows how."


def refused(refusal: SettingsRefused) -> Iterator[Finding]:
    """One finding for each setting that is wrong."""
    for each in refusal.problems:
        yield problem(SUBJECT, each, _REMEDY)


def check(settings: Settings) -> Iterator[Finding]:
    """Everything that the running program would miss."""
    try:
        settings.require_run()
    except SettingsRefused as refusal:
        yield from refused(refusal)
    else:
        yield ok(SUBJECT, f"complete, for mode {settings.mode}.")
