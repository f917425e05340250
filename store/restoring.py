"""What has to be seen to once an older state of the desk was restored, before it goes to work again."""

from sqlalchemy import select, update

from store import home_redraws, restorations
from store.deliveries import QUEUED
from store.desk import Act, intention
from store.tables import deliveries


@intention
def settle(act: Act) -> int:
    """Look for each queued delivery in Slack before it is sent, because it may have been sent since; give how many.

    Leases of the time of the backup end, and the record says that a backup was restored. Homes are drawn anew: what
    they show of the time after the backup is lost, and buttons there tell nobody how old they are.
    """
    rows = act.connection.execute(select(deliveries.c.id, deliveries.c.steps).where(QUEUED)).all()
    for row in rows:
        unsure = {"steps": {**row.steps, "unsure": True}, "lease": None, "leased_until": None}
        act.connection.execute(update(deliveries).where(deliveries.c.id == row.id).values(unsure))
    restorations.record_restored(act, queued=len(rows))
    home_redraws.queue_all(act.connection, act.now)
    return len(rows)
