"""Methods about workflow steps: `functions.*`."""

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


def _complete_success(call: Call) -> Json:
    outputs = call.structure("outputs", "parameter_validation_failed")
    if not isinstance(outputs, dict):
        raise ApiError("parameter_validation_failed")
    return _finished(call, "success", outputs)


def _complete_error(call: Call) -> Json:
    return _finished(call, "error", call.text("error"))


METHODS = [
    Method("functions.completeSuccess", _complete_success, ("function_execution_id", "outputs")),
    Method("functions.completeError", _complete_error, ("function_execution_id", "error")),
]
