"""One storm: people at work, troubles that come and go, and kills at random moments, from one seed."""

import random
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from tests.chaos import checker
from tests.chaos.crowd import Crowd
from tests.chaos.town import Town, town
from tests.chaos.trouble import TROUBLES, fair
from tests.program.conftest import wait_until

_QUIET_SECONDS: Final = 240.0
_TROUBLE_EVERY: Final = 4
"""Kills from one trouble to the next."""


@dataclass(frozen=True)
class Storm:
    """What to do: how many kills, where, and the seed that repeats it."""

    kills: int
    postgresql: bool
    seed: int


def rage(storm: Storm) -> dict[str, Any]:
    """Go through it, and give what was found. Raises AssertionError with what was lost, twice or untrue."""
    chance = random.Random(storm.seed)  # noqa: S311 # chooses moments, protects nothing.
    begun = time.monotonic()
    with (
        tempfile.TemporaryDirectory(prefix="license-desk-chaos-") as folder,
        town(Path(folder), postgresql=storm.postgresql) as place,
    ):
        crowd = Crowd(place.url, storm.seed)
        crowd.start()
        try:
            troubles = _killed_again_and_again(place, crowd, storm, chance)
        finally:
            crowd.stop()
        fair(place)
        wait_until(place.connected, 60.0)
        wait_until(lambda: not checker.waiting(place), _QUIET_SECONDS)
        found = checker.when_quiet(place, crowd.memory)
        assert place.program.command("audit", "verify").returncode == 0
        assert set(place.end()) == {0}
    memory = crowd.memory
    return {
        **asdict(storm),
        **asdict(found),
        "promises": sum(map(len, (memory.registered, memory.asked, memory.released, memory.declined))),
        "attempts": memory.attempts,
        "gave_up": memory.gave_up,
        "troubles": troubles,
        "seconds": round(time.monotonic() - begun),
    }


def _killed_again_and_again(place: Town, crowd: Crowd, storm: Storm, chance: random.Random) -> list[str]:
    troubles: list[str] = []
    for number in range(storm.kills):
        if number % _TROUBLE_EVERY == 0:
            fair(place)
            name = chance.choice(sorted(TROUBLES))
            TROUBLES[name](place, chance)
            troubles.append(name)
        time.sleep(chance.uniform(0.2, 2.0))
        victim = chance.randrange(len(place.processes))
        place.kill(victim)
        if place.database_answers:
            checker.at_a_kill(place, crowd.memory)
        place.start(victim)
        if number % _TROUBLE_EVERY == 1:
            # Some work has to get through, or there would be nothing to lose.
            wait_until(place.connected, 60.0)
            time.sleep(chance.uniform(0.5, 3.0))
    return troubles

    return ""
