"""What a walk through the page has seen, against everything that there is to see."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import select

from store.desk import Desk
from store.tables import deliveries


class Seen:
    """What came up: ids of actions and views, names of notices and replies, kinds of deliveries, and faults."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self.actions: set[str] = set()
        self.callbacks: set[str] = set()
        self.wrong: set[str] = set()  # the views that have shown an error at a field
        self.subcommands: set[str] = set()
        self.files: set[str] = set()
        self.faults: list[str] = []
        self._deliveries: set[int] = set()

    def take(self, title: str, found: dict[str, Any]) -> None:
        """Keep what `looking.js` has found."""
        self.faults += [f"{title}: {each}" for each in found["faults"]]
        self.actions |= {each.partition(":")[0] for each in found["actions"]}
        self.callbacks |= {found["callback"]} - {""}
        self.wrong |= {found["callback"]} if found["errors"] else set()
        self.files |= set(found["files"])
        self._deliveries |= set(found["deliveries"])

    def notices(self, *kinds: str) -> set[str]:
        """The names of the notices, or of the replies, among the messages that came up."""
        return {each.notice or "" for each in self._rows() if each.kind in kinds}

    def kinds(self) -> set[str]:
        """The kinds of deliveries among the messages that came up."""
        return {each.kind for each in self._rows()}

    def _rows(self) -> Iterable[Any]:
        """The deliveries of the messages that came up; the message of a file is known by its file."""
        query = select(deliveries.c.id, deliveries.c.kind, deliveries.c.notice, deliveries.c.steps)
        with self._desk.database.read() as connection:
            return [each for each in connection.execute(query) if self._is_shown(each)]

    def _is_shown(self, row: Any) -> bool:
        kept = [row.steps.get("file"), *(row.steps.get("files") or [])]
        files = {each["id"] if isinstance(each, dict) else each for each in kept}
        return row.id in self._deliveries or bool(files & self.files)
