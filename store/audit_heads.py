"""Heads of the record's chains, exported and signed: against them it shows when a chain lost its end since.

Whoever can write to the database can cut entries off and change the note of the last one, too; what was exported
and is kept elsewhere they cannot reach.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, func, select

from store import jws
from store.audit_check import Break
from store.desk import Desk
from store.key_formats import VerifyingKey
from store.rules.claim_reader import Claims, check_version
from store.rules.license_errors import NotALicenseFile, NotAuditHeads
from store.tables import audit_entries, audit_heads

TYPE: Final = "license-desk-audit-heads+jwt"
FORMAT_VERSION: Final = 1


@dataclass(frozen=True, slots=True)
class Head:
    """The last entry of a chain: its number and its hash."""

    chain: int
    number: int
    hash: str


@dataclass(frozen=True, slots=True)
class Heads:
    """The heads of all chains at a moment."""

    issuer: str
    issued_at: datetime
    heads: tuple[Head, ...]


def export(desk: Desk) -> tuple[str, int]:
    """The heads of every chain as they are now, signed with the active key, and how many. Raises `NoActiveKey`."""
    query = select(audit_heads.c.chain, audit_heads.c.position, audit_heads.c.hash)
    with desk.database.read() as connection:
        key = desk.keys.active(connection)
        rows = connection.execute(query.order_by(audit_heads.c.chain)).all()
    said = {
        "iss": desk.policy.vendor,
        "iat": int(desk.clock().timestamp()),
        "ver": FORMAT_VERSION,
        "heads": [{"chain": row.chain, "number": row.position, "hash": row.hash} for row in rows],
    }
    return jws.sign(said, key, TYPE) + "\n", len(rows)


def read(text: bytes, keys: Mapping[str, VerifyingKey]) -> Heads:
    """Verify exported heads with the key that their header names, one of `keys`, and return them.

    Those that a test key signed are taken as well, since the record of a desk for tests is a record, too.
    Raises a `LicenseFileError`.
    """
    try:
        said, _ = jws.read(text.decode("utf-8-sig").strip(), keys, TYPE, test_keys=True)
    except (UnicodeDecodeError, NotALicenseFile):
        raise NotAuditHeads(len(text)) from None
    check_version(said, FORMAT_VERSION)
    claims = Claims(said)
    heads = tuple(
        Head(each.number("chain"), each.number("number"), each.text("hash"))
        for each in claims.each_within("heads")
    )
    return Heads(claims.text("iss"), claims.moment("iat"), heads)


def against(connection: Connection, heads: Heads) -> Iterator[Break]:
    """What of each chain is no more as it was when the heads were exported, by chain."""
    for each in heads.heads:
        if not each.number:
            continue
        own = audit_entries.c.chain == each.chain
        at_number = own & (audit_entries.c.position == each.number)
        found = connection.execute(select(audit_entries.c.hash).where(at_number)).scalar_one_or_none()
        if found is None:
            longest = connection.execute(select(func.max(audit_entries.c.position)).where(own)).scalar_one()
            # A gap in the middle is found by the walk along the chain as well; here it is cut off at its number.
            first = min((longest or 0) + 1, each.number)
            yield Break(each.chain, first, "cut off since", None if first == each.number else each.number)
        elif found != each.hash:
            yield Break(each.chain, each.number, "changed since")
