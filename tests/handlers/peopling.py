"""What people do with `/license people` and the modals behind it, one step at a time."""

from collections.abc import Callable

from bot.sandbox.client import SlackClient
from bot.sandbox.seen import Message, Submitted, View
from tests.handlers.acting import changed, there
from tests.handlers.reading import field, options, shown

ROLE = "people.set_role.role"


def who(slack: SlackClient, user: str, name: str = "Acme Core") -> Message:
    """The answer to `/license people` of an infrastructure, as the person sees it."""
    before = len(slack.ephemerals(user))
    slack.command(user, f"people {name}")
    return there(slack, lambda: slack.ephemerals(user)[before:])[-1]


def newer_view(slack: SlackClient, user: str, act: Callable[[], object]) -> View:
    """The modal that an act opens, as soon as it is another one than before."""
    before = slack.view(user)
    act()

    def look() -> View | None:
        now = slack.view(user)
        return now if now and (before is None or now.id != before.id) else None

    return there(slack, look)


def pressed(slack: SlackClient, user: str, action: str, name: str = "Acme Core") -> View:
    """The modal that a button of that answer opens."""
    return newer_view(slack, user, lambda: slack.click(user, who(slack, user, name), action))


def role_chosen(slack: SlackClient, user: str, role: str, name: str = "Acme Core") -> View:
    view = pressed(slack, user, "people.set_role", name)
    if not options(view.blocks, "role")[1:]:
        return view
    return changed(slack, user, view, ROLE, role)


def saved(slack: SlackClient, user: str, view: View, **chosen: str | list[str]) -> Submitted:
    return slack.submit(user, view, {field(view.blocks, each): value for each, value in chosen.items()})


def afterwards(slack: SlackClient, user: str, part: str) -> str:
    """What the open modal says at last, once these words are in it."""

    def look() -> str | None:
        view = slack.view(user)
        said = shown(view.blocks) if view else ""
        return said if part in said else None

    return there(slack, look)


def wait_direct(slack: SlackClient, user: str, part: str) -> Message:
    def look() -> Message | None:
        return next(
            (each for each in slack.direct(user) if part in f"{each.text} {shown(each.blocks)}"), None
        )

    return there(slack, look)
