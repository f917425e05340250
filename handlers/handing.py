"""Handing over one's roles to a successor, and giving a role to the successor whom somebody named."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import Connection

from handlers import phrases
from handlers.answers import Answer, Open, say
from handlers.blocks import state
from handlers.blocks.ids import Action, BlockId, Callback
from handlers.blocks.kit import Option, View, input_block, modal, multi_select, option, section
from handlers.blocks.limits import OPTIONS
from handlers.blocks.pickers import person_select
from handlers.blocks.state import BadPayload
from handlers.lookups import Known, with_people
from handlers.payloads import Click, Submission, number
from handlers.role_phrases import as_role, called
from handlers.visitors import Visitor
from store import handing_over, people, role_rows
from store.handing_over import HandedOver
from store.request_views import RequestView, waiting_for
from store.role_rows import Held
from store.rules.people_errors import NothingToHandOver

_TITLE: Final = "Hand over my roles"
_MOST_CARDS: Final = 10


def hand_over_click(visitor: Visitor, _click: Click) -> Answer:
    """The modal with the visitor's roles and what waits for them."""
    with visitor.read() as connection:
        own = _own(connection, visitor)
        waiting = waiting_for(connection, visitor.person.id, visitor.now, _MOST_CARDS + 1)
    if not own:
        return say("You have no role that you can hand over.")
    return Open(_view(own, waiting))


def hand_over_submission(visitor: Visitor, submission: Submission) -> Answer:
    """Hand over, or give up; somebody whom the desk does not know is looked up in Slack first."""
    role_ids = role_ids_chosen(submission)
    slack_id = state.text(submission.entered, BlockId.SUCCESSOR)
    if not role_ids:
        raise NothingToHandOver

    def hand_over(again: Visitor, known: Known) -> Answer:
        successor_id = known[slack_id] if slack_id else None
        return _done(handing_over.hand_over(again.desk, again.actor, role_ids, successor_id))

    return with_people(visitor, [slack_id] if slack_id else [], hand_over, _TITLE)


def take_over_click(visitor: Visitor, click: Click) -> Answer:
    """Give somebody's role to the successor whom they named."""
    role_id, _, successor_id = click.value.partition("-")
    successor = number(successor_id)
    with visitor.read() as connection:
        if successor not in people.get_many(connection, [successor]):
            raise BadPayload("a person who does not exist")
    held, person = handing_over.take_over(visitor.desk, visitor.actor, number(role_id), successor)
    return say(f"{phrases.name(person)} is now {_of(held)}, in the place of {phrases.name(held.person)}.")


def role_ids_chosen(submission: Submission) -> list[int]:
    """The roles chosen in a form. Raises BadPayload for what a field cannot hold."""
    chosen = state.texts(submission.entered, BlockId.ROLES)
    if len(chosen) > OPTIONS:
        raise BadPayload("more roles than a field takes")
    return [number(each) for each in dict.fromkeys(chosen)]


def role_option(held: Held, *, named: bool = False) -> Option:
    """A role to choose: what it is, and where; with `named` also whose."""
    where = held.infrastructure_name or held.company_name or "all companies"
    whose = f"{held.person.name}: " if named else ""
    return option(f"{whose}{called(held.role)}", str(held.id), where)


def _own(connection: Connection, visitor: Visitor) -> list[Held]:
    return handing_over.roles_to_hand_over(role_rows.of_person(connection, visitor.person.id))


def _view(own: Sequence[Held], waiting: Sequence[RequestView]) -> View:
    shown = own[:OPTIONS]
    options = [role_option(each) for each in shown]
    menu = multi_select(Action.FIELD, options, "Choose roles", [str(each.id) for each in shown])
    follows = "Leave this empty to give the roles up without a successor."
    blocks = [
        section(_waiting(waiting)),
        input_block("Roles", menu, BlockId.ROLES),
        input_block(
            "Who follows you",
            person_select(Action.FIELD, "Choose a person"),
            BlockId.SUCCESSOR,
            hint=follows,
            optional=True,
        ),
        section(
            "What you may not give yourself is left to those who may: they are asked, and you keep it until then."
        ),
    ]
    return modal(Callback.HAND_OVER, _TITLE, blocks, submit="Hand over")


def _waiting(waiting: Sequence[RequestView]) -> str:
    """The open cards: what somebody leaves to their successor."""
    if not waiting:
        return "No request waits for your answer."
    numbers = phrases.listed([each.number for each in waiting[:_MOST_CARDS]])
    more = " and more" if len(waiting) > _MOST_CARDS else ""
    return (
        f"These requests wait for your answer: {numbers}{more}. A successor who becomes a contact gets their cards; "
        "your answer is no longer needed."
    )


def _done(done: HandedOver) -> Answer:
    lines = []
    for each in done.done:
        if done.successor:
            lines.append(f"{phrases.name(done.successor)} is now {_of(each)}, in your place.")
        else:
            lines.append(f"You are no longer {_of(each)}.")
    for held, others in done.left_to_others:
        asked = phrases.people(others, "or") if others else "the operators"
        lines.append(f"You stay {_of(held)} until {asked} gives it to {phrases.name(done.successor)}.")
    return say(
        "\n".join([*lines, "Everybody concerned is told."]),
        title="Handed over" if done.successor else "Given up",
    )


def _of(held: Held) -> str:
    return as_role(held.role, held.infrastructure_name, held.company_name)
