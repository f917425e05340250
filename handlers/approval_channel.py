"""Setting the approval channel: the modal, and the look at the channel before it is taken."""

from typing import Final

from handlers.answers import Answer, Consult, Open, say
from handlers.blocks import state
from handlers.blocks.ids import Action, BlockId, Callback
from handlers.blocks.kit import View, input_block, modal, section
from handlers.blocks.pickers import channel_select
from handlers.blocks.text import channel
from handlers.choosing_people import administered, remembered
from handlers.context import SlackCalls
from handlers.lookups import look_at_channel
from handlers.memory import remember
from handlers.payloads import Click, Submission
from handlers.role_phrases import place
from handlers.visitors import Visitor
from store import approval_channels
from store.infrastructures import Infrastructure

_TITLE: Final = "Approval channel"


def set_channel_click(visitor: Visitor, click: Click) -> Answer:
    """The modal for the infrastructure of the button."""
    with visitor.read() as connection:
        return Open(_view(administered(connection, visitor, click.number, "channel")))


def set_channel_submission(visitor: Visitor, submission: Submission) -> Answer:
    """Take the channel away at once, or set another one after a look at it in Slack."""
    infrastructure_id = remembered(submission.metadata)
    slack_id = state.text(submission.entered, BlockId.CHANNEL)
    with visitor.read() as connection:
        administered(connection, visitor, infrastructure_id, "channel")
    if slack_id is None:
        found = approval_channels.set_channel(visitor.desk, visitor.actor, infrastructure_id, None)
        where = place(found.name, found.company_name)
        return say(f"{where} has no approval channel now. Requests go to each person directly.", title=_TITLE)

    def look(again: Visitor, slack: SlackCalls) -> Answer:
        seen = look_at_channel(again, slack, slack_id)
        found = approval_channels.set_channel(again.desk, again.actor, infrastructure_id, seen)
        where = place(found.name, found.company_name)
        return say(
            f"The approval channel of {where} is {channel(slack_id)} now. Requests that wait for an answer are "
            "shown there as well.",
            title=_TITLE,
        )

    return Consult(say("Looking at the channel…", title=_TITLE), look)


def _view(infrastructure: Infrastructure) -> View:
    menu = channel_select(Action.FIELD, "Choose a channel", infrastructure.approval_channel)
    hint = (
        "I have to be in it: write /invite @License Desk there first. Leave this empty for no channel; requests "
        "then go to each person directly."
    )
    blocks = [
        section(
            f"Requests of {place(infrastructure.name, infrastructure.company_name)} are shown in this channel."
        ),
        input_block("Channel", menu, BlockId.CHANNEL, hint=hint, optional=True),
    ]
    memory = remember(infrastructure=infrastructure.id)
    return modal(Callback.SET_CHANNEL, _TITLE, blocks, submit="Save", private_metadata=memory)
