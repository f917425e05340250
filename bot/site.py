"""What all answers over HTTP have in common: safe headers, words of ours for every error, and never a traceback."""

from collections.abc import Mapping, Sequence
from typing import Final

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Lifespan, Message, Receive, Scope, Send

from handlers.pages import HEADERS, Page, page, paragraphs
from handlers.words import unforeseen

_POLICY: Final = "default-src 'none'; frame-ancestors 'none'"
COMMON: Final = tuple(
    (name.encode(), value.encode()) for name, value in {**HEADERS, "content-security-policy": _POLICY}.items()
)
"""The headers of every answer; one that brings a header of its own keeps it."""
_SLOW: Final = 408
_WORDS: Final[Mapping[int, tuple[str, str]]] = {
    404: (
        "There is nothing here",
        "The address may be cut off or mistyped. Open it again, whole, as it was given to you.",
    ),
    405: (
        "This cannot be done here",
        "Nothing has changed. Open the address again in a browser, and use what is on its page.",
    ),
}
_OTHERWISE: Final = ("This cannot be answered", "Nothing has changed. Open the address again.")


def site(routes: Sequence[BaseRoute], lifespan: Lifespan[Starlette] | None = None) -> Starlette:
    """Make an application of these routes, in which no answer lacks the common headers and none is a traceback."""
    made = Starlette(
        routes=routes,
        middleware=[Middleware(_Edge)],
        exception_handlers={HTTPException: _refused},
        lifespan=lifespan,
    )
    # A redirect names the scheme that reached us behind the TLS proxy, and so sends a secret address in clear text.
    made.router.redirect_slashes = False
    return made


def response(made: Page) -> Response:
    """A page as an answer."""
    return HTMLResponse(made.html, made.status, made.headers)


class _Edge:
    """The outermost edge of every answer over HTTP."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        begun = False

        async def completed(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                message = {**message, "headers": _completed(message)}
            await send(message)

        try:
            await self._app(scope, receive, completed)
        except Exception as error:
            if begun:
                raise
            await response(_failed(error))(scope, receive, completed)


def _completed(message: Message) -> list[tuple[bytes, bytes]]:
    own = {name.lower() for name, _value in message["headers"]}
    headers = [*message["headers"], *(each for each in COMMON if each[0] not in own)]
    # Whoever sends too slowly would otherwise go on doing so after the answer.
    return [*headers, (b"connection", b"close")] if message["status"] == _SLOW else headers


def _failed(error: Exception) -> Page:
    return page("Something went wrong", paragraphs([unforeseen(error)]), status=500)


async def _refused(_request: Request, error: Exception) -> Response:
    status = getattr(error, "status_code", 400)
    title, words = _WORDS.get(status, _OTHERWISE)
    made = response(page(title, paragraphs([words]), status=status))
    made.headers.update(getattr(error, "headers", None) or {})
    return made
