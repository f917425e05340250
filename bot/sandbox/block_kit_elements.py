"""What each element of Block Kit may be made of, as the reference of docs.slack.dev has it in 2026."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, Final

from bot.sandbox.block_kit_checks import (
    Check,
    Problems,
    Rule,
    Shape,
    among,
    array,
    at_least_one,
    exactly_one,
    flag,
    integer,
    matching,
    string,
    typed,
    units,
)

IDENTIFIER: Final = string(255)
WEB_ADDRESS: Final = matching(r"https?://\S+", "an address that begins with http:// or https://", 3000)
BUTTON_ADDRESS: Final = matching(r"[a-z][a-z0-9+.-]*:\S+", "an address", 3000)
STYLE: Final = among("primary", "danger")


def plain(most: int) -> Check:
    """A plain_text object of at most `most` units."""
    return typed({"plain_text": text_object("plain_text", most)}, "kind of text")


def either(most: int) -> Check:
    """A plain_text or mrkdwn object of at most `most` units."""
    kinds = {kind: text_object(kind, most) for kind in ("plain_text", "mrkdwn")}
    return typed(kinds, "kind of text")


def text_object(kind: str, most: int) -> Shape:
    """A text object of this kind and at most `most` units."""
    own: dict[str, Check] = {"emoji": flag} if kind == "plain_text" else {"verbatim": flag}
    return Shape({"type": among(kind), "text": string(most)}, own)


def all_options(thing: Mapping[str, Any]) -> Iterator[Any]:
    """The options of a menu, those of its groups included."""
    yield from thing.get("options", ())
    for group in thing.get("option_groups", ()):
        yield from group["options"]


def _values_differ(thing: Mapping[str, Any], place: str) -> Problems:
    for value, count in Counter(option["value"] for option in all_options(thing)).items():
        if count > 1:
            yield f"{place}/options: the value {value!r} is used by several options"


def _initial_is_an_option(thing: Mapping[str, Any], place: str) -> Problems:
    initial = thing.get("initial_options", [])
    chosen = [*initial, *([thing["initial_option"]] if "initial_option" in thing else [])]
    if any(each not in list(all_options(thing)) for each in chosen):
        yield f"{place}: what is chosen at first must be exactly one of the options"
    if len(initial) > thing.get("max_selected_items", len(initial)):
        yield f"{place}/initial_options: must not be more than max_selected_items"


def _lengths_agree(thing: Mapping[str, Any], place: str) -> Problems:
    least, most = thing.get("min_length", 0), thing.get("max_length", 3000)
    if least > most:
        yield f"{place}/min_length: must not be more than max_length"
    if units(thing.get("initial_value", "")) > most:
        yield f"{place}/initial_value: must not be longer than max_length"


CONFIRM: Final = Shape(
    {"title": plain(100), "text": plain(300), "confirm": plain(30), "deny": plain(30)}, {"style": STYLE}
)


def _option(text: Check, **more: Check) -> Shape:
    return Shape({"text": text, "value": string(150)}, {"description": text, **more})


OPTION: Final = _option(plain(75))
RICH_OPTION: Final = _option(either(75))
OVERFLOW_OPTION: Final = _option(plain(75), url=WEB_ADDRESS)
OPTION_GROUP: Final = Shape({"label": plain(75), "options": array(OPTION, 100)}, rules=(_values_differ,))
DISPATCH: Final = Shape(
    {"trigger_actions_on": array(among("on_enter_pressed", "on_character_entered"), 2)},
)
CONVERSATION_FILTER: Final = Shape(
    {},
    {
        "include": array(among("im", "mpim", "private", "public"), 4),
        "exclude_external_shared_channels": flag,
        "exclude_bot_users": flag,
    },
    (at_least_one("include", "exclude_external_shared_channels", "exclude_bot_users"),),
)
SLACK_FILE: Final = Shape({}, {"id": string(), "url": WEB_ADDRESS}, (exactly_one("id", "url"),))
WORKFLOW: Final = Shape(
    {
        "trigger": Shape(
            {"url": WEB_ADDRESS},
            {"customizable_input_parameters": array(Shape({"name": string(), "value": string()}))},
        )
    }
)


def used(kind: str, required: Mapping[str, Check], optional: Mapping[str, Check], *rules: Rule) -> Shape:
    """An element that people use; Slack makes up an `action_id` where there is none."""
    return Shape({"type": among(kind), **required}, {"action_id": IDENTIFIER, **optional}, rules)


def _field(kind: str, required: Mapping[str, Check], optional: Mapping[str, Check], *rules: Rule) -> Shape:
    """An element that can be focused and asks for something."""
    return used(kind, required, {"focus_on_load": flag, **optional}, *rules)


def _typed_in(kind: str, required: Mapping[str, Check], optional: Mapping[str, Check], *rules: Rule) -> Shape:
    """An element to type in."""
    more: dict[str, Check] = {"placeholder": plain(150), "dispatch_action_config": DISPATCH}
    return _field(kind, required, {**more, **optional}, *rules)


def _menu(kind: str, required: Mapping[str, Check], optional: Mapping[str, Check], *rules: Rule) -> Shape:
    """A menu that opens."""
    more: dict[str, Check] = {"placeholder": plain(150), "confirm": CONFIRM}
    if kind.startswith("multi_"):
        more["max_selected_items"] = integer(1, 1000)
    return _field(kind, required, {**more, **optional}, *rules)


_STATIC: Final[dict[str, Check]] = {"options": array(OPTION, 100), "option_groups": array(OPTION_GROUP, 100)}
_STATIC_RULES: Final = (exactly_one("options", "option_groups"), _values_differ, _initial_is_an_option)
_CONVERSATIONS: Final[dict[str, Check]] = {
    "default_to_current_conversation": flag,
    "filter": CONVERSATION_FILTER,
}
_CHOICE_RULES: Final = (_values_differ, _initial_is_an_option)

SELECTS: Final[dict[str, Check]] = {
    "static_select": _menu("static_select", {}, {**_STATIC, "initial_option": OPTION}, *_STATIC_RULES),
    "external_select": _menu(
        "external_select", {}, {"initial_option": OPTION, "min_query_length": integer(0, 1000)}
    ),
    "users_select": _menu("users_select", {}, {"initial_user": string()}),
    "conversations_select": _menu(
        "conversations_select",
        {},
        {**_CONVERSATIONS, "initial_conversation": string(), "response_url_enabled": flag},
    ),
    "channels_select": _menu(
        "channels_select", {}, {"initial_channel": string(), "response_url_enabled": flag}
    ),
}
MULTI_SELECTS: Final[dict[str, Check]] = {
    "multi_static_select": _menu(
        "multi_static_select", {}, {**_STATIC, "initial_options": array(OPTION, 100)}, *_STATIC_RULES
    ),
    "multi_external_select": _menu(
        "multi_external_select",
        {},
        {"initial_options": array(OPTION, 100), "min_query_length": integer(0, 1000)},
    ),
    "multi_users_select": _menu("multi_users_select", {}, {"initial_users": array(string())}),
    "multi_conversations_select": _menu(
        "multi_conversations_select", {}, {**_CONVERSATIONS, "initial_conversations": array(string())}
    ),
    "multi_channels_select": _menu("multi_channels_select", {}, {"initial_channels": array(string())}),
}
CHOICES: Final[dict[str, Check]] = {
    "checkboxes": _field(
        "checkboxes",
        {"options": array(RICH_OPTION, 10)},
        {"initial_options": array(RICH_OPTION, 10), "confirm": CONFIRM},
        *_CHOICE_RULES,
    ),
    "radio_buttons": _field(
        "radio_buttons",
        {"options": array(RICH_OPTION, 10)},
        {"initial_option": RICH_OPTION, "confirm": CONFIRM},
        *_CHOICE_RULES,
    ),
}
PICKERS: Final[dict[str, Check]] = {
    "datepicker": _menu(
        "datepicker", {}, {"initial_date": matching(r"\d{4}-\d{2}-\d{2}", "a date like 2026-12-02")}
    ),
    "timepicker": _menu(
        "timepicker",
        {},
        {
            "initial_time": matching(r"([01]\d|2[0-3]):[0-5]\d", "a time like 23:59"),
            "timezone": string(),
        },
    ),
}
DATETIMEPICKER: Final[dict[str, Check]] = {
    "datetimepicker": _field(
        "datetimepicker",
        {},
        {"initial_date_time": integer(1_000_000_000, 9_999_999_999), "confirm": CONFIRM},
    ),
}
BUTTONS: Final[dict[str, Check]] = {
    "button": used(
        "button",
        {"text": plain(75)},
        {
            "value": string(2000),
            "url": BUTTON_ADDRESS,
            "style": STYLE,
            "confirm": CONFIRM,
            "accessibility_label": string(75),
        },
    ),
    "workflow_button": used(
        "workflow_button",
        {"text": plain(75), "workflow": WORKFLOW},
        {"style": STYLE, "accessibility_label": string(75)},
    ),
    "overflow": used(
        "overflow", {"options": array(OVERFLOW_OPTION, 5)}, {"confirm": CONFIRM}, _values_differ
    ),
}
_NUMBER: Final = matching(r"-?\d+(\.\d+)?", "a number in a string")
TYPED_IN: Final[dict[str, Check]] = {
    "plain_text_input": _typed_in(
        "plain_text_input",
        {},
        {
            "initial_value": string(3000),
            "multiline": flag,
            "min_length": integer(0, 3000),
            "max_length": integer(1, 3000),
        },
        _lengths_agree,
    ),
    "email_text_input": _typed_in("email_text_input", {}, {"initial_value": string()}),
    "url_text_input": _typed_in("url_text_input", {}, {"initial_value": string()}),
    "number_input": _typed_in(
        "number_input",
        {"is_decimal_allowed": flag},
        {"initial_value": _NUMBER, "min_value": _NUMBER, "max_value": _NUMBER},
    ),
}
FILE_INPUT: Final[dict[str, Check]] = {
    "file_input": used("file_input", {}, {"filetypes": array(string()), "max_files": integer(1, 10)}),
}
IMAGE_ELEMENT: Final = Shape(
    {"type": among("image"), "alt_text": string(2000)},
    {"image_url": WEB_ADDRESS, "slack_file": SLACK_FILE},
    (exactly_one("image_url", "slack_file"),),
)
_RICH_STYLE: Final = Shape({}, dict.fromkeys(("bold", "italic", "strike", "code", "underline"), flag))


def _rich(kind: str, required: Mapping[str, Check], **optional: Check) -> Shape:
    return Shape({"type": among(kind), **required}, {"style": _RICH_STYLE, **optional})


_RICH_PARTS: Final = typed(
    {
        "text": _rich("text", {"text": string()}),
        "link": _rich("link", {"url": WEB_ADDRESS}, text=string(), unsafe=flag),
        "emoji": _rich("emoji", {"name": string()}, unicode=string(), skin_tone=integer(1, 6)),
        "user": _rich("user", {"user_id": string()}),
        "usergroup": _rich("usergroup", {"usergroup_id": string()}),
        "channel": _rich("channel", {"channel_id": string()}),
        "broadcast": _rich("broadcast", {"range": among("here", "channel", "everyone")}),
        "color": _rich("color", {"value": string()}),
        "date": _rich(
            "date",
            {"timestamp": integer(0, 9_999_999_999), "format": string()},
            url=WEB_ADDRESS,
            fallback=string(),
        ),
    },
    "part of rich text",
)
_RICH_SECTION: Final = Shape({"type": among("rich_text_section"), "elements": array(_RICH_PARTS)})
RICH_TEXT_ELEMENTS: Final = array(
    typed(
        {
            "rich_text_section": _RICH_SECTION,
            "rich_text_preformatted": Shape(
                {"type": among("rich_text_preformatted"), "elements": array(_RICH_PARTS)},
                {"border": integer(0, 1), "language": string()},
            ),
            "rich_text_quote": Shape(
                {"type": among("rich_text_quote"), "elements": array(_RICH_PARTS)}, {"border": integer(0, 1)}
            ),
            "rich_text_list": Shape(
                {
                    "type": among("rich_text_list"),
                    "style": among("bullet", "ordered"),
                    "elements": array(_RICH_SECTION),
                },
                {"indent": integer(0, 8), "offset": integer(0, 10_000), "border": integer(0, 1)},
            ),
        },
        "part of rich text",
    )
)
RICH_TEXT_INPUT: Final[dict[str, Check]] = {
    "rich_text_input": _typed_in(
        "rich_text_input",
        {},
        {"initial_value": Shape({"type": among("rich_text"), "elements": RICH_TEXT_ELEMENTS})},
    ),
}
