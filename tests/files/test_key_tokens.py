"""Signing keys in a PKCS #11 token: used where they are, never read out, and refused in a sentence."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from threading import Event

import pkcs11
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pkcs11 import Mechanism, TokenFlag
from sqlalchemy import select, update

from store import keys
from store.database import Database
from store.kept_keys import KeyAccess, key_in_file, key_in_token
from store.key_formats import algorithm_of, generate, private_der, public_from_pem, public_pem
from store.key_tokens import TokenAccess, TokenModule, token_public_key, token_signer
from store.keys import KeyRing
from store.rules.key_errors import KeyMisnamed
from store.rules.key_keeping import (
    KeptIn,
    KeyFileUnreadable,
    TokenAway,
    TokenKeyLeavable,
    TokenKeyMissing,
    TokenKeyOdd,
    TokenKeyOther,
    TokenModuleUnusable,
    TokenNotSet,
    TokenPinLastTry,
    TokenPinRefused,
    TokenSilent,
)
from store.rules.key_states import ActiveKeyExists, KeyKnown, KeyState
from store.signers import is_signed
from store.tables import signing_keys
from store.vault import Vault, generate_key
from tests.softhsm import MODULE, PIN, Token

NOW = datetime(2026, 12, 1, 10, 15, tzinfo=UTC)


@pytest.fixture
def vault() -> Vault:
    return Vault([generate_key()])


@pytest.mark.parametrize("algorithm", ["ES256", "EdDSA"])
def test_a_key_in_a_token_signs_where_it_is(token: Token, algorithm: str) -> None:
    token.make_pair("licenses", algorithm)
    public_key = token_public_key(token.access.token, "licenses")
    sign = token_signer(token.access.token, "licenses", public_key)
    assert algorithm_of(public_key) == algorithm
    assert is_signed(public_key, b"a message", sign(b"a message"))
    assert not is_signed(public_key, b"another one", sign(b"a message"))


def test_the_private_part_of_a_key_in_a_token_is_nowhere_else(
    sqlite_database: Database, vault: Vault, token: Token
) -> None:
    token.make_pair("licenses")
    with sqlite_database.write() as connection:
        made = keys.init(connection, vault, NOW, outside=key_in_token("licenses", token.access))
        opened = KeyRing(vault, token.access).active(connection)
        row = connection.execute(select(signing_keys)).one()
    assert is_signed(public_from_pem(made.public_pem), b"a message", opened.sign(b"a message"))
    assert (row.private_encrypted, row.kept_in) == (b"", "token")
    assert row.kept_at == f"pkcs11:token={token.label.replace(' ', '%20')};object=licenses"
    said = _attributes(token, "licenses")
    assert said == "SENSITIVE True, EXTRACTABLE False, NEVER_EXTRACTABLE True, VALUE cannot be read"


def _attributes(token: Token, label: str) -> str:
    """What another process with the PIN learns of a private key."""
    program = f"""
import pkcs11
from pkcs11 import Attribute, ObjectClass
with pkcs11.lib({MODULE!r}).get_token(token_label={token.label!r}).open(user_pin={PIN!r}) as session:
    key = session.get_key(label={label!r}, object_class=ObjectClass.PRIVATE_KEY)
    names = ("SENSITIVE", "EXTRACTABLE", "NEVER_EXTRACTABLE")
    said = [f"{{name}} {{key[Attribute[name]]}}" for name in names]
    try:
        key[Attribute.VALUE]
    except pkcs11.exceptions.AttributeSensitive:
        said.append("VALUE cannot be read")
    print(", ".join(said), end="")
"""
    return subprocess.run([sys.executable, "-c", program], text=True, capture_output=True, check=True).stdout


def test_a_token_that_was_away_is_connected_again(token: Token) -> None:
    token.make_pair("licenses")
    public_key = token_public_key(token.access.token, "licenses")
    sign = token_signer(token.access.token, "licenses", public_key)
    with token.away():
        for _ in range(2):
            with pytest.raises(TokenAway):
                sign(b"a message")
    assert is_signed(public_key, b"a message", sign(b"a message"))


def test_a_token_that_was_away_between_two_signatures_is_not_noticed(token: Token) -> None:
    token.make_pair("licenses")
    public_key = token_public_key(token.access.token, "licenses")
    sign = token_signer(token.access.token, "licenses", public_key)
    with token.away(), pytest.raises(TokenAway):
        token_public_key(token.access.token, "licenses")
    assert is_signed(public_key, b"a message", sign(b"a message"))


def test_many_threads_sign_with_several_keys_while_a_token_comes_and_goes(token: Token) -> None:
    for label in ("one", "two"):
        token.make_pair(label)
    public_keys = {label: token_public_key(token.access.token, label) for label in ("one", "two")}
    signers = {label: token_signer(token.access.token, label, key) for label, key in public_keys.items()}

    def signs(number: int) -> bool | None:
        """Whether it signed rightly; nothing when the token was away."""
        label, message = ("one", "two")[number % 2], f"message {number}".encode()
        try:
            with token.away() if number == 100 else nullcontext():
                return is_signed(public_keys[label], message, signers[label](message))
        except TokenAway:
            return None

    with ThreadPoolExecutor(8) as pool:
        signed = list(pool.map(signs, range(400)))
    assert (signed[0], signed[100]) == (True, None)
    assert False not in signed
    assert signs(401)
    assert signs(402)


def test_a_wrong_pin_is_tried_once_lest_the_token_locks(token: Token) -> None:
    token.make_pair("licenses")
    wrong = replace(token.access.token, pin="9999-canary")
    with pytest.raises(TokenPinRefused) as caught:
        token_public_key(wrong, "licenses")
    assert (caught.value.token, caught.value.reason) == (token.label, "PinIncorrect")
    with token.away(), pytest.raises(TokenPinRefused):
        token_public_key(wrong, "licenses")  # A token that was asked would be found to be away.
    token_public_key(token.access.token, "licenses")


class StandIn:
    """What python-pkcs11 is for a module with one token and one key; it answers only while `answers` is set."""

    def __init__(self, flags: TokenFlag = TokenFlag.LOGIN_REQUIRED) -> None:
        self.flags, self.answers = flags, Event()
        self.answers.set()
        self._private_key = Ed25519PrivateKey.generate()
        self.logins = self.inside = self.most_inside = 0
        self.module = TokenModule("module.so", self)  # type: ignore[arg-type] # as much of it as is used

    def signs(self, seconds: float = 60.0) -> bool:
        """Sign by way of the code that is tested."""
        access, public_key = TokenAccess("module.so", "desk", "1234", seconds), self._private_key.public_key()
        return is_signed(
            public_key, b"a message", self.module.sign(access, "licenses", public_key, b"a message")
        )

    def returns(self) -> None:
        """Answer again, and wait until the call that hung has ended."""
        self.answers.set()
        for thread in threading.enumerate():
            if thread.name == "one at a time":
                thread.join(60)

    @contextmanager
    def _entered(self) -> Iterator[None]:
        self.inside += 1
        self.most_inside = max(self.most_inside, self.inside)
        assert self.answers.wait(60)
        yield
        self.inside -= 1

    def get_token(self, token_label: str) -> "StandIn":
        assert token_label == "desk"
        return self

    def open(self, user_pin: str) -> "StandIn":
        with self._entered():
            assert user_pin == "1234"
            self.logins += 1
            return self

    def get_objects(self, _wanted: object) -> list["StandIn"]:
        with self._entered():
            return [self]

    def sign(self, message: bytes, mechanism: Mechanism) -> bytes:
        with self._entered():
            assert mechanism is Mechanism.EDDSA
            return self._private_key.sign(message)


def test_the_last_try_before_a_token_locks_is_left_to_people() -> None:
    token = StandIn(TokenFlag.USER_PIN_COUNT_LOW | TokenFlag.USER_PIN_FINAL_TRY)
    with pytest.raises(TokenPinLastTry):
        token.signs()
    assert token.logins == 0
    token.flags = TokenFlag.USER_PIN_COUNT_LOW
    assert token.signs()


def test_a_token_that_hangs_keeps_nobody_for_long_and_is_not_entered_twice() -> None:
    token = StandIn()
    assert token.signs()
    token.answers.clear()
    with pytest.raises(TokenSilent) as caught:
        token.signs(0.01)
    assert (caught.value.token, caught.value.seconds) == ("desk", "0.01")
    for _ in range(2):
        with pytest.raises(TokenSilent):
            token.signs(60.0)  # Refused at once: the test would take minutes.
    token.returns()
    assert token.signs()
    assert (token.most_inside, token.logins) == (1, 1)


def test_a_login_that_was_slow_counts_once_it_is_done() -> None:
    token = StandIn()
    token.answers.clear()
    with pytest.raises(TokenSilent):
        token.signs(0.01)
    token.returns()
    assert token.signs()
    assert token.logins == 1


def test_many_threads_wait_for_a_token_that_hangs_no_longer_than_one() -> None:
    token = StandIn()
    assert token.signs()
    token.answers.clear()

    def signs(seconds: float) -> bool:
        try:
            return token.signs(seconds)
        except TokenSilent:
            return False

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(signs, [0.01] * 8)) == {False}
    token.returns()
    assert token.most_inside == 1


def test_a_key_that_could_leave_the_token_is_not_taken(token: Token) -> None:
    token.make_pair("loose", "leavable")
    with pytest.raises(TokenKeyLeavable):
        token_public_key(token.access.token, "loose")


def test_a_key_on_another_curve_is_not_taken(token: Token) -> None:
    token.make_pair("large", "P-384")
    with pytest.raises(TokenKeyOdd):
        token_public_key(token.access.token, "large")


def test_one_pair_of_keys_has_the_label(token: Token) -> None:
    for pairs in range(3):
        if pairs == 1:
            token_public_key(token.access.token, "licenses")
        else:
            with pytest.raises(TokenKeyMissing):
                token_public_key(token.access.token, "licenses")
        token.make_pair("licenses")


def test_another_key_under_the_same_label_does_not_sign(token: Token) -> None:
    token.make_pair("licenses")
    with pytest.raises(TokenKeyOther):
        token_signer(token.access.token, "licenses", generate("ES256").public_key())


def test_a_token_has_to_be_set_and_to_be_there(token: Token, tmp_path: Path) -> None:
    with pytest.raises(TokenNotSet):
        token_public_key(TokenAccess(), "licenses")
    with pytest.raises(TokenAway) as caught:
        token_public_key(token.access.token.of("nobody's"), "licenses")
    assert caught.value.reason == "NoSuchToken"
    nothing = tmp_path / "nothing.so"
    for module in (str(nothing), pkcs11._pkcs11.__file__):
        with pytest.raises(TokenModuleUnusable):
            token_public_key(replace(token.access.token, module=module), "licenses")


def test_without_the_package_a_token_is_refused_with_what_to_install() -> None:
    program = """
import sys
sys.modules["pkcs11"] = None
from store.key_tokens import TokenAccess, token_public_key
from store.rules.key_keeping import TokenSupportMissing
try:
    token_public_key(TokenAccess("/usr/lib/some.so", "desk", "1234"), "licenses")
except TokenSupportMissing as error:
    print(error.__doc__)
"""
    done = subprocess.run([sys.executable, "-c", program], text=True, capture_output=True, check=True)
    assert "install license-desk[pkcs11]" in done.stdout


def test_the_package_is_imported_only_when_a_token_is_used() -> None:
    program = "import sys, store.keys, bot.desk; sys.exit('pkcs11' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_nothing_that_is_shown_holds_a_pin_or_a_passphrase() -> None:
    access = KeyAccess("canary", TokenAccess("/usr/lib/some.so", "desk", "canary"))
    ring = KeyRing(Vault([generate_key()]), access)
    assert "canary" not in f"{access!r} {access.token!r} {TokenModule('/usr/lib/some.so')!r} {ring!r}"


def test_a_key_in_a_file_signs_and_the_database_holds_no_private_part(
    database: Database, vault: Vault, tmp_path: Path
) -> None:
    file, private_key = tmp_path / "signing.key", generate("ES256")
    file.write_bytes(private_der(private_key))
    file.chmod(0o600)
    with database.write() as connection:
        made = keys.add(connection, vault, NOW, outside=key_in_file(file, KeyAccess()))
        assert (made.state, made.kept_in, made.kept_at) == (KeyState.NEXT, KeptIn.FILE, str(file))
        keys.activate(connection, made.kid, NOW)
        opened = KeyRing(vault).active(connection)
        assert connection.execute(select(signing_keys.c.private_encrypted)).scalar_one() == b""
    assert is_signed(private_key.public_key(), b"a message", opened.sign(b"a message"))


def test_another_key_in_the_file_does_not_sign(database: Database, vault: Vault, tmp_path: Path) -> None:
    file = tmp_path / "signing.key"
    file.write_bytes(private_der(generate("ES256")))
    file.chmod(0o600)
    with database.write() as connection:
        keys.init(connection, vault, NOW, outside=key_in_file(file, KeyAccess()))
    file.write_bytes(private_der(generate("ES256")))
    with database.read() as connection, pytest.raises(KeyMisnamed):
        KeyRing(vault).active(connection)
    file.unlink()
    with database.read() as connection, pytest.raises(KeyFileUnreadable):
        KeyRing(vault).active(connection)


def test_a_public_key_put_in_the_place_of_a_token_s_is_noticed(
    database: Database, vault: Vault, token: Token
) -> None:
    token.make_pair("licenses")
    foreign = public_pem(generate("ES256").public_key())
    with database.write() as connection:
        keys.init(connection, vault, NOW, outside=key_in_token("licenses", token.access))
        connection.execute(update(signing_keys).values(public_pem=foreign))
        with pytest.raises(KeyMisnamed):
            KeyRing(vault, token.access).active(connection)


def test_a_key_is_taken_once(database: Database, vault: Vault, tmp_path: Path) -> None:
    file = tmp_path / "signing.key"
    file.write_bytes(private_der(generate("ES256")))
    file.chmod(0o600)
    outside = key_in_file(file, KeyAccess())
    with database.write() as connection:
        made = keys.init(connection, vault, NOW, outside=outside)
    with pytest.raises(KeyKnown) as caught, database.write() as connection:
        keys.add(connection, vault, NOW, outside=outside)
    assert caught.value.audited == {"kid": made.kid}
    with pytest.raises(ActiveKeyExists), database.write() as connection:
        keys.init(connection, vault, NOW)
