"""Every id that goes to Slack and comes back: of actions, of views and shortcuts, of blocks.

An action or a view is called after the thing and what is done with it (`request.forward`), a block after
what is asked in it (`serial`). What an id is about (a request, an item) travels in the value of a button or
in `private_metadata`. Only where one message or view shows the same thing several times, or where a field
must forget what was typed, is a key added by `keyed`.
"""

from enum import StrEnum, unique
from typing import Final

_SEPARATOR: Final = ":"


@unique
class Action(StrEnum):
    """Ids of buttons, menus and fields."""

    REGISTER = "environment.register"
    REGISTER_INFRASTRUCTURE = "environment.register.infrastructure"
    REGISTER_TYPE = "environment.register.type"
    REGISTER_SLOT = "environment.register.slot"
    BULK = "environment.bulk"
    UNDO = "environment.undo"
    RELEASE = "environment.release"
    REPLACE = "environment.replace"
    REPLACE_OF = "environment.replace.of"
    RENAME = "environment.rename"
    RENAME_OF = "environment.rename.of"
    RELEASE_OF = "environment.release.of"
    UPLOAD = "held_file.upload"
    UPLOAD_OF = "held_file.upload.of"
    FIELD = "field"
    REQUEST = "license.request"
    FORWARD = "request.forward"
    FORWARD_CHOOSE = "request.forward_some"
    DECLINE = "request.decline"
    WITHDRAW = "item.withdraw"
    ASK_AGAIN = "item.ask_again"
    SEND_AGAIN = "item.send_again"
    CHANGE_SERIAL = "environment.change_serial"
    CHANGE_SERIAL_OF = "environment.change_serial.of"
    REQUEST_INFRASTRUCTURE = "license.request.infrastructure"
    REQUEST_ENVIRONMENTS = "license.request.environments"
    REASON = "reason"
    URGENT = "license.request.urgent"
    ITEMS = "items"
    RENEW = "subscription.renew"
    SUSPEND = "subscription.suspend"
    REINSTATE = "subscription.reinstate"
    HISTORY = "history.show"
    HISTORY_OLDER = "history.older"
    HISTORY_NEWEST = "history.newest"
    PEOPLE_INFRASTRUCTURE = "people.infrastructure"
    SET_ROLE = "people.set_role"
    ROLE = "people.set_role.role"
    SET_CHANNEL = "people.set_channel"
    NAME_STAND_IN = "people.name_stand_in"
    END_STAND_IN = "people.end_stand_in"
    HAND_OVER = "people.hand_over"
    TAKE_OVER = "people.take_over"
    CONFIRM_ROLES = "people.confirm_roles"
    ASK_ACCESS = "access.ask"
    ADD_MEMBER = "access.add_member"
    ADD_MEMBER_TO = "access.add_member.to"
    DECLINE_ACCESS = "access.decline"
    SHOW = "infrastructure.show"
    HOME_COMMAND = "home.command"
    HOME_PAGE = "home.page"
    HOME_REQUEST = "home.request"
    HOME_SEARCH = "home.search"
    HOME_ENVIRONMENTS = "home.environments"


@unique
class Callback(StrEnum):
    """Ids of modals and shortcuts."""

    REGISTER = "environment.register"
    BULK = "environment.bulk"
    BULK_CONFIRM = "environment.bulk.confirm"
    CHANGE_VERSION = "environment.change_version"
    RELEASE = "environment.release"
    REPLACE = "environment.replace"
    RENAME = "environment.rename"
    CHANGE_SERIAL = "environment.change_serial"
    REQUEST = "license.request"
    FORWARD = "request.forward"
    DECLINE = "request.decline"
    CHECK = "license.check"
    UPLOAD = "held_file.upload"
    UPLOAD_CONFIRM = "held_file.upload.confirm"
    RENEW = "subscription.renew"
    SUSPEND = "subscription.suspend"
    REINSTATE = "subscription.reinstate"
    RESULT = "result"
    SET_ROLE = "people.set_role"
    SET_CHANNEL = "people.set_channel"
    NAME_STAND_IN = "people.name_stand_in"
    HAND_OVER = "people.hand_over"
    CONFIRM_ROLES = "people.confirm_roles"
    ASK_ACCESS = "access.ask"
    ADD_MEMBER = "access.add_member"
    HOME_SEARCH = "home.search"


@unique
class Step(StrEnum):
    """Ids of the steps that the app offers in Workflow Builder."""

    REQUEST = "request_license"


@unique
class BlockId(StrEnum):
    """Ids of blocks: fields whose values are read, and blocks that errors are shown at."""

    SEARCH = "search"
    INFRASTRUCTURE = "infrastructure"
    ENVIRONMENT = "environment"
    ENVIRONMENT_TYPE = "environment_type"
    SLOT = "slot"
    NAME = "name"
    SERIAL = "serial"
    VERSION = "version"
    ENVIRONMENTS = "environments"
    REASON = "reason"
    URGENT = "urgent"
    ENDS = "ends"
    PERPETUAL = "perpetual"
    HIGHEST_VERSION = "highest_version"
    SLOTS = "slots"
    ITEMS = "items"
    TEXT = "text"
    FILE = "file"
    ALL_OR_NOTHING = "all_or_nothing"
    ROLE = "role"
    ROLES = "roles"
    ADD = "add"
    REMOVE = "remove"
    CHANNEL = "channel"
    CONTACT = "contact"
    STAND_IN = "stand_in"
    FIRST_DAY = "from"
    LAST_DAY = "until"
    SUCCESSOR = "successor"
    ACCESS = "access"


def keyed(identifier: str, key: object) -> str:
    """`identifier` made unique by `key`."""
    return f"{identifier}{_SEPARATOR}{key}"


def base(identifier: str) -> str:
    """The id that `keyed` was given."""
    return identifier.partition(_SEPARATOR)[0]


def key_of(identifier: str) -> str:
    """The key that `keyed` was given; empty where there is none."""
    return identifier.partition(_SEPARATOR)[2]
