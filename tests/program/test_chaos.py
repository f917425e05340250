"""A short storm; the long one is `make chaos`."""

import pytest

from tests.chaos.storm import Storm, rage


@pytest.mark.timeout(400)
@pytest.mark.parametrize("postgresql", [False, True], ids=["sqlite", "postgresql"])
def test_what_people_were_told_is_true_after_a_storm_of_kills(postgresql: bool) -> None:
    found = rage(Storm(kills=4, postgresql=postgresql, seed=1042))
    assert found["promises"] > 0
    assert found["files"] > 0
