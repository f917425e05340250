"""The client for Slack's Web API, set up once for everything that calls Slack."""

from slack_sdk import WebClient

from bot.logs import slack_logger
from bot.settings import Settings

SLACK_TIMEOUT = 10
"""Seconds that one call to Slack may take."""


def web_client(settings: Settings) -> WebClient:
    """Make a client with the bot's token that tries each call once.

    The SDK's own retry would repeat any call whose answer was lost, `chat.postMessage` too, and post twice.
    """
    return WebClient(
        token=settings.slack_bot_token.get_secret_value(),
        base_url=settings.slack_api_url,
        timeout=SLACK_TIMEOUT,
        logger=slack_logger(),
        retry_handlers=[],
    )
