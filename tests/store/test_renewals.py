"""Renewals: no gap, every license anew, and only what is registered less than is carried."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from store import license_file, licenses, reissuing, releases, renewals, slots
from store.desk import Actor, Desk
from store.importing import Options, load
from store.keys import verifying_keys
from store.rules.environments import EnvironmentType
from store.rules.registration_errors import CloudNeedsNothing
from store.rules.renewing import Renewal
from store.rules.seeing_errors import NoRight, NotAssociated
from store.rules.subscription_errors import RenewalEndsTooEarly, RenewalTooSmall
from store.tables import infrastructures
from tests.conftest import Clock
from tests.example import TERM_END, TERM_START, Example
from tests.store.renewing import (
    COMMAND,
    NEXT_END,
    at,
    files_for,
    forwarded,
    issued,
    licensed,
    made,
    newest,
    renew,
    subscription,
    suspend,
)
from tests.store.requesting import (
    change,
    deactivate,
    entries,
    give_role,
    registered,
    rest_roles,
    take_roles,
)


def claims_of(desk: Desk, registration_id: int) -> license_file.LicenseFile:
    with desk.database.read() as connection:
        text = licenses.text_of(desk, connection, newest(desk, registration_id).id)
        return license_file.read(text, verifying_keys(connection))


def free(desk: Desk, infrastructure_id: int, environment_type: EnvironmentType) -> int:
    with desk.database.read() as connection:
        counts = slots.capacity(connection, [infrastructure_id])[infrastructure_id]
    return next(each.free for each in counts if each.environment_type == environment_type)


def test_every_license_is_made_anew_with_the_new_end_and_without_a_gap(desk: Desk, example: Example) -> None:
    first = licensed(desk, example.rui, example.production[0], 1)
    second = licensed(desk, example.rui, example.quality[0], 2)
    renew(desk, example.core)
    for registration_id in (first, second):
        facts = claims_of(desk, registration_id).facts
        assert (facts.license_end, facts.not_before, facts.seq) == (NEXT_END, TERM_START, 2)
        assert facts.expires_at == NEXT_END + timedelta(days=14)
    assert made(desk) == 4


def test_the_new_license_names_the_one_that_it_replaces(desk: Desk, example: Example) -> None:
    registration_id = licensed(desk, example.rui, example.production[0])
    before = newest(desk, registration_id)
    renew(desk, example.core)
    assert claims_of(desk, registration_id).facts.replaces == before.jti


def test_an_environment_that_never_had_a_license_gets_none(desk: Desk, example: Example) -> None:
    licensed(desk, example.rui, example.production[0], 1)
    registered(desk, example.ana, example.production[1], 2)
    renew(desk, example.core)
    assert made(desk) == 2


def test_the_same_renewal_again_makes_and_sends_nothing(desk: Desk, example: Example) -> None:
    licensed(desk, example.rui, example.production[0])
    renew(desk, example.core)
    renew(desk, example.core)
    assert made(desk) == 2
    assert len(files_for(desk)) == 1
    assert len(entries(desk, "renew_subscription")) == 1


def test_a_renewal_that_was_killed_is_carried_on_by_the_next_one(desk: Desk, example: Example) -> None:
    for number, slot in enumerate(example.production):
        licensed(desk, example.rui, slot, number)
    renewed = renewals.renew(desk, COMMAND, example.core, Renewal(NEXT_END))
    assert renewed.reissue_id is not None
    assert not reissuing.carry_on(desk, COMMAND, renewed.reissue_id, at_once=1).finished
    assert (made(desk), files_for(desk)) == (4, [])

    renew(desk, example.core)

    assert made(desk) == 6
    assert files_for(desk) == [[example.rui]]


def test_the_schedule_carries_on_what_nobody_else_does(desk: Desk, example: Example) -> None:
    licensed(desk, example.rui, example.production[0])
    renewals.renew(desk, COMMAND, example.core, Renewal(NEXT_END))
    assert reissuing.carry_on_due(desk) == 1
    assert reissuing.carry_on_due(desk) == 0
    assert made(desk) == 2
    assert files_for(desk) == [[example.rui]]


def test_several_processes_make_each_license_once(desk: Desk, example: Example) -> None:
    for number, slot in enumerate([*example.production, *example.quality, *example.development]):
        licensed(desk, example.rui, slot, number)
    renewed = renewals.renew(desk, COMMAND, example.core, Renewal(NEXT_END))
    assert renewed.reissue_id is not None
    with ThreadPoolExecutor(3) as pool:
        runs = [pool.submit(reissuing.run, desk, COMMAND, renewed.reissue_id, at_once=2) for _ in range(3)]
        assert sum(run.result() for run in runs) == 7
    assert made(desk) == 14
    assert files_for(desk) == [[example.rui]]


def test_what_was_released_meanwhile_is_not_made(desk: Desk, example: Example) -> None:
    gone = licensed(desk, example.rui, example.production[0], 1)
    licensed(desk, example.rui, example.production[1], 2)
    renewed = renewals.renew(desk, COMMAND, example.core, Renewal(NEXT_END))
    releases.release(desk, Actor(example.rui), gone, "switched off")
    assert renewed.reissue_id is not None
    assert reissuing.run(desk, COMMAND, renewed.reissue_id) == 1


def test_an_upgrade_holds_at_once(desk: Desk, example: Example) -> None:
    registration_id = licensed(desk, example.rui, example.production[0])
    values = {"edition": "Ultimate", "features": ["ha", "audit"], "limits": {}, "highest_version": "12"}
    renew(desk, example.core, values=values)
    facts = claims_of(desk, registration_id).facts
    assert (facts.edition, facts.features, facts.limits, facts.highest) == (
        "Ultimate",
        ("ha", "audit"),
        {},
        "12",
    )


def test_after_a_gap_a_new_run_begins(desk: Desk, example: Example, clock: Clock) -> None:
    registration_id = licensed(desk, example.rui, example.production[0])
    at(clock, TERM_END, -60)
    renew(desk, example.core)
    assert newest(desk, registration_id).not_before == datetime(2027, 3, 2, tzinfo=UTC)


def test_a_renewal_that_ends_too_early_changes_nothing(desk: Desk, example: Example) -> None:
    with pytest.raises(RenewalEndsTooEarly):
        renewals.renew(desk, COMMAND, example.core, Renewal(TERM_END - timedelta(days=1)))
    assert subscription(desk, example.core).ends_at == TERM_END


def test_fewer_slots_than_are_taken_are_refused_and_named(desk: Desk, example: Example) -> None:
    for number, slot in enumerate(example.production):
        registered(desk, example.ana, slot, number)
    with pytest.raises(RenewalTooSmall) as refused:
        renew(desk, example.core, slots={EnvironmentType.PRODUCTION: 2, EnvironmentType.DEVELOPMENT: 0})
    [production] = refused.value.slots
    assert (production.carried, [name for name, _ in production.taken]) == (2, ["Prod 1", "Prod 2", "Prod 3"])
    assert "release 1 of Prod 1 (" in str(refused.value)
    assert subscription(desk, example.core).ends_at == TERM_END
    assert free(desk, example.core, EnvironmentType.DEVELOPMENT) == 2
    [entry] = entries(desk, "refused:renew")
    assert entry.facts["slots"] == {"production": 2}


def test_a_lower_version_than_is_registered_is_refused_and_named(desk: Desk, example: Example) -> None:
    registered(desk, example.ana, example.production[0])
    with pytest.raises(RenewalTooSmall) as refused:
        renew(desk, example.core, values={"highest_version": "10"})
    assert refused.value.above == (("Prod 1", "11.17.0 (Build 36348)"),)
    assert "covers platform versions up to 10; release Prod 1" in str(refused.value)


def test_slots_come_to_the_numbers_that_the_renewal_carries(desk: Desk, example: Example) -> None:
    registered(desk, example.ana, example.production[0])
    wanted = {EnvironmentType.PRODUCTION: 1, EnvironmentType.DEVELOPMENT: 4}
    renew(desk, example.core, slots=wanted)
    assert free(desk, example.core, EnvironmentType.PRODUCTION) == 0
    assert free(desk, example.core, EnvironmentType.DEVELOPMENT) == 4
    with desk.database.read() as connection:
        names = [each.slot_name for each in slots.of_infrastructure(connection, example.core)]
    assert {"Prod 1", "Development 1", "Development 4"} <= set(names)
    assert "Prod 3" not in names


def test_a_cloud_infrastructure_is_renewed_without_slots_and_licenses(desk: Desk, example: Example) -> None:
    assert renew(desk, example.cloud).reissue_id is None
    assert subscription(desk, example.cloud).ends_at == NEXT_END
    with pytest.raises(CloudNeedsNothing):
        renew(desk, example.cloud, slots={EnvironmentType.PRODUCTION: 1})


def test_of_an_infrastructure_whose_files_the_vendor_makes_none_is_made(desk: Desk, example: Example) -> None:
    licensed(desk, example.rui, example.production[0])
    change(desk, update(infrastructures).where(infrastructures.c.id == example.core).values(files="held"))
    assert renew(desk, example.core).reissue_id is None
    assert made(desk) == 1


def test_only_an_operator_renews_in_slack(desk: Desk, example: Example) -> None:
    for person in (example.rui, example.eva, example.max):
        with pytest.raises(NoRight):
            renew(desk, example.core, Actor(person))
    with pytest.raises(NotAssociated):
        renew(desk, example.core, Actor(example.nina))
    assert renew(desk, example.core, Actor(example.olga)).infrastructure.id == example.core


def test_two_renewals_at_once_are_one(desk: Desk, example: Example) -> None:
    licensed(desk, example.rui, example.production[0])
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda _: renew(desk, example.core), range(2)))
    assert made(desk) == 2
    assert len(entries(desk, "renew_subscription")) == 1
    assert files_for(desk) == [[example.rui]]


def test_a_renewal_is_on_record_with_what_changed(desk: Desk, example: Example) -> None:
    renew(desk, example.core, Actor(example.olga), values={"highest_version": "12"})
    [entry] = entries(desk, "renew_subscription")
    assert entry.actor_id == example.olga
    assert entry.facts == {"ends_at": NEXT_END.isoformat(), "highest_version": "12"}


def test_the_technical_contact_gets_every_file(desk: Desk, example: Example) -> None:
    licensed(desk, example.tom, example.production[0], 1)
    take_roles(desk, example.tom)
    renew(desk, example.core)
    assert files_for(desk) == [[example.rui]]


def test_without_a_technical_contact_the_infrastructure_administrators_share_the_files(
    desk: Desk, example: Example
) -> None:
    give_role(desk, example.ben, "infrastructure_admin", example.core)
    licensed(desk, example.rui, example.production[0])
    rest_roles(desk, example.rui)
    renew(desk, example.core)
    assert files_for(desk) == [[example.ben, example.tom]]


def test_a_registrant_who_was_given_the_file_gets_the_new_one_without_being_asked_for(
    desk: Desk, example: Example
) -> None:
    forwarded(desk, example, licensed(desk, example.ana, example.production[0], 1), example.ana)
    licensed(desk, example.rui, example.production[1], 2)
    renew(desk, example.core)
    assert files_for(desk) == [[example.ana], [example.rui]]


def test_a_registrant_without_the_right_who_was_never_given_the_file_gets_none(
    desk: Desk, example: Example
) -> None:
    licensed(desk, example.ana, example.production[0])
    renew(desk, example.core)
    assert files_for(desk) == [[example.rui]]


def test_a_registrant_without_a_role_or_inactive_gets_none(desk: Desk, example: Example) -> None:
    for number, person in enumerate((example.ana, example.ben)):
        forwarded(desk, example, licensed(desk, person, example.production[number], number), person)
    take_roles(desk, example.ana)
    deactivate(desk, example.ben)
    renew(desk, example.core)
    assert files_for(desk) == [[example.rui]]


def test_those_who_get_the_same_files_share_one_upload(desk: Desk, example: Example) -> None:
    forwarded(desk, example, licensed(desk, example.ana, example.production[0]), example.ana)
    renew(desk, example.core)
    assert files_for(desk) == [[example.ana, example.rui]]


def test_a_suspended_subscription_is_renewed_and_nothing_made_before_it_is_reinstated(
    desk: Desk, example: Example
) -> None:
    licensed(desk, example.rui, example.production[0])
    suspend(desk, example.core)
    assert renew(desk, example.core).reissue_id is None
    assert subscription(desk, example.core).ends_at == NEXT_END
    assert made(desk) == 1


def test_an_import_of_the_renewed_term_afterwards_changes_nothing(
    desk: Desk, example: Example, tmp_path_factory: pytest.TempPathFactory
) -> None:
    licensed(desk, example.rui, example.production[0])
    renew(desk, example.core)
    file = tmp_path_factory.mktemp("import") / "acme.yml"
    file.write_text(
        "company: Acme Logistics\n"
        "infrastructures:\n"
        "  - {name: Acme Core, product: Meridian Platform, activation_code: AC1.K7Q.2MX.9PL.4RT.8WZ.3VB.6NC,\n"
        "     subscription: {edition: Enterprise, starts: 2027-01-01, ends: 2027-12-31, highest_version: '11'}}\n"
    )
    load(desk, Actor(None, "import"), file, Options())
    row = subscription(desk, example.core)
    assert (row.ends_at, row.unbroken_since) == (NEXT_END, TERM_START)


def test_a_file_of_a_request_that_comes_during_a_renewal_has_the_new_end(
    desk: Desk, example: Example
) -> None:
    registration_id = licensed(desk, example.rui, example.production[0])
    renewals.renew(desk, COMMAND, example.core, Renewal(NEXT_END))
    issued(desk, Actor(example.rui), registration_id)
    assert newest(desk, registration_id).license_end == NEXT_END
    assert reissuing.carry_on_due(desk) == 1
    assert made(desk) == 2
