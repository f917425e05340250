"""gunicorn with the app of `peers`: one worker, eight threads, everything else as it is by default."""

import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from tests.bench.serving import child

THREADS: Final = 8
_COMMAND: Final = (
    *(sys.executable, "-m", "gunicorn", "--log-level", "error", "--no-control-socket"),
    *("--workers", "1", "--worker-class", "gthread", "--threads", str(THREADS)),
)


@contextmanager
def serving_peers(slack_api_url: str, bot_token: str) -> Iterator[int]:
    """Serve until the end of the block, and yield the port; the first request waits until it has started."""
    with socket.create_server(("127.0.0.1", 0), backlog=128) as listener:
        bind = ["--bind", f"fd://{listener.fileno()}"]
        environment = {"BENCH_SLACK_API_URL": slack_api_url, "BENCH_BOT_TOKEN": bot_token}
        command = [*_COMMAND, *bind, "tests.bench.servers.peers:application"]
        with child(command, environment, (listener.fileno(),)):
            yield listener.getsockname()[1]
