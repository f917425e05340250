"""The live view: a socket through which the page hears what changed, and says what it looks at.

The page sends `{"user": …, "place": …, "inspect": true or false}` at first and whenever that changes. It gets
`{"screen": …}` (see `bot.sandbox.page.screen`), `{"traffic": …, "count": …}` while it inspects, and
`{"refused": …}` when there is nobody of that name.
"""

import asyncio
import json
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from starlette.websockets import WebSocket, WebSocketDisconnect

from bot.sandbox import sharing
from bot.sandbox.control import Controls
from bot.sandbox.errors import Refused
from bot.sandbox.page.screen import WITH_THE_APP, screen

# Many things change at once when the app answers; the page is told once.
TOGETHER_SECONDS: Final = 0.03
MOST_CROSSINGS: Final = 300


@dataclass
class Look:
    """What one page looks at; `shown` is what it was shown last, `crossings` how many it has heard of."""

    user: str = ""
    place: str = WITH_THE_APP
    inspect: bool = False
    shown: str = ""
    crossings: int = 0
    begun: bool = False
    gone: bool = False

    def turn(self, wish: dict[str, Any]) -> None:
        """Look at something else; an inspector that is opened anew hears everything anew."""
        self.user, self.place = str(wish["user"]), str(wish.get("place") or WITH_THE_APP)
        self.begun = True
        opened = bool(wish.get("inspect")) and not self.inspect
        self.inspect = bool(wish.get("inspect"))
        self.crossings = 0 if opened else self.crossings


class Live:
    """Serves the live view to any number of pages."""

    def __init__(self, controls: Controls) -> None:
        self._controls = controls

    async def serve(self, socket: WebSocket) -> None:
        """Hold one page from its greeting to its end."""
        await socket.accept()
        look = Look()
        with self._controls.world.watch.bell() as bell:
            listening = asyncio.ensure_future(_listen(socket, look, bell))
            try:
                with suppress(WebSocketDisconnect, RuntimeError):
                    await self._tell(socket, look, bell)
            finally:
                listening.cancel()

    async def _tell(self, socket: WebSocket, look: Look, bell: asyncio.Event) -> None:
        while True:
            await bell.wait()
            await asyncio.sleep(TOGETHER_SECONDS)
            bell.clear()
            if look.gone:
                return
            if look.begun:
                for message in self._news(look):
                    await socket.send_text(message)

    def _news(self, look: Look) -> list[str]:
        sharing.settle(self._controls.world)
        return [*self._screen(look), *self._traffic(look)]

    def _screen(self, look: Look) -> list[str]:
        try:
            seen = json.dumps({"screen": screen(self._controls, look.user, look.place)})
        except Refused as refused:
            seen = json.dumps({"refused": str(refused)})
        if seen == look.shown:
            return []
        look.shown = seen
        return [seen]

    def _traffic(self, look: Look) -> list[str]:
        traffic = self._controls.world.traffic
        if not look.inspect or look.crossings == traffic.count:
            return []
        news = traffic.since(look.crossings, MOST_CROSSINGS)
        look.crossings = traffic.count
        return [json.dumps({"traffic": news, "count": traffic.count})]


async def _listen(socket: WebSocket, look: Look, bell: asyncio.Event) -> None:
    """Hear what the page wants to see, until it is gone or says something else."""
    try:
        while True:
            look.turn(json.loads(await socket.receive_text()))
            bell.set()
    except (WebSocketDisconnect, ValueError, KeyError, TypeError):
        look.gone = True
        bell.set()
