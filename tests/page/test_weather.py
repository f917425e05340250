"""Bad weather, switched on and off in the page while the product delivers; afterwards everything has arrived, once."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from bot.play import option_of
from bot.sandbox import Sandbox
from bot.sandbox.client import SlackClient
from bot.sandbox.seen import View
from handlers.blocks.ids import Action, BlockId
from store.desk import Desk
from tests.page.conftest import Open
from tests.page.doing import forward

ANA, RUI, EVA, CHANNEL = "U0ANA", "U0RUI", "U0EVA", "C0LICENSES"
SERIAL, VERSION = "7QK-4ZP-M2X-9HB-T5R-C8W-E0N-001", "11.17.0 (Build 36348)"
NAME = "Quality 1"


def prepared(slack: SlackClient, user: str) -> None:
    """Somebody has registered an environment, and the form to request its license lies open before them."""
    slack.command(user, f"register {SERIAL} {VERSION}")
    view = changed(slack, user, None)
    for action, block, text in (
        (Action.REGISTER_INFRASTRUCTURE, BlockId.INFRASTRUCTURE, "Acme Core"),
        (Action.REGISTER_TYPE, BlockId.ENVIRONMENT_TYPE, "Non-production"),
    ):
        slack.act(user, view, str(action), *option_of(view, block, text).values())
        view = changed(slack, user, view)
    answered = slack.submit(user, view, option_of(view, BlockId.SLOT, NAME))
    assert answered.view
    slack.close(user, answered.view)
    slack.command(user, f"request {NAME}")
    changed(slack, user, None)


def changed(slack: SlackClient, user: str, before: View | None) -> View:
    """The modal that somebody has open, once it is another one than before."""

    def look() -> View | None:
        found = slack.view(user)
        return found if found and (before is None or found.hash != before.hash) else None

    found = slack.wait_for(look)
    assert found
    return found


def ask(page: Page, reason: str = "") -> None:
    """Submit the form; who has no right to the file gives a reason."""
    if reason:
        page.locator("#modal").get_by_label("Reason").fill(reason)
    page.locator("#modal button:not([type=button])").click()
    page.locator("#modal").get_by_role("button", name="Close", exact=True).click()


def files(page: Page) -> Locator:
    return page.get_by_role("link", name="Download")


def turn(page: Page, name: str) -> None:
    """Switch something on, or off again."""
    switch = page.get_by_role("switch", name=name)
    before = switch.is_checked()
    switch.click()
    expect(switch).to_be_checked(checked=not before)


@pytest.fixture
def sky(product: Desk, town: Sandbox, open_page: Open) -> Page:
    """A window of its own with the weather in it."""
    page = open_page(f"{town.url}/#U0MAX/app")
    page.get_by_role("button", name="Weather", exact=True).click()
    return page


def window(town: Sandbox, open_page: Open, user: str) -> Page:
    return open_page(f"{town.url}/#{user}/app")


TROUBLES: dict[str, Callable[[SlackClient], bool]] = {
    "Rate limiting": lambda slack: any(call.outcome == "ratelimited" for call in slack.calls()),
    "Outage": lambda slack: any(call.outcome == "server_error" for call in slack.calls()),
    "Lost answers": lambda slack: any(call.outcome == "lost" for call in slack.calls()),
    "Slow answers": lambda slack: any(call.seconds >= 1 for call in slack.calls()),
    "Slow sharing": lambda slack: bool(slack.calls("files.completeUploadExternal")),
}


@pytest.mark.parametrize("name", TROUBLES)
def test_a_delivery_in_bad_weather_arrives_once_when_it_clears(
    name: str, townspeople: SlackClient, town: Sandbox, sky: Page, open_page: Open
) -> None:
    prepared(townspeople, EVA)
    page = window(town, open_page, EVA)
    turn(sky, name)
    ask(page)
    townspeople.wait_for(lambda: TROUBLES[name](townspeople))
    expect(files(page)).to_have_count(0)
    turn(sky, name)
    if name == "Slow sharing":
        townspeople.advance(20)
    expect(files(page)).to_have_count(1)
    assert len(townspeople.files(EVA)) == 1


def test_everything_delivered_three_times_makes_one_file(
    townspeople: SlackClient, town: Sandbox, sky: Page, open_page: Open
) -> None:
    prepared(townspeople, EVA)
    page = window(town, open_page, EVA)
    turn(sky, "Redelivery")
    ask(page)
    expect(files(page)).to_have_count(1)
    assert len(townspeople.files(EVA)) == 1


def test_a_cut_socket_is_mended_before_the_next_click(
    townspeople: SlackClient, town: Sandbox, sky: Page, open_page: Open
) -> None:
    prepared(townspeople, EVA)
    page = window(town, open_page, EVA)
    sky.get_by_role("button", name="Cut the socket").click()
    expect(sky.get_by_role("alert")).to_have_text("Connections cut: 1.")
    townspeople.wait_for(townspeople.connections)
    ask(page)
    expect(files(page)).to_have_count(1)


def test_with_the_channel_archived_the_contacts_are_asked_directly(
    townspeople: SlackClient, town: Sandbox, sky: Page, open_page: Open
) -> None:
    prepared(townspeople, ANA)
    turn(sky, "#licenses is archived")
    ask(window(town, open_page, ANA), "upgrade")
    page = window(town, open_page, RUI)
    forward(page)
    expect(page.locator(".message", has_text="R-1001").first).to_contain_text("delivered on")


def test_nothing_is_delivered_to_somebody_who_was_deactivated(
    townspeople: SlackClient, town: Sandbox, sky: Page, open_page: Open
) -> None:
    prepared(townspeople, ANA)
    mine = window(town, open_page, ANA)
    ask(mine, "upgrade")
    page = open_page(f"{town.url}/#{RUI}/{CHANNEL}")
    expect(page.get_by_role("button", name="Forward")).to_be_visible()
    turn(sky, "Ana Silva is deactivated")
    expect(mine.get_by_label("This account is deactivated")).to_be_disabled()
    forward(page)
    expect(page.locator(".message").first).to_contain_text("no longer active in Slack")
    assert townspeople.files(ANA) == []
