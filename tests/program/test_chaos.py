"""A short storm and a little hail; the long ones are `make chaos`."""

import os
from pathlib import Path

import pytest

from tests.chaos.hail import hail
from tests.chaos.storm import Storm, rage


@pytest.mark.timeout(400)
@pytest.mark.parametrize("postgresql", [False, True], ids=["sqlite", "postgresql"])
def test_what_people_were_told_is_true_after_a_storm_of_kills(postgresql: bool) -> None:
    found = rage(Storm(kills=4, postgresql=postgresql, seed=1042))
    assert found["promises"] > 0
    assert found["files"] > 0


def test_changed_payloads_of_every_kind_change_nothing_of_others_and_are_answered(tmp_path: Path) -> None:
    samples = os.environ.get("LICENSE_DESK_SLACK_FACTS")
    found = hail(tmp_path, 2_000, 1042, Path(samples) if samples else None)
    assert sum(found["statuses"].values()) == 2_000
    assert found["statuses"][200] > 0
