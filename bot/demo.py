"""`license-desk demo`: a local Slack with a page, the example company and the real bot; the main job as a play."""

import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml
from rich.console import Console

from bot import logs
from bot.app import Bot
from bot.browser import open_page
from bot.demo_people import people_of
from bot.desk import desk_of
from bot.desk import now as present
from bot.play import Play, PlayFailed
from bot.sandbox import Sandbox, World
from bot.sandbox.client import SlackClient
from bot.sandbox.errors import Refused
from bot.settings import Settings
from store import keys
from store.database import Database
from store.desk import Actor, Desk
from store.importing import Options, load
from store.migrating import migrate
from store.rules.key_states import KeyPurpose
from store.vault import generate_key

EXAMPLE = Path(__file__).parent / "example.yml"
MANIFEST = Path(__file__).parent / "manifest.yml"
_EXAMPLE_YEAR = 2026
_BOT_TOKEN, _APP_TOKEN = "xoxb-demo-bot-token", "xapp-demo-app-token"
_BOT_USER = "U0LICENSEDESK"
_FIRST_SEEN = "U0ANA"
_IN_CHANNEL = ("U0BEN", "U0RUI", "U0FIONA", "U0EVA", "U0TOM")
_READY_SECONDS = 20.0


def run(*, play: bool, stay: bool) -> int:
    """Start everything; with `play` the main job is played in text, with `stay` it all stays up until Ctrl-C.

    Gives the exit status: 0 unless something in the play did not happen as it should.
    """
    console = Console(soft_wrap=True, highlight=False, markup=False, emoji=False)
    with (
        tempfile.TemporaryDirectory(prefix="license-desk-demo-") as folder,
        stage(Path(folder)) as (slack, desk, address),
    ):
        if play and not _played(Play(console, slack, desk, Path(folder)), console):
            return 1
        if stay:
            _stay(console, f"{address}/#{_FIRST_SEEN}/app")
    return 0


def _played(play: Play, console: Console) -> bool:
    try:
        play.perform()
    except (PlayFailed, Refused, TimeoutError) as failure:
        console.print(f"\nThe play stopped: {failure}")
        return False
    return True


def company_this_year(now: datetime) -> str:
    """The example company with its terms moved into the present year, so that they are always current."""
    text = EXAMPLE.read_text(encoding="utf-8")
    for year in (_EXAMPLE_YEAR, _EXAMPLE_YEAR - 1):
        text = text.replace(f" {year}-", f" {year + now.year - _EXAMPLE_YEAR}-")
    return text


def world_of(company: str) -> dict[str, Any]:
    """The sandbox's description of a workspace in which everybody of an import file works."""
    documents = list(yaml.safe_load_all(company))
    return {
        "workspace": {"id": documents[0]["workspace"], "name": "Acme Logistics", "domain": "acme"},
        "app": {
            "manifest": yaml.safe_load(MANIFEST.read_text(encoding="utf-8")),
            "bot_user": _BOT_USER,
            "bot_token": _BOT_TOKEN,
            "app_token": _APP_TOKEN,
        },
        "people": people_of(documents),
        "channels": [{"id": "C0LICENSES", "name": "licenses", "members": [*_IN_CHANNEL, _BOT_USER]}],
    }


@contextmanager
def stage(folder: Path) -> Iterator[tuple[SlackClient, Desk, str]]:
    """The example company with the bot at work: its people, its desk, and the address of its Slack."""
    company = company_this_year(datetime.now(UTC))
    with Sandbox.start(World.from_config(world_of(company))) as sandbox:
        settings = settings_for(folder, sandbox.api_url)
        logs.configure(settings)
        desk = set_up(settings, folder, company)
        with running(Bot(settings, desk)):
            slack = SlackClient(sandbox.url)
            slack.wait_for(lambda: slack.connections() > 0, _READY_SECONDS)
            yield slack, desk, sandbox.url
        desk.database.close()


def settings_for(folder: Path, api_url: str) -> Settings:
    """Settings for a bot that talks to the sandbox at `api_url` and keeps its database in `folder`."""
    return Settings(
        _env_file=None,
        database_url=f"sqlite:///{folder / 'demo.db'}",
        master_keys=generate_key(),
        vendor="Meridian",
        operators_address="olga.ruiz@meridian.example",
        slack_bot_token=_BOT_TOKEN,
        slack_app_token=_APP_TOKEN,
        slack_api_url=api_url,
        health_port=0,
        log_level="error",
    )


def set_up(settings: Settings, folder: Path, company: str, clock: Callable[[], datetime] = present) -> Desk:
    """Make a database with a signing key and a company, and give its desk, which goes by `clock`."""
    database = Database(settings.database_url.get_secret_value())
    migrate(database)
    database.close()
    desk = replace(desk_of(settings), clock=clock)
    with desk.database.write() as connection:
        keys.init(connection, desk.vault, desk.clock(), purpose=KeyPurpose.TEST)
    file = folder / "company.yml"
    file.write_text(company, encoding="utf-8")
    load(desk, Actor(None, "import"), file, Options())
    return desk


@contextmanager
def running(bot: Bot) -> Iterator[None]:
    """The bot at work, in a thread of its own; connected a moment later. Raises `PlayFailed` when it does not start."""
    stop, ready = threading.Event(), threading.Event()
    thread = threading.Thread(
        target=bot.run, kwargs={"stop": stop, "ready": lambda _running: ready.set()}, name="demo-bot"
    )
    thread.start()
    try:
        if not ready.wait(_READY_SECONDS):
            message = "the bot did not start in time"
            raise PlayFailed(message)
        yield
    finally:
        stop.set()
        thread.join()


def _stay(console: Console, address: str) -> None:
    console.print(
        f"\nLicense Desk is running against a local Slack; use it in your browser:\n\n  {address}\n"
    )
    console.print("There you are Ana Silva, an engineer, and can become anybody else. Press Ctrl-C to end.")
    open_page(address)
    with suppress(KeyboardInterrupt):
        threading.Event().wait()
