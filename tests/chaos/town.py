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
from tests.chaos.company import company, world
from tests.postgres import Cluster, create_database
from tests.program.conftest import Program, program_on, wait_until


class Town:
    """A running installation; `processes` are the programs in it, one on SQLite and two on PostgreSQL."""

    def __init__(self, sandbox: Sandbox, program: Program, cluster: Cluster | None) -> None:
        self.slack = SlackClient(sandbox.url)
        self.url = sandbox.url
        self.program = program
        self._cluster = cluster
        self.processes = [program.start() for _ in range(2 if cluster else 1)]
        self.kills = 0
        wait_until(self.connected)

    @property
    def database_url(self) -> str:
        """Where the data is."""
        return self.program.settings["LICENSE_DESK_DATABASE_URL"]

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
        """Let no file of the running process grow any more; on PostgreSQL it is not the programs that write."""
        if self._cluster is None:
            log = Path(f"{make_url(self.database_url).database}-wal")
            self._limit((log.stat().st_size if log.exists() else 0) + 8192)

    def empty_disk(self) -> None:
        """Let files grow again."""
        if self._cluster is None:
            self._limit(resource.RLIM_INFINITY)

    def _limit(self, size: int) -> None:
        for each in self.processes:
            with suppress(ProcessLookupError):
                resource.prlimit(each.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))

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
    cluster = Cluster() if postgresql else None
    url = f"sqlite:///{folder / 'desk.db'}"
    if cluster is not None:
        url = create_database(cluster.socket_directory, "chaos")
    with Sandbox.start(World.from_config(world())) as sandbox:
        program = program_on(sandbox, folder, url, company())
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
