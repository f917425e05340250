"""An item as the person who asked for it finds it again; anybody else is told that there is none."""

from sqlalchemy import select

from store.desk import Act
from store.request_views import ItemView, RequestView, view
from store.rules.request_errors import RequestUnknown
from store.tables import request_items


def of_requester(act: Act, item_id: int) -> tuple[RequestView, ItemView]:
    """An item that the actor asked for. Raises `RequestUnknown`, whether it exists or not."""
    request, item = of_anybody(act, item_id)
    if request.requester.id != act.actor.person_id:
        raise RequestUnknown
    return request, item


def of_anybody(act: Act, item_id: int) -> tuple[RequestView, ItemView]:
    """An item with its request. Raises `RequestUnknown` when there is none of that id."""
    query = select(request_items.c.request_id).where(request_items.c.id == item_id)
    request_id = act.connection.execute(query).scalar_one_or_none()
    if request_id is None:
        raise RequestUnknown
    request = view(act.connection, request_id)
    return request, next(each for each in request.items if each.id == item_id)
