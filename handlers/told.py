"""What notices are drawn from: the delivery that queued them, and what it is about as it is now."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from sqlalchemy import Connection

from handlers import phrases
from handlers.blocks.kit import Element
from store import people
from store.deliveries import Delivery
from store.desk import Desk
from store.request_views import ItemView, RequestView, view


@dataclass(frozen=True)
class Told:
    """A notice to one person."""

    connection: Connection
    desk: Desk
    delivery: Delivery

    @property
    def now(self) -> datetime:
        """This moment."""
        return self.desk.clock()

    @property
    def facts(self) -> Mapping[str, Any]:
        """The plain facts that were queued with it."""
        return self.delivery.facts

    @cached_property
    def request(self) -> RequestView:
        """The request that it is about."""
        return view(self.connection, self.delivery.request_id or 0)

    @property
    def items(self) -> list[ItemView]:
        """The items that it is about; all of the request's where none is named."""
        ids = self.facts.get("item_ids") or [self.delivery.item_id]
        return [each for each in self.request.items if each.id in ids] or list(self.request.items)

    @property
    def to_requester(self) -> bool:
        """Whether the reader is the one who asked."""
        return self.delivery.person_id == self.request.requester.id

    def person(self, fact: str) -> str:
        """The name of somebody whose id is a fact; the desk itself where there is none."""
        person_id = self.facts.get(fact)
        return phrases.name(people.get(self.connection, person_id)) if person_id else "the desk"


@dataclass(frozen=True, slots=True)
class Words:
    """What a notice says: the first sentence, all that a notification shows; what follows it; its buttons."""

    first: str
    rest: Sequence[str] = field(default=())
    buttons: Sequence[Element] = field(default=())
