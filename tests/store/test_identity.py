"""What Slack says of us is kept once, however many processes are told it."""

import threading
from dataclasses import replace

from store import identity
from store.desk import Actor, Desk
from store.identity import Workspace
from tests.store.requesting import entries

SCHEDULE = Actor(None, "schedule")
ACME = Workspace("T0ACME", "Acme", "B0DESK", "U0DESK", None, connected=True)


def known(desk: Desk) -> Workspace | None:
    with desk.database.read() as connection:
        return identity.stored(connection)


def test_what_is_no_news_is_recorded_once(desk: Desk) -> None:
    identity.remember(desk, SCHEDULE, ACME)
    identity.remember(desk, SCHEDULE, ACME)
    assert known(desk) == ACME
    assert len(entries(desk, "connect_workspace")) == 1


def test_another_name_is_news(desk: Desk) -> None:
    identity.remember(desk, SCHEDULE, ACME)
    renamed = replace(ACME, name="Acme Freight")
    identity.remember(desk, SCHEDULE, renamed)
    assert known(desk) == renamed
    assert len(entries(desk, "connect_workspace")) == 2


def test_an_app_that_was_removed_and_installed_again_is_connected(desk: Desk) -> None:
    identity.remember(desk, SCHEDULE, ACME)
    identity.disconnect(desk, SCHEDULE, ACME.workspace_id)
    identity.remember(desk, SCHEDULE, ACME)
    assert known(desk) == ACME


def test_processes_that_start_at_once_all_know_it_and_one_records_it(desk: Desk) -> None:
    barrier, failed = threading.Barrier(4), list[Exception]()

    def start() -> None:
        barrier.wait()
        try:
            identity.remember(desk, SCHEDULE, ACME)
        except Exception as error:  # noqa: BLE001 # whatever it is, the test fails by it
            failed.append(error)

    threads = [threading.Thread(target=start) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert failed == []
    assert known(desk) == ACME
    assert len(entries(desk, "connect_workspace")) == 1
