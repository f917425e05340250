"""Who we are: known before anybody is answered, though Slack may be away when we start."""

import time

from slack_sdk import WebClient
from sqlalchemy import text

from bot.introduction import FIRST_MEETING, Introduction
from bot.sandbox import Sandbox, World
from store.desk import Desk

CONFIG = {"workspace": {"id": "T0ACME", "name": "Acme", "domain": "acme"}, "people": [], "channels": []}


def test_after_the_first_start_we_know_who_we_are(desk: Desk) -> None:
    with Sandbox.start(World.from_config(CONFIG)) as sandbox:
        client = WebClient("xoxb-sandbox-bot-token", base_url=sandbox.api_url, retry_handlers=[])
        introduction = Introduction(desk, client)
        introduction.start()
        assert introduction.identity().workspace_id == "T0ACME"
        assert introduction.stop(5.0)


def test_a_later_start_knows_it_without_slack(desk: Desk) -> None:
    test_after_the_first_start_we_know_who_we_are(desk)
    away = WebClient("xoxb-sandbox-bot-token", base_url="http://127.0.0.1:9/api/", retry_handlers=[])
    introduction = Introduction(desk, away)
    assert introduction.identity().workspace_id == "T0ACME"


def test_a_first_start_goes_on_without_slack(desk: Desk) -> None:
    away = WebClient("xoxb-sandbox-bot-token", base_url="http://127.0.0.1:9/api/", retry_handlers=[])
    introduction = Introduction(desk, away)
    begun = time.monotonic()
    introduction.start()
    assert time.monotonic() - begun < FIRST_MEETING + 5
    assert introduction.identity().workspace_id == ""
    assert introduction.stop(5.0)


def test_where_the_answer_cannot_be_kept_it_is_asked_for_again(desk: Desk) -> None:
    with Sandbox.start(World.from_config(CONFIG)) as sandbox:
        client = WebClient("xoxb-sandbox-bot-token", base_url=sandbox.api_url, retry_handlers=[])
        introduction = Introduction(desk, client)
        with desk.database.write() as connection:
            connection.execute(text("ALTER TABLE workspaces RENAME TO away"))
        assert not introduction._asked_and_kept()
        assert introduction.identity().workspace_id == ""
        with desk.database.write() as connection:
            connection.execute(text("ALTER TABLE away RENAME TO workspaces"))
        assert introduction._asked_and_kept()
        assert introduction.identity().workspace_id == "T0ACME"
