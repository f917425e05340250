"""The description of a workspace, read from a mapping (for example a YAML file) and checked."""

from collections.abc import Mapping, Set
from dataclasses import dataclass, field, fields
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.sandbox.conversations import Conversation
from bot.sandbox.errors import ConfigRefused
from bot.sandbox.people import Person

DEFAULT_SCOPES = (
    "commands",
    "chat:write",
    "files:write",
    "files:read",
    "im:write",
    "im:history",
    "users:read",
    "users:read.email",
    "channels:read",
    "groups:read",
)


@dataclass(frozen=True)
class Command:
    """A slash command as people are offered it; `command` begins with the slash."""

    command: str
    description: str = ""
    usage_hint: str = ""


@dataclass(frozen=True)
class Shortcut:
    """A global shortcut as people are offered it, under `name`."""

    callback_id: str
    name: str
    description: str = ""


@dataclass(frozen=True)
class App:
    """The one app installed in the workspace.

    `events` are the events it subscribed to (None: all of them). `functions` are the steps that it offers to
    workflows, each by its callback id as in a manifest. The app token opens Socket Mode, the bot token
    everything else, the signing secret signs what is pushed over HTTP, to `request_url` unless that is empty.
    """

    id: str = "A0SANDBOX01"
    name: str = "Sandbox App"
    bot_user: str = "U0SANDBOXBT"
    bot_id: str = "B0SANDBOX01"
    bot_token: str = field(default="xoxb-sandbox-bot-token", repr=False)
    app_token: str = field(default="xapp-sandbox-app-token", repr=False)
    signing_secret: str = field(default="sandbox-signing-secret", repr=False)
    verification_token: str = field(default="sandbox-verification-token", repr=False)
    scopes: tuple[str, ...] = DEFAULT_SCOPES
    commands: tuple[Command, ...] = ()
    shortcuts: tuple[Shortcut, ...] = ()
    events: tuple[str, ...] | None = None
    functions: Mapping[str, Any] = field(default_factory=dict)
    messages_tab: bool = True
    messages_read_only: bool = False
    home_tab: bool = True
    request_url: str = ""

    def command_names(self) -> list[str]:
        """What people can type."""
        return [each.command for each in self.commands]

    def callback_ids(self) -> list[str]:
        """The ids of the shortcuts."""
        return [each.callback_id for each in self.shortcuts]


@dataclass(frozen=True)
class Workspace:
    """The workspace itself."""

    id: str = "T0SANDBOX01"
    name: str = "Sandbox"
    domain: str = "sandbox"


@dataclass(frozen=True)
class Config:
    """Everything a sandbox begins with."""

    workspace: Workspace
    app: App
    people: list[Person]
    channels: list[Conversation]


def read(config: dict[str, Any]) -> Config:
    """The checked description; `ConfigRefused` names what is wrong.

    Members: `workspace` (id, name, domain), `app` (as `App`, and `manifest`, an app manifest from which name,
    scopes, commands, shortcuts, events, functions and tabs are taken), `people` and `channels` (lists). A command or a
    shortcut is written as in a manifest, or as its name or callback id alone.
    """
    _only(config, {"workspace", "app", "people", "channels"}, "the description")
    workspace = Workspace(**_known(config.get("workspace", {}), Workspace, "workspace"))
    app = _app(config.get("app", {}))
    people = [_person(each, workspace) for each in _list(config, "people")]
    bot = Person(app.bot_user, _handle(app.name), app.name, workspace.id, is_bot=True)
    people = [bot, *people] if all(each.id != bot.id for each in people) else people
    channels = [_channel(each, people, app) for each in _list(config, "channels")]
    _unique([each.id for each in people], "people")
    _unique([each.id for each in channels], "channels")
    return Config(workspace, app, people, channels)


def _list(config: dict[str, Any], place: str) -> list[Any]:
    found = config.get(place, [])
    if not isinstance(found, list):
        raise ConfigRefused(f"{place}: must be a list")
    return found


def _app(given: dict[str, Any]) -> App:
    _known(given, App, "app", {"manifest"})
    given = dict(given)
    manifest = _from_manifest(given.pop("manifest", None) or {})
    members = manifest | _known(given, App, "app")
    for name in ("scopes", "events"):
        if members.get(name) is not None:
            members[name] = tuple(members[name])
    members["commands"] = tuple(_command(each) for each in members.get("commands", ()))
    offered = members.get("shortcuts", ())
    members["shortcuts"] = tuple(_shortcut(each) for each in offered if _is_global(each))
    return App(**members)


def _command(entry: Any) -> Command:
    """A command as a manifest writes it, or its name alone."""
    if isinstance(entry, str):
        return Command(entry)
    return Command(entry["command"], entry.get("description", ""), entry.get("usage_hint", ""))


def _shortcut(entry: Any) -> Shortcut:
    """A shortcut as a manifest writes it, or its callback id alone."""
    if isinstance(entry, str):
        return Shortcut(entry, entry)
    return Shortcut(
        entry["callback_id"], entry.get("name", entry["callback_id"]), entry.get("description", "")
    )


def _is_global(entry: Any) -> bool:
    """Shortcuts of messages are not part of this Slack."""
    return isinstance(entry, str) or entry.get("type", "global") == "global"


def _from_manifest(manifest: dict[str, Any]) -> dict[str, Any]:
    if not manifest:
        return {}
    features = manifest.get("features", {})
    home = features.get("app_home", {})
    return {
        "name": manifest.get("display_information", {}).get("name", "Sandbox App"),
        "scopes": manifest.get("oauth_config", {}).get("scopes", {}).get("bot", []),
        "commands": features.get("slash_commands", []),
        "shortcuts": features.get("shortcuts", []),
        "events": manifest.get("settings", {}).get("event_subscriptions", {}).get("bot_events", []),
        "functions": manifest.get("functions", {}),
        "messages_tab": home.get("messages_tab_enabled", False),
        "messages_read_only": home.get("messages_tab_read_only_enabled", False),
        "home_tab": home.get("home_tab_enabled", False),
    }


def _person(given: dict[str, Any], workspace: Workspace) -> Person:
    known = _known(given, Person, "people")
    members = {"real_name": known.get("name", ""), "team": workspace.id} | known
    if not members.get("id") or not members.get("name"):
        raise ConfigRefused(f"people: each needs an id and a name; this one has {sorted(given)}")
    try:
        ZoneInfo(str(members.get("tz", Person.tz)))
    except (ValueError, ZoneInfoNotFoundError):
        raise ConfigRefused(f"people: {members['name']} has an unknown time zone {members['tz']}") from None
    return Person(**members)


def _channel(given: dict[str, Any], people: list[Person], app: App) -> Conversation:
    _only(given, {"id", "name", "members", "private", "archived", "shared", "bot"}, "channels")
    if not given.get("id") or not given.get("name"):
        raise ConfigRefused(f"channels: each needs an id and a name; this one has {sorted(given)}")
    by_name = {each.name: each.id for each in people} | {each.id: each.id for each in people}
    unknown = [name for name in given.get("members", []) if name not in by_name]
    if unknown:
        raise ConfigRefused(f"channels: {given['name']} has members who are not among people: {unknown}")
    members = [by_name[name] for name in given.get("members", [])]
    if given.get("bot", True) and app.bot_user not in members:
        members.append(app.bot_user)
    return Conversation(
        id=given["id"],
        name=given["name"],
        kind="group" if given.get("private") else "channel",
        members=members,
        archived=bool(given.get("archived")),
        shared=bool(given.get("shared")),
    )


def _known(
    given: dict[str, Any], kind: type[Any], place: str, more: Set[str] = frozenset()
) -> dict[str, Any]:
    _only(given, {each.name for each in fields(kind)} | more, place)
    return dict(given)


def _only(given: dict[str, Any], names: Set[str], place: str) -> None:
    if not isinstance(given, dict):
        raise ConfigRefused(f"{place}: must be a mapping")
    strange = sorted(set(given) - names)
    if strange:
        raise ConfigRefused(f"{place}: {', '.join(strange)} is not known here; known are {sorted(names)}")


def _unique(ids: list[str], place: str) -> None:
    twice = sorted({each for each in ids if ids.count(each) > 1})
    if twice:
        raise ConfigRefused(f"{place}: {', '.join(twice)} is there more than once")


def _handle(name: str) -> str:
    return name.lower().replace(" ", "_")
