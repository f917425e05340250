"""Payloads made by hand, as somebody would send them who wants more than Slack's clients allow."""

import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from slack_bolt import App, BoltRequest, BoltResponse

from bot.dispatch import Dispatcher
from bot.metrics import Metrics
from tests.example import WORKSPACE

Json = dict[str, Any]


class Forge:
    """Hands payloads to the app as if they had come from Slack, and gives the body of the answer."""

    def __init__(self, app: App) -> None:
        self._way = Dispatcher(app, Metrics())

    def command(self, user: str, text: str, **more: str) -> Json:
        """A slash command."""
        body = {
            "command": "/license",
            "team_id": WORKSPACE,
            "user_id": user,
            "text": text,
            "channel_id": "D1",
            **more,
        }
        return _read(self._way.answer(BoltRequest(body=urlencode(body), headers=_FORM)))

    def submission(
        self, user: str, callback_id: str, values: Json, metadata: str = "", **person: str
    ) -> Json:
        """A modal sent in, with whatever state and memory."""
        view = {"id": "V1", "type": "modal", "callback_id": callback_id, "private_metadata": metadata}
        return self.interaction(
            {
                "type": "view_submission",
                "team": {"id": WORKSPACE},
                "user": {"id": user, "team_id": WORKSPACE, **person},
                "view": {**view, "hash": "1", "state": {"values": values}},
            }
        )

    def interaction(self, payload: Json) -> Json:
        """Any interaction."""
        return _read(self.answer(payload))

    def answer(self, payload: Json) -> BoltResponse:
        """The same with its status."""
        body = urlencode({"payload": json.dumps(payload)})
        return self._way.answer(BoltRequest(body=body, headers=_FORM))

    def event(self, event: Json, team: str = WORKSPACE) -> BoltResponse:
        """An event."""
        body = {"type": "event_callback", "team_id": team, "event": event}
        return self._way.answer(BoltRequest(body=json.dumps(body), headers=_JSON))


_FORM: dict[str, str | Sequence[str]] = {"content-type": ["application/x-www-form-urlencoded"]}
_JSON: dict[str, str | Sequence[str]] = {"content-type": ["application/json"]}


def _read(response: BoltResponse) -> Json:
    assert response.status == 200
    answer: Json = json.loads(response.body) if response.body else {}
    return answer
