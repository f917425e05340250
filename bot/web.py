"""The client for Slack's Web API, set up once for everything that calls Slack, timed and counted."""

import re
import time
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.web import SlackResponse

from bot.logs import slack_logger
from bot.metrics import Metrics
from bot.settings import Settings

SLACK_TIMEOUT = 10
"""Seconds that one call to Slack may take."""
_CODE = re.compile(r"[a-z_]{1,60}", re.ASCII)


class DeskClient(WebClient):
    """A client that counts and times its calls. It tries each call once.

    The SDK's own retry would repeat any call whose answer was lost, `chat.postMessage` too, and post twice.
    """

    metrics: Metrics | None = None

    def api_call(self, api_method: str, **options: Any) -> SlackResponse:
        """Call `api_method`.

        Raises what the SDK raises: SlackApiError when Slack refuses, OSError or http.client.HTTPException when
        there is no whole answer.
        """
        started = time.perf_counter()
        outcome = "no_answer"
        try:
            response = super().api_call(api_method, **options)
            outcome = "ok"
        except SlackApiError as error:
            outcome = _code(error)
            raise
        finally:
            if self.metrics is not None:
                self.metrics.called(api_method, outcome, time.perf_counter() - started)
        return response


def web_client(settings: Settings, metrics: Metrics | None = None) -> DeskClient:
    """Make a client with the bot's token for the Slack of the settings; without `metrics` it counts nothing."""
    client = DeskClient(
        token=settings.slack_bot_token.get_secret_value(),
        base_url=settings.slack_api_url,
        timeout=SLACK_TIMEOUT,
        logger=slack_logger(),
        retry_handlers=[],
    )
    client.metrics = metrics
    return client


def _code(error: SlackApiError) -> str:
    # Where the answer is no JSON, the SDK puts all of it into the error.
    code = str(error.response.get("error", ""))
    return code if _CODE.fullmatch(code) else "garbled"
