"""`python -m tests.chaos [--kills 200] [--seed N] [--only sqlite|postgresql]`: the long storm, and its figures."""

import argparse
import json
import random
import sys
from pathlib import Path

from tests.chaos.storm import Storm, rage

_BUILD = Path(__file__).parents[2] / "build" / "chaos"


def main() -> None:
    """Rage on both databases, print what was found, and keep it in `build/chaos`."""
    parser = argparse.ArgumentParser(prog="tests.chaos")
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--only", choices=("sqlite", "postgresql"))
    given = parser.parse_args()
    _BUILD.mkdir(parents=True, exist_ok=True)
    for name in ("sqlite", "postgresql"):
        if given.only in (None, name):
            sys.stderr.write(f"{given.kills} kills on {name}, seed {given.seed}\n")
            found = rage(Storm(given.kills, name == "postgresql", given.seed))
            report = json.dumps(found, indent=2)
            (_BUILD / f"{name}.json").write_text(report, encoding="utf-8")
            sys.stdout.write(f"{report}\n")


if __name__ == "__main__":
    main()
