"""What the page shows of any app: texts, fields, stacked forms, trouble, Home, threads, unread marks, traffic."""

import json
import re
import struct
import zlib

import pytest
from playwright.sync_api import Locator, Page, expect

from bot.sandbox import Sandbox
from bot.sandbox.client import SlackClient
from tests.page.conftest import Open
from tests.page.showcase import (
    ANA,
    BEN,
    GENERAL,
    Showcase,
    button,
    field,
    form,
    home,
    options,
    plain,
    section,
)

TROUBLE = "We had some trouble connecting. Try again?"
PHONE = {"width": 390, "height": 780}


def at(sandbox: Sandbox, user: str = ANA, place: str = GENERAL) -> str:
    return f"{sandbox.url}/#{user}/{place}"


def show(page: Page) -> Locator:
    """Open the app's form with the shortcut."""
    page.get_by_role("button", name="Shortcuts").click()
    page.get_by_role("option", name="Open the form").click()
    modal = page.locator("#modal")
    expect(modal).to_be_visible()
    return modal


def test_every_field_gives_the_app_what_was_filled_in(
    app: Showcase, sandbox: Sandbox, slack: SlackClient, open_page: Open
) -> None:
    page = open_page(at(sandbox))
    modal = show(page)
    modal.get_by_role("button", name="Send").click()
    expect(modal.get_by_text("Please complete this required field.")).to_have_count(2)
    modal.get_by_label("Name").fill("Ana")
    modal.get_by_label("Notes").fill("one\ntwo")
    modal.get_by_label("Mail").fill("ana@acme.example")
    modal.get_by_label("Amount").fill("12")
    for label, names in (
        ("Color", ["Green"]),
        ("Sizes", ["Small", "Large"]),
        ("Person", ["Ben"]),
        ("Place", ["#general"]),
    ):
        modal.get_by_role("combobox", name=label).click()
        for name in names:
            page.get_by_role("option", name=name).click()
        page.keyboard.press("Escape") if len(names) > 1 else None
    modal.get_by_role("radio", name="Two").check()
    modal.get_by_role("checkbox", name="Safe").check()
    modal.get_by_label("Day").fill("2026-12-02")
    modal.get_by_label("Moment").fill("2026-07-02T10:15")
    modal.get_by_label("Papers").set_input_files(
        {"name": "a.txt", "mimeType": "text/plain", "buffer": b"\xff\x00bytes"}
    )
    expect(modal.get_by_role("button", name="Remove a.txt")).to_be_visible()
    modal.get_by_role("button", name="Send").click()
    expect(modal).to_be_hidden()
    told = {
        block: next(iter(each.values())) for block, each in app.heard[0]["view"]["state"]["values"].items()
    }
    file = told.pop("papers")["files"][0]
    assert {
        block: next(value for name, value in entry.items() if name != "type") for block, entry in told.items()
    } == {
        "name": "Ana",
        "notes": "one\ntwo",
        "mail": "ana@acme.example",
        "amount": "12",
        "color": options("Green")[0],
        "sizes": options("Small", "Large"),
        "person": BEN,
        "place": GENERAL,
        "kind": options("Two")[0],
        "extras": options("Safe"),
        "day": "2026-12-02",
        "moment": 1782983700,
    }
    assert slack._do("content", file=file["id"])["content"].encode("latin-1") == b"\xff\x00bytes"


def test_what_was_typed_stays_when_the_app_changes_the_form(
    app: Showcase, sandbox: Sandbox, slack: SlackClient, open_page: Open
) -> None:
    app.form = form(
        field("color", {"type": "static_select", "options": options("Red", "Green")}, dispatch_action=True),
        field("name", {"type": "plain_text_input"}),
    )
    page = open_page(at(sandbox))
    modal = show(page)
    modal.get_by_label("Name").fill("An")
    modal.get_by_role("combobox", name="Color").click()
    page.get_by_role("option", name="Green").click()
    slack.wait_for(lambda: app.heard)
    told = app.heard[0]["view"]
    assert told["state"]["values"]["name"]["name"]["value"] == "An"
    modal.get_by_label("Name").press("End")
    page.keyboard.type("a")
    app.web.views_update(
        view_id=told["id"], view=app.form | {"blocks": [section("New"), *app.form["blocks"]]}
    )
    expect(modal.get_by_text("New")).to_be_visible()
    expect(modal.get_by_label("Name")).to_have_value("Ana")
    expect(modal.get_by_label("Name")).to_be_focused()
    page.keyboard.type("!")
    expect(modal.get_by_label("Name")).to_have_value("Ana!")
    expect(modal.get_by_role("combobox", name="Color")).to_contain_text("Green")


def test_forms_lie_on_each_other_and_come_back(app: Showcase, sandbox: Sandbox, open_page: Open) -> None:
    app.form = form(field("name", {"type": "plain_text_input"}))
    app.answer = {"response_action": "push", "view": form(section("Second"), title=plain("Second form"))}
    modal = show(page := open_page(at(sandbox)))
    modal.get_by_label("Name").fill("Ana")
    modal.get_by_role("button", name="Send").click()
    expect(modal.get_by_role("heading", name="Second form")).to_be_visible()
    page.keyboard.press("Escape")
    expect(modal.get_by_label("Name")).to_have_value("Ana")


@pytest.mark.parametrize(
    ("answer", "patience"),
    [
        ({"response_action": "errors", "errors": {"nowhere": "x"}}, 3.0),
        ({"response_action": "jump"}, 3.0),
        ({}, 0.00001),
    ],
    ids=["an error at no field", "an unknown action", "a late ack"],
)
def test_a_wrong_or_late_answer_to_a_form_is_told_as_slack_tells_it(
    answer: dict[str, object],
    patience: float,
    app: Showcase,
    sandbox: Sandbox,
    slack: SlackClient,
    open_page: Open,
) -> None:
    app.form, app.answer = form(field("name", {"type": "plain_text_input"})), answer
    modal = show(open_page(at(sandbox)))
    slack.weather(ack=patience)
    modal.get_by_label("Name").fill("Ana")
    modal.get_by_role("button", name="Send").click()
    expect(modal.get_by_role("alert")).to_have_text(TROUBLE)
    expect(modal.get_by_label("Name")).to_have_value("Ana")


def test_a_late_answer_to_a_click_or_a_command_is_told(
    app: Showcase, sandbox: Sandbox, slack: SlackClient, open_page: Open
) -> None:
    app.web.chat_postMessage(
        channel=GENERAL, text="Press", blocks=[{"type": "actions", "elements": [button("Press")]}]
    )
    page = open_page(at(sandbox))
    slack.weather(ack=0.00001)
    page.get_by_role("button", name="Press").click()
    expect(page.locator(".message").get_by_role("alert")).to_have_text(TROUBLE)
    slack.clear_weather()
    for typed, told in (
        ("/show nothing", "/show failed with the error “invalid_blocks”"),
        ("/nope", "/nope is not a valid command."),
    ):
        page.get_by_label("Message #general").fill(typed)
        page.get_by_label("Message #general").press("Enter")
        expect(page.locator(".ephemeral").last).to_contain_text(told)


def test_home_is_shown_and_its_buttons_tell_the_app(
    app: Showcase, sandbox: Sandbox, slack: SlackClient, open_page: Open
) -> None:
    page = open_page(f"{sandbox.url}/#{ANA}/app/home")
    expect(page.locator("#home")).to_contain_text("Welcome, @Ana Silva")
    page.get_by_role("button", name="Begin").click()
    slack.wait_for(lambda: app.heard)
    assert app.heard[0]["view"]["type"] == "home"
    app.web.views_publish(user_id=ANA, view=home("Changed"))
    expect(page.locator("#home")).to_contain_text("Changed")
    page.get_by_role("link", name="Messages").click()
    expect(page.get_by_role("log")).to_be_visible()


def test_messages_are_drawn_as_people_read_them(app: Showcase, sandbox: Sandbox, open_page: Open) -> None:
    app.web.chat_postMessage(
        channel=GENERAL,
        text=f"*Bold* _it_ ~no~ `code` :tada: &lt;b&gt; <@{BEN}> <#{GENERAL}> <!here> <https://a.example|a link> "
        "<!date^1782983700^{date_short} at {time}|then> snake_case_name 2*3*4\n&gt; quoted\n```block```",
    )
    page = open_page(at(sandbox))
    words = page.locator(".message .mrkdwn")
    expect(words).to_have_text(
        re.compile(
            r"^Bold it no code 🎉 <b> @Ben Okafor #general @here a link 2 Jul 2026 at 10:15 "
            r"snake_case_name 2\*3\*4\s*quoted\s*block$"
        )
    )
    for tag, text in (
        ("strong", "Bold"),
        ("em", "it"),
        ("s", "no"),
        ("code", "code"),
        ("blockquote", "quoted"),
        ("pre", "block"),
    ):
        expect(words.locator(tag)).to_have_text(text)
    other = open_page(at(sandbox, BEN))
    expect(other.locator(".message time").last).to_have_text("2 Jul 2026 at 18:15")
    expect(other.locator(".mention.own").first).to_have_text("@Ben Okafor")


def test_messages_appear_change_and_are_marked_unread_without_reloading(
    app: Showcase, sandbox: Sandbox, open_page: Open
) -> None:
    page = open_page(at(sandbox, ANA, "app"))
    link = page.get_by_role("link", name="general")
    expect(link).not_to_have_class("unread")
    posted = app.web.chat_postMessage(channel=GENERAL, text=f"For <@{ANA}>")
    expect(link).to_have_class("unread")
    expect(page.get_by_label("1 for you")).to_be_visible()
    link.click()
    expect(link).not_to_have_class("unread")
    app.web.chat_update(channel=GENERAL, ts=posted["ts"], text="Changed")
    expect(page.locator(".message")).to_contain_text("Changed (edited)")
    app.web.chat_postMessage(channel=GENERAL, text="An answer", thread_ts=posted["ts"])
    page.get_by_role("button", name="1 reply").click()
    expect(page.locator("#side .message").last).to_contain_text("An answer")
    page.get_by_label("Reply…").fill("Mine & <yours>")
    page.get_by_label("Reply…").press("Enter")
    expect(page.locator("#side .message").last).to_contain_text("Mine & <yours>")
    app.web.chat_postMessage(channel=GENERAL, text="News")
    expect(page.locator("#announcer")).to_have_text("Showcase: News")


def test_the_inspector_shows_what_crosses_and_copies_it(
    app: Showcase, sandbox: Sandbox, open_page: Open
) -> None:
    page = open_page(at(sandbox), permissions=["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Inspector").click()
    page.get_by_label("Filter the traffic").fill("chat.postMessage")
    app.web.chat_postMessage(channel=GENERAL, text="Seen by the inspector")
    row = page.locator(".crossings details")
    expect(row).to_have_count(1)
    expect(row).to_contain_text(re.compile(r"call.*chat\.postMessage.*ok.*\d ms"))
    row.locator("summary").click()
    expect(row.locator("pre").first).to_contain_text("Seen by the inspector")
    page.get_by_role("button", name="Copy as JSON").first.click()
    expect(page.get_by_role("alert").last).to_have_text("Copied.")
    [copied] = json.loads(page.evaluate("navigator.clipboard.readText()"))
    assert (copied["name"], copied["sent"]["text"]) == ("chat.postMessage", "Seen by the inspector")


def test_on_a_phone_one_part_is_shown_at_a_time_and_nothing_is_wider(
    app: Showcase, sandbox: Sandbox, open_page: Open
) -> None:
    app.web.chat_postMessage(channel=GENERAL, text="x" * 300)
    page = open_page(at(sandbox), viewport=PHONE, color_scheme="dark")
    expect(page.locator(".message")).to_be_visible()
    expect(page.get_by_role("navigation", name="Workspace")).to_be_hidden()
    show(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Back to the list").click()
    expect(page.get_by_role("navigation", name="Workspace")).to_be_visible()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(26, 29, 33)"
    for panel in ("Inspector", "Weather"):
        page.get_by_role("button", name=panel, exact=True).click()
        box = page.get_by_role("complementary").bounding_box()
        assert box
        assert (box["x"], box["width"]) == (0, PHONE["width"])
        page.get_by_role("button", name=f"Close: {panel}").click()


def picture() -> bytes:
    """A picture of two by one points."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return (
            struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
        )

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 2, 1, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b"\0\0\xff")) + chunk(b"IEND", b"")


def test_a_picture_is_shown_and_what_only_calls_itself_one_is_not(
    app: Showcase, sandbox: Sandbox, open_page: Open
) -> None:
    app.web.files_upload_v2(channel=GENERAL, content=picture(), filename="chart.png", title="A chart")
    app.web.files_upload_v2(channel=GENERAL, content="<svg onload=alert(1)>", filename="trick.png")
    page = open_page(at(sandbox))
    expect(page.get_by_role("link", name="Download")).to_have_count(2)
    expect(page.get_by_role("img", name="A chart")).to_have_js_property("naturalWidth", 2)
    expect(page.locator("img")).to_have_count(1)
