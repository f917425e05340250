"""Everything that deliveries show, drawn from the database at the moment of sending."""

from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

from sqlalchemy import Connection

from handlers import (
    cards,
    deleted_files,
    file_messages,
    home,
    mails,
    notices,
    reminders,
    replies,
    workflow_steps,
)
from handlers.answers import Message
from handlers.blocks.kit import View
from handlers.mails import Mail
from handlers.told import Told
from store.deliveries import Delivery
from store.desk import Desk


class Drawings:
    """What the courier draws with."""

    def card(
        self, connection: Connection, desk: Desk, request_id: int, channel: str | None, _person_id: int | None
    ) -> Message:
        """The card of a request for one conversation."""
        return cards.card(connection, desk, request_id, channel)

    def file(self, connection: Connection, desk: Desk, item_id: int) -> dict[str, Any]:
        """The message of a license file, with the file's `filename` and `title`."""
        return file_messages.file_message(connection, desk, item_id)

    def notice(self, connection: Connection, desk: Desk, delivery: Delivery) -> Message:
        """A direct message that tells of a change."""
        return notices.notice(connection, desk, delivery)

    def report(self, connection: Connection, desk: Desk, delivery: Delivery) -> dict[str, Any]:
        """The message of a notice with files: each of `files` has `filename`, `title`, `told` and `content`."""
        said, files = notices.WITH_FILES[delivery.notice or ""](Told(connection, desk, delivery))
        more = deleted_files.lines_beforehand(desk.policy, desk.clock()) if files else []
        drawn = notices.drawn(replace(said, rest=[*said.rest, *more]))
        return {**drawn, "files": [asdict(each) for each in files]}

    def reminder(
        self, connection: Connection, desk: Desk, links: Mapping[int, str | None], channel: str | None
    ) -> Message:
        """A reminder of what waits in one conversation."""
        return reminders.reminder(connection, desk, links, channel)

    def home(self, connection: Connection, desk: Desk, person_id: int) -> View:
        """The Home of a person."""
        return home.view_of(connection, desk, person_id)

    def step(self, connection: Connection, _desk: Desk, delivery: Delivery) -> dict[str, Any]:
        """How a run of the workflow step ended."""
        return workflow_steps.ending(connection, delivery)

    def mail(self, connection: Connection, desk: Desk, delivery: Delivery) -> Mail | None:
        """An e-mail to somebody who is not in Slack; None when there is nothing to say any more."""
        return mails.mail(connection, desk, delivery)

    def deletion(self, connection: Connection, desk: Desk, delivery: Delivery) -> Message:
        """What stands in the place of files that were deleted."""
        return deleted_files.deleted_message(connection, desk, delivery)

    def reply(self, connection: Connection, desk: Desk, delivery: Delivery) -> Message:
        """A short reply in the thread of a card."""
        return replies.reply(connection, desk, delivery)
