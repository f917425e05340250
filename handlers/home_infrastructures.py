"""The part of Home about infrastructures: what ends soon, and how many slots of each type are used, in pages."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection

from handlers import phrases
from handlers.blocks.ids import Action, keyed
from handlers.blocks.kit import Block, Element, actions, button, context, header, section
from handlers.blocks.text import plain, quote
from handlers.subscription_phrases import place, standing
from handlers.visitors import Visitor
from store import held_files, home
from store.overviews import Overview, overviews
from store.rules.rights import RoleName, rights
from store.slots import Capacity

PAGE: Final = 10
LAST_PAGE: Final = 9
_MOST_ENDING: Final = 8
_BAR: Final = 10


@dataclass(frozen=True, slots=True)
class Page:
    """The page of infrastructures that somebody sees, counted from 0; `read` are those before it as well."""

    read: Sequence[Overview]
    number: int

    @property
    def shown(self) -> Sequence[Overview]:
        """Those that are on it."""
        return self.read[self.number * PAGE : (self.number + 1) * PAGE]

    @property
    def more(self) -> bool:
        """Whether there are others behind it."""
        return len(self.read) > (self.number + 1) * PAGE


def read_page(connection: Connection, visitor: Visitor) -> Page:
    """The page that somebody has turned to."""
    page = min(home.page_of(connection, visitor.person.id), LAST_PAGE)
    most = (page + 1) * PAGE + 1
    found = overviews(connection, visitor.person.id, visitor.held, limit=most)
    if page and len(found) <= page * PAGE:
        # There are fewer now than when this page was turned to.
        page = max(0, (len(found) - 1) // PAGE)
    return Page(found, page)


def blocks(connection: Connection, visitor: Visitor, page: Page) -> list[Block]:
    """What ends soon, and one page of infrastructures with their capacity."""
    return [*_ending(connection, visitor), *_page(visitor, page)]


def uploads(connection: Connection, visitor: Visitor, page: Page) -> bool:
    """Whether there is an infrastructure whose license files the vendor makes and the visitor may upload."""
    if not visitor.rights.gets_files_directly:
        return False
    if any(each.files_held and _may_upload(visitor, each) for each in page.read):
        return True
    return page.more and held_files.are_held_somewhere(connection, visitor.held)


def _may_upload(visitor: Visitor, each: Overview) -> bool:
    return not each.is_cloud and rights(visitor.held, each.company_id, each.id).gets_files_directly


def capacity(each: Overview) -> str:
    """An infrastructure with its slots by type, figures before bars."""
    name, company = quote(each.name, phrases.LONGEST_NAME), quote(each.company_name, phrases.LONGEST_NAME)
    if each.is_cloud:
        return f"*{name}* ({company}): managed by the vendor, already active"
    if not each.counts:
        return f"*{name}* ({company}): no slots yet"
    return "\n".join([f"*{name}* ({company})", *(_line(count) for count in each.counts)])


def _ending(connection: Connection, visitor: Visitor) -> list[Block]:
    found = home.ending(connection, visitor.held, visitor.now, _MOST_ENDING + 1)
    if not found:
        return []
    lines = [
        f"• {place(each)}: the subscription {standing(each.term, visitor.now)}."
        for each in found[:_MOST_ENDING]
    ]
    more = [context("These end first. Press *Subscription* for another one.")]
    return [
        header("Licenses ending soon"),
        section("\n".join(lines)),
        *(more if len(found) > _MOST_ENDING else []),
    ]


def _page(visitor: Visitor, page: Page) -> list[Block]:
    if not page.shown:
        return []
    number = page.number
    navigation = _navigation(visitor, number, more=page.more)
    blocks: list[Block] = [
        header("Your infrastructures" if not number else f"Your infrastructures, page {number + 1}")
    ]
    blocks += [section(capacity(each), _environments(each)) for each in page.shown]
    if page.more and number == LAST_PAGE:
        blocks.append(context(f"The first {(LAST_PAGE + 1) * PAGE} are shown. Press *Search* for others."))
    return [*blocks, *([actions(navigation)] if navigation else [])]


def _line(count: Capacity) -> str:
    full = round(_BAR * count.taken / count.total) if count.total else 0
    if count.taken:
        full = max(1, full)
    if count.free:
        full = min(_BAR - 1, full)
    bar = "█" * full + "░" * (_BAR - full)
    return f"{count.environment_type.short}: {count.taken} of {count.total} used, {count.free} free {bar}"


def _environments(each: Overview) -> Element | None:
    if each.is_cloud or not any(count.taken for count in each.counts):
        return None
    action = keyed(Action.HOME_ENVIRONMENTS, each.id)
    label = f"Environments of {plain(each.name, 50)}"
    return button("Environments", action, "0", accessibility_label=label)


def _navigation(visitor: Visitor, page: int, *, more: bool) -> Sequence[Element]:
    row = []
    if page:
        row.append(_turn("Back", page - 1))
    if more and page < LAST_PAGE:
        row.append(_turn("More", page + 1))
    if row or more or RoleName.OPERATOR in visitor.rights.roles:
        row.append(button("Search", Action.HOME_SEARCH))
    return row


def _turn(text: str, page: int) -> Element:
    label = f"{text}: page {page + 1} of your infrastructures"
    return button(text, keyed(Action.HOME_PAGE, page), str(page), accessibility_label=label)
