"""The workflow step: a set-up that is only half done is found by what came of its runs."""

from datetime import timedelta

import pytest
from sqlalchemy import insert

from bot.doctoring.finding import Level
from handlers.workflow_steps import NO_PERSON, OLD_STEP
from store.database import Database
from store.tables import deliveries, workflow_steps
from tests.doctor.conftest import Look, levels, says
from tests.example import START


def ran(database: Database, execution: str = "Fx1", **more: object) -> None:
    with database.write() as connection:
        run = {"execution_id": execution, "run_at": START, **more}
        connection.execute(insert(workflow_steps).values(run))


def test_without_a_run_nothing_is_said(look: Look) -> None:
    assert look("Workflow step") == []


def test_runs_that_ended_are_well(look: Look, migrated: Database) -> None:
    ran(migrated, outcome="forwarded")

    assert levels(look("Workflow step")) == {Level.OK}


@pytest.mark.parametrize(
    ("refusal", "found"),
    [(OLD_STEP, "an unknown step, in 1 run"), (NO_PERSON, "nobody who asks, in 1 run")],
)
def test_a_step_that_is_declared_otherwise_is_told(
    look: Look, migrated: Database, refusal: str, found: str
) -> None:
    ran(migrated, refusal=refusal)

    assert levels(look("Workflow step")) == {Level.WARNING}
    assert found in says(look("Workflow step"))
    assert look("Workflow step", now=START + timedelta(days=8)) == []


def test_a_refusal_that_is_nobody_s_fault_is_no_trouble(look: Look, migrated: Database) -> None:
    ran(migrated, refusal="There is no such environment.")

    assert levels(look("Workflow step")) == {Level.OK}


def test_runs_that_slack_did_not_let_end_are_told(look: Look, migrated: Database) -> None:
    ran(migrated, outcome="forwarded")
    failed = {"kind": "step", "state": "failed", "error": "parameter_validation_failed"}
    facts = {"facts": {"step_id": 1}, "steps": {}, "created_at": START, "due_at": START}
    with migrated.write() as connection:
        connection.execute(insert(deliveries).values(occasion="step:1", lane="step:1", **failed, **facts))

    told = says(look("Workflow step"))

    assert "Slack did not let 1 run end within a week (parameter_validation_failed)." in told
    assert "A step in Workflow Builder" in told
