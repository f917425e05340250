"""What readers are told of files that are deleted from Slack, beforehand and afterwards."""

from dataclasses import replace
from datetime import timedelta

import pytest

from store import file_deletions
from store.desk import Desk
from tests.example import Example, serial
from tests.handlers.posts import Posts
from tests.handlers.reading import shown
from tests.handlers.requesting import asked, registered
from tests.store.holding import hold, made_for, upload

WHEN = "<!date^1798189200^{date_short}|25 Dec 2026, 09:00 UTC>"


@pytest.fixture
def desk(desk: Desk) -> Desk:
    """A desk that deletes files after thirty days."""
    return replace(desk, policy=replace(desk.policy, delete_files_after_days=30))


def deleted(posts: Posts) -> None:
    """Let the days go by, and delete what is due."""
    posts.clock.advance(timedelta(days=30, minutes=1))
    file_deletions.queue_due(posts.desk)
    posts.send()


def test_a_license_file_says_beforehand_when_it_is_deleted_and_afterwards_how_to_ask_again(
    posts: Posts, desk: Desk, example: Example
) -> None:
    asked(desk, example.rui, registered(desk, example.rui, example.quality[0]))
    posts.send()
    [before] = [each for each in posts.slack.direct("U0RUI") if each.files]
    assert f"Deleted from Slack: from {WHEN} on; save what you need before" in shown(before.blocks)

    deleted(posts)

    [after] = [each for each in posts.slack.direct("U0RUI") if each.ts == before.ts]
    assert after.files == []
    assert after.text.startswith(
        "R-1001: the license file of Quality 1 (Non-production), Acme Logistics, Acme Core, was deleted from Slack on"
    )
    said = shown(after.blocks)
    assert f"Ask again with `/license request {serial(1)}`." in said
    assert "What is installed stays valid until its date." in said
    assert "Files are deleted here after 30 days." in said


@pytest.mark.parametrize(
    ("command", "what"), [("report", "The report"), ("revocations", "The revocation list")]
)
def test_what_a_command_sent_says_both_as_well(
    posts: Posts, desk: Desk, example: Example, command: str, what: str
) -> None:
    posts.slack.command("U0EVA", command)
    posts.send()
    [before] = [each for each in posts.slack.direct("U0EVA") if each.files]
    assert f"Deleted from Slack: from {WHEN}" in shown(before.blocks)

    deleted(posts)

    said = shown(posts.direct_message("U0EVA", "was deleted from Slack on").blocks)
    assert said.startswith(f"{what} was deleted from Slack on")
    assert f"type `/license {command}`" in said


def test_a_file_of_the_vendors_says_both_as_well(posts: Posts, desk: Desk, example: Example) -> None:
    hold(desk, example)
    registration = registered(desk, example.rui, example.quality[0])
    upload(desk, example.rui, registration, made_for(1))
    asked(desk, example.rui, registration)
    posts.send()
    [before] = [each for each in posts.slack.direct("U0RUI") if each.files]
    assert f"Deleted from Slack: from {WHEN} on; save what you need before" in shown(before.blocks)

    deleted(posts)

    [after] = [each for each in posts.slack.direct("U0RUI") if each.ts == before.ts]
    assert after.files == []
    assert f"Ask again with `/license request {serial(1)}`." in shown(after.blocks)
    answer = posts.slack.command("U0RUI", "history Quality 1")
    assert "deleted file number 1 of R-1001 for" in f"{answer.text} {shown(answer.blocks)}"


def test_the_record_says_it_in_words(posts: Posts, desk: Desk, example: Example) -> None:
    asked(desk, example.rui, registered(desk, example.rui, example.quality[0]))
    posts.send()
    deleted(posts)

    answer = posts.slack.command("U0RUI", "history Quality 1")

    said = f"{answer.text} {shown(answer.blocks)}"
    assert "deleted the file of license number 1 of R-1001" in said
