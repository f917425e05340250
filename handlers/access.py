"""Asking for access, and answering that: *Add as member*, or *Decline*."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import Connection

from handlers import phrases
from handlers.answers import Answer, FieldErrors, Open, say
from handlers.blocks import state
from handlers.blocks.ids import Action, BlockId, Callback
from handlers.blocks.kit import Block, View, input_block, modal, option, section, select, text_input
from handlers.blocks.text import quote
from handlers.choosing import MOST_LISTED
from handlers.memory import recall, remember
from handlers.payloads import Click, Submission, number
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
    """Add the person to the infrastructure that was chosen, or to the one that was named."""
    access_request_id = number(recall(submission.metadata).get("access"))
    chosen = state.text(submission.entered, BlockId.INFRASTRUCTURE)
    if chosen:
        return _add(visitor, access_request_id, number(chosen))
    named = (state.text(submission.entered, BlockId.SEARCH) or "").strip()
    request = access_requests.to_answer(visitor.desk, visitor.actor, access_request_id)
    with visitor.read() as connection:
        found = _offered(connection, visitor, request, named)
    if len(found) == 1:
        return _add(visitor, access_request_id, found[0].id)
    if found and len(found) <= MOST_LISTED:
        return Open(_view(request, found))
    problem = "None has this name." if not found else f"More than {MOST_LISTED} have this in their name."
    return FieldErrors({submission.field(BlockId.SEARCH) or BlockId.SEARCH: problem})


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


def _offered(
    connection: Connection, visitor: Visitor, request: AccessRequest, named: str = ""
) -> list[Infrastructure]:
    return access_requests.offered(connection, visitor.person.id, request, MOST_LISTED + 1, named)


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
    if len(offered) > MOST_LISTED:
        field = text_input(Action.FIELD, "A part of the name", longest=80, focus=True)
        hint = f"You can add somebody to more than {MOST_LISTED} infrastructures."
        return input_block("Infrastructure or company", field, BlockId.SEARCH, hint=hint)
    options = [option(f"{each.name} ({each.company_name})", str(each.id)) for each in offered]
    meant = next((each.id for each in offered if each.id == request.infrastructure_id), None)
    only = offered[0].id if len(offered) == 1 else meant
    menu = select(Action.FIELD, options, "Choose an infrastructure", str(only) if only else None)
    return input_block("Infrastructure", menu, BlockId.INFRASTRUCTURE)
