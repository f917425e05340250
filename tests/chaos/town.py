"""Where the chaos happens: a Slack, a database, and real processes that are killed and started again."""

import resource
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sqlalchemy import Engine, create_engine, event, make_url, text

from bot.sandbox import Sandbox, World
from bot.sandbox.client import SlackClient
from tests.chaos.clocked import CLOCK
from tests.chaos.company import company, world
from tests.postgres import Cluster, create_database
from tests.program.conftest import Program, program_on, wait_until

_ROOM = 400
"""MiB for the database server."""


class Town:
    """A running installation; `processes` are the programs in it, one on SQLite and two on PostgreSQL."""

    def __init__(self, sandbox: Sandbox, program: Program, cluster: Cluster | None) -> None:
        self.slack = SlackClient(sandbox.url)
        self.url = sandbox.url
        self.program = program
        self._cluster = cluster
        self.processes = [program.start() for _ in range(2 if cluster else 1)]
        self.kills = self.jumps = 0
        wait_until(self.connected)

    @property
    def database_url(self) -> str:
        """Where the data is."""
        return self.program.settings["LICENSE_DESK_DATABASE_URL"]

    @property
    def interrupted(self) -> int:
        """How many steps may have been done twice: one for each kill, and one for each call under way at a jump.

        A clock that jumps ahead ends leases while their calls are under way.
        """
        return self.kills + 8 * len(self.processes) * self.jumps

    def connected(self) -> bool:
        """Whether every process has its connection to Slack."""
        return self.slack.connections() >= len(self.processes)

    def kill(self, place: int) -> None:
        """End a process as the kernel does, with no warning."""
        self.processes[place].kill()
        self.processes[place].wait()
        self.kills += 1

    def start(self, place: int) -> None:
        """Start another in its place."""
        self.processes[place] = self.program.start()

    def start_what_ended(self) -> None:
        """Start programs again that ended by themselves, as whoever supervises them would."""
        for place, process in enumerate(self.processes):
            if process.poll() is not None:
                self.start(place)

    @property
    def database_answers(self) -> bool:
        """Whether there is a database to be read at this moment."""
        return self._cluster is None or self._cluster.answers

    def restart_database(self) -> None:
        """Stop the database server and start it again; on SQLite there is none."""
        if self._cluster is not None:
            self._cluster.restart()

    def cut_database_connections(self) -> None:
        """End every session of the programs."""
        if self._cluster is not None:
            engine = engine_of(self.database_url)
            with engine.connect() as connection:
                connection.execute(
                    text(
                        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                        "WHERE datname = current_database() AND pid <> pg_backend_pid()"
                    )
                )
            engine.dispose()

    def fill_disk(self) -> None:
        """Leave no room: on the disk of the server, or for the files of the one program that writes on SQLite."""
        if self._cluster is not None:
            self._cluster.fill_disk()
        else:
            log = Path(f"{make_url(self.database_url).database}-wal")
            self._limit((log.stat().st_size if log.exists() else 0) + 8192)

    def empty_disk(self) -> None:
        """Make room again."""
        if self._cluster is not None:
            self._cluster.empty_disk()
        else:
            self._limit(resource.RLIM_INFINITY)

    def _limit(self, size: int) -> None:
        for each in self.processes:
            with suppress(ProcessLookupError):
                resource.prlimit(each.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))

    def set_clocks(self, seconds: int) -> None:
        """Let the clocks of the programs jump, to so many seconds ahead of the right time."""
        # Renamed, so that nobody reads half of it.
        written = self.program.folder / f"{CLOCK}.new"
        written.write_text(str(seconds), encoding="ascii")
        written.replace(self.program.folder / CLOCK)
        self.jumps += 1

    def put_clocks_right(self) -> None:
        """Let the clocks of the programs jump back to the right time."""
        (self.program.folder / CLOCK).unlink(missing_ok=True)

    def end(self) -> list[int]:
        """Ask every process to stop, and give their exit statuses."""
        for each in self.processes:
            each.send_signal(signal.SIGTERM)
        return [_ended(each) for each in self.processes]


def engine_of(url: str) -> Engine:
    """An engine of one's own, not the product's; every transaction sees one moment."""
    engine = create_engine(url)
    if engine.dialect.name == "sqlite":

        @event.listens_for(engine, "connect")
        def manual(connection: object, _record: object) -> None:
            connection.isolation_level = None  # type: ignore[attr-defined] # sqlite3's own

        @event.listens_for(engine, "begin")
        def begin(connection: object) -> None:
            connection.exec_driver_sql("BEGIN")  # type: ignore[attr-defined] # SQLAlchemy's own

        return engine
    return engine.execution_options(isolation_level="REPEATABLE READ")


@contextmanager
def town(folder: Path, *, postgresql: bool) -> Iterator[Town]:
    """Build everything, and take it down."""
    cluster = Cluster(room=_ROOM) if postgresql else None
    url = f"sqlite:///{folder / 'desk.db'}"
    if cluster is not None:
        url = create_database(cluster.socket_directory, "chaos")
    with Sandbox.start(World.from_config(world())) as sandbox:
        program = program_on(sandbox, folder, url, company())
        program.runs = ("tests.chaos.clocked",)
        try:
            yield Town(sandbox, program, cluster)
        finally:
            program.end()
            if cluster is not None:
                cluster.stop()


def _ended(process: subprocess.Popen[bytes]) -> int:
    try:
        return process.wait(60)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait()
