"""The record: append-only, hash-chained, one chain per infrastructure and one (number 0) for the desk.

Names are outside the chain: entries carry ids, so that a person can be erased.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, select, update

from store.once import insert_once
from store.prepared import PreparedInsert
from store.rules.errors import Refusal
from store.tables import audit_entries, audit_heads

GENESIS = "0" * 64
DESK_CHAIN = 0
_APPENDING = PreparedInsert(audit_entries)
_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"))


@dataclass(frozen=True, slots=True)
class Entry:
    """One change of state or one refusal: who, from where, what, on what."""

    infrastructure_id: int | None
    actor_id: int | None
    source: str
    action: str
    subject: str
    facts: Mapping[str, object]

    @property
    def chain(self) -> int:
        """The chain that this entry belongs to."""
        return self.infrastructure_id or DESK_CHAIN


def append(connection: Connection, entry: Entry, now: datetime) -> None:
    """Add `entry` to its chain. The head's row lock orders the writers of one chain."""
    append_all(connection, [entry], now)


def append_all(connection: Connection, entries: Sequence[Entry], now: datetime) -> None:
    """Add entries of one chain, in order, with two statements however many they are."""
    if not entries:
        return
    chain = entries[0].chain
    position, previous = _lock_head(connection, chain)
    rows = []
    for entry in entries:
        position += 1
        row = _row(entry, chain, position, previous, now)
        previous = str(row["hash"])
        rows.append(row)
    _APPENDING.run(connection, rows)
    connection.execute(
        update(audit_heads).where(audit_heads.c.chain == chain).values(position=position, hash=previous)
    )


def refusal(refused: Refusal, actor_id: int | None, source: str, intention: str) -> Entry:
    """Describe a refusal; its class names the sentence."""
    facts = {"refusal": type(refused).__name__, **refused.audited}
    infrastructure_id = getattr(refused, "infrastructure_id", None)
    subject = getattr(refused, "subject", "desk")
    return Entry(infrastructure_id, actor_id, source, f"refused:{intention}", subject, facts)


def append_once_a_minute(connection: Connection, entry: Entry, now: datetime) -> None:
    """Add `entry` unless the same one was added within the last minute."""
    append_new(connection, [entry], now)


def append_new(connection: Connection, entries: Sequence[Entry], now: datetime) -> None:
    """The same for several entries of one chain and one actor that differ from each other."""
    first = entries[0]
    position, _ = _lock_head(connection, first.chain)
    query = select(audit_entries.c.action, audit_entries.c.subject, audit_entries.c.facts).where(
        audit_entries.c.chain == first.chain,
        # A minute's worth of one chain is at its end; looking further back would read all of it.
        audit_entries.c.position > position - 200,
        audit_entries.c.at > now - timedelta(minutes=1),
        audit_entries.c.actor_id == first.actor_id,
    )
    seen = [tuple(row) for row in connection.execute(query)]
    append_all(
        connection,
        [each for each in entries if (each.action, each.subject, dict(each.facts)) not in seen],
        now,
    )


def digest(previous: str, at: datetime, entry: Entry, position: int) -> str:
    """The hash of one entry: SHA-256 over the canonical JSON of the entry and the hash before it."""
    body = [
        previous,
        entry.chain,
        position,
        at.astimezone(UTC).isoformat(),
        entry.actor_id,
        entry.source,
        entry.action,
        entry.subject,
        dict(entry.facts),
    ]
    return hashlib.sha256(_CANONICAL.encode(body).encode()).hexdigest()


def _row(entry: Entry, chain: int, position: int, previous: str, now: datetime) -> dict[str, object]:
    return {
        "infrastructure_id": entry.infrastructure_id,
        "chain": chain,
        "position": position,
        "at": now,
        "actor_id": entry.actor_id,
        "source": entry.source,
        "action": entry.action,
        "subject": entry.subject,
        "facts": dict(entry.facts),
        "previous": previous,
        "hash": digest(previous, now, entry, position),
    }


def _lock_head(connection: Connection, chain: int) -> tuple[int, str]:
    query = select(audit_heads.c.position, audit_heads.c.hash).where(audit_heads.c.chain == chain)
    head = connection.execute(query.with_for_update()).one_or_none()
    if head is None:
        # Two writers may begin one chain at once; the second waits for the first and then finds its row.
        insert_once(connection, audit_heads, {"chain": chain, "position": 0, "hash": GENESIS})
        head = connection.execute(query.with_for_update()).one()
    return int(head.position), str(head.hash)
