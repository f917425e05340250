"""Asking for access, and answering that: *Add as member*, or *Decline*."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import Connection

from handlers import phrases
from handlers.answers import Answer, Open, say
from handlers.blocks import state
from handlers.blocks.ids import Action, BlockId, Callback, keyed
from handlers.blocks.kit import Block, Option, View, input_block, modal, section, text_input
from handlers.blocks.text import quote
from handlers.choosing import MOST_LISTED
from handlers.memory import recall, remember
from handlers.menus import infrastructure_menu, is_many, place_option
from handlers.payloads import Click, Submission, Suggestion, number
from handlers.role_phrases import place
from handlers.visitors import Visitor
from store import access_requests
from store.access_requests import AccessRequest
from store.infrastructures import Infrastructure
from store.rules.people_errors import LONGEST_ACCESS_TEXT

_TITLE: Final = "Add as member"


def ask_access_click(_visitor: Visitor, _click: Click) -> Answer:
    """The modal in which somebody says what they need."""
    field = text_input(
        Action.FIELD,
        "For example: licenses of Acme Core, or an activation code",
        multiline=True,
        longest=LONGEST_ACCESS_TEXT,
        focus=True,
    )
    hint = "Say it in your own words, or type the activation code of your installation."
    block = input_block("What do you need access to?", field, BlockId.ACCESS, hint=hint)
    return Open(modal(Callback.ASK_ACCESS, "Ask for access", [block], submit="Ask"))


def ask_access_submission(visitor: Visitor, submission: Submission) -> Answer:
    """Pass it on; the answer is the same whatever was typed."""
    typed = state.text(submission.entered, BlockId.ACCESS) or ""
    access_requests.ask(visitor.desk, visitor.actor, typed, submission.view_id)
    return say(
        "Thank you. Your request is passed on to those who can decide it, and you get their answer here, as a "
        "direct message.",
        title="Asked",
    )


def add_member_click(visitor: Visitor, click: Click) -> Answer:
    """The modal with the infrastructures to which the person can be added."""
    request = access_requests.to_answer(visitor.desk, visitor.actor, click.number)
    with visitor.read() as connection:
        offered = _offered(connection, visitor, request)
    if not offered:
        return say("There is no infrastructure yet to which you could add somebody.")
    return Open(_view(request, offered))


def add_member_submission(visitor: Visitor, submission: Submission) -> Answer:
    """Add the person to the infrastructure that was chosen."""
    access_request_id = number(recall(submission.metadata).get("access"))
    return _add(visitor, access_request_id, number(state.text(submission.entered, BlockId.INFRASTRUCTURE)))


def offer_places(visitor: Visitor, suggestion: Suggestion) -> list[Option]:
    """Where the visitor may add the one who asks, by what they typed."""
    access_request_id = number(suggestion.key)
    with visitor.read() as connection:
        found = access_requests.offered_to(connection, visitor.person.id, access_request_id, suggestion.value)
    return [place_option(each) for each in found]


def decline_access_click(visitor: Visitor, click: Click) -> Answer:
    """Decline; the person is told, without names."""
    person = access_requests.decline(visitor.desk, visitor.actor, click.number)
    return say(f"You declined the request of {phrases.name(person)}. They are told, and not by whom.")


def _add(visitor: Visitor, access_request_id: int, infrastructure_id: int) -> Answer:
    person, infrastructure = access_requests.add_member(
        visitor.desk, visitor.actor, access_request_id, infrastructure_id
    )
    where = place(infrastructure.name, infrastructure.company_name)
    return say(f"{phrases.name(person)} is a member of {where} now. They are told.", title="Added")


def _offered(connection: Connection, visitor: Visitor, request: AccessRequest) -> list[Infrastructure]:
    return access_requests.offered(connection, visitor.person.id, request, MOST_LISTED + 1)


def _view(request: AccessRequest, offered: Sequence[Infrastructure]) -> View:
    name, typed = phrases.name(request.person), quote(request.typed, LONGEST_ACCESS_TEXT)
    blocks = [
        section(f"{name} wrote: “{typed}”"),
        _infrastructure(request, offered),
        section("A member can register environments and ask for their license files."),
    ]
    memory = remember(access=request.id)
    return modal(Callback.ADD_MEMBER, _TITLE, blocks, submit="Add", private_metadata=memory)


def _infrastructure(request: AccessRequest, offered: Sequence[Infrastructure]) -> Block:
    meant = next((each for each in offered if each.id == request.infrastructure_id), None)
    only = offered[0] if len(offered) == 1 else meant
    action_id = keyed(Action.ADD_MEMBER_TO, request.id)
    menu = infrastructure_menu(action_id, offered, only, many=is_many(offered))
    return input_block("Infrastructure", menu, BlockId.INFRASTRUCTURE)
