"""Reads the claims of signed documents back, those of a license file into facts, and takes nothing for granted."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import TypeGuard

from store.rules.claims import FORMAT_VERSION, LicenseFacts
from store.rules.environments import EnvironmentType
from store.rules.license_errors import ClaimMalformed, UnknownFormatVersion

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def read_facts(claims: Mapping[str, object]) -> LicenseFacts:
    """Return the facts that `claims` say.

    Claims that are not of this format are overlooked. Raises `UnknownFormatVersion` or `ClaimMalformed`.
    """
    check_version(claims, FORMAT_VERSION)
    facts = _facts(Claims(claims))
    _check_term(facts)
    return facts


def check_version(claims: Mapping[str, object], known: int) -> None:
    """Raise `UnknownFormatVersion` unless `claims` are of the version that is known."""
    version = claims.get("ver")
    if type(version) is not int or version != known:
        raise UnknownFormatVersion(None if version is None else str(version)[:20])


def _facts(read: "Claims") -> LicenseFacts:
    platform = read.within("platform")
    return LicenseFacts(
        issuer=read.text("iss"),
        audience=read.text("aud"),
        slot_id=read.digits("sub"),
        jti=read.text("jti"),
        issued_at=read.moment("iat"),
        not_before=read.moment("nbf"),
        expires_at=read.moment("exp") if read.has("exp") else None,
        license_end=read.moment("license_end") if read.has("license_end") else None,
        serial=read.text("serial"),
        environment_type=read.environment_type("environment_type"),
        environment_name=read.text("environment_name"),
        activation_code=read.text("activation_code"),
        company=read.text("company"),
        infrastructure=read.text("infrastructure"),
        edition=read.text("edition"),
        features=read.texts("features"),
        limits=read.numbers("limits"),
        declared=platform.text("declared"),
        highest=platform.text("highest"),
        seq=read.number("seq"),
        replaces=read.text("replaces") if read.has("replaces") else None,
    )


def _check_term(facts: LicenseFacts) -> None:
    # Perpetual means that both ends are absent; a file with one of them would never or always expire.
    if facts.license_end is None or facts.expires_at is None:
        if facts.license_end is not facts.expires_at:
            raise ClaimMalformed("license_end" if facts.license_end is None else "exp")
        return
    if not facts.not_before < facts.license_end:
        raise ClaimMalformed("license_end")
    if facts.expires_at < facts.license_end:
        raise ClaimMalformed("exp")


class Claims:
    """Claims of which each is read as what it must be; raises `ClaimMalformed` for one that is not."""

    def __init__(self, claims: Mapping[str, object]) -> None:
        self._claims = claims

    def has(self, claim: str) -> bool:
        """Whether it is there at all."""
        return claim in self._claims

    def text(self, claim: str) -> str:
        """A text that says something."""
        value = self._claims.get(claim)
        if not isinstance(value, str) or not value:
            raise ClaimMalformed(claim)
        return value

    def texts(self, claim: str) -> tuple[str, ...]:
        """A list of texts."""
        value = self._claims.get(claim)
        if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
            raise ClaimMalformed(claim)
        return tuple(value)

    def number(self, claim: str) -> int:
        """A number that counts something."""
        value = self._claims.get(claim)
        if not _is_count(value):
            raise ClaimMalformed(claim)
        return value

    def numbers(self, claim: str) -> dict[str, int]:
        """Numbers by name."""
        value = self._claims.get(claim)
        if not isinstance(value, dict) or not all(_is_count(each) for each in value.values()):
            raise ClaimMalformed(claim)
        return value

    def digits(self, claim: str) -> int:
        """A number that is written as a text."""
        value = self.text(claim)
        if not (value.isascii() and value.isdecimal() and len(value) < 20):
            raise ClaimMalformed(claim)
        return int(value)

    def moment(self, claim: str) -> datetime:
        """A NumericDate in whole seconds."""
        seconds = self._claims.get(claim)
        if type(seconds) is not int:
            raise ClaimMalformed(claim)
        try:
            return _EPOCH + timedelta(seconds=seconds)
        except OverflowError:
            raise ClaimMalformed(claim) from None

    def environment_type(self, claim: str) -> EnvironmentType:
        """A type of environments."""
        try:
            return EnvironmentType(self.text(claim))
        except ValueError:
            raise ClaimMalformed(claim) from None

    def within(self, claim: str) -> "Claims":
        """The claims within a claim."""
        value = self._claims.get(claim)
        if not isinstance(value, dict):
            raise ClaimMalformed(claim)
        return Claims(value)

    def each_within(self, claim: str) -> Iterator["Claims"]:
        """The claims within each item of a list."""
        value = self._claims.get(claim)
        if not isinstance(value, list):
            raise ClaimMalformed(claim)
        for each in value:
            if not isinstance(each, dict):
                raise ClaimMalformed(claim)
            yield Claims(each)


def _is_count(value: object) -> TypeGuard[int]:
    # A truth value is an int in Python, but not in a license.
    return type(value) is int and value >= 0
