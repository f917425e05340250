"""Ids of another company in every place of every button and form, one at a time, sent by whoever may most."""

from dataclasses import fields, replace

import pytest

from tests.attacks.aims import ADMIN, AIMS, ASKER, OPERATOR, TECHNICAL
from tests.attacks.conftest import Attack, Stage
from tests.attacks.payloads import by
from tests.attacks.staging import Ids
from tests.example import serial

GLOBEX = (
    "Globex Core",
    "Gil Hart",
    "GX4.N1T.5QA.3SP.7UW.2ZC.6YE.9RF",
    *(serial(number) for number in range(101, 105)),
)
NAMES = tuple(field.name for field in fields(Ids))
PROBE = Ids(*range(9_001, 9_001 + len(NAMES)))


def _places() -> list[tuple[str, str]]:
    """Each button and form with each id that it carries."""
    return [
        (aim, name)
        for aim, each in AIMS.items()
        for name in NAMES
        if each.payload(replace(PROBE, **{name: 1})) != each.payload(PROBE)
    ]


@pytest.mark.parametrize(("aim", "name"), _places())
def test_an_id_of_another_company_changes_nothing_there_and_shows_nothing_of_it(
    staged: Stage, attack: Attack, aim: str, name: str
) -> None:
    mixed = replace(staged.acme, **{name: getattr(staged.globex, name)})
    sender = _sender(aim)
    before = staged.of_globex()

    said = attack(by(AIMS[aim].payload(mixed), sender))

    assert staged.of_globex() == before
    assert not [each for each in GLOBEX if each in str(said)]


def _sender(aim: str) -> str:
    """Somebody of Acme who may do it there; operators may everywhere."""
    may = AIMS[aim].may - {OPERATOR}
    return next((each for each in (ADMIN, TECHNICAL, ASKER) if each in may), ADMIN)
