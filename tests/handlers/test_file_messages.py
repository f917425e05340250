from datetime import timedelta
from hashlib import sha256

import jwt
import pytest
from sqlalchemy import update

from bot.sandbox import block_kit
from bot.sandbox.client import SlackClient
from bot.sandbox.seen import Message
from handlers.file_messages import file_message
from store import decisions, requests
from store.desk import Actor, Desk
from store.tables import infrastructures, persons, products, slots, subscriptions
from tests.example import TERM_END, Example, serial
from tests.handlers.acting import there
from tests.handlers.posts import Posts
from tests.handlers.reading import buttons, shown
from tests.handlers.requesting import asked, registered


@pytest.fixture
def registration(desk: Desk, example: Example) -> int:
    """Quality 2, registered by Ben."""
    return registered(desk, example.ben, example.quality[1])


def arrived(posts: Posts, user: str) -> Message:
    """The newest message with a file in somebody's direct message."""
    return [each for each in posts.slack.direct(user) if each.files][-1]


@pytest.fixture
def forwarded(posts: Posts, desk: Desk, example: Example, registration: int) -> Message:
    """The message that Ben gets when Rui has forwarded."""
    decisions.forward(desk, Actor(example.rui), asked(desk, example.ben, registration))
    posts.send()
    return arrived(posts, "U0BEN")


def test_the_message_says_what_it_is_who_forwarded_it_and_how_to_install_it(forwarded: Message) -> None:
    said = shown(forwarded.blocks).split("\n")

    assert said[0] == (
        "R-1001: here is the license file of Quality 2 (Non-production), Acme Logistics, Acme Core, "
        "forwarded by Rui Costa."
    )
    assert said[1:6] == [
        "To install it in Meridian Console:",
        "1. Back up the present license file, if there is one.",
        "2. Upload this file at Administration &gt; Licensing &gt; Upload license.",
        "3. If it is refused, compare the serial number below with that at Administration &gt; Licensing.",
        "<https://docs.meridian.example/licensing|More about installing it>",
    ]


def test_the_message_names_serial_number_version_checksum_and_validity(
    posts: Posts, forwarded: Message
) -> None:
    said = shown(forwarded.blocks)
    content = posts.slack.download(forwarded.files[0])

    assert f"Serial number: {serial(1)}" in said
    assert "Platform version: 11.17.0 (Build 36348)" in said
    assert f"SHA-256 of the file: `{sha256(content).hexdigest()}`" in said
    assert "Valid: until 31 Dec 2026, and after that in grace until 14 Jan 2027" in said


def test_the_file_is_named_after_its_serial_number_and_is_for_it(posts: Posts, forwarded: Message) -> None:
    [file] = forwarded.files
    assert (file.name, file.title) == (f"{serial(1)}.lic", "License file of Quality 2")

    claims = jwt.decode(posts.slack.download(file).strip(), options={"verify_signature": False})

    assert claims["serial"] == serial(1)
    assert claims["environment_name"] == "Quality 2"


def test_the_button_opens_the_change_of_serial_number_for_this_environment(
    posts: Posts, slack: SlackClient, forwarded: Message
) -> None:
    assert buttons(forwarded.blocks) == ["Serial changed"]

    posts.click("U0BEN", forwarded, "environment.change_serial")

    view = there(slack, lambda: slack.view("U0BEN"))
    assert view.title == "Serial changed"
    assert "Quality 2 (Non-production)" in shown(view.blocks)


def test_a_file_that_was_taken_directly_names_nobody(
    posts: Posts, desk: Desk, example: Example, registration: int
) -> None:
    requests.ask(desk, Actor(example.rui), [registration], "")
    posts.send()

    said = shown(arrived(posts, "U0RUI").blocks)
    assert said.startswith(
        "R-1001: here is the license file of Quality 2 (Non-production), Acme Logistics, Acme Core."
    )
    assert "forwarded by" not in said


def test_a_file_in_grace_says_that_the_term_has_passed(
    posts: Posts, desk: Desk, example: Example, registration: int
) -> None:
    posts.clock.now = TERM_END + timedelta(days=1)
    requests.ask(desk, Actor(example.rui), [registration], "")
    posts.send()

    said = shown(arrived(posts, "U0RUI").blocks)
    assert "which has passed; it goes on working in grace until 14 Jan 2027" in said


def test_a_perpetual_license_has_no_end(
    posts: Posts, desk: Desk, example: Example, registration: int
) -> None:
    with desk.database.write() as connection:
        connection.execute(update(subscriptions).values(ends_at=None))
    requests.ask(desk, Actor(example.rui), [registration], "")
    posts.send()

    assert "Valid: without an end" in shown(arrived(posts, "U0RUI").blocks)


def test_a_product_without_a_page_gets_no_link(
    posts: Posts, desk: Desk, example: Example, registration: int
) -> None:
    with desk.database.write() as connection:
        connection.execute(update(products).values(install_url=None))
    requests.ask(desk, Actor(example.rui), [registration], "")
    posts.send()

    assert "More about installing it" not in shown(arrived(posts, "U0RUI").blocks)


def test_several_files_come_one_by_one_in_order(posts: Posts, desk: Desk, example: Example) -> None:
    found = [registered(desk, example.ben, slot, number) for number, slot in enumerate(example.production, 1)]
    requests.ask(desk, Actor(example.rui), found, "")
    posts.send()

    names = [each.files[0].name for each in posts.slack.direct("U0RUI") if each.files]
    assert names == [f"{serial(number)}.lic" for number in (1, 2, 3)]


@pytest.mark.parametrize("text", ["<!channel> *x* `y` & \u202e", "&", "W", "שלום ", "😀"])
def test_the_longest_and_most_hostile_texts_fit_the_message(
    posts: Posts, desk: Desk, example: Example, forwarded: Message, text: str
) -> None:
    long = text * 200
    with desk.database.write() as connection:
        connection.execute(update(slots).where(slots.c.id == example.quality[1]).values(name=long[:80]))
        connection.execute(
            update(infrastructures).where(infrastructures.c.id == example.core).values(name=long[:120])
        )
        connection.execute(update(persons).values(name=long[:120]))
        connection.execute(
            update(products).values(console_name=long[:80], menu_path=long[:200], upload_path=long[:200])
        )

    with desk.database.read() as connection:
        drawn = file_message(connection, desk, 1)

    assert block_kit.check_message(drawn["blocks"], drawn["text"]) == []
    assert "<!channel>" not in shown(drawn["blocks"])
    assert "\u202e" not in shown(drawn["blocks"]) + drawn["title"]


def test_a_message_is_not_drawn_before_its_license_is_made(
    desk: Desk, example: Example, registration: int
) -> None:
    asked(desk, example.ben, registration)

    with desk.database.read() as connection, pytest.raises(ValueError, match="once its license is made"):
        file_message(connection, desk, 1)


def test_a_file_goes_on_where_slack_stumbled_in_the_middle(
    posts: Posts, desk: Desk, example: Example, registration: int
) -> None:
    request_id = asked(desk, example.ben, registration)
    posts.send()
    posts.slack.weather(fault="server_error", method="upload", calls=1)
    posts.slack.weather(fault="ratelimited", method="files.completeUploadExternal", calls=1, retry_after=2)
    decisions.forward(desk, Actor(example.rui), request_id)
    posts.send()

    assert len(posts.slack.files("U0BEN")) == 1
    assert ", delivered on" in posts.card().text
