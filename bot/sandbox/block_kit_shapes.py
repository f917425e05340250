"""What each block of Block Kit may be made of and where it may stand, as docs.slack.dev has it in 2026.

The blocks for assistants (cards, plans, tasks, alerts, containers) are not part of this Slack.
"""

from collections.abc import Mapping
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
    matching,
    string,
    typed,
    units,
)
from bot.sandbox.block_kit_elements import (
    BUTTONS,
    CHOICES,
    CONFIRM,
    DATETIMEPICKER,
    FILE_INPUT,
    IDENTIFIER,
    IMAGE_ELEMENT,
    MULTI_SELECTS,
    PICKERS,
    RICH_TEXT_ELEMENTS,
    RICH_TEXT_INPUT,
    SELECTS,
    SLACK_FILE,
    TYPED_IN,
    WEB_ADDRESS,
    either,
    plain,
    text_object,
    used,
)


def _table_is_small(thing: Mapping[str, Any], place: str) -> Problems:
    if _all_text(thing["rows"]) > 10_000:
        yield f"{place}/rows: a table holds at most 10000 characters"


def _all_text(thing: object) -> int:
    if isinstance(thing, list):
        return sum(map(_all_text, thing))
    if isinstance(thing, dict):
        text = thing.get("text")
        return sum(map(_all_text, thing.values())) + (units(text) if isinstance(text, str) else 0)
    return 0


def _file_is_not_dispatched(thing: Mapping[str, Any], place: str) -> Problems:
    if thing.get("dispatch_action") and thing["element"]["type"] == "file_input":
        yield f"{place}/dispatch_action: does not go with a file_input"


def _block(kind: str, required: Mapping[str, Check], optional: Mapping[str, Check], *rules: Rule) -> Shape:
    return Shape({"type": among(kind), **required}, {"block_id": IDENTIFIER, **optional}, rules)


_BESIDE_A_SECTION: Final = typed(
    {**BUTTONS, **SELECTS, **MULTI_SELECTS, **CHOICES, **PICKERS, "image": IMAGE_ELEMENT}, "element"
)
_IN_A_ROW: Final = typed({**BUTTONS, **SELECTS, **CHOICES, **PICKERS, **DATETIMEPICKER}, "element")
_IN_CONTEXT: Final = typed(
    {kind: text_object(kind, 3000) for kind in ("plain_text", "mrkdwn")} | {"image": IMAGE_ELEMENT},
    "element",
)
_ASKED: Final[dict[str, Check]] = {
    **SELECTS,
    **MULTI_SELECTS,
    **CHOICES,
    **PICKERS,
    **DATETIMEPICKER,
    **TYPED_IN,
    **RICH_TEXT_INPUT,
}
_FEEDBACK: Final = Shape({"text": plain(75), "value": string(2000)}, {"accessibility_label": string(75)})
_BESIDE_AN_ANSWER: Final = typed(
    {
        "feedback_buttons": used(
            "feedback_buttons", {"positive_button": _FEEDBACK, "negative_button": _FEEDBACK}, {}
        ),
        "icon_button": used(
            "icon_button",
            {"icon": string(), "text": plain(75)},
            {
                "value": string(2000),
                "accessibility_label": string(75),
                "confirm": CONFIRM,
                "visible_to_user_ids": array(string(), 10),
            },
        ),
    },
    "element",
)
_CELL: Final = typed(
    {
        "raw_text": Shape({"type": among("raw_text"), "text": string()}),
        "rich_text": Shape({"type": among("rich_text"), "elements": RICH_TEXT_ELEMENTS}),
    },
    "cell",
)
_COLUMN: Final = Shape({}, {"align": among("left", "center", "right"), "is_wrapped": flag})


def _column(thing: object, place: str) -> Problems:
    if thing is not None:
        yield from _COLUMN(thing, place)


def _input(elements: Mapping[str, Check]) -> Shape:
    return _block(
        "input",
        {"label": plain(2000), "element": typed(elements, "element")},
        {"hint": plain(2000), "optional": flag, "dispatch_action": flag},
        _file_is_not_dispatched,
    )


EVERYWHERE: Final[dict[str, Check]] = {
    "section": _block(
        "section",
        {},
        {
            "text": either(3000),
            "fields": array(either(2000), 10),
            "accessory": _BESIDE_A_SECTION,
            "expand": flag,
        },
        at_least_one("text", "fields"),
    ),
    "header": _block("header", {"text": plain(150)}, {}),
    "divider": _block("divider", {}, {}),
    "context": _block("context", {"elements": array(_IN_CONTEXT, 10)}, {}),
    "actions": _block("actions", {"elements": array(_IN_A_ROW, 25)}, {}),
    "rich_text": _block("rich_text", {"elements": RICH_TEXT_ELEMENTS}, {}),
    "image": _block(
        "image",
        {"alt_text": string(2000)},
        {"image_url": WEB_ADDRESS, "slack_file": SLACK_FILE, "title": plain(2000)},
        exactly_one("image_url", "slack_file"),
    ),
    "video": _block(
        "video",
        {
            "alt_text": string(2000),
            "title": plain(199),
            "thumbnail_url": WEB_ADDRESS,
            "video_url": WEB_ADDRESS,
        },
        {
            "author_name": string(49),
            "description": plain(199),
            "provider_icon_url": WEB_ADDRESS,
            "provider_name": string(),
            "title_url": matching(r"https://\S+", "an address that begins with https://", 3000),
        },
    ),
}
IN_MESSAGES: Final[dict[str, Check]] = {
    **EVERYWHERE,
    "input": _input(_ASKED),
    "context_actions": _block("context_actions", {"elements": array(_BESIDE_AN_ANSWER, 5)}, {}),
    "markdown": _block("markdown", {"text": string(12_000)}, {}),
    "table": _block(
        "table",
        {"rows": array(array(_CELL, 20), 100)},
        {"column_settings": array(_column, 20)},
        _table_is_small,
    ),
}
IN_MODALS: Final[dict[str, Check]] = {**EVERYWHERE, "input": _input({**_ASKED, **FILE_INPUT})}
IN_HOME: Final[dict[str, Check]] = {
    **EVERYWHERE,
    "input": _input({kind: check for kind, check in _ASKED.items() if kind != "datetimepicker"}),
}

_VIEW: Final[dict[str, Check]] = {
    "callback_id": IDENTIFIER,
    "external_id": IDENTIFIER,
    "private_metadata": string(3000, least=0),
}
MODAL: Final = Shape(
    {"type": among("modal"), "title": plain(24), "blocks": array(typed(IN_MODALS, "block"), 100)},
    {
        **_VIEW,
        "submit": plain(24),
        "close": plain(24),
        "clear_on_close": flag,
        "notify_on_close": flag,
        "submit_disabled": flag,
    },
)
HOME: Final = Shape({"type": among("home"), "blocks": array(typed(IN_HOME, "block"), 100)}, _VIEW)
MESSAGE_BLOCKS: Final = array(typed(IN_MESSAGES, "block"), 50, least=0)
