"""The pages withstand who sends slowly, sends too much, guesses, or meets a fault of ours."""

import re
import socket
from collections.abc import Iterator, MutableMapping
from dataclasses import replace
from typing import Any

import pytest

from bot.guesses import MOST, WITHIN_SECONDS
from bot.http import HttpServer
from bot.pages import MAX_BYTES, pages
from bot.site import site
from store.database import Database
from store.identity import Workspace
from store.vault import Vault, generate_key
from tests.handlers.conftest import logged
from tests.mail.conftest import Browser, Mailing
from tests.mail.test_asking_by_mail import link, request_of, state

__all__ = ["logged"]


@pytest.fixture
def database(sqlite_database: Database) -> Database:
    """What the server does with a request is the same on both databases."""
    return sqlite_database


@pytest.fixture
def guessed(mailing: Mailing) -> str:
    """The path of a link of another desk, after so many tries of it that no more are looked at."""
    request_id = request_of(mailing)
    other = replace(mailing.desk, vault=Vault([generate_key()]))
    path = path_of(link(replace(mailing, scene=replace(mailing.scene, desk=other)), request_id))
    assert [mailing.browser.get(path).status for _ in range(MOST)] == [404] * MOST
    return path


@pytest.fixture
def faulty(mailing: Mailing) -> Iterator[Browser]:
    """The pages of the same desk, whose database is away, and which does not know its workspace."""
    away = Database("sqlite:////no/such/folder/desk.db")

    def unknown() -> Workspace:
        raise RuntimeError("canary")

    server = HttpServer(
        site(pages(replace(mailing.desk, database=away), unknown)), "127.0.0.1", 0, name="pages"
    )
    server.start()
    yield Browser(server.port)
    assert server.stop(5.0)
    away.close()


def path_of(link: str) -> str:
    return "/decide/" + link.rpartition("/")[2]


def raw(mailing: Mailing, headers: str, body: bytes) -> bytes:
    """All that comes back for a request whose end is never sent, until the server hangs up or has answered."""
    with socket.create_connection(("127.0.0.1", mailing.browser.port), timeout=5) as sender:
        sender.sendall(f"POST {mailing.path()} HTTP/1.1\r\nHost: desk\r\n{headers}\r\n\r\n".encode() + body)
        got = b""
        while part := sender.recv(65_536):
            got += part
            if b"</html>" in got and b"connection: close" not in got:
                break
    return got


def test_an_answer_that_does_not_come_is_not_waited_for_and_its_sender_is_hung_up_on(
    mailing: Mailing,
) -> None:
    request_id = request_of(mailing)

    got = raw(mailing, "Content-Length: 14", b"choice=forw")

    assert got.startswith(b"HTTP/1.1 408 ")
    assert b"Your answer did not arrive in time." in got
    assert b"referrer-policy: no-referrer" in got
    assert b"connection: close" in got
    assert state(mailing, request_id) == "pending"


@pytest.mark.parametrize("length", ["999999999999", str(MAX_BYTES + 1), "1x"])
def test_an_answer_that_says_that_it_is_too_large_is_not_waited_for(mailing: Mailing, length: str) -> None:
    request_of(mailing)
    got = raw(mailing, f"Content-Length: {length}", b"")
    assert got.startswith((b"HTTP/1.1 413 ", b"HTTP/1.1 400 "))
    assert b"content-security-policy: default-src 'none'" in got


def test_an_answer_of_unsaid_length_is_bounded_too(mailing: Mailing) -> None:
    request_of(mailing)
    size = MAX_BYTES + 1
    got = raw(mailing, "Transfer-Encoding: chunked", b"%x\r\n%b\r\n" % (size, b"x" * size))
    assert got.startswith(b"HTTP/1.1 413 ")
    assert b"This is more than a reason." in got


def test_who_guesses_links_is_told_to_wait_and_it_is_in_the_log_once(
    mailing: Mailing, guessed: str, logged: list[MutableMapping[str, Any]]
) -> None:
    replies = [mailing.browser.get(guessed), mailing.browser.post(guessed, choice="forward")]
    for reply in replies:
        assert (reply.status, reply.headers["retry-after"]) == (429, str(int(WITHIN_SECONDS)))
        assert "This link is not known" in reply.body
        assert "default-src 'none'" in reply.headers["content-security-policy"]
    [line] = [each for each in logged if "tried again and again" in each["event"]]
    assert line["client"] == "127.0.0.1"
    assert guessed.rpartition("/")[2] not in str(logged)


def test_a_link_of_ours_opens_whatever_was_guessed_from_the_same_address(
    mailing: Mailing, guessed: str
) -> None:
    assert mailing.browser.get(guessed).status == 429
    assert "Forward license" in mailing.browser.get(mailing.path()).body
    assert "you forwarded" in mailing.browser.post(mailing.path(), choice="forward").body


def test_who_guesses_locks_out_nobody_elsewhere(mailing: Mailing, guessed: str) -> None:
    elsewhere = Browser(mailing.browser.port, "127.0.0.2")
    assert (mailing.browser.get(guessed).status, elsewhere.get(guessed).status) == (429, 404)


def test_who_guesses_may_try_again_later(mailing: Mailing, guessed: str) -> None:
    assert mailing.browser.get(guessed).status == 429
    mailing.ticks[0] += WITHIN_SECONDS + 1.0
    assert mailing.browser.get(guessed).status == 404


@pytest.mark.parametrize("name", ["X-Forwarded-For", "X-Real-IP", "Forwarded"])
def test_a_header_makes_nobody_somebody_else(mailing: Mailing, guessed: str, name: str) -> None:
    for address in ("192.0.2.7", "for=192.0.2.7", "127.0.0.1"):
        assert mailing.browser.get(guessed, headers={name: address}).status == 429


def test_a_fault_of_ours_is_a_page_with_a_reference_and_no_traceback(
    mailing: Mailing, faulty: Browser, logged: list[MutableMapping[str, Any]]
) -> None:
    request_id = request_of(mailing)
    replies = [
        faulty.get(mailing.path()),
        faulty.post(mailing.path(), choice="forward"),
        faulty.post(mailing.path(), choice="decline", reason=" "),
        faulty.get("/start"),
    ]
    for reply in replies:
        assert (reply.status, reply.headers["cache-control"]) == (500, "no-store")
        assert "default-src 'none'" in reply.headers["content-security-policy"]
        found = re.search(r"this reference: ([0-9A-F]{6})\.", reply.body)
        assert found, reply.body
        assert found[1] in [each.get("reference") for each in logged]
        assert not {"Traceback", "canary", "no/such"} & set(re.split(r"[\s<>]", reply.body))
    assert mailing.path().rpartition("/")[2] not in str(logged)
    assert state(mailing, request_id) == "pending"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/decide/", 404), ("GET", "/", 404), ("PUT", "/decide/x", 405), ("DELETE", "/start", 405)],
)
def test_what_is_no_page_is_said_on_a_page_as_safe_as_the_others(
    mailing: Mailing, method: str, path: str, status: int
) -> None:
    reply, page = mailing.browser.get(path, method), mailing.browser.get("/decide/x")
    assert reply.status == status
    assert "<h1>" in reply.body
    for name in ("referrer-policy", "cache-control", "x-content-type-options", "x-frame-options"):
        assert reply.headers[name] == page.headers[name]


def test_a_slash_behind_a_link_does_not_send_it_over_plain_http(mailing: Mailing) -> None:
    request_of(mailing)
    reply = mailing.browser.get(f"{mailing.path()}/")
    assert (reply.status, "location" in reply.headers) == (404, False)
