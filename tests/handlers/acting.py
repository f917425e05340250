"""What people do in the modals of the desk, one step at a time."""

from collections.abc import Callable
from typing import TypeVar

from bot.sandbox.client import SlackClient
from bot.sandbox.seen import Message, Submitted, View
from tests.handlers.reading import shown

T = TypeVar("T")

INFRASTRUCTURE = "environment.register.infrastructure"
TYPE = "environment.register.type"


def there(slack: SlackClient, look: Callable[[], T | None]) -> T:
    """What `look` finds, as soon as it finds something."""
    found = slack.wait_for(look)
    assert found is not None
    return found


def opened(slack: SlackClient, user: str, text: str = "register") -> View:
    """The modal that a command opens."""
    before = slack.view(user)
    answer = slack.command(user, text)
    assert answer.ok, answer
    return another(slack, user, before)


def another(slack: SlackClient, user: str, before: View | None) -> View:
    """The modal that opens over the one before it, or over none."""

    def newer() -> View | None:
        now = slack.view(user)
        return now if now and (before is None or now.id != before.id) else None

    return there(slack, newer)


def changed(slack: SlackClient, user: str, view: View, action: str, value: str | None = None) -> View:
    """The modal as it is drawn after something in it was chosen or pressed."""
    slack.act(user, view, action, value)

    def newer() -> View | None:
        now = slack.view(user)
        return now if now and now.hash != view.hash and now.blocks != view.blocks else None

    return there(slack, newer)


def filled(slack: SlackClient, user: str, text: str, kind: str) -> View:
    """The modal of registering, with a type chosen."""
    return changed(slack, user, opened(slack, user, text), TYPE, kind)


def offered(
    slack: SlackClient, user: str, shown_in: View | Message, action: str, typed: str = ""
) -> list[str]:
    """What a menu that the app fills offers for what is typed into it."""
    return [each["text"]["text"] for each in slack.suggest(user, shown_in, action, typed)]


def result(submitted: Submitted) -> View:
    """The modal that follows a submission."""
    assert submitted.trouble is None, submitted
    assert submitted.view is not None, submitted
    return submitted.view


def told(slack: SlackClient, user: str, part: str) -> Message:
    """The message that only this person sees, as soon as there is one with these words in it."""

    def look() -> Message | None:
        return next(
            (each for each in slack.ephemerals(user) if part in f"{each.text}\n{shown(each.blocks)}"), None
        )

    return there(slack, look)
