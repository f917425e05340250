"""Every button and every form, by every role that may not, and by those who see nothing of it at all."""

import pytest
from sqlalchemy import update

import handlers
from handlers.blocks.ids import Callback
from store.tables import infrastructures, subscriptions
from tests.attacks.aims import AIMS, CLICKS, FORMS, INSIDERS, Aim
from tests.attacks.conftest import Attack, Said, Stage
from tests.attacks.payloads import by
from tests.attacks.staging import NAME, REASON
from tests.example import serial
from tests.store.peopling import newcomer
from tests.store.requesting import change, deactivate, give_role, rest_roles, take_roles

SECRETS = (NAME, "AC1.K7Q.2MX.9PL.4RT.8WZ.3VB.6NC", REASON, *(serial(number) for number in range(1, 5)))

MAY_NOT = [
    (user, name) for name, aim in AIMS.items() for user in sorted(INSIDERS - aim.may) if not aim.anybody
]
MAY = [(user, name) for name, aim in AIMS.items() for user in sorted(aim.may)]
STRANGERS = {
    "a member of another company": "U0OTTO",
    "an admin of another company": "U0NINA",
    "a contact of another infrastructure": "U0DORA",
    "a contact whose role was taken": "U0RUI",
    "a member whose role was taken": "U0BEN",
    "an admin whose roles rest": "U0TOM",
    "somebody without any role": "U0UMA",
    "somebody whom nobody knows": "U0ZOE",
}
TURNED_AWAY = {
    "a guest": "U0GUS",
    "an admin who was deactivated": "U0EVA",
    "an admin's id with another workspace": "U0EVA",
    "a person of another workspace": "U0SAM",
    "a bot": "U0DESK",
    "Slack's own bot": "USLACKBOT",
}
"""Whom the desk serves nothing at all."""
OUTSIDERS = {**STRANGERS, **TURNED_AWAY}
STAYS_THEIRS = {"button item.withdraw", "button home.request"}
"""What somebody asked for they may see and take back, also after they lost their role."""
FROM_OUTSIDE = [
    (who, name)
    for who in OUTSIDERS
    for name in AIMS
    if who != "a member whose role was taken" or name not in STAYS_THEIRS
]


def test_there_is_an_attack_for_every_button_and_every_form() -> None:
    assert set(CLICKS) == set(handlers.CLICKS)
    assert set(FORMS) == set(handlers.SUBMISSIONS)


@pytest.mark.parametrize(("user", "name"), MAY_NOT)
def test_a_role_that_may_not_changes_nothing_and_gets_no_form(
    staged: Stage, attack: Attack, user: str, name: str
) -> None:
    aim, before = _prepared(staged, name), staged.state()

    said = attack(by(aim.payload(staged.acme), user))

    assert staged.state() == before
    assert not aim.opens or aim.opens not in said.opened()
    assert not (aim.fetches and _fetched(said))


@pytest.mark.parametrize(("user", "name"), MAY)
def test_whoever_may_succeeds_with_the_same_payload(
    staged: Stage, attack: Attack, user: str, name: str
) -> None:
    aim, before = _prepared(staged, name), staged.state()

    said = attack(by(aim.payload(staged.acme), user))

    if aim.opens:
        assert aim.opens in said.opened() or staged.state() != before
    elif aim.fetches:
        assert _fetched(said)
    elif not aim.reads:
        assert staged.state() != before
    elif not aim.anybody:
        assert [each for each in SECRETS if each in str(said)]


@pytest.mark.parametrize(("who", "name"), FROM_OUTSIDE)
def test_somebody_from_outside_changes_nothing_and_reads_nothing(
    staged: Stage, attack: Attack, who: str, name: str
) -> None:
    _become(staged, who)
    aim, before = _prepared(staged, name), staged.state()

    said = attack(by(aim.payload(staged.acme), OUTSIDERS[who], **_home(who)))

    assert not [each for each in SECRETS if each in str(said)]
    if who in TURNED_AWAY:
        assert said.opened() <= {Callback.RESULT}
    if who in TURNED_AWAY or not aim.anybody:
        after = staged.state()
        assert {**after, "persons": []} == {**before, "persons": []}
        assert len(after["persons"]) - len(before["persons"]) <= (who == "somebody whom nobody knows")


def _prepared(staged: Stage, name: str) -> Aim:
    """The aim, with what has to be so before it."""
    if AIMS[name].suspended:
        change(staged.desk, update(subscriptions).values(state="suspended", suspension_reason="unpaid"))
    if AIMS[name].held:
        change(staged.desk, update(infrastructures).values(files="held"))
    return AIMS[name]


def _fetched(said: Said) -> bool:
    """Whether Slack was asked for a file."""
    return any(each["name"] == "files.info" for each in said.calls)


def _become(staged: Stage, who: str) -> None:
    """See that somebody is who they attack as."""
    desk, example = staged.desk, staged.example
    if who == "a contact of another infrastructure":
        give_role(
            desk, newcomer(desk, "Dora Depot", company_id=example.acme), "technical_contact", example.depot
        )
    elif who == "a contact whose role was taken":
        take_roles(desk, example.rui)
    elif who == "a member whose role was taken":
        take_roles(desk, example.ben)
    elif who == "an admin whose roles rest":
        rest_roles(desk, example.tom)
    elif who == "somebody without any role":
        newcomer(desk, "Uma Nobody", company_id=example.acme)
    elif who == "an admin who was deactivated":
        deactivate(desk, example.eva)


def _home(who: str) -> dict[str, str]:
    return {"home": "T0FAR"} if "workspace" in who else {}
