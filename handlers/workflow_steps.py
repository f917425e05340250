"""The step *Request a license* of Workflow Builder: what a run asks for, in whose name, and how it ended.

Slack does not say who runs a workflow, and who builds it may name anybody. So a run may do what the person named
in it may do, and nothing comes of it but a request of that person, who is told, and a file for that person.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import structlog
from sqlalchemy import Connection

from handlers import choosing, phrases, words
from handlers.blocks.ids import Step
from handlers.blocks.text import escape, plain
from handlers.choosing import Found
from handlers.context import Context
from handlers.payloads import Body, Who, event, part, text
from handlers.request_form import REQUESTING
from handlers.requesting import not_found
from handlers.slack import failure_code, is_from_slack
from handlers.visitors import NOBODY, Visitor, identify, look_up
from store import workflow_requests
from store import workflow_steps as runs
from store.database import may_pass
from store.deliveries import Delivery
from store.desk import Actor, record_refusal
from store.request_views import items_of
from store.rules.errors import DeskError, Refusal
from store.rules.request_errors import NoEnvironmentChosen

_EXECUTION: Final = re.compile(r"[A-Za-z0-9]{1,64}")
_PERSON: Final = re.compile(r"[UW][A-Z0-9]{1,19}")
_INTENTION: Final = "ask_by_workflow"

OLD_STEP: Final = (
    "This step is not one of License Desk any more, so nothing was asked for. "
    "Put the step “Request a license” into the workflow in its place."
)
NO_PERSON: Final = (
    "The step does not say who asks, so nothing was asked for. In Workflow Builder, choose a person in the field "
    "“Person who asks”, such as the one who started the workflow."
)

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Run:
    """What one run of the step wants: by serial number or name, for a reason, for the person who asks."""

    execution_id: str
    who: Who
    environment: str
    reason: str


def step_run(context: Context, body: Body) -> None:
    """`function_executed`: ask in the name of the person in the step, once for each run."""
    happened = event(body)
    execution = text(happened, "function_execution_id")
    if not _EXECUTION.fullmatch(execution):
        log.warning("Slack ran a step without naming the run")
        return
    with context.desk.database.read() as connection:
        if runs.is_known(connection, execution):
            return
    run = _read(body, execution)
    if text(part(happened, "function"), "callback_id") != Step.REQUEST:
        _refuse(context, run, OLD_STEP)
    elif not _PERSON.fullmatch(run.who.slack_id):
        _refuse(context, run, NO_PERSON)
    else:
        _begin(context, run)


def ending(connection: Connection, delivery: Delivery) -> dict[str, Any]:
    """How a run ended, as Slack is told: `function_execution_id`, and `outputs` or else `error`."""
    ended = runs.ended(connection, delivery)
    run = {"function_execution_id": ended.execution_id}
    if ended.item_id is None:
        return {**run, "error": ended.refusal}
    [item] = items_of(connection, [ended.item_id])
    if ended.outcome == runs.UNDELIVERED:
        name = escape(plain(item.environment.slot_name, phrases.LONGEST_NAME))
        said = f"{item.number}: Slack did not take the license file of {name}. Ask the operators for help."
        return {**run, "error": said}
    outputs = {"state": ended.outcome}
    if item.decider and item.decider.slack_id:
        outputs["decider"] = item.decider.slack_id
    return {**run, "outputs": outputs}


def _read(body: Body, execution: str) -> Run:
    inputs, workspace = part(event(body), "inputs"), text(body, "team_id")
    who = Who(_typed(inputs, "person"), workspace, workspace)
    return Run(execution, who, _typed(inputs, "environment"), _typed(inputs, "reason"))


def _typed(inputs: Body, name: str) -> str:
    """A field of the step; whoever builds a workflow may put anything into it."""
    found = inputs.get(name)
    return found.strip() if isinstance(found, str) else ""


def _begin(context: Context, run: Run) -> None:
    try:
        visitor = identify(context, run.who)
    except Refusal as refusal:
        _refused(context, run, refusal)
        return
    if visitor is None:
        context.later.submit(
            lambda: _meet(context, run), lambda error: _refuse(context, run, _not_met(error))
        )
    else:
        _ask(context, run, visitor)


def _meet(context: Context, run: Run) -> None:
    """Ask Slack about somebody never seen, and go on."""
    try:
        visitor = look_up(context, run.who)
    except Refusal as refusal:
        _refused(context, run, refusal)
    else:
        _ask(context, run, visitor)


def _not_met(error: Exception) -> str:
    log.warning("A person in a workflow step could not be looked up", code=failure_code(error))
    return words.NOT_CHECKED if is_from_slack(error) else words.unforeseen(error)


def _ask(context: Context, run: Run, visitor: Visitor) -> None:
    actor = Actor(visitor.person.id, runs.WORKFLOW)
    try:
        registration_id = _registration(visitor, run.environment)
        if isinstance(registration_id, str):
            _refuse(context, run, registration_id)
            return
        workflow_requests.ask_by_workflow(context.desk, actor, run.execution_id, registration_id, run.reason)
    except DeskError as error:
        _refused(context, run, error, actor)
    except Exception as error:
        # The outermost edge: the workflow would wait for ever. While the database is away, Slack sends it again.
        if may_pass(error):
            raise
        _refuse(context, run, words.unforeseen(error))


def _registration(visitor: Visitor, typed: str) -> int | str:
    """The registration that the step names, or why it is not clear which one."""
    if not typed:
        raise NoEnvironmentChosen
    with visitor.read() as connection:
        found = choosing.exactly(choosing.by_words(connection, visitor, REQUESTING, typed), typed)
    if len(found) == 1:
        return found[0].registration.id
    return _several(found, typed) if found else str(not_found(typed).message["text"])


def _several(found: Sequence[Found], typed: str) -> str:
    name = escape(plain(typed, phrases.LONGEST_NAME))
    return (
        f"{len(found)} environments are called “{name}”, so nothing was asked for. "
        "Give the serial number in place of the name."
    )


def _refused(context: Context, run: Run, error: DeskError, actor: Actor = NOBODY) -> None:
    if isinstance(error, Refusal):
        record_refusal(context.desk, actor, error, _INTENTION)
        context.counting.refused(type(error))
    # Where Slack shows it, it is not known whether marks have a meaning there.
    _refuse(context, run, escape(words.at_field(error, context.desk.policy)))


def _refuse(context: Context, run: Run, sentence: str) -> None:
    workflow_requests.refuse_step(context.desk, NOBODY, run.execution_id, sentence)
