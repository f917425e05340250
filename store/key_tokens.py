"""Private keys in a PKCS #11 token: found by their label, and used where they are.

The package python-pkcs11 is an extra, and imported when a token is first used. Facts: PKCS #11 2.40, sections
2.3.3 (points and curves) and 2.3.6 (ECDSA of a digest gives R and S beside each other, as JOSE wants them).
"""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from store.key_formats import EDDSA, PublicKey, algorithm_of, public_from_point
from store.one_at_a_time import OneAtATime
from store.rules.key_errors import KeyUnreadable
from store.rules.key_keeping import (
    KeyKeepingError,
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
    TokenSupportMissing,
)
from store.signers import PROBE, Signer, is_signed

if TYPE_CHECKING:
    import pkcs11
    from pkcs11.types import Session

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class TokenAccess:
    """How a token is reached: the path of its PKCS #11 module, the token's label, and the user's PIN.

    `seconds` is how long it may take to answer, with logging in if that is needed.
    """

    module: str = ""
    token: str = ""
    pin: str = field(default="", repr=False)
    seconds: float = 5.0

    def of(self, token: str) -> "TokenAccess":
        """The same for another token."""
        return replace(self, token=token)


def token_public_key(access: TokenAccess, label: str) -> PublicKey:
    """Return the public key of the pair with this label; its private key has signed, and cannot leave the token.

    Raises a `KeyKeepingError`.
    """
    return _module(access).public_key(access, label)


def token_signer(access: TokenAccess, label: str, public_key: PublicKey) -> Signer:
    """Return what signs with the private key of this label, which must belong to `public_key`.

    It connects once more when the token was away meanwhile, and raises a `KeyKeepingError` when it still is.
    """
    module = _module(access)
    module.sign(access, label, public_key, PROBE)
    return lambda message: module.sign(access, label, public_key, message)


class TokenModule:
    """One PKCS #11 module in this process, with the tokens that it opened and the keys that it found there.

    One thread at a time: python-pkcs11 tells modules that there is no other, and what one thread finds broken
    is connected anew for all. A module that hangs keeps its thread, and nothing else: who waits for it is told so after
    the seconds of the access, everybody after that at once, and nobody enters it before it has returned. What it
    then did counts, such as a login that was slow. python-pkcs11 lets other threads run while the module signs, looks
    or logs in; only while it closes a module to connect anew, it does not.

    A PIN that was refused is not tried again, and the last try before a token locks is left to people.
    `library` is the module, loaded already.
    """

    def __init__(self, path: str, library: "pkcs11._pkcs11.lib | None" = None) -> None:
        self._path = path
        self._calls = OneAtATime()
        self._library = library
        self._broken = False
        self._sessions: dict[str, Session] = {}
        self._signers: dict[tuple[str, str], Signer] = {}
        self._refused: dict[TokenAccess, str] = {}

    def __repr__(self) -> str:
        return f"TokenModule({self._path!r})"

    def public_key(self, access: TokenAccess, label: str) -> PublicKey:
        """Do what `token_public_key` says."""
        return self._patiently(access, lambda: self._public_key(access, label))

    def sign(self, access: TokenAccess, label: str, public_key: PublicKey, message: bytes) -> bytes:
        """Sign with the private key of this label. Raises a `KeyKeepingError`."""

        def attempt() -> bytes:
            signer = self._signers.get((access.token, label)) or self._found_signer(access, label, public_key)
            with _told(access, label):
                return signer(message)

        return self._patiently(access, attempt)

    def _patiently(self, access: TokenAccess, work: Callable[[], T]) -> T:
        try:
            return self._calls.call(lambda: self._again_if_broken(work), access.seconds)
        except TimeoutError:
            raise TokenSilent(access.token, f"{access.seconds:g}") from None

    def _again_if_broken(self, work: Callable[[], T]) -> T:
        # A token that was taken away shows itself in many ways, also as a key that is not there.
        try:
            return work()
        except (TokenPinRefused, TokenPinLastTry):
            raise
        except KeyKeepingError:
            self._forget()
            return work()

    def _forget(self) -> None:
        self._sessions.clear()
        self._signers.clear()
        self._broken = True

    def _public_key(self, access: TokenAccess, label: str) -> PublicKey:
        session = self._session(access)
        with _told(access, label):
            private_key, public_key = _pair(session, access, label)
            if not _stays(private_key):
                raise TokenKeyLeavable(access.token, label)
            _check(_signer(private_key, public_key), access, label, public_key)
        return public_key

    def _found_signer(self, access: TokenAccess, label: str, public_key: PublicKey) -> Signer:
        session = self._session(access)
        with _told(access, label):
            signer = _signer(_found(session, "PRIVATE_KEY", access, label), public_key)
            _check(signer, access, label, public_key)
        self._signers[access.token, label] = signer
        return signer

    def _session(self, access: TokenAccess) -> "Session":
        if access in self._refused:
            raise TokenPinRefused(access.token, self._refused[access])
        if access.token not in self._sessions:
            try:
                self._sessions[access.token] = self._opened(access)
            except TokenPinRefused as refused:
                # A token locks itself after a few wrong PINs, and the courier would try again and again.
                self._refused[access] = refused.reason
                raise
        return self._sessions[access.token]

    def _opened(self, access: TokenAccess) -> "Session":
        from pkcs11 import TokenFlag

        with _told(access, ""):
            library = self._loaded()
            if self._broken:
                library.reinitialize()
                self._broken = False
            token = library.get_token(token_label=access.token)
            if token.flags & TokenFlag.USER_PIN_FINAL_TRY:
                raise TokenPinLastTry(access.token)
            return token.open(user_pin=access.pin or None)

    def _loaded(self) -> "pkcs11._pkcs11.lib":
        import pkcs11

        if self._library is None:
            try:
                self._library = pkcs11.lib(self._path)
            except pkcs11.PKCS11Error as error:
                if type(error) is not pkcs11.PKCS11Error:
                    raise  # What the module itself says; the library has no kind of its own for failing to load it.
                raise TokenModuleUnusable(self._path) from None
        return self._library


@cache
def _module_at(path: str) -> TokenModule:
    return TokenModule(path)


def _module(access: TokenAccess) -> TokenModule:
    if not (access.module and access.token):
        raise TokenNotSet
    try:
        import pkcs11  # noqa: F401 # whether it is there is all that is asked
    except ImportError:
        raise TokenSupportMissing from None
    if not Path(access.module).is_file():
        raise TokenModuleUnusable(access.module)
    return _module_at(access.module)


@contextmanager
def _told(access: TokenAccess, label: str) -> Iterator[None]:
    """Turn what the module says into sentences; its own words have the PIN in none, but none for people either."""
    from pkcs11 import exceptions

    pins = (
        exceptions.PinIncorrect,
        exceptions.PinInvalid,
        exceptions.PinLenRange,
        exceptions.PinLocked,
        exceptions.PinExpired,
        exceptions.UserPinNotInitialized,
    )
    try:
        yield
    except pins as error:
        raise TokenPinRefused(access.token, type(error).__name__) from None
    except (exceptions.MechanismInvalid, exceptions.KeyTypeInconsistent):
        raise TokenKeyOdd(access.token, label) from None
    except exceptions.PKCS11Error as error:
        raise TokenAway(access.token, type(error).__name__) from None


def _pair(session: "Session", access: TokenAccess, label: str) -> tuple[Any, PublicKey]:
    from pkcs11 import Attribute

    private_key = _found(session, "PRIVATE_KEY", access, label)
    public_key = _found(session, "PUBLIC_KEY", access, label)
    try:
        return private_key, public_from_point(public_key[Attribute.EC_POINT])
    except KeyUnreadable:
        raise TokenKeyOdd(access.token, label) from None


def _found(session: "Session", kind: str, access: TokenAccess, label: str) -> Any:
    from pkcs11 import Attribute, ObjectClass

    wanted = {Attribute.CLASS: ObjectClass[kind], Attribute.LABEL: label}
    found = list(session.get_objects(wanted))
    if len(found) != 1:
        raise TokenKeyMissing(access.token, label)
    return found[0]


def _stays(private_key: Any) -> bool:
    from pkcs11 import Attribute

    return bool(private_key[Attribute.SENSITIVE]) and not private_key[Attribute.EXTRACTABLE]


def _signer(private_key: Any, public_key: PublicKey) -> Signer:
    from pkcs11 import Mechanism

    if algorithm_of(public_key) == EDDSA:
        return lambda message: bytes(private_key.sign(message, mechanism=Mechanism.EDDSA))

    def sign(message: bytes) -> bytes:
        # Every module signs a digest; not every one makes the digest itself.
        return bytes(private_key.sign(hashlib.sha256(message).digest(), mechanism=Mechanism.ECDSA))

    return sign


def _check(signer: Signer, access: TokenAccess, label: str, public_key: PublicKey) -> None:
    if not is_signed(public_key, PROBE, signer(PROBE)):
        raise TokenKeyOther(access.token, label)
