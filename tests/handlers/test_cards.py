from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert, update

from bot.sandbox import block_kit
from bot.sandbox.client import SlackClient
from handlers import cards
from store import decisions, registrations, requests
from store.desk import Actor, Desk
from store.request_views import view
from store.tables import (
    companies,
    conversation_members,
    conversations,
    infrastructures,
    persons,
    roles,
    slots,
)
from store.tables import (
    registrations as registration_rows,
)
from tests.example import APPROVAL_CHANNEL, START, WORKSPACE, Example, serial
from tests.handlers.posts import Posts
from tests.handlers.reading import buttons, shown
from tests.handlers.requesting import asked, registered

Card = dict[str, Any]
HOSTILE = "<!channel> <@U0RUI> *bold* _it_ ~no~ `code` ```more``` & <https://evil.example|click> \u202eevil\n> quoted"


def draw(desk: Desk, request_id: int, channel: str | None = APPROVAL_CHANNEL) -> Card:
    with desk.database.read() as connection:
        drawn = cards.card(connection, desk, request_id, channel)
    assert block_kit.check_message(drawn["blocks"], drawn["text"]) == []
    return drawn


def ten(desk: Desk, example: Example, name: str) -> list[int]:
    """Ten registered environments whose names begin like this, as long as names can be."""
    with desk.database.write() as connection:
        rows = [
            {
                "infrastructure_id": example.core,
                "environment_type": "non_production",
                "name": f"{number}{name}"[:80],
            }
            for number in range(10)
        ]
        made = list(connection.execute(insert(slots).returning(slots.c.id), rows).scalars())
    return [registered(desk, example.ben, slot, 100 + number) for number, slot in enumerate(made)]


def rename(desk: Desk, name: str) -> None:
    """Give everything and everybody this name."""
    with desk.database.write() as connection:
        connection.execute(update(companies).where(companies.c.id == 1).values(name=name[:120]))
        connection.execute(update(infrastructures).where(infrastructures.c.id == 1).values(name=name[:120]))
        connection.execute(update(persons).values(name=name[:120]))


def marked_up(blocks: list[Card]) -> list[str]:
    """The texts in which Slack looks for marks, mentions and links."""
    return [block["text"]["text"] for block in blocks if block.get("text", {}).get("type") == "mrkdwn"]


@pytest.fixture
def request_id(desk: Desk, example: Example) -> int:
    """Ana asks for the license of Quality 2."""
    return asked(desk, example.ana, registered(desk, example.ana, example.quality[1]))


def test_the_text_says_number_who_and_what_and_begins_the_first_block(desk: Desk, request_id: int) -> None:
    drawn = draw(desk, request_id)

    assert drawn["text"] == (
        "R-1001: Ana Silva asks for the license file of Quality 2 (Non-production), Acme Logistics, Acme Core."
    )
    assert drawn["blocks"][0]["text"]["text"] == drawn["text"]


def test_a_card_has_one_label_and_value_per_line(desk: Desk, request_id: int) -> None:
    said = shown(draw(desk, request_id)["blocks"]).split("\n")

    assert f"Serial number: {serial(1)}" in said
    assert "Platform version: 11.17.0 (Build 36348)" in said
    assert "Activation code: AC1.K7Q.2MX.9PL.4RT.8WZ.3VB.6NC" in said
    assert "Reason: “upgrade”" in said
    assert "Unusual: first request of this person" in said
    assert any(each.startswith("Asked by: Ana Silva, on <!date^") for each in said)


def test_a_card_says_what_each_button_does_and_when_it_expires(desk: Desk, request_id: int) -> None:
    in_channel = shown(draw(desk, request_id)["blocks"])
    directly = shown(draw(desk, request_id, None)["blocks"])

    assert "Forward sends the license file to Ana Silva at once." in in_channel
    assert "which Ana Silva and this channel will read" in in_channel
    assert "which Ana Silva will read" in directly
    expiry = int((START + timedelta(days=7)).timestamp())
    assert (
        f"Unanswered, it expires on <!date^{expiry}^{{date_short}}, {{time}}|2 Dec 2026, 09:00 UTC>."
        in directly
    )


def test_those_asked_are_mentioned_only_where_they_are(desk: Desk, request_id: int) -> None:
    assert "Asked: <@U0FIONA>, <@U0RUI> and Ada Novak (directly). Any one of them can answer." in shown(
        draw(desk, request_id)["blocks"]
    )
    directly = shown(draw(desk, request_id, None)["blocks"])
    assert "<@" not in directly
    assert "Asked: Fiona Marsh, Rui Costa and Ada Novak. Any one of them can answer." in directly


def test_the_requester_is_mentioned_only_in_a_channel_that_they_are_in(
    desk: Desk, request_id: int, example: Example
) -> None:
    with desk.database.write() as connection:
        row = {"conversation_id": 1, "slack_id": "U0ANA"}
        connection.execute(insert(conversation_members).values(row))

    assert "Asked by: <@U0ANA>, on" in shown(draw(desk, request_id)["blocks"])
    assert "Asked by: Ana Silva, on" in shown(draw(desk, request_id, None)["blocks"])


def test_who_could_not_be_reached_is_named(desk: Desk, example: Example) -> None:
    with desk.database.write() as connection:
        connection.execute(update(persons).where(persons.c.id == example.fiona).values(active=False))
    request_id = asked(desk, example.ana, registered(desk, example.ana, example.quality[1]))

    assert "Not reached in Slack: Fiona Marsh." in shown(draw(desk, request_id)["blocks"])


def test_production_and_a_fresh_serial_number_are_unusual(desk: Desk, example: Example) -> None:
    first = registered(desk, example.ben, example.production[0], 1)
    changed = registrations.change_serial(desk, Actor(example.rui), first, serial(2)).environment.registration
    assert changed
    asked(desk, example.ben, registered(desk, example.ben, example.quality[0], 3))
    request_id = asked(desk, example.ben, changed.id)

    said = shown(draw(desk, request_id)["blocks"])
    assert "Unusual: for production (Prod 1); serial number of Prod 1 changed on <!date^" in said
    assert "first request" not in said


def test_nothing_unusual_needs_no_line(desk: Desk, example: Example) -> None:
    asked(desk, example.ben, registered(desk, example.ben, example.quality[0], 1))
    request_id = asked(desk, example.ben, registered(desk, example.ben, example.quality[1], 2))

    assert "Unusual" not in shown(draw(desk, request_id)["blocks"])


@pytest.mark.parametrize(
    "text",
    [
        HOSTILE,
        "&" * 200,
        "שלום " * 200,
        "😀" * 300,
        "👨‍👩‍👧‍👦" * 60,
        "`*_~" * 100,
        "<" * 200,
        "W" * 200,
    ],
    ids=["marks", "ampersands", "right to left", "emoji", "families", "backticks", "brackets", "wide"],
)
def test_ten_items_with_the_longest_names_and_reasons_keep_to_the_limits(
    desk: Desk, example: Example, text: str
) -> None:
    registration_ids = ten(desk, example, text)
    rename(desk, text)
    with desk.database.write() as connection:
        connection.execute(update(registration_rows).values(platform_version="11" * 30))
    request_id = asked(desk, example.ben, *registration_ids, reason=(text * 50)[:1000])
    waiting = draw(desk, request_id)
    assert buttons(waiting["blocks"]) == ["Forward all", "Choose…", "Decline"]
    decisions.forward(desk, Actor(example.rui), request_id, [1, 2, 3])
    draw(desk, request_id)
    decisions.decline(desk, Actor(example.rui), request_id, None, (text * 50)[:1000])

    drawn = draw(desk, request_id)

    for each in (waiting, drawn):
        said = "\n".join(marked_up(each["blocks"]))
        assert "<!channel>" not in said
        assert "<https" not in said
        assert "*bold*" not in said
        assert "\u202e" not in said
        assert "Activation code: AC1.K7Q" in said, "nothing that matters is cut off"
    assert "Asked: " in shown(waiting["blocks"])
    assert "at once, as a direct message." in shown(waiting["blocks"])


def test_a_crowd_of_contacts_is_counted(desk: Desk, example: Example) -> None:
    with desk.database.write() as connection:
        rows = [
            {
                "workspace_id": WORKSPACE,
                "slack_id": f"U0C{number}",
                "email": f"c{number}@x.example",
                "name": "N" * 120,
            }
            for number in range(120)
        ]
        made = connection.execute(
            insert(persons).returning(persons.c.id), [{**row, "zone": "UTC"} for row in rows]
        )
        held = {"role": "additional_contact", "infrastructure_id": example.core, "held_from": START}
        connection.execute(insert(roles), [{**held, "person_id": each} for each in made.scalars()])
    request_id = asked(desk, example.ben, registered(desk, example.ben, example.quality[0]))

    said = shown(draw(desk, request_id)["blocks"])

    assert "and 113 more (directly). Any one of them can answer." in said


def test_an_expired_card_says_so_and_has_no_buttons(posts: Posts, desk: Desk, request_id: int) -> None:
    posts.send()
    posts.clock.advance(timedelta(days=7, minutes=1))
    assert requests.expire_due(desk) == 1
    posts.send()

    card = posts.card()
    assert "R-1001: Ana Silva asked for the license file of Quality 2" in card.text
    assert "Expired on" in card.text
    assert card.text.endswith("because nobody answered.")
    assert buttons(card.blocks) == []
    assert posts.replies() == [
        "R-1001: the request for the license file of Quality 2 (Non-production) has expired, because nobody answered."
    ]


def test_a_withdrawn_card_says_so(posts: Posts, desk: Desk, example: Example, request_id: int) -> None:
    posts.send()
    requests.withdraw(desk, Actor(example.ana), 1)
    posts.send()

    assert "Withdrawn on" in posts.card().text
    assert buttons(posts.card().blocks) == []
    assert "Ana Silva withdrew the request for the license file of Quality 2" in posts.replies()[0]


def test_every_copy_is_redrawn(posts: Posts, desk: Desk, example: Example, request_id: int) -> None:
    posts.send()
    decisions.forward(desk, Actor(example.rui), request_id)
    posts.send()

    assert "Forwarded by Rui Costa" in posts.card().text
    assert "Forwarded by Rui Costa" in posts.direct_message("U0ADA", "R-1001: Ana Silva asked").text


def test_an_archived_channel_gets_everybody_the_card_directly(
    posts: Posts, slack: SlackClient, request_id: int
) -> None:
    slack.archive(APPROVAL_CHANNEL)
    posts.send()

    for user in ("U0RUI", "U0FIONA", "U0ADA"):
        assert any("Forward license" in each for each in posts.direct(user)), user


def test_a_card_drawn_before_it_was_posted_names_the_deadline_it_will_have(
    posts: Posts, desk: Desk, request_id: int
) -> None:
    posts.clock.advance(timedelta(hours=5))
    posts.send()

    with desk.database.read() as connection:
        expires_at = view(connection, request_id).expires_at
    assert expires_at
    assert f"<!date^{int(expires_at.timestamp())}^" in shown(posts.card().blocks)


def test_a_channel_that_nobody_is_known_to_be_in_mentions_nobody(desk: Desk, request_id: int) -> None:
    with desk.database.write() as connection:
        connection.execute(conversation_members.delete())
        connection.execute(conversations.delete())

    assert "<@" not in shown(draw(desk, request_id)["blocks"])
