"""The approval channels: whether cards can be posted there."""

from collections.abc import Iterator, Mapping
from typing import Any

from bot.doctoring.asking import SlackFailed
from bot.doctoring.examined import Connected, Examined
from bot.doctoring.finding import Finding, ok, or_ok, problem, warning
from store import checkup
from store.checkup import ApprovalChannel

SUBJECT = "Approval channels"
_MOST_NAMES = 3


def check(examined: Examined, connected: Connected | None) -> Iterator[Finding]:
    """Look at each channel in Slack; without Slack nothing can be said."""
    if connected is None:
        return
    with examined.database.read() as connection:
        channels = checkup.approval_channels(connection, examined.most)
    yield from _of_operators(examined)
    looked = [(each, _look(examined, each)) for each in channels]
    yield from or_ok((found for _, found in looked if found), ok(SUBJECT, _well(len(channels))))
    if len(channels) == examined.most:
        yield warning(
            SUBJECT, f"only the first {len(channels):,} were looked at.", "Run: license-desk doctor --all"
        )


def _of_operators(examined: Examined) -> Iterator[Finding]:
    """Look at the channel in which operators are told, if one is set."""
    channel = examined.settings.operators_channel
    if not channel:
        return
    try:
        info = examined.slack.ask("conversations.info", channel=channel).facts.get("channel") or {}
    except SlackFailed as failed:
        says = f"could not be looked at ({failed.code})"
    else:
        says, _ = _state(info) or ("", "")
    if says:
        lost = "what is said there goes to each operator directly"
        yield problem(SUBJECT, f"the operators' channel {channel} {says}; {lost}.", _SET_OPERATORS)


def _well(number: int) -> str:
    return f"cards can be posted in {number:,} of {number:,}." if number else "no approval channel is set."


def _look(examined: Examined, channel: ApprovalChannel) -> Finding | None:
    try:
        info = examined.slack.ask("conversations.info", channel=channel.slack_id).facts.get("channel") or {}
    except SlackFailed as failed:
        return _unseen(channel, failed.code)
    found = _state(info)
    if found is None:
        return None
    says, remedy = found
    return _unusable(channel, f"#{info.get('name')} ({channel.slack_id})", says, remedy)


def _state(info: Mapping[str, Any]) -> tuple[str, str] | None:
    if info.get("is_archived"):
        return "is archived", "Unarchive it, or set another approval channel."
    if info.get("is_ext_shared") or info.get("is_pending_ext_shared"):
        return "is shared with another organization", "Set a channel that only your organization sees."
    return None if info.get("is_member") else ("does not have the bot in it", _INVITE)


def _unseen(channel: ApprovalChannel, code: str) -> Finding:
    if code == "channel_not_found":
        return _unusable(
            channel, channel.slack_id, "does not exist, or is private and without the bot", _INVITE
        )
    if code == "missing_scope":
        return _unusable(
            channel, channel.slack_id, "may not be looked at", "Grant the missing scopes, see above."
        )
    return warning(
        SUBJECT, f"{channel.slack_id} could not be looked at ({code}).", "Run the doctor again later."
    )


def _unusable(channel: ApprovalChannel, name: str, says: str, remedy: str) -> Finding:
    whose = f"the approval channel of {_names(channel)}"
    return problem(SUBJECT, f"{name} {says}; it is {whose}, whose cards go to each person directly.", remedy)


def _names(channel: ApprovalChannel) -> str:
    shown = ", ".join(channel.infrastructures[:_MOST_NAMES])
    others = len(channel.infrastructures) - _MOST_NAMES
    return f"{shown} and {others:,} more" if others > 0 else shown


_SET_OPERATORS = "Write /invite @License Desk in it, or correct LICENSE_DESK_OPERATORS_CHANNEL."
_INVITE = "Write /invite @License Desk in it, or set another approval channel."
