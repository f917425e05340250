"""The events of the workspace, in the shapes that Slack sends."""

from typing import Any

from bot.sandbox.conversations import FAMILY, Conversation
from bot.sandbox.files import StoredFile
from bot.sandbox.messages import Message
from bot.sandbox.people import Person, user_object
from bot.sandbox.steps import parameters
from bot.sandbox.views import View
from bot.sandbox.world import World

Event = dict[str, Any]


def member_joined(world: World, place: Conversation, user: str) -> Event:
    """`member_joined_channel`: a person, or the app, came into a channel."""
    return _membership(world, "member_joined_channel", place, user)


def member_left(world: World, place: Conversation, user: str) -> Event:
    """`member_left_channel`: a person left a channel."""
    return _membership(world, "member_left_channel", place, user)


def _membership(world: World, kind: str, place: Conversation, user: str) -> Event:
    return {
        "type": kind,
        "user": user,
        "channel": place.id,
        "channel_type": "C" if place.kind == "channel" else "G",
        "team": world.workspace.id,
        "event_ts": world.ids.stamp(),
    }


def app_removed(world: World, place: Conversation, actor: str) -> Event:
    """`channel_left` or `group_left`: the app was taken out of a channel."""
    kind = "channel_left" if place.kind == "channel" else "group_left"
    return {"type": kind, "channel": place.id, "actor_id": actor, "event_ts": world.ids.stamp()}


def archived(world: World, place: Conversation, actor: str) -> Event:
    """`channel_archive` or `group_archive`."""
    return _about_channel(world, "archive", place, actor) | {"is_moved": 0}


def unarchived(world: World, place: Conversation, actor: str) -> Event:
    """`channel_unarchive` or `group_unarchive`."""
    return _about_channel(world, "unarchive", place, actor)


def _about_channel(world: World, what: str, place: Conversation, actor: str) -> Event:
    kind = f"{'channel' if place.kind == 'channel' else 'group'}_{what}"
    return {"type": kind, "channel": place.id, "user": actor, "event_ts": world.ids.stamp()}


def deleted(world: World, place: Conversation, actor: str) -> Event:
    """`channel_deleted` or `group_deleted`."""
    kind = "channel_deleted" if place.kind == "channel" else "group_deleted"
    return {"type": kind, "channel": place.id, "actor_id": actor, "event_ts": world.ids.stamp()}


def renamed(world: World, place: Conversation) -> Event:
    """`channel_rename` or `group_rename`."""
    named = {"name": place.name, "name_normalized": place.name, "created": place.created}
    return {
        "type": "channel_rename" if place.kind == "channel" else "group_rename",
        "channel": {"id": place.id, "is_channel": place.kind == "channel", "is_mpim": False, **named},
        "event_ts": world.ids.stamp(),
    }


def user_changed(world: World, person: Person) -> Event:
    """`user_change`: anything about a person changed, for example that they were deactivated."""
    return _about_person(world, "user_change", person) | {"cache_ts": int(world.clock.now())}


def team_joined(world: World, person: Person) -> Event:
    """`team_join`: somebody new in the workspace."""
    return _about_person(world, "team_join", person)


def _about_person(world: World, kind: str, person: Person) -> Event:
    may_read = "users:read.email" in world.scopes()
    shown = user_object(person, world.workspace.id, world.clock.now(), with_email=may_read)
    return {"type": kind, "user": shown}


def file_shared(world: World, file: StoredFile, place: Conversation) -> Event:
    """`file_shared`: a file appeared in a conversation."""
    return {
        "type": "file_shared",
        "file_id": file.id,
        "user_id": file.user,
        "file": {"id": file.id},
        "channel_id": place.id,
        "event_ts": world.ids.stamp(),
    }


def home_opened(world: World, user: str, tab: str, view: View | None) -> Event:
    """`app_home_opened`: somebody looks at the app's Home or at its messages."""
    event = {
        "type": "app_home_opened",
        "user": user,
        "channel": world.direct(user).id,
        "tab": tab,
        "event_ts": world.ids.stamp(),
    }
    return event | ({"view": world.view_object(view)} if view else {})


def message(world: World, message: Message, place: Conversation) -> Event:
    """`message`: somebody wrote to the app, or in a channel where the app is."""
    event = {
        "type": "message",
        "client_msg_id": world.ids.secret(),
        "team": world.workspace.id,
        "channel": message.channel,
        "user": message.user,
        "text": message.text,
        "ts": message.ts,
        "event_ts": message.ts,
        "channel_type": place.kind,
    }
    return event | ({"thread_ts": message.thread_ts} if message.thread_ts else {})


def function_executed(world: World, callback_id: str, inputs: Event, execution: str) -> Event:
    """`function_executed`: a step of the app runs in a workflow; it does not say who runs it."""
    declared = world.app.functions[callback_id]
    return {
        "type": "function_executed",
        "function": {
            "id": world.ids.thing("Fn"),
            "callback_id": callback_id,
            "title": declared["title"],
            "description": declared["description"],
            "type": "app",
            "input_parameters": parameters(declared["input_parameters"]),
            "output_parameters": parameters(declared["output_parameters"]),
            "app_id": world.app.id,
            "date_created": int(world.clock.now()),
            "date_updated": int(world.clock.now()),
            "date_deleted": 0,
        },
        "inputs": inputs,
        "function_execution_id": execution,
        "workflow_execution_id": world.ids.thing("Wx"),
        "event_ts": world.ids.stamp(),
        "bot_access_token": f"xwfp-{world.ids.secret()}",
    }


def app_uninstalled() -> Event:
    """`app_uninstalled`: the app was removed from the workspace."""
    return {"type": "app_uninstalled"}


def tokens_revoked(world: World) -> Event:
    """`tokens_revoked`: the bot's token works no longer."""
    return {"type": "tokens_revoked", "tokens": {"oauth": [], "bot": [world.app.bot_user]}}


def subscription(event: Event) -> str:
    """The name under which an app subscribes to an event."""
    return f"message.{FAMILY[event['channel_type']]}" if event["type"] == "message" else str(event["type"])


def callback(world: World, event: Event) -> Event:
    """The payload around an event; its id stays the same when it is sent again."""
    return {
        "token": world.app.verification_token,
        "team_id": world.workspace.id,
        "api_app_id": world.app.id,
        "event": event,
        "type": "event_callback",
        "event_id": world.ids.thing("Ev"),
        "event_time": int(world.clock.now()),
        "authorizations": [
            {
                "enterprise_id": None,
                "team_id": world.workspace.id,
                "user_id": world.app.bot_user,
                "is_bot": True,
                "is_enterprise_install": False,
            }
        ],
        "is_ext_shared_channel": False,
        "event_context": world.ids.secret(),
    }
