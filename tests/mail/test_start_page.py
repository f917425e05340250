"""The page that a product's console opens."""

import pytest

from tests.mail.conftest import Mailing


def test_the_line_to_paste_stands_there_normalized_with_a_button_and_a_way_into_slack(
    mailing: Mailing,
) -> None:
    reply = mailing.browser.get(
        "/start?serial=7qk4zpm2x9hbt5rc8we0n001&version=Version%2011.17.0%20(Build%2036348)"
    )

    assert reply.status == 200
    assert "/license register 7QK-4ZP-M2X-9HB-T5R-C8W-E0N-001 11.17.0 (Build 36348)" in reply.body
    assert 'id="copy"' in reply.body
    assert 'href="slack://user?team=T0ACME&amp;id=U0DESK"' in reply.body
    assert "script-src 'sha256-" in reply.headers["content-security-policy"]


def test_without_anything_in_the_address_the_line_opens_an_empty_form(mailing: Mailing) -> None:
    assert ">/license register</pre>" in mailing.browser.get("/start").body


@pytest.mark.parametrize(
    "query",
    [
        "serial=AC1.K7Q.2MX.9PL.4RT.8WZ.3VB.6NC",
        "serial=%3Cscript%3Ealert(1)%3C/script%3E",
        "serial=7QK&version=11",
        "version=Oct.2019%20CP2",
        "serial=" + "x" * 5000,
    ],
)
def test_what_is_not_well_formed_is_said_and_not_repeated_as_html(mailing: Mailing, query: str) -> None:
    reply = mailing.browser.get(f"/start?{query}")

    assert reply.status == 400
    assert 'class="error"' in reply.body
    assert "<script>alert" not in reply.body
    assert "/license register</pre>" not in reply.body


def test_nothing_is_stored_by_opening_it(mailing: Mailing) -> None:
    mailing.browser.get("/start?serial=7QK-4ZP-M2X-9HB-T5R-C8W-E0N-001")
    assert mailing.scene.count() == 0


def test_only_looking_is_possible(mailing: Mailing) -> None:
    assert mailing.browser.post("/start").status == 405
