"""`python -m tests.chaos [--kills 200] [--payloads 100000] [--seed N] [--only WHAT]`: storms and hail, with figures."""

import argparse
import json
import os
import random
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

from tests.chaos.hail import hail
from tests.chaos.storm import Storm, rage

_BUILD: Final = Path(__file__).parents[2] / "build" / "chaos"
_WHAT: Final = ("sqlite", "postgresql", "hail")


def main() -> None:
    """Rage on both databases, send the hail, print what was found, and keep it in `build/chaos`."""
    given = _given()
    _BUILD.mkdir(parents=True, exist_ok=True)
    for name in _WHAT:
        if given.only in (None, name):
            sys.stderr.write(f"{name}, seed {given.seed}\n")
            report = json.dumps(_done(name, given), indent=2)
            (_BUILD / f"{name}.json").write_text(report, encoding="utf-8")
            sys.stdout.write(f"{report}\n")


def _given() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="tests.chaos")
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--payloads", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--only", choices=_WHAT)
    return parser.parse_args()


def _done(name: str, given: argparse.Namespace) -> dict[str, Any]:
    if name != "hail":
        return rage(Storm(given.kills, name == "postgresql", given.seed))
    samples = os.environ.get("LICENSE_DESK_SLACK_FACTS")
    with tempfile.TemporaryDirectory(prefix="license-desk-hail-") as folder:
        return hail(Path(folder), given.payloads, given.seed, Path(samples) if samples else None)


if __name__ == "__main__":
    main()
