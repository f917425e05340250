"""The keys: master keys that open the signing keys, and one of these that signs."""

from collections.abc import Iterator

from bot.desk import key_access
from bot.doctoring.examined import Examined
from bot.doctoring.finding import Finding, ok, problem, warning
from bot.sentences import sentence
from bot.settings import SettingsRefused
from store import checkup, keys
from store.keys import KeyRing
from store.rules.key_errors import KeyMisnamed
from store.rules.key_keeping import KeyKeepingError
from store.rules.key_states import KeyPurpose, NoActiveKey
from store.rules.secrets import VaultClosed
from store.signers import PROBE
from store.vault import Vault

SUBJECT = "Keys"
_MASTER_KEYS = (
    "Add the master key that they were locked with to LICENSE_DESK_MASTER_KEYS, after the newest one."
)


def check(examined: Examined) -> Iterator[Finding]:
    """The signing keys, when there are master keys to open them with; without, the settings say so."""
    try:
        vault, access = Vault(examined.settings.read_master_keys()), key_access(examined.settings)
    except SettingsRefused:
        return
    with examined.database.read() as connection:
        closed = checkup.unopened_keys(connection, vault)
        for kid in closed:
            yield problem(SUBJECT, f"the master keys do not open the signing key {kid}.", _MASTER_KEYS)
        try:
            active = KeyRing(vault, access).active(connection)
            active.sign(PROBE)
        except NoActiveKey:
            yield problem(SUBJECT, "no signing key is active, so no license file can be made.", _INIT)
        except KeyMisnamed as misnamed:
            yield problem(
                SUBJECT,
                f"the private part of the signing key {misnamed.kid} is another key's.",
                "Restore the database, or the file of the key, from a backup.",
            )
        except KeyKeepingError as error:
            yield problem(SUBJECT, "the active signing key cannot sign.", sentence(error))
        except VaultClosed:
            return  # It is among those that were told above.
        else:
            yield ok(SUBJECT, f"the signing key {active.kid} ({active.algorithm}) is active and signs.")
            if keys.find(connection, active.kid).purpose is KeyPurpose.TEST:
                yield warning(SUBJECT, "it is a test key: products refuse the license files.", _TO_PRODUCTION)


_INIT = "Run: license-desk keys init"
_TO_PRODUCTION = (
    "For a desk that is not for tests, make a production key with license-desk keys add, and activate it."
)
