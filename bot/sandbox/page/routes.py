"""The addresses of the page: itself, its modules, the files that people save, and the live view."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final
from urllib.parse import quote

from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.websockets import WebSocket

from bot.sandbox.control import Controls, visible_file
from bot.sandbox.errors import ApiError, Refused
from bot.sandbox.page.headers import Guarded
from bot.sandbox.page.live import Live

STATIC: Final = Path(__file__).parent / "static"
BYTES: Final = "application/octet-stream"
# Kinds that can only ever be drawn as pictures; a browser takes them as nothing else.
PICTURES: Final = {"png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg", "gif": "image/gif"}


def page_routes(controls: Controls) -> list[BaseRoute]:
    """The page at `/`, and below `/page` everything that it is made of."""
    live = Live(controls)
    guarded = [Middleware(Guarded)]

    async def view(websocket: WebSocket) -> None:
        await live.serve(websocket)

    return [
        Route("/", _index, methods=["GET"], middleware=guarded),
        WebSocketRoute("/page/live", view),
        Route("/page/files/{file:str}", _saving(controls), methods=["GET"], middleware=guarded),
        Mount("/page", StaticFiles(directory=STATIC), middleware=guarded),
    ]


async def _index(_request: Request) -> Response:
    return FileResponse(STATIC / "index.html")


def _saving(controls: Controls) -> Callable[[Request], Awaitable[Response]]:
    """Files as a person saves them, from a link; `user` says who, and only who sees a file gets it."""

    async def save(request: Request) -> Response:
        user, file_id = request.query_params.get("user", ""), request.path_params["file"]
        try:
            file = visible_file(controls.world, controls.world.person(user), file_id)
        except (ApiError, Refused):
            return PlainTextResponse("There is no such file, or you do not see it.", 404)
        headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(file.name, safe='')}"}
        return Response(file.content or b"", 200, headers, media_type=PICTURES.get(file.kind, BYTES))

    return save
