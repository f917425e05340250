"""What all answers over HTTP have in common: headers, words, and no traceback."""

import http.client
import io
import re
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import closing
from dataclasses import dataclass

import pytest
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from bot.http import HttpServer
from bot.site import site

SAFE = {
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "x-robots-tag": "noindex, nofollow",
}


@dataclass(frozen=True)
class Reply:
    """An answer over HTTP; a header that is there twice has both values."""

    status: int
    headers: dict[str, str]
    body: str

    @property
    def is_safe(self) -> bool:
        policy = self.headers["content-security-policy"]
        return self.headers | SAFE == self.headers and policy.startswith("default-src 'none'")


def well(_request: Request) -> Response:
    return PlainTextResponse("well", headers={"cache-control": "max-age=5"})


def broken(_request: Request) -> Response:
    raise RuntimeError("canary of the words of an error")


def refused(_request: Request) -> Response:
    raise HTTPException(418, "canary of a teapot")


def begun(_request: Request) -> Response:
    async def parts() -> AsyncIterator[str]:
        yield "first"
        raise RuntimeError("canary of the second part")

    return StreamingResponse(parts())


ENDPOINTS = {"/well": well, "/broken": broken, "/refused": refused, "/begun": begun}


@pytest.fixture
def port() -> Iterator[int]:
    routes = [Route(path, endpoint, methods=["GET"]) for path, endpoint in ENDPOINTS.items()]
    server = HttpServer(site(routes), "127.0.0.1", 0, name="pages")
    server.start()
    yield server.port
    assert server.stop(5.0)


def ask(port: int, path: str, method: str = "GET") -> Reply:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=10)) as connection:
        connection.request(method, path)
        with connection.getresponse() as answer:
            return read(answer)


def read(answer: http.client.HTTPResponse) -> Reply:
    headers: dict[str, str] = {}
    for name, value in answer.getheaders():
        headers[name.lower()] = f"{headers[name.lower()]}, {value}" if name.lower() in headers else value
    return Reply(answer.status, headers, answer.read().decode())


@pytest.mark.parametrize(
    ("path", "method", "status", "words"),
    [
        ("/elsewhere", "GET", 404, "There is nothing here"),
        ("/", "POST", 404, "There is nothing here"),
        ("/well", "POST", 405, "This cannot be done here"),
        ("/well", "OPTIONS", 405, "This cannot be done here"),
        ("/refused", "GET", 418, "This cannot be answered"),
        ("/broken", "GET", 500, "Something went wrong"),
        ("/broken", "HEAD", 500, ""),
        ("/elsewhere", "HEAD", 404, ""),
    ],
)
def test_every_error_is_a_safe_page_in_words_of_ours(
    port: int, path: str, method: str, status: int, words: str, log_lines: Callable[..., io.StringIO]
) -> None:
    log_lines()
    reply = ask(port, path, method)
    assert (reply.status, reply.is_safe) == (status, True)
    assert words in reply.body
    assert "canary" not in reply.body


def test_what_may_be_done_instead_is_said_in_the_header(port: int) -> None:
    assert set(ask(port, "/well", "POST").headers["allow"].split(", ")) == {"GET", "HEAD"}


def test_a_header_of_an_answer_is_kept_and_the_others_join_it(port: int) -> None:
    reply = ask(port, "/well")
    assert reply.body == "well"
    assert reply.headers["cache-control"] == "max-age=5"
    assert reply.headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert reply.headers["x-content-type-options"] == "nosniff"


def test_an_unexpected_error_has_a_reference_that_is_in_the_log_with_the_traceback_once(
    port: int, log_lines: Callable[..., io.StringIO]
) -> None:
    stream = log_lines(log_format="json")
    reply = ask(port, "/broken")
    found = re.search(r"this reference: ([0-9A-F]{6})\.", reply.body)
    assert found, reply.body
    assert "Traceback" not in reply.body
    [line] = stream.getvalue().splitlines()
    assert f'"reference": "{found[1]}"' in line
    assert "canary of the words of an error" in line


def test_an_answer_that_has_begun_is_cut_off_and_shows_no_traceback(
    port: int, log_lines: Callable[..., io.StringIO]
) -> None:
    stream = log_lines()
    with pytest.raises(http.client.IncompleteRead) as cut:
        ask(port, "/begun")
    assert cut.value.partial == b"first"
    assert "canary of the second part" in stream.getvalue()
    assert "reference" not in stream.getvalue()


def test_a_slash_too_many_leads_nowhere_since_a_redirect_would_go_over_plain_http(port: int) -> None:
    reply = ask(port, "/well/")
    assert reply.status == 404
    assert "location" not in reply.headers


@pytest.mark.parametrize("sent", [b"canary\r\n\r\n", b"GET /\xff HTTP/1.1\r\n\r\n", b"\x16\x03\x01canary"])
def test_what_is_no_http_is_answered_as_safely(
    port: int, sent: bytes, log_lines: Callable[..., io.StringIO]
) -> None:
    stream = log_lines(log_level="debug")
    with socket.create_connection(("127.0.0.1", port), timeout=10) as sender:
        sender.sendall(sent)
        with http.client.HTTPResponse(sender) as answer:
            answer.begin()
            reply = read(answer)
    assert (reply.status, reply.is_safe) == (400, True)
    assert reply.body == "This is no request that can be read.\n"
    assert "canary" not in stream.getvalue()
