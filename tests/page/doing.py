"""What several tests do on the page."""

from playwright.sync_api import Page, expect


def forward(page: Page) -> None:
    page.get_by_role("button", name="Forward").click()
    question = page.locator("#confirm")
    expect(question).to_contain_text("R-1001")
    question.get_by_role("button", name="Forward").click()
