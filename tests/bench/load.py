"""Load from a process of its own: `/license slots` over signed HTTP, on connections that stay open.

Each connection sends its next request as soon as it has the answer to the last one. Every request differs,
comes from another person and is signed as Slack signs it. Times are taken here, from the first byte sent to the
last one received. An answer that is not the expected one ends the process: only right answers count.
"""

import asyncio
import hmac
import json
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from itertools import count, cycle
from pathlib import Path
from typing import Any, Final, Self, cast
from urllib.parse import urlencode

import uvloop

from tests.bench.data import WORKSPACE

SECRET: Final = "the signing secret of the bench"
CONNECTIONS: Final = 8
_ROOT: Final = Path(__file__).parents[2]
_PATIENCE: Final = 20.0
"""Seconds that the last answers may take."""
_LENGTH: Final = b"content-length: "


@dataclass(frozen=True)
class Job:
    """What to send: to which port, for how long, as whom, and a text that every right answer has in it."""

    port: int
    seconds: float
    people: list[str]
    expected: str
    connections: int = CONNECTIONS


@dataclass(frozen=True)
class Measured:
    """What came of it: answers in a second, and the time to an answer in milliseconds."""

    requests_per_second: float
    p50_ms: float
    p99_ms: float
    requests: int

    @classmethod
    def of(cls, latencies: list[float], seconds: float) -> Self:
        """Sum up latencies in seconds, measured in so many seconds."""
        ordered = sorted(latencies)
        middle, late = (ordered[int(len(ordered) * part)] * 1000 for part in (0.5, 0.99))
        return cls(len(ordered) / seconds, middle, late, len(ordered))


class WrongAnswer(Exception):
    """A server under load gave another answer than the expected one."""


def measure(job: Job) -> Measured:
    """Run the load in a process of its own. Raises CalledProcessError after a wrong answer."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.load"],
        input=json.dumps(asdict(job)),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        cwd=_ROOT,
        timeout=job.seconds + 2 * _PATIENCE,
    )
    return Measured(**json.loads(done.stdout))


class _Requests:
    """Makes the bytes of signed requests, never the same twice."""

    def __init__(self, people: list[str]) -> None:
        self._people = cycle(people)
        self._numbers = count()
        self._begun = time.time_ns()

    def make(self) -> bytes:
        body = urlencode(self._form(next(self._people), next(self._numbers))).encode()
        stamp = b"%d" % time.time()
        digest = hmac.digest(SECRET.encode(), b"v0:%b:%b" % (stamp, body), "sha256").hex().encode()
        return (
            b"POST /slack/events HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            b"User-Agent: Slackbot 1.0 (+https://api.slack.com/robots)\r\nAccept: application/json,*/*\r\n"
            b"Content-Type: application/x-www-form-urlencoded\r\n"
            b"X-Slack-Request-Timestamp: %b\r\nX-Slack-Signature: v0=%b\r\nContent-Length: %d\r\n\r\n%b"
        ) % (stamp, digest, len(body), body)

    def _form(self, person: str, number: int) -> dict[str, str]:
        return {
            "token": "an-old-token-that-nobody-looks-at",
            "team_id": WORKSPACE,
            "team_domain": "bench",
            "channel_id": "C0BENCH",
            "channel_name": "licenses",
            "user_id": person,
            "user_name": person.lower(),
            "command": "/license",
            "text": "slots",
            "api_app_id": "A0BENCH",
            "is_enterprise_install": "false",
            "response_url": f"https://hooks.slack.example/commands/{WORKSPACE}/{number}",
            "trigger_id": f"{self._begun}.{number}",
        }


class _Connection(asyncio.Protocol):
    """One connection that asks again and again until `ends` (a moment of the event loop's clock)."""

    def __init__(self, requests: _Requests, expected: bytes, ends: float) -> None:
        self._requests, self._expected, self._ends = requests, expected, ends
        self._loop = asyncio.get_running_loop()
        self._received = b""
        self._sent_at = 0.0
        self._transport: asyncio.Transport
        self.latencies: list[float] = []
        self.finished: asyncio.Future[None] = self._loop.create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are not registered as what they are.
        self._transport = cast("asyncio.Transport", transport)
        self._ask()

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, separator, body = self._received.partition(b"\r\n\r\n")
        if separator and len(body) >= _length(head):
            self._answered(head, body)

    def connection_lost(self, error: Exception | None) -> None:
        if not self.finished.done():
            self.finished.set_exception(error or WrongAnswer("the connection was closed"))

    def _ask(self) -> None:
        request = self._requests.make()
        self._received = b""
        self._sent_at = time.perf_counter()
        self._transport.write(request)

    def _answered(self, head: bytes, body: bytes) -> None:
        self.latencies.append(time.perf_counter() - self._sent_at)
        if not head.startswith(b"HTTP/1.1 200 ") or self._expected not in body:
            self.finished.set_exception(WrongAnswer(f"{head!r} {body!r}"))
        elif self._loop.time() >= self._ends:
            self.finished.set_result(None)
        else:
            self._ask()


def _length(head: bytes) -> int:
    _, _, rest = head.lower().partition(_LENGTH)
    return int(rest.partition(b"\r\n")[0])


async def _load(job: Job) -> Measured:
    loop = asyncio.get_running_loop()
    requests, expected = _Requests(job.people), job.expected.encode()
    begun = loop.time()
    made = [
        await loop.create_connection(
            lambda: _Connection(requests, expected, begun + job.seconds), "127.0.0.1", job.port
        )
        for _ in range(job.connections)
    ]
    connections = [connection for _, connection in made]
    async with asyncio.timeout(job.seconds + _PATIENCE):
        await asyncio.gather(*(each.finished for each in connections))
    spent = loop.time() - begun
    for transport, _ in made:
        transport.close()
    return Measured.of([latency for each in connections for latency in each.latencies], spent)


def main(job: dict[str, Any]) -> None:
    """Do the job that standard input describes, and print what was measured."""
    sys.stdout.write(json.dumps(asdict(uvloop.run(_load(Job(**job))))))


if __name__ == "__main__":
    main(json.load(sys.stdin))
