"""Fixtures of the page's tests: the system's Chromium, a small app, and the product in the workspace of the demo."""

import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from bot.app import Bot
from bot.demo import company_this_year, running, set_up, settings_for, world_of
from bot.sandbox import Sandbox, World
from bot.sandbox.client import SlackClient
from store.desk import Desk
from tests.page.showcase import Showcase, workspace

ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SECONDS = 10.0
Open = Callable[..., Page]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The system's Chromium, with an empty profile of its own.

    It ends with its module, because as long as it is there no other test can run an event loop in this thread.
    """
    path = shutil.which("chromium")
    if path is None:
        pytest.skip("there is no Chromium here; Debian's package is called chromium")
    expect.set_options(timeout=SECONDS * 1000)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield started
        started.close()


@pytest.fixture
def complaints() -> list[str]:
    """What the browser complained of: errors of the page's modules, and whatever its policy stopped."""
    return []


@pytest.fixture
def open_page(browser: Browser, complaints: list[str]) -> Iterator[Callable[..., Page]]:
    """Opens a page at an address, in a window of its own; nothing may be complained of until the test ends."""
    opened = []

    def open_(address: str, **wishes: object) -> Page:
        context = browser.new_context(**wishes)  # type: ignore[arg-type] # Playwright names forty options.
        opened.append(context)
        page = context.new_page()
        page.set_default_timeout(SECONDS * 1000)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        page.on("dialog", lambda dialog: complaints.append(f"a dialog: {dialog.message}"))
        page.goto(address)
        return page

    yield open_
    for context in opened:
        context.close()
    assert complaints == []


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """The small workspace."""
    with Sandbox.start(World.from_config(workspace())) as started:
        yield started


@pytest.fixture
def slack(sandbox: Sandbox) -> SlackClient:
    """Its people."""
    return SlackClient(sandbox.url)


@pytest.fixture
def app(sandbox: Sandbox) -> Iterator[Showcase]:
    """The small app, reached by HTTP."""
    with Showcase(sandbox) as showcase:
        yield showcase


@pytest.fixture
def town() -> Iterator[Sandbox]:
    """The workspace of the demo."""
    with Sandbox.start(World.from_config(world_of(company_this_year(datetime.now(UTC))))) as started:
        yield started


@pytest.fixture
def townspeople(town: Sandbox) -> SlackClient:
    """Its people."""
    return SlackClient(town.url)


@pytest.fixture
def product(town: Sandbox, townspeople: SlackClient, tmp_path: Path) -> Iterator[Desk]:
    """The product itself, connected to that workspace, with the example company imported; gives its desk."""
    settings = settings_for(tmp_path, town.api_url)
    desk = set_up(settings, tmp_path, company_this_year(datetime.now(UTC)))
    with running(Bot(settings, desk)):
        townspeople.wait_for(townspeople.connections)
        yield desk
    desk.database.close()
