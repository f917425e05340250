"""What goes wrong in the sandbox: at the app's side, at the person's side, in its configuration."""

from typing import Any


class ApiError(Exception):
    """A Web API call that Slack would answer with `"ok": false`.

    `code` is one of the codes that Slack documents for the method or for all methods; `facts` are further
    members of the answer, for example `needed` and `provided`.
    """

    def __init__(self, code: str, **facts: Any) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts

    @classmethod
    def explained(cls, code: str, problems: list[str]) -> "ApiError":
        """An error whose reasons stand in `response_metadata.messages`, as Slack words them."""
        return cls(code, response_metadata={"messages": [f"[ERROR] {problem}" for problem in problems]})


class Refused(Exception):
    """Something a person cannot do in Slack's own client, or a control call that makes no sense; says why."""


class ConfigRefused(ValueError):
    """The description of a workspace cannot be used; names the place and what is wrong there."""
