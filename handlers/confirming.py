"""Confirming resting roles of people who are back, so that they count again."""

from collections.abc import Sequence

from handlers import phrases
from handlers.answers import Answer, Open, say
from handlers.blocks.ids import Action, BlockId, Callback
from handlers.blocks.kit import View, input_block, modal, multi_select, section
from handlers.blocks.limits import OPTIONS
from handlers.choosing_people import seen_at
from handlers.handing import role_ids_chosen, role_option
from handlers.payloads import Click, Submission
from handlers.role_phrases import as_role
from handlers.visitors import Visitor
from store import role_rows, roles
from store.role_rows import Held


def confirm_roles_click(visitor: Visitor, click: Click) -> Answer:
    """The modal with the resting roles of an infrastructure, or of the person of a notice."""
    with visitor.read() as connection:
        if click.kind == "infrastructure":
            place = seen_at(connection, visitor, click.number).infrastructure
            held = role_rows.over(connection, place.company_id, place.id)
        else:
            held = role_rows.of_person(connection, click.number)
    resting = roles.confirmable(held, visitor.held)
    if not resting:
        return say("There is no role that you can confirm. It may have been confirmed already.")
    return Open(_view(resting[:OPTIONS]))


def confirm_roles_submission(visitor: Visitor, submission: Submission) -> Answer:
    """Let the chosen roles count again."""
    woken = roles.confirm(visitor.desk, visitor.actor, role_ids_chosen(submission))
    if not woken:
        return say("They were confirmed already. Nothing has changed.", title="Confirm roles")
    lines = [
        f"{phrases.name(each.person)} is again "
        f"{as_role(each.role, each.infrastructure_name, each.company_name)}."
        for each in woken
    ]
    return say("\n".join([*lines, "They and the admins are told."]), title="Confirmed")


def _view(resting: Sequence[Held]) -> View:
    options = [role_option(each, named=True) for each in resting]
    menu = multi_select(Action.FIELD, options, "Choose roles", [str(each.id) for each in resting])
    blocks = [
        section("These roles rest, because their holders were deactivated in Slack. They are back now."),
        input_block("Roles that count again", menu, BlockId.ROLES),
    ]
    return modal(Callback.CONFIRM_ROLES, "Confirm roles", blocks, submit="Confirm")
