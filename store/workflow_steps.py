"""Workflow steps: runs of the step *Request a license*, each of which Slack is told the end of once.

A run waits for one item of a request, or was refused and asked for nothing. Its end is a delivery, queued in
the transaction that settles the item.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, select, update

from store.deliveries import Delivery, queue
from store.desk import Act
from store.once import insert_once
from store.rules.request_states import ItemState
from store.tables import request_items, workflow_steps

WORKFLOW: Final = "workflow"
"""From where somebody acts in whose name a workflow asks."""
DELIVERED: Final = "delivered"
"""The outcome of a file that was taken directly and has arrived."""
UNDELIVERED: Final = "undelivered"
"""The outcome of a file that was taken directly and could not be delivered."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How a run ended: the state of its item, `DELIVERED` or `UNDELIVERED`; or the words of its refusal."""

    execution_id: str
    item_id: int | None
    outcome: str | None
    refusal: str | None


def is_known(connection: Connection, execution_id: str) -> bool:
    """Whether this run was seen before, as when Slack sends it again."""
    query = select(workflow_steps.c.id).where(workflow_steps.c.execution_id == execution_id)
    return connection.execute(query).first() is not None


def wait_for(act: Act, execution_id: str, item_id: int) -> None:
    """Let a run wait for an item that is pending, or whose file is on its way."""
    run = {"execution_id": execution_id, "item_id": item_id, "run_at": act.now}
    insert_once(act.connection, workflow_steps, run)
    # Who decides the item at this moment may not have seen the run; this waits for them, and then ends it itself.
    item = select(request_items.c.state).where(request_items.c.id == item_id).with_for_update(read=True)
    state = ItemState(act.connection.execute(item).scalar_one())
    if state not in {ItemState.PENDING, ItemState.DIRECT}:
        end_steps(act, [item_id], str(state))


def refuse(act: Act, execution_id: str, words: str) -> None:
    """End a run that asked for nothing, unless it is known; `words` say why."""
    run = {"execution_id": execution_id, "run_at": act.now, "refusal": words}
    if insert_once(act.connection, workflow_steps, run):
        query = select(workflow_steps.c.id).where(workflow_steps.c.execution_id == execution_id)
        _queue(act, act.connection.execute(query).scalar_one())


def end_steps(act: Act, item_ids: Collection[int], outcome: str) -> None:
    """End the runs that wait for these items."""
    waiting = (workflow_steps.c.item_id.in_(item_ids), workflow_steps.c.outcome.is_(None))
    ended = update(workflow_steps).where(*waiting).values(outcome=outcome).returning(workflow_steps.c.id)
    for step_id in sorted(act.connection.execute(ended).scalars()):
        _queue(act, step_id)


def ended(connection: Connection, delivery: Delivery) -> Ended:
    """How the run of a delivery ended."""
    columns = (workflow_steps.c[name] for name in Ended.__slots__)
    query = select(*columns).where(workflow_steps.c.id == delivery.facts["step_id"])
    return Ended(*connection.execute(query).one())


def _queue(act: Act, step_id: int) -> None:
    queue(act, "step", occasion=f"step:{step_id}", lane=f"step:{step_id}", facts={"step_id": step_id})
