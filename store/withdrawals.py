"""Withdrawals: the requester no longer wants what nobody has decided yet."""

from store.desk import Act, intention
from store.own_items import of_requester
from store.request_changes import announce, hold_registrations, record, settle
from store.request_refusals import already_decided
from store.request_views import ItemView, items_of
from store.rules.request_states import ItemState


@intention
def withdraw(act: Act, item_id: int) -> ItemView:
    """Withdraw an item of the actor's own. Raises `AlreadyDecided` and `RequestUnknown`."""
    request, item = of_requester(act, item_id)
    hold_registrations(act.connection, [item.registration_id], to_end=False)
    if not settle(act, [item_id], ItemState.WITHDRAWN):
        raise already_decided(act, request, [item_id])
    announce(act, request.id, "withdrawn", [item_id], tell_requester=False)
    record(act, "withdraw", request.infrastructure.id, request.id, [item_id])
    return items_of(act.connection, [item_id])[0]
