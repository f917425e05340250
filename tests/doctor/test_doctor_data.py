"""Settings, database, keys: each fault is found, named, and told with what to do."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, select, text, update

from bot.doctor import examine, present
from bot.doctoring.finding import MOST_NAMED, Level, ok, or_ok, problem, warning
from bot.settings import Settings
from store import audit, keys, tables
from store.database import Database
from store.kept_keys import KeyAccess, OutsideKey, key_in_file, key_in_token
from store.key_formats import generate, private_der
from store.migrating import known_versions
from store.tables import (
    audit_forwardings,
    companies,
    deliveries,
    metadata,
    persons,
    roles,
    signing_keys,
    subscriptions,
)
from store.vault import Vault, generate_key
from tests.doctor.conftest import Look, levels, says
from tests.example import START, TERM_END, Example
from tests.softhsm import Token


def test_settings_in_good_order_are_said_to_be(look: Look) -> None:
    assert levels(look("Settings")) == {Level.OK}


def test_every_missing_setting_is_a_problem_of_its_own(look: Look) -> None:
    found = look("Settings", vendor="", operators_address="", slack_app_token="", master_keys="")
    assert levels(found) == {Level.PROBLEM}
    for name in ("VENDOR", "OPERATORS_ADDRESS", "SLACK_APP_TOKEN", "MASTER_KEYS"):
        assert f"LICENSE_DESK_{name} is missing" in says(found)


def test_what_is_missing_for_the_other_way_in_is_no_problem(look: Look) -> None:
    assert levels(look("Settings", mode="http", slack_app_token="")) == {Level.OK}
    assert levels(look("Settings", slack_signing_secret="")) == {Level.OK}


def test_a_database_of_this_version_is_well(look: Look) -> None:
    assert levels(look("Database")) == {Level.OK}


def test_a_sqlite_file_that_is_not_there_is_told_and_not_made(look: Look, tmp_path: Path) -> None:
    file = tmp_path / "nowhere.db"
    found = look("Database", database_url=f"sqlite:///{file}")
    assert levels(found) == {Level.PROBLEM}
    assert "license-desk migrate" in says(found)
    assert not file.exists()


def test_a_file_that_is_no_database_is_told(look: Look, tmp_path: Path) -> None:
    file = tmp_path / "letter.db"
    file.write_text("Dear Ana,\n" * 500, encoding="utf-8")
    found = look("Database", database_url=f"sqlite:///{file}")
    assert "does not answer (DatabaseError)" in says(found)


def test_a_database_that_was_never_set_up_is_told(look: Look, tmp_path: Path) -> None:
    empty = Database(f"sqlite:///{tmp_path / 'empty.db'}")
    with empty.write() as connection:
        connection.execute(text("CREATE TABLE other (id INTEGER)"))
    empty.close()
    assert "not set up yet" in says(look("Database", database_url=f"sqlite:///{tmp_path / 'empty.db'}"))


@pytest.mark.parametrize(
    ("version", "remedy"),
    [
        (known_versions()[0], "Make a backup, then run: license-desk migrate"),
        ("9999", "Update License Desk"),
    ],
    ids=["older", "newer"],
)
def test_a_database_of_another_version_is_told(
    look: Look, migrated: Database, version: str, remedy: str
) -> None:
    with migrated.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :version"), {"version": version})
    found = look("Database")
    assert levels(found) == {Level.PROBLEM}
    assert version in says(found)
    assert remedy in says(found)


def test_a_server_that_does_not_answer_is_told_without_its_password(look: Look) -> None:
    found = look("Database", database_url="postgresql+psycopg://desk:hush-hush@127.0.0.1:1/desk")
    assert "does not answer" in says(found)
    assert "127.0.0.1" in says(found)
    assert "hush" not in says(found)


def test_an_address_that_names_no_database_is_told(look: Look) -> None:
    for url in ("nonsense", "mongodb://desk/desk"):
        assert "names no database that can be used" in says(look("Database", database_url=url))


def test_without_a_database_slack_is_examined_all_the_same(look: Look, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'nowhere.db'}"
    assert levels(look("Slack", database_url=url)) == {Level.OK}
    assert look("Companies", database_url=url) == []


def test_the_active_key_opens(look: Look) -> None:
    assert levels(look("Keys")) == {Level.OK}


def test_signing_keys_that_no_master_key_opens_are_named(look: Look, migrated: Database) -> None:
    with migrated.read() as connection:
        kid = connection.execute(select(signing_keys.c.kid)).scalar_one()
    found = look("Keys", master_keys=generate_key())
    assert levels(found) == {Level.PROBLEM}
    assert kid in says(found)
    assert "LICENSE_DESK_MASTER_KEYS" in says(found)


def test_an_older_master_key_behind_the_newest_still_opens(look: Look, master_key: str) -> None:
    assert levels(look("Keys", master_keys=f"{generate_key()},{master_key}")) == {Level.OK}


def test_a_desk_without_an_active_key_is_told_how_to_make_one(look: Look, migrated: Database) -> None:
    with migrated.write() as connection:
        connection.execute(update(signing_keys).values(state="retired"))
    assert "license-desk keys init" in says(look("Keys"))


def test_a_private_part_under_another_name_is_told(look: Look, migrated: Database) -> None:
    with migrated.write() as connection:
        connection.execute(update(signing_keys).values(kid="somebody-else"))
    assert "somebody-else is another key's" in says(look("Keys"))


def test_a_key_in_a_file_signs_until_the_file_is_gone(
    look: Look, migrated: Database, master_key: str, tmp_path: Path
) -> None:
    file = tmp_path / "signing.key"
    file.write_bytes(private_der(generate("ES256")))
    file.chmod(0o600)
    _keep_in(migrated, master_key, key_in_file(file, KeyAccess()))
    assert levels(look("Keys")) == {Level.OK}
    file.chmod(0o644)
    assert f"cannot sign. The key file {file} may be read or written by every user" in says(look("Keys"))
    file.unlink()
    assert f"cannot sign. The key file {file} cannot be read (No such file" in says(look("Keys"))


def test_a_key_in_a_token_signs_until_the_token_is_away(
    look: Look, migrated: Database, master_key: str, token: Token
) -> None:
    token.make_pair("licenses")
    _keep_in(migrated, master_key, key_in_token("licenses", token.access))
    assert levels(look("Keys", **token.settings)) == {Level.OK}
    with token.away():
        assert f"The PKCS #11 token {token.label} does not answer" in says(look("Keys", **token.settings))
    assert "LICENSE_DESK_KEY_TOKEN_MODULE" in says(look("Keys"))


def _keep_in(database: Database, master_key: str, outside: OutsideKey) -> None:
    """Let the active key be one that is kept outside the database."""
    with database.write() as connection:
        following = keys.add(connection, Vault([master_key]), START, outside=outside)
        keys.activate(connection, following.kid, START)


def test_companies_with_a_single_admin_or_none_are_named(
    look: Look, migrated: Database, example: Example
) -> None:
    assert "Acme Logistics has a single active admin" in says(look("Companies"))
    with migrated.write() as connection:
        connection.execute(update(persons).where(persons.c.id == example.eva).values(active=False))
    found = look("Companies")
    assert levels(found) == {Level.WARNING}
    assert "Acme Logistics has no active admin" in says(found)


def test_two_active_admins_are_enough(look: Look, migrated: Database, example: Example) -> None:
    with migrated.write() as connection:
        for company, person in ((example.acme, example.tom), (example.globex_company, example.otto)):
            admin = {"role": "company_admin", "company_id": company, "person_id": person, "held_from": START}
            connection.execute(insert(roles).values(admin))
    assert levels(look("Companies")) == {Level.OK}


def test_a_resting_admin_and_a_former_one_do_not_count(
    look: Look, migrated: Database, example: Example
) -> None:
    with migrated.write() as connection:
        held = {"role": "company_admin", "company_id": example.acme, "held_from": START}
        connection.execute(insert(roles).values(person_id=example.tom, state="resting", **held))
        connection.execute(insert(roles).values(person_id=example.rui, held_until=START, **held))
    assert "Acme Logistics has a single active admin" in says(look("Companies"))


def test_subscriptions_that_run_are_well(look: Look) -> None:
    assert levels(look("Subscriptions")) == {Level.OK}


def test_a_subscription_in_grace_is_told_with_its_last_day(look: Look) -> None:
    found = look("Subscriptions", now=TERM_END + timedelta(days=1))
    assert levels(found) == {Level.WARNING}
    assert "Acme Core of Acme Logistics ended on 31 Dec 2026 and is in grace until 14 Jan 2027" in says(found)


def test_a_subscription_that_ended_is_told(look: Look) -> None:
    found = look("Subscriptions", now=TERM_END + timedelta(days=15))
    assert "Globex Core of Globex ended on 31 Dec 2026; nothing is registered or delivered there" in says(
        found
    )
    assert "Acme Cloud" not in says(found)


def test_a_suspended_subscription_is_nothing_to_look_at(look: Look, migrated: Database) -> None:
    with migrated.write() as connection:
        connection.execute(update(subscriptions).values(state="suspended"))
    assert levels(look("Subscriptions", now=TERM_END + timedelta(days=15))) == {Level.OK}


def test_an_infrastructure_without_a_subscription_is_told(
    look: Look, migrated: Database, example: Example
) -> None:
    with migrated.write() as connection:
        gone = subscriptions.c.infrastructure_id == example.depot
        connection.execute(subscriptions.delete().where(gone))
    assert "Acme Depot of Acme Logistics has none" in says(look("Subscriptions"))


def _queue(database: Database, **values: object) -> None:
    delivery = {"kind": "notice", "facts": {}, "steps": {}, "lane": "person:1", "created_at": START}
    with database.write() as connection:
        connection.execute(insert(deliveries).values({**delivery, "due_at": START, **values}))


def test_a_delivery_that_is_overdue_is_a_problem(look: Look, migrated: Database) -> None:
    _queue(migrated, occasion="one")
    assert levels(look("Deliveries", now=START + timedelta(minutes=9))) == {Level.OK}
    found = look("Deliveries", now=START + timedelta(minutes=25))
    assert levels(found) == {Level.PROBLEM}
    assert "1 overdue, the oldest for 25 minutes" in says(found)


def test_deliveries_that_failed_within_a_week_are_counted_by_their_error(
    look: Look, migrated: Database
) -> None:
    for number in range(2):
        _queue(migrated, occasion=f"failed {number}", state="failed", error="user_disabled")
    found = look("Deliveries", now=START + timedelta(days=6))
    assert levels(found) == {Level.WARNING}
    assert "2 failed within a week (user_disabled)" in says(found)
    assert levels(look("Deliveries", now=START + timedelta(days=8))) == {Level.OK}


def test_people_who_were_refused_too_often_within_a_week_are_counted(
    look: Look, migrated: Database, example: Example
) -> None:
    assert levels(look("Refusals")) == {Level.OK}
    pause = {"person_id": example.ben, "began_at": START, "ends_at": START, "counts": {"right": 50}}
    with migrated.write() as connection:
        connection.execute(insert(tables.pauses), [pause, pause])

    found = look("Refusals", now=START + timedelta(days=6))

    assert levels(found) == {Level.WARNING}
    assert "somebody was refused too often 2 times within a week" in says(found)
    assert levels(look("Refusals", now=START + timedelta(days=8))) == {Level.OK}


def test_the_record_is_looked_at_only_where_it_is_forwarded(look: Look) -> None:
    assert look("Record") == []


def test_a_destination_of_the_record_that_is_away_is_a_problem(
    look: Look, migrated: Database, tmp_path: Path
) -> None:
    path = tmp_path / "audit.jsonl"
    with migrated.write() as connection:
        connection.execute(
            insert(audit_forwardings).values(destination="file", failed_since=START, error="Disk full")
        )
        connection.execute(insert(audit_forwardings).values(destination="syslog", sent_at=START))
    found = look(
        "Record", now=START + timedelta(minutes=90), audit_file=path, audit_syslog="tcp://siem.example:601"
    )
    assert [each.level for each in found] == [Level.PROBLEM, Level.OK]
    assert f"the file {path} has taken nothing for 90 minutes (Disk full)." in says(found)
    assert "Nothing is lost" in says(found)


def test_a_record_that_was_never_forwarded_is_told(look: Look, migrated: Database, tmp_path: Path) -> None:
    with migrated.write() as connection:
        audit.append(connection, audit.Entry(None, None, "schedule", "note", "desk", {}), START)
    found = look("Record", audit_file=tmp_path / "audit.jsonl")
    assert levels(found) == {Level.WARNING}
    assert "nothing was forwarded to the file" in says(found)


def test_nothing_in_the_database_is_changed(
    settings: Callable[..., Settings], migrated: Database, pauses: list[float]
) -> None:
    before = _content(migrated)
    assert list(examine(settings(), clock=present, pause=pauses.append))
    assert _content(migrated) == before


def _content(database: Database) -> dict[str, list[str]]:
    with database.read() as connection:
        return {
            table.name: sorted(map(repr, connection.execute(select(table))))
            for table in metadata.sorted_tables
        }


def test_of_many_findings_of_one_kind_the_first_are_told_and_the_others_counted() -> None:
    many = [warning("Contacts", f"{number} is away.", "Wait.") for number in range(MOST_NAMED + 7)]
    found = list(or_ok(many, ok("Contacts", "all here.")))
    assert len(found) == MOST_NAMED + 1
    assert found[-1].says == "7 more of this kind."
    assert found[-1].level is Level.WARNING


def test_a_problem_among_those_only_counted_still_counts_as_one() -> None:
    many = [warning("Contacts", "away.", "Wait.")] * MOST_NAMED + [problem("Contacts", "gone.", "Look.")]
    assert list(or_ok(many, ok("Contacts", "all here.")))[-1].level is Level.PROBLEM


def test_companies_that_share_an_admin_s_name_are_told_apart(look: Look, migrated: Database) -> None:
    with migrated.write() as connection:
        manager = {"account_manager_name": "Jo Park", "account_manager_email": "jo.park@meridian.example"}
        connection.execute(insert(companies).values(name="Initech", **manager))
    assert "Initech has no active admin" in says(look("Companies"))
