"""Bulk registration: every rule of registering for each row, on both databases."""

from datetime import timedelta

import pytest
from sqlalchemy import event, func, insert, select, update

from store import audit_check, bulk, bulk_results, bulk_telling, registrations, tables
from store.bulk import Report
from store.bulk_wishes import Result
from store.desk import Actor, Desk
from store.rules.errors import DeskError
from store.rules.registration_errors import (
    CloudNeedsNothing,
    SerialElsewhere,
    SerialInOtherSlot,
    SlotTaken,
    Suspended,
    VersionDiffers,
    VersionNotEntitled,
)
from store.rules.seeing_errors import NoRight, NotAssociated
from store.rules.serials import SerialMalformed
from store.rules.sheet_errors import (
    CellMissing,
    CellsTooMany,
    InfrastructureUnclear,
    InfrastructureUnknown,
    NoSlotLeft,
    SerialRepeated,
    SlotOfOtherType,
    SlotRepeated,
    SlotUnknown,
    TypeUnknown,
)
from store.rules.sheets import Row
from store.rules.versions import VersionMalformed
from tests.conftest import Clock
from tests.example import Example, serial
from tests.store.test_races import at_once

VERSION = "11.17.0"


def row(line: int, number: int, slot: str = "", kind: str = "Production", place: str = "Acme Core") -> Row:
    return Row(line, place, kind, slot, serial(number), VERSION)


def rows(many: int) -> list[Row]:
    return [row(number + 1, number) for number in range(1, many + 1)]


def register(desk: Desk, person: int, *given: Row, key: str = "run") -> Report:
    return bulk.register(desk, Actor(person), given, key)


def results(report: Report) -> list[str]:
    return [str(each.result) for each in report.outcomes]


def errors(report: Report) -> list[type[DeskError] | None]:
    return [type(each.error) if each.error else None for each in report.outcomes]


def opened(desk: Desk) -> list[tuple[str, str]]:
    """Which slots are registered in, with their serial numbers."""
    query = (
        select(tables.slots.c.name, tables.registrations.c.serial)
        .join(tables.slots, tables.slots.c.id == tables.registrations.c.slot_id)
        .where(tables.registrations.c.state == "open")
        .order_by(tables.registrations.c.id)
    )
    with desk.database.read() as connection:
        return [tuple(each) for each in connection.execute(query)]


def notices(desk: Desk, name: str = "bulk_registered") -> list[int | None]:
    query = select(tables.deliveries.c.person_id).where(tables.deliveries.c.notice == name)
    with desk.database.read() as connection:
        return list(connection.execute(query).scalars())


def actions(desk: Desk) -> list[str]:
    with desk.database.read() as connection:
        return list(connection.execute(select(tables.audit_entries.c.action)).scalars())


def add_slots(desk: Desk, infrastructure: int, many: int) -> None:
    made = [
        {"infrastructure_id": infrastructure, "environment_type": "production", "name": f"More {number:05}"}
        for number in range(many)
    ]
    with desk.database.write() as connection:
        connection.execute(insert(tables.slots), made)


def test_rows_get_the_next_free_slots_or_the_one_they_name(desk: Desk, example: Example) -> None:
    code = "AC1.K7Q.2MX.9PL.4RT.8WZ.3VB.6NC"
    report = register(
        desk,
        example.ben,
        row(2, 1),
        row(3, 2, slot="Prod 1"),
        row(4, 3, kind="non_production", place=code.lower()),
        row(5, 4, place="ACME CORE"),
    )

    assert results(report) == ["registered"] * 4
    assert {each.row.line: each.slot_name for each in report.outcomes} == {
        2: "Prod 2",
        3: "Prod 1",
        4: "Quality 1",
        5: "Prod 3",
    }
    assert dict(opened(desk))["Prod 1"] == serial(2)


def test_each_registration_is_recorded_by_itself(desk: Desk, example: Example) -> None:
    register(desk, example.ben, *rows(3))

    assert actions(desk).count("register") == 3
    with desk.database.read() as connection:
        assert list(audit_check.verify(connection)) == []
        query = select(tables.audit_entries.c.subject, tables.audit_entries.c.facts)
        subject, facts = connection.execute(query.order_by(tables.audit_entries.c.id).limit(1)).one()
    assert subject == f"slot {example.production[0]}"
    assert (facts["serial"], facts["version"]) == (serial(1), VERSION)


def test_the_same_rows_again_are_the_same_answer(desk: Desk, example: Example) -> None:
    register(desk, example.ben, *rows(2))
    before = opened(desk)

    report = register(desk, example.ben, *rows(2), key="another")

    assert results(report) == ["again", "again"]
    assert [each.slot_name for each in report.outcomes] == ["Prod 1", "Prod 2"]
    assert opened(desk) == before
    assert actions(desk).count("register") == 2


def test_rows_that_are_fine_are_registered_beside_others(desk: Desk, example: Example) -> None:
    report = register(desk, example.ben, *rows(5))

    assert results(report) == ["registered"] * 3 + ["wrong"] * 2
    assert errors(report)[3:] == [NoSlotLeft, NoSlotLeft]
    assert len(opened(desk)) == 3


def test_all_or_nothing_registers_nothing_when_one_row_is_wrong(desk: Desk, example: Example) -> None:
    report = bulk.register_all(desk, Actor(example.ben), [*rows(2), row(9, 3, slot="Prod 9")], "run")

    assert not report.done
    assert errors(report) == [None, None, SlotUnknown]
    assert opened(desk) == []
    assert notices(desk) == []


def test_all_or_nothing_registers_all(desk: Desk, example: Example) -> None:
    report = bulk.register_all(desk, Actor(example.ben), rows(3), "run")

    assert report.done
    assert len(opened(desk)) == 3
    assert notices(desk) == [example.rui]


def test_a_look_writes_nothing_and_says_the_same(desk: Desk, example: Example) -> None:
    given = [*rows(4), row(8, 9, slot="Prod 9")]

    looked = bulk.check(desk, Actor(example.ben), given)

    assert not looked.done
    assert opened(desk) == []
    assert actions(desk) == []
    done = register(desk, example.ben, *given)
    assert [(each.result, each.slot_name) for each in looked.outcomes] == [
        (each.result, each.slot_name) for each in done.outcomes
    ]


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        (Row(2, "", "Production", "", serial(1), VERSION), CellMissing),
        (Row(2, "Acme Core", "Staging", "", serial(1), VERSION), TypeUnknown),
        (Row(2, "Acme Core", "Production", "", "ABC", VERSION), SerialMalformed),
        (Row(2, "Acme Core", "Production", "", serial(1), "new"), VersionMalformed),
        (Row(2, "Acme Core", "Production", "", serial(1), "12.1.0"), VersionNotEntitled),
        (Row(2, "Acme Core", "Production", "", serial(1), VERSION, surplus=True), CellsTooMany),
        (row(2, 1, place="Nowhere"), InfrastructureUnknown),
        (row(2, 1, place="Globex Core"), InfrastructureUnknown),
        (row(2, 1, slot="Prod 9"), SlotUnknown),
        (row(2, 1, slot="Quality 1"), SlotOfOtherType),
        (row(2, 1, slot="Prod 3"), SlotTaken),
        (row(2, 90), SerialElsewhere),
        (row(2, 91, kind="Non-production"), SerialInOtherSlot),
        (row(2, 91, slot="Prod 1"), SerialInOtherSlot),
        (Row(2, "Acme Core", "Production", "", serial(91), "11.16.0"), VersionDiffers),
    ],
)
def test_each_rule_of_registering_holds_for_each_row(
    desk: Desk, example: Example, wrong: Row, error: type[DeskError]
) -> None:
    registrations.register(desk, Actor(example.otto), example.globex_production[0], serial(90), VERSION)
    registrations.register(desk, Actor(example.rui), example.production[2], serial(91), VERSION)

    report = register(desk, example.ben, wrong, row(3, 50))

    assert errors(report) == [error, None]
    assert len(opened(desk)) == 3


def test_auditors_register_nothing(desk: Desk, example: Example) -> None:
    assert errors(register(desk, example.max, row(2, 1))) == [NoRight]


def test_somebody_without_a_role_is_told_so(desk: Desk, example: Example) -> None:
    with desk.database.write() as connection:
        of_otto = update(tables.roles).where(tables.roles.c.person_id == example.otto)
        connection.execute(of_otto.values(held_until=desk.clock()))

    with pytest.raises(NotAssociated):
        register(desk, example.otto, row(2, 1))


def test_a_cloud_needs_nothing(desk: Desk, example: Example) -> None:
    assert errors(register(desk, example.eva, row(2, 1, place="Acme Cloud"))) == [CloudNeedsNothing]


def test_a_suspended_subscription_takes_no_row(desk: Desk, example: Example) -> None:
    with desk.database.write() as connection:
        connection.execute(update(tables.subscriptions).values(state="suspended"))

    assert errors(register(desk, example.ben, *rows(2))) == [Suspended, Suspended]
    assert actions(desk) == ["refused:register"]


def test_duplicates_within_the_table_name_the_first_line(desk: Desk, example: Example) -> None:
    report = register(
        desk,
        example.ben,
        row(2, 1),
        row(3, 1),
        row(4, 2, slot="Prod 2"),
        row(5, 3, slot="Prod 2"),
    )

    repeated = [each.error for each in report.outcomes if each.error]
    assert errors(report) == [None, SerialRepeated, None, SlotRepeated]
    assert [getattr(each, "line", 0) for each in repeated] == [2, 4]


def test_one_name_in_two_companies_needs_the_activation_code(desk: Desk, example: Example) -> None:
    with desk.database.write() as connection:
        globex = update(tables.infrastructures).where(tables.infrastructures.c.id == example.globex)
        connection.execute(globex.values(name="Acme Core"))

    assert errors(register(desk, example.olga, row(2, 1))) == [InfrastructureUnclear]
    assert errors(register(desk, example.ben, row(2, 1))) == [None]


def test_it_is_told_once_for_each_person_and_infrastructure(desk: Desk, example: Example) -> None:
    add_slots(desk, example.core, 600)

    register(desk, example.eva, *rows(600), row(900, 900, place="Acme Depot"))

    assert sorted(notices(desk), key=str) == sorted([example.rui, example.tom], key=str)
    with desk.database.read() as connection:
        due = connection.execute(select(func.max(tables.deliveries.c.due_at))).scalar_one()
        begun = desk.clock() - timedelta(minutes=1)
        assert bulk_telling.registered_since(connection, example.core, example.eva, begun) == 600
    assert due == desk.clock()


def test_those_who_were_told_too_little_by_a_run_that_was_killed_are_told_later(
    desk: Desk, example: Example
) -> None:
    def killed(done: int) -> None:
        if done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        bulk.register(desk, Actor(example.ben), rows(3), "run", killed)

    with desk.database.read() as connection:
        [due] = connection.execute(select(tables.deliveries.c.due_at)).scalars()
    assert due == desk.clock() + timedelta(minutes=10)
    assert len(opened(desk)) == 3


def test_operators_learn_of_serial_numbers_of_others(desk: Desk, example: Example) -> None:
    registrations.register(desk, Actor(example.otto), example.globex_production[0], serial(90), VERSION)

    register(desk, example.ben, row(2, 90))

    assert notices(desk, "foreign_serial") == [example.olga]
    assert actions(desk).count("refused:register") == 1


def test_a_table_of_many_rows_takes_few_statements(desk: Desk, example: Example) -> None:
    add_slots(desk, example.core, 1000)
    sent: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        sent.append(statement)

    event.listen(desk.database.engine, "before_cursor_execute", note)
    report = register(desk, example.ben, *rows(1000))
    event.remove(desk.database.engine, "before_cursor_execute", note)

    assert report.count(Result.REGISTERED) == 1000
    assert len(sent) < 300


def test_two_who_hand_in_the_same_table_at_once_register_it_once(desk: Desk, example: Example) -> None:
    add_slots(desk, example.core, 300)
    given = rows(300)

    answers = at_once(
        [
            lambda: bulk.register(desk, Actor(example.ben), given, "one"),
            lambda: bulk.register(desk, Actor(example.rui), given, "two"),
        ]
    )

    reports = [each for each in answers if isinstance(each, Report)]
    assert [each.count(Result.WRONG) for each in reports] == [0, 0]
    assert sum(each.count(Result.REGISTERED) for each in reports) == 300
    assert sorted(number for _, number in opened(desk)) == sorted(each.serial for each in given)


def test_two_tables_for_the_last_slots_never_share_one(desk: Desk, example: Example) -> None:
    answers = at_once(
        [
            lambda: bulk.register(desk, Actor(example.ben), rows(2), "one"),
            lambda: bulk.register(desk, Actor(example.rui), [row(2, 11), row(3, 12)], "two"),
        ]
    )

    reports = [each for each in answers if isinstance(each, Report)]
    assert sum(each.count(Result.REGISTERED) for each in reports) == 3
    assert len({name for name, _ in opened(desk)}) == 3


def test_a_result_is_sent_once_and_kept_for_a_month(desk: Desk, example: Example, clock: Clock) -> None:
    actor = Actor(example.ben)
    for _ in range(2):
        bulk_results.send(desk, actor, "form", b"table", {"registered": 1}, done=True)

    assert notices(desk, "bulk_result") == [example.ben]
    with desk.database.read() as connection:
        assert bulk_results.content_of(connection, example.ben, "form") == b"table"
        assert bulk_results.content_of(connection, example.ana, "form") is None

    clock.advance(timedelta(days=31))
    bulk_results.send(desk, actor, "later", b"table", {}, done=True)
    with desk.database.read() as connection:
        assert bulk_results.content_of(connection, example.ben, "form") is None
