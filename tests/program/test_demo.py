"""The demo as a person starts it: one address, everybody of the example company, and a page that is connected."""

import http.client
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from bot.demo import company_this_year, world_of
from bot.sandbox import World
from bot.sandbox.client import SlackClient
from tests.program.conftest import ROOT

ROLES = {
    "Ana Silva": "Engineer of Acme Logistics",
    "Ben Okafor": "Engineer of Acme Logistics",
    "Fiona Marsh": "Financial contact of Acme Logistics",
    "Rui Costa": "Technical contact of Acme Logistics",
    "Ada Novak": "Additional contact of Acme Logistics",
    "Eva Lang": "Company admin of Acme Logistics",
    "Tom Berg": "Infrastructure administrator of Acme Logistics",
    "Olga Ruiz": "Operator",
    "Otto Brandt": "Engineer of Globex",
    "Nina Rossi": "Company admin of Globex, technical contact of Globex",
}


@pytest.fixture
def demo(tmp_path: Path) -> Iterator["subprocess.Popen[str]"]:
    line = [sys.executable, "-m", "bot.cli", "demo"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(line, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def test_the_demo_prints_one_address_where_the_bot_is_connected(demo: "subprocess.Popen[str]") -> None:
    assert demo.stdout
    said = ""
    while "Ctrl-C" not in said:
        line = demo.stdout.readline()
        assert line, said
        said += line
    [address] = re.findall(r"http://\S+", said)
    parts = urlsplit(address)
    connection = http.client.HTTPConnection(parts.netloc)
    connection.request("GET", "/")
    assert connection.getresponse().status == 200
    connection.close()
    slack = SlackClient(f"http://{parts.netloc}")
    assert parts.fragment.split("/") == ["U0ANA", "app"]
    assert (slack.connections(), slack.messages("licenses")) == (1, [])
    demo.send_signal(signal.SIGINT)
    assert demo.wait(20) == 0


def test_everybody_s_role_is_written_under_their_name_and_a_guest_is_there() -> None:
    world = World.from_config(world_of(company_this_year(datetime.now(UTC))))
    titles = {each.real_name: each.title for each in world.people.values() if not each.is_bot}
    assert {name: titles[name] for name in ROLES} == ROLES
    assert [each.real_name for each in world.people.values() if each.is_guest] == ["Gil Moreau"]


def test_commands_and_shortcuts_are_those_of_the_manifest() -> None:
    app = World.from_config(world_of(company_this_year(datetime.now(UTC)))).app
    assert [(each.command, each.usage_hint[:9]) for each in app.commands] == [("/license", "[register")]
    assert [each.name for each in app.shortcuts] == ["Register an environment", "Request a license"]
    assert app.events
