import re
from pathlib import Path

import pytest

from bot.sandbox.client import SlackClient
from bot.sandbox.seen import Message
from handlers import CLICKS, OFFERED, SHORTCUTS, SUBMISSIONS
from handlers.commands import SUBCOMMANDS
from handlers.words.history import ACTIONS, sentence
from handlers.words.pens import Plain
from handlers.words.tries import TRIES
from store import decisions, history, people, registrations, releases, requests, tables
from store.desk import Actor, Desk, Policy
from store.rules.seeing_errors import NoRight
from tests.example import Example, serial
from tests.handlers.acting import told
from tests.handlers.posts import Posts
from tests.handlers.reading import buttons, shown

STORE = Path(__file__).parents[2] / "store"
REGISTERED = f"Quality 1 (Non-production) with serial number {serial(1)} and version 11.17.0"
RECORDED = re.compile(r"\b(?:act\.record\(|record\(\s*act,|\bEntry\([^\"()]*\.source,)\s*\"(\w+)\"")


def registered(desk: Desk, person: int, slot: int, number: int = 1) -> int:
    made = registrations.register(desk, Actor(person), slot, serial(number), "11.17.0")
    assert made.environment.registration
    return made.environment.registration.id


def said(slack: SlackClient, user: str, text: str) -> str:
    return shown(slack.command(user, text).blocks)


def test_each_entry_is_one_plain_sentence_newest_first(
    slack: SlackClient, signing_desk: Desk, example: Example
) -> None:
    own = registered(signing_desk, example.ana, example.quality[0])
    asked = requests.ask(signing_desk, Actor(example.ana), [own], "upgrade")
    decisions.forward(signing_desk, Actor(example.rui), asked.request_id or 0)

    first, *entries = said(slack, "U0EVA", "history").splitlines()

    assert first == "History of all that you may see, newest first."
    when = "(25 Nov 2026, 09:00 UTC, from Slack)."
    assert [re.sub(r"<!date[^>]*\|([^>]*)>", r"\1", each) for each in entries] == [
        f"Rui Costa forwarded R-1001 for Quality 1 (Non-production) in Acme Core {when}",
        f"Ana Silva asked for the license file of Quality 1 (Non-production) (R-1001) in Acme Core {when}",
        f"Ana Silva registered {REGISTERED} in Acme Core {when}",
    ]


def test_a_file_is_told_with_its_number_checksum_recipient_and_decider(
    posts: Posts, desk: Desk, slack: SlackClient, example: Example
) -> None:
    own = registered(desk, example.ana, example.quality[0])
    asked = requests.ask(desk, Actor(example.ana), [own], "upgrade")
    posts.send()
    decisions.forward(desk, Actor(example.rui), asked.request_id or 0)
    posts.send()

    history_of_ana = said(slack, "U0ANA", "history")

    assert (
        "The desk delivered license number 1 of R-1001 for Quality 1 (Non-production) to Ana Silva, forwarded by "
        "Rui Costa, SHA-256 "
    ) in history_of_ana
    assert "The desk made license number 1" not in history_of_ana
    assert "The desk made license number 1 of Quality 1 (Non-production), SHA-256 " in said(
        slack, "U0EVA", "history quality 1"
    )


def test_an_engineer_sees_nothing_of_what_others_did(
    slack: SlackClient, desk: Desk, example: Example
) -> None:
    registered(desk, example.ana, example.quality[0])

    assert "Nothing is recorded here that you may see." in said(slack, "U0BEN", "history")
    assert "Nothing is recorded here that you may see." in said(slack, "U0BEN", f"history {serial(1)}")


def changes(desk: Desk, example: Example, number: int) -> None:
    own = registered(desk, example.ana, example.quality[0])
    for each in range(1, number):
        registrations.change_version(desk, Actor(example.ana), own, f"11.17.{each}")


def page(slack: SlackClient, part: str) -> Message:
    return told(slack, "U0ANA", part)


def test_pages_are_turned_with_buttons_and_back_to_the_newest(
    slack: SlackClient, desk: Desk, example: Example
) -> None:
    changes(desk, example, 11)
    answer = slack.command("U0ANA", "history quality 1")
    assert buttons(answer.blocks) == ["Older"]
    assert "registered" not in shown(answer.blocks)

    slack.click("U0ANA", page(slack, "newest first"), f"history.older:slot-{example.quality[0]}")
    last = page(slack, "older entries")

    assert shown(last.blocks).count("Ana Silva") == 3
    assert "Ana Silva registered Quality 1 (Non-production)" in shown(last.blocks)
    assert buttons(last.blocks) == ["Newest"]
    assert len(slack.ephemerals("U0ANA")) == 1

    slack.click("U0ANA", last, f"history.newest:slot-{example.quality[0]}")
    assert buttons(page(slack, "newest first").blocks) == ["Older"]


def test_an_environment_is_named_by_slot_old_serial_or_infrastructure(
    slack: SlackClient, desk: Desk, example: Example
) -> None:
    own = registered(desk, example.ana, example.quality[0])
    registrations.change_serial(desk, Actor(example.rui), own, serial(5))

    for typed in ("Quality 1", serial(1).lower().replace("-", ""), serial(5)):
        answer = said(slack, "U0EVA", f"history {typed}")
        assert answer.startswith("History of Quality 1 (Non-production), newest first."), typed
        assert (
            f"Rui Costa changed the serial number of Quality 1 (Non-production) from {serial(1)} to {serial(5)}"
            in (answer)
        )
    assert said(slack, "U0EVA", "history core").startswith("History of Acme Core, newest first.")


def test_several_of_one_name_are_chosen_by_button(slack: SlackClient, desk: Desk, example: Example) -> None:
    registered(desk, example.tom, example.depot_production[0])

    answer = slack.command("U0TOM", "history prod 1")
    assert answer.text == "Several are called “prod 1”. Whose history do you want to see?"
    assert buttons(answer.blocks) == ["Prod 1, Acme Core", "Prod 1, Acme Depot"]
    message = told(slack, "U0TOM", "Several are called")
    slack.click("U0TOM", message, f"history.show:slot-{example.depot_production[0]}")

    assert "Tom Berg registered Prod 1 (Production)" in shown(
        told(slack, "U0TOM", "History of Prod 1").blocks
    )


def test_what_somebody_does_not_see_is_answered_like_what_does_not_exist(
    slack: SlackClient, desk: Desk, example: Example
) -> None:
    registered(desk, example.otto, example.globex_production[0])

    foreign = slack.command("U0EVA", f"history {serial(1)}")
    absent = slack.command("U0EVA", f"history {serial(2)}")

    assert foreign.text == absent.text.replace(serial(2), serial(1))
    assert "You see no environment or infrastructure called" in foreign.text


def test_somebody_without_a_role_has_no_history(slack: SlackClient, example: Example) -> None:
    slack.command("U0ZOE", "history")

    assert "nothing here for you to see" in told(slack, "U0ZOE", "not associated").text


def test_a_button_about_what_is_not_theirs_is_refused(
    slack: SlackClient, desk: Desk, example: Example
) -> None:
    changes(desk, example, 11)
    slack.command("U0EVA", "history quality 1")
    message = told(slack, "U0EVA", "History of Quality 1")
    with desk.database.write() as connection:
        connection.execute(tables.roles.delete().where(tables.roles.c.person_id == example.eva))

    slack.click("U0EVA", message, f"history.older:slot-{example.quality[0]}")

    assert "You are not associated with any infrastructure" in told(slack, "U0EVA", "not associated").text


def test_environments_tell_who_changed_them_last(slack: SlackClient, desk: Desk, example: Example) -> None:
    own = registered(desk, example.ana, example.quality[0])
    registrations.change_version(desk, Actor(example.rui), own, "11.18.0")

    listed = said(slack, "U0BEN", "environments")

    assert "Last change: by Rui Costa on <!date^" in listed


def test_names_in_the_history_have_no_power(slack: SlackClient, desk: Desk, example: Example) -> None:
    registered(desk, example.ana, example.quality[0])
    with desk.database.write() as connection:
        connection.execute(tables.slots.update().values(name=tables.slots.c.name + "<!channel> *x*"))
        connection.execute(
            tables.persons.update().where(tables.persons.c.id == example.ana).values(name="<!here> `Ana`")
        )

    answer = slack.command("U0EVA", "history")

    assert answer.problems == []
    assert "<!channel>" not in shown(answer.blocks)
    assert "<!here>" not in shown(answer.blocks)


def test_long_entries_fit_into_one_message(slack: SlackClient, desk: Desk, example: Example) -> None:
    with desk.database.write() as connection:
        connection.execute(
            tables.persons.update().where(tables.persons.c.id == example.ana).values(name="&" * 120)
        )
        connection.execute(
            tables.slots.update().where(tables.slots.c.id == example.quality[0]).values(name="&" * 80)
        )
    changes(desk, example, 9)

    assert slack.command("U0ANA", "history").problems == []


def test_every_action_that_the_store_records_has_words() -> None:
    recorded = set(
        RECORDED.findall("\n".join(path.read_text(encoding="utf-8") for path in STORE.rglob("*.py")))
    )

    assert recorded >= {"register", "release", "forward", "deliver", "issue_license", "key_added"}
    assert recorded - set(ACTIONS) == set()


def test_what_was_refused_is_told_with_what_was_tried(desk: Desk, example: Example) -> None:
    own = registered(desk, example.ana, example.quality[0])
    with pytest.raises(NoRight):
        releases.release(desk, Actor(example.ana), own, "gone")

    with desk.database.read() as connection:
        held = people.held_roles(connection, example.ana)
        newest = history.of_person(connection, example.ana, held, None, 1).lines[0]

    assert sentence(newest, Plain(Policy())) == (
        "Ana Silva tried to release an environment (Quality 1 (Non-production)) and was refused (no right) "
        "in Acme Core (25 Nov 2026, 09:00 UTC, from Slack)."
    )


def conversations() -> set[str]:
    """The names of everything that people can talk with, without their kinds."""
    talks = [
        *CLICKS.values(),
        *SUBMISSIONS.values(),
        *SHORTCUTS.values(),
        *OFFERED.values(),
        *(each.talk for each in SUBCOMMANDS),
    ]
    kinds = re.compile("_(command|click|submission|shortcut)$")
    return {kinds.sub("", getattr(talk, "__name__", "")).lstrip("_") for talk in talks}


@pytest.mark.parametrize("name", sorted(conversations()))
def test_what_people_can_be_refused_has_words(name: str) -> None:
    assert name in TRIES


def test_the_reason_of_a_release_is_told(slack: SlackClient, signing_desk: Desk, example: Example) -> None:
    own = registered(signing_desk, example.ana, example.quality[0])
    releases.release(signing_desk, Actor(example.tom), own, "server <gone>, *really*")

    assert "with the reason “server &lt;gone&gt;, ∗really∗”" in said(slack, "U0EVA", "history")
