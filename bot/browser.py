"""Opens a page in the person's browser, where there is a person with a browser."""

import os
import sys
import webbrowser
from collections.abc import Mapping
from typing import Final

_SCREENS: Final = ("DISPLAY", "WAYLAND_DISPLAY")


def is_there(environment: Mapping[str, str], platform: str, *, terminal: bool) -> bool:
    """Whether somebody sits at this machine: a terminal, no continuous integration, and a screen."""
    screen = platform in ("darwin", "win32") or any(environment.get(name) for name in _SCREENS)
    return terminal and screen and not environment.get("CI")


def open_page(address: str) -> None:
    """Open `address`, if somebody sits here; they also have it printed, so a failure is none."""
    if is_there(os.environ, sys.platform, terminal=sys.stdout.isatty()):
        webbrowser.open(address)
