"""What happens while nobody answers a request, and when, in words."""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from handlers import phrases
from handlers.blocks.text import date
from store.request_views import RequestView
from store.rules.deadlines import Deadlines

_MOMENT: Final = "{date_short}, {time}"


def sentences(deadlines: Deadlines, now: datetime, escalated_at: datetime | None = None) -> str:
    """What is still to come: reminders, the asking of company admins, the expiry."""
    return " ".join(_sentences(deadlines, now, escalated_at))


def numbered(request: RequestView) -> str:
    """The number of a request, with which everything that is said of it begins; an urgent one says so."""
    waits_urgently = request.urgent and request.pending
    return f"{request.number}, urgent, production is down" if waits_urgently else request.number


def admins_asked(request: RequestView) -> str:
    """That the company admins were asked as well, and who they are."""
    names = f": {phrases.people(request.asked_later)}" if request.asked_later else ""
    return f"{numbered(request)}: nobody has answered so far, so I asked the company admins, too{names}."


def _sentences(deadlines: Deadlines, now: datetime, escalated_at: datetime | None) -> Iterator[str]:
    reminders = [each for each in dict.fromkeys(deadlines.reminders) if each > now]
    if reminders:
        moments = phrases.listed([date(each, _MOMENT) for each in reminders])
        yield f"{'A reminder goes' if len(reminders) == 1 else 'Reminders go'} out on {moments}."
    if escalated_at:
        yield f"The company admins were asked, too, {phrases.on(escalated_at)}."
    elif deadlines.admins and deadlines.admins > now:
        yield f"The company admins are asked, too, {phrases.on(deadlines.admins)}."
    yield f"Unanswered, it expires {phrases.on(deadlines.expires_at)}."
