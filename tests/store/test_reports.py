"""What a report may be about, and its figures; on both databases."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import update

from store import figures, licenses, releases, reports
from store.desk import Act, Actor, Desk, intention
from store.figures import Figures
from store.reach import Reach
from store.reports import Scope
from store.rules.environments import EnvironmentType
from store.rules.report_errors import ReportUnclear, ReportUnknown
from store.rules.seeing_errors import NoRight, NotAssociated
from store.tables import companies, infrastructures, subscriptions
from tests.conftest import Clock
from tests.example import Example
from tests.store.requesting import change, make_key, registered, take_roles, told

EVERYWHERE = Reach(everywhere=True)


@intention
def issued(act: Act, registration_id: int) -> None:
    licenses.issue(act, registration_id)


def counted(desk: Desk, scope: Scope | None = None, reach: Reach = EVERYWHERE) -> Figures:
    with desk.database.read() as connection:
        return figures.figures(connection, reach, scope or Scope(), desk.clock())


def licensed(desk: Desk, example: Example, slot: int, number: int) -> int:
    registration = registered(desk, example.ben, slot, number)
    issued(desk, Actor(None, "schedule"), registration)
    return registration


def ends(desk: Desk, infrastructure: int, moment: datetime | None) -> None:
    one = subscriptions.c.infrastructure_id == infrastructure
    change(desk, update(subscriptions).where(one).values(ends_at=moment))


def test_slots_are_counted_by_infrastructure_and_type(desk: Desk, example: Example) -> None:
    registered(desk, example.ben, example.production[0], 1)
    registered(desk, example.ben, example.production[1], 2)
    registered(desk, example.otto, example.globex_production[0], 3)

    found = counted(desk)

    assert (found.used, found.total) == (3, 10)
    assert found.by_type()[EnvironmentType.PRODUCTION] == (3, 5)
    assert [
        (each.infrastructure, each.environment_type, each.used, each.free)
        for each in found.rows
        if each.environment_type is EnvironmentType.PRODUCTION
    ] == [
        ("Acme Core", EnvironmentType.PRODUCTION, 2, 1),
        ("Acme Depot", EnvironmentType.PRODUCTION, 0, 1),
        ("Globex Core", EnvironmentType.PRODUCTION, 1, 0),
    ]


def test_a_report_has_only_what_is_overseen(desk: Desk, example: Example) -> None:
    of_tom = Reach(everywhere=False, infrastructure_ids=(example.depot,))

    assert {each.infrastructure for each in counted(desk, reach=of_tom).rows} == {"Acme Depot"}
    assert counted(desk, Scope("Acme Core", None, example.core), of_tom).rows == ()
    assert counted(desk, reach=Reach(everywhere=False)).rows == ()


def test_licenses_are_counted_in_the_month_of_their_last_day(desk: Desk, example: Example) -> None:
    make_key(desk)
    licensed(desk, example, example.production[0], 1)
    ends(desk, example.core, datetime(2027, 2, 1, 0, 0, 1, tzinfo=UTC))
    licensed(desk, example, example.production[1], 2)

    ending = counted(desk).ending()

    # A term that ends with the first moment of January ends with the last day of December.
    assert {month: number for month, number in ending.items() if number} == {
        date(2026, 12, 1): 1,
        date(2027, 2, 1): 1,
    }
    assert next(iter(ending)) == date(2026, 11, 1)
    assert len(ending) == 12


def test_only_the_newest_license_of_an_open_registration_counts(desk: Desk, example: Example) -> None:
    make_key(desk)
    renewed = licensed(desk, example, example.production[0], 1)
    gone = licensed(desk, example, example.production[1], 2)
    releases.release(desk, Actor(example.rui), gone, "switched off")
    ends(desk, example.core, datetime(2027, 6, 1, tzinfo=UTC))
    issued(desk, Actor(None, "schedule"), renewed)

    ending = counted(desk).ending()

    assert sum(ending.values()) == ending[date(2027, 5, 1)] == 1


def test_what_ended_what_ends_later_and_what_never_ends_are_counted_apart(
    desk: Desk, example: Example, clock: Clock
) -> None:
    make_key(desk)
    licensed(desk, example, example.production[0], 1)
    ends(desk, example.core, datetime(2031, 1, 1, tzinfo=UTC))
    licensed(desk, example, example.production[1], 2)
    ends(desk, example.core, None)
    licensed(desk, example, example.production[2], 3)
    registered(desk, example.ben, example.quality[0], 4)
    clock.advance(timedelta(days=60))

    found = counted(desk)

    assert (found.ended, found.later, found.endless, found.unlicensed) == (1, 1, 1, 1)
    assert sum(found.ending().values()) == 0


def scope(desk: Desk, typed: str, reach: Reach = EVERYWHERE) -> Scope:
    with desk.database.read() as connection:
        return reports.scope_of(connection, reach, typed)


def test_a_name_means_a_company_before_its_infrastructures(desk: Desk, example: Example) -> None:
    assert scope(desk, "acme").company_id == example.acme
    assert scope(desk, "acme core").infrastructure_id == example.core
    assert scope(desk, "depot").infrastructure_id == example.depot
    assert scope(desk, "AC1.K7Q.2MX.9PL.4RT.8WZ.3VB.6NC").infrastructure_id == example.core
    assert scope(desk, "") == Scope()


def test_several_of_one_name_are_told_apart_by_their_activation_codes(desk: Desk, example: Example) -> None:
    change(
        desk, update(infrastructures).where(infrastructures.c.id == example.globex).values(name="Acme Core")
    )

    with pytest.raises(ReportUnclear) as unclear:
        scope(desk, "Acme Core")

    assert len(unclear.value.names) == 2
    assert all("Acme Core (" in name for name in unclear.value.names)


def test_what_is_not_overseen_is_unknown_like_what_does_not_exist(desk: Desk, example: Example) -> None:
    of_eva = Reach(everywhere=False, company_ids=(example.acme,))

    for typed in ("Globex", "Mars"):
        with pytest.raises(ReportUnknown):
            scope(desk, typed, of_eva)


def test_a_report_is_one_delivery_however_often_it_is_asked_for_within_a_minute(
    desk: Desk, example: Example, clock: Clock
) -> None:
    reports.order(desk, Actor(example.eva), "acme")
    reports.order(desk, Actor(example.eva), "acme")
    assert len(told(desk, "report")) == 1

    clock.advance(timedelta(minutes=1))
    reports.order(desk, Actor(example.eva), "acme")
    reports.order(desk, Actor(example.eva), "")

    assert told(desk, "report") == [example.eva] * 3


def test_reports_are_for_those_who_oversee(desk: Desk, example: Example) -> None:
    for person in (example.ana, example.rui, example.fiona, example.ada):
        with pytest.raises(NoRight) as refused:
            reports.order(desk, Actor(person), "")
    assert set(refused.value.who_may) >= {"Eva Lang", "Tom Berg"}
    for person in (example.tom, example.max, example.olga):
        reports.order(desk, Actor(person), "")

    take_roles(desk, example.lena)
    with pytest.raises(NotAssociated):
        reports.order(desk, Actor(example.lena), "")


def test_a_scope_is_called_by_its_name_of_today_and_gone_when_it_is_not_overseen(
    desk: Desk, example: Example
) -> None:
    change(desk, update(companies).where(companies.c.id == example.acme).values(name="Acme Freight"))

    def again(reach: Reach, company: int | None, infrastructure: int | None) -> Scope | None:
        with desk.database.read() as connection:
            return reports.scope_again(connection, reach, company, infrastructure)

    assert again(EVERYWHERE, example.acme, None) == Scope("Acme Freight", example.acme)
    nobody, elsewhere = Reach(everywhere=False), Reach(everywhere=False, infrastructure_ids=(example.depot,))
    for reach in (nobody, elsewhere):
        assert again(reach, example.acme, None) is None
        assert again(reach, None, example.core) is None
    assert again(nobody, None, None) is None
    assert again(elsewhere, None, None) == Scope()
