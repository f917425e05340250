"""Revocation lists: numbered, signed, and read back.

A list has the next running number when its content differs from that of the newest one. The content is read after
the newest number was, and the number is given only if it is the next one still: so that a greater number never has
older content, whoever else makes lists at the same moment.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, func, insert, select
from sqlalchemy.exc import IntegrityError

from store import jws, suspensions
from store.database import violated
from store.desk import Act, Actor, Desk, intention
from store.key_formats import VerifyingKey
from store.revocations import revocations
from store.rules.license_errors import NotALicenseFile, NotARevocationList
from store.rules.revocation_claims import FORMAT_VERSION, RevocationClaims, read_claims
from store.rules.revocation_errors import ListsOvertaken
from store.rules.revocations import Listed, listed, made_at
from store.tables import audit_entries, revocation_lists

TYPE: Final = "license-revocations+jwt"
FILE_NAME: Final = "license-revocations.jwt"
_ATTEMPTS: Final = 10


@dataclass(frozen=True, slots=True)
class Numbered:
    """A running number, the digest of what has it, and since when it has been the newest one."""

    seq: int
    digest: str
    made_at: datetime


@dataclass(frozen=True, slots=True)
class Moment:
    """What may change a list: the newest entry of the record, and the newest number. Nothing new, nothing changed."""

    entry: int
    seq: int


@dataclass(frozen=True, slots=True)
class RevocationList:
    """A signed list: its number, how many licenses it names, when it was made, until when it is fresh, its text."""

    seq: int
    count: int
    issued_at: datetime
    expires_at: datetime
    kid: str
    text: bytes


def make(desk: Desk, actor: Actor, before: RevocationList | None = None) -> RevocationList:
    """Return the list as it is now, signed with the active key; `before` again where it would say the same.

    Raises `NoActiveKey` before anything is numbered, and `ListsOvertaken`.
    """
    with desk.database.read() as connection:
        key = desk.keys.active(connection)
    found, content = _numbered(desk, actor)
    life = desk.policy.revocation_list_life
    issued = made_at(found.made_at, desk.clock(), life)
    if before and (before.seq, before.issued_at, before.kid) == (found.seq, issued, key.kid):
        return before
    count, said = content.count, _said(desk.policy.vendor, issued, issued + life, found.seq, content)
    del content  # which may be large, and is in `said`
    text = jws.sign_bytes(said, key, TYPE, b"\n")
    return RevocationList(found.seq, count, issued, issued + life, key.kid, text)


def is_fresh(desk: Desk, made: RevocationList) -> bool:
    """Whether less than half of its life is over, and its key is still the active one. Raises `NoActiveKey`."""
    with desk.database.read() as connection:
        kid = desk.keys.active(connection).kid
    half = (made.expires_at - made.issued_at) / 2
    return made.kid == kid and desk.clock() < made.issued_at + half


def moment(connection: Connection) -> Moment:
    """What may change a list, as it is now."""
    entry = connection.execute(select(func.max(audit_entries.c.id))).scalar_one()
    newest = newest_number(connection)
    return Moment(entry or 0, newest.seq if newest else 0)


def newest_number(connection: Connection) -> Numbered | None:
    """The newest running number, or `None` before the first list."""
    query = select(revocation_lists.c.seq, revocation_lists.c.digest, revocation_lists.c.made_at)
    row = connection.execute(query.order_by(revocation_lists.c.seq.desc()).limit(1)).one_or_none()
    return None if row is None else Numbered(*row)


def digest_of(connection: Connection, seq: int) -> str | None:
    """The digest of what the list with this number says, or `None` where there was no such list."""
    query = select(revocation_lists.c.digest).where(revocation_lists.c.seq == seq)
    return connection.execute(query).scalar_one_or_none()


def read(text: bytes, keys: Mapping[str, VerifyingKey], *, test_keys: bool = False) -> RevocationClaims:
    """Verify a list with the key that its header names, one of `keys`, and return what it says.

    White space around it is overlooked. Raises a `LicenseFileError`; without `test_keys` also for a list that a
    test key signed.
    """
    try:
        said, _ = jws.read(text.decode("utf-8-sig").strip(), keys, TYPE, test_keys=test_keys)
    except (UnicodeDecodeError, NotALicenseFile):
        raise NotARevocationList(len(text)) from None
    return read_claims(said)


def _numbered(desk: Desk, actor: Actor) -> tuple[Numbered, Listed]:
    for _ in range(_ATTEMPTS):
        with desk.database.read() as connection:
            if suspensions.unnoted(connection):
                _note_suspensions(desk, actor)
            newest = newest_number(connection)
            content = listed(revocations(connection, desk.clock()))
        if newest and newest.digest == content.digest:
            return newest, content
        try:
            return _number(desk, actor, newest.seq + 1 if newest else 1, content), content
        except ListsOvertaken:
            continue
    raise ListsOvertaken


@intention
def _note_suspensions(act: Act) -> None:
    suspensions.note(act.connection, act.now)


@intention
def _number(act: Act, seq: int, content: Listed) -> Numbered:
    """Give what is listed a running number. Raises `ListsOvertaken` when somebody else gave it meanwhile."""
    numbered = Numbered(seq, content.digest, act.now)
    row = {"seq": seq, "digest": numbered.digest, "entries": content.count, "made_at": act.now}
    try:
        act.connection.execute(insert(revocation_lists).values(row))
    except IntegrityError as error:
        if violated(error, "uq_revocation_lists_seq", "revocation_lists.seq"):
            raise ListsOvertaken from None
        raise
    act.record(
        "publish_revocations",
        f"revocation list {seq}",
        seq=seq,
        licenses=content.count,
        sha256=numbered.digest,
    )
    return numbered


def _said(vendor: str, issued: datetime, expires: datetime, seq: int, content: Listed) -> bytes:
    claims = {
        "iss": vendor,
        "iat": int(issued.timestamp()),
        "exp": int(expires.timestamp()),
        "ver": FORMAT_VERSION,
        "seq": seq,
    }
    return b'%s,"revocations":[%s]}' % (jws.written(claims)[:-1], content.entries)
