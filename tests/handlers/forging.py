"""Payloads made by hand, as somebody would send them who wants more than Slack's clients allow."""

import json
from collections.abc import Mapping
from typing import Any

from slack_bolt import App, BoltResponse

from bot.dispatch import BadPayload, Dispatcher, to_bolt
from bot.metrics import Metrics
from tests.example import WORKSPACE

Json = dict[str, Any]


class Forge:
    """Hands payloads to the app as if they had come from Slack, and gives the body of the answer."""

    def __init__(self, app: App) -> None:
        self.app = app
        self._way = Dispatcher(app, Metrics())

    def command(self, user: str, text: str, **more: str) -> Json:
        """A slash command."""
        body = {
            "command": "/license",
            "team_id": WORKSPACE,
            "user_id": user,
            "text": text,
            "channel_id": "D1",
        }
        return _read(self.answer(body | more))

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

    def event(self, event: Json, team: str = WORKSPACE) -> BoltResponse:
        """An event."""
        return self.answer({"type": "event_callback", "team_id": team, "event": event})

    def answer(self, payload: Mapping[str, Any]) -> BoltResponse:
        """Any payload, with the status of its answer; 400 for one that is turned away where requests come in."""
        try:
            return self._way.answer(to_bolt(dict(payload), {}))
        except BadPayload:
            return BoltResponse(status=400)


def _read(response: BoltResponse) -> Json:
    assert response.status == 200
    answer: Json = json.loads(response.body) if response.body else {}
    return answer
