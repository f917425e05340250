"""E-mails to people who are not in Slack: the same words as on the card, and a link to answer."""

import html
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection

from handlers import cards, phrases
from handlers.blocks.text import clean, clip
from handlers.blocks.unmarked import lines_of, unmarked
from store import mails, people
from store.deliveries import Delivery
from store.desk import Desk
from store.people import Person
from store.request_views import RequestView, view

_LONGEST_SUBJECT: Final = 150
_ITS_LINK: Final = (
    "The page shows the request again, and nothing happens before you press a button there. The link is for you "
    "alone: whoever has it can answer in your name. It works until the request is answered or expires."
)


@dataclass(frozen=True, slots=True)
class Mail:
    """An e-mail: plain text, and the same as simple HTML. Subject and name are on one line."""

    name: str
    address: str
    subject: str
    text: str
    html: str


def mail(connection: Connection, desk: Desk, delivery: Delivery) -> Mail | None:
    """Draw the e-mail that a delivery asks for; None when there is nothing to say any more.

    Raises `KeyError` for one without words.
    """
    person = people.get(connection, delivery.person_id or 0)
    if not person.active or person.email is None:
        return None
    request = view(connection, delivery.request_id or 0)
    if request.pending and not mails.may_answer(connection, request.id, person.id, desk.clock()):
        # They lost their role since, and somebody else is asked.
        return None
    return MAILS[delivery.notice or ""](_Writing(connection, desk, person), request)


@dataclass(frozen=True, slots=True)
class _Writing:
    """What an e-mail is written with: for whom, and of what desk."""

    connection: Connection
    desk: Desk
    reader: Person

    def mail(self, subject: str, parts: Sequence[Sequence[str]], request: RequestView) -> Mail:
        place = f"{request.infrastructure.name} of {request.infrastructure.company_name}"
        last = f"You get this e-mail because you may answer for {place} and are not in Slack. {self.desk.policy.vendor}"
        all_parts = [[f"Hello {self.reader.name},"], *parts, [last]]
        return Mail(
            clean(self.reader.name),
            self.reader.email or "",
            clip(clean(subject), _LONGEST_SUBJECT),
            "\n\n".join("\n".join(clean(line) for line in part) for part in all_parts) + "\n",
            _html(all_parts),
        )

    def plain(self, mrkdwn: str) -> str:
        return unmarked(mrkdwn, self.reader.zone)

    def card(self, request: RequestView) -> list[str]:
        message = cards.card(self.connection, self.desk, request.id, None)
        return lines_of(message["blocks"], self.reader.zone)

    def link(self, request: RequestView) -> str:
        return mails.link_of(self.desk, request.id, request.asked_at, self.reader.id)


def _asked(writing: _Writing, request: RequestView) -> Mail | None:
    if not request.pending:
        return None
    card = writing.card(request)
    return writing.mail(card[0], [card, ["To answer, open:", writing.link(request)], [_ITS_LINK]], request)


def _reminder(writing: _Writing, request: RequestView) -> Mail | None:
    """All that waits for this person, each with its link."""
    now = writing.desk.clock()
    ids = mails.waiting_for(writing.connection, writing.reader.id, now)
    waiting = [view(writing.connection, each) for each in ids]
    if not waiting:
        return None
    numbers = phrases.shortened([each.number for each in waiting])
    wait = "1 request waits" if len(waiting) == 1 else f"{len(waiting)} requests wait"
    parts = [[writing.card(each)[0], writing.plain(_until(each)), writing.link(each)] for each in waiting]
    return writing.mail(f"Reminder: {wait} for your answer: {numbers}", [*parts, [_ITS_LINK]], request)


def _until(request: RequestView) -> str:
    return f"Unanswered, it expires {phrases.on(request.expires_at)}." if request.expires_at else "It waits."


def _settled(writing: _Writing, request: RequestView) -> Mail | None:
    """What became of a request that this person was asked about, unless it was they who answered."""
    deciders = {each.decider.id for each in request.items if each.decider}
    was_asked = mails.was_asked(writing.connection, request.id, writing.reader.id)
    if request.pending or deciders == {writing.reader.id} or not was_asked:
        return None
    card = writing.card(request)
    return writing.mail(card[0], [[card[0], "Nothing is left for you to do."]], request)


MAILS: Final[Mapping[str, Callable[[_Writing, RequestView], Mail | None]]] = {
    "asked": _asked,
    "reminder": _reminder,
    "settled": _settled,
}


def _html(parts: Sequence[Sequence[str]]) -> str:
    paragraphs = "".join(f"<p>{'<br>'.join(map(_line, part))}</p>" for part in parts)
    return f'<!doctype html><html lang="en"><body>{paragraphs}</body></html>'


def _line(text: str) -> str:
    escaped = html.escape(clean(text))
    is_link = text.startswith(("https://", "http://")) and " " not in text
    return f'<a href="{escaped}">{escaped}</a>' if is_link else escaped
