"""Files that are deleted from Slack some days after they were shared: once, recorded, and said where they were."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert

from bot.courier import Courier
from handlers.drawings import Drawings
from store import file_deletions, held_files
from store.delivery_claims import retry
from store.desk import Actor
from store.revocation_orders import order_revocations
from store.rules.request_states import request_number
from store.tables import deliveries
from tests.courier.conftest import Scene, slack_calls
from tests.courier.test_files import registered_and_quiet, taken
from tests.courier.test_reissues import reissued
from tests.example import START
from tests.store.holding import hold, made_for, upload
from tests.store.requesting import ask, deactivate, entries

DAYS = 30


@pytest.fixture
def deleting(scene: Scene) -> Scene:
    """The scene with the setting on; Tom has a license file."""
    scene.desk = replace(scene.desk, policy=replace(scene.desk.policy, delete_files_after_days=DAYS))
    taken(scene)
    scene.run()
    assert len(scene.files("tom")) == 1
    return scene


def later(scene: Scene, days: int = DAYS) -> None:
    """Let days go by, look what is to be deleted, and delete it."""
    scene.clock.advance(timedelta(days=days))
    file_deletions.queue_due(scene.desk)
    scene.run()


def told(scene: Scene, name: str = "tom") -> list[Any]:
    return [each for each in scene.people.direct(f"U0{name.upper()}") if each.text.startswith("deleted")]


def test_without_the_setting_files_stay(scene: Scene) -> None:
    taken(scene)
    scene.run()
    later(scene, 1000)
    assert len(scene.files("tom")) == 1
    assert scene.count(kind="deletion") == 0


def test_a_file_is_deleted_after_its_days_and_its_message_says_so(deleting: Scene) -> None:
    [message] = deleting.files("tom")
    later(deleting, DAYS - 1)
    assert len(deleting.files("tom")) == 1

    later(deleting, 1)

    assert deleting.files("tom") == []
    [said] = told(deleting)
    assert said.ts == message.ts
    assert len(deleting.people.calls("files.delete")) == 1
    assert deleting.states(kind="deletion") == {"sent"}


def test_the_deletion_is_recorded_with_license_and_recipient(deleting: Scene) -> None:
    later(deleting)
    [entry] = entries(deleting.desk, "delete_file")
    [delivered] = entries(deleting.desk, "deliver")
    assert entry.infrastructure_id == deleting.example.core
    assert entry.subject == delivered.subject
    assert entry.facts == {
        "jti": delivered.facts["jti"],
        "seq": delivered.facts["seq"],
        "recipients": [deleting.example.tom],
    }


def test_what_was_deleted_once_is_not_looked_at_again(deleting: Scene) -> None:
    later(deleting)
    later(deleting)
    assert deleting.count(kind="deletion") == 1


def test_a_file_that_somebody_deleted_before_counts_as_done(deleting: Scene) -> None:
    [file] = deleting.files("tom")[0].files
    deleting.courier._slack.call("files.delete", file=file.id)
    later(deleting)
    assert deleting.states(kind="deletion") == {"sent"}
    assert entries(deleting.desk, "delete_file")[0].facts["gone_before"] is True
    assert len(told(deleting)) == 1


@pytest.mark.parametrize(
    "code", ["cant_update_message", "edit_window_closed", "message_not_found", "block_mismatch"]
)
def test_a_message_that_cannot_be_changed_gets_a_reply(deleting: Scene, code: str) -> None:
    [message] = deleting.files("tom")
    deleting.people.weather(fault="refused", method="chat.update", error=code)
    later(deleting)
    [said] = told(deleting)
    assert said.thread_ts == message.ts
    assert deleting.states(kind="deletion") == {"sent"}


def test_files_of_somebody_who_left_are_deleted_as_well(deleting: Scene) -> None:
    deactivate(deleting.desk, deleting.example.tom)
    for method in ("chat.update", "chat.postMessage"):
        deleting.people.weather(fault="refused", method=method, error="channel_not_found")
    later(deleting)
    assert deleting.states(kind="deletion") == {"sent"}
    assert len(entries(deleting.desk, "delete_file")) == 1


@pytest.mark.parametrize("fault", ["ratelimited", "server_error", "garbage", "lost", "cut"])
@pytest.mark.parametrize("method", ["files.info", "files.delete", "chat.update"])
def test_trouble_puts_it_off_and_deletes_once(deleting: Scene, fault: str, method: str) -> None:
    deleting.people.weather(fault=fault, method=method, calls=1)
    later(deleting)
    assert deleting.files("tom") == []
    assert len(told(deleting)) == 1
    [entry] = entries(deleting.desk, "delete_file")
    assert "gone_before" not in entry.facts


@pytest.mark.parametrize("code", ["cant_delete_file", "delete_not_allowed", "file_deleting_disabled"])
def test_a_slack_that_deletes_no_files_is_told_to_the_operators_once_a_day(
    deleting: Scene, code: str
) -> None:
    taken(deleting, deleting.example.eva)
    deleting.run()
    deleting.people.weather(fault="refused", method="files.delete", error=code)
    later(deleting)

    assert deleting.states(kind="deletion") == {"failed"}
    assert deleting.count(notice="files_not_deleted", person_id=deleting.example.olga) == 1
    assert deleting.count(notice="delivery_failed") == 0
    assert len(deleting.files("tom")) == 1

    deleting.people.clear_weather()
    retry(deleting.desk, Actor(None, "command"), [])
    deleting.run()
    assert deleting.files("tom") == []


def test_an_archive_for_several_people_is_deleted_once_and_said_to_each(scene: Scene) -> None:
    scene.desk = replace(scene.desk, policy=replace(scene.desk.policy, delete_files_after_days=DAYS))
    reissued(scene, *[scene.example.rui] * 4)
    scene.run()
    [message] = scene.files("rui")
    assert message.files[0].name.endswith(".zip")

    later(scene)

    assert scene.files("rui") == []
    assert [each.ts for each in told(scene, "rui")] == [message.ts]
    assert len(entries(scene.desk, "delete_file")) == 4


def test_files_shared_with_two_people_in_one_upload_are_said_to_both(scene: Scene) -> None:
    scene.desk = replace(scene.desk, policy=replace(scene.desk.policy, delete_files_after_days=DAYS))
    reissued(scene, scene.example.tom)
    scene.run()
    assert (len(scene.files("rui")), len(scene.files("tom"))) == (1, 1)
    assert len(scene.people.calls("files.completeUploadExternal")) == 1

    later(scene)

    assert (scene.files("rui"), scene.files("tom")) == ([], [])
    assert (len(told(scene, "rui")), len(told(scene, "tom"))) == (1, 1)
    assert len(scene.people.calls("files.delete")) == 1
    [entry] = entries(scene.desk, "delete_file")
    assert entry.facts["recipients"] == sorted([scene.example.rui, scene.example.tom])


def test_a_file_of_the_vendors_is_deleted_from_slack_and_kept_here(scene: Scene) -> None:
    scene.desk = replace(scene.desk, policy=replace(scene.desk.policy, delete_files_after_days=DAYS))
    hold(scene.desk, scene.example)
    registration = registered_and_quiet(scene, scene.example.tom, scene.example.quality[0])
    made = upload(scene.desk, scene.example.tom, registration, made_for(1))
    outcome = ask(scene.desk, scene.example.tom, registration)
    scene.run()
    [message] = scene.files("tom")

    later(scene, DAYS - 1)
    assert len(scene.files("tom")) == 1
    later(scene, 1)

    assert scene.files("tom") == []
    assert [each.ts for each in told(scene)] == [message.ts]
    [entry] = entries(scene.desk, "delete_file")
    assert entry.infrastructure_id == scene.example.core
    assert entry.subject == f"request {request_number(outcome.request_id or 0)}"
    assert entry.facts == {"held_file": made.file.id, "version": 1, "recipients": [scene.example.tom]}
    with scene.desk.database.read() as connection:
        newest = held_files.newest_of(connection, registration)
        assert newest is not None
        assert held_files.content_of(scene.desk, connection, newest.id) == made_for(1)


def test_a_revocation_list_is_deleted_as_a_thing_of_the_desk(scene: Scene) -> None:
    scene.desk = replace(scene.desk, policy=replace(scene.desk.policy, delete_files_after_days=DAYS))
    scene.courier = Courier(scene.desk, slack_calls(scene.sandbox, scene.clock), Drawings())
    order_revocations(scene.desk, Actor(scene.example.tom))
    scene.run()
    [message] = scene.files("tom")
    [list_of] = scene.rows(notice="revocations")

    later(scene, DAYS - 1)
    assert len(scene.files("tom")) == 1
    later(scene, 1)

    assert scene.files("tom") == []
    assert len(scene.people.calls("files.delete")) == 1
    [said] = scene.people.direct("U0TOM")
    assert said.ts == message.ts
    assert said.text.startswith("The revocation list was deleted from Slack on")
    [entry] = entries(scene.desk, "delete_file")
    assert (entry.infrastructure_id, entry.subject) == (None, f"delivery {list_of.id}")
    assert entry.facts == {"recipients": [scene.example.tom]}


def test_a_courier_that_dies_after_the_deletion_says_it_once(deleting: Scene) -> None:
    deleting.clock.advance(timedelta(days=DAYS))
    file_deletions.queue_due(deleting.desk)
    deleting.people.weather(fault="silence", method="chat.update", calls=1, hold=0.1)
    deleting.run()
    deleting.another_courier().send_due()
    assert len(told(deleting)) == 1
    assert len(entries(deleting.desk, "delete_file")) == 1


def test_two_processes_queue_a_deletion_once(deleting: Scene) -> None:
    deleting.clock.advance(timedelta(days=DAYS))
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(file_deletions.queue_due, [deleting.desk] * 4))
    assert deleting.count(kind="deletion") == 1


def test_deletions_are_queued_in_batches_and_keep_nobody_waiting(deleting: Scene) -> None:
    row = {
        "kind": "notice",
        "notice": "report",
        "lane": "x",
        "facts": {},
        "person_id": deleting.example.tom,
        "state": "sent",
        "created_at": START,
        "due_at": START,
        "sent_at": START,
    }
    rows = [
        {**row, "occasion": f"old {n}", "steps": {"files": [f"F{n}"], "channel": "D1"}}
        for n in range(file_deletions.BATCH + 20)
    ]
    with deleting.desk.database.write() as connection:
        connection.execute(insert(deliveries), rows)
    deleting.clock.advance(timedelta(days=DAYS))

    for _ in range(3):
        file_deletions.queue_due(deleting.desk)

    assert deleting.count(kind="deletion", state="queued") == file_deletions.BATCH
    assert len({each.lane for each in deleting.rows(kind="deletion")}) == 4


def test_a_notice_without_files_leaves_nothing_to_delete(deleting: Scene) -> None:
    report = {
        "kind": "notice",
        "notice": "report",
        "lane": "x",
        "facts": {},
        "steps": {},
        "state": "sent",
        "occasion": "empty",
        "created_at": START,
        "due_at": START,
        "sent_at": START,
    }
    with deleting.desk.database.write() as connection:
        connection.execute(insert(deliveries).values(report))
    later(deleting)
    assert deleting.count(kind="deletion") == 1
