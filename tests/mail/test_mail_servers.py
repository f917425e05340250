"""Mail servers that refuse, put off, hang up or say nothing: everything arrives once, or others are asked."""

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta

import pytest
from pydantic import ValidationError
from sqlalchemy import select, update

from bot.courier import Courier
from bot.doctoring.finding import Level
from bot.doctoring.mail import check
from bot.mailing import AT_ONCE, Mailer
from bot.slack_calls import NotDone
from handlers.drawings import Drawings
from handlers.mails import Mail
from store import addressing, decisions
from store.asking_admins import ask_admins_due
from store.desk import Act, Actor, intention
from store.role_rows import Scope
from store.tables import asked, persons, requests, roles
from tests.courier.conftest import slack_calls
from tests.example import START
from tests.mail.conftest import SENDER, Mailing, settings_for
from tests.store.requesting import change, give_role, put, registered, take_roles


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


@pytest.fixture
def slow_server() -> Iterator[int]:
    """Answers every line with one more line to come, a third of a second later."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def talk() -> None:
            with listener.accept()[0] as taken, contextlib.suppress(OSError):
                taken.settimeout(0.3)
                taken.sendall(b"220 hello\r\n")
                while True:
                    with contextlib.suppress(TimeoutError):
                        if not taken.recv(1000):
                            return
                        time.sleep(0.3)
                        taken.sendall(b"250 well\r\n")

        thread = threading.Thread(target=talk)
        thread.start()
        yield int(listener.getsockname()[1])
    thread.join()


def ask(mailing: Mailing) -> int:
    slot = mailing.example.quality[0]
    return put(mailing.desk, mailing.example.ana, registered(mailing.desk, mailing.example.ana, slot))


def reached(mailing: Mailing, person: int | None = None) -> bool:
    """Whether Lena, or somebody else, counts as reached."""
    with mailing.desk.database.read() as connection:
        query = select(asked.c.reached).where(asked.c.person_id == (person or mailing.example.lena))
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


@pytest.mark.parametrize("goodbye", ["550 5.5.1 no", "421 4.3.2 busy"])
def test_what_a_server_says_to_our_goodbye_does_not_make_the_mail_come_twice(
    only_lena: Mailing, goodbye: str
) -> None:
    only_lena.postbox.goodbye = goodbye
    ask(only_lena)

    only_lena.scene.run(timedelta(minutes=5))

    assert len(only_lena.postbox.received) == 1
    assert only_lena.scene.states(kind="mail") == {"sent"}
    assert reached(only_lena)


def test_a_refusal_for_now_stays_one_whatever_the_server_says_to_our_goodbye(only_lena: Mailing) -> None:
    only_lena.postbox.answers, only_lena.postbox.goodbye = ["451 4.7.1 come again"], "550 5.5.1 no"
    ask(only_lena)

    only_lena.scene.run(timedelta(minutes=5))

    assert only_lena.scene.states(kind="mail") == {"sent"}
    assert len(only_lena.postbox.received) == 1


def test_a_mail_whose_receipt_was_lost_comes_again_as_the_same_mail(only_lena: Mailing) -> None:
    only_lena.postbox.hangs_up = 1
    ask(only_lena)

    only_lena.scene.run(timedelta(minutes=5))

    first, second = only_lena.postbox.received
    assert first["Message-ID"] == second["Message-ID"]
    assert str(first["Message-ID"]).endswith(f"@{SENDER.partition('@')[2]}>")
    assert only_lena.scene.states(kind="mail") == {"sent"}


@pytest.mark.parametrize(
    "address",
    [
        "lena..holm@acme.example",
        "lenä@acme.example",
        "lena(x)@acme.example",
        "lena@acme.example, eve@evil.example",
    ],
)
def test_an_address_that_is_none_makes_the_next_ones_be_asked_at_once(
    only_lena: Mailing, address: str
) -> None:
    lena = persons.c.id == only_lena.example.lena
    change(only_lena.desk, update(persons).where(lena).values(email=address))
    ask(only_lena)

    only_lena.scene.run(timedelta(minutes=1))

    assert only_lena.postbox.recipients == []
    assert [row.error for row in only_lena.scene.rows(kind="mail")] == ["mail_address_unusable"]
    assert not reached(only_lena)


def test_a_domain_in_other_letters_is_written_as_mail_servers_write_it(only_lena: Mailing) -> None:
    lena = persons.c.id == only_lena.example.lena
    change(only_lena.desk, update(persons).where(lena).values(email="lena@münchen.example"))
    ask(only_lena)
    only_lena.scene.run()
    assert only_lena.postbox.recipients == [["lena@xn--mnchen-3ya.example"]]


def test_a_server_that_answers_each_time_at_the_last_moment_does_not_hold_a_mail_for_longer(
    slow_server: int,
) -> None:
    mailer = Mailer(settings_for(slow_server, "http://127.0.0.1/", smtp_timeout=timedelta(seconds=0.5)))
    begun = time.monotonic()
    with pytest.raises(NotDone):
        mailer.send(Mail("Lena", "lena@acme.example", "R-1", "words", "<p>words</p>"), "key", START)
    assert time.monotonic() - begun < 1.5


def test_mail_servers_that_hang_leave_the_couriers_threads_to_slack(mailing: Mailing) -> None:
    mailer = Mailer(settings_for(1, "http://127.0.0.1/"))
    mailing.scene.courier = Courier(
        mailing.desk, slack_calls(mailing.scene.sandbox, mailing.scene.clock), Drawings(), mailer=mailer
    )
    ask(mailing)
    with ExitStack() as hanging:
        taken = [hanging.enter_context(mailer.turn()) for _ in range(AT_ONCE + 1)]
        mailing.scene.courier.send_due()
        [waiting] = mailing.scene.rows(kind="mail")
        assert taken == [True] * AT_ONCE + [False]
        assert (waiting.state, waiting.attempts, waiting.error) == ("queued", 0, None)


@pytest.mark.parametrize(
    ("name", "value"),
    [("smtp_timeout", "2m"), ("smtp_sender", "Desk <desk@acme.example>"), ("smtp_sender", "desk")],
)
def test_settings_that_no_mail_could_be_sent_with_are_refused(name: str, value: str) -> None:
    with pytest.raises(ValidationError, match=name):
        settings_for(25, "http://127.0.0.1/", **{name: value})


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


@intention
def ask_newcomers(act: Act, scope: Scope) -> int:
    """Ask those who can be asked since, as when somebody gets a role."""
    return addressing.ask_newcomers(act, [scope])


def test_who_could_not_be_sent_an_e_mail_is_not_asked_by_it_again_when_somebody_gets_a_role(
    only_lena: Mailing,
) -> None:
    example, desk = only_lena.example, only_lena.desk
    only_lena.postbox.answers = ["550 5.1.1 no such user"]
    ask(only_lena)
    only_lena.scene.run(timedelta(minutes=5))
    give_role(desk, example.ada, "additional_contact", example.core)

    assert ask_newcomers(desk, Actor(example.eva), Scope(example.acme, example.core)) == 1

    assert not reached(only_lena)
    only_lena.scene.run(timedelta(minutes=5))
    assert only_lena.scene.count(kind="mail", notice="asked") == 1


def test_who_could_not_be_sent_an_e_mail_does_not_hold_up_the_next_step_either(only_lena: Mailing) -> None:
    example, desk = only_lena.example, only_lena.desk
    give_role(desk, example.lena, "infrastructure_admin", example.core)
    take_roles(desk, example.tom)
    only_lena.postbox.answers = ["550 5.1.1 no such user"]
    ask(only_lena)

    only_lena.scene.run(timedelta(minutes=5))

    assert not reached(only_lena)
    assert reached(only_lena, example.eva)


def test_who_could_not_be_sent_an_e_mail_is_not_asked_by_it_as_a_company_admin(only_lena: Mailing) -> None:
    example, desk = only_lena.example, only_lena.desk
    give_role(desk, example.lena, "company_admin", company=example.acme)
    only_lena.postbox.answers = ["550 5.1.1 no such user"]
    ask(only_lena)
    only_lena.scene.run(timedelta(minutes=5))
    only_lena.scene.clock.advance(timedelta(days=2, minutes=1))

    assert ask_admins_due(desk) == 1

    assert not reached(only_lena)
    assert reached(only_lena, example.eva)


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
