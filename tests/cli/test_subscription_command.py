"""`license-desk subscription`: what it prints, what it does, and how it refuses."""

import shutil
import signal
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import Connection, func, insert, select, update

from store import audit_check
from store.tables import (
    audit_entries,
    deliveries,
    infrastructures,
    licenses,
    persons,
    registrations,
    reissues,
    signing_keys,
    slots,
    subscriptions,
)
from store.vault import generate_key
from tests.cli.conftest import EXAMPLE, Program
from tests.example import serial

CORE = "AC1.K7Q.2MX.9PL.4RT.8WZ.3VB.6NC"
NEXT_YEAR = datetime.now(UTC).year + 1
LAST_DAY = f"{NEXT_YEAR + 1}-12-31"


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Program:
    """The example company with five licensed production environments in Acme Core, and a term that goes on."""
    program = Program(
        tmp_path_factory.mktemp("prepared"), {"master_keys": generate_key(), "vendor": "Meridian"}
    )
    program.does("migrate")
    program.does("keys", "init")
    program.does("import", EXAMPLE)
    database = program.database()
    with database.write() as connection:
        _license_five(connection)
    database.close()
    return program


@pytest.fixture
def renewable(prepared: Program, tmp_path: Path) -> Program:
    """The same for one test alone."""
    shutil.copy(prepared.folder / "license-desk.db", tmp_path)
    return Program(tmp_path, prepared.settings)


def _license_five(connection: Connection) -> None:
    now = datetime.now(UTC)
    of_core = infrastructures.c.activation_code == CORE
    core = connection.execute(select(infrastructures.c.id).where(of_core)).scalar_one()
    rui = connection.execute(select(persons.c.id).where(persons.c.slack_id == "U0RUI")).scalar_one()
    key = connection.execute(select(signing_keys.c.id)).scalar_one()
    ends_at = datetime(NEXT_YEAR, 1, 1, tzinfo=UTC) + timedelta(days=100)
    connection.execute(update(subscriptions).values(ends_at=ends_at))
    for number in range(5):
        slot = {"infrastructure_id": core, "environment_type": "production", "name": f"Line {number}"}
        slot_id = connection.execute(insert(slots).values(slot).returning(slots.c.id)).scalar_one()
        row = {"slot_id": slot_id, "infrastructure_id": core, "serial": serial(500 + number), "state": "open"}
        row |= {"platform_version": "11.17.0", "registrant_id": rui, "registered_at": now}
        made = connection.execute(
            insert(registrations).values(row).returning(registrations.c.id)
        ).scalar_one()
        license_ = {"jti": str(uuid4()), "registration_id": made, "slot_id": slot_id, "seq": 1, "key_id": key}
        license_ |= {"not_before": now, "sameness": "", "text_encrypted": b"", "sha256": "", "issued_at": now}
        connection.execute(insert(licenses).values(license_))


def count(program: Program, table: object) -> int:
    database = program.database()
    with database.read() as connection:
        found = connection.execute(select(func.count()).select_from(table)).scalar_one()  # type: ignore[arg-type] # any of the tables
    database.close()
    return found


def test_a_renewal_by_name_makes_every_license_anew_once_and_queues_one_message(renewable: Program) -> None:
    said = renewable.does("subscription", "renew", "Acme Core", "--until", LAST_DAY, "--as", "U0OLGA")
    assert said == (
        "Renewed: 1 subscription. Made anew: 5 licenses. Queued: 1 message, which the running bot sends.\n"
    )
    assert count(renewable, licenses) == 10
    again = renewable.does("subscription", "renew", CORE, "--until", LAST_DAY)
    assert "Made anew: 0 licenses. Queued: 0 messages" in again
    assert f"to {LAST_DAY}" in renewable.does("subscription", "show", CORE)
    database = renewable.database()
    with database.read() as connection:
        olga = connection.execute(select(persons.c.id).where(persons.c.slack_id == "U0OLGA")).scalar_one()
        entry = connection.execute(
            select(audit_entries).where(audit_entries.c.action == "renew_subscription")
        ).one()
        assert (entry.actor_id, entry.source) == (olga, "command")
        assert list(audit_check.verify(connection)) == []
    database.close()


@pytest.mark.parametrize("words", [("renew", CORE, "--until", LAST_DAY), ("reinstate", CORE)])
def test_no_license_is_made_in_the_name_of_nobody(renewable: Program, words: tuple[str, ...]) -> None:
    assert "LICENSE_DESK_VENDOR is missing" in renewable.refuses("subscription", *words, vendor="")
    assert count(renewable, licenses) == 5


def test_a_dry_run_lists_who_would_get_what_and_writes_nothing(renewable: Program, tmp_path: Path) -> None:
    file = tmp_path / "renewals.yml"
    file.write_text(f"infrastructure: {CORE}\nends: {LAST_DAY}\nslots: {{production: 8}}\n")
    said = renewable.does("subscription", "renew", "--from", file, "--dry-run")
    assert said == (
        f"Acme Core (Acme Logistics): until {LAST_DAY}, 5 licenses\n"
        "  Rui Costa: 5 files in one archive\n"
        "Nothing was written (dry run). 1 subscription, 5 licenses, 1 message.\n"
    )
    assert count(renewable, licenses) == 5
    assert count(renewable, reissues) == 0


def test_a_file_with_several_renewals_is_carried_out(renewable: Program, tmp_path: Path) -> None:
    file = tmp_path / "renewals.yml"
    depot = "AD2.L8R.3NY.1QM.5SU.9XA.4WC.7PD"
    file.write_text(
        f"infrastructure: {CORE}\nends: {LAST_DAY}\nhighest_version: '12'\nslots: {{development: 9}}\n"
        f"---\ninfrastructure: {depot}\nends: perpetual\ngrace_days: 30\n"
    )
    said = renewable.does("subscription", "renew", "--from", file)
    assert said.startswith("Renewed: 2 subscriptions. Made anew: 5 licenses. Queued: 1 message")
    assert "perpetual" in renewable.does("subscription", "show", depot)
    shown = renewable.does("subscription", "show", "Acme Core")
    assert "platform versions up to 12" in shown
    assert "Development: 0 of 9 slots taken" in shown


def test_a_wrong_file_is_refused_as_a_whole_with_every_line(renewable: Program, tmp_path: Path) -> None:
    file = tmp_path / "renewals.yml"
    file.write_text(
        f"infrastructure: {CORE}\nends: 2020-01-01\n"
        f"---\ninfrastructure: AC9.K7Q.2MX.9PL.4RT.8WZ.3VB.6NC\nends: {LAST_DAY}\n"
        f"---\ninfrastructure: {CORE}\nends: {LAST_DAY}\nslot: {{production: 1}}\n"
        f"---\ninfrastructure: {CORE}\nends: {LAST_DAY}\nslots: {{production: 1}}\nhighest_version: '9'\n"
    )
    said = renewable.refuses("subscription", "renew", "--from", file)
    assert said.startswith("4 problems; nothing was written:\n")
    assert "renewals.yml, line 2, ends: A renewal ends on " in said
    assert "renewals.yml, line 4, infrastructure: no infrastructure has this activation code" in said
    assert "renewals.yml, line 9, slot: this field is not known; did you mean slots?" in said
    assert "line 11, infrastructure: this is there twice, first in line 1" in said
    assert count(renewable, reissues) == 0


def test_what_must_be_released_is_named(renewable: Program, tmp_path: Path) -> None:
    said = renewable.refuses("subscription", "renew", CORE, "--until", LAST_DAY, "--slots", "production=2")
    assert said.startswith(
        "Nothing was renewed: the renewal of Acme Core carries 2 slots of the type Production"
    )
    assert f"Line 4 ({serial(504)})" in said
    file = tmp_path / "renewals.yml"
    file.write_text(f"infrastructure: {CORE}\nends: {LAST_DAY}\nhighest_version: '10'\n")
    said = renewable.refuses("subscription", "renew", "--from", file)
    assert "covers platform versions up to 10; release Line 0 (11.17.0)" in said


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("renew",), "Name an infrastructure and its last day (--until), or a file (--from)."),
        (("renew", "Acme Core", "--until", "soon"), '"soon" is not a day; write it as 2026-12-31.'),
        (
            ("renew", "Acme Core", "--until", LAST_DAY, "--slots", "prod=1"),
            "--slots prod=1: write a type and a number",
        ),
        (("renew", "--from", "missing.yml"), "missing.yml cannot be read"),
        (("suspend", "Acme Core", "--reason", " "), "Say in a few words why"),
        (("reinstate", "Acme Core"), "The subscription is not suspended"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_what_cannot_be_done_is_one_sentence(
    prepared: Program, arguments: tuple[str, ...], words: str
) -> None:
    assert words in prepared.refuses("subscription", *arguments)


def test_a_subscription_is_suspended_and_reinstated(renewable: Program) -> None:
    said = renewable.does("subscription", "suspend", "Acme Core", "--reason", "invoice overdue")
    assert said == "Acme Core (Acme Logistics) is suspended; its contacts and admins are told.\n"
    assert "suspended: invoice overdue" in renewable.does("subscription", "show", "Acme Core")
    assert "suspended already" in renewable.refuses(
        "subscription", "suspend", "Acme Core", "--reason", "again"
    )
    said = renewable.does("subscription", "reinstate", CORE)
    assert said == (
        "Acme Core (Acme Logistics) is reinstated. "
        "Made anew: 5 licenses. Queued: 1 message, which the running bot sends.\n"
    )
    assert count(renewable, licenses) == 10
    assert count(renewable, deliveries) > 1


def test_all_subscriptions_are_shown_by_company_and_name(prepared: Program) -> None:
    said = prepared.does("subscription", "show")
    names = [line.partition(")")[0] for line in said.splitlines() if not line.startswith(" ")]
    assert names[0] == "Acme Core (Acme Logistics"
    assert names == sorted(names, key=lambda name: name.partition(" (")[::-1])
    assert "  Production: 5 of " in said


def test_without_a_key_nothing_is_renewed(renewable: Program) -> None:
    database = renewable.database()
    with database.write() as connection:
        connection.execute(update(signing_keys).values(state="retired"))
    database.close()
    said = renewable.refuses("subscription", "renew", "Acme Core", "--until", "2999-12-31")
    assert "key" in said
    assert count(renewable, reissues) == 0


def _license_many(connection: Connection, number: int) -> None:
    now = datetime.now(UTC)
    core, rui = connection.execute(
        select(registrations.c.infrastructure_id, registrations.c.registrant_id)
    ).first() or (0, 0)
    key = connection.execute(select(signing_keys.c.id)).scalar_one()
    slot = {"infrastructure_id": core, "environment_type": "production"}
    connection.execute(insert(slots), [{**slot, "name": f"Cell {each}"} for each in range(number)])
    made = connection.execute(select(slots.c.id).where(slots.c.name.startswith("Cell "))).scalars().all()
    row = {"infrastructure_id": core, "state": "open", "platform_version": "11.17.0", "registrant_id": rui}
    rows = [{**row, "slot_id": each, "serial": f"S{each:030}", "registered_at": now} for each in made]
    connection.execute(insert(registrations), rows)
    found = connection.execute(
        select(registrations.c.id, registrations.c.slot_id).where(registrations.c.serial.startswith("S"))
    )
    license_ = {
        "seq": 1,
        "key_id": key,
        "not_before": now,
        "sameness": "",
        "text_encrypted": b"",
        "sha256": "",
    }
    connection.execute(
        insert(licenses),
        [
            {
                **license_,
                "jti": f"cell {each.id}",
                "registration_id": each.id,
                "slot_id": each.slot_id,
                "issued_at": now,
            }
            for each in found
        ],
    )


def test_a_renewal_that_is_killed_in_the_middle_goes_on_when_it_is_run_again(renewable: Program) -> None:
    database = renewable.database()
    with database.write() as connection:
        _license_many(connection, 3000)
    process = renewable.started("subscription", "renew", CORE, "--until", LAST_DAY)
    begun = select(reissues.c.position).where(reissues.c.position > 0)
    while process.poll() is None:
        with database.read() as connection:
            if connection.execute(begun).first():
                process.kill()
        time.sleep(0.005)
    process.communicate()
    assert process.returncode == -signal.SIGKILL
    assert 3005 < count(renewable, licenses) < 6010

    said = renewable.does("subscription", "renew", CORE, "--until", LAST_DAY)

    assert "Queued: 1 message" in said
    assert count(renewable, licenses) == 6010
    with database.read() as connection:
        newest = select(func.max(licenses.c.seq)).group_by(licenses.c.registration_id)
        assert set(connection.execute(newest).scalars()) == {2}
        assert list(audit_check.verify(connection)) == []
    database.close()
