import json
import os
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema.validators import validator_for

from handlers.blocks.ids import Callback, Step
from tests.workflow_lines import FUNCTIONS, added_to

MANIFEST: dict[str, Any] = yaml.safe_load(
    (Path(__file__).parents[2] / "manifest.yml").read_text(encoding="utf-8")
)
FACTS = "LICENSE_DESK_SLACK_FACTS"

# The scope that Slack's reference names for each event; None where an app gets it without one.
SCOPE_OF_EVENT = {
    "app_home_opened": None,
    "app_uninstalled": None,
    "channel_archive": "channels:read",
    "channel_deleted": "channels:read",
    "channel_id_changed": "channels:read",
    "channel_left": "channels:read",
    "channel_rename": "channels:read",
    "channel_unarchive": "channels:read",
    "group_archive": "groups:read",
    "group_deleted": "groups:read",
    "group_left": "groups:read",
    "group_rename": "groups:read",
    "group_unarchive": "groups:read",
    "member_joined_channel": "channels:read",
    "member_left_channel": "channels:read",
    "message.im": "im:history",
    "team_join": "users:read",
    "tokens_revoked": None,
    "user_change": "users:read",
}


@pytest.fixture
def facts() -> Path:
    folder = os.environ.get(FACTS)
    if not folder:
        pytest.skip(f"{FACTS} does not name the folder with facts about Slack")
    return Path(folder)


def problems(manifest: dict[str, Any], facts: Path) -> list[str]:
    schema = json.loads((facts / "manifest.schema.2.0.0.json").read_text(encoding="utf-8"))
    return [error.message for error in validator_for(schema)(schema).iter_errors(manifest)]


def scopes() -> list[str]:
    asked: list[str] = MANIFEST["oauth_config"]["scopes"]["bot"]
    return asked


def events() -> list[str]:
    subscribed: list[str] = MANIFEST["settings"]["event_subscriptions"]["bot_events"]
    return subscribed


def test_the_manifest_keeps_to_slack_s_schema(facts: Path) -> None:
    assert problems(MANIFEST, facts) == []


def test_slack_s_valid_sample_keeps_to_the_schema_and_the_invalid_one_does_not(facts: Path) -> None:
    valid = json.loads((facts / "manifest.valid.json").read_text(encoding="utf-8"))
    invalid = json.loads((facts / "manifest.invalid.json").read_text(encoding="utf-8"))
    assert problems(valid, facts) == []
    assert problems(invalid, facts) != []


def test_a_manifest_with_a_slip_in_it_does_not_keep_to_the_schema(facts: Path) -> None:
    features = {**MANIFEST["features"], "slash_command": []}
    assert problems({**MANIFEST, "features": features}, facts) != []


def test_names_and_descriptions_keep_to_slack_s_limits() -> None:
    features, shown = MANIFEST["features"], MANIFEST["display_information"]
    assert len(shown["name"]) <= 35
    assert len(shown["description"]) <= 140
    assert len(features["bot_user"]["display_name"]) <= 80
    for command in features["slash_commands"]:
        assert len(command["command"]) <= 32
        assert len(command["usage_hint"]) <= 1000
    for shortcut in features["shortcuts"]:
        assert len(shortcut["name"]) <= 24
        assert len(shortcut["description"]) <= 150


def test_there_are_no_more_commands_and_shortcuts_than_slack_takes() -> None:
    assert 1 <= len(MANIFEST["features"]["slash_commands"]) <= 50
    assert 1 <= len(MANIFEST["features"]["shortcuts"]) <= 10


def test_every_shortcut_has_an_id_that_the_app_knows() -> None:
    shortcuts = {shortcut["callback_id"]: shortcut["name"] for shortcut in MANIFEST["features"]["shortcuts"]}
    assert shortcuts == {
        Callback.REGISTER: "Register an environment",
        Callback.REQUEST: "Request a license",
    }


def test_every_event_is_covered_by_a_scope() -> None:
    assert {SCOPE_OF_EVENT[event] for event in events()} - {None} <= set(scopes())


def test_nothing_is_asked_for_twice() -> None:
    assert sorted(set(scopes())) == scopes()
    assert sorted(set(events())) == events()


def test_the_app_does_not_ask_to_read_what_people_write_in_channels() -> None:
    assert not {"channels:history", "groups:history", "mpim:history"} & set(scopes())
    assert not {"message.channels", "message.groups"} & set(events())


def test_people_can_write_to_the_app_and_press_its_buttons_over_socket_mode() -> None:
    home, settings = MANIFEST["features"]["app_home"], MANIFEST["settings"]
    assert home["messages_tab_enabled"] is True
    assert home["messages_tab_read_only_enabled"] is False
    assert settings["interactivity"]["is_enabled"] is True
    assert settings["socket_mode_enabled"] is True
    assert settings["token_rotation_enabled"] is False


def test_the_manifest_offers_no_step_so_that_a_plain_installation_is_enough() -> None:
    assert "functions" not in MANIFEST
    assert MANIFEST["settings"]["org_deploy_enabled"] is False
    assert "function_executed" not in events()


def test_the_manifest_with_the_lines_of_the_readme_keeps_to_slack_s_schema(facts: Path) -> None:
    assert problems(added_to(MANIFEST), facts) == []


def test_the_lines_of_the_readme_leave_the_rest_of_the_manifest_as_it_is() -> None:
    settings = added_to(MANIFEST)["settings"]
    assert settings["event_subscriptions"]["bot_events"] == [*events(), "function_executed"]
    assert settings["org_deploy_enabled"] is True
    assert settings["function_runtime"] == "remote"
    assert {**settings, **MANIFEST["settings"]} == {**MANIFEST["settings"], "function_runtime": "remote"}
    assert added_to(MANIFEST)["features"] == MANIFEST["features"]


def test_the_step_of_the_readme_is_the_one_that_the_app_knows() -> None:
    [step] = FUNCTIONS.values()
    assert set(FUNCTIONS) == set(Step)
    assert list(step["input_parameters"]["properties"]) == ["environment", "reason", "person"]
    assert list(step["output_parameters"]["properties"]) == ["state", "decider"]
