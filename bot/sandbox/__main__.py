"""`python -m bot.sandbox DESCRIPTION.yml [PORT]`: a sandbox by itself, until Ctrl-C."""

import sys
import time
from pathlib import Path

from bot.sandbox import Sandbox, World
from bot.sandbox.description import load

USAGE = "usage: python -m bot.sandbox DESCRIPTION.yml [PORT]\n"


def main(arguments: list[str]) -> int:
    """Serve the workspace that a file describes; gives the exit status."""
    if not arguments:
        sys.stderr.write(USAGE)
        return 2
    world = World.from_config(load(Path(arguments[0])))
    with Sandbox.start(world, int(arguments[1]) if len(arguments) > 1 else 0) as sandbox:
        sys.stdout.write(f"{sandbox.url}\n")
        sys.stdout.flush()
        _wait()
    return 0


def _wait() -> None:
    try:
        while True:
            time.sleep(3600)
    except KeyboardInterrupt:
        return


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
