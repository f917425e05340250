"""A year of a company with 200 environments goes by; every day somebody looks whether everything is as it must be.

The same year again: `LICENSE_DESK_YEAR_SEED=7`.
"""

import os
from pathlib import Path

import pytest
from sqlalchemy import select

from store import audit_check
from store.database import Database
from store.tables import audit_entries, request_items
from tests.year.episodes import Episodes
from tests.year.everyday import Everyday
from tests.year.town import open_town
from tests.year.year import Year

DAYS = 365
ASKS, CHANGES = 75, 50
ONCE = {"archive": 1, "unarchive": 1, "suspend": 1, "reinstate": 1, "Slack down": 1}
AT_LEAST = {**ONCE, "register": 200, "ask: taken": 40, "forward": 20, "decline": 1, "withdraw": 1} | {
    "serial": 1,
    "ask serial": 1,
    "version": 1,
    "release": 1,
    "rename": 1,
    "replace": 1,
    "ask release": 1,
    "late click": 1,
    "auditor: MayNotDecide": 1,
    "forward one": 1,
    "ask again": 1,
    "home": 10,
    "stand in": 1,
    "leave": 9,
    "come back": 6,
    "renew": 3,
}
ENDS = {"forwarded", "declined", "withdrawn", "expired", "direct"}
RECORDED = {"remind", "escalate", "expire", "remind_of_end", "issue_license", "deactivate_person", "ask_also"}


@pytest.mark.timeout(400)
def test_a_year_goes_by_and_nothing_is_ever_as_it_must_not_be(database: Database, folder: Path) -> None:
    seed = int(os.environ.get("LICENSE_DESK_YEAR_SEED", "2026"))
    print(f"LICENSE_DESK_YEAR_SEED={seed}")  # noqa: T201 - pytest shows it when the test fails.
    with open_town(database, folder) as town:
        year = Year(town, seed)
        Everyday(year, asks=ASKS, changes=CHANGES)
        Episodes(year)
        year.run()
        assert year.look() == []
    assert year.looks == DAYS
    assert {name: year.done[name] for name in AT_LEAST if year.done[name] < AT_LEAST[name]} == {}
    with database.read() as connection:
        assert list(audit_check.verify(connection)) == []
        assert set(connection.execute(select(request_items.c.state)).scalars()) >= ENDS
        assert set(connection.execute(select(audit_entries.c.action)).scalars()) >= RECORDED
