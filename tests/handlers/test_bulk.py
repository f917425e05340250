"""Registering from a table in Slack: the form, the look before, and the result."""

import csv
from collections.abc import Sequence
from io import StringIO

import pytest
from sqlalchemy import func, select

from bot.sandbox.client import SlackClient
from bot.sandbox.seen import View
from handlers import bulk
from store import registrations, tables
from store.desk import Actor, Desk
from store.rules.sheets import Column
from tests.example import Example, serial
from tests.handlers.acting import opened, result, there
from tests.handlers.forging import Forge
from tests.handlers.posts import Posts
from tests.handlers.reading import shown
from tests.store.test_bulk import add_slots
from tests.store.test_bulk import opened as registered_slots

WAITING = ("Reading the table…", "Registering…")


def csv_of(*rows: tuple[str, str, str, str, str]) -> bytes:
    text = StringIO()
    csv.writer(text).writerows([tuple(Column), *rows])
    return text.getvalue().encode()


def production(number: int, slot: str = "", version: str = "11.17.0") -> tuple[str, str, str, str, str]:
    return "Acme Core", "Production", slot, serial(number), version


def form(slack: SlackClient, user: str) -> View:
    before = opened(slack, user)
    slack.act(user, before, "environment.bulk")
    return there(
        slack, lambda: ((now := slack.view(user)) and now.callback_id == "environment.bulk" and now) or None
    )


def after(slack: SlackClient, user: str) -> View:
    """The modal as it is when nothing is waited for any more."""

    def later() -> View | None:
        view = slack.view(user)
        return view if view and not any(each in shown(view.blocks) for each in WAITING) else None

    return there(slack, later)


def handed_in(slack: SlackClient, user: str, content: bytes, *, together: bool = False) -> View:
    file = slack.upload(user, "environments.csv", content)
    values: dict[str, str | Sequence[str] | None] = {"file": [file.id]}
    if together:
        values["all_or_nothing"] = ["all"]
    first = result(slack.submit(user, form(slack, user), values))
    assert "Reading the table…" in shown(first.blocks)
    return after(slack, user)


def button(view: View) -> str:
    """What is pressed to send the modal in; nothing where it only has to be closed."""
    return str((view.raw.get("submit") or {}).get("text", ""))


def confirmed(slack: SlackClient, user: str, view: View) -> View:
    assert "Registering…" in shown(result(slack.submit(user, view, {})).blocks)
    return after(slack, user)


def rows_of(slack: SlackClient, user: str) -> list[dict[str, str]]:
    [message] = [each for each in slack.direct(user) if each.files]
    return list(csv.DictReader(StringIO(slack.download(message.files[0]).decode("utf-8-sig"))))


def test_a_table_is_looked_at_then_registered_and_its_result_comes_as_a_file(
    slack: SlackClient, posts: Posts, desk: Desk, example: Example
) -> None:
    view = handed_in(slack, "U0BEN", csv_of(production(1), production(2, "Prod 3"), production(3, "Prod 9")))

    said = shown(view.blocks)
    assert said.startswith("2 of 3 rows can be registered, 1 row cannot be. Nothing was registered yet.")
    assert "Line 4, slot: Acme Core has no slot called “Prod 9”." in said
    assert registered_slots(desk) == []
    assert button(view) == "Register 2 environments"

    done = confirmed(slack, "U0BEN", view)

    assert shown(done.blocks).startswith("2 environments of 3 rows are registered now, 1 row could not be.")
    assert [name for name, _ in registered_slots(desk)] == ["Prod 1", "Prod 3"]
    posts.send()
    assert [(each["line"], each["result"], each["slot"]) for each in rows_of(slack, "U0BEN")] == [
        ("2", "registered", "Prod 1"),
        ("3", "registered", "Prod 3"),
        ("4", "not registered", "Prod 9"),
    ]
    assert "Ben Okafor registered 2 environments of Acme Logistics, Acme Core, from a table." in "".join(
        posts.direct("U0RUI")
    )


def test_the_result_can_be_handed_in_again(
    slack: SlackClient, posts: Posts, desk: Desk, example: Example
) -> None:
    confirmed(slack, "U0BEN", handed_in(slack, "U0BEN", csv_of(production(1), production(2, "Prod 9"))))
    posts.send()
    [message] = [each for each in slack.direct("U0BEN") if each.files]
    corrected = slack.download(message.files[0]).replace(b"Prod 9", b"Prod 2")

    view = handed_in(slack, "U0BEN", corrected)

    assert "1 of 2 rows can be registered, 1 was registered like this before" in shown(view.blocks)


def test_all_or_nothing_offers_no_button_when_a_row_is_wrong(
    slack: SlackClient, desk: Desk, example: Example
) -> None:
    view = handed_in(slack, "U0BEN", csv_of(production(1), production(2, "Prod 9")), together=True)

    assert "Nothing was registered, because you asked for all or nothing." in shown(view.blocks)
    assert button(view) == ""
    assert registered_slots(desk) == []


def test_all_or_nothing_registers_all(slack: SlackClient, desk: Desk, example: Example) -> None:
    view = handed_in(slack, "U0BEN", csv_of(production(1), production(2)), together=True)
    confirmed(slack, "U0BEN", view)

    assert len(registered_slots(desk)) == 2


def test_many_faults_come_as_a_file_before_anything_is_registered(
    slack: SlackClient, posts: Posts, desk: Desk, example: Example
) -> None:
    view = handed_in(slack, "U0BEN", csv_of(*(production(number, "=1+1") for number in range(1, 16))))

    said = shown(view.blocks)
    assert "… and 5 more. All of them come as a table, in a direct message." in said
    assert button(view) == ""
    posts.send()
    rows = rows_of(slack, "U0BEN")
    assert len(rows) == 15
    assert {each["result"] for each in rows} == {"cannot be registered"}
    assert {each["slot"] for each in rows} == {"'=1+1"}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("Zürich".encode("latin-1"), "Save it once more as “CSV UTF-8”"),
        (b"", "There is no row below the first line."),
        (b"infrastructure,slot\nA,B", "environment type, serial number and platform version are missing."),
        (csv_of(*[production(1)] * (bulk.MOST_ROWS + 1)), "more than 5,000 rows"),
        (b"x" * (bulk.LARGEST + 1), "This file is too large: at most 1 MiB are read here."),
    ],
    ids=["encoding", "empty", "columns", "rows", "size"],
)
def test_what_cannot_be_read_is_said_with_what_to_do(
    slack: SlackClient, desk: Desk, example: Example, content: bytes, said: str
) -> None:
    assert said in shown(handed_in(slack, "U0BEN", content).blocks)
    assert registered_slots(desk) == []


def test_a_form_without_a_file_says_so_at_its_field(forge: Forge, example: Example) -> None:
    fields = {"file": {"field": {"type": "file_input", "files": []}}}

    answer = forge.submission("U0BEN", "environment.bulk", fields)

    assert answer == {"response_action": "errors", "errors": {"file": "Put the table here as a file."}}


def test_names_in_a_table_have_no_power(slack: SlackClient, example: Example) -> None:
    row = ("<!channel> *x*", "Production", "", serial(1), "11.17.0")

    said = shown(handed_in(slack, "U0BEN", csv_of(row)).blocks)

    assert "<!channel>" not in said
    assert "You see no infrastructure called" in said


def test_others_see_nothing_of_infrastructures_that_they_do_not_see(
    slack: SlackClient, example: Example
) -> None:
    def said(place: str) -> str:
        view = handed_in(slack, "U0BEN", csv_of((place, "Production", "", serial(1), "11.17.0")))
        slack.close("U0BEN", view)
        return shown(view.blocks).replace(place, "X")

    assert said("Globex Core") == said("Nowhere Core")


def test_a_forged_confirmation_reads_nobody_elses_file(
    forge: Forge, slack: SlackClient, desk: Desk, example: Example
) -> None:
    file = slack.upload("U0EVA", "environments.csv", csv_of(production(1)))

    forge.submission("U0BEN", "environment.bulk.confirm", {}, metadata=f'{{"file": "{file.id}"}}')
    forge.submission("U0BEN", "environment.bulk.confirm", {}, metadata="")
    slack.wait_for(lambda: slack.calls("views.update") or None)  # what came of it is known by then

    assert registered_slots(desk) == []


def test_what_slack_sends_twice_registers_once_and_sends_one_result(
    forge: Forge, slack: SlackClient, posts: Posts, desk: Desk, example: Example
) -> None:
    confirmed(slack, "U0BEN", view := handed_in(slack, "U0BEN", csv_of(production(1))))
    memory = view.private_metadata
    for _ in range(2):
        forge.submission("U0BEN", "environment.bulk.confirm", {}, metadata=memory)
    there(slack, lambda: len(slack.calls("files.info")) >= 4 or None)
    there(slack, lambda: results(desk) == 2 or None)
    posts.send()

    # Both of the same view count as one; the first one was another view.
    assert results(desk) == 2
    assert len(registered_slots(desk)) == 1


def results(desk: Desk) -> int:
    with desk.database.read() as connection:
        return connection.execute(select(func.count(tables.bulk_results.c.id))).scalar_one()


def test_somebody_who_lost_their_role_meanwhile_registers_nothing(
    slack: SlackClient, desk: Desk, example: Example
) -> None:
    view = handed_in(slack, "U0BEN", csv_of(production(1)))
    with desk.database.write() as connection:
        of_ben = tables.roles.update().where(tables.roles.c.person_id == example.ben)
        connection.execute(of_ben.values(held_until=desk.clock()))

    assert "not associated" in shown(confirmed(slack, "U0BEN", view).blocks)
    assert registered_slots(desk) == []


def test_a_thousand_rows_are_registered_while_somebody_waits(
    slack: SlackClient, posts: Posts, desk: Desk, example: Example
) -> None:
    add_slots(desk, example.core, 1000)

    view = handed_in(slack, "U0BEN", csv_of(*(production(number) for number in range(1, 1001))))
    assert button(view) == "Register 1,000"
    confirmed(slack, "U0BEN", view)
    posts.send()

    assert len(rows_of(slack, "U0BEN")) == 1000


def test_what_is_registered_with_another_version_says_how_to_change_it(
    slack: SlackClient, desk: Desk, example: Example
) -> None:
    registrations.register(desk, Actor(example.ben), example.production[0], serial(1), "11.16.0")

    said = shown(handed_in(slack, "U0BEN", csv_of(production(1))).blocks)

    assert (
        "registered in Prod 1 with version 11.16.0. To change that to 11.17.0, type /license register" in said
    )
