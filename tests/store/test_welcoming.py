"""Welcome messages on import: everybody with a role in the companies of the file, in Slack, once."""

from store import profiles, welcoming
from store.desk import Actor, Desk
from store.profiles import Profile
from tests.example import WORKSPACE, Example
from tests.store.peopling import newcomer, notices
from tests.store.requesting import deactivate, entries, rest_roles

BY_IMPORT = Actor(None, "import")


def welcome(desk: Desk, *companies: str, everywhere: bool = False) -> int:
    return welcoming.welcome(desk, BY_IMPORT, companies, everywhere=everywhere)


def test_everybody_with_a_role_in_the_companies_of_the_file_is_greeted(desk: Desk, example: Example) -> None:
    newcomer(desk)
    greeted = {"ana", "ben", "rui", "fiona", "ada", "tom", "eva", "max"}
    assert welcome(desk, "Acme Logistics") == len(greeted)
    assert set(notices(desk, "welcome")) == {getattr(example, each) for each in greeted}
    assert entries(desk, "welcome")[0].facts == {"people": len(greeted)}


def test_nobody_is_greeted_twice(desk: Desk, example: Example) -> None:
    welcome(desk, "Acme Logistics")
    assert welcome(desk, "Acme Logistics", "Globex") == 2
    assert welcome(desk, "Acme Logistics", "Globex") == 0
    assert {example.otto, example.nina} <= set(notices(desk, "welcome"))


def test_operators_are_greeted_when_the_file_is_about_the_desk(desk: Desk, example: Example) -> None:
    assert welcome(desk, everywhere=True) == 1
    assert set(notices(desk, "welcome")) == {example.olga}


def test_those_who_cannot_use_the_desk_are_left_out(desk: Desk, example: Example) -> None:
    deactivate(desk, example.ben)
    rest_roles(desk, example.max)
    welcome(desk, "Acme Logistics")
    assert not {example.ben, example.max, example.gus, example.lena} & set(notices(desk, "welcome"))


def test_somebody_who_came_to_slack_since_is_greeted_by_a_later_import(desk: Desk, example: Example) -> None:
    welcome(desk, "Acme Logistics")
    profiles.link(desk, Actor(None), Profile(WORKSPACE, "U0LENA", "Lena Holm", "lena.holm@acme.example"))
    assert welcome(desk, "Acme Logistics") == 1
    assert example.lena in notices(desk, "welcome")
