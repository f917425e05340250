"""The SDK's Socket Mode client, with a connection that sends whole frames and notices when it has ended.

Read in the SDK's source (slack_sdk 3.48, `socket_mode/builtin`): a frame is sent by one `send()`, which over TLS
takes 16 kB at most, so that the answer with a large view would break the stream; the end of the stream is read as
"no messages" and polled again at once; a lost connection is renewed by the thread that deals out envelopes; and
closing waits for the reader, who may wait for 3 seconds himself.
"""

import errno
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackClientNotConnectedError
from slack_sdk.socket_mode.builtin import SocketModeClient
from slack_sdk.socket_mode.builtin.connection import Connection, ConnectionState

from bot.logs import slack_logger
from bot.settings import SOCKET_CONCURRENCY

# The SDK reads frames by recursion, one level for each chunk: larger chunks keep large payloads far from the
# limit of Python's stack.
_CHUNK = 16 * 1024


class WholeSocket:
    """A socket that sends all or ends, and for which the end of the stream is an error."""

    def __init__(self, wrapped: socket.socket) -> None:
        self._wrapped = wrapped

    def __getattr__(self, name: str) -> Any:
        return getattr(self._wrapped, name)

    def send(self, data: bytes) -> int:
        """Send all of `data`; after half a frame nothing else could be understood, so the socket ends."""
        try:
            self._wrapped.sendall(data)
        except OSError:
            end(self._wrapped)
            raise
        return len(data)

    def recv(self, size: int) -> bytes:
        """Give at least one byte. Raises ConnectionResetError at the end of the stream."""
        data = self._wrapped.recv(size)
        if not data:
            raise ConnectionResetError(errno.ECONNRESET, "Slack has ended the connection")
        return data


class WatchedConnection(Connection):
    """One connection; knows when it last heard from Slack."""

    connected_at = 0.0

    def connect(self) -> None:
        """Shake hands with Slack. Raises SlackClientNotConnectedError when that fails."""
        super().connect()
        if self.sock is None:
            raise SlackClientNotConnectedError("Slack did not take the connection")
        self.connected_at = time.time()
        self.sock = WholeSocket(self.sock)  # type: ignore[assignment] # It does what the SDK asks of a socket.

    @property
    def heard_at(self) -> float:
        """Unix time, in seconds, of the last ping that Slack answered; of the handshake before the first."""
        return self.last_ping_pong_time or self.connected_at

    def hang_up(self) -> None:
        """Close at once, waking the thread that reads."""
        if self.sock is not None:
            end(self.sock)
        self.disconnect()


class WatchedClient(SocketModeClient):
    """A client that never connects by itself.

    `lost` is called when it needs a connection, `settle` before one takes the place of another: it may wait for
    answers that the old one is owed.
    """

    def __init__(
        self,
        app_token: str,
        web: WebClient,
        *,
        ping_interval: float,
        lost: Callable[[], None],
        settle: Callable[[], object],
    ) -> None:
        super().__init__(
            app_token=app_token,
            web_client=web,
            logger=slack_logger(),
            auto_reconnect_enabled=False,
            ping_interval=ping_interval,
            receive_buffer_size=_CHUNK,
            concurrency=SOCKET_CONCURRENCY,
        )
        self._lost = lost
        self._settle = settle

    @property
    def connection(self) -> WatchedConnection | None:
        """The present connection, if it is not known to have ended."""
        present = self.current_session
        return present if isinstance(present, WatchedConnection) and present.is_active() else None

    def issue_new_wss_url(self) -> str:
        """Ask Slack for the address of a new connection; a refusal raises SlackApiError at once."""
        return str(self.web_client.apps_connections_open(app_token=self.app_token)["url"])

    def connect_to_new_endpoint(self, force: bool = False) -> None:  # noqa: ARG002 - the SDK's signature.
        """Note that a new connection is wanted; the SDK calls this when Slack announces an exchange."""
        self._lost()

    def connect(self) -> None:
        """Open a new connection, and only then close the present one, so that no envelope finds none.

        Raises SlackClientError or OSError when Slack cannot be reached.
        """
        old, old_state = self.current_session, self.current_session_state
        connection = self._new_connection(self.issue_new_wss_url())
        connection.connect()
        if self.connection is not None:
            self._settle()
        self.current_session_state = ConnectionState()  # type: ignore[no-untyped-call] # The SDK's class.
        self.current_session = connection
        old_state.terminated = True
        if isinstance(old, WatchedConnection):
            old.hang_up()
        if self.closed:  # Closed meanwhile, by another thread, which did not see this connection.
            connection.hang_up()
        elif not self.current_app_monitor_started:
            self.current_app_monitor_started = True
            self.current_app_monitor.start()

    def close(self) -> None:
        """Close the connection and end the SDK's threads, without waiting for listeners that still run."""
        self.closed = True
        self.current_session_state.terminated = True
        if isinstance(self.current_session, WatchedConnection):
            self.current_session.hang_up()
        self.message_queue.put(None)  # Wakes the thread that waits for messages, so that it can end.
        for runner in (self.current_session_runner, self.current_app_monitor, self.message_processor):
            if runner.is_alive():
                runner.shutdown()  # type: ignore[no-untyped-call] # The SDK's method.
        self.message_workers.shutdown(wait=False, cancel_futures=True)

    def _new_connection(self, url: str) -> WatchedConnection:
        connection = WatchedConnection(
            url=url,
            logger=self.logger,
            ping_interval=self.ping_interval,
            receive_buffer_size=self.receive_buffer_size,
            proxy=self.proxy,
            proxy_headers=self.proxy_headers,
            on_message_listener=self._on_message,
            on_error_listener=lambda _error: self._ended(connection),
            on_close_listener=lambda _code, _reason: self._ended(connection),
            ssl_context=self.web_client.ssl,
        )
        return connection

    def _ended(self, connection: WatchedConnection) -> None:
        # Only the present one counts: a failed attempt is known to its caller, a replaced one has to end.
        if connection is self.current_session:
            self._lost()


def end(sock: socket.socket) -> None:
    """Shut a socket down in both directions; one that has ended already is fine."""
    with suppress(OSError):
        sock.shutdown(socket.SHUT_RDWR)
