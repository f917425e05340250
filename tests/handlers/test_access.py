"""Asking for access, and how it is answered, over the wire."""

from sqlalchemy import insert, select

from bot.sandbox.client import SlackClient
from bot.sandbox.seen import Message, View
from store import tables
from store.desk import Desk
from tests.example import Example
from tests.handlers.acting import offered, result, there, told
from tests.handlers.forging import Forge
from tests.handlers.peopling import newer_view, wait_direct
from tests.handlers.posts import Posts
from tests.handlers.reading import buttons, options, shown
from tests.store.peopling import holders
from tests.store.requesting import take_roles

ANSWER = (
    "Thank you. Your request is passed on to those who can decide it, and you get their answer here, as a "
    "direct message."
)
CODE = "AC1.K7Q.2MX.9PL.4RT.8WZ.3VB.6NC"


def lost(slack: SlackClient, user: str = "U0ZOE") -> Message:
    """The answer to somebody who sees nothing."""
    slack.command(user, "slots")
    return told(slack, user, "not associated with any infrastructure")


def form(slack: SlackClient, user: str = "U0ZOE") -> View:
    return newer_view(slack, user, lambda: slack.click(user, lost(slack, user), "access.ask"))


def asked(slack: SlackClient, typed: str, user: str = "U0ZOE") -> str:
    return shown(result(slack.submit(user, form(slack, user), {"access": typed})).blocks)


def zoe(desk: Desk) -> int:
    with desk.database.read() as connection:
        query = select(tables.persons.c.id).where(tables.persons.c.slack_id == "U0ZOE")
        return int(connection.execute(query).scalar_one())


def test_whoever_sees_nothing_can_ask(slack: SlackClient, example: Example) -> None:
    assert buttons(lost(slack).blocks) == ["Ask for access"]


def test_the_answer_is_the_same_whether_a_code_matches_or_not(slack: SlackClient, example: Example) -> None:
    answers = {asked(slack, each) for each in (CODE, "ZZ9.ZZZ.ZZZ.ZZZ.ZZZ.ZZZ.ZZZ.ZZZ", "Acme, please")}
    assert answers == {ANSWER}


def test_a_code_leads_to_the_admins_of_its_company_who_add_a_member(
    slack: SlackClient, posts: Posts, desk: Desk, example: Example
) -> None:
    asked(slack, CODE.lower())
    posts.send()
    card = posts.direct_message("U0EVA", "Zoe Quist asks for access.")
    assert "Their activation code is that of Acme Core (Acme Logistics)." in shown(card.blocks)
    assert "E-mail address in Slack: zoe.quist@acme.example" in shown(card.blocks)
    assert not [each for each in posts.direct("U0OLGA") if "asks for access" in each]

    posts.click("U0EVA", card, "access.add_member")
    view = there(slack, lambda: slack.view("U0EVA"))
    assert options(view.blocks, "infrastructure") == [
        "Acme Cloud (Acme Logistics)",
        "Acme Core (Acme Logistics)",
        "Acme Depot (Acme Logistics)",
    ]
    after = result(slack.submit("U0EVA", view))

    assert "Zoe Quist is a member of Acme Core (Acme Logistics) now. They are told." in shown(after.blocks)
    posts.send()
    assert any("Eva Lang made you a member of Acme Core" in each for each in posts.direct("U0ZOE"))
    assert "slots are free" in slack.command("U0ZOE", "slots").text


def test_anything_else_goes_to_the_operators(
    slack: SlackClient, posts: Posts, desk: Desk, example: Example
) -> None:
    asked(slack, "I am new at <!channel> *Globex*")
    posts.send()
    card = posts.direct_message("U0OLGA", "Zoe Quist asks for access.")
    assert "They wrote: “I am new at &lt;!channel&gt; ∗Globex∗”" in shown(card.blocks)
    assert not [each for each in posts.direct("U0EVA") if "asks for access" in each]

    posts.click("U0OLGA", card, "access.add_member")
    view = there(slack, lambda: slack.view("U0OLGA"))
    after = result(slack.submit("U0OLGA", view, {"infrastructure": str(example.globex)}))

    assert "Zoe Quist is a member of Globex Core (Globex) now." in shown(after.blocks)
    assert zoe(desk) in holders(desk, "member")


def test_somebody_whom_the_import_linked_is_answered_by_their_company(
    slack: SlackClient, posts: Posts, desk: Desk, example: Example
) -> None:
    take_roles(desk, example.ben)
    asked(slack, "my laptop is new", "U0BEN")
    posts.send()
    assert posts.direct_message("U0EVA", "Ben Okafor asks for access.")


def test_a_declined_request_is_told_without_names(
    slack: SlackClient, posts: Posts, desk: Desk, example: Example
) -> None:
    asked(slack, CODE)
    posts.send()
    card = posts.direct_message("U0EVA", "asks for access")

    posts.click("U0EVA", card, "access.decline")
    wait_direct(slack, "U0EVA", "You declined the request of Zoe Quist. They are told, and not by whom.")
    posts.send()

    [said] = [each for each in posts.direct("U0ZOE") if "declined" in each]
    assert said.startswith("Your request for access was declined.")
    assert "Eva" not in said
    assert "Acme" not in said
    assert zoe(desk) not in holders(desk, "member")


def test_the_second_who_answers_is_told_who_did(
    slack: SlackClient, posts: Posts, desk: Desk, example: Example
) -> None:
    give = {"role": "company_admin", "company_id": example.acme, "held_from": desk.clock()}
    with desk.database.write() as connection:
        connection.execute(insert(tables.roles).values(person_id=example.tom, **give))
    asked(slack, CODE)
    posts.send()
    for user in ("U0EVA", "U0TOM"):
        posts.click(user, posts.direct_message(user, "asks for access"), "access.decline")
        there(slack, lambda user=user: len(slack.direct(user)) > 1 or None)  # type: ignore[misc] # mypy reads no default of a lambda

    wait_direct(slack, "U0TOM", "Eva Lang already declined the request of Zoe Quist")


def test_after_three_requests_within_a_day_somebody_has_to_wait(slack: SlackClient, example: Example) -> None:
    for number in range(3):
        assert asked(slack, f"please {number}") == ANSWER

    assert "You asked for access several times within a day" in asked(slack, "please")


def test_nothing_but_spaces_is_said_at_the_field(slack: SlackClient, forge: Forge, example: Example) -> None:
    form(slack)
    values = {"access": {"field": {"type": "plain_text_input", "value": "   "}}}

    answer = forge.submission("U0ZOE", "access.ask", values)

    assert answer["errors"] == {"access": "Say in a few words what you need, or type an activation code."}


def test_more_than_fits_is_said_at_the_field(slack: SlackClient, forge: Forge, example: Example) -> None:
    form(slack)
    values = {"access": {"field": {"type": "plain_text_input", "value": "x" * 501}}}

    answer = forge.submission("U0ZOE", "access.ask", values)

    assert answer["errors"] == {"access": "This has 501 characters; at most 500 fit. Say it shorter."}


def test_whoever_was_not_asked_cannot_answer(
    slack: SlackClient, forge: Forge, desk: Desk, example: Example
) -> None:
    asked(slack, CODE)
    memory = '{"access": "1"}'
    chosen = {"infrastructure": {"field": {"type": "static_select", "selected_option": {"value": "1"}}}}
    for user in ("U0NINA", "U0ANA"):
        answer = forge.submission(user, "access.add_member", chosen, memory)
        assert "not associated with any infrastructure" in shown(answer["view"]["blocks"])
    assert zoe(desk) not in holders(desk, "member")


def test_an_admin_cannot_add_somebody_elsewhere(
    slack: SlackClient, forge: Forge, desk: Desk, example: Example
) -> None:
    asked(slack, CODE)
    value = {"value": str(example.globex)}
    chosen = {"infrastructure": {"field": {"type": "static_select", "selected_option": value}}}

    answer = forge.submission("U0EVA", "access.add_member", chosen, '{"access": "1"}')

    assert "not associated with any infrastructure" in shown(answer["view"]["blocks"])
    assert zoe(desk) not in holders(desk, "member")


def test_among_more_than_a_menu_holds_the_infrastructure_is_named(
    slack: SlackClient, posts: Posts, desk: Desk, example: Example
) -> None:
    with desk.database.write() as connection:
        ids = {"company_id": example.acme, "product_id": example.product}
        row = {**ids, "hosting": "on_premises", "files": "signed"}
        rows = [{**row, "name": f"Site {each}", "activation_code": f"S{each}"} for each in range(120)]
        connection.execute(insert(tables.infrastructures), rows)
    asked(slack, "the desk, please")
    posts.send()
    posts.click("U0OLGA", posts.direct_message("U0OLGA", "asks for access"), "access.add_member")
    view = there(slack, lambda: slack.view("U0OLGA"))

    assert offered(slack, "U0OLGA", view, "access.add_member.to:1", "mars") == []
    found = slack.suggest("U0OLGA", view, "access.add_member.to:1", "site 11")
    assert len(found) == 11
    after = result(slack.submit("U0OLGA", view, {"infrastructure": found[0]["value"]}))
    assert "Zoe Quist is a member of Site 11 (Acme Logistics) now." in shown(after.blocks)


def test_whoever_writes_to_the_bot_and_sees_nothing_can_ask_too(
    slack: SlackClient, posts: Posts, example: Example
) -> None:
    lost(slack)
    slack.say("U0ZOE", "hello")

    def answered() -> Message | None:
        posts.send()
        return next(iter(slack.direct("U0ZOE")[1:]), None)

    there(slack, answered)

    assert buttons(posts.direct_message("U0ZOE", "not associated").blocks) == ["Ask for access"]
