"""The programs of the bench as people run them: a Slack whose people are given, and the desk."""

import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import yaml

from bot.sandbox.client import SlackClient
from tests.bench.data import BOT_USER, WORKSPACE
from tests.bench.load import SECRET

ROOT: Final = Path(__file__).parents[2]
_TOKEN: Final = "xoxb-bench"


@contextmanager
def slack_of(folder: Path, people: Iterable[str]) -> Iterator[tuple[SlackClient, str]]:
    """A Slack in a process of its own with these people by id; its client, and the address of its Web API."""
    config = {
        "workspace": {"id": WORKSPACE, "name": "Bench", "domain": "bench"},
        "app": {
            "manifest": yaml.safe_load((ROOT / "manifest.yml").read_text(encoding="utf-8")),
            "bot_user": BOT_USER,
            "bot_token": _TOKEN,
        },
        "people": [{"id": each, "name": each.lower(), "real_name": f"Person {each}"} for each in people],
    }
    file = folder / "workspace.yml"
    file.write_text(json.dumps(config), encoding="utf-8")
    with command(folder, {}, "sandbox", "--config", str(file)) as process:
        address = found_in(process, r"(http://\S+)/api/")
        yield SlackClient(address), f"{address}/api/"


@contextmanager
def desk_of(
    folder: Path, settings: Mapping[str, str], slack_api_url: str, role: str = "all"
) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """The desk in mode http, with 8 couriers unless the settings say otherwise; its process, and its port or 0."""
    known = {
        "LICENSE_DESK_VENDOR": "Vendor",
        "LICENSE_DESK_OPERATORS_ADDRESS": "operators@vendor.example",
        "LICENSE_DESK_MODE": "http",
        "LICENSE_DESK_SLACK_BOT_TOKEN": _TOKEN,
        "LICENSE_DESK_SLACK_SIGNING_SECRET": SECRET,
        "LICENSE_DESK_SLACK_API_URL": slack_api_url,
        "LICENSE_DESK_HTTP_PORT": "0",
        "LICENSE_DESK_HEALTH_PORT": "0",
        "LICENSE_DESK_LOG_FORMAT": "json",
    }
    with command(folder, known | dict(settings), "run", "--role", role) as process:
        port = found_in(process, r'"http_port": (null|\d+)')
        yield process, 0 if port == "null" else int(port)


@contextmanager
def command(folder: Path, settings: Mapping[str, str], *words: str) -> Iterator[subprocess.Popen[str]]:
    """A command of `license-desk` with these settings and none of this process's; it is stopped at the end."""
    outside = {name: value for name, value in os.environ.items() if not name.startswith("LICENSE_DESK_")}
    process = subprocess.Popen(
        [sys.executable, "-m", "bot.cli", *words],
        cwd=folder,
        env={**outside, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1", **settings},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(60)


def found_in(process: subprocess.Popen[str], pattern: str) -> str:
    """What the first group of `pattern` matches in what a process says; what it says later is read and left."""
    if process.stdout is None:
        raise ValueError("the process was started without a pipe")
    said = []
    for line in process.stdout:
        said.append(line)
        found = re.search(pattern, line)
        if found:
            threading.Thread(target=process.stdout.read, daemon=True).start()
            return found[1]
    raise RuntimeError(f"a program of the bench did not start: {''.join(said)[-2000:]}")
