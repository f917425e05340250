import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models.blocks import Block
from slack_sdk.models.views import View

from bot.sandbox.block_kit import check_message, check_view
from handlers.blocks import kit

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


def in_a_message(*blocks: object) -> list[str]:
    return check_message(list(blocks), "Words")


@pytest.mark.parametrize("block", GOOD_BLOCKS, ids=lambda block: block["type"])
def test_a_good_block_has_no_problem_wherever_it_stands(block: Thing) -> None:
    assert in_a_message(block) == []
    assert check_view(modal(block)) == []
    assert check_view(home(block)) == []


@pytest.mark.parametrize("block", GOOD_BLOCKS, ids=lambda block: block["type"])
def test_slack_s_own_models_find_a_good_block_good(block: Thing) -> None:
    parsed = Block.parse(copy.deepcopy(block))
    assert parsed is not None
    parsed.to_dict()


@pytest.mark.parametrize(("block", "place", "word"), BAD_BLOCKS)
def test_a_bad_block_is_named_with_place_and_reason(block: object, place: str, word: str) -> None:
    for problems in (in_a_message(block), check_view(modal(block)), check_view(home(block))):
        assert [each for each in problems if each.startswith(f"{place}: ") and word in each], problems


def refused_by_slack_s_models(block: object) -> bool:
    try:
        parsed = Block.parse(copy.deepcopy(block))  # type: ignore[arg-type]  # Bad ones are the point.
        assert parsed is not None
        parsed.to_dict()
    except SlackObjectFormationError:
        return True
    except (AssertionError, AttributeError, TypeError, ValueError):
        return False
    return False


@pytest.mark.parametrize(
    "block",
    [block for block, _, _ in BAD_BLOCKS if refused_by_slack_s_models(block)]
    + [section(text=None, fields=None)],
)
def test_what_slack_s_own_models_refuse_is_refused(block: Thing) -> None:
    assert in_a_message(block)


def test_slack_s_own_models_take_part_in_enough_of_the_table() -> None:
    assert sum(refused_by_slack_s_models(block) for block, _, _ in BAD_BLOCKS) >= 20


def test_a_problem_deep_inside_is_found_at_its_place() -> None:
    deep = asked(
        {
            "type": "static_select",
            "action_id": "g",
            "option_groups": [{"label": plain(), "options": [option("1"), option("2", "x" * 80)]}],
        }
    )
    assert check_view(modal({"type": "divider"}, deep)) == [
        "/blocks/1/element/option_groups/0/options/1/text/text: must be at most 75 characters, has 80"
    ]


def test_the_same_value_in_two_groups_is_a_problem() -> None:
    groups = [{"label": plain(), "options": options(2)}, {"label": plain(), "options": options(1)}]
    problems = in_a_message(row({"type": "static_select", "action_id": "g", "option_groups": groups}))
    assert problems == ["/blocks/0/elements/0/options: the value '0' is used by several options"]


def test_several_problems_are_all_told() -> None:
    assert len(in_a_message({"type": "header", "text": mrkdwn("")}, row(), section(text=plain("")))) == 3


@pytest.mark.parametrize(
    ("blocks", "text", "place"),
    [
        (None, None, "/text"),
        (None, "", "/text"),
        ([], "", "/text"),
        (None, 7, "/text"),
        (None, "x" * 40_001, "/text"),
        ("[]", "x", "/blocks"),
        ([{"type": "divider"}] * 51, "x", "/blocks"),
        ([section(text=mrkdwn("x" * 2700))] * 5, "x", "/blocks"),
        ([table(), table()], "x", "/blocks"),
        ([table(rows=101)], "x", "/blocks/0/rows"),
        ([table(columns=21)], "x", "/blocks/0/rows/0"),
        ([table(rows=50, columns=2, text="x" * 101)], "x", "/blocks/0/rows"),
        ([{"type": "markdown", "text": "x" * 6500}] * 2, "x", "/blocks"),
        ([{"type": "divider", "block_id": "a"}] * 2, "x", "/blocks/1/block_id"),
        ([asked({"type": "file_input", "action_id": "f"})], "x", "/blocks/0/element/type"),
    ],
)
def test_a_message_keeps_to_its_limits(blocks: object, text: object, place: str) -> None:
    assert [each for each in check_message(blocks, text) if each.startswith(f"{place}: ")]


@pytest.mark.parametrize(
    ("blocks", "text"),
    [
        (None, "Words"),
        ([], "Words"),
        ([{"type": "divider"}] * 50, None),
        ([section(text=mrkdwn("x" * 2600))] * 5, "x" * 40_000),
        ([{**table(rows=100, columns=20, text="x" * 5), "column_settings": [None, {"align": "right"}]}], "x"),
        ([{"type": "markdown", "text": "**x**"}], "x"),
        ([row(button(), block_id="a"), row(button(), block_id="b")], "x"),
    ],
)
def test_a_message_within_its_limits_is_good(blocks: object, text: object) -> None:
    assert check_message(blocks, text) == []


@pytest.mark.parametrize(
    ("view", "place"),
    [
        (None, ""),
        ({"type": "page", "blocks": []}, "/type"),
        ({"type": "modal", "blocks": [{"type": "divider"}]}, "/title"),
        (modal(), "/blocks"),
        (modal(*[{"type": "divider"}] * 101), "/blocks"),
        (modal({"type": "divider"}, title=plain("x" * 25)), "/title/text"),
        (modal({"type": "divider"}, title=mrkdwn()), "/title/type"),
        (modal({"type": "divider"}, submit=plain("x" * 25)), "/submit/text"),
        (modal({"type": "divider"}, close=plain("x" * 25)), "/close/text"),
        (modal({"type": "divider"}, private_metadata="x" * 3001), "/private_metadata"),
        (modal({"type": "divider"}, callback_id="x" * 256), "/callback_id"),
        (modal({"type": "divider"}, external_id="x" * 256), "/external_id"),
        (modal({"type": "divider"}, notify_on_close="yes"), "/notify_on_close"),
        (modal({"type": "divider"}, id="V1"), "/id"),
        ({"type": "modal", "title": plain(), "blocks": [asked(field())]}, "/submit"),
        (modal(asked(field(focus_on_load=True)), asked(select(focus_on_load=True))), "/blocks"),
        (modal(table()), "/blocks/0/type"),
        (modal({"type": "markdown", "text": "x"}), "/blocks/0/type"),
        (
            modal({"type": "divider", "block_id": "a"}, {"type": "divider", "block_id": "a"}),
            "/blocks/0/block_id",
        ),
        (
            modal(asked({"type": "file_input", "action_id": "f", "max_files": 11})),
            "/blocks/0/element/max_files",
        ),
        (
            modal(asked({"type": "file_input", "action_id": "f"}, dispatch_action=True)),
            "/blocks/0/dispatch_action",
        ),
        (modal(*[section(text=mrkdwn("é" * 2900))] * 50), ""),
        (home({"type": "divider"}, title=plain()), "/title"),
        (home({"type": "divider"}, submit=plain()), "/submit"),
        (home(asked({"type": "file_input", "action_id": "f"})), "/blocks/0/element/type"),
    ],
)
def test_a_view_keeps_to_its_limits(view: object, place: str) -> None:
    assert [each for each in check_view(view) if each.startswith(f"{place}: ")]


@pytest.mark.parametrize(
    "view",
    [
        modal(*[{"type": "divider"}] * 100, private_metadata="x" * 3000, callback_id="c" * 255),
        modal({"type": "divider"}, private_metadata="", close=plain("x" * 24), clear_on_close=True),
        {"type": "modal", "title": plain("x" * 24), "blocks": [section()]},
        modal(asked(field(focus_on_load=True)), asked(select(focus_on_load=False))),
        modal(asked({"type": "file_input", "action_id": "f", "filetypes": ["txt"], "max_files": 10})),
        home(section(), asked(field(), dispatch_action=True), external_id="home"),
    ],
)
def test_a_view_within_its_limits_is_good_to_us_and_to_slack_s_own_models(view: Thing) -> None:
    assert check_view(view) == []
    View(**copy.deepcopy(view)).validate_json()


def test_what_our_own_vocabulary_builds_from_far_too_long_texts_is_good() -> None:
    long = "<@U1> 😀" * 2000
    choices = [kit.option(f"{each} {long}", str(each), long) for each in range(10)]
    view = kit.modal(
        "c",
        long,
        [
            kit.section(long, kit.button(long, "a", confirm=kit.confirm(long, long, long, long))),
            kit.header(long),
            kit.context(*[long] * 10),
            kit.input_block(long, kit.text_input("a", long, long), "text", long),
            kit.input_block(long, kit.select("a", choices, long, "3"), "select"),
            kit.input_block(long, kit.checkboxes("a", choices, ["1", "2"]), "boxes"),
        ],
        long,
        long,
        "x" * 3000,
    )
    sent = kit.message(
        long, [kit.section(long), kit.actions([kit.button(long, "a", accessibility_label=long)])]
    )
    assert check_view(view) == []
    assert check_message(sent["blocks"], sent["text"]) == []


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=6),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    ["type", "text", "blocks", "elements", "element", "options", "block_id", "accessory"]
                ),
                inner
                | st.sampled_from(
                    ["modal", "home", "section", "actions", "input", "static_select", "mrkdwn"]
                ),
                max_size=4,
            )
        ),
        max_leaves=12,
    )
)
def test_no_shape_whatever_breaks_the_checker(thing: object) -> None:
    for problems in (check_view(thing), check_message(thing, thing), check_message([thing], "x")):
        assert all(isinstance(problem, str) for problem in problems)
