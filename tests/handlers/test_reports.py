import csv
import struct
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest
from sqlalchemy import update

from bot.sandbox.client import SlackClient
from bot.sandbox.seen import Message
from handlers import charts
from handlers.spreadsheet import harmless, spreadsheet
from handlers.words.figures import lines
from store import licenses, registrations
from store.desk import Act, Actor, Desk, intention
from store.figures import Figures, months_from
from store.tables import deliveries, infrastructures, roles
from tests.conftest import Clock
from tests.example import START, Example, serial
from tests.handlers.acting import told
from tests.handlers.figuring import row, some
from tests.handlers.posts import Posts
from tests.handlers.reading import shown


@intention
def issued(act: Act, registration_id: int) -> None:
    licenses.issue(act, registration_id)


def licensed(desk: Desk, person: int, slot: int, number: int = 1) -> None:
    made = registrations.register(desk, Actor(person), slot, serial(number), "11.17.0")
    assert made.environment.registration
    issued(desk, Actor(None, "schedule"), made.environment.registration.id)


def received(slack: SlackClient, user: str) -> Message:
    """The one message with files that somebody got."""
    [message] = [each for each in slack.direct(user) if each.files]
    return message


def contents(slack: SlackClient, message: Message) -> dict[str, bytes]:
    return {each.name.rpartition(".")[2]: slack.download(each) for each in message.files}


def table(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(content.decode("utf-8-sig"))))


def size(png: bytes) -> tuple[int, int]:
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", png[16:24])
    return width, height


def test_an_admin_gets_picture_table_and_figures_in_one_direct_message(
    posts: Posts, desk: Desk, example: Example
) -> None:
    licensed(desk, example.ana, example.quality[0])
    answer = posts.slack.command("U0EVA", "report acme logistics")
    assert (
        answer.text
        == "The report of Acme Logistics is on its way: it comes as a direct message, in a few seconds."
    )

    posts.send()

    message = received(posts.slack, "U0EVA")
    said = shown(message.blocks)
    assert said.startswith("Report of Acme Logistics: 1 of 9 slots are used.")
    assert "Non-production: 1 of 2 used, 1 free." in said
    assert "Licenses ending: 1 in Dec 2026." in said
    files = contents(posts.slack, message)
    assert size(files["png"])[0] == 1500
    [row] = [each for each in table(files["csv"]) if each["environment type"] == "Non-production"]
    assert (row["infrastructure"], row["slots"], row["used"], row["ending 2026-12"]) == (
        "Acme Core",
        "2",
        "1",
        "1",
    )
    assert [each.name for each in message.files] == [
        "license-report-2026-11-25.png",
        "license-report-2026-11-25.csv",
    ]


def test_a_report_has_only_what_its_reader_oversees(posts: Posts, desk: Desk, example: Example) -> None:
    for user in ("U0MAX", "U0OLGA", "U0TOM"):
        posts.slack.command(user, "report")
    posts.send()

    def places(user: str) -> set[str]:
        content = contents(posts.slack, received(posts.slack, user))["csv"]
        return {each["infrastructure"] for each in table(content)}

    assert places("U0MAX") == places("U0TOM") == {"Acme Core", "Acme Depot"}
    assert places("U0OLGA") == {"Acme Core", "Acme Depot", "Globex Core"}


def test_one_slot_is_one_and_the_total_is_said_once(posts: Posts, example: Example) -> None:
    posts.slack.command("U0EVA", "report Acme Depot")
    posts.send()

    said = shown(received(posts.slack, "U0EVA").blocks)
    assert said.startswith("Report of Acme Depot: 0 of 1 slot is used.")
    assert "Slots:" not in said
    assert "Production: 0 of 1 used, 1 free." in said


def test_members_are_told_who_can_get_a_report(slack: SlackClient, example: Example) -> None:
    said = slack.command("U0ANA", "report").text

    assert said.startswith("A report needs a role that you do not have. Nothing has changed. Ask ")
    assert "Eva Lang" in said


def test_somebody_without_a_role_gets_no_report(slack: SlackClient, example: Example) -> None:
    slack.command("U0ZOE", "report")

    assert "nothing here for you to see" in told(slack, "U0ZOE", "not associated").text


def test_what_is_not_overseen_is_answered_like_what_does_not_exist(
    slack: SlackClient, example: Example
) -> None:
    foreign, absent = slack.command("U0EVA", "report globex").text, slack.command("U0EVA", "report mars").text

    assert foreign.replace("globex", "mars") == absent
    assert "You oversee no company or infrastructure called “mars”" in absent


def test_several_of_one_name_are_listed(slack: SlackClient, desk: Desk, example: Example) -> None:
    said = slack.command("U0OLGA", "report core").text

    assert "Several are called “core”, so no report was made: Acme Core (AC1." in said
    assert "Globex Core (GX4." in said


def test_the_help_offers_reports_to_those_who_can_have_them(slack: SlackClient, example: Example) -> None:
    assert "`/license report [company or infrastructure]`" in shown(slack.command("U0EVA", "help").blocks)
    assert "/license report" not in shown(slack.command("U0ANA", "help").blocks)


def test_somebody_who_lost_the_role_meanwhile_is_told_instead(
    posts: Posts, desk: Desk, example: Example
) -> None:
    posts.slack.command("U0EVA", "report acme")
    with desk.database.write() as connection:
        connection.execute(update(roles).where(roles.c.person_id == example.eva).values(held_until=START))

    posts.send()

    [message] = posts.slack.direct("U0EVA")
    assert message.files == []
    assert "The report that you asked for was not made" in shown(message.blocks)


def outcomes(desk: Desk) -> set[tuple[str, str | None]]:
    with desk.database.read() as connection:
        return {(row.state, row.error) for row in connection.execute(deliveries.select())}


@pytest.mark.parametrize(
    "trouble",
    [
        {"fault": "lost", "method": "files.completeUploadExternal"},
        {"fault": "lost", "method": "files.getUploadURLExternal"},
        {"fault": "server_error", "method": "upload"},
        {"fault": "garbage", "method": "upload"},
        {"fault": "refused", "method": "files.completeUploadExternal", "error": "invalid_blocks"},
        {"fault": "server_error", "method": "files.completeUploadExternal"},
        {"fault": "ratelimited", "method": "files.getUploadURLExternal", "retry_after": 20},
        {"fault": "server_error", "method": "files.info"},
        {"fault": "cut", "method": "conversations.open"},
    ],
    ids=lambda trouble: f"{trouble['fault']} {trouble['method']}",
)
def test_a_report_arrives_once_whatever_slack_does_in_the_middle(
    posts: Posts, desk: Desk, example: Example, trouble: dict[str, object]
) -> None:
    posts.slack.command("U0EVA", "report acme")
    posts.slack.weather(**trouble, calls=1)

    posts.send()
    posts.clock.advance(timedelta(minutes=2))
    posts.send()

    assert len(received(posts.slack, "U0EVA").files) == 2
    assert outcomes(desk) == {("sent", None)}


def test_a_report_that_slack_never_shows_fails_and_the_operators_are_told(
    posts: Posts, desk: Desk, example: Example, clock: Clock
) -> None:
    posts.slack.command("U0EVA", "report acme")
    posts.slack.weather(never_shared=True)
    posts.send()

    clock.advance(timedelta(minutes=16))
    posts.slack.weather(never_shared=False)
    posts.send()

    assert ("failed", "never_shared") in outcomes(desk)
    assert any("License Desk gave up delivery" in each for each in posts.direct("U0OLGA"))


def test_the_picture_is_described_for_those_who_do_not_see_it(posts: Posts, example: Example) -> None:
    posts.slack.command("U0EVA", "report acme")
    posts.send()

    asked = [each.sent for each in posts.slack.calls("files.getUploadURLExternal")]

    assert "Slots: 0 of 9 used. Development: 0 of 2 used" in str(asked[0])


@pytest.mark.parametrize(
    "found",
    [
        some(),
        some(row("Core", 0, 0)),
        some(row("Core", 3, 0)),
        some(*(row(f"Site {number}", 3, number % 4) for number in range(14))),
        some(*(row(f"Site {number}", 3, number % 4) for number in range(200))),
        some(row("$x$ _{y} \\frac 普罗 <b>" * 5, 1_000_000, 999_999), scope="$broken \\"),
        some(row("\u202eevil\u0000", 1, 1)),
    ],
    ids=["nothing", "no slots", "all free", "many bars", "too many bars", "marks", "controls"],
)
def test_a_picture_can_be_drawn_of_anything(found: Figures) -> None:
    width, height = size(charts.chart(found))

    assert width == 1500
    assert 500 < height < 2000


def test_a_picture_is_drawn_in_several_threads_at_once() -> None:
    found = some(row("Core", 3, 2))
    with ThreadPoolExecutor(4) as pool:
        drawn = list(pool.map(charts.chart, [found] * 4))

    assert len(set(drawn)) == 1


def test_without_the_library_that_draws_the_table_comes_alone() -> None:
    program = (
        "import sys; sys.modules['matplotlib'] = None\n"
        "from tests.handlers.figuring import row, some\n"
        "from handlers.reports import attachments\n"
        "print([each.filename for each in attachments(some(row('Core', 3, 2)))])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=Path(__file__).parents[2],
        text=True,
        capture_output=True,
        check=True,
    )

    assert done.stdout.endswith("['license-report-2026-11-25.csv']\n")


def test_no_cell_of_a_table_is_a_formula() -> None:
    for name in ("=1+1", "+1", "-1", "@x", "\t=1", " =1", "\r=1", "＝1"):
        assert harmless(name).startswith("'"), name
    assert harmless("Acme Core") == "Acme Core"
    assert harmless("a\nb") == "a b"

    content = spreadsheet(some(row('=HYPERLINK("http://evil")', 1, 1)))
    [only] = table(content)
    assert only["infrastructure"] == '\'=HYPERLINK("http://evil")'
    assert content.startswith(b"\xef\xbb\xbf")


def test_the_words_name_only_months_in_which_something_ends() -> None:
    core = row("Core", 9, 8, later=1, ended=2, endless=1)
    core.ending.update({date(2026, 12, 1): 2, date(2027, 3, 1): 1})

    assert list(lines(some(core))) == [
        "Slots: 8 of 9 used.",
        "Production: 8 of 9 used, 1 free.",
        "Licenses ending: 2 in Dec 2026, 1 in Mar 2027.",
        "2 environments past the end of their term.",
        "1 environment ending later.",
        "1 environment without an end.",
        "1 environment registered and without a license yet.",
    ]


def test_twelve_months_are_looked_at_from_the_present_one_in_utc() -> None:
    months = months_from(datetime(2026, 12, 31, 23, 30, tzinfo=UTC))

    assert (months[0], months[-1], len(months)) == (date(2026, 12, 1), date(2027, 11, 1), 12)


def test_a_report_of_an_infrastructure_with_hostile_names_keeps_to_slacks_limits(
    posts: Posts, desk: Desk, example: Example
) -> None:
    with desk.database.write() as connection:
        connection.execute(
            update(infrastructures)
            .where(infrastructures.c.id == example.core)
            .values(name="<!channel>*&" * 10)
        )
    posts.slack.command("U0TOM", "report")
    posts.slack.command("U0EVA", "report AC1.K7Q.2MX.9PL.4RT.8WZ.3VB.6NC")

    posts.send()

    said = shown(received(posts.slack, "U0EVA").blocks)
    assert "<!channel>" not in said
    assert len(received(posts.slack, "U0TOM").files) == 2
