"""Methods about files: `files.*`, the three steps of an upload among them."""

from typing import Any

from bot.sandbox import sharing
from bot.sandbox.conversations import Conversation
from bot.sandbox.errors import ApiError
from bot.sandbox.files import StoredFile
from bot.sandbox.web_api.call import Call, Json, Method
from bot.sandbox.web_api.chat import checked_blocks

SIZE_LIMIT = 1_000_000_000
CHANNELS_LIMIT = 100
PAGE_SIZE = 100


def _upload_url(call: Call) -> Json:
    length = call.number("length", 0)
    if length < 1 or not call.text("filename"):
        raise ApiError("missing_argument")
    if length > SIZE_LIMIT:
        raise ApiError("file_upload_size_restricted")
    world = call.world
    file = StoredFile(
        id=world.ids.thing("F"),
        name=call.text("filename"),
        length=length,
        user=world.app.bot_user,
        created=int(world.clock.now()),
        ticket=world.ids.secret(),
    )
    world.files.add(file)
    return {"upload_url": f"{world.base_url}/upload/v1/{file.ticket}", "file_id": file.id}


def _complete(call: Call) -> Json:
    """Nothing is shared yet when this answers: the message with the file appears a little later."""
    wanted = call.structure("files", "invalid_arguments")
    if not isinstance(wanted, list) or not wanted:
        raise ApiError.explained("invalid_arguments", ["files must name at least one file"])
    chosen = [_uploaded(call, each) for each in wanted]
    places = [_place(call, each) for each in _addresses(call)]
    content = _comment(call) | {"thread_ts": _thread(call, places)}
    for each, file in zip(wanted, chosen, strict=True):
        file.completed, file.title = True, str(each.get("title") or file.name)
    for place in places:
        sharing.schedule(call.world, place, chosen, content)
    return {"files": [{"id": file.id, "title": file.title} for file in chosen]}


def _uploaded(call: Call, wanted: Any) -> StoredFile:
    if not isinstance(wanted, dict):
        raise ApiError.explained("invalid_arguments", ["files must be a list of objects"])
    file = call.world.files.by_id.get(str(wanted.get("id")))
    if file is None or file.completed:
        raise ApiError("file_not_found")
    if file.content is None or len(file.content) != file.length:
        raise ApiError("file_update_failed")
    return file


def _addresses(call: Call) -> list[str]:
    """Where to share; a person's id is no `channel_id`, and this method opens no direct message."""
    channels = [each.strip() for each in call.text("channels").split(",") if each.strip()]
    if len(channels) > CHANNELS_LIMIT:
        raise ApiError("channels_limit_exceeded")
    single = call.text("channel_id")
    return ([single] if single else []) + channels


def _place(call: Call, address: str) -> Conversation:
    world = call.world
    if address in world.people and call.text("channel_id") == address:
        raise ApiError("channel_not_found")
    if address in world.people:
        return _writable(call, world.direct(address))
    conversation = world.conversations.get(address)
    if conversation is None:
        raise ApiError("channel_not_found" if address[:1] in "CDG" else "invalid_channel")
    return _writable(call, conversation)


def _writable(call: Call, place: Conversation) -> Conversation:
    world = call.world
    if place.kind == "im" and (not world.app.messages_tab or world.people[place.user].deleted):
        raise ApiError("posting_to_channel_denied")
    if world.app.bot_user not in place.members:
        raise ApiError("not_in_channel" if place.kind == "channel" else "channel_not_found")
    if place.archived:
        raise ApiError("posting_to_channel_denied")
    return place


def _comment(call: Call) -> dict[str, Any]:
    """Blocks are looked at only where no comment is given, as the method's documentation says."""
    comment = call.text("initial_comment")
    if comment:
        return {"text": comment, "blocks": []}
    blocks = call.structure("blocks", "invalid_blocks")
    if blocks and not isinstance(blocks, list):
        raise ApiError("invalid_blocks")
    return {"text": "", "blocks": checked_blocks(call, blocks, "")}


def _thread(call: Call, places: list[Conversation]) -> str | None:
    parent = call.text("thread_ts")
    if not parent:
        return None
    if len(places) != 1 or parent not in places[0].messages:
        raise ApiError.explained("invalid_arguments", ["thread_ts is no message of the one channel given"])
    return parent


def _info(call: Call) -> Json:
    file = call.world.files.visible(call.text("file"))
    return {"file": call.world.file_object(file), "comments": []}


def _list(call: Call) -> Json:
    user, channel = call.text("user"), call.text("channel")
    if user and user not in call.world.people:
        raise ApiError("user_not_found")
    found = [
        file
        for file in call.world.files.by_id.values()
        if file.completed
        and not file.deleted
        and user in ("", file.user)
        and (not channel or any(share.channel == channel for share in file.shares))
    ]
    return _paged(call, found)


def _paged(call: Call, found: list[StoredFile]) -> Json:
    size, number = call.number("count", PAGE_SIZE), call.number("page", 1)
    chosen = found[(number - 1) * size : number * size]
    paging = {"count": size, "total": len(found), "page": number, "pages": -(-len(found) // size)}
    return {"files": [call.world.file_object(file) for file in chosen], "paging": paging}


def _delete(call: Call) -> Json:
    file = call.world.files.visible(call.text("file"))
    if file.user != call.world.app.bot_user:
        raise ApiError("cant_delete_file")
    file.deleted, file.content, file.shares = True, None, []
    for conversation in call.world.conversations.values():
        for message in conversation.messages.values():
            message.files = [each for each in message.files if each != file.id]
    return {}


METHODS = [
    Method(
        "files.getUploadURLExternal",
        _upload_url,
        ("filename", "length"),
        ("alt_txt", "snippet_type"),
        "files:write",
    ),
    Method(
        "files.completeUploadExternal",
        _complete,
        ("files",),
        ("blocks", "channel_id", "channels", "initial_comment", "thread_ts"),
        "files:write",
    ),
    Method("files.info", _info, ("file",), ("count", "cursor", "limit", "page"), "files:read"),
    Method(
        "files.list",
        _list,
        (),
        (
            "channel",
            "count",
            "page",
            "show_files_hidden_by_limit",
            "team_id",
            "ts_from",
            "ts_to",
            "types",
            "user",
        ),
        "files:read",
    ),
    Method("files.delete", _delete, ("file",), (), "files:write"),
]
