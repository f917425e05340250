"""What is pressed in Home, answered in modals; and the search behind one of its buttons."""

from datetime import datetime
from typing import Final

from handlers import commands, following, phrases
from handlers.answers import TITLE, Answer, FieldErrors, Nothing, Open, Say, say, say_blocks
from handlers.blocks import state
from handlers.blocks.ids import Action, BlockId, Callback, keyed
from handlers.blocks.kit import Block, Element, button, input_block, modal, section, text_input
from handlers.blocks.state import BadPayload
from handlers.blocks.text import last_day, quote
from handlers.payloads import Click, Command, Submission, number
from handlers.visitors import Visitor
from store import home, infrastructures, slots
from store.overviews import overviews
from store.request_views import shown_to
from store.rules.errors import FieldError
from store.rules.request_states import request_id, request_number
from store.rules.serials import is_serial
from store.slots import Environment

_PAGE: Final = 10
_LONGEST_SEARCH: Final = 80
_HIGHEST: Final = 100_000  # no infrastructure has as many environments


def command_click(visitor: Visitor, click: Click) -> Answer:
    """Answer as if the command of the button had been typed."""
    return commands.find(click.value).talk(visitor, Command(click.value, ""))


def show_click(visitor: Visitor, click: Click) -> Answer:
    """Answer as if a command had been typed with the infrastructure that was chosen in its menu."""
    with visitor.read() as connection:
        chosen = infrastructures.seen(connection, visitor.person.id, click.number).infrastructure
    return commands.find(click.kind).talk(visitor, Command(click.kind, chosen.activation_code))


def request_click(visitor: Visitor, click: Click) -> Answer:
    """Show one request with everything that can be done with it."""
    return following.requests_command(visitor, Command("requests", request_number(click.number)))


def page_click(visitor: Visitor, click: Click) -> Answer:
    """Turn to another page of the infrastructures in Home."""
    if click.number > _HIGHEST:
        raise BadPayload("no page of Home")
    home.turn(visitor.desk, visitor.actor, visitor.person.id, click.number)
    return Nothing()


def search_click(_visitor: Visitor, _click: Click) -> Answer:
    """Ask what is looked for."""
    field = input_block(
        "What do you look for?",
        text_input(Action.FIELD, longest=_LONGEST_SEARCH, focus=True),
        BlockId.SEARCH,
        hint="A company, an infrastructure, an environment, a serial number, or a request such as R-1042",
    )
    return Open(modal(Callback.HOME_SEARCH, TITLE, [field], submit="Search"))


def search_submission(visitor: Visitor, submission: Submission) -> Answer:
    """Find a request by its number, an environment by its serial number, or what is called so."""
    typed = (state.text(submission.entered, BlockId.SEARCH) or "").strip()
    if not typed:
        return FieldErrors({BlockId.SEARCH: "Type a name or a number."})
    if _is_number(visitor, typed):
        return following.requests_command(visitor, Command("requests", typed))
    if is_serial(typed) or not _is_name(visitor, typed):
        return commands.find("environments").talk(visitor, Command("environments", typed))
    return commands.find("slots").talk(visitor, Command("slots", typed))


def environments_click(visitor: Visitor, click: Click) -> Answer:
    """A page of the environments of one infrastructure, after as many as the button says."""
    infrastructure_id, after = number(click.kind.partition("-")[0]), click.number
    if after > _HIGHEST:
        raise BadPayload("no page of environments")
    with visitor.read() as connection:
        name = infrastructures.seen(connection, visitor.person.id, infrastructure_id).infrastructure.name
        ids = home.registered(connection, infrastructure_id, after, _PAGE + 1)
        found = slots.environments_of(connection, ids[:_PAGE])
        ends = slots.license_ends(connection, ids[:_PAGE])
    texts = [_text(found[each], each in ends, ends.get(each)) for each in ids[:_PAGE]]
    return _listed(name, texts, _pages(infrastructure_id, after, more=len(ids) > _PAGE))


def _listed(name: str, texts: list[str], row: list[Element]) -> Say:
    named = quote(name, phrases.LONGEST_NAME)
    if not texts:
        return say(f"No environment of {named} is registered here any more.", *row)
    summary = f"Environments of {named}"
    blocks: list[Block] = [section(f"{summary}, by type and name."), *(section(each) for each in texts)]
    return say_blocks(summary, blocks, row)


def _text(each: Environment, licensed: bool, end: datetime | None) -> str:
    registration = each.registration
    lines = [f"*{phrases.environment(each)}*"]
    if registration:
        lines += [
            f"Serial number: {registration.serial}",
            f"Platform version: {quote(registration.platform_version)}",
        ]
    until = f"until {last_day(end)}" if end else "without an end"
    return "\n".join([*lines, f"License: {until if licensed else 'none yet'}"])


def _pages(infrastructure_id: int, after: int, *, more: bool) -> list[Element]:
    row = []
    if after:
        row.append(_turn("Back", infrastructure_id, max(0, after - _PAGE)))
    if more:
        row.append(_turn("More", infrastructure_id, after + _PAGE))
    return row


def _turn(text: str, infrastructure_id: int, after: int) -> Element:
    # The buttons of one row must differ in their ids.
    action = keyed(Action.HOME_ENVIRONMENTS, f"{infrastructure_id}-{text.lower()}")
    return button(text, action, str(after), accessibility_label=f"{text} environments")


def _is_number(visitor: Visitor, typed: str) -> bool:
    try:
        wanted = request_id(typed)
    except FieldError:
        return False
    with visitor.read() as connection:
        shown = shown_to(connection, wanted, visitor.person.id, visitor.held, visitor.now)
        return typed.upper().startswith("R") or bool(shown)


def _is_name(visitor: Visitor, typed: str) -> bool:
    with visitor.read() as connection:
        return bool(overviews(connection, visitor.person.id, visitor.held, limit=1, named=typed))
