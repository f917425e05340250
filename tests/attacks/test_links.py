"""The link in an e-mail opens a door, and is nowhere but in the e-mail."""

from collections.abc import MutableMapping
from typing import Any

import pytest

from store.database import Database
from tests.attacks.test_stolen_database import raw
from tests.courier.conftest import sandbox
from tests.handlers.conftest import logged
from tests.mail.conftest import Mailing, mailing, postbox, smtp_port
from tests.mail.test_asking_by_mail import request_of

__all__ = ["logged", "mailing", "postbox", "sandbox", "smtp_port"]


@pytest.fixture
def database(sqlite_database: Database) -> Database:
    """What is kept is the same on both databases."""
    return sqlite_database


def test_the_token_of_a_link_is_neither_kept_nor_logged(
    mailing: Mailing, logged: list[MutableMapping[str, Any]]
) -> None:
    request_of(mailing)
    token = mailing.path().rpartition("/")[2]
    assert mailing.browser.get(mailing.path()).status == 200
    assert mailing.browser.post(mailing.path(), choice="forward").status == 200

    assert len(token) > 20
    assert token not in str(logged)
    assert token.encode() not in raw(mailing.desk.database)
