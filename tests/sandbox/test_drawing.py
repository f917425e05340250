from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from rich.cells import cell_len
from slack_sdk import WebClient

from bot.sandbox import Sandbox, World
from bot.sandbox.client import SlackClient
from bot.sandbox.drawing import WIDTH, draw_message, draw_view
from bot.sandbox.drawing_text import Reader
from handlers.blocks import kit
from handlers.blocks.text import date, link, mention, quote

LISBON = ZoneInfo("Europe/Lisbon")
KOLKATA = ZoneInfo("Asia/Kolkata")
PEOPLE = {"U1": "Ana Silva", "UBOT": "License Desk", "C1": "acme-licenses"}
MOMENT = datetime(2026, 12, 2, 10, 15, tzinfo=UTC)
TS = f"{int(MOMENT.timestamp())}.000100"
CHOICES = [kit.option("Quality 1", "1"), kit.option("Quality 2", "2", "free")]


def read(mrkdwn: str) -> str:
    return Reader(PEOPLE, LISBON).mrkdwn(mrkdwn)


def drawn(*blocks: kit.Block, **fields: Any) -> list[str]:
    message = {"user": "UBOT", "ts": TS, "text": "x", "blocks": list(blocks), **fields}
    return draw_message(message, PEOPLE, LISBON).split("\n")


def form(*blocks: kit.Block, values: dict[str, Any] | None = None, **errors: str) -> list[str]:
    view = kit.modal("c", "Register", blocks, "Send")
    view["state"] = {"values": values or {}}
    return draw_view(view, PEOPLE, LISBON, errors).split("\n")


@pytest.mark.parametrize(
    ("mrkdwn", "seen"),
    [
        (mention("U1"), "@Ana Silva"),
        ("<@U1|old name>", "@Ana Silva"),
        ("<@U9>", "@U9"),
        ("<#C1>", "#acme-licenses"),
        ("<#C9|elsewhere>", "#elsewhere"),
        ("<!channel> <!here>", "@channel @here"),
        ("<!subteam^S1|@ops>", "@ops"),
        (link("https://example.com/a", "the page"), "the page (https://example.com/a)"),
        ("<https://example.com/a>", "https://example.com/a"),
        ("<mailto:jo@example.com|jo@example.com>", "jo@example.com"),
        ("*bold* _italic_ ~gone~ `code`", "bold italic gone code"),
        ("*_both_*", "both"),
        ("```\nlines\nof code\n```", "lines\nof code"),
        ("`*not bold*`", "*not bold*"),
        ("2*3*4 snake_case_name a ~ b", "2*3*4 snake_case_name a ~ b"),
        ("&lt;!channel&gt; &amp; &amp;lt;", "<!channel> & &lt;"),
    ],
)
def test_mrkdwn_is_drawn_as_it_is_read(mrkdwn: str, seen: str) -> None:
    assert read(mrkdwn) == seen


def test_what_people_typed_is_drawn_as_they_typed_it() -> None:
    assert read(quote("<@U1> & <!channel> &amp;")) == "<@U1> & <!channel> &amp;"


@pytest.mark.parametrize(
    ("form", "seen"),
    [
        ("{date_short_pretty}, {time}", "2 Dec 2026, 10:15"),
        ("{date_num} {time_secs}", "2026-12-02 10:15:00"),
        ("{date}", "2 December 2026"),
        ("{date_long}", "Wednesday, 2 December 2026"),
        ("{no_such}", "{no_such}"),
    ],
)
def test_a_date_is_drawn_in_the_form_asked_for(form: str, seen: str) -> None:
    assert read(date(MOMENT, form)) == seen


def test_a_date_is_drawn_in_the_reader_s_zone() -> None:
    assert Reader({}, KOLKATA).mrkdwn(date(MOMENT)) == "2 Dec 2026, 15:45"


def test_a_message_stands_under_its_writer_and_time() -> None:
    assert drawn(kit.section("Hello"))[0] == "License Desk, 10:15"
    assert drawn(kit.section("Hello"))[1] == "| Hello"


def test_an_ephemeral_message_says_that_only_you_see_it() -> None:
    assert drawn(kit.section("No"), is_ephemeral=True)[0] == "License Desk, 10:15, Only visible to you"


def test_replies_and_edits_are_marked() -> None:
    assert drawn(kit.section("x"), thread_ts="1.0", edited={"ts": TS})[0].endswith("in the thread, edited")
    assert drawn(kit.section("x"), thread_ts=TS)[0] == "License Desk, 10:15"


def test_a_message_without_blocks_shows_its_text() -> None:
    assert drawn(text="*Sent* to <@U1>")[1:] == ["| Sent to @Ana Silva"]


def test_a_message_with_blocks_does_not_show_its_text() -> None:
    assert "never" not in "\n".join(drawn(kit.section("Hello"), text="never"))


def test_a_file_is_drawn_with_name_and_size() -> None:
    files = [{"name": "ABC.lic", "size": 1234}, {"name": "small.txt", "size": 12}]
    assert drawn(files=files, text="Here")[2:] == [
        "| (file: ABC.lic, 1.2 kB)",
        "| (file: small.txt, 12 bytes)",
    ]


def test_what_a_button_asks_stands_under_it() -> None:
    question = kit.confirm("Forward R-1042?", "Ana gets the file.", "Forward", "Not now")
    row = kit.actions([kit.button("Forward license", "f", confirm=question), kit.button("Decline", "d")])
    assert drawn(row)[1:] == [
        "| [ Forward license ]  [ Decline ]",
        "|   Forward license asks first: Forward R-1042?",
        "|     Ana gets the file.",
        "|     [ Forward ]  [ Not now ]",
    ]


def test_headings_small_print_and_lines_are_drawn_in_order() -> None:
    blocks = [
        kit.header("R-1042"),
        kit.divider(),
        kit.context("One", "Two"),
        kit.section("x", kit.button("Go", "g")),
    ]
    lines = drawn(*blocks)[1:]
    assert lines[:2] == ["| R-1042", "| ======"]
    assert set(lines[2]) == {"|", " ", "-"}
    assert lines[3:] == ["| One", "| Two", "| x", "| [ Go ]"]


def test_no_line_is_wider_than_the_terminal() -> None:
    wide = ["word " * 60, "x" * 250, "漢字" * 120, "😀 " * 90, "  indented " + "word " * 60]
    lines = drawn(*[kit.section(text) for text in wide], kit.header("h" * 140))
    assert max(map(cell_len, lines)) <= WIDTH
    assert "".join(lines).count("漢") == 120
    assert "".join(lines).count("x") == 250


def test_a_field_shows_label_what_is_typed_hint_and_error() -> None:
    field = kit.input_block("Serial number", kit.text_input("typed"), "serial", hint="On the console")
    values = {"serial": {"typed": {"type": "plain_text_input", "value": "abc"}}}
    assert form(field, values=values, serial="Too short.") == [
        "+-- Register " + "-" * 87,
        "| Serial number",
        "|   __abc__",
        "|   On the console",
        "|   Error: Too short.",
        "+" + "-" * 99,
        "| [ Cancel ]  [ Send ]",
        "+" + "-" * 99,
    ]


def test_an_empty_field_shows_its_placeholder() -> None:
    field = kit.input_block("Version", kit.text_input("typed", "11.17.0"), "version", optional=True)
    assert form(field)[1:3] == ["| Version (optional)", "|   __________ 11.17.0"]


def test_a_field_that_was_emptied_does_not_show_what_it_held_at_first() -> None:
    field = kit.input_block("Version", kit.text_input("typed", initial="11.17.0"), "version")
    assert "|   __11.17.0__" in form(field)
    assert "11.17.0" not in "\n".join(form(field, values={"version": {"typed": {"value": None}}}))


def test_a_menu_shows_what_is_chosen_and_what_there_is() -> None:
    field = kit.input_block("Slot", kit.select("slot", CHOICES, initial="1"), "slot")
    assert form(field)[1:5] == [
        "| Slot",
        "|   __Quality 1__ v",
        "|     * Quality 1",
        "|     - Quality 2 (free)",
    ]
    chosen = {"slot": {"slot": {"selected_option": CHOICES[1]}}}
    assert form(field, values=chosen)[2] == "|   __Quality 2 (free)__ v"


def test_a_long_menu_says_how_many_more_there_are() -> None:
    options = [kit.option(f"Slot {each}", str(each)) for each in range(100)]
    assert "|     and 88 more" in form(kit.input_block("Slot", kit.select("slot", options), "slot"))


def test_choices_show_which_are_made() -> None:
    radio = kit.input_block("Type", kit.radio("a", CHOICES, "2"), "type")
    boxes = kit.input_block("More", kit.checkboxes("a", CHOICES, ["1", "2"]), "more")
    assert form(radio)[2:4] == ["|   ( ) Quality 1", "|   (*) Quality 2 (free)"]
    assert form(boxes, values={"more": {"a": {"selected_options": [CHOICES[0]]}}})[2:4] == [
        "|   [x] Quality 1",
        "|   [ ] Quality 2 (free)",
    ]


@pytest.mark.parametrize(
    ("element", "state", "seen"),
    [
        ({"type": "users_select"}, {"selected_user": "U1"}, "__Ana Silva__"),
        ({"type": "multi_users_select"}, {"selected_users": ["U1", "U9"]}, "__Ana Silva, U9__"),
        ({"type": "conversations_select", "initial_conversation": "C1"}, {}, "__acme-licenses__"),
        ({"type": "datepicker", "initial_date": "2026-12-02"}, {}, "__2026-12-02__"),
        ({"type": "datepicker", "initial_date": "2026-12-02"}, {"selected_date": None}, "__________"),
        (
            {"type": "datetimepicker", "initial_date_time": int(MOMENT.timestamp())},
            {},
            "__2026-12-02 10:15__",
        ),
        ({"type": "file_input"}, {"files": [{"id": "F1", "name": "a.lic"}]}, "(file: a.lic)"),
        ({"type": "something_new"}, {}, "(something_new)"),
    ],
)
def test_every_kind_of_field_shows_its_value(
    element: dict[str, Any], state: dict[str, Any], seen: str
) -> None:
    field = kit.input_block("Field", {"action_id": "a", **element}, "b")
    assert form(field, values={"b": {"a": state}})[2] == f"|   {seen}"


def test_rich_text_and_tables_are_drawn_as_text() -> None:
    parts = [{"type": "text", "text": "Hi "}, {"type": "user", "user_id": "U1"}]
    rich = {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": parts}]}
    rows = [[{"type": "raw_text", "text": "Slot"}, {"type": "raw_text", "text": "State"}]]
    assert drawn(rich, {"type": "table", "rows": rows})[1:] == ["| Hi @Ana Silva", "| Slot | State"]


def test_home_is_drawn_without_buttons_to_send() -> None:
    lines = draw_view(kit.home([kit.section("Welcome")]), PEOPLE, LISBON).split("\n")
    assert lines[0].startswith("+-- Home -")
    assert lines[1] == "| Welcome"
    assert len(lines) == 3


def test_what_the_sandbox_keeps_can_be_drawn_as_it_comes() -> None:
    config = {"people": [{"id": "U1", "name": "ana", "real_name": "Ana Silva", "email": "ana@example.com"}]}
    with Sandbox.start(World.from_config(config)) as sandbox:
        client = SlackClient(sandbox.url)
        slack = WebClient("xoxb-sandbox-bot-token", base_url=sandbox.api_url)
        direct = slack.conversations_open(users="U1")["channel"]["id"]
        slack.chat_postMessage(channel=direct, **kit.message("x", [kit.section("Hello <@U1>")]))
        slack.chat_postEphemeral(channel=direct, user="U1", text="No")
        shown = draw_message(client.direct("U1")[-1].raw, PEOPLE, LISBON)
        whispered = draw_message(client.ephemerals("U1")[-1].raw, PEOPLE, LISBON)
    assert shown.endswith("\n| Hello @Ana Silva")
    assert whispered.split("\n")[0].endswith("Only visible to you")
