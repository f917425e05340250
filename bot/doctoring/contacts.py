"""The people who are asked: whether each can be reached, and whether anybody can for each infrastructure."""

from collections.abc import Iterator, Mapping
from typing import Any

from bot.doctoring.asking import SlackFailed
from bot.doctoring.examined import Connected, Examined
from bot.doctoring.finding import Finding, ok, or_ok, problem, warning
from store import asking, checkup, infrastructures
from store.checkup import Asked
from store.rules.rights import Step

SUBJECT = "Contacts"


def check(examined: Examined, connected: Connected | None) -> Iterator[Finding]:
    """Look at each person who may be asked, then at each infrastructure with what was seen."""
    with examined.database.read() as connection:
        people = checkup.asked_people(connection, examined.most)
        number = checkup.asked_number(connection)
    seen = {each.person.id: _unreachable(examined, connected, each) for each in people}
    names = {each.person.id: each.person.name for each in people}
    lost = {person_id: found for person_id, found in seen.items() if found}
    well = ok(SUBJECT, f"of those who may be asked, {len(people):,} of {len(people):,} can be reached.")
    yield from or_ok(
        (warning(SUBJECT, f"{names[who]} {why}.", what) for who, (why, what) in lost.items()), well
    )
    if number > len(people):
        says = f"only {len(people):,} of {number:,} people were looked at."
        yield warning(SUBJECT, says, "Run: license-desk doctor --all")
    yield from _infrastructures(examined, frozenset(lost))


def _unreachable(examined: Examined, connected: Connected | None, asked: Asked) -> tuple[str, str] | None:
    """Why somebody cannot be reached, and what to do; `None` for somebody who can be."""
    person = asked.person
    if examined.settings.mails and person.mailable:
        return None
    if person.slack_id is None:
        return "is not known in Slack yet", "They are linked when they first type /license in Slack."
    if not person.active:
        return "is deactivated, so their roles rest", _REPLACE
    if asked.closed:
        return "cannot be sent a direct message", "Ask them to open the app in Slack and write to it."
    if connected is None or not connected.may("users:read"):
        return None
    return _in_slack(examined, connected, person.slack_id)


def _in_slack(examined: Examined, connected: Connected, slack_id: str) -> tuple[str, str] | None:
    try:
        user = examined.slack.ask("users.info", user=slack_id).facts.get("user") or {}
    except SlackFailed as failed:
        if failed.code in {"user_not_found", "user_not_visible"}:
            return f"is not in this workspace under {slack_id}", "Correct their Slack id and import again."
        return f"could not be looked up ({failed.code})", "Run the doctor again later."
    return _state(user, connected.workspace_id)


def _state(user: Mapping[str, Any], workspace_id: str) -> tuple[str, str] | None:
    if user.get("deleted"):
        return "is deactivated in Slack", _REPLACE
    if user.get("is_bot"):
        return "is a bot, which cannot decide", _REPLACE
    if user.get("team_id") not in {None, workspace_id}:
        return "belongs to another workspace, and its people are refused", _REPLACE
    return None


def _infrastructures(examined: Examined, lost: frozenset[int]) -> Iterator[Finding]:
    with examined.database.read() as connection:
        ids = checkup.on_premises(connection, examined.most)
        number = checkup.on_premises_number(connection)
    well = ok(SUBJECT, f"a request reaches somebody in {len(ids):,} of {len(ids):,} infrastructures.")
    yield from or_ok(filter(None, (_asked_in(examined, each, lost) for each in ids)), well)
    if number > len(ids):
        says = f"only {len(ids):,} of {number:,} infrastructures were looked at."
        yield warning(SUBJECT, says, "Run: license-desk doctor --all")


def _asked_in(examined: Examined, infrastructure_id: int, lost: frozenset[int]) -> Finding | None:
    with examined.database.read() as connection:
        infrastructure = infrastructures.get(connection, infrastructure_id)
        workspace_id = checkup.workspace_id(connection)
        found = asking.whoever_asks(
            connection, infrastructure, workspace_id, examined.clock(), mails=examined.settings.mails
        )
    name = f"{infrastructure.name} of {infrastructure.company_name}"
    reached = [
        step for step in Step if any(each.reachable and each.person.id not in lost for each in found[step])
    ]
    if not reached:
        return problem(SUBJECT, f"nobody can be asked for {name}, so no request can be made there.", _SET)
    if reached[0] is Step.OPERATORS:
        return warning(SUBJECT, f"only the operators can be asked for {name}.", _SET)
    return None


_REPLACE = "Set somebody else in the import file, or give the role to another person."
_SET = "Set a contact or an administrator who is in Slack, in the import file, and import it."
