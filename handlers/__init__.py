"""Everything Slack: listeners in, blocks out. Here is the one list of listeners.

`/license` is one listener, registered first, with its own table of subcommands in `handlers.commands`. Clicks,
submissions, shortcuts and events are one listener each, with the tables below: an id that is not listed here
has no conversation. The app is made with `raise_error_for_unhandled_request=True`, so that `on_error` answers
what nobody listens to.
"""

import re
from collections.abc import Mapping
from typing import Final

from slack_bolt import App

from handlers import (
    access,
    app_events,
    approval_channel,
    bulk,
    channel_events,
    checking,
    commands,
    confirming,
    deciding,
    following,
    handing,
    held_upload,
    history,
    home,
    home_clicks,
    people,
    person_events,
    registration,
    releases,
    renames,
    replacements,
    requesting,
    serial_changes,
    setting_roles,
    standing_in,
    subscriptions,
    typed_messages,
    workflow_steps,
)
from handlers.adapters import Conversation
from handlers.blocks.ids import Action, Callback
from handlers.context import Context
from handlers.listening import EventHandler, Listening, on_error
from handlers.menus import OFFERS, Offers
from handlers.payloads import Click, Shortcut, Submission

CLICKS: Final[Mapping[str, Conversation[Click]]] = {
    Action.REGISTER: registration.register_click,
    Action.REGISTER_INFRASTRUCTURE: registration.form_changed,
    Action.REGISTER_TYPE: registration.form_changed,
    Action.BULK: bulk.bulk_click,
    Action.UNDO: registration.undo_click,
    Action.RELEASE: releases.release_click,
    Action.REPLACE: replacements.replace_click,
    Action.RENAME: renames.rename_click,
    Action.CHANGE_SERIAL: serial_changes.serial_changed_click,
    Action.UPLOAD: held_upload.upload_click,
    Action.REQUEST: requesting.request_click,
    Action.REQUEST_INFRASTRUCTURE: requesting.infrastructure_changed,
    Action.FORWARD: deciding.forward_click,
    Action.FORWARD_CHOOSE: deciding.choose_click,
    Action.DECLINE: deciding.decline_click,
    Action.WITHDRAW: following.withdraw_click,
    Action.ASK_AGAIN: following.ask_again_click,
    Action.SEND_AGAIN: following.send_again_click,
    Action.RENEW: subscriptions.renew_click,
    Action.SUSPEND: subscriptions.suspend_click,
    Action.REINSTATE: subscriptions.reinstate_click,
    Action.HISTORY: history.page_click,
    Action.HISTORY_OLDER: history.page_click,
    Action.HISTORY_NEWEST: history.page_click,
    Action.PEOPLE_INFRASTRUCTURE: people.infrastructure_chosen,
    Action.SET_ROLE: setting_roles.set_role_click,
    Action.ROLE: setting_roles.role_chosen,
    Action.SET_CHANNEL: approval_channel.set_channel_click,
    Action.NAME_STAND_IN: standing_in.name_stand_in_click,
    Action.END_STAND_IN: standing_in.end_stand_in_click,
    Action.HAND_OVER: handing.hand_over_click,
    Action.TAKE_OVER: handing.take_over_click,
    Action.CONFIRM_ROLES: confirming.confirm_roles_click,
    Action.ASK_ACCESS: access.ask_access_click,
    Action.ADD_MEMBER: access.add_member_click,
    Action.DECLINE_ACCESS: access.decline_access_click,
    Action.SHOW: home_clicks.show_click,
    Action.HOME_COMMAND: home_clicks.command_click,
    Action.HOME_PAGE: home_clicks.page_click,
    Action.HOME_REQUEST: home_clicks.request_click,
    Action.HOME_SEARCH: home_clicks.search_click,
    Action.HOME_ENVIRONMENTS: home_clicks.environments_click,
}
SUBMISSIONS: Final[Mapping[str, Conversation[Submission]]] = {
    Callback.REGISTER: registration.register_submission,
    Callback.BULK: bulk.bulk_submission,
    Callback.BULK_CONFIRM: bulk.bulk_confirm_submission,
    Callback.CHANGE_VERSION: registration.version_submission,
    Callback.RELEASE: releases.release_submission,
    Callback.REPLACE: replacements.replace_submission,
    Callback.RENAME: renames.rename_submission,
    Callback.CHANGE_SERIAL: serial_changes.serial_changed_submission,
    Callback.RENEW: subscriptions.renew_submission,
    Callback.SUSPEND: subscriptions.suspend_submission,
    Callback.REINSTATE: subscriptions.reinstate_submission,
    Callback.REQUEST: requesting.request_submission,
    Callback.FORWARD: deciding.forward_submission,
    Callback.DECLINE: deciding.decline_submission,
    Callback.CHECK: checking.check_submission,
    Callback.UPLOAD: held_upload.upload_submission,
    Callback.UPLOAD_CONFIRM: held_upload.upload_confirm_submission,
    Callback.SET_ROLE: setting_roles.set_role_submission,
    Callback.SET_CHANNEL: approval_channel.set_channel_submission,
    Callback.NAME_STAND_IN: standing_in.name_stand_in_submission,
    Callback.HAND_OVER: handing.hand_over_submission,
    Callback.CONFIRM_ROLES: confirming.confirm_roles_submission,
    Callback.ASK_ACCESS: access.ask_access_submission,
    Callback.ADD_MEMBER: access.add_member_submission,
    Callback.HOME_SEARCH: home_clicks.search_submission,
}
OFFERED: Final[Mapping[str, Offers]] = {**OFFERS, Action.ADD_MEMBER_TO: access.offer_places}
SHORTCUTS: Final[Mapping[str, Conversation[Shortcut]]] = {
    Callback.REGISTER: registration.register_shortcut,
    Callback.REQUEST: requesting.request_shortcut,
}
EVENTS: Final[Mapping[str, EventHandler]] = {
    "app_home_opened": home.opened,
    "app_uninstalled": app_events.uninstalled,
    "channel_archive": channel_events.archived,
    "channel_deleted": channel_events.deleted,
    "channel_id_changed": channel_events.id_changed,
    "channel_left": channel_events.bot_left,
    "channel_rename": channel_events.renamed,
    "channel_unarchive": channel_events.unarchived,
    "function_executed": workflow_steps.step_run,
    "group_archive": channel_events.archived,
    "group_deleted": channel_events.deleted,
    "group_left": channel_events.bot_left,
    "group_rename": channel_events.renamed,
    "group_unarchive": channel_events.unarchived,
    "member_joined_channel": channel_events.member_joined,
    "member_left_channel": channel_events.member_left,
    "message": typed_messages.message_typed,
    "team_join": person_events.person_changed,
    "tokens_revoked": app_events.tokens_revoked,
    "user_change": person_events.person_changed,
}

_ANYTHING: Final = re.compile("")


def listeners(app: App, context: Context) -> None:
    """Register every listener with a Bolt app."""
    listening = Listening(context, CLICKS, SUBMISSIONS, SHORTCUTS, EVENTS, OFFERED)
    app.command("/license")(listening.on_command)
    app.action(_ANYTHING)(listening.on_click)
    app.options(_ANYTHING)(listening.on_suggestion)
    app.view(_ANYTHING)(listening.on_submission)
    app.shortcut(_ANYTHING)(listening.on_shortcut)
    app.event(_ANYTHING)(listening.on_event)
    app.error(on_error)


def names() -> frozenset[str]:
    """The names of subcommands, actions, views, shortcuts and events; the only ones that metrics carry."""
    subcommands = {each.name for each in commands.SUBCOMMANDS}
    return frozenset(map(str, subcommands | {*CLICKS, *SUBMISSIONS, *SHORTCUTS, *EVENTS, *OFFERED}))
