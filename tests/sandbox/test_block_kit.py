import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st
from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models.blocks import Block
from slack_sdk.models.views import View

from bot.sandbox.block_kit import check_message, check_view
from handlers.blocks import kit
from tests.sandbox.block_kit_samples import (
    BAD_BLOCKS,
    GOOD_BLOCKS,
    Thing,
    asked,
    button,
    field,
    home,
    modal,
    mrkdwn,
    option,
    options,
    plain,
    row,
    section,
    select,
    table,
)


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
