"""What the sandbox sends against samples of what Slack sends: no field invented, each of its type."""

import pytest

from bot.sandbox.client import SlackClient
from tests.sandbox.apps import EchoApp
from tests.sandbox.shapes import strangers
from tests.sandbox.workspace import (
    GENERAL,
    Caller,
    Json,
    actions,
    button,
    modal,
    read_facts,
    section,
    text_input,
)

SAMPLES = {
    "block_actions": "payload-samples/interactive-components__BlockActionPayload.json",
    "view_submission": "payload-samples/views__ViewSubmissionPayload.json",
    "view_closed": "payload-samples/views__ViewClosedPayload.json",
    "app_home_opened": "event-samples/AppHomeOpenedPayload.json",
    "app_uninstalled": "event-samples/AppUninstalledPayload.json",
    "channel_archive": "event-samples/ChannelArchivePayload.json",
    "channel_deleted": "event-samples/ChannelDeletedPayload.json",
    "channel_rename": "event-samples/ChannelRenamePayload.json",
    "channel_unarchive": "event-samples/ChannelUnarchivePayload.json",
    "file_shared": "event-samples/FileSharedPayload.json",
    "group_archive": "event-samples/GroupArchivePayload.json",
    "group_deleted": "event-samples/GroupDeletedPayload.json",
    "group_left": "event-samples/GroupLeftPayload.json",
    "member_joined_channel": "event-samples/MemberJoinedChannelPayload.json",
    "member_left_channel": "event-samples/MemberLeftChannelPayload.json",
    "message": "event-samples/MessagePayload.json",
    "team_join": "event-samples/TeamJoinPayload.json",
    "tokens_revoked": "event-samples/TokensRevokedPayload.json",
    "user_change": "event-samples/UserChangePayload.json",
}
# Without a sample; Slack's reference describes them.
UNSAMPLED = {"shortcut", "channel_left"}
# Members that Slack sends although the samples do not show them, by the end of their place.
KNOWN = (
    "/actions[]/selected_options",  # What is chosen at checkboxes and at selects of several.
)


def _kind(payload: Json) -> str:
    return str(payload["event"]["type"] if payload["type"] == "event_callback" else payload["type"])


def _sent(slack: SlackClient) -> list[Json]:
    return [each.sent for each in slack.traffic("envelope") if each.name != "slash_commands"]


def _strange(payload: Json) -> list[str]:
    kind = _kind(payload)
    if kind in UNSAMPLED:
        return []
    found = strangers(payload, read_facts(*SAMPLES[kind].split("/")))
    return [f"{kind}: {each}" for each in found if not each.split()[0].endswith(KNOWN)]


def _do_everything(slack: SlackClient, api: Caller) -> None:
    slack.shortcut("ana", "open_form")
    form = slack.view("ana")
    assert form is not None
    slack.submit("ana", form, {"name": "Rui"})
    slack.click("rui", slack.messages(GENERAL)[0], "press")
    slack.shortcut("ana", "open_form")
    again = slack.view("ana")
    assert again is not None
    slack.close("ana", again)
    slack.say("ana", "hello")
    slack.open_home("ana")
    api(
        "views.publish",
        user_id="U0ANA00001",
        view={"type": "home", "blocks": [section(), actions(button("choose"))]},
    )
    slack.open_home("ana")
    home = slack.home("ana")
    assert home is not None
    assert slack.act("ana", home, "choose").ok
    _change_the_workspace(slack)
    slack.wait_for(lambda: "file_shared" in {_kind(each) for each in _sent(slack)})
    slack.uninstall()


def _change_the_workspace(slack: SlackClient) -> None:
    slack.join("eva", "general")
    slack.leave("eva", "general")
    slack.archive("general")
    slack.unarchive("general")
    slack.rename_channel("general", "all")
    slack.join("U0SANDBOXBT", "other")
    slack.remove_bot("other")
    slack.join("U0SANDBOXBT", "other")
    slack.delete_channel("other")
    slack.join("U0SANDBOXBT", "hidden")
    slack.remove_bot("hidden")
    slack.archive("secret")
    slack.delete_channel("secret")
    slack.change_person("rui", tz="America/Lima")
    slack.deactivate("rui")
    slack.add_person(id="U0NEW00001", name="new")


def test_everything_that_is_sent_has_only_fields_that_slack_sends(
    socket_app: EchoApp, slack: SlackClient, api: Caller
) -> None:
    _do_everything(slack, api)
    expected = {*SAMPLES, *UNSAMPLED}
    slack.wait_for(lambda: {_kind(each) for each in _sent(slack)} >= expected)
    assert [problem for payload in _sent(slack) for problem in _strange(payload)] == []


def test_a_command_has_exactly_the_fields_that_slack_sends(socket_app: EchoApp, slack: SlackClient) -> None:
    slack.command("ana", "hello", "/echo", channel="general")
    sample = read_facts("payload-samples", "slash-commands__SlashCommandPayload.json")
    payload = slack.traffic("envelope", "slash_commands")[0].sent
    assert list(strangers(payload, sample)) == []
    assert set(sample) - set(payload) == {"enterprise_id", "enterprise_name"}


CHOICES = [{"text": {"type": "plain_text", "text": word}, "value": word} for word in ("one", "two")]
PLACEHOLDER = {"type": "plain_text", "text": "Choose"}
ELEMENTS: list[tuple[Json, str | list[str]]] = [
    ({"type": "static_select", "placeholder": PLACEHOLDER, "options": CHOICES}, "two"),
    ({"type": "radio_buttons", "options": CHOICES, "initial_option": CHOICES[0]}, "two"),
    ({"type": "checkboxes", "options": CHOICES}, ["one", "two"]),
    ({"type": "multi_static_select", "placeholder": PLACEHOLDER, "options": CHOICES}, ["one"]),
    ({"type": "overflow", "options": CHOICES}, "one"),
    ({"type": "users_select", "placeholder": PLACEHOLDER}, "U0RUI00001"),
    ({"type": "conversations_select", "placeholder": PLACEHOLDER}, GENERAL),
    ({"type": "channels_select", "placeholder": PLACEHOLDER}, GENERAL),
    ({"type": "datepicker", "initial_date": "2026-12-01"}, "2026-12-24"),
    ({"type": "timepicker", "initial_time": "10:00"}, "11:30"),
]


@pytest.mark.parametrize(("element", "value"), ELEMENTS, ids=[each["type"] for each, _ in ELEMENTS])
def test_a_choice_in_a_message_is_sent_as_by_slack(
    element: Json, value: str | list[str], socket_app: EchoApp, slack: SlackClient, api: Caller
) -> None:
    row = {"type": "section", "text": {"type": "mrkdwn", "text": "?"}}
    api(
        "chat.postMessage",
        channel=GENERAL,
        text="?",
        blocks=[row | {"accessory": element | {"action_id": "choose"}}],
    )
    slack.click("ana", slack.messages(GENERAL)[0], "choose", option=value)
    payload = slack.traffic("envelope", "interactive")[-1].sent
    assert _strange(payload) == []
    action = payload["actions"][0]
    assert action["type"] == element["type"]
    assert _chosen(action) == value


def _chosen(action: Json) -> object:
    """What an action says was chosen: values of options, ids, dates."""
    held = next(each for name, each in action.items() if name.startswith("selected_"))
    if isinstance(held, list):
        return [each["value"] for each in held]
    return held["value"] if isinstance(held, dict) else held


def test_an_input_that_tells_at_once_is_sent_as_by_slack(
    socket_app: EchoApp, slack: SlackClient, api: Caller
) -> None:
    slack.shortcut("ana", "open_form")
    form = slack.view("ana")
    assert form is not None
    view = modal(text_input() | {"dispatch_action": True}, notify_on_close=True)
    api("views.update", view_id=form.id, view=view)
    fresh = slack.view("ana")
    assert fresh is not None
    assert slack.act("ana", fresh, "name_text", "typed").ok
    payload = slack.traffic("envelope", "interactive")[-1].sent
    assert _strange(payload) == []
    assert payload["actions"][0]["value"] == "typed"
    values = {"name": {"name_text": {"type": "plain_text_input", "value": "typed"}}}
    assert payload["view"]["state"]["values"] == values
