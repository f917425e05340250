"""The whole main job with a signing key that never leaves its token."""

from datetime import UTC, datetime

from sqlalchemy import select

from bot.sandbox.client import SlackClient
from bot.settings import variable
from handlers.blocks.ids import Action
from store import keys
from store.database import Database
from store.kept_keys import key_in_token
from store.tables import licenses, signing_keys
from store.vault import Vault
from tests.program.conftest import CHANNEL, Program, ask, register, wait_until
from tests.softhsm import PIN, Token

SERIAL = "7QK-4ZP-M2X-9HB-T5R-C8W-E0N-001"


def test_a_license_signed_in_a_token_is_delivered_and_verified(
    slack: SlackClient, program: Program, token: Token
) -> None:
    token.make_pair("licenses")
    program.settings |= {variable(name): value for name, value in token.settings.items()}
    database = Database(program.settings[variable("database_url")])
    vault, now = Vault([program.settings[variable("master_keys")]]), datetime.now(UTC)
    with database.write() as connection:
        made = keys.add(connection, vault, now, outside=key_in_token("licenses", token.access))
        keys.activate(connection, made.kid, now)
    program.start()
    wait_until(lambda: slack.connections() > 0)
    register(slack, "U0ANA", SERIAL, "11.17.0 (Build 36348)", "Quality 1")
    ask(slack, "U0ANA", "Quality 1")
    wait_until(lambda: slack.messages(CHANNEL))
    slack.click("U0RUI", slack.messages(CHANNEL)[0], str(Action.FORWARD))
    wait_until(lambda: slack.files("U0ANA"))
    [sent] = slack.files("U0ANA")
    (program.folder / sent.name).write_bytes(slack.download(sent))
    assert "Its signature is good" in program.command("verify", sent.name).stdout
    with database.read() as connection:
        used = select(signing_keys.c.kid, signing_keys.c.private_encrypted).join(licenses)
        assert connection.execute(used).one() == (made.kid, b"")
    database.close()
    assert PIN not in program.logs()
