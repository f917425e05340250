"""The public keys over HTTP: for anybody, cached, and read from the database as seldom as will do."""

import http.client
import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from starlette.routing import BaseRoute

from bot.http import HttpServer
from bot.published import KEPT_SECONDS, Document, published
from bot.site import site as site_of
from bot.well_known import well_known
from store import keys
from store.database import Database
from store.desk import Desk
from store.key_formats import keys_from_text
from tests.store.requesting import make_key

JWKS = "/.well-known/jwks.json"
PEM = "/.well-known/jwks.pem"


class Reply:
    """An answer over HTTP, with its headers in lower case."""

    def __init__(self, answer: http.client.HTTPResponse) -> None:
        self.status, self.body = answer.status, answer.read()
        self.headers = {name.lower(): value for name, value in answer.getheaders()}


class Site:
    """A served application, asked over HTTP."""

    def __init__(self, server: HttpServer) -> None:
        self._server = server

    def __call__(self, path: str, method: str = "GET", **headers: str) -> Reply:
        connection = http.client.HTTPConnection("127.0.0.1", self._server.port, timeout=10)
        connection.request(
            method, path, headers={name.replace("_", "-"): each for name, each in headers.items()}
        )
        reply = Reply(connection.getresponse())
        connection.close()
        return reply


def served(routes: Sequence[BaseRoute]) -> Iterator[Site]:
    server = HttpServer(site_of(routes), "127.0.0.1", 0, name="pages")
    server.start()
    yield Site(server)
    assert server.stop(5.0)


@pytest.fixture
def site(desk: Desk) -> Iterator[Site]:
    make_key(desk)
    yield from served(well_known(desk))


@pytest.fixture
def ticks() -> list[float]:
    """The present of a document's memory, in seconds, and how often it was read."""
    return [0.0]


@pytest.fixture
def counted(ticks: list[float]) -> Iterator[tuple[Site, list[int]]]:
    read: list[int] = []

    def make() -> bytes:
        read.append(1)
        return str(len(read)).encode()

    document = Document("/document", "text/plain", make, timedelta(seconds=30))
    for site in served([published(document, lambda: ticks[0])]):
        yield site, read


def test_anybody_reads_the_public_keys(desk: Desk, site: Site) -> None:
    jwks, pem = site(JWKS), site(PEM)
    with desk.database.read() as connection:
        [known] = keys.list_keys(connection)
    assert (jwks.status, jwks.headers["content-type"]) == (200, "application/jwk-set+json")
    assert [each["kid"] for each in json.loads(jwks.body)["keys"]] == [known.kid]
    assert (pem.status, pem.headers["content-type"]) == (200, "application/x-pem-file")
    assert keys_from_text(pem.body.decode()).keys() == {known.kid}


def test_no_private_part_is_published(site: Site) -> None:
    assert {"d", "p", "q", "k"}.isdisjoint(*json.loads(site(JWKS).body)["keys"])
    assert b"PRIVATE" not in site(PEM).body


def test_caches_learn_how_long_they_may_keep_it_and_ask_whether_it_changed(site: Site) -> None:
    first = site(JWKS)
    again = site(JWKS, if_none_match=f'"another", W/{first.headers["etag"]}')
    assert first.headers["cache-control"] == "public, max-age=900, must-revalidate"
    assert (again.status, again.body) == (304, b"")
    assert {again.headers[name] for name in ("etag", "cache-control")} == {
        first.headers["etag"],
        first.headers["cache-control"],
    }
    assert site(JWKS, if_none_match='"another"').status == 200


@pytest.mark.parametrize(("seconds", "most"), [(0, 0), (60, 60), (86400, 900)])
def test_nobody_keeps_the_keys_for_longer_than_a_key_is_published_before_it_signs(
    desk: Desk, seconds: int, most: int
) -> None:
    policy = replace(desk.policy, key_published_for=timedelta(seconds=seconds))
    for site in served(well_known(replace(desk, policy=policy))):
        assert site(JWKS).headers["cache-control"] == f"public, max-age={most}, must-revalidate"


def test_head_gives_the_headers_alone(site: Site) -> None:
    got, head = site(JWKS), site(JWKS, "HEAD")
    assert (head.status, head.body) == (200, b"")
    assert {name: head.headers[name] for name in ("etag", "content-length", "content-type")} == {
        name: got.headers[name] for name in ("etag", "content-length", "content-type")
    }


def test_nothing_can_be_sent_there(site: Site) -> None:
    assert {site(JWKS, method).status for method in ("POST", "PUT", "DELETE")} == {405}


@pytest.mark.parametrize(("path", "method"), [(JWKS, "POST"), (f"{JWKS}/", "GET"), ("/.well-known/", "GET")])
def test_what_is_not_to_be_had_is_not_kept_by_caches(site: Site, path: str, method: str) -> None:
    headers = site(path, method).headers
    assert headers["cache-control"] == "no-store"
    assert headers["content-security-policy"].startswith("default-src 'none'")
    assert headers["x-content-type-options"] == "nosniff"


def test_a_browser_may_read_it_from_elsewhere_and_runs_and_frames_nothing_of_it(site: Site) -> None:
    headers = site(JWKS).headers
    assert headers["access-control-allow-origin"] == "*"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert "server" not in headers


def test_who_asks_often_is_answered_from_memory(counted: tuple[Site, list[int]], ticks: list[float]) -> None:
    site, read = counted
    assert [site("/document").body for _ in range(3)] == [b"1"] * 3
    ticks[0] = KEPT_SECONDS
    assert site("/document").body == b"2"
    assert len(read) == 2


def test_a_database_that_is_away_is_said_and_nothing_is_kept(desk: Desk) -> None:
    away = Database("sqlite:////no/such/folder/desk.db")
    for site in served(well_known(replace(desk, database=away))):
        reply = site(JWKS)
    assert (reply.status, reply.headers["cache-control"], reply.headers["retry-after"]) == (
        503,
        "no-store",
        "5",
    )
    assert b"cannot make this document" in reply.body
    assert b"no/such" not in reply.body
    away.close()
