"""The record as a SIEM gets it: every entry, in order within its chain, and at most one batch twice."""

import json
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import structlog
from sqlalchemy import func, select

from bot.forwarding import Forwarder, forwarding_jobs
from bot.forwarding.file import File
from bot.forwarding.syslog import Syslog
from bot.schedule import Schedule
from bot.settings import Settings
from store import audit, forwarding, licenses, registrations, releases
from store.audit import Entry
from store.database import Database
from store.desk import Act, Actor, Desk, Policy, intention
from store.keys import KeyRing
from store.tables import audit_entries
from store.vault import Vault, generate_key
from tests.conftest import Clock
from tests.example import START, Example, load, serial
from tests.store.requesting import make_key


@intention
def note(act: Act, word: str, place: int | None = None) -> None:
    act.record("note", "desk", place, word=word)


def noted(desk: Desk, *words: str, place: int | None = None) -> None:
    for word in words:
        note(desk, Actor(None, "schedule"), word, place)


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_bytes().splitlines()]


def words(entries: Sequence[dict[str, Any]]) -> list[str]:
    return [each["facts"]["word"] for each in entries]


def run_all(forwarder: Forwarder, desk: Desk) -> int:
    total = 0
    while sent := forwarder.run(desk):
        total += sent
    return total


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "audit.jsonl"


@pytest.fixture
def to_file(path: Path) -> Forwarder:
    return Forwarder("file", File(path))


def test_every_entry_is_appended_once_with_what_its_chain_holds_and_no_name(
    desk: Desk, example: Example, to_file: Forwarder, path: Path
) -> None:
    noted(desk, "one", "two")
    noted(desk, "three", place=example.core)
    assert run_all(to_file, desk) == 3
    noted(desk, "four")
    assert run_all(to_file, desk) == 1
    assert run_all(to_file, desk) == 0

    found = lines(path)
    assert words(found) == ["one", "two", "three", "four"]
    with desk.database.read() as connection:
        hashes = connection.execute(select(audit_entries.c.hash).order_by(audit_entries.c.id)).scalars().all()
    assert [each["hash"] for each in found] == hashes
    assert [(each["chain"], each["position"]) for each in found] == [
        (0, 1),
        (0, 2),
        (example.core, 1),
        (0, 3),
    ]
    assert found[0].keys() == {
        *("chain", "position", "at", "actor", "source", "action", "subject", "facts", "previous", "hash"),
    }


def test_a_long_record_goes_in_batches(desk: Desk, example: Example, to_file: Forwarder, path: Path) -> None:
    entries = [Entry(None, None, "schedule", "note", "desk", {"word": str(each)}) for each in range(1200)]
    with desk.database.write() as connection:
        audit.append_all(connection, entries, START)
    assert [to_file.run(desk) for _ in range(4)] == [500, 500, 200, 0]
    assert words(lines(path)) == [str(each) for each in range(1200)]


def test_a_file_that_was_moved_away_is_begun_anew(desk: Desk, to_file: Forwarder, path: Path) -> None:
    noted(desk, "one")
    to_file.run(desk)
    rotated = path.rename(path.with_suffix(".1"))
    noted(desk, "two")
    to_file.run(desk)
    assert (words(lines(rotated)), words(lines(path))) == (["one"], ["two"])


def test_a_file_that_was_emptied_in_place_is_gone_on_with(desk: Desk, to_file: Forwarder, path: Path) -> None:
    noted(desk, "one")
    to_file.run(desk)
    path.write_bytes(b"")
    noted(desk, "two")
    to_file.run(desk)
    assert words(lines(path)) == ["two"]


def test_half_a_line_that_a_kill_left_does_not_spoil_the_next_one(
    desk: Desk, to_file: Forwarder, path: Path
) -> None:
    path.write_bytes(b'{"chain":0,"posi')
    noted(desk, "one")
    to_file.run(desk)
    assert path.read_bytes().count(b"\n") == 2
    assert json.loads(path.read_bytes().splitlines()[1])["facts"] == {"word": "one"}


def test_only_the_owner_and_the_group_can_read_the_file(desk: Desk, to_file: Forwarder, path: Path) -> None:
    noted(desk, "one")
    to_file.run(desk)
    assert path.stat().st_mode & 0o007 == 0


def test_after_a_kill_between_sending_and_noting_the_last_batch_comes_twice_and_nothing_is_lost(
    desk: Desk, clock: Clock, to_file: Forwarder, path: Path
) -> None:
    noted(desk, "one")
    to_file.run(desk)
    noted(desk, "two", "three")
    killed = forwarding.claim(desk, "file", "of a process that was killed")
    assert killed
    File(path).send(killed.entries)
    noted(desk, "four")

    assert to_file.run(desk) == 0
    clock.advance(forwarding.LEASE)
    run_all(to_file, desk)

    assert words(lines(path)) == ["one", "two", "three", "two", "three", "four"]


def test_whoever_sent_for_too_long_notes_nothing(desk: Desk, clock: Clock, to_file: Forwarder) -> None:
    noted(desk, "one")
    slow = forwarding.claim(desk, "file", "slow")
    assert slow
    clock.advance(forwarding.LEASE)
    quick = forwarding.claim(desk, "file", "quick")
    assert quick
    assert not forwarding.arrive(desk, "file", "slow", slow)
    assert forwarding.arrive(desk, "file", "quick", quick)


def test_several_processes_send_each_entry_once(desk: Desk, path: Path) -> None:
    noted(desk, *map(str, range(30)))
    with ThreadPoolExecutor(4) as pool:
        for _ in range(5):
            working = [pool.submit(Forwarder("file", File(path)).run, desk) for _ in range(4)]
            assert sum(each.result() for each in working) <= 30
    assert words(lines(path)) == [str(each) for each in range(30)]


def test_an_entry_that_is_committed_late_is_not_left_out(
    postgresql_database: Database, clock: Clock, to_file: Forwarder, path: Path
) -> None:
    vault = Vault([generate_key()])
    desk = Desk(postgresql_database, vault, KeyRing(vault), Policy(vendor="Meridian"), clock)
    with desk.database.write() as connection:
        example = load(connection)
    with desk.database.write() as late:
        audit.append(late, Entry(example.core, None, "slack", "note", "desk", {"word": "first id"}), START)
        noted(desk, "second id")
        assert to_file.run(desk) == 1
    assert to_file.run(desk) == 1
    assert words(lines(path)) == ["second id", "first id"]


def test_a_destination_that_is_away_is_tried_again_less_and_less_often_and_gets_everything(
    desk: Desk, tmp_path: Path, clock: Clock
) -> None:
    ticks, folder = [0.0], tmp_path / "away"
    forwarder = Forwarder("file", File(folder / "audit.jsonl"), lambda: ticks[0])
    noted(desk, "one")
    with structlog.testing.capture_logs() as logs:
        for ticks[0] in (0, 5, 9, 10, 20, 29, 30):
            assert forwarder.run(desk) == 0
    assert [each["event"] for each in logs] == ["The record could not be forwarded"] * 3
    assert logs[0]["why"] == "No such file or directory"
    with desk.database.read() as connection:
        standing = forwarding.standing(connection, "file")
    assert (standing.failed_since, standing.error, standing.waits) == (
        START,
        "No such file or directory",
        True,
    )

    folder.mkdir()
    noted(desk, "two")
    ticks[0] = 100
    with structlog.testing.capture_logs() as logs:
        assert forwarder.run(desk) == 2
    assert [each["event"] for each in logs] == ["The record is forwarded again"]
    assert words(lines(folder / "audit.jsonl")) == ["one", "two"]
    with desk.database.read() as connection:
        standing = forwarding.standing(connection, "file")
    assert (standing.failed_since, standing.error, standing.waits) == (None, None, False)


def test_how_long_a_destination_is_away_counts_from_its_first_failure(
    desk: Desk, tmp_path: Path, clock: Clock
) -> None:
    noted(desk, "one")
    for _ in range(3):
        Forwarder("file", File(tmp_path / "away" / "audit.jsonl")).run(desk)
        clock.advance(timedelta(hours=1))
    with desk.database.read() as connection:
        assert forwarding.standing(connection, "file").failed_since == START


def test_two_destinations_get_on_each_by_itself(desk: Desk, tmp_path: Path, path: Path) -> None:
    noted(desk, "one")
    assert Forwarder("file", File(tmp_path / "away" / "audit.jsonl")).run(desk) == 0
    assert Forwarder("syslog", File(path)).run(desk) == 1


def test_forwarding_is_not_recorded_itself(desk: Desk, to_file: Forwarder) -> None:
    noted(desk, "one")
    run_all(to_file, desk)
    with desk.database.read() as connection:
        assert connection.execute(select(func.count()).select_from(audit_entries)).scalar_one() == 1


@intention
def issue(act: Act, registration_id: int) -> bytes:
    made = licenses.issue(act, registration_id)
    return licenses.text_of(act.desk, act.connection, made.id)


def test_no_secret_and_no_license_text_is_forwarded(
    desk: Desk, example: Example, to_file: Forwarder, path: Path
) -> None:
    make_key(desk)
    made = registrations.register(desk, Actor(example.ana), example.quality[0], serial(1), "11.17.0")
    assert made.environment.registration
    text = issue(desk, Actor(None, "schedule"), made.environment.registration.id)
    releases.release(desk, Actor(example.rui), made.environment.registration.id, "not needed")
    run_all(to_file, desk)

    forwarded = path.read_bytes()
    assert b'"action":"issue_license"' in forwarded
    for part in text.strip().split(b"."):
        assert part not in forwarded
    with desk.database.read() as connection:
        key = desk.keys.active(connection)
    assert b"PRIVATE" not in forwarded
    assert forwarded.count(key.kid.encode()) > 0
    for name in (b"Ana Silva", b"Rui Costa", b"acme.example", b"U0ANA"):
        assert name not in forwarded


class Server:
    """A syslog server of one kind, which keeps what it gets."""

    def __init__(self, address: str, listener: socket.socket, *, closes: bool = True) -> None:
        self.address, self.received = address, b""
        self.datagrams: list[bytes] = []
        self._listener, self._closes = listener, closes
        self._held: list[socket.socket] = []
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                if self._listener.type == socket.SOCK_DGRAM:
                    self.datagrams.append(self._listener.recv(65536))
                else:
                    self._read(self._listener.accept()[0])

    def _read(self, connection: socket.socket) -> None:
        while part := connection.recv(65536):
            self.received += part
        if self._closes:
            connection.close()
        else:
            self._held.append(connection)

    def wait_for(self, count: int) -> list[bytes]:
        """The datagrams, once there are so many."""
        for _ in range(200):
            if len(self.datagrams) >= count:
                break
            threading.Event().wait(0.01)
        return self.datagrams

    def close(self) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        for each in (self._listener, *self._held):
            each.close()
        self._thread.join(5)


Serve = Callable[..., Server]


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    """Start a server: `tcp`, `udp`, or `dgram` and `stream` at a path."""
    started: list[Server] = []

    def start(kind: str, *, closes: bool = True) -> Server:
        if kind in {"tcp", "udp"}:
            listener = socket.socket(type=socket.SOCK_STREAM if kind == "tcp" else socket.SOCK_DGRAM)
            listener.bind(("127.0.0.1", 0))
            address = f"{kind}://127.0.0.1:{listener.getsockname()[1]}"
        else:
            form = socket.SOCK_DGRAM if kind == "dgram" else socket.SOCK_STREAM
            listener = socket.socket(socket.AF_UNIX, form)
            path = f"/tmp/{uuid4().hex}.sock"  # noqa: S108 # the path of such a socket has at most 107 bytes
            listener.bind(path)
            address = f"unix://{path}"
        if kind in {"tcp", "stream"}:
            listener.listen()
        started.append(Server(address, listener, closes=closes))
        return started[-1]

    yield start
    for each in started:
        each.close()
        if each.address.startswith("unix://"):
            Path(each.address.removeprefix("unix://")).unlink()


def counted(received: bytes) -> list[bytes]:
    """Messages as they come over TCP: each with its length before it (RFC 6587, section 3.4.1)."""
    found = []
    while received:
        length, _, rest = received.partition(b" ")
        found.append(rest[: int(length)])
        received = rest[int(length) :]
    return found


def said(message: bytes) -> dict[str, Any]:
    """What a message of RFC 5424 carries, after its head was found to be right."""
    head, _, body = message.partition(b" - {")
    priority, at, host, name, process, _action = head.split(b" ")
    assert priority in {b"<110>1", b"<108>1"}
    assert at == b"2026-11-25T09:00:00.000000Z"
    assert host
    assert (name, process) == (b"license-desk", b"-")
    found: dict[str, Any] = json.loads(b"{" + body)
    return found


def test_over_tcp_every_entry_is_a_message_with_its_length(desk: Desk, serve: Serve) -> None:
    server = serve("tcp")
    noted(desk, "one", "zwei – ü", "three")
    assert run_all(Forwarder("syslog", Syslog(server.address)), desk) == 3
    noted(desk, "four")
    assert run_all(Forwarder("syslog", Syslog(server.address)), desk) == 1
    assert words([said(each) for each in counted(server.received)]) == ["one", "zwei – ü", "three", "four"]


def test_over_udp_every_entry_is_a_datagram(desk: Desk, serve: Serve) -> None:
    server = serve("udp")
    noted(desk, "one", "two")
    assert run_all(Forwarder("syslog", Syslog(server.address)), desk) == 2
    assert words([said(each) for each in server.wait_for(2)]) == ["one", "two"]


def test_at_a_path_datagrams_are_sent(desk: Desk, serve: Serve) -> None:
    server = serve("dgram")
    noted(desk, "one", "two")
    assert run_all(Forwarder("syslog", Syslog(server.address)), desk) == 2
    assert words([said(each) for each in server.wait_for(2)]) == ["one", "two"]


def test_at_a_path_that_takes_no_datagrams_lines_are_sent(desk: Desk, serve: Serve) -> None:
    server = serve("stream")
    noted(desk, "one", "two")
    assert run_all(Forwarder("syslog", Syslog(server.address)), desk) == 2
    assert words([said(each) for each in server.received.splitlines()]) == ["one", "two"]


def test_refusals_are_warnings_and_the_action_is_the_kind_of_message(desk: Desk, serve: Serve) -> None:
    server = serve("tcp")
    entries = [
        Entry(None, None, "slack", "release", "desk", {}),
        Entry(None, None, "slack", "refused:release_and_register_all_of_it", "desk", {}),
    ]
    with desk.database.write() as connection:
        audit.append_all(connection, entries, START)
    run_all(Forwarder("syslog", Syslog(server.address)), desk)
    heads = [each.partition(b" - {")[0].split(b" ") for each in counted(server.received)]
    assert [(head[0], head[-1]) for head in heads] == [
        (b"<110>1", b"release"),
        (b"<108>1", b"refused:release_and_register_all"),
    ]


def test_an_entry_too_long_for_a_datagram_goes_without_its_facts_and_holds_nothing_up(
    desk: Desk, serve: Serve
) -> None:
    server = serve("udp")
    noted(desk, "x" * 100_000, "short")
    assert run_all(Forwarder("syslog", Syslog(server.address)), desk) == 2
    long, short = (said(each) for each in server.wait_for(2))
    assert long["facts"]["left_out"] > 100_000
    assert short["facts"] == {"word": "short"}


def failure(desk: Desk, address: str) -> str | None:
    assert Forwarder("syslog", Syslog(address)).run(desk) == 0
    with desk.database.read() as connection:
        return forwarding.standing(connection, "syslog").error


@pytest.mark.parametrize("kind", ["tcp", "udp"])
def test_a_server_that_does_not_listen_is_noted_and_gets_everything_later(
    desk: Desk, serve: Serve, kind: str
) -> None:
    gone = serve(kind)
    gone.close()
    noted(desk, "one")
    assert failure(desk, gone.address) == "Connection refused" or kind == "udp"
    if kind == "tcp":
        server = serve(kind)
        run_all(Forwarder("syslog", Syslog(server.address)), desk)
        assert words([said(each) for each in counted(server.received)]) == ["one"]


def test_a_path_at_which_nobody_listens_is_noted(desk: Desk) -> None:
    noted(desk, "one")
    assert failure(desk, "unix:///no/such/socket") == "No such file or directory"


def test_a_name_that_is_not_found_is_noted(desk: Desk) -> None:
    noted(desk, "one")
    assert failure(desk, "tcp://no-such-host.invalid:514")


def test_a_server_that_does_not_say_that_it_read_to_the_end_gets_it_again(desk: Desk, serve: Serve) -> None:
    server = serve("tcp", closes=False)
    noted(desk, "one")
    assert Forwarder("syslog", Syslog(server.address, 0.2)).run(desk) == 0
    with desk.database.read() as connection:
        error = forwarding.standing(connection, "syslog").error
    assert error == "the server did not close the connection after the last entry"


def test_the_schedule_forwards_to_where_the_settings_say(desk: Desk, path: Path, serve: Serve) -> None:
    server = serve("tcp")
    settings = Settings(_env_file=None, audit_file=path, audit_syslog=server.address)
    noted(desk, "one")
    Schedule(desk, forwarding_jobs(settings)).run_due()
    assert words(lines(path)) == ["one"]
    assert words([said(each) for each in counted(server.received)]) == ["one"]
    assert forwarding_jobs(Settings(_env_file=None)) == []
