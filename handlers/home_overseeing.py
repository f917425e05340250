"""The part of Home for those who oversee: people who need attention, and the latest entries of the record."""

from collections.abc import Iterator
from typing import Final

from sqlalchemy import Connection

from handlers import who_is_who
from handlers.blocks.kit import Block, header, section
from handlers.home_infrastructures import Page
from handlers.visitors import Visitor
from handlers.words.history import sentence
from handlers.words.pens import Mrkdwn
from store import history, home, infrastructures
from store.infrastructures import Seen
from store.overviews import Overview
from store.rules.rights import ADMINS, Rights, rights

_MOST_PLACES: Final = 4
_MOST_ENTRIES: Final = 6
_MOST_WARNINGS: Final = 5
_REFUSED: Final = "refused:"


def blocks(connection: Connection, visitor: Visitor, page: Page) -> list[Block]:
    """Warnings about people for administrators, and the latest changes for everybody who oversees."""
    if not visitor.rights.oversees:
        return []
    return [*_people(connection, visitor, page), *_latest(connection, visitor)]


def _people(connection: Connection, visitor: Visitor, page: Page) -> list[Block]:
    """What needs attention in the first infrastructures of the page in which somebody sets roles."""
    own = [each for each in page.shown if not each.is_cloud and _rights(visitor, each).roles & ADMINS]
    texts = list(_warnings(connection, visitor, own[:_MOST_PLACES]))
    more = home.administered(connection, visitor.held) - len(own[:_MOST_PLACES])
    if more > 0:
        texts.append(_others(more))
    return [header("People who need attention"), *(section(each) for each in texts)] if texts else []


def _others(more: int) -> str:
    others = "1 more infrastructure" if more == 1 else f"{more} more infrastructures"
    return f"… and {others} that you administer. Press *People* to see who needs attention there."


def _warnings(connection: Connection, visitor: Visitor, found: list[Overview]) -> Iterator[str]:
    places = infrastructures.get_many(connection, [each.id for each in found])
    for each in found:
        seen = Seen(places[each.id], _rights(visitor, each))
        who = who_is_who.read(
            connection, seen, visitor.person.workspace_id, visitor.now, mails=visitor.desk.policy.mails
        )
        warned = who_is_who.warnings(who)
        if warned:
            more = len(warned) - _MOST_WARNINGS
            rest = [f"• and {more} more; press *People* for all"] if more > 0 else []
            yield "\n".join([who_is_who.summary(who), *warned[:_MOST_WARNINGS], *rest])


def _rights(visitor: Visitor, each: Overview) -> Rights:
    return rights(visitor.held, each.company_id, each.id)


def _latest(connection: Connection, visitor: Visitor) -> list[Block]:
    page = history.of_person(connection, visitor.person.id, visitor.held, None, 2 * _MOST_ENTRIES)
    pen = Mrkdwn(visitor.desk.policy)
    # Refusals change nothing, and do not have Home drawn anew.
    changes = [each for each in page.lines if not each.action.startswith(_REFUSED)][:_MOST_ENTRIES]
    said = [f"• {sentence(each, pen)}" for each in changes]
    return [header("Latest history"), *(section(each) for each in said)] if said else []
