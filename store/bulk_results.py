"""Results of bulk registrations: kept as the table that is sent to whoever made them."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import Connection, delete, select

from store.deliveries import queue_notice
from store.desk import Act, intention
from store.once import insert_once
from store.tables import bulk_results

KEPT_FOR: Final = timedelta(days=30)


@intention
def send(act: Act, form_key: str, content: bytes, figures: Mapping[str, int], *, done: bool) -> None:
    """Have a result sent to the actor as a direct message, once for each form.

    `figures` tell how many rows there are of each result, `done` whether anything was written.
    """
    act.connection.execute(delete(bulk_results).where(bulk_results.c.made_at < act.now - KEPT_FOR))
    person_id = act.actor.person_id
    values = {"person_id": person_id, "form_key": form_key, "content": content, "made_at": act.now}
    if person_id is not None and insert_once(act.connection, bulk_results, values):
        facts: dict[str, Any] = {"form_key": form_key, "done": done, **figures}
        queue_notice(act, "bulk_result", person_id, f"bulk_result:{form_key}", **facts)


def content_of(connection: Connection, person_id: int, form_key: str) -> bytes | None:
    """The table again, for the person whose it is; `None` when it is not kept any more."""
    query = select(bulk_results.c.content).where(
        bulk_results.c.form_key == form_key, bulk_results.c.person_id == person_id
    )
    return connection.execute(query).scalar_one_or_none()
