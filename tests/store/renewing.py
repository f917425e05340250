"""Steps that the tests of subscriptions share: licensed environments, renewals, and what came of them."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from store import decisions, licenses, reissuing, renewals, subscriptions
from store.desk import Act, Actor, Desk, intention
from store.renewals import Renewed
from store.rules.renewing import Renewal
from store.tables import deliveries
from store.tables import licenses as license_rows
from store.tables import subscriptions as subscription_rows
from tests.conftest import Clock
from tests.example import Example
from tests.store.requesting import make_key, put, registered

NEXT_END = datetime(2028, 1, 1, tzinfo=UTC)
COMMAND = Actor(None, "command")


@intention
def issued(act: Act, registration_id: int) -> int:
    """Make the license of a registration, as a delivery does."""
    return licenses.issue(act, registration_id).id


def licensed(desk: Desk, person: int, slot: int, number: int = 1) -> int:
    """A registered environment with a license."""
    make_key(desk)
    registration_id = registered(desk, person, slot, number)
    issued(desk, Actor(person), registration_id)
    return registration_id


def forwarded(desk: Desk, example: Example, registration_id: int, person: int) -> None:
    """Somebody asked for the file of a registration, and Rui forwarded it."""
    decisions.forward(desk, Actor(example.rui), put(desk, person, registration_id))


def renew(desk: Desk, infrastructure_id: int, actor: Actor = COMMAND, **more: Any) -> Renewed:
    """Renew until the end of 2027, and replace every license."""
    renewed = renewals.renew(desk, actor, infrastructure_id, Renewal(**{"ends_at": NEXT_END, **more}))
    if renewed.reissue_id is not None:
        reissuing.run(desk, actor, renewed.reissue_id)
    return renewed


def suspend(desk: Desk, infrastructure_id: int, reason: str = "invoice overdue") -> None:
    """Suspend at the command line."""
    subscriptions.suspend(desk, COMMAND, infrastructure_id, reason)


def reinstate(desk: Desk, infrastructure_id: int) -> None:
    """Reinstate at the command line, and replace every license."""
    reissue_id = subscriptions.reinstate(desk, COMMAND, infrastructure_id)
    if reissue_id is not None:
        reissuing.run(desk, COMMAND, reissue_id)


def files_for(desk: Desk) -> list[list[int]]:
    """For whom files were queued after a re-issue, a list for each upload."""
    query = select(deliveries.c.facts).where(deliveries.c.kind == "reissue").order_by(deliveries.c.id)
    with desk.database.read() as connection:
        return [facts["person_ids"] for facts in connection.execute(query).scalars()]


def made(desk: Desk) -> int:
    """How many licenses there are."""
    with desk.database.read() as connection:
        return connection.execute(select(func.count()).select_from(license_rows)).scalar_one()


def newest(desk: Desk, registration_id: int) -> licenses.License:
    """The newest license of a registration."""
    with desk.database.read() as connection:
        found = licenses.newest_of(connection, registration_id)
    assert found is not None
    return found


def subscription(desk: Desk, infrastructure_id: int) -> Any:
    """The row of a subscription."""
    query = select(subscription_rows).where(subscription_rows.c.infrastructure_id == infrastructure_id)
    with desk.database.read() as connection:
        return connection.execute(query).one()


def at(clock: Clock, end: datetime, days: float) -> None:
    """Put the clock to some days before an end."""
    clock.now = end - timedelta(days=days)
