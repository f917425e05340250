"""The main job of the product, done in the browser, and registering by keyboard alone."""

from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from bot.sandbox import Sandbox
from store import keys
from store.desk import Desk
from store.license_file import read
from store.rules.key_states import KeyPurpose
from tests.page.conftest import Open
from tests.page.doing import forward

SERIAL, OTHER = "7QK-4ZP-M2X-9HB-T5R-C8W-E0N-001", "7QK-4ZP-M2X-9HB-T5R-C8W-E0N-002"
VERSION = "11.17.0 (Build 36348)"


def modal(page: Page) -> Locator:
    return page.locator("#modal")


def become(page: Page, name: str) -> None:
    page.get_by_role("button", name="You are").click()
    page.get_by_role("option", name=name).click()
    expect(page.get_by_role("button", name="You are")).to_contain_text(name)


def choose(page: Page, label: str, name: str) -> None:
    modal(page).get_by_role("combobox", name=label).click()
    page.get_by_role("option", name=name).click()


def register(page: Page, serial: str) -> None:
    """Ana's first try has a typing error, which is shown at its field; she corrects it."""
    box = page.get_by_label("Message License Desk")
    box.fill("/lic")
    expect(page.get_by_role("option", name="/license")).to_contain_text("register | slots")
    box.fill(f"/license register {serial[:-1]}")
    box.press("Enter")
    choose(page, "Infrastructure", "Acme Core")
    modal(page).get_by_role("radio", name="Non-production").check()
    choose(page, "Slot", "Quality 1")
    modal(page).get_by_label("Platform version").fill(VERSION)
    modal(page).get_by_role("button", name="Register", exact=True).click()
    expect(modal(page).get_by_role("alert")).to_contain_text("this has 23")
    expect(modal(page).get_by_label("Serial number")).to_be_focused()
    modal(page).get_by_label("Serial number").fill(serial)
    modal(page).get_by_role("button", name="Register", exact=True).click()
    expect(modal(page)).to_contain_text("Quality 1 (Non-production) of Acme Core is registered.")


def request(page: Page) -> None:
    modal(page).get_by_role("button", name="Request the license").click()
    modal(page).get_by_label("Reason").fill("upgrade")
    modal(page).locator("button:not([type=button])").click()
    expect(modal(page)).to_contain_text("R-1001")
    modal(page).get_by_role("button", name="Close", exact=True).click()
    expect(modal(page)).to_be_hidden()


def test_the_whole_main_job_by_clicking(
    product: Desk, town: Sandbox, open_page: Open, tmp_path: Path
) -> None:
    page = open_page(f"{town.url}/#U0ANA/app")
    register(page, SERIAL)
    request(page)
    become(page, "Ben Okafor")
    link = page.get_by_role("link", name="licenses")
    expect(link).to_have_class("unread")
    link.click()
    forward(page)
    expect(page.locator(".ephemeral")).to_contain_text("You cannot decide R-1001")
    become(page, "Rui Costa")
    expect(page.locator(".ephemeral")).to_have_count(0)
    forward(page)
    expect(page.locator(".message").first).to_contain_text("delivered on")
    expect(page.get_by_role("button", name="Forward")).to_have_count(0)
    page.get_by_role("button", name="replies").click()
    expect(page.locator("#side .message").last).to_contain_text("Ana Silva has the license file")
    become(page, "Ana Silva")
    page.get_by_role("link", name="License Desk").click()
    with page.expect_download() as download:
        page.get_by_role("link", name=f"Download {SERIAL}.lic").click()
    assert download.value.suggested_filename == f"{SERIAL}.lic"
    download.value.save_as(tmp_path / "saved.lic")
    with product.database.read() as connection:
        known = keys.verifying_keys(connection)
    found = read((tmp_path / "saved.lic").read_bytes(), known, test_keys=True)
    assert found.purpose is KeyPurpose.TEST
    assert found.facts.serial == SERIAL


def press(page: Page, *names: str) -> None:
    for name in names:
        page.keyboard.press(name)


def test_registering_by_keyboard_alone(product: Desk, town: Sandbox, open_page: Open) -> None:
    page = open_page(f"{town.url}/#U0ANA/app")
    expect(page.get_by_label("Message License Desk")).to_be_visible()
    press(page, "Tab", "Enter")  # The first stop is the link that skips to the box.
    expect(page.get_by_label("Message License Desk")).to_be_focused()
    page.keyboard.type("/lic")
    press(page, "Tab")
    page.keyboard.type(f"register {OTHER} {VERSION}")
    press(page, "Enter")
    expect(modal(page).get_by_role("combobox", name="Infrastructure")).to_be_focused()
    press(page, "Enter", "Enter")
    types = modal(page).get_by_role("radio")
    expect(types).to_have_count(4)
    expect(modal(page).get_by_role("combobox", name="Infrastructure")).to_be_focused()
    press(page, "Tab", "Space", "ArrowDown")
    slots = modal(page).get_by_role("combobox", name="Slot")
    expect(slots).to_be_visible()
    expect(modal(page).get_by_role("radio", name="Non-production")).to_be_focused()
    press(page, "Tab", "ArrowDown", "ArrowDown", "Enter")
    expect(slots).to_contain_text("Quality 2")
    expect(slots).to_be_focused()
    press(page, "Tab", "Enter")
    expect(modal(page)).to_contain_text("Quality 2 (Non-production) of Acme Core is registered.")
    press(page, "Escape")
    expect(modal(page)).to_be_hidden()
    expect(page.get_by_label("Message License Desk")).to_be_focused()
