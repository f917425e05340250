"""A courier as a program of its own, to be killed: python -m tests.courier.killed DATABASE API KEY SECONDS."""

import sys
import time
from datetime import timedelta

from bot.courier import Courier
from bot.slack_calls import SlackCalls
from store.database import Database
from store.desk import Desk, Policy
from store.keys import KeyRing
from store.vault import Vault
from tests.courier.conftest import TOKEN, PlainDrawings
from tests.example import START


def main(url: str, api_url: str, key: str, seconds: str) -> None:
    """Send until killed; the time begins `seconds` after the example's."""
    begun = time.monotonic() - float(seconds)
    vault = Vault([key])
    desk = Desk(
        Database(url),
        vault,
        KeyRing(vault),
        Policy(),
        lambda: START + timedelta(seconds=time.monotonic() - begun),
    )
    Courier(desk, SlackCalls(TOKEN, api_url), PlainDrawings()).start()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    time.sleep(600)


if __name__ == "__main__":
    main(*sys.argv[1:])
