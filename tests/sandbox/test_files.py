"""Files: three steps, shared only a little later, and never to a person's id."""

import pytest

from bot.sandbox.client import SlackClient
from tests.sandbox.workspace import ANA, EVA, GENERAL, HIDDEN, OLD, OTHER, SECRET, Caller, Json, post, section

TOKEN = {"Authorization": "Bearer xoxb-sandbox-bot-token"}


def _uploaded(api: Caller, content: bytes = b"abc") -> str:
    ticket = api("files.getUploadURLExternal", filename="a.lic", length=len(content))
    assert post(ticket["upload_url"], content).body == f"OK - {len(content)}".encode()
    return str(ticket["file_id"])


def _completed(api: Caller, file_id: str, **arguments: object) -> Json:
    return api("files.completeUploadExternal", files=[{"id": file_id, "title": "A"}], **arguments)


def test_a_file_is_not_shared_when_its_upload_is_completed(slack: SlackClient, api: Caller) -> None:
    slack.weather(sharing=60)
    file_id = _uploaded(api)
    assert _completed(api, file_id, channel_id=SECRET, initial_comment="Here")["ok"]
    assert "shares" not in api("files.info", file=file_id)["file"]
    assert slack.messages(SECRET) == []
    slack.advance(60)
    message = slack.messages(SECRET)[0]
    assert (message.text, [each.id for each in message.files]) == ("Here", [file_id])
    shares = api("files.info", file=file_id)["file"]["shares"]
    assert shares == {
        "private": {SECRET: [{"reply_users": [], "reply_users_count": 0, "reply_count": 0, "ts": message.ts}]}
    }


def test_a_file_can_be_never_shared(slack: SlackClient, api: Caller) -> None:
    slack.weather(never_shared=True)
    file_id = _uploaded(api)
    assert _completed(api, file_id, channel_id=GENERAL)["ok"]
    slack.advance(3600)
    assert "shares" not in api("files.info", file=file_id)["file"]


@pytest.mark.parametrize(
    ("channel", "error"),
    [
        (ANA, "channel_not_found"),
        ("general", "invalid_channel"),
        (HIDDEN, "channel_not_found"),
        (OTHER, "not_in_channel"),
        (OLD, "posting_to_channel_denied"),
    ],
    ids=["a person", "a name", "private and not in", "not in", "archived"],
)
def test_a_file_is_not_shared_with(channel: str, error: str, api: Caller) -> None:
    assert _completed(api, _uploaded(api), channel_id=channel)["error"] == error


def test_a_file_is_not_shared_with_somebody_deactivated(slack: SlackClient, api: Caller) -> None:
    direct = api("conversations.open", users=ANA)["channel"]["id"]
    slack.deactivate("ana")
    assert _completed(api, _uploaded(api), channel_id=direct)["error"] == "posting_to_channel_denied"
    assert api("conversations.open", users=EVA)["error"] == "user_disabled"


def test_one_upload_is_shared_into_several_conversations(slack: SlackClient, api: Caller) -> None:
    file_id = _uploaded(api)
    assert _completed(api, file_id, channels=f"{GENERAL},{SECRET},{ANA}", initial_comment="All")["ok"]
    slack.advance(1)
    shown = api("files.info", file=file_id)["file"]
    assert (shown["channels"], shown["groups"], len(shown["ims"])) == ([GENERAL], [SECRET], 1)
    assert set(shown["shares"]) == {"public", "private"}


def test_blocks_count_only_without_a_comment(slack: SlackClient, api: Caller) -> None:
    _completed(api, _uploaded(api), channel_id=GENERAL, blocks=[section()], initial_comment="Words")
    _completed(api, _uploaded(api), channel_id=GENERAL, blocks=[section()])
    slack.advance(1)
    assert [(each.text, len(each.blocks)) for each in slack.messages(GENERAL)] == [("Words", 0), ("", 1)]


def test_an_upload_must_have_the_length_that_was_announced(api: Caller) -> None:
    ticket = api("files.getUploadURLExternal", filename="a.lic", length=3)
    assert post(ticket["upload_url"], b"four").status == 400
    assert _completed(api, ticket["file_id"], channel_id=GENERAL)["error"] == "file_update_failed"
    assert post(ticket["upload_url"], b"abc").status == 200
    assert _completed(api, ticket["file_id"], channel_id=GENERAL)["ok"]
    assert _completed(api, ticket["file_id"], channel_id=GENERAL)["error"] == "file_not_found"


def test_a_form_can_carry_the_upload(api: Caller) -> None:
    ticket = api("files.getUploadURLExternal", filename="a.lic", length=3)
    disposition = b'Content-Disposition: form-data; name="file"; filename="a.lic"'
    body = b"--line\r\n" + disposition + b"\r\n\r\nabc\r\n--line--\r\n"
    headers = {"Content-Type": "multipart/form-data; boundary=line"}
    assert post(ticket["upload_url"], body, headers).body == b"OK - 3"


def test_a_file_is_downloaded_with_the_token_only(slack: SlackClient, api: Caller) -> None:
    file_id = _uploaded(api, b"secret")
    _completed(api, file_id, channel_id=GENERAL)
    address = api("files.info", file=file_id)["file"]["url_private"]
    assert post(address, headers=TOKEN, method="GET").body == b"secret"
    assert post(address, method="GET").status == 403
    slack.weather(missing_scopes=["files:read"])
    assert post(address, headers=TOKEN, method="GET").status == 403


@pytest.mark.parametrize(
    ("content", "kind"), [(b"words", "text/plain"), (b"\xff\0", "application/octet-stream")]
)
def test_text_is_told_from_anything_else(content: bytes, kind: str, api: Caller) -> None:
    file_id = _uploaded(api, content)
    _completed(api, file_id, channel_id=GENERAL)
    assert api("files.info", file=file_id)["file"]["mimetype"] == kind


def test_a_deleted_file_leaves_its_messages(slack: SlackClient, api: Caller) -> None:
    file_id = _uploaded(api)
    _completed(api, file_id, channel_id=GENERAL)
    slack.advance(1)
    assert api("files.delete", file=file_id)["ok"]
    assert slack.messages(GENERAL)[0].files == []
    assert slack.files("ana") == []
    assert api("files.info", file=file_id)["error"] == "file_deleted"


def test_files_are_listed_by_channel_and_in_pages(slack: SlackClient, api: Caller) -> None:
    for _ in range(3):
        _completed(api, _uploaded(api), channel_id=GENERAL)
    _completed(api, _uploaded(api), channel_id=SECRET)
    slack.advance(1)
    page = api("files.list", channel=GENERAL, count=2, page=2)
    assert len(page["files"]) == 1
    assert page["paging"] == {"count": 2, "total": 3, "page": 2, "pages": 2}
    assert len(api("files.list")["files"]) == 4
