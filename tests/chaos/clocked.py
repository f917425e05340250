"""`license-desk run` by a clock that can be set while it runs: the file `CLOCK` says how many seconds it is ahead."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from bot import app, logs
from bot.desk import now
from bot.server import end_process
from bot.settings import load_settings

CLOCK: Final = "clock"
"""In the folder where the program is started; absent: the clock is right."""


def clock() -> datetime:
    """The moment that this program takes for the present."""
    try:
        ahead = float(Path(CLOCK).read_text(encoding="ascii"))
    except FileNotFoundError:
        return now()
    return now() + timedelta(seconds=ahead)


def main() -> int:
    """Serve until a signal, and give the exit status."""
    settings = load_settings()
    logs.configure(settings)
    return app.run(settings, clock=clock)


if __name__ == "__main__":
    end_process(main())
