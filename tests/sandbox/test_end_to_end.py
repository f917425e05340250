"""A real Bolt app at work in the sandbox, over sockets and over signed HTTP."""

import pytest

from bot.sandbox import Sandbox
from bot.sandbox.client import SlackClient
from bot.sandbox.errors import Refused
from tests.sandbox.apps import EchoApp
from tests.sandbox.workspace import Caller, post


def test_a_command_is_answered_in_its_ack(app: EchoApp, slack: SlackClient) -> None:
    answer = slack.command("ana", "hello", "/echo")
    assert answer.ok
    assert answer.text == "You said: hello"
    assert [each.text for each in slack.ephemerals("ana")] == ["You said: hello"]
    assert slack.ephemerals("rui") == []


def test_a_form_is_opened_corrected_and_sent(app: EchoApp, slack: SlackClient) -> None:
    slack.command("ana", command="/form")
    form = slack.view("ana")
    assert form is not None
    assert (form.title, form.private_metadata, form.callback_id) == ("Form", "kept", "form")
    empty = slack.submit("ana", form)
    assert empty.errors == {"name": "Please complete this required field."}
    assert not empty.sent
    wrong = slack.submit("ana", form, {"name": "nobody"})
    assert wrong.errors == {"name": "That is nobody."}
    assert wrong.sent
    done = slack.submit("ana", form, {"name_text": "Rui"})
    assert done.closed
    assert done.trouble is None
    assert slack.view("ana") is None
    assert slack.messages("general")[0].text == "A card for Rui"


def test_a_form_is_replaced_by_the_answer_to_it(app: EchoApp, slack: SlackClient) -> None:
    slack.command("ana", command="/form")
    form = slack.view("ana")
    assert form is not None
    outcome = slack.submit("ana", form, {"name": "again"})
    assert outcome.view is not None
    assert outcome.view.id == form.id
    assert outcome.view.hash != form.hash
    assert outcome.view.blocks[0]["block_id"] == "more"


def test_a_click_redraws_the_card_and_sends_a_file(app: EchoApp, slack: SlackClient) -> None:
    slack.command("ana", command="/form")
    form = slack.view("ana")
    assert form is not None
    slack.submit("ana", form, {"name": "Rui"})
    card = slack.messages("general")[0]
    assert slack.click("rui", card, "press").ok
    redrawn = slack.wait_for(lambda: [each for each in slack.messages("general") if each.text == "Pressed"])
    assert redrawn[0].ts == card.ts
    assert redrawn[0].history == ["A card for Rui"]
    with pytest.raises(Refused, match="nothing called press"):
        slack.click("rui", redrawn[0], "press")
    file = slack.wait_for(lambda: slack.files("rui"))[0]
    assert slack.download(file) == b"the content"
    message = slack.direct("rui")[0]
    assert (message.text, [each.name for each in message.files]) == ("For you", ["note.txt"])
    assert slack.files("ana") == []


def test_a_shortcut_opens_the_form_and_closing_it_is_told(app: EchoApp, slack: SlackClient) -> None:
    assert slack.shortcut("ana", "open_form").ok
    form = slack.view("ana")
    assert form is not None
    assert slack.close("ana", form).ok
    assert slack.views("ana") == []
    assert [body["type"] for body in app.heard] == ["view_closed"]


def test_what_people_say_reaches_the_app(app: EchoApp, slack: SlackClient) -> None:
    slack.say("ana", "good morning")
    slack.wait_for(lambda: app.heard)
    event = app.heard[0]["event"]
    assert (event["text"], event["user"], event["channel_type"]) == ("good morning", "U0ANA00001", "im")


def test_changes_of_the_workspace_reach_the_app(app: EchoApp, slack: SlackClient) -> None:
    slack.join("eva", "general")
    slack.leave("eva", "general")
    slack.archive("general")
    slack.unarchive("general")
    slack.rename_channel("general", "all")
    slack.archive("secret")
    slack.remove_bot("secret")
    slack.archive("secret")
    slack.deactivate("rui")
    slack.add_person(id="U0NEW00001", name="new")
    slack.open_home("ana")
    slack.remove_bot("all")
    expected = [
        "member_joined_channel",
        "member_left_channel",
        "channel_archive",
        "channel_unarchive",
        "channel_rename",
        "group_archive",
        "group_left",
        "user_change",
        "team_join",
        "app_home_opened",
        "channel_left",
    ]
    slack.wait_for(lambda: len(app.heard) >= len(expected))
    assert sorted(app.heard_types()) == sorted(expected)


def test_a_removed_app_is_told_and_can_call_nothing(app: EchoApp, slack: SlackClient, api: Caller) -> None:
    slack.uninstall()
    slack.wait_for(lambda: len(app.heard) == 2)
    assert sorted(app.heard_types()) == ["app_uninstalled", "tokens_revoked"]
    assert api("auth.test")["error"] == "account_inactive"
    slack.reinstall()
    assert api("auth.test")["ok"]


def test_a_file_can_be_uploaded_by_hand(sandbox: Sandbox, slack: SlackClient, api: Caller) -> None:
    ticket = api.form("files.getUploadURLExternal", filename="a.lic", length=5)
    assert post(ticket["upload_url"], b"12345").status == 200
    direct = api("conversations.open", users="U0ANA00001")["channel"]["id"]
    done = api(
        "files.completeUploadExternal", files=[{"id": ticket["file_id"], "title": "A"}], channel_id=direct
    )
    assert done == {"ok": True, "files": [{"id": ticket["file_id"], "title": "A"}]}
    file = slack.wait_for(lambda: slack.files("ana"))[0]
    assert file.title == "A"
    token = {"Authorization": "Bearer xoxb-sandbox-bot-token"}
    assert post(file.url_private, headers=token, method="GET").body == b"12345"
    assert post(file.url_private, method="GET").status == 403
