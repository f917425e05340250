"""`/license people` about those who are not in Slack and asked by e-mail."""

from handlers import who_is_who
from store import infrastructures, people
from store.desk import Desk
from tests.example import Example
from tests.store.requesting import give_role


def shown(desk: Desk, example: Example, *, mails: bool) -> str:
    """Who is who in `core`, as its company admin sees it."""
    with desk.database.read() as connection:
        held = people.held_roles(connection, example.eva)
        [seen] = infrastructures.seen_with(connection, held, limit=1, named="Acme Core")
        who = who_is_who.read(connection, seen, example.workspace, desk.clock(), mails=mails)
    return "\n".join([*who_is_who.paragraphs(who), *who_is_who.warnings(who)])


def test_a_contact_outside_slack_is_said_to_be_asked_by_e_mail(desk: Desk, example: Example) -> None:
    give_role(desk, example.lena, "additional_contact", example.core)
    said = shown(desk, example, mails=True)
    assert "Lena Holm (by e-mail)" in said
    assert "nobody can ask them" not in said


def test_without_a_mail_server_a_contact_outside_slack_cannot_be_asked(desk: Desk, example: Example) -> None:
    give_role(desk, example.lena, "additional_contact", example.core)
    said = shown(desk, example, mails=False)
    assert "Lena Holm (not in Slack)" in said
    assert "so nobody can ask them" in said


def test_a_member_outside_slack_is_asked_nothing_by_e_mail(desk: Desk, example: Example) -> None:
    said = shown(desk, example, mails=True)
    assert "Lena Holm (not in Slack)" in said
    assert "Lena Holm (member) is not known in Slack yet. They are linked when" in said
