"""The watch over the stage: what is written is seen, and is gone before the next attack."""

from sqlalchemy import insert, update

from store.tables import attempts, persons
from tests.attacks.conftest import Stage
from tests.example import START
from tests.store.requesting import change

RENAMED = "SELECT name FROM persons WHERE name = 'Mallory'"
ATTEMPTS = "SELECT count(*) FROM attempts"


def test_what_an_attack_writes_is_seen_and_put_back(staged: Stage) -> None:
    before = staged.state()
    change(staged.desk, update(persons).values(name="Mallory"))
    assert staged.state() != before
    staged.watched.put_back()
    assert staged.state() == before
    assert staged.watched.rows(RENAMED) == []


def test_what_nobody_looked_at_after_it_was_written_is_put_back_too(staged: Stage) -> None:
    change(staged.desk, update(persons).values(name="Mallory"))
    staged.watched.put_back()
    assert staged.watched.rows(RENAMED) == []


def test_what_only_the_record_holds_is_put_back_too(staged: Stage) -> None:
    staged.state()
    [before] = staged.watched.rows(ATTEMPTS)
    change(staged.desk, insert(attempts).values(person_id=staged.example.ana, kind="right", at=START))
    staged.state()
    staged.watched.put_back()
    assert staged.watched.rows(ATTEMPTS) == [before]
