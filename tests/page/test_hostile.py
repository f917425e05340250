"""Nothing that people or the app write becomes live: in names, texts, files, forms, wherever it is drawn."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from bot.sandbox import Sandbox, World
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
    options,
    plain,
    section,
    workspace,
)

SCRIPT = "<script>window.struck = 1</script>"
PICTURE = "<img src=x onerror='window.struck = 1'>"
ADDRESS = "javascript:window.struck=1"
LINKS = f'<{ADDRESS}|press me> <data:text/html,{PICTURE}|or me> <https://a.example/"onclick="x|fine>'
ESCAPED = "&lt;img src=x onerror='window.struck = 1'&gt; &amp;lt;script&amp;gt;"
TEXTS = [
    SCRIPT,
    PICTURE,
    LINKS,
    ESCAPED,
    f"*{PICTURE}* _{SCRIPT}_ `{PICTURE}` ```{SCRIPT}```",
    f"<!date^1^{{date}}^{ADDRESS}|{PICTURE}>",
    f"<@U1|{PICTURE}> <#C1|{SCRIPT}> <!x|{PICTURE}>",
    "\ue000\ue001 <https://b.example|b>",
]


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """A workspace in which even a name is hostile."""
    config = workspace(real_name=f"Ben {PICTURE}", title=SCRIPT)
    config["workspace"]["name"] = f"Show {PICTURE}"
    with Sandbox.start(World.from_config(config)) as started:
        yield started


def post_everything(app: Showcase, slack: SlackClient) -> None:
    for text in TEXTS:
        app.web.chat_postMessage(channel=GENERAL, text=text)
        app.web.chat_postMessage(
            channel=GENERAL,
            text="blocks",
            blocks=[
                section(text),
                {"type": "section", "text": plain(text)},
                {"type": "header", "text": plain(text[:150])},
            ],
        )
        app.web.chat_postEphemeral(channel=GENERAL, user=ANA, text=text)
        slack.say(BEN, text, channel=GENERAL)
    row = {
        "type": "actions",
        "elements": [
            button(
                PICTURE,
                url=ADDRESS,
                confirm={
                    "title": plain(SCRIPT),
                    "text": plain(PICTURE),
                    "confirm": plain("Yes"),
                    "deny": plain("No"),
                },
            )
        ],
    }
    rich = {
        "type": "rich_text",
        "elements": [
            {
                "type": "rich_text_section",
                "elements": [
                    {"type": "text", "text": PICTURE},
                    {"type": "link", "url": "https://c.example", "text": SCRIPT},
                ],
            }
        ],
    }
    table = {
        "type": "table",
        "rows": [[{"type": "raw_text", "text": SCRIPT}], [{"type": "raw_text", "text": PICTURE}]],
    }
    picture = {
        "type": "image",
        "image_url": "https://elsewhere.example/x.png",
        "alt_text": PICTURE,
        "title": plain(SCRIPT),
    }
    app.web.chat_postMessage(channel=GENERAL, text="more", blocks=[row, rich, table, picture])
    app.web.files_upload_v2(
        channel=GENERAL, content="<script>", filename=f"{SCRIPT.replace('/', '')}.html", title=PICTURE
    )


def assert_dead(page: Page) -> None:
    assert page.evaluate("window.struck") is None
    assert page.locator("img, iframe, object, embed, body script").count() == 0
    schemes = page.locator("a[href]").evaluate_all(
        "links => [...new Set(links.map((each) => each.protocol))]"
    )
    assert set(schemes) <= {"http:", "https:", "mailto:"}
    assert page.locator("[onclick], [onerror], [onload]").count() == 0


def test_hostile_texts_in_a_conversation_stay_texts(
    app: Showcase, sandbox: Sandbox, slack: SlackClient, open_page: Open
) -> None:
    post_everything(app, slack)
    page = open_page(f"{sandbox.url}/#{ANA}/{GENERAL}")
    expect(page.get_by_role("link", name="Download")).to_be_visible()
    expect(page.get_by_text(PICTURE).first).to_be_visible()
    assert_dead(page)
    page.get_by_role("button", name=PICTURE).click()
    page.locator("#confirm").get_by_role("button", name="Yes").click()
    slack.wait_for(lambda: app.heard)
    page.get_by_role("button", name="You are").click()
    expect(page.get_by_role("option", name="Ben")).to_contain_text(SCRIPT)
    assert_dead(page)
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Inspector").click()
    page.get_by_text("chat.postMessage").first.click()
    expect(page.locator(".crossings pre").first).to_be_visible()
    assert_dead(page)


def test_hostile_texts_in_a_form_stay_texts(app: Showcase, sandbox: Sandbox, open_page: Open) -> None:
    hostile = options("One", "Two")
    hostile[0]["text"] = plain(PICTURE)
    hostile[0]["description"] = plain(SCRIPT)
    app.form = form(
        field(
            "name",
            {"type": "plain_text_input", "initial_value": PICTURE, "placeholder": plain(SCRIPT)},
            hint=plain(PICTURE),
            label=plain(SCRIPT),
        ),
        field("color", {"type": "static_select", "options": hostile, "initial_option": hostile[0]}),
        field("kind", {"type": "radio_buttons", "options": hostile}, optional=True),
        title=plain(PICTURE[:24]),
    )
    app.answer = {"response_action": "errors", "errors": {"name": f"{PICTURE}{SCRIPT}"}}
    page = open_page(f"{sandbox.url}/#{ANA}/app")
    page.get_by_label("Message Showcase").fill("/show")
    page.get_by_label("Message Showcase").press("Enter")
    modal = page.locator("#modal")
    expect(modal.get_by_role("textbox")).to_have_value(PICTURE)
    modal.get_by_role("combobox").click()
    assert_dead(page)
    page.keyboard.press("Escape")
    modal.get_by_role("textbox").fill(f'{SCRIPT}"><svg onload=1>')
    modal.get_by_role("button", name="Send").click()
    expect(modal.get_by_role("alert")).to_contain_text(SCRIPT)
    assert_dead(page)


def test_the_policy_stops_even_the_page_itself(
    sandbox: Sandbox, open_page: Open, complaints: list[str]
) -> None:
    page = open_page(f"{sandbox.url}/#{ANA}/app")
    expect(page.get_by_label("Message Showcase")).to_be_visible()
    with pytest.raises(Exception, match="TrustedHTML"):
        page.evaluate("document.body.innerHTML = '<b>x</b>'")
    page.evaluate(
        "document.body.append(Object.assign(document.createElement('img'), {src: 'https://elsewhere.example/x.png'}))"
    )
    page.wait_for_function("performance.now() > 0")
    expect(page.locator("img")).to_have_js_property("naturalWidth", 0)
    assert any("Content Security Policy" in each for each in complaints)
    complaints.clear()
