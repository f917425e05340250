"""Whether somebody with a browser sits at this machine."""

import pytest

from bot.browser import is_there


@pytest.mark.parametrize(
    ("environment", "platform", "terminal", "there", "why"),
    [
        ({"DISPLAY": ":0"}, "linux", True, True, "a desktop"),
        ({"WAYLAND_DISPLAY": "wayland-0"}, "linux", True, True, "a newer desktop"),
        ({}, "darwin", True, True, "a Mac always has a screen"),
        ({}, "linux", True, False, "a server"),
        ({"DISPLAY": ":0"}, "linux", False, False, "the output goes to a file"),
        ({"DISPLAY": ":0", "CI": "true"}, "linux", True, False, "continuous integration"),
        ({"DISPLAY": ""}, "linux", True, False, "a screen without a name"),
    ],
)
def test_a_browser_is_there(
    environment: dict[str, str], platform: str, terminal: bool, there: bool, why: str
) -> None:
    assert is_there(environment, platform, terminal=terminal) is there, why
