import pytest

from bot.sandbox.client import SlackClient
from handlers.commands import SUBCOMMANDS
from tests.example import Example
from tests.handlers.reading import shown


@pytest.mark.parametrize("typed", ["", "help", "  HELP  ", "?"])
def test_help_lists_what_there_is_to_do(slack: SlackClient, example: Example, typed: str) -> None:
    said = shown(slack.command("U0OLGA", typed).blocks)

    for each in SUBCOMMANDS:
        assert f"`/license {each.name}" in said


def test_a_word_that_is_like_none_is_followed_by_all_that_there_is(
    slack: SlackClient, example: Example
) -> None:
    answer = slack.command("U0ANA", "frobnicate")
    assert answer.text == "“frobnicate” is none of my commands, so nothing was done. These are:"
    assert "`/license register" in shown(answer.blocks)


def test_help_leaves_out_what_somebody_may_not_do(slack: SlackClient, example: Example) -> None:
    assert "`/license release" not in shown(slack.command("U0BEN").blocks)
    auditor = shown(slack.command("U0MAX").blocks)
    assert "`/license register" not in auditor
    assert "`/license slots" in auditor


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("regster", "register"),
        ("slotz", "slots"),
        ("realease prod", "release"),
        ("serial_change", "serial-changed"),
    ],
)
def test_the_nearest_subcommand_is_named(
    slack: SlackClient, example: Example, typed: str, meant: str
) -> None:
    answer = slack.command("U0RUI", typed)

    assert f"Did you mean `/license {meant}`?" in answer.text
    assert "`/license help`" in shown(answer.blocks)


def test_a_word_that_resembles_nothing_gets_the_help_without_a_guess(
    slack: SlackClient, example: Example
) -> None:
    answer = slack.command("U0RUI", "<!channel> xylophone")

    assert "Did you mean" not in answer.text
    assert "<!channel>" not in answer.text
    assert "`/license slots" in shown(answer.blocks)


def test_no_two_subcommands_share_a_word() -> None:
    words = [word for each in SUBCOMMANDS for word in each.words]

    assert len(words) == len(set(words))


def test_somebody_without_a_role_is_told_whom_to_ask(slack: SlackClient, example: Example) -> None:
    slack.command("U0ZOE", "help")
    slack.wait_for(lambda: any("not associated" in each.text for each in slack.ephemerals("U0ZOE")))
