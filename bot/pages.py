"""The desk's own pages over HTTP: answering a request from an e-mail, and the start from a product's console.

Whoever opens them is not in Slack, or not yet. Addresses are never logged, since the one of a request is a secret.
"""

from collections.abc import Callable, Sequence
from typing import Final
from urllib.parse import parse_qs, urlsplit

from anyio import CapacityLimiter, to_thread
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Route

from handlers import deciding_page, start_page
from handlers.pages import Page, page, paragraphs
from store.desk import Desk
from store.identity import Workspace

PAGE_THREADS: Final = 4
"""Pages made at the same time, each with a connection to the database."""
MAX_BYTES: Final = 20_000
_LONGEST_TOKEN: Final = 200
_LONGEST_TYPED: Final = 200
_SAME_SITE: Final = {"same-origin", "none"}


def pages(desk: Desk, workspace: Callable[[], Workspace]) -> Sequence[BaseRoute]:
    """Make the routes; `workspace` tells which one this is."""
    made = _Pages(desk, workspace)
    return [
        Route("/start", made.start, methods=["GET"]),
        Route("/decide/{token}", made.question, methods=["GET"]),
        Route("/decide/{token}", made.answer, methods=["POST"]),
    ]


class _Pages:
    def __init__(self, desk: Desk, workspace: Callable[[], Workspace]) -> None:
        self._desk, self._workspace = desk, workspace
        self._threads: CapacityLimiter | None = None
        self._origin = "{0.scheme}://{0.netloc}".format(urlsplit(desk.policy.public_url))

    async def start(self, request: Request) -> Response:
        """The line to paste."""
        serial, version = (
            request.query_params.get(name, "")[:_LONGEST_TYPED] for name in ("serial", "version")
        )
        return _response(start_page.start_page(self._desk, self._workspace(), serial, version))

    async def question(self, request: Request) -> Response:
        """A request once more, for somebody with its link."""
        token = request.path_params["token"][:_LONGEST_TOKEN]
        return await self._made(lambda: deciding_page.question(self._desk, token))

    async def answer(self, request: Request) -> Response:
        """The answer to a request."""
        if not self._is_from_our_page(request):
            return _refused("This form was not sent from our page.", 403)
        body = await _body(request)
        if body is None:
            return _refused("This is more than a reason.", 413)
        try:
            form = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=10)
        except ValueError:
            return _refused("This form was not sent from our page.", 400)
        token = request.path_params["token"][:_LONGEST_TOKEN]
        choice, reason = (form.get(name, [""])[0] for name in ("choice", "reason"))
        if choice not in {deciding_page.FORWARD, deciding_page.DECLINE}:
            return await self._made(lambda: deciding_page.question(self._desk, token))
        return await self._made(lambda: deciding_page.answer(self._desk, token, choice, reason))

    def _is_from_our_page(self, request: Request) -> bool:
        """Whether a browser sends this from a page of ours; other clients say nothing of where it comes from."""
        origin, site = request.headers.get("origin"), request.headers.get("sec-fetch-site")
        # Our pages send no referrer, and browsers then name no origin either.
        return origin in {None, "null", self._origin} and (site is None or site in _SAME_SITE)

    async def _made(self, make: Callable[[], Page]) -> Response:
        self._threads = self._threads or CapacityLimiter(PAGE_THREADS)
        return _response(await to_thread.run_sync(make, limiter=self._threads))


def _refused(words: str, status: int) -> Response:
    return _response(page("Nothing has changed", paragraphs([words]), status=status))


def _response(made: Page) -> Response:
    return HTMLResponse(made.html, made.status, made.headers)


async def _body(request: Request) -> bytes | None:
    body = bytearray()
    try:
        async for part in request.stream():
            body += part
            if len(body) > MAX_BYTES:
                return None
    except ClientDisconnect:
        return None
    return bytes(body)
