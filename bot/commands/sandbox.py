"""`license-desk sandbox`: a local Slack for any Bolt app, with a page to click in."""

import threading
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from bot.commands import shared


def sandbox(
    config: Annotated[
        Path, typer.Option("--config", help="The description of a workspace, a YAML file.", dir_okay=False)
    ],
    port: Annotated[int, typer.Option(help="The port to listen on; 0 takes a free one.")] = 0,
) -> None:
    """Run a local stand-in for Slack, with a page in the browser, for any Bolt app."""
    shared.require_sandbox()
    from bot.browser import open_page
    from bot.sandbox import ConfigRefused, Sandbox, World
    from bot.sandbox.description import load

    try:
        world = World.from_config(load(config))
    except ConfigRefused as refused:
        raise shared.CommandRefused(f"{config.name} cannot be used. {refused}") from None
    with Sandbox.start(world, port) as running:
        console = shared.console()
        console.print(f"The page: {running.url}/")
        console.print(f"The Web API, for the app: {running.api_url}")
        console.print("Press Ctrl-C to end.")
        open_page(f"{running.url}/")
        with suppress(KeyboardInterrupt):
            threading.Event().wait()
