"""The real program, as `license-desk run` starts it, against the sandbox; killed, stopped and started again."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.demo import company_this_year, set_up, world_of
from bot.play import CHANNEL, ZONE, option_of
from bot.sandbox import Sandbox, World
from bot.sandbox.client import SlackClient
from bot.sandbox.drawing import draw_view
from bot.sandbox.errors import Refused
from bot.sandbox.seen import View
from bot.settings import Settings
from handlers.blocks.ids import Action, BlockId
from store.vault import generate_key

__all__ = ["CHANNEL", "Program", "ask", "register", "wait_until"]
ROOT = Path(__file__).resolve().parents[2]
STARTED_WITHIN = 30.0


@dataclass
class Program:
    """`license-desk` with its settings; `run` starts the bot, the other commands run to their end."""

    folder: Path
    settings: dict[str, str]
    runs: tuple[str, ...] = ("bot.cli", "run")
    """The module that `start` runs, and its first words."""
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def command(self, *words: str) -> subprocess.CompletedProcess[str]:
        line = [sys.executable, "-m", "bot.cli", *words]
        return subprocess.run(
            line,
            cwd=self.folder,
            env=self._environment(),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def start(self, *words: str) -> subprocess.Popen[bytes]:
        log = (self.folder / f"run-{len(self.running)}.log").open("wb")
        with log:
            process = subprocess.Popen(
                [sys.executable, "-m", *self.runs, *words],
                cwd=self.folder,
                env=self._environment(),
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        self.running.append(process)
        return process

    def logs(self) -> str:
        return "".join(path.read_text() for path in sorted(self.folder.glob("run-*.log")))

    def end(self) -> None:
        for process in self.running:
            with suppress(ProcessLookupError):
                process.kill()
            process.wait()

    def _environment(self) -> dict[str, str]:
        outside = {name: value for name, value in os.environ.items() if not name.startswith("LICENSE_DESK_")}
        return {**outside, "PYTHONPATH": str(ROOT), **self.settings}


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox.start(World.from_config(world_of(company_this_year(datetime.now(UTC))))) as started:
        yield started


@pytest.fixture
def slack(sandbox: Sandbox) -> SlackClient:
    return SlackClient(sandbox.url)


@pytest.fixture
def program(sandbox: Sandbox, tmp_path: Path, database_url: str) -> Iterator[Program]:
    """The program with the example company imported, not yet running."""
    made = program_on(sandbox, tmp_path, database_url, company_this_year(datetime.now(UTC)))
    yield made
    made.end()


def program_on(sandbox: Sandbox, folder: Path, database_url: str, company: str) -> Program:
    """The program with a company imported into a new database, not yet running."""
    settings = {
        "LICENSE_DESK_DATABASE_URL": database_url,
        "LICENSE_DESK_MASTER_KEYS": generate_key(),
        "LICENSE_DESK_VENDOR": "Meridian",
        "LICENSE_DESK_OPERATORS_ADDRESS": "olga.ruiz@meridian.example",
        "LICENSE_DESK_SLACK_BOT_TOKEN": "xoxb-demo-bot-token",
        "LICENSE_DESK_SLACK_APP_TOKEN": "xapp-demo-app-token",
        "LICENSE_DESK_SLACK_API_URL": sandbox.api_url,
        "LICENSE_DESK_HEALTH_PORT": "0",
        # Storms of clicks by few people are to reach what they are meant for.
        "LICENSE_DESK_REQUESTS_MOST": "100000",
        "LICENSE_DESK_REFUSALS_MOST": "100000",
    }
    known: dict[str, Any] = {
        name.removeprefix("LICENSE_DESK_").lower(): value for name, value in settings.items()
    }
    set_up(Settings(_env_file=None, **known), folder, company).database.close()
    return Program(folder, settings)


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'desk.db'}"


def wait_until(happened: Callable[[], object], seconds: float = STARTED_WITHIN) -> None:
    """Wait for another process, which cannot be given a clock."""
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)


@pytest.fixture
def connected(program: Program, slack: SlackClient) -> Program:
    """The program running and connected to the sandbox."""
    program.start()
    wait_until(lambda: slack.connections() > 0)
    return program


def open_modal(slack: SlackClient, user: str, text: str) -> View:
    assert slack.command(user, text).ok
    return slack.wait_for(lambda: slack.view(user), STARTED_WITHIN)  # type: ignore[return-value] # waits until there is one


def register(slack: SlackClient, user: str, serial: str, version: str, slot: str) -> None:
    """Register an environment of Acme Core through the modal."""
    kind = "production" if slot.startswith("Prod") else "non_production"
    view = open_modal(slack, user, f"register {serial} {version}")
    place = option_of(view, BlockId.INFRASTRUCTURE, "Acme Core")
    view = _choose(slack, user, view, Action.REGISTER_INFRASTRUCTURE, *place.values())
    view = _choose(slack, user, view, Action.REGISTER_TYPE, kind)
    done = slack.submit(user, view, option_of(view, BlockId.SLOT, slot))
    assert done.view is not None, done
    slack.close(user, done.view)


def ask(slack: SlackClient, user: str, slot: str, reason: str = "upgrade") -> None:
    """Ask for the license of an environment through the modal."""
    done = slack.submit(user, open_modal(slack, user, f"request {slot}"), {str(BlockId.REASON): reason})
    assert done.view is not None, done
    slack.close(user, done.view)


def _choose(slack: SlackClient, user: str, view: View, action: str, value: str) -> View:
    """Choose something in a modal, and give the modal as it is drawn anew."""
    try:
        slack.act(user, view, str(action), value)
    except Refused as refused:
        pytest.fail(f"{refused}; the modal is:\n{draw_view(view.raw, {}, ZONE)}")
    return _drawn_anew(slack, user, view)


def _drawn_anew(slack: SlackClient, user: str, before: View) -> View:
    def changed() -> View | None:
        found = slack.view(user)
        return found if found and found.hash != before.hash else None

    return slack.wait_for(changed)  # type: ignore[return-value] # waits until there is one
