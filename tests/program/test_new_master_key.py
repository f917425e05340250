"""A new master key beside the real program, which goes on answering."""

import socket
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from bot.play import FIRST_SERIAL, VERSION
from bot.sandbox.client import SlackClient
from handlers.blocks.ids import Action
from store.vault import generate_key
from tests.program.conftest import CHANNEL, Program, ask, register, wait_until

KEYS = "LICENSE_DESK_MASTER_KEYS"


@pytest.fixture
def port(program: Program) -> int:
    """The program's health port, a free one."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        found = int(free.getsockname()[1])
    program.settings["LICENSE_DESK_HEALTH_PORT"] = str(found)
    return found


def is_live(port: int) -> bool:
    try:
        with urlopen(f"http://127.0.0.1:{port}/live", timeout=5) as answer:
            return bool(answer.status == 200)
    except URLError:
        return False


def restart(program: Program, slack: SlackClient, port: int) -> None:
    for each in program.running:
        each.terminate()
        each.wait(30)
    wait_until(lambda: slack.connections() == 0)
    program.start()
    wait_until(lambda: is_live(port) and slack.connections() > 0)


def test_a_file_that_was_asked_for_under_the_old_key_is_delivered_under_the_new_one_alone(
    program: Program, slack: SlackClient, port: int
) -> None:
    program.start()
    wait_until(lambda: is_live(port) and slack.connections() > 0)
    program.settings[KEYS] = f"{generate_key()},{program.settings[KEYS]}"

    refused = program.command("secrets", "rotate")
    assert refused.returncode == 1
    assert "Restart it, and run this command again." in refused.stderr

    restart(program, slack, port)
    rotated = program.command("secrets", "rotate")
    assert rotated.returncode == 0, rotated.stdout + rotated.stderr
    assert "encrypts nothing any more, and may be removed." in rotated.stdout

    program.settings[KEYS] = program.settings[KEYS].partition(",")[0]
    restart(program, slack, port)
    register(slack, "U0ANA", FIRST_SERIAL, VERSION, "Quality 1")
    ask(slack, "U0ANA", "Quality 1")
    wait_until(lambda: slack.messages(CHANNEL))
    slack.click("U0RUI", slack.messages(CHANNEL)[0], str(Action.FORWARD))
    wait_until(lambda: slack.files("U0ANA"))
    assert "Traceback" not in program.logs()
