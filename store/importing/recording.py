"""Audit entries of many chains at once, with a few statements however many they are."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, insert, select, update

from store.audit import GENESIS, Entry, digest
from store.tables import audit_entries, audit_heads


def record(connection: Connection, entries: Iterable[Entry], now: datetime) -> None:
    """Append each entry to its chain, in order."""
    chains: defaultdict[int, list[Entry]] = defaultdict(list)
    for entry in entries:
        chains[entry.chain].append(entry)
    if not chains:
        return
    heads = _lock_heads(connection, sorted(chains))
    rows: list[dict[str, object]] = []
    moved: list[dict[str, object]] = []
    for chain, own in chains.items():
        position, previous = heads[chain]
        for entry in own:
            position += 1
            rows.append(_row(entry, position, previous, now))
            previous = str(rows[-1]["hash"])
        moved.append({"moved": chain, "position": position, "hash": previous})
    connection.execute(insert(audit_entries), rows)
    connection.execute(update(audit_heads).where(audit_heads.c.chain == bindparam("moved")), moved)


def _lock_heads(connection: Connection, chains: Sequence[int]) -> dict[int, tuple[int, str]]:
    # Locked in the order of their numbers, so that two writers of several chains cannot wait for each other.
    query = (
        select(audit_heads)
        .where(audit_heads.c.chain.in_(chains))
        .order_by(audit_heads.c.chain)
        .with_for_update()
    )
    found = {row.chain: (row.position, row.hash) for row in connection.execute(query)}
    missing = [chain for chain in chains if chain not in found]
    if not missing:
        return found
    _begin(connection, missing)
    return {row.chain: (row.position, row.hash) for row in connection.execute(query)}


def _begin(connection: Connection, chains: Sequence[int]) -> None:
    if connection.dialect.name == "sqlite":
        from sqlalchemy.dialects.sqlite import insert as insert_or_skip
    else:
        from sqlalchemy.dialects.postgresql import insert as insert_or_skip  # type: ignore[assignment] # the same method of another dialect
    rows = [{"chain": chain, "position": 0, "hash": GENESIS} for chain in chains]
    connection.execute(insert_or_skip(audit_heads).on_conflict_do_nothing(), rows)


def _row(entry: Entry, position: int, previous: str, now: datetime) -> dict[str, object]:
    return {
        "infrastructure_id": entry.infrastructure_id,
        "chain": entry.chain,
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
