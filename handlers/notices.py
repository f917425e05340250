"""Direct messages that tell somebody of a change: one function for each, by the notice's name."""

from collections.abc import Callable, Mapping
from typing import Final

from sqlalchemy import Connection

from handlers import (
    bulk_notices,
    environment_notices,
    held_notices,
    helping,
    key_notices,
    people_notices,
    reports,
    request_notices,
    revocations,
    subscription_notices,
)
from handlers.access_buttons import ask_access_button
from handlers.answers import Message
from handlers.blocks.kit import actions, message, section
from handlers.told import Told, Words
from store.deliveries import Delivery
from store.desk import Desk


def notice(connection: Connection, desk: Desk, delivery: Delivery) -> Message:
    """Draw the notice that a delivery asks for. Raises `KeyError` for a notice without words."""
    return drawn(NOTICES[delivery.notice or ""](Told(connection, desk, delivery)))


def drawn(said: Words) -> Message:
    """A notice as a message."""
    blocks = [section("\n".join([said.first, *said.rest]))]
    row = [actions(said.buttons)] if said.buttons else []
    return message(said.first, [*blocks, *row])


def _roles_resting(told: Told) -> Words:
    return Words(
        f"{told.person('resting_person_id')} was deactivated in Slack, so their roles rest.",
        [
            "They have no rights and are not asked any more. If somebody follows them, please set the roles anew.",
            "Once they are back, an admin or operator has to confirm their roles before they count again.",
        ],
    )


def _delivery_failed(told: Told) -> Words:
    number = told.facts.get("delivery_id", told.delivery.id)
    what = f"delivery {number} ({told.facts.get('kind', 'message')} for {told.person('about_person_id')})"
    return Words(
        f"License Desk gave up {what}: Slack answered “{told.facts.get('error') or 'nothing'}”.",
        [f"To send it once more, run `license-desk deliveries retry {number}`; `deliveries list` shows all."],
    )


def _files_not_deleted(told: Told) -> Words:
    return Words(
        f"License Desk could not delete files from Slack: Slack answered “{told.facts.get('error')}”.",
        [
            "They are still there, and so is whatever else was to be deleted today and met the same answer.",
            "Once that is put right, run `license-desk deliveries retry`; `license-desk doctor` names missing scopes.",
        ],
    )


def _short_help(told: Told) -> Words:
    person_id = told.delivery.person_id or 0
    buttons = [ask_access_button()] if helping.is_lost(told.connection, person_id) else []
    return Words(helping.short(told.connection, told.desk.policy, person_id), buttons=buttons)


NOTICES: Final[Mapping[str, Callable[[Told], Words]]] = {
    **bulk_notices.NOTICES,
    **environment_notices.NOTICES,
    **key_notices.NOTICES,
    **held_notices.NOTICES,
    **people_notices.NOTICES,
    **request_notices.NOTICES,
    **subscription_notices.NOTICES,
    "roles_resting": _roles_resting,
    "delivery_failed": _delivery_failed,
    "files_not_deleted": _files_not_deleted,
    "short_help": _short_help,
    "report": reports.words,
    "revocations": revocations.words,
}
WITH_FILES: Final[Mapping[str, Callable[[Told], tuple[Words, list[reports.Attachment]]]]] = {
    "bulk_result": bulk_notices.result,
    "report": reports.report,
    "revocations": revocations.revocation_list,
}
