"""`make load`: a Monday morning of a large customer base on PostgreSQL, an hour's traffic in minutes.

10,000 companies and more with 1,000,000 slots; two processes that answer over HTTP, two with 25 couriers each, one
with the schedule, and a Slack whose every call takes 100 ms. People look at their slots, ask for license files, and
contacts forward them. What is measured stands in `build/bench/monday.json`: throughput, the time to an ack, the age
of the queue, the time from *Forward* to the file, memory, rows, and size on disk.
"""

import itertools
import json
import os
import random
import re
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from statistics import quantiles
from typing import Any, Final

from sqlalchemy import create_engine, text

from store import keys
from store.database import Database
from store.migrating import migrate
from store.vault import Vault, generate_key
from tests.bench.asking import Asker, WrongAnswer
from tests.bench.data import LARGE, ORDINARY, TAKEN, WORKSPACE, fill
from tests.bench.programs import desk_of, slack_of
from tests.postgres import Cluster, create_database

ENVIRONMENTS: Final = int(os.environ.get("MONDAY_ENVIRONMENTS", "800000"))
ACTIVE: Final = 2_000
"""Companies whose people do something this morning."""
MINUTES: Final = float(os.environ.get("MONDAY_MINUTES", "5"))
COMMANDS_PER_SECOND: Final = float(os.environ.get("MONDAY_COMMANDS", "60"))
REQUESTS_PER_SECOND: Final = float(os.environ.get("MONDAY_REQUESTS", "4"))
_ROOT: Final = Path(__file__).parents[2]
_OUTPUT: Final = _ROOT / "build" / "bench" / "monday.json"
_NUMBER: Final = re.compile(r"R-(\d+)")
_PEOPLE_OF_A_COMPANY: Final = 6
_EVERY: Final = 20


@dataclass
class Taken:
    """Times to an ack by kind, in milliseconds, and what went wrong."""

    times: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    wrong: list[str] = field(default_factory=list)

    def summary(self) -> dict[str, Any]:
        return {kind: _summed(times) for kind, times in sorted(self.times.items())} | {
            "wrong": len(self.wrong)
        }


@dataclass(frozen=True)
class Company:
    """Slack ids of one engineer and one contact, and registrations of the company's first infrastructure."""

    engineer: str
    contact: str
    registrations: range

    @classmethod
    def of(cls, number: int) -> "Company":
        """The company of this number, by the order in which `tests.bench.data` writes."""
        first_person = 2 + (number - 1) * _PEOPLE_OF_A_COMPANY
        large = (number - 1) // _EVERY
        infrastructures = large * LARGE + (number - 1 - large) * ORDINARY
        first = infrastructures * TAKEN + 1
        return cls(f"U{first_person + 1:08}", f"U{first_person + 4:08}", range(first, first + TAKEN))


class Senders:
    """Sends to the web processes in turn, and keeps the time to each ack."""

    def __init__(self, ports: list[int], taken: Taken) -> None:
        self._turns = itertools.cycle([Asker(port) for port in ports])
        self._taken = taken
        self._lock = threading.Lock()

    def send(self, kind: str, form: dict[str, str]) -> str:
        with self._lock:
            asker = next(self._turns)
        try:
            spent, said = asker.send(form)
        except WrongAnswer as wrong:
            self._taken.wrong.append(f"{kind}: {wrong}")
            return ""
        self._taken.times[kind].append(spent)
        if "Something went wrong" in said:
            self._taken.wrong.append(f"{kind}: {said[:200]}")
        return said


class Morning:
    """People at work, at moments drawn beforehand."""

    def __init__(self, senders: Senders, seed: int) -> None:
        self._senders = senders
        self._chance = random.Random(seed)  # noqa: S311 # draws moments, protects nothing.
        self._companies = [Company.of(number) for number in range(1, ACTIVE + 1)]
        self._asked: dict[str, set[int]] = defaultdict(set)
        self.forwarded = 0

    def go_by(self, seconds: float) -> None:
        """Let it pass, each act at its moment, and wait for the last answers."""
        acts = sorted(self._acts(seconds), key=lambda each: each[0])
        begun = time.monotonic()
        with ThreadPoolExecutor(32) as pool:
            for at, kind, company in acts:
                time.sleep(max(0.0, begun + at - time.monotonic()))
                pool.submit(self._command if kind == "command" else self._request, company)

    def _acts(self, seconds: float) -> Iterator[tuple[float, str, Company]]:
        for kind, rate in (("command", COMMANDS_PER_SECOND), ("request", REQUESTS_PER_SECOND)):
            for _ in range(int(rate * seconds)):
                yield self._chance.uniform(0, seconds), kind, self._chance.choice(self._companies)

    def _command(self, company: Company) -> None:
        words = self._chance.choice(("slots", "slots", "slots", "requests", "environments"))
        form = {"command": "/license", "team_id": WORKSPACE, "user_id": company.engineer, "text": words}
        self._senders.send(f"/license {words}", form | {"channel_id": "D1", "trigger_id": "1.1"})

    def _request(self, company: Company) -> None:
        free = [each for each in company.registrations if each not in self._asked[company.engineer]]
        if not free:
            return
        registration = free[0]
        self._asked[company.engineer].add(registration)
        chosen = {"type": "multi_static_select", "selected_options": [{"value": str(registration)}]}
        values: dict[str, Any] = {
            "environments": {"license.request.environments": chosen},
            "reason": {"reason": {"type": "plain_text_input", "value": "upgrade"}},
        }
        view: dict[str, Any] = {
            "id": f"V{registration}",
            "type": "modal",
            "hash": "1",
            "private_metadata": "",
        }
        view |= {"callback_id": "license.request", "state": {"values": values}}
        said = self._senders.send("ask", _interaction(company.engineer, type="view_submission", view=view))
        found = _NUMBER.search(said)
        if not found:
            return
        time.sleep(self._chance.uniform(1.0, 5.0))
        action = {"type": "button", "block_id": "b", "action_ts": "1.1", "action_id": "request.forward"}
        click = action | {"value": str(int(found[1]) - 1000)}
        container = {"type": "message", "channel_id": "D1"}
        self._senders.send(
            "forward",
            _interaction(
                company.contact,
                type="block_actions",
                container=container,
                channel={"id": "D1"},
                actions=[click],
            ),
        )
        self.forwarded += 1


def main() -> None:
    """Build it all, let the morning pass, wait until everything has arrived, and write what was measured."""
    with tempfile.TemporaryDirectory(prefix="license-desk-monday-") as folder, ExitStack() as stack:
        cluster = Cluster()
        stack.callback(cluster.stop)
        url = create_database(cluster.socket_directory, "monday")
        master_key = generate_key()
        filled = _filled(url, master_key)
        everybody = [each for number in range(1, ACTIVE + 1) for each in _people_of(number)]
        slack, api = stack.enter_context(slack_of(Path(folder), everybody))
        slack.weather(latency=0.1)
        settings = {
            "LICENSE_DESK_DATABASE_URL": url,
            "LICENSE_DESK_MASTER_KEYS": master_key,
            "LICENSE_DESK_COURIER_THREADS": "25",
        }
        programs = [stack.enter_context(desk_of(Path(folder), settings, api, each)) for each in _ROLES]
        ports = [port for _, port in programs if port]
        taken, watch = Taken(), Watch(url, [process.pid for process, _ in programs])
        morning = Morning(Senders(ports, taken), 20261125)
        with watch.watching():
            begun = time.monotonic()
            morning.go_by(MINUTES * 60)
            worked = time.monotonic() - begun
            watch.wait_until_quiet()
            waited = time.monotonic() - begun - worked
        report = {
            "filled": filled,
            "minutes": MINUTES,
            "acks": taken.summary(),
            "acks_per_second": round(sum(map(len, taken.times.values())) / worked, 1),
            "forwarded": morning.forwarded,
            "seconds_until_quiet": round(waited, 1),
            **watch.summary(),
        }
        _OUTPUT.parent.mkdir(parents=True, exist_ok=True)
        _OUTPUT.write_text(json.dumps(report, indent=2), encoding="utf-8")
        sys.stdout.write(f"{json.dumps(report, indent=2)}\n")
        sys.stderr.write("\n".join(taken.wrong[:5]))


_ROLES: Final = ("web", "web", "courier", "courier", "schedule")


class Watch:
    """Looks every two seconds at the queue and the processes."""

    def __init__(self, url: str, processes: list[int]) -> None:
        self._engine = create_engine(url)
        self._processes = processes
        self._ages: list[float] = []
        self._memory: dict[int, float] = defaultdict(float)
        self._stopped = threading.Event()

    @contextmanager
    def watching(self) -> Iterator[None]:
        thread = threading.Thread(target=self._look_again_and_again)
        thread.start()
        try:
            yield
        finally:
            self._stopped.set()
            thread.join()

    def wait_until_quiet(self, seconds: float = 600.0) -> None:
        """Until nothing is left to be delivered."""
        end = time.monotonic() + seconds
        while time.monotonic() < end and self._one("SELECT count(*) FROM deliveries WHERE state = 'queued'"):
            time.sleep(0.5)

    def summary(self) -> dict[str, Any]:
        waits = self._rows(
            "SELECT extract(epoch FROM delivered_at - decided_at) FROM request_items WHERE delivered_at IS NOT NULL"
        )
        tables = (
            "slots",
            "registrations",
            "requests",
            "request_items",
            "deliveries",
            "licenses",
            "audit_entries",
        )
        return {
            "delivered": len(waits),
            "seconds_from_forward_to_file": _summed([float(each) for each in waits]),
            "oldest_due_delivery_seconds": _summed(self._ages),
            "memory_mib_at_most": [round(self._memory[each]) for each in self._processes],
            "rows": {table: self._one(f"SELECT count(*) FROM {table}") for table in tables},  # noqa: S608 # our names
            "size_mib": round(self._one("SELECT pg_database_size(current_database())") / 2**20),
            "failed_deliveries": self._one("SELECT count(*) FROM deliveries WHERE state = 'failed'"),
        }

    def _look_again_and_again(self) -> None:
        oldest = (
            "SELECT coalesce(extract(epoch FROM now() - min(due_at)), 0) FROM deliveries "
            "WHERE state = 'queued' AND due_at <= now()"
        )
        while not self._stopped.wait(2.0):
            self._ages.append(float(self._one(oldest)))
            for each in self._processes:
                self._memory[each] = max(self._memory[each], _resident_mib(each))

    def _one(self, query: str) -> Any:
        return self._rows(query)[0]

    def _rows(self, query: str) -> list[Any]:
        with self._engine.connect() as connection:
            return list(connection.execute(text(query)).scalars())


def _filled(url: str, master_key: str) -> dict[str, float]:
    begun = time.monotonic()
    database = Database(url)
    migrate(database)
    fill(database, ENVIRONMENTS)
    with database.write() as connection:
        keys.init(connection, Vault([master_key]), datetime.now(UTC))
        for table in (
            "workspaces",
            "products",
            "companies",
            "persons",
            "infrastructures",
            "subscriptions",
            "slots",
        ):
            _go_on_after(connection, table)
        for table in ("registrations", "roles"):
            _go_on_after(connection, table)
    database.close()
    return {"environments": ENVIRONMENTS, "seconds": round(time.monotonic() - begun, 1)}


def _go_on_after(connection: Any, table: str) -> None:
    """Let new rows get ids after those that were written with theirs."""
    connection.exec_driver_sql(
        f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))"  # noqa: S608 # our names
    )


def _people_of(number: int) -> list[str]:
    first = 2 + (number - 1) * _PEOPLE_OF_A_COMPANY
    return [f"U{first + each:08}" for each in range(_PEOPLE_OF_A_COMPANY)]


def _interaction(user: str, **more: Any) -> dict[str, str]:
    payload = {"team": {"id": WORKSPACE}, "user": {"id": user, "team_id": WORKSPACE}, **more}
    return {"payload": json.dumps(payload)}


def _resident_mib(process: int) -> float:
    try:
        status = Path(f"/proc/{process}/status").read_text(encoding="utf-8")
    except OSError:
        return 0.0
    return int(re.findall(r"VmRSS:\s+(\d+)", status)[0]) / 1024


def _summed(values: list[float]) -> dict[str, float]:
    if len(values) < 2:
        return {"number": len(values)}
    cuts = quantiles(values, n=100)
    return {
        "number": len(values),
        "p50": round(cuts[49], 1),
        "p99": round(cuts[98], 1),
        "most": round(max(values), 1),
    }


if __name__ == "__main__":
    main()
