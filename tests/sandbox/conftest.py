"""Fixtures of the sandbox's own tests: a running one, its people, callers, and apps of two kinds."""

from collections.abc import Callable, Iterator

import pytest

from bot.sandbox import Sandbox
from bot.sandbox.client import SlackClient
from tests.sandbox.apps import EchoApp, HttpApp, ScriptedApp, SocketApp
from tests.sandbox.workspace import ANA, Caller, world


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """A sandbox with the shared workspace."""
    with Sandbox.start(world()) as running:
        yield running


@pytest.fixture
def slack(sandbox: Sandbox) -> SlackClient:
    """The people of that workspace."""
    return SlackClient(sandbox.url)


@pytest.fixture
def api(sandbox: Sandbox) -> Caller:
    """The app of that workspace, calling by hand."""
    return Caller(sandbox.url)


@pytest.fixture
def socket_app(sandbox: Sandbox, slack: SlackClient) -> Iterator[EchoApp]:
    """A Bolt app, connected by Socket Mode."""
    with SocketApp(sandbox) as app:
        slack.wait_for(slack.connections)
        yield app


@pytest.fixture(params=[SocketApp, HttpApp], ids=["socket", "http"])
def app(request: pytest.FixtureRequest, sandbox: Sandbox, slack: SlackClient) -> Iterator[EchoApp]:
    """A Bolt app, connected in each of the two ways."""
    with request.param(sandbox) as running:
        if running.request_url:
            slack.set_request_url(running.request_url)
        else:
            slack.wait_for(slack.connections)
        yield running


@pytest.fixture
def script(slack: SlackClient) -> Iterator[ScriptedApp]:
    """An app that answers pushes with what the test says."""
    with ScriptedApp() as running:
        slack.set_request_url(running.url)
        yield running


@pytest.fixture
def trigger(sandbox: Sandbox) -> Callable[[], str]:
    """Makes triggers of Ana's."""
    return lambda: sandbox.world.triggers.make(ANA)
