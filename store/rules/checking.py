"""Why a server might refuse a license file: what the file says, against what the desk knows."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from store.rules.claims import Verdict
from store.rules.errors import Refusal


@dataclass(eq=False)
class NotOneOfYours(Refusal):
    """This is not one of yours; the same is said of what does not exist."""

    subject = "license check"


class Trouble(StrEnum):
    """One reason why a server might refuse a license file, or will before long."""

    NOT_YET_VALID = "not_yet_valid"
    EXPIRED = "expired"
    IN_GRACE = "in_grace"
    RELEASED = "released"
    OTHER_SERIAL = "other_serial"
    REPLACED = "replaced"
    OTHER_PRODUCT = "other_product"
    OTHER_VERSION = "other_version"
    OTHER_BYTES = "other_bytes"
    UNTRUSTED = "untrusted"
    TEST_KEY = "test_key"


TERMS = frozenset({Trouble.NOT_YET_VALID, Trouble.EXPIRED, Trouble.IN_GRACE})
"""Those that the dates in the license tell by themselves."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What the desk knows of the slot and the license that is looked at.

    `serial` and `version` are those registered in the slot now, absent while it is free. `newest_seq` is the
    newest license of the slot, `audience` the product's of today, `sha256` that of the file that the desk sent.
    `trusted` is whether the key that signed it still is, `test_key` whether that one is for tests alone.
    """

    serial: str | None
    version: str | None
    newest_seq: int
    audience: str
    sha256: str
    trusted: bool = True
    test_key: bool = False


@dataclass(frozen=True, slots=True)
class Looked:
    """What is looked at; of a license without its file, what only the file says is absent and not compared."""

    serial: str
    seq: int
    verdict: Verdict
    version: str | None = None
    sha256: str | None = None
    audience: str | None = None


def troubles(looked: Looked, standing: Standing) -> tuple[Trouble, ...]:
    """Every reason that applies, the gravest first."""
    return tuple(_of_term(looked.verdict)) + tuple(_of_place(looked, standing))


def _of_term(verdict: Verdict) -> Iterator[Trouble]:
    found = {
        Verdict.NOT_YET_VALID: Trouble.NOT_YET_VALID,
        Verdict.EXPIRED: Trouble.EXPIRED,
        Verdict.IN_GRACE: Trouble.IN_GRACE,
    }
    if verdict in found:
        yield found[verdict]


def _of_place(looked: Looked, standing: Standing) -> Iterator[Trouble]:
    if not standing.trusted:
        yield Trouble.UNTRUSTED
    if standing.test_key:
        yield Trouble.TEST_KEY
    if standing.serial is None:
        yield Trouble.RELEASED
    elif looked.serial != standing.serial:
        yield Trouble.OTHER_SERIAL
    elif looked.version not in {None, standing.version}:
        yield Trouble.OTHER_VERSION
    if looked.seq < standing.newest_seq:
        yield Trouble.REPLACED
    if looked.audience not in {None, standing.audience}:
        yield Trouble.OTHER_PRODUCT
    if looked.sha256 not in {None, standing.sha256}:
        yield Trouble.OTHER_BYTES
