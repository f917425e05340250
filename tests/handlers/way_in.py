"""A small HTTP server through which the sandbox reaches a Bolt app."""

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from types import TracebackType
from typing import Self

from slack_bolt import App, BoltRequest

from bot.dispatch import Dispatcher
from bot.metrics import Metrics


class WayIn:
    """Serves `app` at `url` while it is open."""

    def __init__(self, app: App) -> None:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(app))
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self.url = f"http://127.0.0.1:{self._server.server_port}/slack/events"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def _handler(app: App) -> type[BaseHTTPRequestHandler]:
    way = Dispatcher(app, Metrics())

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            answer = way.answer(BoltRequest(body=body.decode(), headers=dict(self.headers.items())))
            content = answer.body.encode()
            self.send_response(answer.status)
            self.send_header("Content-Type", str(answer.first_headers().get("content-type", "text/plain")))
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 # the name is the library's
            """Say nothing."""

    return Handler
