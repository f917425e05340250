"""Messages: who can be written to, what is kept, what is refused."""

import pytest

from bot.sandbox import Sandbox
from bot.sandbox.client import SlackClient
from tests.sandbox.workspace import (
    ANA,
    BEN,
    EVA,
    GENERAL,
    HIDDEN,
    OLD,
    OTHER,
    SECRET,
    Caller,
    Json,
    section,
    world,
)

BOT_ID = "U0ROBOT001"


@pytest.mark.parametrize(
    ("channel", "error"),
    [
        (OLD, "is_archived"),
        (OTHER, "not_in_channel"),
        (HIDDEN, "channel_not_found"),
        ("C0NOWHERE01", "channel_not_found"),
        ("general", "channel_not_found"),
        (EVA, "channel_not_found"),
        (BOT_ID, "channel_not_found"),
    ],
    ids=["archived", "not in", "private and not in", "unknown", "a name", "deactivated", "a bot"],
)
def test_a_message_is_refused_where_the_app_cannot_write(channel: str, error: str, api: Caller) -> None:
    assert api("chat.postMessage", channel=channel, text="Hello")["error"] == error


def test_a_message_to_a_person_goes_to_the_direct_message(slack: SlackClient, api: Caller) -> None:
    posted = api("chat.postMessage", channel=ANA, text="Hello")
    assert posted["channel"].startswith("D")
    assert api("conversations.open", users=ANA)["channel"]["id"] == posted["channel"]
    assert [each.text for each in slack.direct("ana")] == ["Hello"]


def test_nobody_can_be_written_to_while_the_messages_tab_is_off() -> None:
    with Sandbox.start(world(messages_tab=False)) as closed:
        api = Caller(closed.url)
        direct = api("conversations.open", users=ANA)["channel"]["id"]
        assert api("chat.postMessage", channel=direct, text="Hello")["error"] == "messages_tab_disabled"


@pytest.mark.parametrize(
    ("users", "error"),
    [
        (EVA, "user_disabled"),
        (BOT_ID, "cannot_dm_bot"),
        ("U0NOBODY001", "user_not_found"),
        ("", "users_list_not_supplied"),
    ],
    ids=["deactivated", "a bot", "nobody", "empty"],
)
def test_a_direct_message_is_not_opened_with(users: str, error: str, api: Caller) -> None:
    assert api("conversations.open", users=users)["error"] == error


def test_a_direct_message_becomes_unreachable_when_its_person_is_deactivated(
    slack: SlackClient, api: Caller
) -> None:
    direct = api("conversations.open", users=ANA)["channel"]["id"]
    slack.deactivate("ana")
    assert api("chat.postMessage", channel=direct, text="Hello")["error"] == "channel_not_found"
    slack.reactivate("ana")
    assert api("chat.postMessage", channel=direct, text="Hello")["ok"]


def test_long_texts_are_cut_when_posted_and_refused_when_updated(slack: SlackClient, api: Caller) -> None:
    posted = api("chat.postMessage", channel=GENERAL, text="x" * 40_001)
    assert len(slack.messages(GENERAL)[0].text) == 40_000
    place = {"channel": GENERAL, "ts": posted["ts"]}
    assert api("chat.update", **place, text="x" * 4_001)["error"] == "msg_too_long"
    assert api("chat.update", **place, text="x" * 4_000)["ok"]


def test_blocks_over_a_limit_are_refused_with_their_place(api: Caller) -> None:
    refused = api("chat.postMessage", channel=GENERAL, text="x", blocks=[section("x" * 3001)])
    assert refused["error"] == "invalid_blocks"
    assert "/blocks/0/text" in refused["response_metadata"]["messages"][0]


def test_a_message_needs_words_or_blocks(api: Caller) -> None:
    assert api("chat.postMessage", channel=GENERAL)["error"] == "no_text"


def test_unknown_arguments_are_refused_although_slack_ignores_them(api: Caller) -> None:
    refused = api("chat.postMessage", channel=GENERAL, text="x", thred_ts="1.2")
    assert refused["error"] == "invalid_arguments"
    assert refused["response_metadata"]["messages"] == ["[ERROR] unknown argument: thred_ts"]


def test_an_archived_channel_is_inactive_for_updates(slack: SlackClient, api: Caller) -> None:
    posted = api("chat.postMessage", channel=GENERAL, text="Hello")
    slack.archive("general")
    refused = api("chat.update", channel=GENERAL, ts=posted["ts"], text="Bye")
    assert refused["error"] == "is_inactive"


def test_an_update_keeps_what_it_does_not_send(slack: SlackClient, api: Caller) -> None:
    metadata = {"event_type": "card", "event_payload": {"id": 7}}
    content: Json = {"text": "Hello", "blocks": [section()], "metadata": metadata}
    place = {"channel": GENERAL, "ts": api("chat.postMessage", channel=GENERAL, **content)["ts"]}
    api("chat.update", **place, blocks=[section("Other")])
    redrawn = slack.messages(GENERAL)[0]
    assert (redrawn.text, redrawn.metadata, redrawn.edited) == ("Hello", metadata, None)
    api("chat.update", **place, text="Only words")
    reworded = slack.messages(GENERAL)[0]
    assert (reworded.text, reworded.blocks) == ("Only words", [])
    assert reworded.edited is not None
    api("chat.update", **place, metadata={})
    assert slack.messages(GENERAL)[0].metadata is None


def test_replies_stand_in_their_thread_and_not_in_the_history(slack: SlackClient, api: Caller) -> None:
    parent = api("chat.postMessage", channel=GENERAL, text="Question")["ts"]
    reply = api("chat.postMessage", channel=GENERAL, text="Answer", thread_ts=parent)["ts"]
    assert [each["ts"] for each in api("conversations.history", channel=GENERAL)["messages"]] == [parent]
    replies = api("conversations.replies", channel=GENERAL, ts=parent)["messages"]
    assert [each["ts"] for each in replies] == [parent, reply]
    assert slack.messages(GENERAL)[1].thread_ts == parent
    wrong = api("chat.postMessage", channel=GENERAL, text="Answer", thread_ts="1.2")
    assert wrong["error"] == "cannot_reply_to_message"


def test_metadata_is_found_in_the_history_when_asked_for(api: Caller) -> None:
    direct = api("conversations.open", users=ANA)["channel"]["id"]
    metadata = {"event_type": "delivery", "event_payload": {"id": 12}}
    posted = api("chat.postMessage", channel=direct, text="Hello", metadata=metadata)["ts"]
    plain = api("conversations.history", channel=direct)["messages"][0]
    full = api("conversations.history", channel=direct, include_all_metadata=True)["messages"][0]
    assert "metadata" not in plain
    assert (full["metadata"], full["ts"]) == (metadata, posted)


def test_the_history_is_read_in_pages_from_the_newest(api: Caller) -> None:
    stamps = [api("chat.postMessage", channel=GENERAL, text=str(number))["ts"] for number in range(5)]
    first = api("conversations.history", channel=GENERAL, limit=3)
    assert [each["text"] for each in first["messages"]] == ["4", "3", "2"]
    assert first["has_more"]
    cursor = first["response_metadata"]["next_cursor"]
    second = api("conversations.history", channel=GENERAL, limit=3, cursor=cursor)
    assert [each["text"] for each in second["messages"]] == ["1", "0"]
    assert not second["has_more"]
    later = api("conversations.history", channel=GENERAL, oldest=stamps[2])
    assert [each["text"] for each in later["messages"]] == ["4", "3"]


def test_what_only_one_person_sees_goes_to_members_only(slack: SlackClient, api: Caller) -> None:
    assert api("chat.postEphemeral", channel=SECRET, user=ANA, text="psst")["ok"]
    assert [each.text for each in slack.ephemerals("ana")] == ["psst"]
    assert slack.messages(SECRET) == []
    refused = api("chat.postEphemeral", channel=SECRET, user=BEN, text="psst")
    assert refused["error"] == "user_not_in_channel"


def test_a_deleted_message_is_gone(slack: SlackClient, api: Caller) -> None:
    place = {"channel": GENERAL, "ts": api("chat.postMessage", channel=GENERAL, text="x")["ts"]}
    assert api("chat.delete", **place)["ok"]
    assert slack.messages(GENERAL) == []
    assert api("chat.delete", **place)["error"] == "message_not_found"


def test_deactivated_people_are_not_found_by_their_address(slack: SlackClient, api: Caller) -> None:
    found = api("users.lookupByEmail", email="ana@acme.example")
    assert found["user"]["id"] == ANA
    slack.deactivate("ana")
    assert api("users.lookupByEmail", email="ana@acme.example")["error"] == "users_not_found"
    assert api("users.info", user=ANA)["user"]["deleted"] is True


def test_addresses_are_shown_only_with_their_scope() -> None:
    scopes = ["users:read"]
    with Sandbox.start(world(scopes=scopes)) as poor:
        api = Caller(poor.url)
        assert "email" not in api("users.info", user=ANA)["user"]["profile"]
        refused = api("users.lookupByEmail", email="ana@acme.example")
        assert refused == {
            "ok": False,
            "error": "missing_scope",
            "needed": "users:read.email",
            "provided": "users:read",
        }


def test_a_conversation_is_read_with_the_scope_of_its_kind() -> None:
    with Sandbox.start(world(scopes=["channels:read"])) as poor:
        api = Caller(poor.url)
        assert api("conversations.info", channel=GENERAL)["ok"]
        assert api("conversations.info", channel=SECRET)["needed"] == "groups:read"
        assert api("conversations.members", channel=SECRET)["error"] == "missing_scope"
        assert api("conversations.list", types="private_channel")["error"] == "missing_scope"


def test_forms_and_json_are_the_same_call(api: Caller) -> None:
    form = api.form("conversations.info", channel=GENERAL, include_num_members="true")
    assert form == api("conversations.info", channel=GENERAL, include_num_members=True)
    assert form["channel"]["num_members"] == 4


def test_an_unknown_method_is_named(api: Caller) -> None:
    assert api("chat.postMessages")["error"] == "unknown_method"
