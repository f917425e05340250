"""Methods about workflow steps: `functions.*`."""

from bot.sandbox import steps
from bot.sandbox.errors import ApiError
from bot.sandbox.web_api.call import Call, Json, Method


def _finished(call: Call, outcome: str, result: object) -> Json:
    executions = call.world.executions
    state = executions.get(call.text("function_execution_id"))
    if state is None:
        raise ApiError("function_execution_not_found")
    if state["outcome"] != "running":
        raise ApiError("execution_not_in_running_state")
    state |= {"outcome": outcome, "result": result}
    return {}


def _fit(call: Call, outputs: Json) -> bool:
    """Whether outputs are those that the step declares; a step that was begun without one declares none."""
    run = call.world.executions.get(call.text("function_execution_id"), {})
    step = call.world.app.functions.get(run.get("callback_id", ""))
    return step is None or not steps.misfits(step["output_parameters"], outputs, call.world.people)


def _complete_success(call: Call) -> Json:
    outputs = call.structure("outputs", "parameter_validation_failed")
    if not isinstance(outputs, dict) or not _fit(call, outputs):
        raise ApiError("parameter_validation_failed")
    return _finished(call, "success", outputs)


def _complete_error(call: Call) -> Json:
    return _finished(call, "error", call.text("error"))


METHODS = [
    Method("functions.completeSuccess", _complete_success, ("function_execution_id", "outputs")),
    Method("functions.completeError", _complete_error, ("function_execution_id", "error")),
]
