"""What Slack says of the app itself: it was removed, or its tokens work no longer."""

import structlog

from handlers.context import Context
from handlers.payloads import Body, event, part
from handlers.visitors import NOBODY
from store import identity

log = structlog.get_logger(__name__)


def uninstalled(context: Context, _body: Body) -> None:
    """The app was removed from the workspace."""
    _disconnect(context, "The app was removed from the workspace; install it again to go on")


def tokens_revoked(context: Context, body: Body) -> None:
    """Tokens were revoked; those of people are none of ours."""
    if part(event(body), "tokens").get("bot"):
        _disconnect(context, "The bot's token was revoked; install the app again to go on")


def _disconnect(context: Context, problem: str) -> None:
    workspace = context.identity().workspace_id
    log.error(problem, workspace=workspace)
    identity.disconnect(context.desk, NOBODY, workspace)
