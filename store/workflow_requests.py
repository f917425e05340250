"""Requests that a workflow makes in somebody's name, with the rights of that person and nobody else's."""

from store import workflow_steps
from store.desk import Act, intention
from store.new_requests import hold_requester
from store.requests import ask_within
from store.telling import tell


@intention
def ask_by_workflow(act: Act, execution_id: str, registration_id: int, reason: str) -> None:
    """Ask for the license file of an environment in the actor's name, and let the run wait for its end.

    The same run again changes nothing. When the actor asked for it before and nobody has decided, the run waits
    for that. The actor is told, since whoever runs a workflow may name anybody. Raises what `ask` raises.
    """
    requester_id = hold_requester(act)
    if workflow_steps.is_known(act.connection, execution_id):
        return
    made = ask_within(act, [registration_id], reason, f"step:{execution_id}")
    [item] = made.direct or made.put or made.already_pending
    workflow_steps.wait_for(act, execution_id, item.id)
    if made.put:
        facts = {"request_id": made.request_id, "item_ids": [item.id]}
        tell(act, "asked_by_workflow", [requester_id], f"asked_by_workflow:{item.id}", **facts)


@intention
def refuse_step(act: Act, execution_id: str, words: str) -> None:
    """End a run that asked for nothing; `words` say why, and what to do next."""
    workflow_steps.refuse(act, execution_id, words)
