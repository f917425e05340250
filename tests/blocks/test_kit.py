import json
from collections.abc import Callable
from typing import Any

import pytest
from slack_sdk.models.blocks import Block as SlackBlock
from slack_sdk.models.views import View as SlackView

from handlers.blocks import kit, limits
from handlers.blocks.text import units

LONG = "𝒳" * 20_000
CHOICES = [kit.option(f"Slot {number}", str(number)) for number in range(3)]


def many(number: int) -> list[kit.Option]:
    return [kit.option(f"Slot {each}", str(each)) for each in range(number)]


def full_modal() -> kit.View:
    return kit.modal(
        "environment.register",
        "Register",
        [
            kit.header("Register an environment"),
            kit.section("Acme *Logistics*", kit.button("Show", "show", "1"), "shown"),
            kit.fields_lines([("Serial number", "ABC"), ("Version", "11.17.0")]),
            kit.context("One", "Two"),
            kit.divider(),
            kit.actions([kit.select("pick", CHOICES, "Choose", "1")], "row"),
            kit.input_block("Slot", kit.select("slot", CHOICES, "Choose", focus=True), "slot", dispatch=True),
            kit.input_block("Type", kit.radio("type", CHOICES, "2"), "type", hint="As on the server"),
            kit.input_block("More", kit.checkboxes("more", CHOICES, ["0", "2"]), "more", optional=True),
            kit.input_block("Which", kit.multi_select("which", CHOICES, "Some", ["1"], most=2), "which"),
            kit.input_block("Serial", kit.text_input("serial", "ABC", "abc", longest=60), "serial"),
        ],
        submit="Register",
        private_metadata="17",
    )


def card() -> dict[str, Any]:
    question = kit.confirm("Forward?", "R-1042 goes to Ana.", "Forward", "Not now", "primary")
    return kit.message(
        "R-1042: Ana asks",
        [
            kit.section("R-1042: Ana asks"),
            kit.actions(
                [
                    kit.button(
                        "Forward license", "request.forward", "1042", "primary", question, "Forward R-1042"
                    ),
                    kit.button("Open", "open", url="https://example.com"),
                ],
                "decide",
            ),
        ],
        {"event_type": "card", "event_payload": {"id": 1}},
    )


def test_what_is_built_is_plain_json() -> None:
    assert json.loads(json.dumps(full_modal())) == full_modal()
    assert json.loads(json.dumps(card())) == card()


def test_slack_s_own_models_accept_every_block_and_view() -> None:
    for block in full_modal()["blocks"] + card()["blocks"]:
        parsed = SlackBlock.parse(block)
        assert parsed is not None
        parsed.validate_json()
    SlackView(**full_modal()).validate_json()


def test_a_field_that_is_not_given_is_not_sent() -> None:
    assert kit.button("Go", "go") == {
        "type": "button",
        "action_id": "go",
        "text": {"type": "plain_text", "text": "Go"},
    }
    assert "private_metadata" not in kit.modal("c", "T", [kit.section("x")])


def test_lines_read_label_colon_value() -> None:
    assert (
        kit.fields_lines([("Serial", "ABC"), ("Version", "11")])["text"]["text"] == "Serial: ABC\nVersion: 11"
    )


def test_slack_does_not_make_links_of_what_people_typed() -> None:
    assert kit.section("see example.com")["text"]["verbatim"] is True
    assert all(element["verbatim"] for element in kit.context("example.com")["elements"])


@pytest.mark.parametrize(
    ("built", "limit"),
    [
        (kit.section(LONG)["text"], limits.SECTION),
        (kit.header(LONG)["text"], limits.HEADER),
        (kit.context(LONG)["elements"][0], limits.CONTEXT),
        (kit.button(LONG, "a")["text"], limits.BUTTON),
        (kit.option(LONG, "v")["text"], limits.OPTION),
        (kit.option("t", "v", LONG)["description"], limits.OPTION_DESCRIPTION),
        (kit.confirm(LONG, "t", "y", "n")["title"], limits.CONFIRM_TITLE),
        (kit.confirm("t", LONG, "y", "n")["text"], limits.CONFIRM_TEXT),
        (kit.confirm("t", "t", LONG, "n")["confirm"], limits.CONFIRM_BUTTON),
        (kit.confirm("t", "t", "y", LONG)["deny"], limits.CONFIRM_BUTTON),
        (kit.select("a", CHOICES, LONG)["placeholder"], limits.PLACEHOLDER),
        (kit.text_input("a", LONG)["placeholder"], limits.PLACEHOLDER),
        (kit.input_block(LONG, kit.text_input("a"), "b")["label"], limits.LABEL),
        (kit.input_block("l", kit.text_input("a"), "b", LONG)["hint"], limits.HINT),
        (kit.modal("c", LONG, [kit.divider()])["title"], limits.VIEW_TITLE),
        (kit.modal("c", "t", [kit.divider()], LONG)["submit"], limits.VIEW_BUTTON),
        (kit.modal("c", "t", [kit.divider()], close=LONG)["close"], limits.VIEW_BUTTON),
    ],
)
def test_a_text_is_clipped_below_slack_s_limit(built: kit.Element, limit: int) -> None:
    assert limit * 0.8 < units(built["text"]) <= limits.room(limit)
    assert built["text"].endswith("…")


def test_the_text_of_a_message_can_always_be_updated() -> None:
    assert units(kit.message(LONG, [kit.divider()])["text"]) <= limits.room(4000)


def test_an_accessibility_label_and_a_first_value_are_clipped_too() -> None:
    assert units(kit.button("t", "a", accessibility_label=LONG)["accessibility_label"]) <= 75
    assert units(kit.text_input("a", initial=LONG)["initial_value"]) <= 3000
    assert units(kit.text_input("a", initial=LONG, longest=40)["initial_value"]) <= 40


@pytest.mark.parametrize(
    ("build", "named"),
    [
        (lambda: kit.button("t", "a" * 256), "255"),
        (lambda: kit.button("t", ""), "action id"),
        (lambda: kit.button("t", "a", "v" * 2001), "2000"),
        (lambda: kit.button("t", "a", url="https://" + "x" * 3000), "3000"),
        (lambda: kit.option("t", "v" * 151), "150"),
        (lambda: kit.section("t", block_id="b" * 256), "255"),
        (lambda: kit.modal("c" * 256, "t", [kit.divider()]), "255"),
        (lambda: kit.modal("c", "t", [kit.divider()], private_metadata="x" * 3001), "3000"),
    ],
)
def test_an_id_or_a_value_is_refused_rather_than_cut(build: Callable[[], object], named: str) -> None:
    with pytest.raises(ValueError, match=named):
        build()


@pytest.mark.parametrize(
    "build", [lambda: kit.section(""), lambda: kit.header(" "), lambda: kit.message("\n", [kit.divider()])]
)
def test_an_empty_text_is_refused(build: Callable[[], object]) -> None:
    with pytest.raises(ValueError, match="empty"):
        build()


@pytest.mark.parametrize(
    ("menu", "most"), [(kit.select, 100), (kit.multi_select, 100), (kit.radio, 10), (kit.checkboxes, 10)]
)
def test_a_menu_has_at_least_one_option_and_no_more_than_slack_takes(
    menu: Callable[..., kit.Element], most: int
) -> None:
    assert len(menu("a", many(most))["options"]) == most
    with pytest.raises(ValueError, match="not 0"):
        menu("a", [])
    with pytest.raises(ValueError, match=f"1 to {most}, not {most + 1}"):
        menu("a", many(most + 1))


def test_what_is_chosen_at_first_is_one_of_the_options() -> None:
    assert kit.select("a", CHOICES, initial="1")["initial_option"] == CHOICES[1]
    assert kit.checkboxes("a", CHOICES, ["2", "0"])["initial_options"] == [CHOICES[2], CHOICES[0]]
    with pytest.raises(ValueError, match="none of the options"):
        kit.radio("a", CHOICES, "9")


def test_a_modal_with_a_field_can_be_submitted() -> None:
    with pytest.raises(ValueError, match="submit"):
        kit.modal("c", "t", [kit.input_block("l", kit.text_input("a"), "b")])


@pytest.mark.parametrize(
    ("build", "most"),
    [
        (lambda blocks: kit.message("t", blocks), 50),
        (lambda blocks: kit.modal("c", "t", blocks), 100),
        (kit.home, 100),
    ],
)
def test_there_are_no_more_blocks_than_slack_takes(
    build: Callable[[list[kit.Block]], object], most: int
) -> None:
    build([kit.divider()] * most)
    with pytest.raises(ValueError, match=str(most)):
        build([kit.divider()] * (most + 1))


def test_the_blocks_of_a_message_hold_no_more_text_than_slack_takes() -> None:
    paragraph, small = kit.section("x" * 2900), kit.context("y" * 1500)
    kit.message("t", [paragraph] * 4)
    with pytest.raises(ValueError, match="13200"):
        kit.message("t", [paragraph] * 4 + [small])


def test_a_field_takes_no_more_than_slack_s_limit() -> None:
    with pytest.raises(ValueError, match="3000"):
        kit.text_input("a", longest=3001)


def test_a_row_of_actions_and_small_print_have_their_limits() -> None:
    with pytest.raises(ValueError, match="25"):
        kit.actions([kit.button("t", f"a{each}") for each in range(26)])
    with pytest.raises(ValueError, match="10"):
        kit.context(*["x"] * 11)
