"""The renewal of many licenses, as `license-desk subscription renew --from FILE` does it, beside bare signing."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from sqlalchemy import Table, func, select

from store import reissuing, renewals
from store.desk import Actor, Desk
from store.rules.renewing import Renewal
from store.tables import audit_entries, deliveries, licenses
from tests.bench.licensed import desk_at, fill
from tests.bench.results import Bound, Result
from tests.bench.results import Table as Figures

_EACH: Final = 1_000
_ROUNDS: Final = 10
_IN_A_ROUND: Final = 10
"""Infrastructures: all the rounds together make 100,000 licenses."""
_SMALL: Final = 8
_SMALL_COUNT: Final = 500
_SIGNED: Final = 10_000
_BYTES: Final = bytes(700)
"""About what a license says."""
_RENEWAL: Final = Renewal(ends_at=datetime(2028, 1, 1, tzinfo=UTC))
_OPERATOR: Final = Actor(None, "command")


class NotRenewed(Exception):
    """A renewal that did not make everything that belongs to it."""


def measure(folder: Path) -> Result:
    """Sign and renew in turn, so that whatever else the machine does hits both."""
    desk = desk_at(folder / "large.db")
    ids = fill(desk, _ROUNDS * _IN_A_ROUND, _EACH)
    rounds = [_round(desk, ids[start : start + _IN_A_ROUND]) for start in range(0, len(ids), _IN_A_ROUND)]
    _check(desk, len(ids), _EACH)
    desk.database.close()
    small = _small(folder / "small.db")
    ours = len(ids) * _EACH / sum(each.renewing for each in rounds)
    lines = (
        (f"{len(ids) * _EACH:,} licenses, {_EACH:,} in an infrastructure", f"{ours:,.0f}"),
        (f"{_SMALL_COUNT * _SMALL:,} licenses, {_SMALL} in an infrastructure", f"{small:,.0f}"),
        ("bare ES256 signatures", f"{median(_SIGNED / each.signing for each in rounds):,.0f}"),
    )
    bounds = (
        Bound("renewed licenses", ours, "≥", 5_000, "/s"),
        Bound("licenses/s of bare signatures/s", median(each.ratio for each in rounds), "≥", 0.15),
    )
    return Result("Renewal", (Figures("By the second", ("what", "/s"), lines),), bounds, (_NOTE,))


@dataclass(frozen=True)
class _Round:
    """Seconds that some bare signatures took, and those that the renewal of some infrastructures took."""

    signing: float
    renewing: float

    @property
    def ratio(self) -> float:
        """Licenses of a second over signatures of a second."""
        return (_IN_A_ROUND * _EACH / self.renewing) / (_SIGNED / self.signing)


def _round(desk: Desk, ids: Sequence[int]) -> _Round:
    return _Round(_seconds(_sign), _seconds(lambda: _renew(desk, ids)))


def _small(path: Path) -> float:
    desk = desk_at(path)
    ids = fill(desk, _SMALL_COUNT, _SMALL)
    seconds = _seconds(lambda: _renew(desk, ids))
    _check(desk, len(ids), _SMALL)
    desk.database.close()
    return len(ids) * _SMALL / seconds


def _renew(desk: Desk, ids: Sequence[int]) -> None:
    for infrastructure_id in ids:
        renewed = renewals.renew(desk, _OPERATOR, infrastructure_id, _RENEWAL)
        reissuing.run(desk, _OPERATOR, renewed.reissue_id or 0)


def _sign() -> None:
    key = generate_private_key(SECP256R1())
    for _ in range(_SIGNED):
        key.sign(_BYTES, ECDSA(SHA256()))


def _seconds(work: Callable[[], None]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def _check(desk: Desk, count: int, each: int) -> None:
    """Every license has a successor and an audit entry, and for every infrastructure something was queued."""
    wanted = {licenses: 2 * count * each, audit_entries: count * (each + 1), deliveries: count}
    found = {table: _rows(desk, table) for table in wanted}
    if any(found[table] < least for table, least in wanted.items()):
        raise NotRenewed({table.name: rows for table, rows in found.items()})


def _rows(desk: Desk, table: Table) -> int:
    with desk.database.read() as connection:
        return connection.execute(select(func.count()).select_from(table)).scalar_one()


_NOTE = (
    "A renewal makes, encrypts and stores each license, records it and queues the files, on SQLite with "
    "`synchronous=FULL`, in transactions of up to "
    f"{reissuing.AT_ONCE}, one infrastructure after the other. Without a bound: small infrastructures, where each "
    "is two transactions for a few licenses."
)
