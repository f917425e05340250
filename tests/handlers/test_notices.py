import ast
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, select, update

from bot.sandbox import block_kit
from bot.sandbox.client import SlackClient
from handlers import notices, replies
from handlers.notices import NOTICES
from handlers.replies import REPLIES
from store import decisions, deliveries, registrations, releases, request_changes, requests
from store.desk import Actor, Desk, intention
from store.rules.registration_errors import SerialElsewhere
from store.rules.request_states import Cause
from store.tables import deliveries as delivery_rows
from store.tables import persons, roles, slots, subscriptions
from store.undelivered import tell_late
from tests.example import START, Example, serial
from tests.handlers.acting import there
from tests.handlers.posts import Posts
from tests.handlers.reading import buttons, shown
from tests.handlers.requesting import asked, registered

STORE = Path(__file__).parents[2] / "store"
TELLING = {"queue_notice", "tell", "tell_of_change", "tell_operators"}


def calls(*names: str) -> Iterator[ast.Call]:
    """The calls of functions with these names, private ones too, within acts of the store."""
    for path in sorted(STORE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.args[0] if node.args else None, ast.Name):
                called = (
                    node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                )
                if called.removeprefix("_") in names:
                    yield node


def literal(node: ast.expr) -> str | None:
    """A name written out; a name that a function was given itself is written out where that is called."""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def is_false(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is False


def announced(*, told: bool) -> set[str]:
    """The outcomes said in threads; with `told`, those that the requester is told of directly as well."""
    found = set()
    for call in calls("announce"):
        direct = not any(each.arg == "tell_requester" and is_false(each.value) for each in call.keywords)
        name = literal(call.args[2])
        if name and (direct or not told):
            found.add(name)
    return found


def replied() -> set[str]:
    """What is said in threads without being an outcome."""
    return {name for call in calls("queue_reply") if (name := literal(call.args[2]))}


def queued() -> set[str]:
    """The notices that the store queues, through those who tell or by themselves."""
    found = {literal(call.args[1]) for call in calls(*TELLING) if len(call.args) > 1}
    found |= {
        literal(each.value) for call in calls("queue") for each in call.keywords if each.arg == "notice"
    }
    return {each for each in found if each} | announced(told=True)


@pytest.mark.parametrize("name", sorted(queued()))
def test_a_notice_that_the_store_queues_has_words(name: str) -> None:
    assert name in NOTICES


@pytest.mark.parametrize("name", sorted(announced(told=False) | replied()))
def test_a_reply_that_the_store_queues_has_words(name: str) -> None:
    assert name in REPLIES


def test_no_words_are_left_over() -> None:
    assert set(NOTICES) <= queued()
    assert set(REPLIES) <= announced(told=False) | replied()


def test_the_names_of_notices_are_found_where_they_are_queued() -> None:
    assert queued() >= {"registered", "roles_resting", "not_delivered", "forwarded", "closed", "short_help"}
    assert announced(told=False) - announced(told=True) == {"delivered", "withdrawn"}


def test_the_first_sentence_is_the_text_of_every_message(posts: Posts, desk: Desk, example: Example) -> None:
    everything_that_can_happen(posts, desk, example)

    for user in ("U0BEN", "U0RUI", "U0OLGA", "U0TOM", "U0ADA"):
        for each in posts.slack.direct(user):
            # A file's message has blocks only: Slack takes either them or a text with an upload.
            if not each.files:
                assert each.text
                assert shown(each.blocks).startswith(each.text), each.text


def test_what_was_queued_keeps_to_slacks_limits_with_hostile_names(
    desk: Desk, example: Example, posts: Posts
) -> None:
    hostile = ("<!channel> *x* `y` & \u202e " * 10)[:80]
    with desk.database.write() as connection:
        connection.execute(update(persons).values(name=hostile))
        connection.execute(update(slots).where(slots.c.id == example.quality[0]).values(name=hostile))
    everything_that_can_happen(posts, desk, example)

    with desk.database.read() as connection:
        rows = [deliveries.of_row(row) for row in connection.execute(select(delivery_rows))]
        drawn = [notices.notice(connection, desk, each) for each in rows if each.kind == "notice"]
        said = [replies.reply(connection, desk, each) for each in rows if each.kind == "reply"]
    assert len(drawn) > 10
    assert len(said) > 3
    for each in drawn + said:
        assert block_kit.check_message(each["blocks"], each["text"]) == []
        assert "<!channel>" not in each["text"] + each["blocks"][0]["text"]["text"]
        assert "\u202e" not in shown(each["blocks"])


def everything_that_can_happen(posts: Posts, desk: Desk, example: Example) -> None:
    first = registered(desk, example.ben, example.quality[0], 1)
    second = registered(desk, example.ben, example.quality[1], 2)
    decisions.forward(desk, Actor(example.rui), asked(desk, example.ben, first))
    decisions.decline(desk, Actor(example.rui), asked(desk, example.ben, second), None, "not *yet* <!here>")
    asked(desk, example.ben, second)
    registrations.change_version(desk, Actor(example.fiona), second, "11.18.0 (Build 1)")
    registrations.change_serial(desk, Actor(example.fiona), first, serial(3))
    releases.release(desk, Actor(example.tom), second, "<!channel> switched off")
    requests.ask(desk, Actor(example.olga), [registered(desk, example.ben, example.production[0], 4)], "")
    with pytest.raises(SerialElsewhere):
        registrations.register(desk, Actor(example.otto), example.globex_production[0], serial(4), "11.17.0")
    posts.send()


def test_the_technical_contact_is_told_of_a_registration(posts: Posts, desk: Desk, example: Example) -> None:
    registered(desk, example.ben, example.production[0])
    posts.send()

    [told] = posts.direct("U0RUI")
    assert told == (
        "Ben Okafor registered Prod 1 (Production), Acme Logistics, Acme Core.\n"
        f"Serial number: {serial(1)}\nPlatform version: 11.17.0 (Build 36348)"
    )
    assert posts.direct("U0BEN") == []


def test_a_release_tells_its_reason_and_that_the_old_file_stays_valid(
    posts: Posts, desk: Desk, example: Example
) -> None:
    registration = registered(desk, example.ben, example.production[0])
    releases.release(desk, Actor(example.tom), registration, "moved *elsewhere*")
    posts.send()

    for user in ("U0RUI", "U0BEN"):
        told = posts.direct(user)[-1]
        assert told.startswith("Tom Berg released Prod 1 (Production), Acme Logistics, Acme Core.")
        assert "Reason: “moved ∗elsewhere∗”" in told
        assert "stays technically valid on the old server until its date: please remove it there." in told
    assert posts.direct("U0TOM") == []


def test_an_undone_registration_is_told(posts: Posts, desk: Desk, example: Example) -> None:
    registrations.undo(desk, Actor(example.ben), registered(desk, example.ben, example.production[0]))
    posts.send()

    assert "Ben Okafor took back the registration of Prod 1" in posts.direct("U0RUI")[-1]


def test_a_changed_serial_number_tells_both(posts: Posts, desk: Desk, example: Example) -> None:
    registration = registered(desk, example.ben, example.production[0])
    registrations.change_serial(desk, Actor(example.fiona), registration, serial(2))
    posts.send()

    told = posts.direct("U0BEN")[-1]
    assert f"Serial number before: {serial(1)}\nSerial number: {serial(2)}" in told


def test_a_changed_version_tells_both(posts: Posts, desk: Desk, example: Example) -> None:
    registration = registered(desk, example.ben, example.production[0])
    registrations.change_version(desk, Actor(example.fiona), registration, "11.0.539.0")
    posts.send()

    told = posts.direct("U0BEN")[-1]
    assert "Fiona Marsh changed the platform version of Prod 1" in told
    assert "Platform version before: 11.17.0 (Build 36348)" in told
    assert "Platform version: 11.0.539.0" in told


def test_operators_are_told_of_a_serial_number_of_another_company(
    posts: Posts, desk: Desk, example: Example
) -> None:
    registered(desk, example.ben, example.production[0])
    with pytest.raises(SerialElsewhere):
        registrations.register(desk, Actor(example.otto), example.globex_production[0], serial(1), "11.17.0")
    posts.send()

    [told] = posts.direct("U0OLGA")
    assert told.startswith(
        "Otto Brandt typed a serial number in Globex, Globex Core that is in use in Acme Logistics, Acme Core."
    )
    assert "It belongs to Prod 1 (Production), registered on" in told
    assert posts.direct("U0OTTO") == []


def test_an_expiry_says_who_was_asked_and_whom_to_speak_to(
    posts: Posts, desk: Desk, example: Example
) -> None:
    asked(desk, example.ben, registered(desk, example.ben, example.quality[1]))
    posts.send()
    posts.clock.advance(timedelta(days=8))
    requests.expire_due(desk)
    posts.send()

    told = posts.direct_message("U0BEN", "has expired")
    first, *rest = shown(told.blocks).split("\n")
    assert first.startswith(
        "R-1001: your request for the license file of Quality 2 (Non-production) has expired:"
    )
    assert first.endswith("nobody answered within 7 days.")
    assert rest == [
        "No file was sent; your registration stays.",
        "I asked Fiona Marsh, Rui Costa and Ada Novak.",
        "Press Ask again, or speak to Fiona Marsh, Rui Costa or Ada Novak directly.",
        "Ask again",
    ]


def test_ask_again_asks_the_same_people_once_more(posts: Posts, desk: Desk, example: Example) -> None:
    request_id = asked(
        desk, example.ben, registered(desk, example.ben, example.quality[1]), reason="the reason"
    )
    decisions.decline(desk, Actor(example.rui), request_id, None, "not yet")
    posts.send()

    posts.click("U0BEN", posts.direct_message("U0BEN", "Rui Costa declined"), "item.ask_again")

    there(posts.slack, lambda: [each for each in posts.direct("U0BEN") if "R-1002: I asked" in each])
    posts.send()
    assert posts.card().text.startswith("R-1002: Ben Okafor asks for the license file of Quality 2")
    assert "Reason: “the reason”" in shown(posts.card().blocks)


def test_ask_again_delivered_three_times_asks_once(posts: Posts, desk: Desk, example: Example) -> None:
    request_id = asked(desk, example.ben, registered(desk, example.ben, example.quality[1]))
    decisions.decline(desk, Actor(example.rui), request_id, None, "not yet")
    posts.send()
    posts.slack.weather(redeliver=2)

    posts.click("U0BEN", posts.direct_message("U0BEN", "Rui Costa declined"), "item.ask_again")

    there(posts.slack, lambda: [each for each in posts.direct("U0BEN") if "R-1002: I asked" in each][2:])
    with desk.database.read() as connection:
        assert len(requests.mine(connection, example.ben)) == 2


def test_a_request_that_reached_nobody_can_be_asked_again(posts: Posts, desk: Desk, example: Example) -> None:
    request_id = asked(desk, example.ben, registered(desk, example.ben, example.quality[1]))
    close = intention(request_changes.close)
    close(desk, Actor(None), example.core, request_id, [1], Cause.NOBODY_REACHABLE)
    posts.send()

    told = posts.direct_message("U0BEN", "was closed")
    assert "because nobody who may decide could be reached in Slack." in told.text
    assert "Press Ask again later, or speak to your company admins." in shown(told.blocks)
    assert buttons(told.blocks) == ["Ask again"]


def test_a_released_environment_is_nothing_to_ask_for_again(
    posts: Posts, desk: Desk, example: Example
) -> None:
    registration = registered(desk, example.ben, example.quality[1])
    asked(desk, example.ben, registration)
    releases.release(desk, Actor(example.tom), registration, "off")
    posts.send()

    told = posts.direct_message("U0BEN", "was closed")
    assert "because the environment was released." in told.text
    assert "Type `/license environments` to see what is registered now." in shown(told.blocks)
    assert buttons(told.blocks) == []


def test_a_suspension_found_at_delivery_is_told_with_what_to_do(
    posts: Posts, desk: Desk, example: Example
) -> None:
    request_id = asked(desk, example.ben, registered(desk, example.ben, example.quality[1]))
    decisions.forward(desk, Actor(example.rui), request_id)
    with desk.database.write() as connection:
        connection.execute(update(subscriptions).values(state="suspended"))
    posts.send()

    told = posts.direct_message("U0BEN", "was closed")
    assert "because the subscription is suspended." in told.text
    assert buttons(told.blocks) == ["Ask again"]
    assert posts.slack.files("U0BEN") == []


def test_a_late_file_is_told_to_requester_and_decider_and_can_be_sent_again(
    posts: Posts, desk: Desk, example: Example
) -> None:
    request_id = asked(desk, example.ben, registered(desk, example.ben, example.quality[1]))
    posts.send()
    posts.slack.weather(fault="server_error", method="files.getUploadURLExternal")
    decisions.forward(desk, Actor(example.rui), request_id)
    posts.courier.send_due()
    posts.clock.advance(timedelta(minutes=6))
    assert tell_late(desk) == 1
    posts.send()

    own = posts.direct_message("U0BEN", "did not reach you yet")
    assert buttons(own.blocks) == ["Send again"]
    assert "The decision stays, and nobody has to decide again." in shown(own.blocks)
    assert "did not reach Ben Okafor yet." in posts.direct_message("U0RUI", "did not reach").text

    posts.click("U0RUI", posts.direct_message("U0RUI", "did not reach"), "item.send_again")
    there(posts.slack, lambda: [each for each in posts.direct("U0RUI") if "still on its way" in each])
    posts.slack.clear_weather()
    posts.slack.weather(sharing=0.0)
    posts.clock.advance(timedelta(minutes=2))
    posts.send()
    assert len(posts.slack.files("U0BEN")) == 1


def test_a_file_that_came_in_the_meantime_is_not_called_missing(
    posts: Posts, desk: Desk, example: Example
) -> None:
    request_id = asked(desk, example.ben, registered(desk, example.ben, example.quality[1]))
    decisions.forward(desk, Actor(example.rui), request_id)
    posts.clock.advance(timedelta(minutes=6))
    assert tell_late(desk) == 1
    posts.send()

    said = "\n".join(posts.direct("U0BEN"))
    assert "came late, and reached you now." in said
    assert "did not reach you yet" not in said


def test_a_file_that_an_operator_takes_is_told_to_the_technical_contact(
    posts: Posts, desk: Desk, example: Example
) -> None:
    requests.ask(
        desk, Actor(example.olga), [registered(desk, example.ben, example.quality[1])], "support case 7"
    )
    posts.send()

    told = posts.direct("U0RUI")[-1]
    assert "R-1001: Olga Ruiz, an operator, took the license file of Quality 2" in told
    assert "Reason: “support case 7”" in told


def test_a_lost_delivery_is_told_to_the_operators_with_the_command_to_repeat_it(
    posts: Posts, desk: Desk, example: Example
) -> None:
    request_id = asked(desk, example.ben, registered(desk, example.ben, example.quality[1]))
    decisions.forward(desk, Actor(example.rui), request_id)
    posts.slack.weather(fault="refused", method="files.getUploadURLExternal", error="invalid_arguments")
    posts.send()

    told = posts.direct_message("U0OLGA", "License Desk gave up")
    assert "(file for Ben Okafor): Slack answered “invalid_arguments”." in told.text
    assert re.search(r"run `license-desk deliveries retry \d+`", shown(told.blocks))


def test_an_admin_is_told_whose_roles_rest(
    posts: Posts, slack: SlackClient, desk: Desk, example: Example
) -> None:
    with desk.database.write() as connection:
        connection.execute(
            insert(roles).values(
                person_id=example.ana, role="company_admin", company_id=example.acme, held_from=START
            )
        )
    slack.deactivate("U0RUI")
    there(slack, lambda: _resting(desk, example.rui))
    posts.send()

    told = posts.direct("U0EVA")[-1]
    assert told.startswith("Rui Costa was deactivated in Slack, so their roles rest.")


def _resting(desk: Desk, person: int) -> bool:
    with desk.database.read() as connection:
        query = select(roles.c.state).where(roles.c.person_id == person)
        return list(connection.execute(query).scalars()) == ["resting"]
