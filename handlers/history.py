"""`/license history`: who did what, when and from where, in pages; of everything, or of one environment."""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from sqlalchemy import Connection

from handlers import phrases
from handlers.answers import Answer, Say, say, say_blocks
from handlers.blocks.ids import Action, keyed
from handlers.blocks.kit import Block, Element, button, context, section
from handlers.blocks.state import BadPayload
from handlers.blocks.text import plain, quote
from handlers.payloads import Click, Command
from handlers.visitors import Visitor
from handlers.words.history import sentence
from handlers.words.pens import Mrkdwn
from store import history, infrastructures, slots
from store.history import Page
from store.rules.errors import FieldError
from store.rules.serials import parse_serial

_PAGE: Final = 8
_MOST_CHOICES: Final = 10
_KEY: Final = re.compile(r"(slot|infrastructure)-(\d{1,18})", re.ASCII)


def history_command(visitor: Visitor, command: Command) -> Answer:
    """The newest entries: of an environment, a serial number or an infrastructure typed, or of everything."""
    with visitor.read() as connection:
        if not infrastructures.seen_with(connection, visitor.held, limit=1):
            raise infrastructures.not_associated(connection, visitor.person.id)
        if not command.rest:
            return _page(connection, visitor, "", None)
        choices = _choices(connection, visitor, command.rest)
        if len(choices) == 1:
            return _page(connection, visitor, choices[0][0], None)
    return _choose(command.rest, choices)


def page_click(visitor: Visitor, click: Click) -> Answer:
    """The next page, the newest one again, or the history of what was chosen; it takes the place of the message."""
    before = click.number or None
    with visitor.read() as connection:
        answer = _page(connection, visitor, click.kind, before)
    return replace(answer, replace=True)


def _choices(connection: Connection, visitor: Visitor, typed: str) -> list[tuple[str, str]]:
    """Keys and names of what may be meant, one more than are shown at most."""
    try:
        wanted = parse_serial(typed)
    except FieldError:
        wanted = typed
    places = history.find_slots(connection, visitor.held, wanted, _MOST_CHOICES + 1)
    if places:
        return [(f"slot-{each.slot_id}", f"{each.name}, {each.infrastructure_name}") for each in places]
    seen = infrastructures.seen_with(connection, visitor.held, limit=_MOST_CHOICES + 1, named=typed)
    return [(f"infrastructure-{each.infrastructure.id}", each.infrastructure.name) for each in seen]


def _choose(typed: str, choices: Sequence[tuple[str, str]]) -> Answer:
    name = quote(typed, phrases.LONGEST_NAME)
    if not choices:
        return say(
            f"You see no environment or infrastructure called “{name}”. Type `/license history` for all that "
            "you may see."
        )
    more = " These are the first; a serial number names exactly one." if len(choices) > _MOST_CHOICES else ""
    buttons = [
        button(
            plain(text, 60),
            keyed(Action.HISTORY, key),
            "0",
            accessibility_label=f"History of {plain(text, 50)}",
        )
        for key, text in choices[:_MOST_CHOICES]
    ]
    return say(f"Several are called “{name}”. Whose history do you want to see?{more}", *buttons)


def _page(connection: Connection, visitor: Visitor, key: str, before: int | None) -> Say:
    person, kind, number = visitor.person.id, *_target(key)
    if kind == "slot":
        page = history.of_slot(connection, person, number, before, _PAGE)
        place = slots.get_slot(connection, number)
        what = f"History of {phrases.environment(place)}" if place else "History of a slot that was removed"
    elif kind == "infrastructure":
        page = history.of_infrastructure(connection, person, number, before, _PAGE)
        what = f"History of {quote(infrastructures.get(connection, number).name, phrases.LONGEST_NAME)}"
    else:
        page = history.of_person(connection, person, visitor.held, before, _PAGE)
        what = "History of all that you may see"
    return _drawn(visitor, what, page, key, before)


def _target(key: str) -> tuple[str, int]:
    """What a page is of. Raises BadPayload for a key that is none of ours."""
    found = _KEY.fullmatch(key)
    if key and not found:
        raise BadPayload("no history is kept under this key")
    return (found[1], int(found[2])) if found else ("", 0)


def _drawn(visitor: Visitor, what: str, page: Page, key: str, before: int | None) -> Say:
    pen = Mrkdwn(visitor.desk.policy)
    summary = f"{what}, {'older entries' if before else 'newest first'}."
    blocks: list[Block] = [section(summary)]
    blocks += [section(sentence(each, pen)) for each in page.lines]
    if not page.lines:
        blocks.append(context("Nothing is recorded here that you may see."))
    return say_blocks(summary, blocks, _buttons(page, key, before))


def _buttons(page: Page, key: str, before: int | None) -> list[Element]:
    row = []
    if page.older is not None:
        label = "Older entries of the history"
        older = keyed(Action.HISTORY_OLDER, key)
        row.append(button("Older", older, str(page.older), accessibility_label=label))
    if before is not None:
        label = "Newest entries of the history"
        row.append(button("Newest", keyed(Action.HISTORY_NEWEST, key), "0", accessibility_label=label))
    return row
