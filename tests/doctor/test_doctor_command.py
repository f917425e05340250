"""`license-desk doctor` as the real program: lines, summary, exit status, and no secret."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from bot.sandbox.client import SlackClient
from bot.scopes import SCOPES, missing
from bot.settings import Settings
from store.database import Database

ROOT = Path(__file__).parents[2]
PROGRAM = "from bot.commands.doctor import doctor; import typer; typer.run(doctor)"

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def database(sqlite_database: Database) -> Database:
    """What the command adds is the same on both databases."""
    return sqlite_database


@pytest.fixture
def run(settings: Callable[..., Settings], tmp_path: Path) -> Run:
    """Run the command with the settings of a desk in good order, but for what is given."""
    named = ("database_url", "master_keys", "vendor", "operators_address", "slack_api_url", "health_port")
    tokens = ("slack_bot_token", "slack_app_token")

    def doctor(**given: str) -> "subprocess.CompletedProcess[str]":
        well = settings()
        values = {name: getattr(well, name) for name in (*named, *tokens)}
        plain = {
            name: getattr(value, "get_secret_value", lambda value=value: value)()
            for name, value in values.items()
        }
        environment = {
            f"LICENSE_DESK_{name.upper()}": str(value) for name, value in {**plain, **given}.items()
        }
        return subprocess.run(
            [sys.executable, "-W", "error", "-c", PROGRAM],
            capture_output=True,
            text=True,
            cwd=tmp_path,
            env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **environment},
            timeout=60,
            check=False,
        )

    return doctor


def test_warnings_alone_leave_the_exit_status_at_nothing(run: Run, migrated: Database) -> None:
    done = run()
    assert done.stderr == ""
    lines = done.stdout.splitlines()
    assert lines[0] == "OK       Settings: complete, for mode socket."
    assert lines[-1].startswith("no problems, ")
    assert done.returncode == 0


def test_a_problem_is_told_with_what_to_do_and_the_exit_status_says_so(run: Run, slack: SlackClient) -> None:
    slack.archive("licenses")
    done = run()
    assert done.returncode == 1
    [line] = [each for each in done.stdout.splitlines() if each.startswith("Problem  Approval channels:")]
    assert line.endswith("-> Unarchive it, or set another approval channel.")
    assert "1 problem, " in done.stdout.splitlines()[-1]


def test_settings_that_cannot_be_read_are_told_all_at_once(run: Run) -> None:
    done = run(slack_bot_token="secret-without-its-beginning", health_port="many")
    assert done.returncode == 1
    problems = [line for line in done.stdout.splitlines() if line.startswith("Problem  Settings:")]
    assert len(problems) == 2
    assert "secret-without" not in done.stdout + done.stderr


def test_no_secret_is_ever_printed(run: Run, settings: Callable[..., Settings], slack: SlackClient) -> None:
    well = settings()
    secrets = [well.slack_bot_token, well.slack_app_token, well.master_keys]
    slack.uninstall()
    for done in (run(), run(master_keys="short-and-wrong"), run(slack_bot_token="xoxb-hush")):
        said = done.stdout + done.stderr
        assert done.returncode == 1
        assert [each for each in secrets if each.get_secret_value() in said] == []
        assert "short-and-wrong" not in said
        assert "hush" not in said


def test_the_scopes_are_those_that_the_manifest_asks_for() -> None:
    manifest = yaml.safe_load((ROOT / "manifest.yml").read_text(encoding="utf-8"))
    assert [scope.name for scope in SCOPES] == manifest["oauth_config"]["scopes"]["bot"]


def test_a_scope_that_was_not_granted_is_missing_and_one_too_many_is_not() -> None:
    granted = frozenset(scope.name for scope in SCOPES)
    assert missing(granted | {"team:read"}) == ()
    assert [scope.name for scope in missing(granted - {"im:write"})] == ["im:write"]
