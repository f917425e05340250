"""The app's Home: drawn at once for whoever opens it, and by the courier whenever what it shows has changed."""

from collections.abc import Callable
from typing import Final

import structlog
from sqlalchemy import Connection

from handlers import home_infrastructures, home_overseeing, home_requests, words
from handlers.access_buttons import after
from handlers.blocks.kit import Block, View, actions, section
from handlers.blocks.kit import home as home_view
from handlers.context import Context
from handlers.home_buttons import command_buttons
from handlers.payloads import Body, Who, event, text
from handlers.slack import failure_code
from handlers.visitors import NOBODY, Visitor, identify, look_up, require_welcome
from store import home, infrastructures, people
from store.desk import Desk, Policy, record_refusal
from store.home_redraws import COLLECTED_FOR
from store.request_views import mine, waiting_for
from store.rules.errors import Refusal

log = structlog.get_logger(__name__)

_NOT_DRAWN: Final = (
    "Your Home could not be drawn. Nothing is lost. Please open it again in a moment, or type `/license`."
)


def opened(context: Context, body: Body) -> None:
    """`app_home_opened`: draw the Home of whoever looks at it; the messages beside it need nothing."""
    happened = event(body)
    user = text(happened, "user")
    if not user or text(happened, "tab") != "home":
        return
    workspace = text(body, "team_id")
    who = Who(user, workspace, workspace)
    context.later.submit(lambda: _open(context, who), lambda error: _failed(context, who, error))


def view_of(connection: Connection, desk: Desk, person_id: int) -> View:
    """The Home of a person as it is now; of somebody who may not use the desk, the words that say so."""
    person, held = people.get(connection, person_id), people.held_roles(connection, person_id)
    try:
        require_welcome(person, held)
        return home_view(_blocks(connection, Visitor(desk, person, held)))
    except Refusal as refusal:
        return _refused(refusal, desk.policy)


def _open(context: Context, who: Who) -> None:
    begun = context.desk.clock()
    visitor = _welcomed(context, who)
    if visitor is None:
        return
    home.opened(context.desk, visitor.actor, visitor.person.id)
    _publish(context, who, lambda: _drawn(context.desk, visitor.person.id))
    if context.desk.clock() - begun >= COLLECTED_FOR:
        # Slack was slow, so that a drawing of later changes may have come before this one.
        home.redraw(context.desk, visitor.actor, visitor.person.id)


def _welcomed(context: Context, who: Who) -> Visitor | None:
    """Who looks; somebody who may not use the desk is told so, and somebody never seen is looked up."""
    try:
        visitor = identify(context, who)
        if visitor is None:
            _publish(context, who, lambda: _said(words.CHECKING))
            visitor = look_up(context, who)
    except Refusal as refusal:
        record_refusal(context.desk, NOBODY, refusal, "visit")
        context.counting.refused(type(refusal))
        refused = _refused(refusal, context.desk.policy)
        _publish(context, who, lambda: refused)
        return None
    return visitor


def _publish(context: Context, who: Who, draw: Callable[[], View]) -> None:
    try:
        view = draw()
    except Exception as error:  # noqa: BLE001 # the outermost edge: a person sees neither a traceback nor silence
        view = _said(words.unforeseen(error))
    context.slack.views_publish(who.slack_id, view)


def _drawn(desk: Desk, person_id: int) -> View:
    with desk.database.read() as connection:
        return view_of(connection, desk, person_id)


def _blocks(connection: Connection, visitor: Visitor) -> list[Block]:
    person = visitor.person.id
    own = mine(connection, person, home_requests.MOST_SHOWN + 1)
    waiting = waiting_for(connection, person, visitor.now, home_requests.MOST_SHOWN + 1)
    if not own and not waiting and not visitor.rights.sees:
        raise infrastructures.not_associated(connection, person)
    page = home_infrastructures.read_page(connection, visitor)
    uploads = home_infrastructures.uploads(connection, visitor, page)
    buttons = command_buttons(visitor.rights, uploads=uploads)
    return [
        section(home_requests.summary(waiting, own)),
        *([actions(buttons)] if buttons else []),
        *home_requests.waiting(waiting),
        *home_requests.own(own, visitor.now),
        *home_infrastructures.blocks(connection, visitor, page),
        *home_overseeing.blocks(connection, visitor, page),
    ]


def _refused(refusal: Refusal, policy: Policy) -> View:
    buttons = after(refusal)
    said = section(words.of(refusal, policy))
    return home_view([said, actions(buttons)] if buttons else [said])


def _said(sentence: str) -> View:
    return home_view([section(sentence)])


def _failed(context: Context, who: Who, error: Exception) -> None:
    """Say in Home that it could not be drawn, rather than leave it empty."""
    _not_shown(error)
    context.later.submit(lambda: context.slack.views_publish(who.slack_id, _said(_NOT_DRAWN)), _not_shown)


def _not_shown(error: Exception) -> None:
    log.warning("A Home could not be drawn for somebody who opened it", code=failure_code(error))
