"""A workspace described by a mapping: what is taken from it, and what is refused with its place."""

import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from bot.sandbox import ConfigRefused, Sandbox, World
from bot.sandbox.client import SlackClient
from tests.sandbox.workspace import WORKSPACE, Caller, Json

MANIFEST: Json = {
    "display_information": {"name": "From Manifest"},
    "features": {
        "app_home": {"home_tab_enabled": True, "messages_tab_enabled": True},
        "slash_commands": [{"command": "/desk", "description": "Desk"}],
        "shortcuts": [{"name": "Go", "type": "global", "callback_id": "go", "description": "Go"}],
    },
    "oauth_config": {"scopes": {"bot": ["commands", "chat:write"]}},
    "settings": {"event_subscriptions": {"bot_events": ["user_change"]}},
}


def test_an_app_can_be_described_by_its_manifest() -> None:
    app = World.from_config({"app": {"manifest": MANIFEST, "bot_token": "xoxb-mine"}}).app
    assert (app.name, app.command_names(), app.callback_ids()) == ("From Manifest", ["/desk"], ["go"])
    assert (app.scopes, app.events) == (("commands", "chat:write"), ("user_change",))
    assert (app.home_tab, app.messages_tab, app.bot_token) == (True, True, "xoxb-mine")


def test_the_bot_is_among_the_people_and_in_the_channels() -> None:
    world = World.from_config(WORKSPACE)
    assert world.people[world.app.bot_user].is_bot
    assert world.app.bot_user in world.place("general").members
    assert world.app.bot_user not in world.place("hidden").members


@pytest.mark.parametrize(
    ("config", "why"),
    [
        ({"persons": []}, "the description: persons is not known"),
        ({"app": {"colour": "red"}}, "app: colour is not known"),
        ({"people": [{"id": "U1"}]}, "people: each needs an id and a name"),
        ({"people": [{"id": "U1", "name": "a", "age": 3}]}, "people: age is not known"),
        ({"people": [{"id": "U1", "name": "a"}, {"id": "U1", "name": "b"}]}, "U1 is there more than once"),
        ({"channels": [{"id": "C1", "name": "a", "members": ["b"]}]}, r"not among people: \['b'\]"),
        ({"channels": [{"name": "a"}]}, "channels: each needs an id and a name"),
    ],
)
def test_a_description_is_refused_with_the_place(config: Json, why: str) -> None:
    with pytest.raises(ConfigRefused, match=why):
        World.from_config(config)


def test_a_sandbox_stops_twice_and_frees_its_port() -> None:
    first = Sandbox.start(World.from_config(WORKSPACE))
    first.stop()
    first.stop()
    with Sandbox.start(World.from_config(WORKSPACE), first.port) as second:
        assert second.port == first.port
        assert Caller(second.url)("auth.test")["user_id"] == "U0SANDBOXBT"


def test_a_sandbox_runs_by_itself(tmp_path: Path) -> None:
    description = tmp_path / "workspace.yml"
    description.write_text(yaml.safe_dump(WORKSPACE), encoding="utf-8")
    command = [sys.executable, "-m", "bot.sandbox", str(description)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        assert "Ana Silva" in SlackClient(url).people().values()
        process.terminate()


def test_a_sandbox_by_itself_says_how_it_is_used() -> None:
    done = subprocess.run([sys.executable, "-m", "bot.sandbox"], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith("usage:")
