"""Methods about messages: `chat.*`."""

from typing import Any

from bot.sandbox import blocks as kit
from bot.sandbox.block_kit import check_message
from bot.sandbox.conversations import Conversation
from bot.sandbox.errors import ApiError
from bot.sandbox.messages import Message
from bot.sandbox.web_api.call import Call, Json, Method

UPDATE_TEXT_LIMIT = 4_000
POST_TEXT_LIMIT = 40_000
METADATA_LIMIT = 16_000
ATTACHMENTS_LIMIT = 100


def _post_message(call: Call) -> Json:
    conversation = writable(call, _addressed(call))
    content = _content(call)
    message = call.world.write(
        conversation,
        call.world.app.bot_user,
        text=content["text"][:POST_TEXT_LIMIT],
        blocks=content["blocks"],
        thread_ts=_thread(call, conversation),
        metadata=_metadata(call) or None,
        by_app=True,
    )
    shown = call.world.message_object(message, with_metadata=True)
    return {"channel": conversation.id, "ts": message.ts, "message": shown}


def _addressed(call: Call) -> Conversation:
    """The conversation named, or the direct message with the person named."""
    person = call.world.people.get(call.text("channel"))
    if person is None:
        return call.conversation()
    if person.deleted or person.is_bot:
        raise ApiError("channel_not_found")
    return call.world.direct(person.id)


def writable(call: Call, conversation: Conversation) -> Conversation:
    """The conversation, if the app can write in it, or the error that tells why not."""
    world = call.world
    if conversation.kind == "im":
        if not world.app.messages_tab:
            raise ApiError("messages_tab_disabled")
        if world.people[conversation.user].deleted:
            raise ApiError("channel_not_found")
    if conversation.archived:
        raise ApiError("is_archived")
    if world.app.bot_user not in conversation.members and "chat:write.public" not in world.scopes():
        raise ApiError("not_in_channel")
    return conversation


def _content(call: Call) -> dict[str, Any]:
    """The text and the blocks of a message, both checked; no message is without both."""
    text, blocks = call.text("text"), call.structure("blocks", "invalid_blocks_format")
    if call.text("markdown_text"):
        if text or blocks:
            raise ApiError("markdown_text_conflict")
        text = call.text("markdown_text")
    attachments = call.structure("attachments", "invalid_arguments") or []
    if len(attachments) > ATTACHMENTS_LIMIT:
        raise ApiError("too_many_attachments")
    if not text and not blocks and not attachments:
        raise ApiError("no_text")
    return {"text": text, "blocks": checked_blocks(call, blocks, text)}


def checked_blocks(call: Call, blocks: Any, text: str) -> list[dict[str, Any]]:
    """The blocks as the message keeps them; `invalid_blocks` tells every place that breaks a limit."""
    if not blocks:
        return []
    if not isinstance(blocks, list):
        raise ApiError("invalid_blocks_format")
    problems = check_message(blocks, text)
    if problems:
        raise ApiError.explained("invalid_blocks", problems)
    return kit.kept(blocks, call.world.ids)


def _thread(call: Call, conversation: Conversation) -> str | None:
    parent = call.text("thread_ts")
    if not parent:
        return None
    if parent not in conversation.messages:
        raise ApiError("cannot_reply_to_message")
    return conversation.messages[parent].thread_ts or parent


def _metadata(call: Call) -> dict[str, Any] | None:
    given = call.structure("metadata", "invalid_metadata_format")
    if not given:
        return {} if given == {} else None
    if not isinstance(given, dict):
        raise ApiError("invalid_metadata_format")
    if not isinstance(given.get("event_type"), str) or not isinstance(given.get("event_payload"), dict):
        raise ApiError("invalid_metadata_schema")
    if len(str(given)) > METADATA_LIMIT:
        raise ApiError("metadata_too_large")
    return {"event_type": given["event_type"], "event_payload": given["event_payload"]}


def _update(call: Call) -> Json:
    conversation = call.conversation()
    if conversation.archived:
        raise ApiError("is_inactive")
    message = _own_message(call, conversation, "ts", "cant_update_message")
    if len(call.text("text")) > UPDATE_TEXT_LIMIT:
        raise ApiError("msg_too_long")
    _rewrite(call, message)
    shown = call.world.message_object(message, with_metadata=True)
    del shown["ts"]
    return {"channel": conversation.id, "ts": message.ts, "text": message.text, "message": shown}


def _rewrite(call: Call, message: Message) -> None:
    """What is not sent stays; text alone takes the blocks away, and only then the message reads "edited"."""
    blocks_given = call.structure("blocks", "invalid_blocks_format") is not None
    if "text" in call.arguments or blocks_given:
        content = _content(call)
        metadata = _metadata(call)
        message.history.append(message.text)
        message.text = content["text"] if "text" in call.arguments else message.text
        message.blocks = content["blocks"]
        message.edited = message.edited if blocks_given else call.world.ids.stamp()
    else:
        metadata = _metadata(call)
        if metadata is None:
            raise ApiError("no_text")
    message.metadata = message.metadata if metadata is None else metadata or None


def _own_message(call: Call, conversation: Conversation, argument: str, foreign: str) -> Message:
    message = conversation.messages.get(call.text(argument))
    if message is None:
        raise ApiError("message_not_found")
    if not message.by_app or message.from_answer:
        raise ApiError(foreign)
    return message


def _post_ephemeral(call: Call) -> Json:
    conversation = writable(call, call.conversation())
    reader = call.world.people.get(call.text("user"))
    if reader is None or reader.deleted or reader.id not in conversation.members:
        raise ApiError("user_not_in_channel")
    content = _content(call)
    if len(content["text"]) > POST_TEXT_LIMIT:
        raise ApiError("msg_too_long")
    message = call.world.whisper(conversation, reader.id, **content, thread_ts=_thread(call, conversation))
    return {"message_ts": message.ts}


def _delete(call: Call) -> Json:
    conversation = call.conversation()
    message = _own_message(call, conversation, "ts", "cant_delete_message")
    del conversation.messages[message.ts]
    return {"channel": conversation.id, "ts": message.ts}


def _permalink(call: Call) -> Json:
    conversation = call.conversation()
    stamp = call.text("message_ts")
    if stamp not in conversation.messages:
        raise ApiError("message_not_found")
    address = f"{call.world.base_url}/archives/{conversation.id}/p{stamp.replace('.', '')}"
    return {"permalink": address, "channel": conversation.id}


LOOKS = ("icon_emoji", "icon_url", "username", "link_names", "parse", "as_user")
CONTENT = ("text", "blocks", "attachments", "markdown_text")
POSTING = (
    "current_draft_last_updated_ts",
    "metadata",
    "mrkdwn",
    "reply_broadcast",
    "thread_ts",
    "unfurl_links",
    "unfurl_media",
)
UPDATING = (
    "as_user",
    "file_ids",
    "link_names",
    "metadata",
    "parse",
    "reply_broadcast",
    "unfurled_attachments",
)
METHODS = [
    Method(
        "chat.postMessage",
        _post_message,
        ("channel",),
        (*CONTENT, *LOOKS, *POSTING),
        "chat:write",
    ),
    Method(
        "chat.update",
        _update,
        ("channel", "ts"),
        (*CONTENT, *UPDATING),
        "chat:write",
    ),
    Method(
        "chat.postEphemeral",
        _post_ephemeral,
        ("channel", "user"),
        (*CONTENT, *LOOKS, "thread_ts"),
        "chat:write",
    ),
    Method("chat.delete", _delete, ("channel", "ts"), ("as_user",), "chat:write"),
    Method("chat.getPermalink", _permalink, ("channel", "message_ts")),
]
