"""The desk's own pages over HTTP: answering a request from an e-mail, and the start from a product's console.

Whoever opens them is not in Slack, or not yet. Addresses are never logged, since the one of a request is a secret.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from math import ceil
from typing import Final
from urllib.parse import parse_qs, urlsplit

from anyio import CapacityLimiter, to_thread
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from bot.bodies import BODY_SECONDS, read_body
from bot.guard import Rejected
from bot.guesses import Guesses
from bot.site import response
from handlers import deciding_page, start_page
from handlers.pages import Page, page, paragraphs
from store import mails
from store.desk import Desk
from store.identity import Workspace
from store.rules.mail_errors import LinkUnknown

PAGE_THREADS: Final = 4
"""Pages made at the same time, each with a connection to the database."""
MAX_BYTES: Final = 20_000
_LONGEST_TOKEN: Final = 200
_LONGEST_TYPED: Final = 200
_SAME_SITE: Final = {"same-origin", "none"}
_NOT_OURS: Final = "This form was not sent from our page."
_TURNED_AWAY: Final[Mapping[int, str]] = {
    400: _NOT_OURS,
    408: "Your answer did not arrive in time. Open the link in the e-mail again, and answer once more.",
    413: "This is more than a reason.",
}
_Make = Callable[[mails.Link], Page]


def pages(
    desk: Desk,
    workspace: Callable[[], Workspace],
    monotonic: Callable[[], float] = time.monotonic,
    body_seconds: float = BODY_SECONDS,
) -> Sequence[BaseRoute]:
    """Make the routes; `workspace` tells which one this is, `monotonic` the present in seconds."""
    made = _Pages(desk, workspace, Guesses(monotonic), body_seconds)
    return [
        Route("/start", made.start, methods=["GET"]),
        Route("/decide/{token}", made.question, methods=["GET"]),
        Route("/decide/{token}", made.answer, methods=["POST"]),
    ]


class _Pages:
    def __init__(
        self, desk: Desk, workspace: Callable[[], Workspace], guesses: Guesses, body_seconds: float
    ) -> None:
        self._desk, self._workspace, self._guesses = desk, workspace, guesses
        self._body_seconds = body_seconds
        self._threads: CapacityLimiter | None = None
        self._origin = "{0.scheme}://{0.netloc}".format(urlsplit(desk.policy.public_url))

    async def start(self, request: Request) -> Response:
        """The line to paste."""
        serial, version = (
            request.query_params.get(name, "")[:_LONGEST_TYPED] for name in ("serial", "version")
        )
        return response(start_page.start_page(self._desk, self._workspace(), serial, version))

    async def question(self, request: Request) -> Response:
        """A request once more, for somebody with its link."""
        return await self._opened(request, lambda link: deciding_page.question(self._desk, link))

    async def answer(self, request: Request) -> Response:
        """The answer to a request."""
        if not self._is_from_our_page(request):
            return _refused(_NOT_OURS, 403)
        try:
            body = await read_body(request.scope, request.receive, MAX_BYTES, self._body_seconds)
            form = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=10)
        except Rejected as rejected:
            return _refused(_TURNED_AWAY[rejected.status], rejected.status)
        except ValueError:
            return _refused(_NOT_OURS, 400)
        choice, reason = (form.get(name, [""])[0] for name in ("choice", "reason"))
        if choice not in {deciding_page.FORWARD, deciding_page.DECLINE}:
            return await self.question(request)
        return await self._opened(
            request, lambda link: deciding_page.answer(self._desk, link, choice, reason)
        )

    def _is_from_our_page(self, request: Request) -> bool:
        """Whether a browser sends this from a page of ours; other clients say nothing of where it comes from."""
        origin, site = request.headers.get("origin"), request.headers.get("sec-fetch-site")
        # Our pages send no referrer, and browsers then name no origin either.
        return origin in {None, "null", self._origin} and (site is None or site in _SAME_SITE)

    async def _opened(self, request: Request, make: _Make) -> Response:
        """The page that a link leads to; one that this desk did not make takes neither a thread nor the database."""
        try:
            link = mails.read_link(self._desk, request.path_params["token"][:_LONGEST_TOKEN])
        except LinkUnknown as error:
            return self._unknown(request, error)
        self._threads = self._threads or CapacityLimiter(PAGE_THREADS)
        return response(await to_thread.run_sync(make, link, limiter=self._threads))

    def _unknown(self, request: Request, error: LinkUnknown) -> Response:
        # Behind a proxy everybody has the proxy's address. So links of ours are opened whatever was tried from there.
        seconds = self._guesses.wait(request.client.host if request.client else "")
        if not seconds:
            return response(deciding_page.unknown(self._desk, error))
        made = response(deciding_page.unknown_again())
        made.headers["retry-after"] = str(ceil(seconds))
        return made


def _refused(words: str, status: int) -> Response:
    return response(page("Nothing has changed", paragraphs([words]), status=status))
