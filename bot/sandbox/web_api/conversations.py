"""Methods about channels and direct messages: `conversations.*`."""

from bot.sandbox import events
from bot.sandbox.conversations import TYPE_NAMES, Conversation, Kind, channel_object
from bot.sandbox.errors import ApiError
from bot.sandbox.messages import Message
from bot.sandbox.people import Person
from bot.sandbox.web_api.call import Call, Json, Method, page
from bot.sandbox.world import World

KINDS_BY_TYPE: dict[str, Kind] = {type_name: kind for kind, type_name in TYPE_NAMES.items()}
SCOPES_BY_KIND: dict[Kind, str] = {"channel": "channels:read", "group": "groups:read", "im": "im:read"}


def _shown(call: Call, conversation: Conversation) -> Json:
    return channel_object(conversation, call.world.workspace.id, call.world.app.bot_user)


def _info(call: Call) -> Json:
    conversation = call.conversation()
    call.need(f"{conversation.family}:read")
    shown = _shown(call, conversation)
    if call.flag("include_num_members"):
        shown["num_members"] = len(conversation.members)
    return {"channel": shown}


def _members(call: Call) -> Json:
    conversation = call.conversation()
    call.need(f"{conversation.family}:read")
    chosen, cursor = page(conversation.members, call, 100, "invalid_limit")
    return {"members": chosen, "response_metadata": {"next_cursor": cursor}}


def _kinds(call: Call) -> list[Kind]:
    wanted = [each.strip() for each in call.text("types", "public_channel").split(",")]
    unknown = [each for each in wanted if each not in KINDS_BY_TYPE and each != "mpim"]
    if unknown:
        raise ApiError("invalid_types")
    kinds = [KINDS_BY_TYPE[each] for each in wanted if each != "mpim"]
    for kind in kinds:
        call.need(SCOPES_BY_KIND[kind])
    return kinds


def _chosen(call: Call, member: str | None) -> Json:
    kinds = _kinds(call)
    wanted = [
        each
        for each in call.world.conversations.values()
        if each.kind in kinds
        and call.sees(each)
        and (member is None or member in each.members)
        and not (each.archived and call.flag("exclude_archived"))
    ]
    chosen, cursor = page(wanted, call, 100, "invalid_limit")
    return {
        "channels": [_shown(call, each) for each in chosen],
        "response_metadata": {"next_cursor": cursor},
    }


def _list(call: Call) -> Json:
    return _chosen(call, None)


def of_user(call: Call) -> Json:
    """`users.conversations`: those that a person, by default the app, is in."""
    answer = _chosen(call, call.text("user", call.world.app.bot_user))
    for shown in answer["channels"]:
        shown.pop("is_member", None)
    return answer


def _open(call: Call) -> Json:
    call.need("im:write")
    if call.text("channel"):
        return _opened(call, _direct_of(call), already=True)
    users = [each.strip() for each in call.text("users").split(",") if each.strip()]
    if not users:
        raise ApiError("users_list_not_supplied")
    if len(users) > 1:
        call.need("mpim:write")
        raise ApiError("method_not_supported_for_channel_type")
    person = reachable_person(call.world, users[0])
    known = any(each.user == person.id for each in call.world.conversations.values())
    return _opened(call, call.world.direct(person.id), already=known)


def _direct_of(call: Call) -> Conversation:
    conversation = call.conversation()
    if conversation.kind != "im":
        raise ApiError("method_not_supported_for_channel_type")
    return conversation


def _opened(call: Call, conversation: Conversation, *, already: bool) -> Json:
    shown = _shown(call, conversation) if call.flag("return_im") else {"id": conversation.id}
    return {"channel": shown} | ({"no_op": True, "already_open": True} if already else {})


def reachable_person(world: World, user: str) -> Person:
    """Somebody the app can write to directly, or the error that tells why not."""
    person = world.people.get(user)
    if person is None:
        raise ApiError("user_not_found")
    if person.is_bot:
        raise ApiError("cannot_dm_bot")
    if person.deleted:
        raise ApiError("user_disabled")
    return person


def _join(call: Call) -> Json:
    conversation = call.conversation()
    if conversation.kind != "channel":
        raise ApiError("method_not_supported_for_channel_type")
    if conversation.archived:
        raise ApiError("is_archived")
    bot = call.world.app.bot_user
    if bot not in conversation.members:
        conversation.members.append(bot)
        call.world.emit(events.member_joined(call.world, conversation, bot))
    return {"channel": _shown(call, conversation)}


def _history(call: Call) -> Json:
    """Top-level messages, the newest first; replies stand in `conversations.replies`."""
    conversation = _readable(call)
    found = [each for each in conversation.messages.values() if each.thread_ts in (None, each.ts)]
    chosen, cursor = page(_between(call, found)[::-1], call, 100)
    shown = {"messages": _messages(call, chosen), "has_more": bool(cursor)}
    return shown | ({"response_metadata": {"next_cursor": cursor}} if cursor else {})


def _replies(call: Call) -> Json:
    conversation = _readable(call)
    parent = call.text("ts")
    if parent not in conversation.messages:
        raise ApiError("thread_not_found")
    found = [each for each in conversation.messages.values() if parent in (each.ts, each.thread_ts)]
    chosen, cursor = page(_between(call, found), call, 1000)
    shown = {"messages": _messages(call, chosen), "has_more": bool(cursor)}
    return shown | ({"response_metadata": {"next_cursor": cursor}} if cursor else {})


def _readable(call: Call) -> Conversation:
    conversation = call.conversation()
    call.need(f"{conversation.family}:history")
    if call.world.app.bot_user not in conversation.members:
        raise ApiError("not_in_channel")
    return conversation


def _between(call: Call, found: list[Message]) -> list[Message]:
    oldest, latest = call.text("oldest", "0"), call.text("latest", "9" * 10)
    if not oldest.replace(".", "", 1).isdigit():
        raise ApiError("invalid_ts_oldest")
    if not latest.replace(".", "", 1).isdigit():
        raise ApiError("invalid_ts_latest")
    low, high, inclusive = float(oldest), float(latest), call.flag("inclusive")
    return [
        each for each in found if low < float(each.ts) < high or (inclusive and float(each.ts) in (low, high))
    ]


def _messages(call: Call, chosen: list[Message]) -> list[Json]:
    wanted = call.flag("include_all_metadata")
    return [call.world.message_object(each, with_metadata=wanted) for each in chosen]


BETWEEN = ("cursor", "inclusive", "latest", "limit", "oldest", "include_all_metadata")
METHODS = [
    Method("conversations.info", _info, ("channel",), ("include_locale", "include_num_members")),
    Method("conversations.members", _members, ("channel",), ("cursor", "limit")),
    Method("conversations.list", _list, (), ("cursor", "exclude_archived", "limit", "team_id", "types")),
    Method("conversations.open", _open, (), ("channel", "prevent_creation", "return_im", "users")),
    Method("conversations.join", _join, ("channel",), (), "channels:join"),
    Method("conversations.history", _history, ("channel",), BETWEEN),
    Method("conversations.replies", _replies, ("channel", "ts"), BETWEEN),
]
