from typing import Any

Thing = dict[str, Any]


def plain(text: str = "Words") -> Thing:
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str = "Words") -> Thing:
    return {"type": "mrkdwn", "text": text}


def option(value: str = "1", text: str = "One") -> Thing:
    return {"text": plain(text), "value": value}


def options(number: int) -> list[Thing]:
    return [option(str(each)) for each in range(number)]


def button(**fields: Any) -> Thing:
    return {"type": "button", "action_id": "go", "text": plain("Go"), **fields}


def select(**fields: Any) -> Thing:
    return {"type": "static_select", "action_id": "pick", "options": options(2), **fields}


def field(**fields: Any) -> Thing:
    return {"type": "plain_text_input", "action_id": "text", **fields}


def asked(element: Thing, **fields: Any) -> Thing:
    return {"type": "input", "label": plain("Label"), "element": element, **fields}


def section(**fields: Any) -> Thing:
    return {"type": "section", "text": mrkdwn(), **fields}


def row(*elements: Thing, **fields: Any) -> Thing:
    return {"type": "actions", "elements": list(elements), **fields}


def question(**fields: Any) -> Thing:
    return {"title": plain(), "text": plain(), "confirm": plain(), "deny": plain(), **fields}


def table(rows: int = 1, columns: int = 1, text: str = "cell") -> Thing:
    return {"type": "table", "rows": [[{"type": "raw_text", "text": text}] * columns] * rows}


def rich(*elements: Thing) -> Thing:
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": list(elements)}]}


def picture(**fields: Any) -> Thing:
    return {"type": "image", "alt_text": "A map", "image_url": "https://example.com/a.png", **fields}


def modal(*blocks: object, **fields: Any) -> Thing:
    return {
        "type": "modal",
        "title": plain("Title"),
        "blocks": list(blocks),
        "submit": plain("Send"),
        **fields,
    }


def home(*blocks: object, **fields: Any) -> Thing:
    return {"type": "home", "blocks": list(blocks), **fields}


GOOD_BLOCKS = [
    section(
        accessory=button(value="v" * 2000, url="https://example.com", style="danger", confirm=question())
    ),
    section(accessory=picture(), expand=True),
    {"type": "section", "fields": [mrkdwn("x" * 2000), *[plain()] * 9]},
    {"type": "header", "text": plain("x" * 150)},
    {"type": "divider"},
    {"type": "context", "elements": [mrkdwn(), plain(), picture()]},
    row(*(button(action_id=f"a{each}") for each in range(25))),
    row({"type": "button", "text": plain()}, {"type": "button", "text": plain()}),
    row(select(initial_option=option("1")), button(accessibility_label="x" * 75)),
    row({"type": "overflow", "action_id": "more", "options": options(5)}),
    row({"type": "datepicker", "action_id": "day", "initial_date": "2026-12-02", "placeholder": plain()}),
    row({"type": "timepicker", "action_id": "hour", "initial_time": "09:30", "timezone": "Europe/Lisbon"}),
    asked(field(min_length=1, max_length=3000, initial_value="x" * 3000, multiline=True), hint=plain()),
    asked({"type": "checkboxes", "action_id": "c", "options": options(10), "initial_options": options(2)}),
    asked({"type": "radio_buttons", "action_id": "r", "options": [{"text": mrkdwn("*One*"), "value": "1"}]}),
    asked(
        {"type": "multi_static_select", "action_id": "m", "options": options(100), "max_selected_items": 3}
    ),
    asked(
        {
            "type": "static_select",
            "action_id": "g",
            "option_groups": [
                {"label": plain(), "options": [option("1")]},
                {"label": plain(), "options": [option("2")]},
            ],
            "initial_option": option("2"),
        }
    ),
    asked({"type": "users_select", "action_id": "u", "initial_user": "U1"}),
    asked(
        {
            "type": "conversations_select",
            "action_id": "c",
            "filter": {"include": ["public"], "exclude_bot_users": True},
        }
    ),
    asked({"type": "number_input", "action_id": "n", "is_decimal_allowed": False, "min_value": "-1"}),
    asked({"type": "email_text_input", "action_id": "e"}, optional=True, dispatch_action=True),
    rich({"type": "text", "text": "Hi ", "style": {"bold": True}}, {"type": "user", "user_id": "U1"}),
    picture(title=plain()),
]

# Each row: a block that Slack refuses, where the problem is, and a word of it.
BAD_BLOCKS: list[tuple[object, str, str]] = [
    ("text", "/blocks/0", "object"),
    ({}, "/blocks/0/type", "None"),
    ({"type": "no_such"}, "/blocks/0/type", "no_such"),
    ({"type": ["section"]}, "/blocks/0/type", "section"),
    ({"type": "divider", "text": plain()}, "/blocks/0/text", "not a field"),
    ({"type": "divider", "block_id": "x" * 256}, "/blocks/0/block_id", "255"),
    ({"type": "divider", "block_id": ""}, "/blocks/0/block_id", "empty"),
    ({"type": "section"}, "/blocks/0", "text, fields"),
    (section(text=mrkdwn("x" * 3001)), "/blocks/0/text/text", "3000"),
    (section(text=mrkdwn("😀" * 1501)), "/blocks/0/text/text", "3002"),
    (section(text=mrkdwn("")), "/blocks/0/text/text", "empty"),
    (section(text="words"), "/blocks/0/text", "object"),
    (section(text={"type": "mrkdwn"}), "/blocks/0/text/text", "required"),
    (section(text={**mrkdwn(), "emoji": True}), "/blocks/0/text/emoji", "not a field"),
    (section(text={**plain(), "verbatim": True}), "/blocks/0/text/verbatim", "not a field"),
    (section(fields=[mrkdwn()] * 11), "/blocks/0/fields", "10"),
    (section(fields=[mrkdwn("x" * 2001)]), "/blocks/0/fields/0/text", "2000"),
    (section(fields=[]), "/blocks/0/fields", "at least 1"),
    (section(accessory=field()), "/blocks/0/accessory/type", "plain_text_input"),
    ({"type": "header", "text": mrkdwn()}, "/blocks/0/text/type", "mrkdwn"),
    ({"type": "header", "text": plain("x" * 151)}, "/blocks/0/text/text", "150"),
    ({"type": "context", "elements": []}, "/blocks/0/elements", "at least 1"),
    ({"type": "context", "elements": [mrkdwn()] * 11}, "/blocks/0/elements", "10"),
    ({"type": "context", "elements": [button()]}, "/blocks/0/elements/0/type", "button"),
    (row(), "/blocks/0/elements", "at least 1"),
    (row(*(button(action_id=f"a{each}") for each in range(26))), "/blocks/0/elements", "25"),
    (row(button(), button()), "/blocks/0", "'go'"),
    (row(field()), "/blocks/0/elements/0/type", "plain_text_input"),
    (row(button(action_id="")), "/blocks/0/elements/0/action_id", "empty"),
    (row(button(action_id="x" * 256)), "/blocks/0/elements/0/action_id", "255"),
    (row(button(text=plain("x" * 76))), "/blocks/0/elements/0/text/text", "75"),
    (row(button(text=mrkdwn())), "/blocks/0/elements/0/text/type", "mrkdwn"),
    (row(button(value="x" * 2001)), "/blocks/0/elements/0/value", "2000"),
    (row(button(value=7)), "/blocks/0/elements/0/value", "string"),
    (row(button(url="https://" + "x" * 3000)), "/blocks/0/elements/0/url", "3000"),
    (row(button(url="nowhere")), "/blocks/0/elements/0/url", "address"),
    (row(button(style="green")), "/blocks/0/elements/0/style", "primary, danger"),
    (row(button(accessibility_label="x" * 76)), "/blocks/0/elements/0/accessibility_label", "75"),
    (row(button(colour="red")), "/blocks/0/elements/0/colour", "not a field"),
    (row(button(confirm=question(title=plain("x" * 101)))), "/blocks/0/elements/0/confirm/title/text", "100"),
    (row(button(confirm=question(text=plain("x" * 301)))), "/blocks/0/elements/0/confirm/text/text", "300"),
    (
        row(button(confirm=question(confirm=plain("x" * 31)))),
        "/blocks/0/elements/0/confirm/confirm/text",
        "30",
    ),
    (row(button(confirm=question(deny=plain("x" * 31)))), "/blocks/0/elements/0/confirm/deny/text", "30"),
    (row(button(confirm={"title": plain()})), "/blocks/0/elements/0/confirm/deny", "required"),
    (row(select(options=[])), "/blocks/0/elements/0/options", "at least 1"),
    (row({"type": "static_select", "action_id": "a"}), "/blocks/0/elements/0", "options, option_groups"),
    (
        row(select(option_groups=[{"label": plain(), "options": options(1)}])),
        "/blocks/0/elements/0",
        "exactly one",
    ),
    (row(select(options=options(101))), "/blocks/0/elements/0/options", "100"),
    (row(select(options=[option("1"), option("1", "Two")])), "/blocks/0/elements/0/options", "'1'"),
    (row(select(options=[option("x" * 151)])), "/blocks/0/elements/0/options/0/value", "150"),
    (row(select(options=[option(text="x" * 76)])), "/blocks/0/elements/0/options/0/text/text", "75"),
    (row(select(options=[{"text": plain()}])), "/blocks/0/elements/0/options/0/value", "required"),
    (
        row(select(options=[{"text": mrkdwn(), "value": "1"}])),
        "/blocks/0/elements/0/options/0/text/type",
        "mrkdwn",
    ),
    (
        row(select(options=[{**option(), "description": plain("x" * 76)}])),
        "/blocks/0/elements/0/options/0/description/text",
        "75",
    ),
    (
        row(select(options=[{**option(), "url": "https://a.example"}])),
        "/blocks/0/elements/0/options/0/url",
        "not a",
    ),
    (row(select(initial_option=option("9"))), "/blocks/0/elements/0", "exactly one of the options"),
    (
        row(select(initial_option=option("1", "Renamed"))),
        "/blocks/0/elements/0",
        "exactly one of the options",
    ),
    (row(select(placeholder=plain("x" * 151))), "/blocks/0/elements/0/placeholder/text", "150"),
    (row({"type": "overflow", "action_id": "o", "options": options(6)}), "/blocks/0/elements/0/options", "5"),
    (
        row({"type": "radio_buttons", "action_id": "r", "options": options(11)}),
        "/blocks/0/elements/0/options",
        "10",
    ),
    (
        row({"type": "checkboxes", "action_id": "c", "options": []}),
        "/blocks/0/elements/0/options",
        "at least 1",
    ),
    (
        row({"type": "datepicker", "action_id": "d", "initial_date": "2 Dec"}),
        "/blocks/0/elements/0/initial_date",
        "date",
    ),
    (
        row({"type": "timepicker", "action_id": "d", "initial_time": "24:00"}),
        "/blocks/0/elements/0/initial_time",
        "time",
    ),
    (
        row({"type": "multi_static_select", "action_id": "m", "options": options(1)}),
        "/blocks/0/elements/0/type",
        "multi",
    ),
    (asked(button()), "/blocks/0/element/type", "button"),
    (asked(field(), label=mrkdwn()), "/blocks/0/label/type", "mrkdwn"),
    (asked(field(), label=plain("x" * 2001)), "/blocks/0/label/text", "2000"),
    (asked(field(), hint=plain("x" * 2001)), "/blocks/0/hint/text", "2000"),
    (asked(field(), optional="no"), "/blocks/0/optional", "true or false"),
    ({"type": "input", "label": plain()}, "/blocks/0/element", "required"),
    (asked(field(max_length=3001)), "/blocks/0/element/max_length", "3000"),
    (asked(field(max_length=True)), "/blocks/0/element/max_length", "whole number"),
    (asked(field(min_length=9, max_length=8)), "/blocks/0/element/min_length", "max_length"),
    (asked(field(initial_value="x" * 9, max_length=8)), "/blocks/0/element/initial_value", "max_length"),
    (
        asked(field(dispatch_action_config={"trigger_actions_on": ["on_blur"]})),
        "/blocks/0/element/dispatch_action_config/trigger_actions_on/0",
        "on_enter_pressed",
    ),
    (
        asked(
            {
                "type": "multi_static_select",
                "action_id": "m",
                "options": options(3),
                "initial_options": options(3),
                "max_selected_items": 2,
            }
        ),
        "/blocks/0/element/initial_options",
        "max_selected_items",
    ),
    (asked({"type": "number_input", "action_id": "n"}), "/blocks/0/element/is_decimal_allowed", "required"),
    (
        asked({"type": "conversations_select", "action_id": "c", "filter": {}}),
        "/blocks/0/element/filter",
        "include",
    ),
    (picture(alt_text="x" * 2001), "/blocks/0/alt_text", "2000"),
    ({"type": "image", "alt_text": "A map"}, "/blocks/0", "image_url, slack_file"),
    (rich({"type": "text", "text": ""}), "/blocks/0/elements/0/elements/0/text", "empty"),
    (rich({"type": "blink", "text": "x"}), "/blocks/0/elements/0/elements/0/type", "blink"),
]
