"""`license-desk sandbox`: it serves what a file describes, for any Bolt app, or says what is wrong with the file."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from slack_bolt import App
from slack_sdk import WebClient

from bot.sandbox import World
from bot.sandbox.client import SlackClient
from bot.sandbox.description import load
from tests.cli.conftest import ROOT, Program

GUIDE = Path(ROOT) / "bot/sandbox/README.md"


def of_the_guide(folder: Path) -> Path:
    """The description that the guide shows, as a file, and a manifest beside it."""
    [text] = re.findall(r"```yaml\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    (folder / "manifest.yml").write_text("display_information: {name: Example App}\n", encoding="utf-8")
    file = folder / "workspace.yml"
    file.write_text(text, encoding="utf-8")
    return file


def test_the_guide_shows_a_description_that_can_be_used(tmp_path: Path) -> None:
    world = World.from_config(load(of_the_guide(tmp_path)))
    assert world.app.name == "Example App"
    assert {each.title for each in world.people.values()} == {"", "Engineer", "Guest"}


@pytest.mark.parametrize(
    "place", re.findall(r"`((?:bot|tests)/[^`]+)`|\((pictures/[^)]+)\)", GUIDE.read_text("utf-8"))
)
def test_what_the_guide_points_at_is_there(place: tuple[str, str]) -> None:
    code, picture = place
    assert (Path(ROOT) / code if code else GUIDE.parent / picture).is_file()


def test_it_serves_the_page_and_the_web_api_until_it_is_interrupted(tmp_path: Path) -> None:
    line = [sys.executable, "-m", "bot.cli", "sandbox", "--config", str(of_the_guide(tmp_path))]
    environment = {**os.environ, "PYTHONPATH": ROOT, "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(line, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        page = process.stdout.readline().removeprefix("The page: ").strip()
        api = process.stdout.readline().removeprefix("The Web API, for the app: ").strip()
        try:
            assert (
                App(client=WebClient("xoxb-example", base_url=api)).client.auth_test()["user_id"]
                == "U0EXAMPLEBOT"
            )
            assert SlackClient(page.rstrip("/")).people()["U0ANA"] == "Ana Silva"
        finally:
            process.send_signal(signal.SIGINT)
        assert process.wait(10) == 0


def test_a_description_that_cannot_be_used_is_a_sentence(program: Program) -> None:
    file = program.folder / "workspace.yml"
    file.write_text("people: [{id: U1}]", encoding="utf-8")
    refused = program.refuses("sandbox", "--config", file)
    assert refused.startswith("workspace.yml cannot be used. people: each needs an id and a name")
    assert program.refuses("sandbox", "--config", "absent.yml") == "absent.yml: No such file or directory.\n"


@pytest.mark.parametrize("command", [("sandbox", "--config", "workspace.yml"), ("demo", "--once")])
def test_without_the_extra_it_is_said_how_to_install_it(command: tuple[str, ...]) -> None:
    line = "import sys; sys.modules['websockets'] = None; from bot.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", line, *command],
        cwd=ROOT,
        text=True,
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, "")
    said = "The local Slack is not installed. In the folder of License Desk, run: pip install '.[demo]'\n"
    assert done.stderr == said
