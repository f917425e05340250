"""What happens to deliveries when an older state of the desk is restored: what was delivered is not repeated."""

from datetime import timedelta

from sqlalchemy import func, select, update

from store import deliveries as queueing
from store.desk import Act, Actor, intention
from store.restoring import settle
from store.tables import audit_entries, deliveries, persons
from tests.courier.conftest import Scene

COMMAND = Actor(None, "command")


@intention
def notify(act: Act, person_id: int, occasion: str) -> None:
    """Queue a notice."""
    queueing.queue_notice(act, "test", person_id, occasion)


def as_before(scene: Scene) -> None:
    """Put every delivery back to how it was when it was queued, as an older state of the database has it."""
    fresh = {"state": "queued", "steps": {}, "attempts": 0, "first_attempt_at": None, "sent_at": None}
    with scene.desk.database.write() as connection:
        connection.execute(update(deliveries).values(**fresh, lease=None, leased_until=None))


def test_a_message_that_was_sent_after_the_backup_is_not_sent_again(scene: Scene) -> None:
    notify(scene.desk, COMMAND, scene.example.ana, "one")
    scene.run()
    as_before(scene)
    assert settle(scene.desk, COMMAND) == 1
    scene.run()
    assert len(scene.direct("ana")) == 1
    assert scene.states() == {"sent"}


def test_a_message_that_was_not_sent_before_the_loss_is_sent_once(scene: Scene) -> None:
    notify(scene.desk, COMMAND, scene.example.ana, "one")
    settle(scene.desk, COMMAND)
    scene.run()
    assert len(scene.direct("ana")) == 1


def test_what_was_sent_before_the_backup_is_left_alone(scene: Scene) -> None:
    notify(scene.desk, COMMAND, scene.example.ana, "one")
    scene.run()
    assert settle(scene.desk, COMMAND) == 0
    scene.run()
    assert len(scene.direct("ana")) == 1


def test_a_lease_of_the_time_of_the_backup_holds_nothing_up(scene: Scene) -> None:
    notify(scene.desk, COMMAND, scene.example.ana, "one")
    taken = {"lease": "a courier of that day", "leased_until": scene.clock.now + timedelta(days=1)}
    with scene.desk.database.write() as connection:
        connection.execute(update(deliveries).values(taken))
    settle(scene.desk, COMMAND)
    scene.run()
    assert len(scene.direct("ana")) == 1


def test_the_record_says_that_a_backup_was_restored(scene: Scene) -> None:
    settle(scene.desk, COMMAND)
    with scene.desk.database.read() as connection:
        newest = connection.execute(select(audit_entries).order_by(audit_entries.c.id.desc()).limit(1)).one()
        highest = connection.execute(select(func.max(persons.c.id))).scalar_one()
    assert (newest.action, newest.facts["queued"]) == ("restored", 0)
    assert newest.facts["highest_person"] == highest > 10
