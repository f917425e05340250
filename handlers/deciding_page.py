"""The page behind the link of an e-mail: the request once more, and the two ways to answer it."""

import html
from typing import Final

from sqlalchemy import Connection

from handlers import cards, phrases
from handlers.blocks.unmarked import lines_of, unmarked
from handlers.pages import Page, page, paragraphs
from handlers.words import of
from store import mails, people
from store.decisions import Decision, decline, forward
from store.desk import Actor, Desk
from store.people import Person
from store.request_views import RequestView
from store.rules.errors import DeskError, FieldError
from store.rules.mail_errors import LinkUnknown
from store.rules.request_errors import LONGEST_REASON, ReasonMissing, ReasonTooLong
from store.rules.request_states import RequestKind

FORWARD: Final = "forward"
DECLINE: Final = "decline"
SOURCE: Final = "mail"
_CLOSE: Final = "You can close this page."
_NOT_KNOWN: Final = "This link is not known"
_TOO_OFTEN: Final = (
    "Too many links that this desk did not make were opened from where you are. Nothing has changed. Open the link "
    "in the e-mail again, whole: one that this desk made works at any time."
)
_NOT_YOURS: Final = "You do not decide for this infrastructure any more, so that somebody else has to answer."


def question(desk: Desk, link: mails.Link) -> Page:
    """What a link asks. Looking at it changes nothing, however often somebody or something looks."""
    try:
        with desk.database.read() as connection:
            request = mails.request_behind(connection, link)
            return _question(connection, desk, request, people.get(connection, link.person_id))
    except LinkUnknown as error:
        return unknown(desk, error)


def answer(desk: Desk, link: mails.Link, choice: str, reason: str) -> Page:
    """What comes of an answer: the right to it is looked up at this moment, as for a click."""
    try:
        with desk.database.read() as connection:
            request = mails.request_behind(connection, link)
        done = _decided(desk, Actor(link.person_id, SOURCE), request.id, choice, reason)
    except LinkUnknown as error:
        return unknown(desk, error)
    except (ReasonMissing, ReasonTooLong) as error:
        return _again(desk, link, error, reason)
    except DeskError as error:
        return _said(desk, link.person_id, of(error, desk.policy), 409)
    return _said(desk, link.person_id, _done(done, choice), 200)


def unknown(desk: Desk, error: LinkUnknown) -> Page:
    """That this desk did not make a link."""
    return page(_NOT_KNOWN, paragraphs([unmarked(of(error, desk.policy), "UTC")]), status=404)


def unknown_again() -> Page:
    """The same, said to an address from which that was tried too often."""
    return page(_NOT_KNOWN, paragraphs([_TOO_OFTEN]), status=429)


def _decided(desk: Desk, actor: Actor, request_id: int, choice: str, reason: str) -> Decision:
    if choice == FORWARD:
        return forward(desk, actor, request_id, None)
    return decline(desk, actor, request_id, None, reason)


def _done(done: Decision, choice: str) -> str:
    request = done.request
    items = [each for each in request.items if each.id in done.decided]
    who = phrases.name(request.requester)
    if not items:
        return f"{request.number} could not be carried out any more, and was closed. {who} is told."
    what = phrases.about(request, items)
    if choice == DECLINE:
        return f"{request.number}: you declined {what}. {who} is told, with your reason."
    if request.kind is RequestKind.RELEASE:
        return f"{request.number}: you confirmed {what}. {who} is told."
    return f"{request.number}: you forwarded {what}. {who} gets it in Slack."


def _question(
    connection: Connection,
    desk: Desk,
    request: RequestView,
    reader: Person,
    problem: str = "",
    reason: str = "",
) -> Page:
    lines = lines_of(cards.card(connection, desk, request.id, None)["blocks"], reader.zone)
    title, rest = lines[0], paragraphs(lines[1:])
    if not mails.may_answer(connection, request.id, reader.id, desk.clock()):
        return page(f"{request.number} is not yours to answer", paragraphs([_NOT_YOURS, _CLOSE]), status=403)
    if not request.pending:
        return page(title, f"{rest}{paragraphs(['Nothing is left for you to do.', _CLOSE])}")
    return page(title, f"{rest}{_form(request, problem, reason)}")


def _form(request: RequestView, problem: str, reason: str) -> str:
    yes = "Release" if request.kind is RequestKind.RELEASE else "Forward license"
    said = f'<p class="error" id="problem">{html.escape(problem)}</p>' if problem else ""
    invalid = ' aria-invalid="true" aria-describedby="problem"' if problem else ""
    return (
        '<form method="post"><fieldset><legend>Say yes</legend>'
        f'<button name="choice" value="{FORWARD}">{yes}</button></fieldset></form>'
        '<form method="post"><fieldset><legend>Say no</legend>'
        f'{said}<p><label for="reason">Reason, which {html.escape(request.requester.name)} will read</label><br>'
        f'<textarea id="reason" name="reason" rows="3" maxlength="{LONGEST_REASON}"{invalid}>'
        f"{html.escape(reason)}</textarea></p>"
        f'<button name="choice" value="{DECLINE}">Decline</button></fieldset></form>'
    )


def _again(desk: Desk, link: mails.Link, error: FieldError, reason: str) -> Page:
    with desk.database.read() as connection:
        reader = people.get(connection, link.person_id)
        problem = unmarked(of(error, desk.policy), reader.zone)
        request = mails.request_behind(connection, link)
        shown = _question(connection, desk, request, reader, problem, reason)
    return Page(shown.html, 400)


def _said(desk: Desk, person_id: int, mrkdwn: str, status: int) -> Page:
    with desk.database.read() as connection:
        zone = people.get(connection, person_id).zone
    # A page is seen by nobody else, and need not say so.
    said = unmarked(mrkdwn, zone).removeprefix("Only you can see this. ")
    first, stop, rest = said.partition(". ")
    return page(f"{first}{stop.strip()}", paragraphs([*rest.split("\n"), _CLOSE]), status=status)
