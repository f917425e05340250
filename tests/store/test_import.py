"""What an import writes, leaves and removes."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, select, update

from store import audit_check, people, slots
from store.desk import Desk
from store.importing import Kind
from store.rules.rights import RoleName
from store.tables import (
    audit_entries,
    deliveries,
    infrastructures,
    licenses,
    persons,
    registrations,
    roles,
    subscriptions,
    suspensions,
)
from store.tables import slots as slot_rows
from tests.conftest import Clock
from tests.example import serial
from tests.store.importing import COMPANY, CORE, DESK, EXAMPLE, PEOPLE, TERM, Imports

SLOTS = "    slots: {production: 2, non_production: [Quality 1]}\n"
ROLES = """\
    roles:
      technical_contact: rui@acme.example
      members: [U0ANA]
"""
ALL = COMPANY + PEOPLE + "admins: [U0ANA]\n" + CORE + TERM + SLOTS + ROLES


@pytest.fixture
def imports(desk: Desk, tmp_path: Path) -> Imports:
    return Imports(desk, tmp_path)


@pytest.fixture
def loaded(imports: Imports) -> Imports:
    imports(DESK, ALL)
    return imports


def names(imports: Imports) -> list[str]:
    """The names of all slots that are there."""
    return [row.name for row in imports.rows(slot_rows) if row.removed_at is None]


def register(imports: Imports, slot_name: str, version: str = "11.17.0 (Build 36348)") -> None:
    """Take a slot."""
    slot = next(row for row in imports.rows(slot_rows) if row.name == slot_name)
    with imports.desk.database.write() as connection:
        connection.execute(
            insert(registrations).values(
                slot_id=slot.id, infrastructure_id=slot.infrastructure_id, serial=serial(slot.id),
                platform_version=version, registrant_id=imports.rows(persons)[0].id, state="open",
                registered_at=imports.desk.clock(),
            )
        )  # fmt: skip


def give(imports: Imports, role: str, email: str, *, by: int | None) -> None:
    """Give somebody a role in the one infrastructure, as an admin does in Slack or as the import does."""
    with imports.desk.database.write() as connection:
        person_id = connection.execute(select(persons.c.id).where(persons.c.email == email)).scalar_one()
        connection.execute(
            insert(roles).values(
                person_id=person_id, role=role, infrastructure_id=imports.rows(infrastructures)[0].id,
                held_from=imports.desk.clock(), set_by=by,
            )
        )  # fmt: skip


def holders(imports: Imports, role: RoleName) -> set[str]:
    with imports.desk.database.read() as connection:
        found = people.holders(connection, imports.rows(infrastructures)[0].id, [role])
    return {holder.person.name for holder in found}


def test_the_example_file_can_be_imported(imports: Imports) -> None:
    plan = imports(EXAMPLE.read_text())
    assert plan.counts[Kind.ADDED, "infrastructure"] == 4
    assert plan.without_slack == ["Lena Holm", "Gus Tan"]


def test_importing_the_same_file_again_changes_nothing(imports: Imports) -> None:
    imports(EXAMPLE.read_text())
    before = len(imports.rows(audit_entries))
    assert imports(EXAMPLE.read_text(), own_roles=True, prune=True).changes_nothing
    assert len(imports.rows(audit_entries)) == before


def test_importing_an_export_changes_nothing(imports: Imports) -> None:
    imports(EXAMPLE.read_text())
    exported = imports.exported()
    assert imports(exported, own_roles=True, prune=True).counts == {}
    assert imports.exported() == exported


def test_slots_by_number_are_named_by_type_and_slots_by_name_as_they_are_called(loaded: Imports) -> None:
    assert names(loaded) == ["Quality 1", "Production 1", "Production 2"]


def test_more_slots_are_added_beside_those_that_people_renamed(loaded: Imports) -> None:
    with loaded.desk.database.write() as connection:
        connection.execute(update(slot_rows).where(slot_rows.c.name == "Quality 1").values(name="QA Berlin"))
    loaded(
        DESK, ALL.replace("production: 2", "production: 3").replace("[Quality 1]", "[Quality 1, Quality 2]")
    )
    assert names(loaded) == ["QA Berlin", "Production 1", "Production 2", "Quality 1", "Production 3"]


def test_free_slots_that_are_too_many_are_named_and_stay(loaded: Imports) -> None:
    plan = loaded(DESK, ALL.replace("production: 2", "production: 1"))
    assert plan.lines == ["would be removed: slot Production 2 of Core"]
    assert plan.changes_nothing
    assert "Production 2" in names(loaded)


def test_pruning_removes_the_free_slots_and_never_a_taken_one(loaded: Imports) -> None:
    register(loaded, "Production 2")
    loaded(DESK, ALL.replace("production: 2", "production: 1"), prune=True)
    assert names(loaded) == ["Quality 1", "Production 2"]


@pytest.mark.parametrize("prune", [False, True])
def test_fewer_slots_than_taken_are_refused_and_what_to_release_is_named(
    loaded: Imports, prune: bool
) -> None:
    register(loaded, "Production 1")
    register(loaded, "Production 2")
    (problem,) = loaded.problems(DESK, ALL.replace("production: 2", "production: 1"), prune=prune)
    assert "slots.production: 1 slots, but 2 are taken; release 1 of Production 1 (" in problem


def test_a_lower_version_than_registered_is_refused_and_what_to_release_is_named(loaded: Imports) -> None:
    register(loaded, "Production 1")
    (problem,) = loaded.problems(DESK, ALL.replace("highest_version: 11", "highest_version: 11.16"))
    assert "registered with a version above 11.16: Production 1 (11.17.0 (Build 36348)); release" in problem


def test_a_renewal_continues_the_unbroken_run_of_terms(loaded: Imports, clock: Clock) -> None:
    loaded(DESK, ALL.replace("2026-12-31", "2027-12-31").replace("2026-01-01", "2027-01-01"))
    (term,) = loaded.rows(subscriptions)
    assert (term.starts_at, term.ends_at) == (
        datetime(2027, 1, 1, tzinfo=UTC),
        datetime(2028, 1, 1, tzinfo=UTC),
    )
    assert term.unbroken_since == datetime(2026, 1, 1, tzinfo=UTC)


def test_the_last_day_of_a_term_belongs_to_it(loaded: Imports) -> None:
    (term,) = loaded.rows(subscriptions)
    assert term.ends_at - timedelta(seconds=1) == datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC)


def test_what_the_file_leaves_out_is_left_as_it_is(loaded: Imports) -> None:
    before = loaded.exported()
    assert loaded(COMPANY, prune=True).changes_nothing
    assert loaded.exported() == before


def test_a_role_that_people_set_in_slack_stays(loaded: Imports) -> None:
    ana = loaded.rows(persons)[0].id
    give(loaded, "member", "rui@acme.example", by=ana)
    assert loaded(DESK, ALL, prune=True).changes_nothing
    assert holders(loaded, RoleName.MEMBER) == {"Ana Silva", "Rui Costa"}


def test_a_role_that_people_set_in_slack_goes_when_the_import_owns_roles(loaded: Imports) -> None:
    ana = loaded.rows(persons)[0].id
    give(loaded, "member", "rui@acme.example", by=ana)
    loaded(DESK, ALL, prune=True, own_roles=True)
    assert holders(loaded, RoleName.MEMBER) == {"Ana Silva"}


def test_a_role_that_the_import_set_goes_only_when_pruned(loaded: Imports) -> None:
    without = ALL.replace("members: [U0ANA]", "members: []")
    assert loaded(DESK, without).lines == ["would be removed: role member Ana Silva of Core"]
    assert holders(loaded, RoleName.MEMBER) == {"Ana Silva"}
    loaded(DESK, without, prune=True)
    assert holders(loaded, RoleName.MEMBER) == set()


def test_another_technical_contact_takes_the_place_of_the_one_that_the_import_set(loaded: Imports) -> None:
    loaded(DESK, ALL.replace("technical_contact: rui@acme.example", "technical_contact: U0ANA"))
    assert holders(loaded, RoleName.TECHNICAL_CONTACT) == {"Ana Silva"}


def test_a_technical_contact_set_in_slack_stays_and_that_is_said(loaded: Imports) -> None:
    with loaded.desk.database.write() as connection:
        connection.execute(update(roles).values(set_by=loaded.rows(persons)[0].id))
    other = ALL.replace("technical_contact: rui@acme.example", "technical_contact: U0ANA")
    assert loaded(DESK, other).kept == ["the technical contact of Core is Rui Costa, set in Slack"]
    loaded(DESK, other, own_roles=True)
    assert holders(loaded, RoleName.TECHNICAL_CONTACT) == {"Ana Silva"}


def test_the_last_active_company_admin_stays(loaded: Imports) -> None:
    plan = loaded(DESK, ALL.replace("admins: [U0ANA]", "admins: []"), prune=True, own_roles=True)
    assert plan.kept == ["Ana Silva stays company admin of Acme, which needs one"]
    assert holders(loaded, RoleName.COMPANY_ADMIN) == {"Ana Silva"}


def test_somebody_deactivated_gets_a_role_that_rests(loaded: Imports) -> None:
    with loaded.desk.database.write() as connection:
        connection.execute(update(persons).where(persons.c.email == "rui@acme.example").values(active=False))
    loaded(DESK, ALL.replace("[U0ANA]", "[U0ANA, rui@acme.example]"))
    added = loaded.rows(roles)[-2:]
    assert {row.state for row in added if row.role in {"member", "company_admin"}} == {"resting"}


def test_what_slack_says_of_a_name_is_newer_than_the_file(loaded: Imports, clock: Clock) -> None:
    with loaded.desk.database.write() as connection:
        connection.execute(update(persons).values(name="Ana S.", zone="Europe/Lisbon", checked_at=clock.now))
    assert loaded(DESK, ALL).changes_nothing


def test_a_person_linked_by_e_mail_is_not_named_by_slack_id_in_an_export(loaded: Imports) -> None:
    with loaded.desk.database.write() as connection:
        connection.execute(
            update(persons).where(persons.c.email == "rui@acme.example").values(slack_id="U0RUI")
        )
    exported = loaded.exported()
    assert "seen_as: U0RUI" in exported
    assert loaded(exported).changes_nothing
    assert {row.name: row.slack_id_imported for row in loaded.rows(persons)} == {
        "Ana Silva": True,
        "Rui Costa": False,
    }


def test_an_e_mail_address_that_belongs_to_somebody_else_in_slack_is_refused(loaded: Imports) -> None:
    with loaded.desk.database.write() as connection:
        connection.execute(
            update(persons).where(persons.c.email == "rui@acme.example").values(slack_id="U0RUI")
        )
    (problem,) = loaded.problems(DESK, ALL.replace("email: rui@", "slack_id: U0OTHER, email: rui@"))
    assert "this e-mail address belongs to U0RUI in Slack, not to U0OTHER" in problem


def test_an_activation_code_of_another_company_is_refused(loaded: Imports) -> None:
    (problem,) = loaded.problems(DESK, COMPANY.replace("Acme", "Globex") + CORE)
    assert "this activation code belongs to Core of Acme" in problem


def test_an_infrastructure_left_out_keeps_what_is_taken(loaded: Imports) -> None:
    register(loaded, "Production 1")
    plan = loaded(DESK, COMPANY + "infrastructures: []", prune=True)
    assert plan.kept == ["Core is not in the file, but has registered environments"]
    assert len(names(loaded)) == 3


def test_an_infrastructure_left_out_loses_what_is_free_when_pruned(loaded: Imports) -> None:
    loaded(DESK, COMPANY + "infrastructures: []", prune=True)
    assert (names(loaded), loaded.rows(subscriptions), holders(loaded, RoleName.MEMBER)) == ([], [], set())
    assert loaded(DESK, COMPANY + "infrastructures: []", prune=True).changes_nothing


def test_companies_that_the_file_does_not_name_are_left_alone_when_pruning(loaded: Imports) -> None:
    globex = COMPANY.replace("Acme", "Globex")
    before = len(names(loaded))
    loaded(DESK, globex, prune=True, own_roles=True)
    assert len(names(loaded)) == before


def test_a_role_may_name_somebody_of_a_later_document(imports: Imports) -> None:
    otto = "people: [{name: Otto Brandt, email: otto@globex.example}]"
    acme = ALL.replace("members: [U0ANA]", "members: [otto@globex.example]")
    imports(DESK, acme, COMPANY.replace("Acme", "Globex") + otto)
    assert holders(imports, RoleName.MEMBER) == {"Otto Brandt"}


def test_nothing_is_issued_or_delivered(loaded: Imports) -> None:
    register(loaded, "Production 1")
    loaded(DESK, ALL.replace("2026-12-31", "2027-12-31"))
    assert (loaded.rows(licenses), loaded.rows(deliveries)) == ([], [])


def test_what_is_written_is_on_the_record_without_names(loaded: Imports) -> None:
    with loaded.desk.database.read() as connection:
        assert list(audit_check.verify(connection)) == []
    entries = loaded.rows(audit_entries)
    core = loaded.rows(infrastructures)[0].id
    actions = [row.action for row in entries if row.infrastructure_id == core]
    assert actions == [
        "infrastructure_added",
        "subscription_added",
        "slots_added",
        "role_added",
        "role_added",
    ]
    assert {row.source for row in entries} == {"import"}
    assert not any("Silva" in str(row.facts) or "acme.example" in str(row.facts) for row in entries)


def test_more_rows_than_one_batch_are_written(imports: Imports) -> None:
    imports(DESK, ALL.replace("production: 2", "production: 2500"))
    with imports.desk.database.read() as connection:
        (counted,) = slots.capacity(connection, [imports.rows(infrastructures)[0].id]).values()
        assert list(audit_check.verify(connection)) == []
    assert [(each.environment_type, each.total) for each in counted] == [
        ("non_production", 1),
        ("production", 2500),
    ]


def test_a_long_list_of_changes_is_cut_and_the_rest_is_counted(imports: Imports) -> None:
    people_ = "".join(f"  - {{name: P{number}, email: p{number}@acme.example}}\n" for number in range(250))
    plan = imports(DESK, f"{COMPANY}people:\n{people_}")
    assert (len(plan.lines), plan.unlisted) == (200, 52)
    assert (len(plan.without_slack), plan.more_without_slack) == (200, 50)
    assert plan.counts[Kind.ADDED, "person"] == 250


def test_an_import_that_suspends_and_reinstates_is_noted_as_a_suspension(
    loaded: Imports, clock: Clock
) -> None:
    def noted() -> list[tuple[datetime, datetime | None]]:
        with loaded.desk.database.read() as connection:
            rows = connection.execute(select(suspensions.c.begun_at, suspensions.c.ended_at))
            return [(row.begun_at, row.ended_at) for row in rows]

    suspended = TERM.replace("{edition", "{state: suspended, edition")
    loaded(DESK, COMPANY + PEOPLE + CORE + suspended)
    begun = clock.now
    assert noted() == [(begun, None)]
    ended = clock.advance(timedelta(days=1))
    loaded(DESK, COMPANY + PEOPLE + CORE + suspended.replace("suspended", "active"))
    assert noted() == [(begun, ended)]
