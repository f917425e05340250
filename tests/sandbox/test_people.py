"""What people can do and what Slack's client would not let them do."""

import pytest

from bot.sandbox import Sandbox
from bot.sandbox.client import SlackClient
from bot.sandbox.errors import Refused
from tests.sandbox.apps import ScriptedApp
from tests.sandbox.workspace import GENERAL, RUI, SECRET, Caller, actions, button, section, world


@pytest.mark.parametrize(
    ("who", "name", "where", "why"),
    [
        ("nobody", "/echo", None, "nobody here is called nobody"),
        ("eva", "/echo", None, "eva cannot sign in"),
        ("robot", "/echo", None, "robot cannot sign in"),
        ("ana", "/other", None, "/other is not a valid command; the app has /echo, /form"),
        ("ben", "/echo", "secret", "ben is not in secret"),
        ("ana", "/echo", "nowhere", "there is no conversation nowhere"),
    ],
)
def test_a_command_is_refused(who: str, name: str, where: str | None, why: str, slack: SlackClient) -> None:
    with pytest.raises(Refused, match=why):
        slack.command(who, command=name, channel=where)


def test_a_click_needs_somebody_who_sees_the_message(
    script: ScriptedApp, slack: SlackClient, api: Caller
) -> None:
    api("chat.postMessage", channel=SECRET, text="x", blocks=[actions(button())])
    api("chat.postEphemeral", channel=SECRET, user=RUI, text="y", blocks=[actions(button())])
    posted, whispered = slack.messages(SECRET)[0], slack.ephemerals("rui")[0]
    assert slack.click("rui", posted, "press").ok
    assert slack.click("rui", whispered, "press").ok
    with pytest.raises(Refused, match="does not see"):
        slack.click("ben", posted, "press")
    with pytest.raises(Refused, match="does not see"):
        slack.click("ana", whispered, "press")


def test_a_button_is_clicked_as_it_was_seen(script: ScriptedApp, slack: SlackClient, api: Caller) -> None:
    place = {"channel": GENERAL}
    posted = api("chat.postMessage", **place, text="x", blocks=[actions(button())])
    seen = slack.messages(GENERAL)[0]
    api("chat.update", **place, ts=posted["ts"], text="decided", blocks=[section("decided")])
    assert slack.click("rui", seen, "press").ok
    api("chat.delete", **place, ts=posted["ts"])
    with pytest.raises(Refused, match="no longer there"):
        slack.click("rui", seen, "press")


def test_one_of_several_buttons_with_one_action_is_chosen_by_its_value(
    script: ScriptedApp, slack: SlackClient, api: Caller
) -> None:
    rows = [actions(button(value=each)) | {"block_id": each} for each in ("first", "second")]
    api("chat.postMessage", channel=GENERAL, text="x", blocks=rows)
    slack.click("rui", slack.messages(GENERAL)[0], "press", value="second")
    assert b"%22value%22%3A+%22second%22" in script.pushed[0][1]
    with pytest.raises(Refused, match="nothing called press"):
        slack.click("rui", slack.messages(GENERAL)[0], "press", value="third")


def test_an_app_whose_messages_are_read_only_cannot_be_written_to() -> None:
    with Sandbox.start(world(messages_read_only=True)) as closed, pytest.raises(Refused, match="turned off"):
        SlackClient(closed.url).say("ana", "hello")


def test_waiting_in_vain_tells_what_was_seen(slack: SlackClient) -> None:
    with pytest.raises(TimeoutError, match=r"last seen: \[\]"):
        slack.wait_for(lambda: slack.messages(GENERAL), seconds=0.02)
