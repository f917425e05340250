"""Makes the desk that settings describe; apart from the program, so that short commands start fast."""

from collections.abc import Callable
from datetime import UTC, datetime

from bot.settings import Settings
from store.database import Database
from store.desk import Desk, Policy
from store.kept_keys import KeyAccess
from store.key_tokens import TokenAccess
from store.keys import KeyRing
from store.rules.deadlines import Spans
from store.rules.key_states import NoActiveKey
from store.signers import PROBE
from store.vault import Vault


def now() -> datetime:
    """The present, aware."""
    return datetime.now(UTC)


def key_access(settings: Settings) -> KeyAccess:
    """What opens signing keys that are kept outside the database. Raises `SettingsRefused`."""
    pin = settings.read_key_secret("key_token_pin")
    seconds = settings.key_token_timeout.total_seconds()
    token = TokenAccess(settings.key_token_module, settings.key_token_label, pin, seconds)
    return KeyAccess(settings.read_key_secret("key_passphrase"), token)


def desk_of(settings: Settings, clock: Callable[[], datetime] = now) -> Desk:
    """Make the desk that the settings describe, which goes by `clock`.

    Raises `SettingsRefused` for keys that do not do.
    """
    vault = Vault(settings.read_master_keys())
    database = Database(settings.database_url.get_secret_value(), pool_size=settings.database_pool_size)
    policy = Policy(
        vendor=settings.vendor,
        operators_address=settings.operators_address,
        request_expiry=settings.request_expiry,
        request_spans=Spans(
            (settings.first_reminder, settings.second_reminder),
            settings.admins_after,
            settings.urgent_admins_after,
        ),
        urgent_requests=settings.urgent_requests,
        urgent_period=settings.urgent_period,
        requests_most=settings.requests_most,
        requests_period=settings.requests_period,
        refusals_most=settings.refusals_most,
        refusals_period=settings.refusals_period,
        operators_channel=settings.operators_channel,
        delete_files_after_days=settings.delete_files_after_days,
        undo_window=settings.undo_window,
        key_published_for=settings.key_published_for,
        revocation_list_life=settings.revocation_list_life,
        held_file_largest=settings.held_file_largest * 1024 * 1024,
        held_file_endings=tuple(settings.held_file_endings.split(",")),
        public_url=settings.public_url,
        mails=settings.mails,
    )
    return Desk(database, vault, KeyRing(vault, key_access(settings)), policy, clock)


def check_signing(desk: Desk) -> bool:
    """Look whether the active key signs, wherever it is kept; give whether there is one, since having none is no fault.

    Raises `VaultClosed`, `KeyMisnamed` or a `KeyKeepingError`.
    """
    with desk.database.read() as connection:
        try:
            desk.keys.active(connection).sign(PROBE)
        except NoActiveKey:
            return False
    return True
