"""What the tests of the running program share: no settings from outside, and a stream to log into."""

import io
import logging
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog

from bot import logs
from bot.settings import Settings


@pytest.fixture(autouse=True)
def _without_settings_from_outside(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in [name for name in os.environ if name.startswith("LICENSE_DESK_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def log_lines() -> Iterator[Callable[..., io.StringIO]]:
    """Have this process log into a stream, which is returned: `log_lines(log_format="json")`."""
    level, disposition = logging.getLogger().level, structlog.get_config()

    def begin(**settings: Any) -> io.StringIO:
        stream = io.StringIO()
        logs.configure(Settings(_env_file=None, **settings), stream)
        return stream

    yield begin
    logs.release()
    logging.getLogger().setLevel(level)
    structlog.configure(**disposition)
