from bot.sandbox.client import SlackClient
from tests.example import Example


def test_slots_are_counted_by_type(slack: SlackClient, example: Example) -> None:
    answer = slack.command("U0BEN", "slots")

    assert answer.ok
    assert "Production: 0 of 3 used, 3 free" in str(answer.blocks)
