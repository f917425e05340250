"""Rotation of master keys: what the vault encrypts is encrypted anew with the newest one, while others read and write.

It goes by primary key in small pieces, each in a transaction of its own, and leaves alone what is under the newest
key already; so it can be killed at any moment and goes on when it is run again.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Column, bindparam, func, select, update

from store import sealed_files
from store.database import AnyRow, Database, again_after_deadlock
from store.desk import Act, Actor, Desk, intention
from store.rules.secrets import VaultClosed
from store.tables import held_files, licenses, signing_keys
from store.vault import Vault

MOST_NAMED = 10
"""Rows that nothing opens and that are named by their ids; of more, only the number is told."""

Progress = Callable[[int], None]
"""Is told how many rows were looked at so far."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """A column that the vault encrypts, of a table whose primary key is `id`.

    `noun` is what one row of it is called; `piece` is how many rows are read and written at once; `place` and
    `reseal` are for content that is not encrypted in one part by the vault itself.
    """

    column: Column[Any]
    noun: str
    piece: int = 250
    place: Callable[[Vault, bytes], int] = lambda vault, content: vault.place(content)
    reseal: Callable[[Vault, bytes], bytes] = lambda vault, content: vault.rotate(content)


SEALED: Sequence[Sealed] = (
    Sealed(signing_keys.c.private_encrypted, "private key"),
    Sealed(licenses.c.text_encrypted, "license text"),
    Sealed(
        held_files.c.content_encrypted,
        "file of the vendor's",
        piece=4,
        place=sealed_files.place,
        reseal=sealed_files.reseal,
    ),
)
"""Everything that is rotated; each column whose name ends with `_encrypted` is in it."""


@dataclass(frozen=True, slots=True)
class Use:
    """How many rows of one column each master key encrypts, by its place from 1, and which rows none of them opens."""

    noun: str
    by_place: Counter[int] = field(default_factory=Counter)
    closed: list[int] = field(default_factory=list)
    closed_number: int = 0


@dataclass(slots=True)
class Rotated:
    """What a rotation did: rows encrypted anew, and rows looked at."""

    changed: int = 0
    seen: int = 0


def number(database: Database) -> int:
    """How many rows there are to look at."""
    with database.read() as connection:
        counts = (
            connection.execute(select(func.count()).select_from(each.column.table)).scalar_one()
            for each in SEALED
        )
        return sum(counts)


def rotate(desk: Desk, actor: Actor, progress: Progress = lambda _seen: None) -> Rotated:
    """Encrypt everything with the newest master key; what none of them opens stays as it is."""
    done = Rotated()
    for sealed in SEALED:
        for rows in _pieces(desk.database, sealed):
            renewed = _renewed(desk.vault, sealed, rows)
            if renewed and not done.changed:
                begin_rotation(desk, actor)
            done.changed += _write(desk.database, sealed, renewed)
            done.seen += len(rows)
            progress(done.seen)
    if done.changed:
        end_rotation(desk, actor, done.changed)
    return done


def uses(database: Database, vault: Vault, progress: Progress = lambda _seen: None) -> list[Use]:
    """Count what each master key is needed for; reads everything and opens nothing."""
    seen, found = 0, []
    for sealed in SEALED:
        by_place: Counter[int] = Counter()
        closed: list[int] = []
        closed_number = 0
        for rows in _pieces(database, sealed):
            places = [(row.id, _place(vault, sealed, row.sealed)) for row in rows]
            by_place.update(place for _, place in places if place)
            unopened = [row_id for row_id, place in places if not place]
            closed_number += len(unopened)
            closed += unopened[: MOST_NAMED - len(closed)]
            seen += len(rows)
            progress(seen)
        found.append(Use(sealed.noun, by_place, closed, closed_number))
    return found


@intention
def begin_rotation(act: Act) -> None:
    """Record that secrets are being encrypted anew."""
    act.record("rotation_begun", f"master key {act.desk.vault.fingerprints[0]}")


@intention
def end_rotation(act: Act, changed: int) -> None:
    """Record how many secrets were encrypted anew."""
    act.record("secrets_rotated", f"master key {act.desk.vault.fingerprints[0]}", secrets=changed)


def _pieces(database: Database, sealed: Sealed) -> Iterator[Sequence[AnyRow]]:
    """The rows that are encrypted, by primary key; between two pieces nothing is held."""
    key, last = sealed.column.table.c.id, 0
    # Absent or empty is what is kept elsewhere, such as the private part of a key in a token.
    query = select(key, sealed.column.label("sealed")).where(sealed.column != b"").order_by(key)
    query = query.limit(sealed.piece)
    while True:
        with database.read() as connection:
            rows = connection.execute(query.where(key > last)).all()
        if not rows:
            return
        yield rows
        last = rows[-1].id


def _place(vault: Vault, sealed: Sealed, content: bytes) -> int | None:
    try:
        return sealed.place(vault, content)
    except VaultClosed:
        return None


def _renewed(vault: Vault, sealed: Sealed, rows: Sequence[AnyRow]) -> list[dict[str, object]]:
    """What is to be written: each row's id, its content as it was read, and the same encrypted anew."""
    older = [row for row in rows if (_place(vault, sealed, row.sealed) or 1) > 1]
    return [{"row": row.id, "before": row.sealed, "after": sealed.reseal(vault, row.sealed)} for row in older]


def _write(database: Database, sealed: Sealed, renewed: list[dict[str, object]]) -> int:
    if not renewed:
        return 0
    table, column = sealed.column.table, sealed.column
    # What somebody else has written since it was read is theirs, and stays.
    as_read = (table.c.id == bindparam("row"), column == bindparam("before"))
    statement = update(table).where(*as_read).values({column: bindparam("after")})

    def attempt() -> int:
        with database.write() as connection:
            return connection.execute(statement, renewed).rowcount

    return again_after_deadlock(attempt)
