"""The vendor's files in Slack: uploaded, asked for, forwarded and delivered, by each role."""

import os
import socket
import threading
from collections.abc import Iterator
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from slack_sdk import WebClient
from sqlalchemy import select, update

from bot.sandbox.client import SlackClient
from bot.sandbox.seen import Message, View
from handlers.slack import WebCalls
from store import decisions, registrations
from store.desk import Actor, Desk
from store.rules.upload_errors import UploadUnreadable
from store.tables import held_files, infrastructures
from tests.example import Example, serial
from tests.handlers.acting import another, offered, opened, result, there, told
from tests.handlers.forging import Forge
from tests.handlers.posts import Posts
from tests.handlers.reading import buttons, shown
from tests.handlers.requesting import asked, entered, registered
from tests.handlers.test_home import crowd
from tests.store.holding import hold, made_for, upload
from tests.store.requesting import change, take_roles

WAITING = "Reading the file…"


@pytest.fixture
def registration(desk: Desk, example: Example) -> int:
    """Quality 1 of `core`, registered by Ben, with files that the vendor makes."""
    hold(desk, example)
    return registered(desk, example.ben, example.quality[0])


def after(slack: SlackClient, user: str) -> View:
    """The modal as it is when the file was read."""

    def later() -> View | None:
        view = slack.view(user)
        return view if view and WAITING not in shown(view.blocks) else None

    return there(slack, later)


def handed_in(
    slack: SlackClient, user: str, content: bytes, name: str = "vendor.lic", form: View | None = None
) -> View:
    form = form or opened(slack, user, f"upload {serial(1)}")
    file = slack.upload(user, name, content)
    first = result(slack.submit(user, form, {"file": [file.id]}))
    assert WAITING in shown(first.blocks)
    return after(slack, user)


def kept(desk: Desk) -> int:
    with desk.database.read() as connection:
        return len(connection.execute(select(held_files.c.id)).all())


def received(posts: Posts, user: str) -> tuple[Message, bytes]:
    """The newest message with a file in somebody's direct message, and the bytes of the file."""
    message = [each for each in posts.slack.direct(user) if each.files][-1]
    return message, posts.slack.download(message.files[0])


@pytest.mark.parametrize("user", ["U0RUI", "U0FIONA", "U0TOM", "U0EVA", "U0OLGA"])
def test_operators_and_those_who_get_files_directly_upload(
    slack: SlackClient, desk: Desk, registration: int, user: str
) -> None:
    view = handed_in(slack, user, made_for(1))

    said = shown(view.blocks)
    assert said.startswith("The vendor's file of Quality 1 (Non-production) is uploaded, as file number 1.")
    assert f"SHA-256 of the file: `{sha256(made_for(1)).hexdigest()}`" in said
    assert "Serial number: named in the file" in said
    assert kept(desk) == 1


@pytest.mark.parametrize("user", ["U0ANA", "U0BEN", "U0ADA", "U0MAX"])
def test_others_are_told_who_may(slack: SlackClient, registration: int, user: str) -> None:
    slack.command(user, f"upload {serial(1)}")

    said = shown(told(slack, user, "Uploading a license file").blocks)
    assert "needs a role that you do not have. Nothing has changed. Ask" in said


@pytest.mark.parametrize("user", ["U0OTTO", "U0NINA"])
def test_people_of_another_company_learn_nothing(slack: SlackClient, registration: int, user: str) -> None:
    answer = slack.command(user, f"upload {serial(1)}")

    assert "Quality 1" not in str(answer)
    assert slack.view(user) is None


@pytest.mark.parametrize("user", ["U0ANA", "U0ADA", "U0MAX", "U0OTTO", "U0GUS", "U0ZOE"])
@pytest.mark.parametrize("callback", ["held_file.upload", "held_file.upload.confirm"])
def test_a_forged_form_uploads_nothing(
    slack: SlackClient, forge: Forge, desk: Desk, registration: int, user: str, callback: str
) -> None:
    file = slack.upload(user, "vendor.lic", made_for(1))
    values = {"file": {"field": {"type": "file_input", "files": [{"id": file.id}]}}}
    forge.submission(user, callback, values, f'{{"registration": "{registration}", "file": "{file.id}"}}')

    slack.wait_for(lambda: True)
    assert kept(desk) == 0


def test_a_form_without_a_file_or_an_environment_is_answered(
    slack: SlackClient, forge: Forge, registration: int
) -> None:
    for callback in ("held_file.upload", "held_file.upload.confirm"):
        for metadata in ("", f'{{"registration": "{registration}"}}', "[1]", '{"registration": "x"}'):
            answer = forge.submission("U0RUI", callback, {}, metadata)
            assert answer["response_action"] in {"errors", "update"}, (callback, metadata)


def test_a_right_that_ended_while_the_form_was_open_uploads_nothing(
    slack: SlackClient, desk: Desk, example: Example, registration: int
) -> None:
    form = opened(slack, "U0RUI", "upload")
    take_roles(desk, example.rui)
    file = slack.upload("U0RUI", "vendor.lic", made_for(1))
    slack.submit("U0RUI", form, {"file": [file.id]})
    after(slack, "U0RUI")
    assert kept(desk) == 0


def test_a_file_without_the_serial_number_is_taken_only_when_that_is_confirmed(
    slack: SlackClient, desk: Desk, registration: int
) -> None:
    view = handed_in(slack, "U0RUI", b"<license/>", "vendor.xml")

    assert f"The file does not name the serial number of this environment, {serial(1)}." in shown(view.blocks)
    assert kept(desk) == 0
    confirmed = result(slack.submit("U0RUI", view, {}))
    assert WAITING in shown(confirmed.blocks)
    assert "not named in the file; you confirmed that it is the right one" in shown(
        after(slack, "U0RUI").blocks
    )
    assert kept(desk) == 1


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("vendor.exe", made_for(1), "Files ending in .exe are not taken."),
        ("vendor.lic", b"", "This file is empty."),
        ("vendor.lic", made_for(2), "names the serial number"),
    ],
)
def test_what_cannot_be_used_is_said_in_the_form_and_another_file_can_be_put_into_it(
    slack: SlackClient, desk: Desk, example: Example, registration: int, name: str, content: bytes, said: str
) -> None:
    registered(desk, example.ben, example.quality[1], 2)
    view = handed_in(slack, "U0RUI", content, name)

    assert said in shown(view.blocks)
    assert kept(desk) == 0
    again = handed_in(slack, "U0RUI", made_for(1), form=view)
    assert "is uploaded, as file number 1." in shown(again.blocks)


def test_a_file_that_is_too_large_is_not_even_read(slack: SlackClient, desk: Desk, registration: int) -> None:
    view = handed_in(slack, "U0RUI", bytes(10 * 1024 * 1024 + 1), "vendor.bin")

    assert "This file is too large: at most 10 MiB are read here." in shown(view.blocks)
    assert slack.traffic("download") == []
    assert kept(desk) == 0


def test_a_name_with_folders_and_control_characters_is_cleaned(
    slack: SlackClient, posts: Posts, desk: Desk, example: Example, registration: int
) -> None:
    view = handed_in(slack, "U0RUI", made_for(1), "..\\..\\x\u202e\x07<@U0EVA>.lic")

    assert "File: x@U0EVA.lic" in shown(view.blocks)
    slack.close("U0RUI", view)
    asked(desk, example.rui, registration)
    posts.send()
    assert received(posts, "U0RUI")[0].files[0].name == "x@U0EVA.lic"


def test_a_file_of_somebody_else_is_not_read(slack: SlackClient, desk: Desk, registration: int) -> None:
    foreign = slack.upload("U0ANA", "vendor.lic", made_for(1))
    form = opened(slack, "U0RUI", "upload")
    slack.submit("U0RUI", form, {"file": [foreign.id]})

    assert "Slack did not give us the file." in shown(after(slack, "U0RUI").blocks)
    assert kept(desk) == 0


def test_the_button_of_an_environment_opens_the_form_for_it(
    slack: SlackClient, registration: int, desk: Desk
) -> None:
    slack.command("U0TOM", "environments")
    listed = told(slack, "U0TOM", "1 environment is registered.")
    assert "License: the vendor's file is not uploaded yet" in shown(listed.blocks)
    slack.click("U0TOM", listed, "held_file.upload")
    form = another(slack, "U0TOM", None)
    assert "Quality 1 (Non-production)" in shown(form.blocks)
    slack.command("U0BEN", "environments")
    assert "Upload the file" not in buttons(told(slack, "U0BEN", "1 environment is registered.").blocks)


def test_where_files_are_signed_there_is_nothing_to_upload(
    slack: SlackClient, desk: Desk, example: Example
) -> None:
    registered(desk, example.ben, example.quality[0])
    slack.command("U0RUI", f"upload {serial(1)}")

    assert "so there is nothing to upload" in shown(told(slack, "U0RUI", "itself").blocks)


def test_an_engineer_asks_a_contact_forwards_somebody_uploads_and_the_very_file_arrives(
    slack: SlackClient, posts: Posts, desk: Desk, example: Example, registration: int
) -> None:
    content = os.urandom(1_500_000)
    form = opened(slack, "U0ANA", f"request {serial(1)}")
    assert "The vendor makes the files here; one that is not uploaded yet follows once it is." in shown(
        form.blocks
    )
    answer = result(slack.submit("U0ANA", form, entered(form, registration)))
    assert "which is not uploaded yet." in shown(answer.blocks)
    posts.send()
    card = posts.card()
    assert "as soon as the vendor's file is uploaded, which is not there yet" in shown(card.blocks)
    wanted = posts.direct_message("U0OLGA", "needs the license file of Quality 1")
    assert wanted.text == (
        "Ana Silva needs the license file of Quality 1 (Non-production), Acme Logistics, Acme Core, which the vendor "
        "makes."
    )
    posts.click("U0RUI", card, "request.forward")
    assert "Ana Silva gets it once the vendor's file is uploaded" in posts.answer("U0RUI", "you forwarded")
    posts.send()
    assert "waiting for the vendor's file, which is not uploaded yet" in shown(posts.card().blocks)
    assert slack.files("U0ANA") == []
    assert "You need not ask again." in "".join(posts.direct("U0ANA"))

    slack.click("U0OLGA", wanted, "held_file.upload")
    done = handed_in(slack, "U0OLGA", content, "vendor.bin", another(slack, "U0OLGA", None))
    assert "Whoever waited for it gets it now." in shown(done.blocks)
    posts.send()

    message, got = received(posts, "U0ANA")
    assert got == content
    assert message.files[0].name == "vendor.bin"
    said = shown(message.blocks)
    assert "forwarded by Rui Costa." in said
    assert f"SHA-256 of the file: `{sha256(content).hexdigest()}`" in said
    assert "Made by: the vendor; uploaded" in said
    assert "delivered" in shown(posts.card().blocks)
    assert "Olga Ruiz uploaded the vendor's license file of Quality 1" in "".join(posts.direct("U0BEN"))


@pytest.mark.parametrize("user", ["U0RUI", "U0FIONA", "U0TOM", "U0EVA", "U0OLGA"])
def test_who_may_gets_the_newest_file_at_once(
    slack: SlackClient, posts: Posts, desk: Desk, example: Example, registration: int, user: str
) -> None:
    for content in (made_for(1), made_for(1, "second")):
        upload(desk, example.tom, registration, content)
    form = opened(slack, user, f"request {serial(1)}")
    answer = result(slack.submit(user, form, entered(form, registration, reason="mine")))
    assert "is on its way to your direct messages" in shown(answer.blocks)
    posts.send()
    assert received(posts, user)[1] == made_for(1, "second")


def test_who_takes_a_file_that_is_not_there_is_given_the_button(
    slack: SlackClient, posts: Posts, registration: int
) -> None:
    form = opened(slack, "U0RUI", f"request {serial(1)}")
    answer = result(slack.submit("U0RUI", form, entered(form, registration)))
    assert "You need not ask again." in shown(answer.blocks)
    assert buttons(answer.blocks) == ["Upload the file"]
    posts.send()
    assert slack.files("U0RUI") == []


def test_a_notice_that_is_drawn_after_the_upload_asks_for_nothing(
    slack: SlackClient, posts: Posts, desk: Desk, example: Example, registration: int
) -> None:
    asked(desk, example.ben, registration)
    upload(desk, example.rui, registration, made_for(1))
    posts.send()
    late = posts.direct_message("U0OLGA", "is not waited for any more")
    assert buttons(late.blocks) == []


def test_a_serial_change_says_that_a_new_file_is_needed(
    slack: SlackClient, posts: Posts, desk: Desk, example: Example, registration: int
) -> None:
    upload(desk, example.rui, registration, made_for(1))
    form = opened(slack, "U0TOM", f"serial-changed {serial(1)}")
    assert "A file that the vendor made does not fit the new serial number" in shown(form.blocks)
    answer = result(slack.submit("U0TOM", form, {"serial": serial(2)}))
    assert "Next: upload the one for this serial number with `/license upload`" in shown(answer.blocks)
    posts.send()
    assert "a new one has to be uploaded." in "".join(posts.direct("U0RUI"))
    assert posts.direct_message("U0OLGA", f"Serial number: {serial(2)}")


def test_the_history_says_who_uploaded_and_what_was_delivered(
    slack: SlackClient, posts: Posts, desk: Desk, example: Example, registration: int
) -> None:
    upload(desk, example.olga, registration, b"<license/>", confirmed=True)
    decisions.forward(desk, Actor(example.rui), asked(desk, example.ana, registration))
    posts.send()
    slack.command("U0EVA", "history Quality 1")
    said = shown(told(slack, "U0EVA", "uploaded file number").blocks)
    assert (
        "Olga Ruiz uploaded file number 1 of Quality 1 (Non-production), which does not name its serial number, SHA-256"
    ) in said
    assert "delivered file number 1 of" in said


def test_a_refused_upload_stands_in_the_history(slack: SlackClient, desk: Desk, registration: int) -> None:
    slack.command("U0ADA", f"upload {serial(1)}")
    told(slack, "U0ADA", "Uploading a license file")
    slack.command("U0EVA", "history")
    assert "tried to upload a license file" in shown(told(slack, "U0EVA", "tried to upload").blocks)


class _Elsewhere(BaseHTTPRequestHandler):
    """Somebody else's server, which notes what it is told."""

    heard: list[str]

    def do_GET(self) -> None:
        self.server.heard.append(self.headers.get("Authorization", ""))  # type: ignore[attr-defined] # set below
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"content")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def elsewhere() -> Iterator[HTTPServer]:
    server = HTTPServer(("127.0.0.1", 0), _Elsewhere)
    server.heard = []  # type: ignore[attr-defined] # read by the test
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("api", ["https://slack.com/api/", "http://127.0.0.1:9/api/"])
def test_the_token_is_never_sent_to_another_address(elsewhere: HTTPServer, api: str) -> None:
    calls = WebCalls(WebClient(token="xoxb-secret", base_url=api, retry_handlers=[]))
    for host in ("127.0.0.1", "localhost", socket.gethostname()):
        with pytest.raises(UploadUnreadable):
            calls.download(f"http://{host}:{elsewhere.server_port}/files/a.lic", 10)
    for address in (
        "https://slack.com.evil.example/a",
        "https://evilslack.com/a",
        "https://files.slack.com@evil.example/a",
        "https://files.slack.com:8443/a",
        "http://files.slack.com/a",
        "file:///etc/passwd",
        "ftp://slack.com/a",
        "https://[slack.com/a",
        "",
    ):
        with pytest.raises(UploadUnreadable):
            calls.download(address, 10)
    assert elsewhere.heard == []  # type: ignore[attr-defined] # as above


def test_registering_says_that_the_vendor_makes_the_file(
    slack: SlackClient, desk: Desk, example: Example
) -> None:
    hold(desk, example)
    registrations.register(desk, Actor(example.ben), example.quality[1], serial(2), "11.17.0")
    slack.command("U0BEN", f"register {serial(2)}")
    said = shown(told(slack, "U0BEN", "registered like this already").blocks)
    assert "The vendor makes the license files here" in said


def test_environments_whose_files_are_signed_do_not_hide_those_whose_files_are_held(
    slack: SlackClient, desk: Desk, example: Example
) -> None:
    crowd(desk, example, 200)
    depot = infrastructures.c.id == example.depot
    change(desk, update(infrastructures).where(depot).values(files="held"))
    registered(desk, example.ana, example.depot_production[0])

    form = opened(slack, "U0EVA", "upload")

    assert offered(slack, "U0EVA", form, "held_file.upload.of", "Prod 1") == ["Prod 1 (Acme Depot)"]
