"""What a conversation answers: plain values, which the adapters turn into what Slack needs."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from handlers.blocks.kit import Block, Element, View, actions, message, section

if TYPE_CHECKING:
    from handlers.context import SlackCalls
    from handlers.visitors import Visitor

Message = dict[str, Any]

TITLE = "License Desk"


@dataclass(frozen=True, slots=True)
class Say:
    """Tell the person something that only they see.

    In a modal it takes the modal's place, under `title`. With `replace` it takes the place of the message that
    was clicked, where only this person sees that one.
    """

    message: Message
    title: str = TITLE
    replace: bool = False


@dataclass(frozen=True, slots=True)
class Open:
    """Show a modal; where one is open already, in its place."""

    view: View


@dataclass(frozen=True, slots=True)
class Replace:
    """Draw the open modal anew, with what was typed kept. The conversation must change nothing: it may run twice."""

    view: View


@dataclass(frozen=True, slots=True)
class Push:
    """Show a modal on top of the open one."""

    view: View


@dataclass(frozen=True, slots=True)
class FieldErrors:
    """Say what is wrong at the fields of the submitted modal, by block id; plain text."""

    errors: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Nothing:
    """Nothing to add to what the person sees already."""


@dataclass(frozen=True, slots=True)
class FileRead:
    """A file that somebody put into a form: its name as they gave it, and its bytes."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class ReadFile:
    """Say something at once in a modal that was sent in, read a file that the person put into it, and go on.

    What `then` answers to it takes the place of what was said first. A file of more than `most` bytes,
    or of somebody else, is refused.
    """

    first: Say
    file_id: str
    most: int
    then: "Callable[[FileRead], Answer]"


@dataclass(frozen=True, slots=True)
class Consult:
    """Say something at once in a modal that was sent in, ask Slack about what was chosen there, and go on.

    What `then` answers takes the place of what was said first. Who may go on is asked again.
    """

    first: Say
    then: "Callable[[Visitor, SlackCalls], Answer]"


Answer = Say | Open | Replace | Push | FieldErrors | Nothing | ReadFile | Consult


def say(mrkdwn: str, *buttons: Element, title: str = TITLE) -> Say:
    """Say one paragraph, with the next steps as buttons."""
    return say_blocks(mrkdwn, [section(mrkdwn)], buttons, title=title)


def say_blocks(
    summary: str, blocks: Sequence[Block], buttons: Sequence[Element] = (), *, title: str = TITLE
) -> Say:
    """Say several blocks; `summary` is their first sentence, which notifications and screen readers say."""
    row = [actions(buttons)] if buttons else []
    return Say(message(summary, [*blocks, *row]), title)
