"""Naming a stand-in for a contact, and ending that before the time."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from handlers import phrases, who_is_who
from handlers.answers import Answer, Open, say
from handlers.blocks import state
from handlers.blocks.ids import Action, BlockId, Callback
from handlers.blocks.kit import Block, View, date_input, input_block, modal, option, section, select
from handlers.blocks.limits import OPTIONS
from handlers.blocks.pickers import person_select
from handlers.blocks.state import BadPayload
from handlers.choosing_people import no_right, remembered, seen_at
from handlers.lookups import Known, with_people
from handlers.memory import recall, remember
from handlers.payloads import Click, Submission, number
from handlers.role_phrases import place
from handlers.visitors import Visitor
from store import role_rows, stand_ins
from store.infrastructures import Infrastructure, Seen
from store.people import Person
from store.rules.people_errors import MOST_STAND_IN_DAYS, ContactNotChosen, StandInNotChosen
from store.rules.rights import ADMINS, CONTACTS

_TITLE: Final = "Name a stand-in"
_A_WEEK: Final = timedelta(days=6)


def name_stand_in_click(visitor: Visitor, click: Click) -> Answer:
    """The modal for the infrastructure of the button."""
    with visitor.read() as connection:
        seen = _allowed(connection, visitor, click.number)
        contacts = _contacts(connection, visitor, seen)
    if not contacts:
        where = place(seen.infrastructure.name, seen.infrastructure.company_name)
        return say(f"{where} has no contact now, and only contacts have stand-ins. Set a contact first.")
    return Open(_view(visitor, seen.infrastructure, contacts))


def name_stand_in_submission(visitor: Visitor, submission: Submission) -> Answer:
    """Name the stand-in; somebody whom the desk does not know is looked up in Slack first."""
    infrastructure_id = remembered(submission.metadata)
    chosen = state.text(submission.entered, BlockId.CONTACT) or recall(submission.metadata).get("contact")
    slack_id = state.text(submission.entered, BlockId.STAND_IN)
    first, last = _day(submission, BlockId.FIRST_DAY), _day(submission, BlockId.LAST_DAY)
    if not chosen:
        raise ContactNotChosen
    if not slack_id or first is None or last is None:
        raise StandInNotChosen
    contact_id = number(chosen)
    with visitor.read() as connection:
        _allowed(connection, visitor, infrastructure_id)

    def name(again: Visitor, known: Known) -> Answer:
        person_id = known[slack_id]
        made = stand_ins.name_stand_in(
            again.desk, again.actor, infrastructure_id, contact_id, person_id, first, last
        )
        return say(f"{who_is_who.stand_in(made)} They are told.", title="Named")

    return with_people(visitor, [slack_id], name, _TITLE)


def end_stand_in_click(visitor: Visitor, click: Click) -> Answer:
    """End a stand-in now."""
    ended = stand_ins.end_stand_in(visitor.desk, visitor.actor, click.number)
    if ended is None:
        return say("That has ended already.")
    who, whom = phrases.name(ended.person), phrases.name(ended.contact)
    return say(f"{who} no longer stands in for {whom}. They are told.")


def _allowed(connection: Connection, visitor: Visitor, infrastructure_id: int) -> Seen:
    """The infrastructure, for a contact or an administrator. Raises `NotAssociated` and `NoRight`."""
    seen = seen_at(connection, visitor, infrastructure_id)
    if not seen.rights.roles & (ADMINS | CONTACTS):
        raise no_right(connection, infrastructure_id, "stand_in")
    return seen


def _contacts(connection: Connection, visitor: Visitor, seen: Seen) -> list[Person]:
    """Those for whom the visitor may name somebody: themself, or for administrators every contact."""
    if not seen.rights.roles & ADMINS:
        return [visitor.person]
    infrastructure = seen.infrastructure
    held = role_rows.over(connection, infrastructure.company_id, infrastructure.id)
    return list(dict.fromkeys(each.person for each in held if each.role in CONTACTS and each.counts))


def _view(visitor: Visitor, infrastructure: Infrastructure, contacts: Sequence[Person]) -> View:
    today = visitor.now.astimezone(ZoneInfo(visitor.person.zone)).date()
    where = place(infrastructure.name, infrastructure.company_name)
    hint = f"{MOST_STAND_IN_DAYS} days at most."
    blocks = [
        section(f"A stand-in decides on requests of {where} for a contact, and gets no other rights by it."),
        _contact(contacts),
        input_block("Who stands in", person_select(Action.FIELD, "Choose a person"), BlockId.STAND_IN),
        input_block("First day", date_input(Action.FIELD, today), BlockId.FIRST_DAY),
        input_block("Last day", date_input(Action.FIELD, today + _A_WEEK), BlockId.LAST_DAY, hint=hint),
    ]
    known = {"contact": contacts[0].id} if len(contacts) == 1 else {}
    memory = remember(infrastructure=infrastructure.id, **known)
    return modal(Callback.NAME_STAND_IN, _TITLE, blocks, submit="Save", private_metadata=memory)


def _contact(contacts: Sequence[Person]) -> Block:
    if len(contacts) == 1:
        return section(f"For: {phrases.name(contacts[0])}")
    options = [option(each.name, str(each.id)) for each in contacts[:OPTIONS]]
    return input_block("For", select(Action.FIELD, options, "Choose a contact"), BlockId.CONTACT)


def _day(submission: Submission, block_id: BlockId) -> date | None:
    typed = state.text(submission.entered, block_id)
    try:
        return date.fromisoformat(typed) if typed else None
    except ValueError:
        raise BadPayload("no day where one belongs") from None
