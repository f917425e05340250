"""The Slack app: its tokens, the workspace that they belong to, and the scopes that were granted."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from bot import scopes
from bot.doctoring.asking import Asking, NoAnswer, Said, SlackFailed
from bot.doctoring.examined import Connected, Examined
from bot.doctoring.finding import Finding, ok, problem, warning
from bot.settings import Settings
from store import identity

SUBJECT = "Slack"
_APP_OF_TOKEN = re.compile(r"xapp-\d+-(A[A-Z0-9]+)-")


@dataclass(frozen=True, slots=True)
class Seen:
    """What was found about the tokens; `said` is Slack's answer to the bot token, heard at `heard_at`."""

    findings: tuple[Finding, ...]
    connected: Connected | None = None
    said: Said | None = None
    heard_at: datetime | None = None


def check(settings: Settings, slack: Asking, clock: Callable[[], datetime]) -> Seen:
    """Ask Slack with each token that is set; one that is missing is told with the settings."""
    if not settings.slack_bot_token.get_secret_value():
        return Seen(())
    try:
        said = slack.ask("auth.test")
    except SlackFailed as failed:
        return Seen((_refused(failed, "bot token", "LICENSE_DESK_SLACK_BOT_TOKEN", "xoxb"),))
    heard_at = clock()
    connected = Connected(str(said.facts.get("team_id")), _granted(said))
    findings = (
        ok(SUBJECT, f"the bot token works, in the workspace {said.facts.get('team')}."),
        *_scopes(connected),
        *_app_token(settings, slack, said, connected),
    )
    return Seen(findings, connected, said, heard_at)


def workspace(examined: Examined, connected: Connected | None) -> Iterator[Finding]:
    """Compare the workspace of the bot token with the one that the database belongs to."""
    if connected is None:
        return
    with examined.database.read() as connection:
        known = identity.stored(connection)
    if known is not None and known.workspace_id != connected.workspace_id:
        yield problem(
            SUBJECT,
            f"the database belongs to the workspace {known.name} ({known.workspace_id}), "
            f"the bot token to {connected.workspace_id}.",
            "Check LICENSE_DESK_SLACK_BOT_TOKEN and LICENSE_DESK_DATABASE_URL: one of them is another desk's.",
        )


def _granted(said: Said) -> frozenset[str] | None:
    listed = said.headers.get("x-oauth-scopes")
    return None if listed is None else frozenset(filter(None, re.split(r"[,\s]+", listed)))


def _scopes(connected: Connected) -> Iterator[Finding]:
    if connected.scopes is None:
        yield warning(SUBJECT, "Slack did not tell the scopes of the bot token.", _COMPARE)
        return
    lacking = scopes.missing(connected.scopes)
    for each in lacking:
        yield problem(SUBJECT, f"the scope {each.name} is missing: {each.without}.", _REINSTALL)
    if not lacking:
        yield ok(SUBJECT, f"all {len(scopes.SCOPES)} scopes are granted.")


def _app_token(settings: Settings, slack: Asking, said: Said, connected: Connected) -> Iterator[Finding]:
    token = settings.slack_app_token.get_secret_value()
    if settings.mode != "socket" or not token:
        return
    try:
        # Slack makes an address that ends unused after a while; nothing is connected to it.
        slack.ask("apps.connections.open", token=token)
    except SlackFailed as failed:
        yield _refused(failed, "app token", "LICENSE_DESK_SLACK_APP_TOKEN", "xapp")
        return
    other = _other_app(slack, said, connected, token)
    if other:
        yield problem(SUBJECT, f"bot token and app token belong to different apps ({other}).", _SAME_APP)
    else:
        yield ok(SUBJECT, "the app token opens connections.")


def _other_app(slack: Asking, said: Said, connected: Connected, token: str) -> str:
    """Both apps' ids when they are known and differ."""
    of_token = _APP_OF_TOKEN.match(token)
    if of_token is None or not connected.may("users:read"):
        return ""
    try:
        bot = slack.ask("bots.info", bot=said.facts.get("bot_id")).facts.get("bot") or {}
    except SlackFailed:
        return ""  # Whatever is wrong with this look, the tokens themselves work.
    app_id = str(bot.get("app_id") or of_token[1])
    return "" if app_id == of_token[1] else f"{app_id} and {of_token[1]}"


def _refused(failed: SlackFailed, token: str, setting: str, begins: str) -> Finding:
    if isinstance(failed, NoAnswer):
        return problem(SUBJECT, f"did not answer when asked with the {token}.", _NO_ANSWER)
    return problem(
        SUBJECT, f"does not accept the {token} ({failed.code}).", _remedy(failed.code, setting, begins)
    )


def _remedy(code: str, setting: str, begins: str) -> str:
    if code == "missing_scope":
        return f"Give the app-level token the scope connections:write, or make a new one, and set {setting}."
    if code in {"account_inactive", "token_revoked"}:
        return f"Install the app in the workspace again, and put its new token ({begins}-…) into {setting}."
    return f"Copy the token ({begins}-…) from the app's page at https://api.slack.com/apps into {setting}."


_COMPARE = "Compare the app's page OAuth & Permissions with manifest.yml."
_REINSTALL = "Add it on the app's page OAuth & Permissions, and install the app in the workspace again."
_SAME_APP = "Take both tokens from the page of the same app at https://api.slack.com/apps."
_NO_ANSWER = "Check that this machine reaches the address in LICENSE_DESK_SLACK_API_URL, and ask again."
