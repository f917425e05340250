"""Requests through a workflow, on both databases: one effect, and an end for every run whatever happens when."""

from functools import partial
from threading import Thread

import pytest
from sqlalchemy import select, text

from store import decisions, withdrawals, workflow_steps
from store.desk import Act, Actor, Desk, intention
from store.rules.request_errors import ReasonMissing
from store.tables import deliveries, request_items
from store.tables import requests as request_rows
from store.tables import workflow_steps as runs
from store.workflow_requests import ask_by_workflow, refuse_step
from store.workflow_steps import WORKFLOW
from tests.example import Example
from tests.store.requesting import ask, count, make_key, registered, seen
from tests.store.test_races import at_once


def run(desk: Desk, person: int, registration: int, execution: str = "Fx1", reason: str = "upgrade") -> None:
    ask_by_workflow(desk, Actor(person, WORKFLOW), execution, registration, reason)


def running(desk: Desk, person: int, registration: int, execution: str = "Fx1") -> str:
    """The same for a thread, which has to give an answer."""
    run(desk, person, registration, execution)
    return "done"


def told(desk: Desk) -> int:
    """How many runs Slack is to be told the end of."""
    with desk.database.read() as connection:
        return len(connection.execute(select(deliveries.c.id).where(deliveries.c.kind == "step")).all())


def outcomes(desk: Desk) -> list[str | None]:
    with desk.database.read() as connection:
        return list(connection.execute(select(runs.c.outcome).order_by(runs.c.id)).scalars())


def made(desk: Desk) -> int:
    with desk.database.read() as connection:
        return int(connection.execute(select(request_rows.c.id)).scalar_one())


def item(desk: Desk) -> int:
    with desk.database.read() as connection:
        return int(connection.execute(select(request_items.c.id)).scalar_one())


def test_the_request_and_its_run_are_made_together(desk: Desk, example: Example) -> None:
    run(desk, example.ana, registered(desk, example.ben, example.quality[0]))

    assert (count(desk, request_rows), outcomes(desk), told(desk)) == (1, [None], 0)
    assert seen(desk, made(desk)).through_workflow


def test_a_run_that_is_refused_leaves_nothing(desk: Desk, example: Example) -> None:
    registration = registered(desk, example.ben, example.quality[0])

    with pytest.raises(ReasonMissing):
        run(desk, example.ana, registration, reason=" ")

    assert (count(desk, request_rows), count(desk, runs)) == (0, 0)


def test_the_same_run_many_times_at_once_is_one_request(desk: Desk, example: Example) -> None:
    registration = registered(desk, example.ben, example.quality[0])

    answers = at_once([partial(running, desk, example.ana, registration)] * 6)

    assert answers == ["done"] * 6
    assert (count(desk, request_rows), count(desk, runs)) == (1, 1)


def test_a_run_of_somebody_who_takes_files_directly_makes_one_request(desk: Desk, example: Example) -> None:
    registration = registered(desk, example.ben, example.quality[0])

    at_once([partial(running, desk, example.rui, registration)] * 4)

    assert (count(desk, request_rows), outcomes(desk)) == (1, [None])


def test_several_runs_that_wait_for_one_request_all_go_on(desk: Desk, example: Example) -> None:
    make_key(desk)
    registration = registered(desk, example.ben, example.quality[0])
    for execution in ("Fx1", "Fx2", "Fx3"):
        run(desk, example.ana, registration, execution)

    decisions.forward(desk, Actor(example.rui), made(desk))

    assert (count(desk, request_rows), outcomes(desk), told(desk)) == (1, ["forwarded"] * 3, 3)


def test_an_end_is_told_once(desk: Desk, example: Example) -> None:
    run(desk, example.ana, registered(desk, example.ben, example.quality[0]))
    withdrawals.withdraw(desk, Actor(example.ana), item(desk))

    @intention
    def again(act: Act) -> None:
        workflow_steps.end_steps(act, [item(desk)], "expired")

    again(desk, Actor(None))

    assert (outcomes(desk), told(desk)) == (["withdrawn"], 1)


def test_a_refusal_is_told_once(desk: Desk, example: Example) -> None:
    for _ in range(3):
        refuse_step(desk, Actor(None), "Fx1", "No.")

    assert (count(desk, runs), told(desk)) == (1, 1)


def test_a_request_that_was_made_is_not_refused_afterwards(desk: Desk, example: Example) -> None:
    run(desk, example.ana, registered(desk, example.ben, example.quality[0]))

    refuse_step(desk, Actor(None), "Fx1", "No.")

    assert (outcomes(desk), told(desk)) == ([None], 0)


@pytest.mark.parametrize("round_number", range(5))
def test_a_run_that_joins_a_request_as_it_is_decided_goes_on_all_the_same(
    desk: Desk, example: Example, round_number: int
) -> None:
    make_key(desk)
    registration = registered(desk, example.ben, example.quality[0], round_number + 1)
    request_id = ask(desk, example.ana, registration).request_id
    assert request_id

    at_once(
        [
            partial(running, desk, example.ana, registration),
            partial(decisions.decline, desk, Actor(example.rui), request_id, None, "no"),
        ]
    )

    # Either it joined and was ended, or it came after the decision and asked anew.
    waiting = requests_pending(desk)
    assert outcomes(desk) == (["declined"] if not waiting else [None])


def requests_pending(desk: Desk) -> int:
    with desk.database.read() as connection:
        return len(
            connection.execute(select(request_items.c.id).where(request_items.c.state == "pending")).all()
        )


# On SQLite there is one writer at a time.
@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_run_that_joins_while_the_decision_is_not_yet_committed_waits_for_it(
    desk: Desk, example: Example
) -> None:
    registration = registered(desk, example.ben, example.quality[0])
    ask(desk, example.ana, registration)
    joining = Thread(target=run, args=(desk, example.ana, registration))
    with desk.database.write() as connection:
        connection.execute(text("UPDATE request_items SET state = 'withdrawn'"))
        joining.start()
        waiting = text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
        with desk.database.read() as other:
            while not other.execute(waiting).scalar_one():
                joining.join(0.01)
    joining.join()

    assert outcomes(desk) == ["withdrawn"]
    assert told(desk) == 1
