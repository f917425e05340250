import pytest
from sqlalchemy import select

from bot.sandbox.client import SlackClient
from bot.sandbox.seen import File, View
from handlers import late_views
from handlers.blocks.kit import modal, section
from handlers.context import Context
from store import keys, license_file, licenses, registrations, releases, tables
from store.desk import Act, Actor, Desk, intention
from tests.example import Example, serial
from tests.handlers.acting import opened, result, there, told
from tests.handlers.conftest import Counts
from tests.handlers.forging import Forge
from tests.handlers.reading import buttons, shown

RESULT = modal("result", "Checked", [section("Known now.")], close="Close")


@intention
def issued(act: Act, registration_id: int) -> bytes:
    made = licenses.issue(act, registration_id)
    return licenses.text_of(act.desk, act.connection, made.id)


def registered(desk: Desk, person: int, slot: int, number: int = 1) -> int:
    made = registrations.register(desk, Actor(person), slot, serial(number), "11.17.0")
    assert made.environment.registration
    return made.environment.registration.id


@pytest.fixture
def own(signing_desk: Desk, example: Example) -> int:
    return registered(signing_desk, example.ana, example.quality[0])


@pytest.fixture
def content(signing_desk: Desk, own: int) -> bytes:
    return issued(signing_desk, Actor(None, "schedule"), own)


def uploaded(slack: SlackClient, user: str, content: bytes, name: str = "a.lic") -> View:
    """The modal that follows when somebody puts a file into the form and sends it in."""
    file = slack.upload(user, name, content)
    return checked(slack, user, file)


def checked(slack: SlackClient, user: str, file: File) -> View:
    first = result(slack.submit(user, opened(slack, user, "check"), {"file": [file.id]}))
    assert "Reading the file…" in shown(first.blocks)

    def later() -> View | None:
        view = slack.view(user)
        return view if view and "Reading the file…" not in shown(view.blocks) else None

    return there(slack, later)


def test_a_serial_number_tells_what_it_is_and_that_nothing_speaks_against_its_file(
    slack: SlackClient, desk: Desk, example: Example, content: bytes
) -> None:
    answer = slack.command("U0BEN", f"check {serial(1).lower().replace('-', ' ')}")

    said = shown(answer.blocks)
    assert (
        answer.text == "This is the serial number of Quality 1 (Non-production), Acme Logistics, Acme Core."
    )
    assert "License: number 1 of its slot, made on" in said
    assert "; it is the newest" in said
    assert f"SHA-256 of the file: `{license_file.checksum(content.decode())}`" in said
    assert "Nothing speaks against it: a server with this serial number should accept it." in said
    assert buttons(answer.blocks) == ["Request the license"]


def test_a_serial_number_without_a_license_says_so(slack: SlackClient, own: int) -> None:
    said = shown(slack.command("U0BEN", f"check {serial(1)}").blocks)

    assert "License: none was made for it yet" in said
    assert "There is no license file of it that a server could take or refuse." in said


def test_a_license_file_can_be_pasted_behind_the_command_and_wrapped(
    slack: SlackClient, content: bytes
) -> None:
    text = content.decode().strip()
    wrapped = "\n".join(text[at : at + 76] for at in range(0, len(text), 76))

    said = shown(slack.command("U0BEN", f"check {wrapped}").blocks)

    assert said.startswith("This is a license file of Quality 1 (Non-production), Acme Logistics, Acme Core.")
    assert "Nothing speaks against it" in said


def test_the_form_takes_a_serial_number_or_a_text(slack: SlackClient, content: bytes) -> None:
    for typed in (serial(1), content.decode()):
        after = result(slack.submit("U0BEN", opened(slack, "U0BEN", "check"), {"text": typed}))
        assert "Quality 1 (Non-production)" in shown(after.blocks)
        slack.close("U0BEN", after)


def test_the_form_takes_a_file(slack: SlackClient, content: bytes) -> None:
    said = shown(uploaded(slack, "U0BEN", content).blocks)

    assert said.startswith("This is a license file of Quality 1 (Non-production)")
    assert "Nothing speaks against it" in said


def test_an_empty_form_says_what_to_fill_in(slack: SlackClient, own: int) -> None:
    submitted = slack.submit("U0BEN", opened(slack, "U0BEN", "check"), {})

    assert submitted.errors == {
        "text": "Type a serial number or paste a license file here, or upload a file below."
    }


def test_what_is_no_serial_number_is_said_in_the_words_of_serial_numbers(
    slack: SlackClient, own: int
) -> None:
    assert (
        "A serial number has 24 letters and digits; this has 5." in slack.command("U0BEN", "check hello").text
    )


def test_why_a_server_might_refuse_a_file_is_listed(
    slack: SlackClient, desk: Desk, example: Example, own: int, content: bytes
) -> None:
    registrations.change_serial(desk, Actor(example.rui), own, serial(5))
    with desk.database.read() as connection:
        changed = connection.execute(
            select(tables.registrations.c.id).where(tables.registrations.c.state == "open")
        ).scalar_one()
    issued(desk, Actor(None, "schedule"), changed)

    said = shown(uploaded(slack, "U0BEN", content).blocks)

    assert "Why a server might refuse it:" in said
    assert (
        f"• The serial number of this environment is {serial(5)} now; a server with that one refuses it."
        in said
    )
    assert "• A newer license was made, number 2. A server that has seen it may refuse this one." in said
    assert "it is not the newest, which is number 2 of" in said


def test_the_file_of_a_released_environment_is_to_be_removed(
    slack: SlackClient, desk: Desk, example: Example, own: int, content: bytes
) -> None:
    releases.release(desk, Actor(example.rui), own, "switched off")

    answer = slack.command("U0BEN", f"check {serial(1)}")

    assert "• The environment was released, so the file is not meant to be used any more." in shown(
        answer.blocks
    )
    assert buttons(answer.blocks) == []


def test_what_is_not_one_of_yours_is_answered_like_what_does_not_exist_and_recorded(
    slack: SlackClient, desk: Desk, example: Example, content: bytes, counts: Counts
) -> None:
    foreign = slack.command("U0OTTO", f"check {serial(1)}").text
    absent = slack.command("U0OTTO", f"check {serial(999)}").text
    pasted = slack.command("U0OTTO", f"check {content.decode()}").text

    assert foreign == absent == pasted
    assert foreign.startswith("This is not one of yours:")
    assert counts.refusals == ["NotOneOfYours"] * 3
    with desk.database.read() as connection:
        entries = connection.execute(
            select(tables.audit_entries).where(tables.audit_entries.c.actor_id == example.otto)
        ).all()
    assert [(each.action, each.subject, each.facts) for each in entries] == [
        ("refused:check_command", "license check", {"refusal": "NotOneOfYours"})
    ]


def test_an_uploaded_file_of_others_is_not_one_of_yours(slack: SlackClient, content: bytes) -> None:
    assert "This is not one of yours:" in shown(uploaded(slack, "U0OTTO", content).blocks)


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda _content: b"hello", "This is not a license file"),
        # In the middle of what it says: a signature that is cut may still read as one, by chance.
        (lambda content: content[: len(content) // 2], "This is not a license file"),
        (lambda _content: b"\x00\xff" * 40, "This is not a license file"),
        (lambda _content: b"a" * (64 * 1024 + 1), "This file is too large: at most 64 KiB are read here."),
    ],
    ids=["something else", "cut off", "bytes", "too large"],
)
def test_what_cannot_be_trusted_is_said_exactly(
    slack: SlackClient, content: bytes, damage: object, words: str
) -> None:
    assert callable(damage)
    assert words in shown(uploaded(slack, "U0BEN", damage(content)).blocks)


def test_a_file_that_was_changed_after_it_was_signed_says_so(
    slack: SlackClient, desk: Desk, example: Example, content: bytes
) -> None:
    other = issued(desk, Actor(None, "schedule"), registered(desk, example.ana, example.quality[1], 2))
    said, signature = content.decode().rpartition(".")[0], other.decode().rpartition(".")[2]

    drawn = shown(uploaded(slack, "U0BEN", f"{said}.{signature}".encode()).blocks)

    assert drawn.startswith("The signature does not match: the file was changed after it was signed.")
    assert "Get the file again with `/license request`" in drawn


def test_a_file_of_another_desk_or_of_a_key_that_was_given_up_is_not_trusted(
    slack: SlackClient, desk: Desk, content: bytes
) -> None:
    with desk.database.write() as connection:
        [entry] = keys.list_keys(connection)
        keys.compromise(connection, entry.kid, desk.clock())
    given_up = uploaded(slack, "U0BEN", content)
    assert "a key that is not trusted any more" in shown(given_up.blocks)
    slack.close("U0BEN", given_up)

    with desk.database.write() as connection:
        connection.execute(tables.signing_keys.update().values(kid="another"))
    assert "a key that this desk does not have" in shown(uploaded(slack, "U0BEN", content).blocks)


@pytest.mark.parametrize(
    "trouble",
    [
        {"fault": "server_error", "method": "download"},
        {"fault": "server_error", "method": "files.info"},
        {"fault": "refused", "method": "files.info", "error": "file_not_found"},
    ],
    ids=["download", "unavailable", "gone"],
)
def test_a_file_that_slack_does_not_give_is_told_in_the_form(
    slack: SlackClient, content: bytes, trouble: dict[str, str]
) -> None:
    slack.weather(**trouble, calls=1)

    assert "Slack did not give us the file." in shown(uploaded(slack, "U0BEN", content).blocks)


def test_somebody_who_closed_the_form_meanwhile_gets_the_answer_directly(
    slack: SlackClient, content: bytes
) -> None:
    file = slack.upload("U0BEN", "a.lic", content)
    form = opened(slack, "U0BEN", "check")
    slack.weather(latency=0.2)
    slack.close("U0BEN", result(slack.submit("U0BEN", form, {"file": [file.id]})))

    found = there(slack, lambda: next(iter(slack.direct("U0BEN")), None))

    assert found.text == "This is a license file of Quality 1 (Non-production), Acme Logistics, Acme Core."


def test_an_answer_that_is_slower_than_what_follows_it_paints_nothing_over(context: Context) -> None:
    name, first = late_views.named({"type": "modal"})
    waited: list[float] = []

    assert not late_views.draw(context.slack, name, RESULT, waited.append)
    assert first["external_id"] == name
    assert waited == list(late_views.PAUSES)


def test_a_file_of_somebody_else_is_not_read(slack: SlackClient, content: bytes) -> None:
    foreign = slack.upload("U0ANA", "a.lic", content)

    assert "Slack did not give us the file." in shown(checked(slack, "U0BEN", foreign).blocks)
    assert slack.traffic("download") == []


def test_somebody_without_a_role_has_nothing_to_check(slack: SlackClient, example: Example) -> None:
    slack.command("U0ZOE", f"check {serial(1)}")

    assert "nothing here for you to see" in told(slack, "U0ZOE", "not associated").text


def test_a_forged_form_is_read_as_far_as_it_can_be(forge: Forge, own: int) -> None:
    for values in (
        {},
        {"file": {"field": {"type": "file_input", "files": "F1"}}},
        {"text": {"field": {"type": "plain_text_input", "value": 7}}},
    ):
        answer = forge.submission("U0BEN", "license.check", values)
        assert answer["response_action"] in {"errors", "update"}, values
