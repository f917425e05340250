"""Who sees what of the record, with which names, and in what pages; on both databases."""

from datetime import timedelta

import pytest
from sqlalchemy import insert, update

from store import audit, audit_check, decisions, history, licenses, people, registrations, trail
from store.desk import Act, Actor, Desk, intention
from store.entries import Line
from store.history import Page
from store.request_views import view
from store.rules.errors import DeskError
from store.rules.seeing_errors import NoRight, NotAssociated
from store.rules.trail_errors import InfrastructureUnclear, InfrastructureUnknown
from store.tables import infrastructures, persons, slots
from store.trail import Filter
from tests.conftest import Clock
from tests.example import START, Example, serial
from tests.store.requesting import change, give_role, make_key, put, registered, rest_roles


@intention
def issued(act: Act, registration_id: int) -> None:
    licenses.issue(act, registration_id)


def of_person(desk: Desk, person: int, before: int | None = None, limit: int = 100) -> Page:
    with desk.database.read() as connection:
        return history.of_person(connection, person, people.held_roles(connection, person), before, limit)


def of_slot(desk: Desk, person: int, slot: int) -> Page:
    with desk.database.read() as connection:
        return history.of_slot(connection, person, slot, None, 100)


def told(page: Page) -> list[tuple[str | None, str]]:
    """Who did what, oldest first."""
    return [(each.actor, each.action) for each in reversed(page.lines)]


def something_everywhere(desk: Desk, example: Example) -> int:
    """Ana and Otto register, Ana asks, Rui forwards; gives Ana's registration."""
    make_key(desk)
    own = registered(desk, example.ana, example.quality[0], 1)
    registered(desk, example.otto, example.globex_production[0], 2)
    decisions.forward(desk, Actor(example.rui), put(desk, example.ana, own))
    return own


def test_members_see_what_they_did_and_what_became_of_their_requests(desk: Desk, example: Example) -> None:
    something_everywhere(desk, example)

    assert told(of_person(desk, example.ana)) == [
        ("Ana Silva", "register"),
        ("Ana Silva", "ask"),
        ("Rui Costa", "forward"),
    ]


def test_members_do_not_see_what_others_did(desk: Desk, example: Example) -> None:
    something_everywhere(desk, example)

    assert told(of_person(desk, example.ben)) == []
    assert told(of_person(desk, example.rui)) == [("Rui Costa", "forward")]


@pytest.mark.parametrize("who", ["eva", "max", "tom"])
def test_administrators_and_auditors_see_all_of_theirs_and_nothing_else(
    desk: Desk, example: Example, who: str
) -> None:
    something_everywhere(desk, example)

    assert told(of_person(desk, getattr(example, who))) == [
        ("Ana Silva", "register"),
        ("Ana Silva", "ask"),
        ("Rui Costa", "forward"),
    ]


def test_operators_see_everything_and_what_concerns_the_desk(desk: Desk, example: Example) -> None:
    something_everywhere(desk, example)

    page = of_person(desk, example.olga)

    assert ("Otto Brandt", "register") in told(page)
    assert {each.infrastructure for each in page.lines} == {"Acme Core", "Globex Core"}


def test_an_auditor_of_all_sees_every_infrastructure(desk: Desk, example: Example) -> None:
    something_everywhere(desk, example)
    give_role(desk, example.ben, "auditor")

    assert {each.infrastructure for each in of_person(desk, example.ben).lines} == {
        "Acme Core",
        "Globex Core",
    }


def test_admins_see_what_the_desk_recorded_of_their_company_and_its_people(
    desk: Desk, example: Example
) -> None:
    with desk.database.write() as connection:
        for subject in (f"person {example.ana}", f"company {example.acme}", f"person {example.otto}", "desk"):
            audit.append(connection, audit.Entry(None, None, "import", "role_added", subject, {}), START)

    def subjects(person: int) -> set[str]:
        return {each.subject for each in of_person(desk, person).lines}

    assert subjects(example.eva) == {f"person {example.ana}", f"company {example.acme}"}
    assert subjects(example.nina) == {f"person {example.otto}"}
    assert subjects(example.tom) == set()
    assert subjects(example.ana) == {f"person {example.ana}"}


def test_a_role_that_rests_shows_nothing_more_than_ones_own(desk: Desk, example: Example) -> None:
    something_everywhere(desk, example)
    rest_roles(desk, example.eva)

    assert told(of_person(desk, example.eva)) == []


def test_the_history_of_an_environment_has_its_requests_too(desk: Desk, example: Example) -> None:
    own = something_everywhere(desk, example)
    registered(desk, example.ben, example.production[0], 3)
    registrations.change_version(desk, Actor(example.rui), own, "11.18.0")

    assert told(of_slot(desk, example.eva, example.quality[0])) == [
        ("Ana Silva", "register"),
        ("Ana Silva", "ask"),
        ("Rui Costa", "forward"),
        ("Rui Costa", "change_version"),
    ]
    assert told(of_slot(desk, example.ben, example.quality[0])) == []
    assert told(of_slot(desk, example.ana, example.quality[0]))[-1] == ("Rui Costa", "forward")


def test_what_was_decided_of_a_part_of_a_request_is_told_of_that_part(desk: Desk, example: Example) -> None:
    make_key(desk)
    own = [registered(desk, example.ana, slot, slot) for slot in example.quality]
    request_id = put(desk, example.ana, *own)
    with desk.database.read() as connection:
        first, second = (each.id for each in view(connection, request_id).items)
    decisions.forward(desk, Actor(example.rui), request_id, [second])
    decisions.decline(desk, Actor(example.fiona), request_id, [first], "not yet")

    about = {each.action: each.about for each in of_person(desk, example.ana).lines}
    assert about["ask"] == ("Quality 1 (Non-production)", "Quality 2 (Non-production)")
    assert about["forward"] == ("Quality 2 (Non-production)",)
    assert about["decline"] == ("Quality 1 (Non-production)",)


def test_the_history_of_an_infrastructure_has_only_its_own(desk: Desk, example: Example) -> None:
    something_everywhere(desk, example)

    with desk.database.read() as connection:
        page = history.of_infrastructure(connection, example.olga, example.globex, None, 100)

    assert told(page) == [("Otto Brandt", "register")]


def test_what_somebody_does_not_see_has_no_history_whether_it_exists_or_not(
    desk: Desk, example: Example
) -> None:
    something_everywhere(desk, example)

    with desk.database.read() as connection:
        for slot in (example.globex_production[0], 999_999):
            with pytest.raises(NotAssociated):
                history.of_slot(connection, example.eva, slot, None, 100)
        for place in (example.globex, 999_999):
            with pytest.raises(NotAssociated):
                history.of_infrastructure(connection, example.eva, place, None, 100)


def test_pages_give_every_entry_once_newest_first(desk: Desk, example: Example) -> None:
    own = registered(desk, example.ana, example.quality[0])
    for number in range(7):
        registrations.change_version(desk, Actor(example.ana), own, f"11.17.{number + 1}")

    seen: list[int] = []
    before: int | None = None
    while True:
        page = of_person(desk, example.ana, before, limit=3)
        seen += [each.id for each in page.lines]
        before = page.older
        if before is None:
            break

    assert len(seen) == len(set(seen)) == 8
    assert seen == sorted(seen, reverse=True)


def test_a_last_page_that_is_full_promises_no_older_one(desk: Desk, example: Example) -> None:
    registered(desk, example.ana, example.quality[0])

    assert of_person(desk, example.ana, limit=1).older is None


def test_a_refusal_is_in_the_history_of_the_one_refused_and_of_the_admins(
    desk: Desk, example: Example
) -> None:
    own = registered(desk, example.ana, example.quality[0])
    with pytest.raises(NoRight):
        registrations.change_serial(desk, Actor(example.ana), own, serial(9))

    assert told(of_person(desk, example.ana))[-1] == ("Ana Silva", "refused:change_serial")
    assert told(of_person(desk, example.eva))[-1] == ("Ana Silva", "refused:change_serial")
    assert told(of_person(desk, example.ben)) == []


def test_names_are_those_of_today_and_the_chain_holds(desk: Desk, example: Example) -> None:
    own = something_everywhere(desk, example)
    change(
        desk,
        update(persons).where(persons.c.id == example.ana).values(name="Ana Souza"),
        update(slots).where(slots.c.id == example.quality[0]).values(name="Quality A"),
    )

    first, asked, _ = reversed(of_person(desk, example.eva).lines)

    assert (first.actor, first.about) == ("Ana Souza", ("Quality A (Non-production)",))
    assert first.serials == {"registration": serial(1)}
    assert asked.requester == "Ana Souza"
    assert asked.about == ("Quality A (Non-production)",)
    assert set(asked.people["asked"]) >= {"Rui Costa", "Fiona Marsh", "Ada Novak"}
    with desk.database.read() as connection:
        assert list(audit_check.verify(connection)) == []
    assert own


def test_the_last_change_of_an_environment_is_told_with_who_and_when(
    desk: Desk, example: Example, clock: Clock
) -> None:
    make_key(desk)
    own = registered(desk, example.ana, example.quality[0])
    moment = clock.advance(timedelta(hours=1))
    registrations.change_version(desk, Actor(example.rui), own, "11.18.0")
    clock.advance(timedelta(hours=1))
    issued(desk, Actor(None, "schedule"), own)
    with pytest.raises(DeskError):
        registrations.change_serial(desk, Actor(example.ana), own, serial(9))

    with desk.database.read() as connection:
        changes = history.last_changes(connection, [example.quality[0], example.production[0]])

    assert {slot: (each.who, each.at) for slot, each in changes.items()} == {
        example.quality[0]: ("Rui Costa", moment)
    }


def test_slots_are_found_by_name_and_by_every_serial_number_they_ever_had(
    desk: Desk, example: Example
) -> None:
    own = registered(desk, example.ana, example.quality[0], 1)
    registrations.change_serial(desk, Actor(example.rui), own, serial(5))

    def found(person: int, typed: str) -> list[str]:
        with desk.database.read() as connection:
            held = people.held_roles(connection, person)
            return [each.name for each in history.find_slots(connection, held, typed, 10)]

    assert found(example.ana, serial(1)) == found(example.ana, serial(5)) == ["Quality 1"]
    assert found(example.ana, "quality 1") == ["Quality 1"]
    assert found(example.ana, "prod 1") == ["Prod 1", "Prod 1"]
    assert found(example.otto, serial(1)) == []


def exported(desk: Desk, wanted: Filter) -> list[Line]:
    with desk.database.read() as connection:
        return list(trail.everything(connection, wanted))


def test_the_whole_record_is_filtered_by_place_person_and_time(
    desk: Desk, example: Example, clock: Clock
) -> None:
    registered(desk, example.ana, example.quality[0], 1)
    later = clock.advance(timedelta(days=1))
    registered(desk, example.otto, example.globex_production[0], 2)

    assert len(exported(desk, Filter())) == 2
    assert [each.actor for each in exported(desk, Filter(infrastructure_id=example.core))] == ["Ana Silva"]
    assert [each.actor for each in exported(desk, Filter(person_id=example.otto))] == ["Otto Brandt"]
    assert [each.actor for each in exported(desk, Filter(since=later))] == ["Otto Brandt"]
    assert [each.actor for each in exported(desk, Filter(since=START, until=later))] == ["Ana Silva"]


def test_a_long_record_is_exported_whole_and_in_order(desk: Desk, example: Example) -> None:
    with desk.database.write() as connection:
        entries = [
            audit.Entry(example.core, example.ana, "slack", "register", f"slot {number}", {"number": number})
            for number in range(1203)
        ]
        audit.append_all(connection, entries, START)

    assert [each.facts["number"] for each in exported(desk, Filter())] == list(range(1203))


def test_an_exported_entry_can_be_checked_by_its_hashes_without_the_names(
    desk: Desk, example: Example
) -> None:
    something_everywhere(desk, example)

    for line in exported(desk, Filter()):
        written = trail.document(line)
        place = None if line.chain == audit.DESK_CHAIN else line.chain
        entry = audit.Entry(place, line.actor_id, line.source, line.action, line.subject, line.facts)
        assert written["hash"] == audit.digest(line.previous, line.at, entry, line.position)
        assert written["names"]


def test_an_infrastructure_is_named_by_name_or_activation_code(desk: Desk, example: Example) -> None:
    with desk.database.write() as connection:
        connection.execute(
            insert(infrastructures).values(
                company_id=example.globex_company,
                product_id=example.product,
                name="Acme Core",
                activation_code="ZZ1.K7Q.2MX.9PL.4RT.8WZ.3VB.6NC",
                hosting="on_premises",
                files="signed",
            )
        )

    with desk.database.read() as connection:
        assert trail.infrastructure_named(connection, "ac1.k7q.2mx.9pl.4rt.8wz.3vb.6nc") == example.core
        assert trail.infrastructure_named(connection, "Acme Depot") == example.depot
        with pytest.raises(InfrastructureUnknown):
            trail.infrastructure_named(connection, "Mars")
        with pytest.raises(InfrastructureUnclear) as unclear:
            trail.infrastructure_named(connection, "Acme Core")
    assert len(unclear.value.activation_codes) == 2
