"""Contacts who are not in Slack are asked by e-mail, and answer on a page."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select, update

from handlers import cards, outcomes
from store import asking, decisions, infrastructures, mails
from store.desk import Actor
from store.expiry import expire_due
from store.reminders import remind_due
from store.request_views import view
from store.rules.request_states import request_number
from store.rules.rights import Step
from store.tables import asked, audit_entries, persons, request_items, requests, roles
from tests.mail.conftest import LENA, SENDER, Mailing
from tests.store.requesting import change, put, registered

DAY = timedelta(days=1)


def request_of(mailing: Mailing, number: int = 1) -> int:
    """Ana asks for one license, and everybody who is asked has their message."""
    slot = mailing.example.quality[number - 1]
    made = put(mailing.desk, mailing.example.ana, registered(mailing.desk, mailing.example.ana, slot, number))
    mailing.scene.run()
    return made


def state(mailing: Mailing, request_id: int) -> str:
    with mailing.desk.database.read() as connection:
        return str(view(connection, request_id).items[0].state)


def test_a_contact_who_is_not_in_slack_gets_the_words_of_the_card_and_a_link(mailing: Mailing) -> None:
    number = request_number(request_of(mailing))

    [mail] = mailing.postbox.received
    said = mailing.last()
    assert (str(mail["To"]), str(mail["From"])) == (f"Lena Holm <{LENA}>", f"Meridian <{SENDER}>")
    assert str(mail["Subject"]).startswith(f"{number}: Ana Silva asks for the license file of Quality 1")
    assert mail["Auto-Submitted"] == "auto-generated"
    assert "Serial number: 7QK-4ZP-M2X-9HB-T5R-C8W-E0N-001" in said
    assert "Reason: “upgrade”" in said
    assert "Unanswered, it expires on 2 Dec 2026, 10:" in said
    assert "CET" in said
    assert not {"<!", "*", "&amp;"} & set(said.split())
    assert "<!date" not in said
    html = mail.get_body(("html",))
    assert html is not None
    assert f'href="{mailing.desk.policy.public_url}decide/' in html.get_content()


def test_the_card_and_the_requester_are_told_who_is_asked_by_mail(mailing: Mailing) -> None:
    request_id = request_of(mailing)

    assert any(
        "Lena Holm (by e-mail)" in str(each.blocks) for each in mailing.scene.people.messages("C0LICENSES")
    )
    with mailing.desk.database.read() as connection:
        core = infrastructures.get(connection, mailing.example.core)
        found = asking.asked_of(connection, core, request_id)
    assert found is not None
    assert "Lena Holm (by e-mail)" in outcomes.who_will_be_asked(found)


def test_looking_at_the_page_changes_nothing_however_often(mailing: Mailing) -> None:
    request_id = request_of(mailing)
    path = mailing.path()

    replies = [mailing.browser.get(path, method) for method in ("GET", "HEAD", "GET", "GET")]

    assert [each.status for each in replies] == [200] * 4
    assert "Forward license" in replies[0].body
    assert state(mailing, request_id) == "pending"
    assert replies[0].headers["cache-control"] == "no-store"
    assert replies[0].headers["referrer-policy"] == "no-referrer"
    assert "default-src 'none'" in replies[0].headers["content-security-policy"]


def test_forwarding_on_the_page_sends_the_file_and_is_on_record_as_by_mail(mailing: Mailing) -> None:
    request_id = request_of(mailing)

    reply = mailing.browser.post(mailing.path(), choice="forward")
    mailing.scene.run()

    assert (reply.status, "you forwarded the license file of Quality 1" in reply.body) == (200, True)
    assert state(mailing, request_id) == "forwarded"
    assert len(mailing.scene.files("ana")) == 1
    assert any("Forwarded by Lena Holm" in each for each in mailing.scene.texts())
    with mailing.desk.database.read() as connection:
        query = select(audit_entries.c.actor_id, audit_entries.c.source).where(
            audit_entries.c.action == "forward"
        )
        assert connection.execute(query).one() == (mailing.example.lena, "mail")
    assert len(mailing.postbox.received) == 1


def test_declining_wants_a_reason_and_keeps_what_was_typed(mailing: Mailing) -> None:
    request_id = request_of(mailing)
    path = mailing.path()

    without = mailing.browser.post(path, choice="decline", reason="  ")
    too_long = mailing.browser.post(path, choice="decline", reason="<b>" + "x" * 1500)
    assert (without.status, too_long.status) == (400, 400)
    assert "aria-invalid" in without.body
    assert "&lt;b&gt;xxx" in too_long.body
    assert state(mailing, request_id) == "pending"

    declined = mailing.browser.post(path, choice="decline", reason="Not <this> week")
    mailing.scene.run()
    assert "you declined" in declined.body
    assert any("Not &lt;this&gt; week" in each for each in mailing.scene.replies())
    assert state(mailing, request_id) == "declined"


def test_a_link_that_was_used_says_so_and_does_nothing_more(mailing: Mailing) -> None:
    request_id = request_of(mailing)
    path = mailing.path()
    mailing.browser.post(path, choice="forward")

    again = mailing.browser.post(path, choice="decline", reason="after all not")
    shown = mailing.browser.get(path)

    assert again.status == 409
    assert "You already forwarded R-" in again.body
    assert state(mailing, request_id) == "forwarded"
    assert "<form" not in shown.body


def test_the_deadline_ends_a_link(mailing: Mailing) -> None:
    request_id = request_of(mailing)
    path = mailing.path()
    mailing.scene.clock.advance(7 * DAY)
    assert expire_due(mailing.desk) == 1

    late = mailing.browser.post(path, choice="forward")

    assert late.status == 409
    assert "expired" in late.body
    assert state(mailing, request_id) == "expired"


def test_a_click_after_the_deadline_does_nothing_though_nobody_has_looked_at_the_clock_yet(
    mailing: Mailing,
) -> None:
    request_id = request_of(mailing)
    mailing.scene.clock.advance(7 * DAY)

    late = mailing.browser.post(mailing.path(), choice="forward")

    assert late.status == 409
    assert "expired" in late.body
    assert state(mailing, request_id) == "pending"
    assert mailing.scene.count(kind="file") == 0


@pytest.mark.parametrize(
    "change_it", [lambda token: token[:-1], lambda token: "A" + token[1:], lambda _: "é", lambda _: ""]
)
def test_a_link_that_was_not_made_by_this_desk_is_not_known(mailing: Mailing, change_it) -> None:  # type: ignore[no-untyped-def] # any change
    request_of(mailing)
    token = mailing.path().removeprefix("/decide/")

    reply = mailing.browser.get(f"/decide/{change_it(token).encode('ascii', 'ignore').decode() or 'x'}")

    assert reply.status == 404
    assert "did not make this link" in reply.body


def link(mailing: Mailing, request_id: int) -> str:
    with mailing.desk.database.read() as connection:
        asked_at = view(connection, request_id).asked_at
    return mails.link_of(mailing.desk, request_id, asked_at, mailing.example.lena)


def test_the_link_of_a_request_that_is_lost_does_not_open_the_one_that_has_its_id_now(
    mailing: Mailing,
) -> None:
    request_id = request_of(mailing)
    path = "/" + link(mailing, request_id).removeprefix(mailing.desk.policy.public_url)
    later = mailing.desk.clock() + timedelta(seconds=1)
    change(mailing.desk, update(requests).where(requests.c.id == request_id).values(asked_at=later))

    shown, tried = mailing.browser.get(path), mailing.browser.post(path, choice="forward")

    assert (shown.status, tried.status) == (404, 404)
    assert "was lost before a backup was restored" in tried.body
    assert state(mailing, request_id) == "pending"


def test_the_link_of_one_request_does_not_open_another(mailing: Mailing) -> None:
    first, second = request_of(mailing, 1), request_of(mailing, 2)
    mine, other = link(mailing, first), link(mailing, second)
    assert mine != other
    mailing.browser.post("/" + mine.removeprefix(mailing.desk.policy.public_url), choice="forward")
    assert (state(mailing, first), state(mailing, second)) == ("forwarded", "pending")


def test_somebody_who_lost_the_right_cannot_use_the_link_any_more(mailing: Mailing) -> None:
    request_id = request_of(mailing)
    path = mailing.path()
    change(
        mailing.desk, delete(roles).where(roles.c.person_id == mailing.example.lena, roles.c.role != "member")
    )

    shown, tried = mailing.browser.get(path), mailing.browser.post(path, choice="forward")

    assert (shown.status, tried.status) == (403, 409)
    assert "7QK-4ZP" not in shown.body
    assert "You cannot decide R-" in tried.body
    assert state(mailing, request_id) == "pending"


def test_other_sites_cannot_answer_for_somebody(mailing: Mailing) -> None:
    request_id = request_of(mailing)

    for headers in ({"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}):
        assert mailing.browser.post(mailing.path(), headers, choice="forward").status == 403

    assert state(mailing, request_id) == "pending"


def test_a_body_of_any_size_is_not_read(mailing: Mailing) -> None:
    request_of(mailing)
    assert mailing.browser.post(mailing.path(), choice="decline", reason="x" * 50_000).status == 413


def test_the_others_decision_is_told_once_and_only_to_those_who_were_asked(mailing: Mailing) -> None:
    request_id = request_of(mailing)

    decisions.forward(mailing.desk, Actor(mailing.example.rui), request_id)
    mailing.scene.run()

    assert len(mailing.postbox.received) == 2
    assert "Forwarded by Rui Costa" in mailing.last()
    assert "Nothing is left for you to do." in mailing.last()


def test_who_is_asked_by_mail_is_reminded_by_mail_of_all_that_waits(mailing: Mailing) -> None:
    numbers = [request_number(request_of(mailing, each)) for each in (1, 2)]
    mailing.scene.clock.advance(timedelta(hours=5))
    assert remind_due(mailing.desk) == 2
    mailing.scene.run()

    subjects = [str(each["Subject"]) for each in mailing.postbox.received[2:]]
    assert len(subjects) == 1
    assert subjects[0] == f"Reminder: 2 requests wait for your answer: {numbers[0]} and {numbers[1]}"
    assert mailing.last().count("/decide/") == 2


def test_a_line_break_in_a_name_does_not_become_a_header(mailing: Mailing) -> None:
    hostile = "Lena\r\nBcc: everybody@acme.example\r\n\r\nHello"
    change(mailing.desk, update(persons).where(persons.c.id == mailing.example.lena).values(name=hostile))
    change(
        mailing.desk, update(persons).where(persons.c.id == mailing.example.ana).values(name="Ana\nX-Evil: 1")
    )

    request_of(mailing)

    [mail] = mailing.postbox.received
    assert mail["Bcc"] is None
    assert mail["X-Evil"] is None
    assert mailing.postbox.recipients == [[LENA]]
    assert "\n" not in str(mail["Subject"])


def test_the_requester_is_not_asked_by_mail_either(mailing: Mailing) -> None:
    with mailing.desk.database.read() as connection:
        core = infrastructures.get(connection, mailing.example.core)
        found = asking.candidates(connection, core, mailing.example.lena, mailing.scene.clock.now, mails=True)
    assert mailing.example.lena not in {each.person.id for each in found[Step.CONTACTS]}


def test_without_a_mail_server_somebody_outside_slack_is_skipped_and_named(mailing: Mailing) -> None:
    desk = replace(mailing.desk, policy=replace(mailing.desk.policy, mails=False))
    made = put(desk, mailing.example.ana, registered(desk, mailing.example.ana, mailing.example.quality[0]))
    mailing.scene.run()

    assert mailing.postbox.received == []
    with desk.database.read() as connection:
        assert "Not reached in Slack: Lena Holm." in str(cards.card(connection, desk, made, None))
        rows = connection.execute(select(asked.c.reached).where(asked.c.person_id == mailing.example.lena))
        assert rows.scalar_one() is False


def test_every_item_of_a_request_is_answered_by_one_press(mailing: Mailing) -> None:
    ids = [
        registered(mailing.desk, mailing.example.ana, slot, number)
        for number, slot in enumerate(mailing.example.quality, 1)
    ]
    put(mailing.desk, mailing.example.ana, *ids)
    mailing.scene.run()

    mailing.browser.post(mailing.path(), choice="forward")

    with mailing.desk.database.read() as connection:
        assert set(connection.execute(select(request_items.c.state)).scalars()) == {"forwarded"}


def test_a_form_with_more_fields_than_ours_is_not_read(mailing: Mailing) -> None:
    request_id = request_of(mailing)
    fields: dict[str, Any] = {f"field{number}": "x" for number in range(20)}
    assert mailing.browser.post(mailing.path(), choice="forward", **fields).status == 400
    assert state(mailing, request_id) == "pending"


def test_a_form_that_is_refused_is_refused_on_a_page_as_safe_as_the_others(mailing: Mailing) -> None:
    refused = mailing.browser.post("/decide/anything", {"origin": "https://evil.example"}, choice="forward")
    too_large = mailing.browser.post("/decide/anything", choice="decline", reason="x" * 30_000)

    assert (refused.status, too_large.status) == (403, 413)
    for each in (refused, too_large):
        assert each.headers["referrer-policy"] == "no-referrer"
        assert "default-src 'none'" in each.headers["content-security-policy"]
        assert "Nothing has changed" in each.body
