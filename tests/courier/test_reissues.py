"""Re-issued files: one message for all of them, one upload for all who get the same, and each of them once."""

import hashlib
import io
import zipfile
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from bot.sending.archives import archive_name
from store import (
    delivery_claims,
    key_reissues,
    licenses,
    reissuing,
    releases,
    signing,
    subscriptions,
    term_reminders,
)
from store.desk import Actor
from store.key_formats import VerifyingKey
from store.keys import verifying_keys
from store.license_file import read
from store.renewals import renew as renew_only
from store.rules.renewing import Renewal
from store.tables import audit_entries
from tests.courier.conftest import Scene
from tests.courier.test_faults import TROUBLES
from tests.example import TERM_END
from tests.store.renewing import COMMAND, NEXT_END, forwarded, licensed, newest, renew, suspend
from tests.store.requesting import deactivate, give_role, registered, rest_roles, take_roles


def reissued(scene: Scene, *people: int) -> list[int]:
    """Licensed environments of these people, renewed; gives the registrations. The files wait in the queue."""
    slots = [*scene.example.production, *scene.example.quality, *scene.example.development]
    made = [licensed(scene.desk, person, slot, slot) for person, slot in zip(people, slots, strict=False)]
    scene.run()
    renew(scene.desk, scene.example.core)
    return made


def keys(scene: Scene) -> dict[str, VerifyingKey]:
    with scene.desk.database.read() as connection:
        return verifying_keys(connection)


def text(scene: Scene, registration_id: int) -> bytes:
    with scene.desk.database.read() as connection:
        return licenses.text_of(scene.desk, connection, newest(scene.desk, registration_id).id)


def delivered(scene: Scene) -> list[dict[str, Any]]:
    query = (
        select(audit_entries.c.facts).where(audit_entries.c.action == "deliver").order_by(audit_entries.c.id)
    )
    with scene.desk.database.read() as connection:
        return list(connection.execute(query).scalars())


def uploads(scene: Scene) -> int:
    return len(scene.people.calls("files.getUploadURLExternal"))


@pytest.mark.parametrize("number", [1, 2, 3])
def test_up_to_three_files_come_in_one_message(scene: Scene, number: int) -> None:
    made = reissued(scene, *[scene.example.rui] * number)
    scene.run()
    [message] = scene.files("rui")
    assert [scene.people.download(file) for file in message.files] == [text(scene, each) for each in made]
    assert message.files[0].name.endswith(".lic")
    facts = read(scene.people.download(message.files[0]), keys(scene)).facts
    assert facts.license_end == NEXT_END


def test_more_than_three_files_come_as_one_archive_with_their_checksums(scene: Scene) -> None:
    made = reissued(scene, *[scene.example.rui] * 4)
    scene.run()
    [message] = scene.files("rui")
    [file] = message.files
    assert file.name == "Acme-Core-licenses.zip"
    with zipfile.ZipFile(io.BytesIO(scene.people.download(file))) as archive:
        *names, sums = archive.namelist()
        assert {archive.read(name) for name in names} == {text(scene, each) for each in made}
        for line in archive.read(sums).decode().splitlines():
            checksum, name = line.split("  ")
            assert hashlib.sha256(archive.read(name)).hexdigest() == checksum


def test_those_who_get_the_same_files_share_one_upload(scene: Scene) -> None:
    rest_roles(scene.desk, scene.example.rui)
    for person in (scene.example.ben, scene.example.ana):
        give_role(scene.desk, person, "infrastructure_admin", scene.example.core)
    reissued(scene, scene.example.tom, scene.example.tom)
    scene.run()
    assert uploads(scene) == 2
    for name in ("tom", "ana", "ben"):
        [message] = scene.files(name)
        assert len(message.files) == 2
    assert sorted({fact["recipient"] for fact in delivered(scene)}) == sorted(
        [scene.example.tom, scene.example.ana, scene.example.ben]
    )


def test_each_registrant_gets_a_message_with_their_own_files(scene: Scene) -> None:
    registration_id = licensed(scene.desk, scene.example.ana, scene.example.management[0], 900)
    forwarded(scene.desk, scene.example, registration_id, scene.example.ana)
    reissued(scene, scene.example.fiona)
    scene.run()
    assert [len(message.files) for message in scene.files("rui")] == [2]
    assert [len(message.files) for message in scene.files("fiona")] == [1]
    assert scene.people.download(scene.files("ana")[-1].files[0]) == text(scene, registration_id)


def test_what_was_sent_to_whom_is_on_record(scene: Scene) -> None:
    [registration_id] = reissued(scene, scene.example.rui)
    scene.run()
    made = newest(scene.desk, registration_id)
    facts = {"jti": made.jti, "seq": 2, "sha256": made.sha256, "recipient": scene.example.rui}
    assert delivered(scene) == [facts]


def test_files_count_as_delivered_only_when_slack_shows_them(scene: Scene) -> None:
    reissued(scene, scene.example.rui, scene.example.rui)
    scene.people.weather(sharing=5.0)
    scene.courier.send_due()
    assert scene.people.calls("files.completeUploadExternal")
    assert delivered(scene) == []
    scene.run()
    assert len(delivered(scene)) == 2


@pytest.mark.parametrize("step", ["upload", "files.completeUploadExternal"])
@pytest.mark.parametrize("trouble", TROUBLES, ids=str)
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_files_arrive_once_whatever_slack_did_at_one_step(
    scene: Scene, trouble: dict[str, Any], step: str
) -> None:
    rest_roles(scene.desk, scene.example.rui)
    give_role(scene.desk, scene.example.ben, "infrastructure_admin", scene.example.core)
    reissued(scene, scene.example.tom, scene.example.tom)
    scene.people.weather(method=step, calls=2, **trouble)
    scene.run(timedelta(minutes=10))
    for name in ("tom", "ben"):
        assert [len(message.files) for message in scene.files(name)] == [2], name
    assert len(delivered(scene)) == 4


def test_an_answer_lost_after_the_upload_was_completed_shares_no_second_message(scene: Scene) -> None:
    reissued(scene, scene.example.rui)
    scene.people.weather(sharing=12.0)
    scene.people.weather(fault="lost", method="files.completeUploadExternal", calls=1)
    scene.run(timedelta(minutes=5))
    assert len(scene.files("rui")) == 1


def test_uploads_that_are_recorded_are_not_repeated_when_slack_falls_silent(scene: Scene) -> None:
    reissued(scene, *[scene.example.rui] * 3)
    scene.people.weather(fault="silence", method="files.completeUploadExternal", calls=1, hold=2.0)
    scene.courier.send_due()
    assert uploads(scene) == 3
    scene.run(timedelta(minutes=5))
    assert uploads(scene) == 3
    assert len(scene.files("rui")) == 1


def test_one_who_cannot_be_reached_holds_up_no_other(scene: Scene) -> None:
    rest_roles(scene.desk, scene.example.rui)
    give_role(scene.desk, scene.example.ben, "infrastructure_admin", scene.example.core)
    reissued(scene, scene.example.tom)
    scene.people.deactivate("U0BEN")
    scene.run(timedelta(minutes=10))
    assert len(scene.files("tom")) == 1
    assert scene.files("ben") == []
    assert any("delivery_failed" in each for each in scene.direct("olga"))


def test_files_that_slack_never_shows_are_given_up_and_the_operators_are_told(scene: Scene) -> None:
    reissued(scene, scene.example.rui)
    scene.people.weather(never_shared=True)
    scene.run(timedelta(minutes=20))
    assert [(row.state, row.error) for row in scene.rows(kind="reissue")] == [("failed", "never_shared")]
    assert any("delivery_failed" in each for each in scene.direct("olga"))


def test_files_that_were_given_up_are_sent_when_they_are_retried(scene: Scene) -> None:
    reissued(scene, scene.example.rui)
    scene.people.weather(never_shared=True)
    scene.run(timedelta(minutes=20))
    scene.people.clear_weather()
    delivery_claims.retry(scene.desk, Actor(scene.example.olga), [])
    scene.run()
    assert len(delivered(scene)) == 1


def test_who_lost_the_role_meanwhile_gets_nothing_and_the_others_do(scene: Scene) -> None:
    rest_roles(scene.desk, scene.example.rui)
    give_role(scene.desk, scene.example.ben, "infrastructure_admin", scene.example.core)
    reissued(scene, scene.example.tom)
    take_roles(scene.desk, scene.example.ben)
    scene.run()
    assert scene.files("ben") == []
    assert len(scene.files("tom")) == 1


def test_when_nobody_may_have_the_files_any_more_the_delivery_is_closed(scene: Scene) -> None:
    reissued(scene, scene.example.rui)
    deactivate(scene.desk, scene.example.rui)
    scene.run()
    assert [(row.state, row.error) for row in scene.rows(kind="reissue")] == [
        ("failed", "closed:requester_without_role")
    ]


def test_who_gets_others_by_now_has_a_message_of_their_own(scene: Scene) -> None:
    rest_roles(scene.desk, scene.example.rui)
    give_role(scene.desk, scene.example.ben, "infrastructure_admin", scene.example.core)
    reissued(scene, scene.example.tom, scene.example.ben)
    take_roles(scene.desk, scene.example.ben)
    give_role(scene.desk, scene.example.ben, "financial_contact", scene.example.depot)
    give_role(scene.desk, scene.example.ben, "company_admin", company=scene.example.acme)
    scene.run()
    assert [len(message.files) for message in scene.files("tom")] == [2]
    assert [len(message.files) for message in scene.files("ben")] == [1]


def test_an_environment_released_meanwhile_gets_no_file(scene: Scene) -> None:
    gone, _ = reissued(scene, scene.example.rui, scene.example.rui)
    releases.release(scene.desk, Actor(scene.example.tom), gone, "switched off")
    scene.run()
    [message] = scene.files("rui")
    assert len(message.files) == 1


def test_a_suspension_stops_files_that_wait(scene: Scene) -> None:
    reissued(scene, scene.example.rui)
    suspend(scene.desk, scene.example.core)
    scene.run()
    assert scene.files("rui") == []
    assert [row.error for row in scene.rows(kind="reissue")] == ["closed:suspended"]


def test_files_of_a_term_that_has_not_begun_wait_for_it(scene: Scene) -> None:
    licensed(scene.desk, scene.example.rui, scene.example.production[0])
    scene.run()
    scene.clock.now = TERM_END + timedelta(days=60)
    start = scene.clock.now + timedelta(days=3)
    renew(scene.desk, scene.example.core, starts_at=start)
    scene.run()
    assert scene.files("rui") == []
    scene.clock.now = start
    scene.run()
    assert len(scene.files("rui")) == 1


def test_files_whose_blocks_slack_refuses_go_with_their_words(scene: Scene) -> None:
    reissued(scene, scene.example.rui)
    scene.people.weather(
        fault="refused", method="files.completeUploadExternal", error="invalid_blocks", calls=1
    )
    scene.run()
    assert scene.files("rui")[0].text.startswith("notice reissued")


def test_a_renewal_that_the_schedule_carries_out_is_sent_as_well(scene: Scene) -> None:
    licensed(scene.desk, scene.example.rui, scene.example.production[0])
    scene.run()
    renew_only(scene.desk, COMMAND, scene.example.core, Renewal(NEXT_END))
    assert reissuing.carry_on_due(scene.desk) == 1
    scene.run()
    assert len(scene.files("rui")) == 1


def test_after_a_suspension_the_files_come_again(scene: Scene) -> None:
    reissued(scene, scene.example.rui)
    scene.run()
    suspend(scene.desk, scene.example.core)
    reissue_id = subscriptions.reinstate(scene.desk, COMMAND, scene.example.core)
    assert reissue_id is not None
    reissuing.run(scene.desk, COMMAND, reissue_id)
    scene.run()
    assert len(scene.files("rui")) == 2


def test_a_reminder_is_sent_in_the_morning_of_its_reader(scene: Scene) -> None:
    scene.clock.now = TERM_END - timedelta(days=30)
    while term_reminders.remind_due(scene.desk):
        pass
    scene.run()
    assert scene.direct("eva") == []
    scene.run(timedelta(hours=9))
    assert [each.split()[1] for each in scene.direct("eva")] == ["term_reminder"]


def test_a_reminder_that_a_renewal_overtook_is_not_sent(scene: Scene) -> None:
    scene.clock.now = TERM_END - timedelta(days=30)
    while term_reminders.remind_due(scene.desk):
        pass
    registered(scene.desk, scene.example.ana, scene.example.production[0])
    renew(scene.desk, scene.example.core)
    scene.run(timedelta(hours=12))
    assert not any("term_reminder" in each for each in scene.direct("rui"))
    assert any("term_reminder" in each for each in scene.direct("tom"))
    assert scene.states(kind="reminder") == {"sent"}


@pytest.mark.parametrize(
    ("infrastructure", "name"),
    [
        ("Acme Core", "Acme-Core-licenses.zip"),
        ("../../etc/passwd", "etc-passwd-licenses.zip"),
        ("Büro / Süd", "Büro-Süd-licenses.zip"),
        ("<!channel>", "channel-licenses.zip"),
        ("///", "infrastructure-licenses.zip"),
    ],
)
def test_the_name_of_an_archive_is_a_plain_one(infrastructure: str, name: str) -> None:
    assert archive_name(infrastructure) == name


def test_the_files_after_a_compromised_key_come_by_themselves_and_operators_are_told(scene: Scene) -> None:
    own = licensed(scene.desk, scene.example.rui, scene.example.production[0])
    scene.run()
    with scene.desk.database.read() as connection:
        [lost] = verifying_keys(connection)
    done = signing.compromise_key(scene.desk, COMMAND, lost)
    key_reissues.run(scene.desk, COMMAND)
    scene.run()

    [message] = scene.files("rui")
    found = read(scene.people.download(message.files[0]), keys(scene))
    assert (found.kid, found.facts.replaces is not None) == (done.active.kid, True)
    assert scene.people.download(message.files[0]) == text(scene, own)
    assert any("key_compromised" in each for each in scene.direct("olga"))
