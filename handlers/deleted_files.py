"""What is said of files that are deleted from Slack: beforehand in their message, and afterwards in its place."""

from datetime import datetime

from sqlalchemy import Connection

from handlers import phrases
from handlers.answers import Message
from handlers.blocks.kit import message, section
from handlers.blocks.text import date, quote
from handlers.words.pens import counted
from store import file_deletions, reissued_files
from store.deliveries import Delivery
from store.desk import Desk, Policy
from store.request_views import items_of, view


def beforehand(policy: Policy, now: datetime) -> str:
    """When files that are shared now are deleted from Slack; empty when they are left there."""
    moment = file_deletions.deletion_date(policy, now)
    return f"from {date(moment, '{date_short}')} on; save what you need before" if moment else ""


def lines_beforehand(policy: Policy, now: datetime) -> list[str]:
    """The same as a line of its own, or none."""
    said = beforehand(policy, now)
    return [f"Deleted from Slack: {said}"] if said else []


def deleted_message(connection: Connection, desk: Desk, deletion: Delivery) -> Message:
    """Draw what stands where the files of a delivery were."""
    shared = file_deletions.shared_files(connection, deletion)
    what, verb, again = _what(connection, shared.delivery)
    deleted_at = datetime.fromisoformat(deletion.steps["deleted_at"])
    gone = f"{what} {verb} deleted from Slack on {date(deleted_at, '{date_short}')}."
    if deletion.steps.get("gone_before"):
        gone = f"{what} {'is' if verb == 'was' else 'are'} no longer in Slack."
    days = desk.policy.delete_files_after_days
    why = [f"Files are deleted here after {counted(days, 'day')}."] if days else []
    return message(gone, [section("\n".join([gone, again, *why]))])


def _what(connection: Connection, delivery: Delivery) -> tuple[str, str, str]:
    """What was deleted with its verb, and how to get it again."""
    if delivery.kind == "file":
        return _file(connection, delivery)
    if delivery.kind == "reissue":
        return _reissued(connection, delivery)
    if delivery.notice == "report":
        return "The report", "was", "To get it as things are now, type `/license report`."
    if delivery.notice == "revocations":
        return "The revocation list", "was", "To get it as it is now, type `/license revocations`."
    return "The table of results", "was", "To see what is registered, type `/license environments`."


def _file(connection: Connection, delivery: Delivery) -> tuple[str, str, str]:
    item = items_of(connection, [delivery.item_id or 0])[0]
    request = view(connection, item.request_id)
    environment, place = phrases.environment(item.environment), phrases.place(request)
    what = f"{request.number}: the license file of {environment}, {place},"
    return what, "was", _again(item.new_serial or item.serial)


def _reissued(connection: Connection, delivery: Delivery) -> tuple[str, str, str]:
    files = reissued_files.files(connection, delivery.steps.get("licenses") or [])
    infrastructure = reissued_files.infrastructure_of(connection, delivery)
    names = (infrastructure.company_name, infrastructure.name)
    place = ", ".join(quote(each, phrases.LONGEST_NAME) for each in names)
    if len(files) == 1:
        return f"{place}: the license file of {files[0].serial}", "was", _again(files[0].serial)
    return f"{place}: {len(files)} license files", "were", _again("")


def _again(serial: str) -> str:
    typed = f"`/license request {serial}`" if serial else "`/license request`"
    return f"What is installed stays valid until its date. Ask again with {typed}."
