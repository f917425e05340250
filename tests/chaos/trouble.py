"""What goes wrong: with Slack, with the database, with the disk. Each trouble passes by itself or is taken back."""

import random
from collections.abc import Callable
from typing import Final

from tests.chaos.town import Town

_METHODS: Final = (
    "",
    "chat.postMessage",
    "chat.update",
    "files.getUploadURLExternal",
    "files.completeUploadExternal",
    "upload",
    "views.open",
)
Trouble = Callable[[Town, random.Random], None]


def _fault(kind: str, **more: float) -> Trouble:
    def strike(town: Town, chance: random.Random) -> None:
        town.slack.weather(fault=kind, method=chance.choice(_METHODS), calls=chance.randint(1, 8), **more)

    return strike


TROUBLES: Final[dict[str, Trouble]] = {
    "rate limits": _fault("ratelimited", retry_after=1),
    "server errors": _fault("server_error"),
    "garbage": _fault("garbage"),
    "lost answers": _fault("lost", hold=0.5),
    "cut calls": _fault("cut"),
    "silence": _fault("silence", hold=2.0),
    "slow calls": lambda town, chance: town.slack.weather(latency=chance.uniform(0.02, 0.3)),
    "slow sharing": lambda town, _: town.slack.weather(sharing=1.0),
    "everything three times": lambda town, _: town.slack.weather(redeliver=2),
    "cut sockets": lambda town, _: _ignored(town.slack.cut_sockets()),
    "deaf sockets": lambda town, _: _ignored(town.slack.deafen_sockets()),
    "cut database connections": lambda town, _: town.cut_database_connections(),
    "a restart of the database": lambda town, _: town.restart_database(),
    "a full disk": lambda town, _: town.fill_disk(),
    # By more than a lease or by less, ahead or back; it ends with another jump.
    "a jump of the clocks": lambda town, chance: town.set_clocks(chance.choice((-90, -20, 20, 90))),
}


def fair(town: Town) -> None:
    """End every trouble."""
    town.slack.clear_weather()
    town.slack.weather(latency=0.0, sharing=0.05, redeliver=0)
    town.empty_disk()
    town.put_clocks_right()
    town.start_what_ended()


def _ignored(_what: object) -> None:
    """Nothing has to be known of it."""
