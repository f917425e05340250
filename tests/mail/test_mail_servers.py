"""Mail servers that refuse, put off, hang up or say nothing: everything arrives once, or others are asked."""

import socket
import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from bot.courier import Courier
from bot.doctoring.finding import Level
from bot.doctoring.mail import check
from bot.mailing import Mailer
from handlers.drawings import Drawings
from store import decisions
from store.desk import Actor
from store.tables import asked, requests, roles
from tests.courier.conftest import slack_calls
from tests.mail.conftest import Mailing, settings_for
from tests.store.requesting import change, put, registered


@pytest.fixture
def only_lena(mailing: Mailing) -> Mailing:
    """Nobody but Lena is a contact."""
    contacts = ("financial_contact", "technical_contact", "additional_contact")
    others = (roles.c.role.in_(contacts), roles.c.person_id != mailing.example.lena)
    change(mailing.desk, update(roles).where(*others).values(held_until=mailing.scene.clock.now))
    return mailing


@pytest.fixture
def silent_server() -> Iterator[int]:
    """Takes connections and says nothing; each is cut when the test ends."""
    taken: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def take() -> None:
            while True:
                try:
                    taken.append(listener.accept()[0])
                except OSError:
                    return

        thread = threading.Thread(target=take)
        thread.start()
        yield int(listener.getsockname()[1])
        listener.shutdown(socket.SHUT_RDWR)
    thread.join()
    for each in taken:
        each.close()


def ask(mailing: Mailing) -> int:
    slot = mailing.example.quality[0]
    return put(mailing.desk, mailing.example.ana, registered(mailing.desk, mailing.example.ana, slot))


def reached(mailing: Mailing) -> bool:
    with mailing.desk.database.read() as connection:
        query = select(asked.c.reached).where(asked.c.person_id == mailing.example.lena)
        return bool(connection.execute(query).scalar_one())


def through(mailing: Mailing, port: int, **more: object) -> None:
    """Send through another mail server from now on."""
    mailer = Mailer(settings_for(port, mailing.desk.policy.public_url, **more))
    calls = slack_calls(mailing.scene.sandbox, mailing.scene.clock)
    mailing.scene.courier = Courier(mailing.desk, calls, Drawings(), mailer=mailer)


@pytest.mark.parametrize("answer", ["451 4.7.1 come again", "421 closing"])
def test_a_server_that_puts_us_off_gets_the_same_mail_again_later_and_once(
    only_lena: Mailing, answer: str
) -> None:
    only_lena.postbox.answers = [answer, answer]
    ask(only_lena)

    only_lena.scene.run(timedelta(minutes=5))

    assert len(only_lena.postbox.received) == 1
    assert only_lena.scene.states(kind="mail") == {"sent"}
    assert reached(only_lena)


def test_a_server_that_refuses_the_address_makes_the_next_ones_be_asked(only_lena: Mailing) -> None:
    only_lena.postbox.answers = ["550 5.1.1 no such user"]
    ask(only_lena)

    only_lena.scene.run(timedelta(minutes=5))

    assert only_lena.postbox.received == []
    assert only_lena.scene.states(kind="mail") == {"failed"}
    assert not reached(only_lena)
    [card] = [each for each in only_lena.scene.people.messages("C0LICENSES") if each.text.startswith("R-")]
    assert "Not reached in Slack: Lena Holm" in str(card.blocks)
    assert "Asked: <@U0TOM>" in str(card.blocks)


def test_a_server_that_says_nothing_is_tried_again(
    only_lena: Mailing, silent_server: int, smtp_port: int
) -> None:
    through(only_lena, silent_server, smtp_timeout=timedelta(seconds=0.2))
    ask(only_lena)
    only_lena.scene.run(timedelta(seconds=1))
    assert only_lena.scene.states(kind="mail") == {"queued"}

    through(only_lena, smtp_port)
    only_lena.scene.run(timedelta(minutes=5))

    assert len(only_lena.postbox.received) == 1


def test_a_server_that_is_away_is_tried_again(only_lena: Mailing, smtp_port: int) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = int(closed.getsockname()[1])
    through(only_lena, port)
    ask(only_lena)
    only_lena.scene.run(timedelta(seconds=1))
    assert [row.error for row in only_lena.scene.rows(kind="mail")] == ["mail_connectionrefusederror"]

    through(only_lena, smtp_port)
    only_lena.scene.run(timedelta(minutes=5))

    assert len(only_lena.postbox.received) == 1


def test_what_was_decided_before_the_mail_could_be_sent_is_not_asked(mailing: Mailing) -> None:
    mailing.postbox.answers = ["451 later"]
    request_id = ask(mailing)
    mailing.scene.courier.send_due()
    decisions.forward(mailing.desk, Actor(mailing.example.rui), request_id)
    mailing.scene.run(timedelta(minutes=5))

    assert mailing.postbox.received == []
    assert mailing.scene.states(kind="mail") == {"sent"}


def test_the_deadline_counts_from_the_mail_where_there_is_no_card(only_lena: Mailing) -> None:
    only_lena.scene.people.remove_bot("C0LICENSES")
    ask(only_lena)
    only_lena.scene.run()
    with only_lena.desk.database.read() as connection:
        row = connection.execute(select(requests.c.first_posted_at, requests.c.expires_at)).one()
    assert row.expires_at - row.first_posted_at == timedelta(days=7)


def test_the_doctor_tells_whether_the_mail_server_takes_us(smtp_port: int, silent_server: int) -> None:
    [well] = check(settings_for(smtp_port, "http://127.0.0.1/"))
    [ill] = check(settings_for(silent_server, "http://127.0.0.1/", smtp_timeout=timedelta(seconds=0.2)))
    assert (well.level, ill.level) == (Level.OK, Level.PROBLEM)
    assert "does not answer as it should" in ill.says


def test_a_password_is_in_no_words_about_the_mailer() -> None:
    mailer = Mailer(settings_for(25, "http://127.0.0.1/", smtp_user="desk", smtp_password="hunter-two"))
    assert "hunter-two" not in repr(mailer)
