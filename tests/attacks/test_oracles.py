"""Whoever asks about something of others learns nothing: not from the words, and not from the work that it takes."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import event

from handlers import OFFERED
from handlers.blocks.ids import Callback
from handlers.commands import SUBCOMMANDS
from tests.attacks.aims import ADMIN, MEMBER
from tests.attacks.conftest import Attack, Said, Stage
from tests.attacks.payloads import Json, by, command, form, text
from tests.attacks.test_ids import GLOBEX, PROBE
from tests.example import serial

# What Globex has, and what nobody has, of the same length.
THEIRS_AND_NOBODYS = {
    "a serial number": (serial(101), serial(999)),
    "an infrastructure": ("Globex Core", "Globux Core"),
    "a company": ("Globex", "Globux"),
    "an activation code": ("GX4.N1T.5QA.3SP.7UW.2ZC.6YE.9RF", "GX4.N1T.5QA.3SP.7UW.2ZC.6YE.9RG"),
    "a slot": ("Globex 0", "Globux 0"),
    "a person": ("Otto Brandt", "Otti Brandt"),
    "a request": ("R-1005", "R-9005"),
}


@contextmanager
def counted(staged: Stage) -> Iterator[list[str]]:
    """The statements that are executed meanwhile."""
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        statements.append(statement)

    engine = staged.desk.database.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", note)


def _without(said: Said, typed: str) -> str:
    return str(said).replace(typed, "X")


@pytest.mark.parametrize("user", [MEMBER, ADMIN])
@pytest.mark.parametrize("what", THEIRS_AND_NOBODYS)
@pytest.mark.parametrize("word", [each.name for each in SUBCOMMANDS if each.name not in ("help", "register")])
def test_what_is_anothers_is_answered_like_what_is_nobodys(
    staged: Stage, attack: Attack, word: str, what: str, user: str
) -> None:
    theirs, nobodys = THEIRS_AND_NOBODYS[what]
    attack(command(user, f"{word} {nobodys}"))  # the same refusal is recorded once within a minute

    with counted(staged) as for_theirs:
        known = attack(command(user, f"{word} {theirs}"))
    with counted(staged) as for_nobodys:
        unknown = attack(command(user, f"{word} {nobodys}"))

    assert _without(known, theirs) == _without(unknown, nobodys)
    assert len(for_theirs) == len(for_nobodys)
    assert not [each for each in GLOBEX if each in _without(known, theirs)]


@pytest.mark.parametrize("what", [*THEIRS_AND_NOBODYS, "a bare number"])
def test_a_search_finds_of_others_what_it_finds_of_nobody(staged: Stage, attack: Attack, what: str) -> None:
    theirs, nobodys = THEIRS_AND_NOBODYS.get(what, ("1005", "9005"))
    attack(_search(nobodys))  # the same refusal is recorded once within a minute

    with counted(staged) as for_theirs:
        known = attack(_search(theirs))
    with counted(staged) as for_nobodys:
        unknown = attack(_search(nobodys))

    assert _without(known, theirs) == _without(unknown, nobodys)
    assert len(for_theirs) == len(for_nobodys)


@pytest.mark.parametrize("typed", ["", "Globex", "101", serial(101)])
@pytest.mark.parametrize("action", OFFERED)
def test_a_menu_offers_nothing_of_others(staged: Stage, attack: Attack, action: str, typed: str) -> None:
    for key in (
        staged.globex.infrastructure,
        f"{staged.globex.infrastructure}-production",
        staged.globex.access,
    ):
        payload = {"type": "block_suggestion", "action_id": f"{action}:{key}", "value": typed}
        said = str(attack(by({**payload, "view": {"id": "V1"}}, ADMIN)))
        assert not [each for each in (*GLOBEX, "Globex") if each in said]


@pytest.mark.parametrize("who", ["U0GUS", "U0UMA", "U0SAM", "U0DESK"])
@pytest.mark.parametrize("action", OFFERED)
def test_a_menu_offers_nothing_to_whoever_sees_nothing(attack: Attack, action: str, who: str) -> None:
    payload = {"type": "block_suggestion", "action_id": action, "value": "Acme", "view": {"id": "V1"}}
    assert attack(by(payload, who)).answer == {"options": []}


def _search(typed: str) -> Json:
    return by(form(Callback.HOME_SEARCH, lambda _: text("search", typed))(PROBE), MEMBER)
