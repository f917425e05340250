"""Verifies license files and revocation lists as FORMAT.md says: with PyJWT, and with nothing of License Desk.

python verify.py jwks.json vectors.json
"""

import base64
import json
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

import jwt

ALGORITHMS = ("ES256", "EdDSA")
LARGEST = 64 * 1024
SKEW = 300
Keys = Mapping[str, Mapping[str, Any]]
COMPACT = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*")
NO_LIST: dict[str, Any] = {"iat": 0, "revocations": []}


class Refused(Exception):
    """What is wrong, by its name in FORMAT.md."""


@dataclass(frozen=True)
class Known:
    """What the product is, and what it remembers; moments are in seconds since 1970."""

    audience: str
    serial: str
    environment_type: str | None = None
    test_keys: bool = False
    highest_seq: Mapping[str, int] = field(default_factory=dict)
    high_water: int = 0
    revocations: str | None = None
    revocations_seq: int = 0


class Result(NamedTuple):
    """What becomes of a license and of a list, whether the clock is right, and what is to be remembered."""

    verdict: str
    revocations: str
    clock: str
    remembered: Known


def verify(license_file: str, keys: Keys, now: int, known: Known) -> Result:
    """Say what a license file is worth at `now`, to a product that knows `known`."""
    try:
        claims = read_license(license_file, keys, known)
    except Refused as refused:
        return Result(str(refused), "none", "good", known)
    revocations, fault = read_revocations(keys, known)
    moment = max(now, known.high_water, claims["iat"], revocations["iat"])
    state = fault or ("stale" if revocations["exp"] <= moment else "current")
    revoked = {each["jti"] for each in revocations["revocations"]}
    verdict = verdict_of(claims, revoked, moment, known)
    clock = "behind" if moment - now > SKEW else "good"
    return Result(verdict, state, clock, remember(known, verdict, claims, moment))


def verdict_of(claims: Mapping[str, Any], revoked: set[str], moment: int, known: Known) -> str:
    """Steps 15 to 22 of FORMAT.md."""
    if claims["serial"] != known.serial:
        return "WrongSerial"
    if known.environment_type not in (None, claims["environment_type"]):
        return "WrongEnvironmentType"
    if claims["seq"] < known.highest_seq.get(claims["sub"], 0):
        return "OlderLicense"
    if claims["jti"] in revoked:
        return "Revoked"
    if moment < claims["nbf"]:
        return "not yet valid"
    if "exp" not in claims or moment < claims["license_end"]:
        return "valid"
    return "in grace" if moment < claims["exp"] else "expired"


def remember(known: Known, verdict: str, claims: Mapping[str, Any], moment: int) -> Known:
    """Raise what a product remembers, and lower nothing; to be written where it is not easily put back."""
    # A license that is not yet valid must not take the present one away.
    accepted = {claims["sub"]: claims["seq"]} if verdict in ("valid", "in grace") else {}
    return replace(known, high_water=moment, highest_seq={**known.highest_seq, **accepted})


def read_license(license_file: str, keys: Keys, known: Known) -> dict[str, Any]:
    """Steps 1 to 14: the claims of a license file whose signature is good."""
    if len(license_file.encode()) > LARGEST:
        raise Refused("LicenseFileTooLarge")
    claims = read_signed(license_file, "license+jwt", "NotALicenseFile", keys, known.test_keys)
    require(
        all(is_text(claims.get(name)) for name in ("aud", "sub", "jti", "serial", "environment_type"))
        and all(is_count(claims.get(name)) for name in ("iat", "nbf", "seq"))
        and has_good_term(claims),
        "ClaimMalformed",
    )
    require(claims["aud"] == known.audience, "NotForThisProduct")
    return claims


def read_revocations(keys: Keys, known: Known) -> tuple[dict[str, Any], str]:
    """The claims of the revocation list, or an empty list and why it does not count."""
    if known.revocations is None:
        return NO_LIST, "none"
    try:
        return read_list(known.revocations, keys, known), ""
    except Refused as refused:
        return NO_LIST, str(refused)


def take_list(revocations: str, keys: Keys, known: Known) -> Known:
    """What a product knows once it took a newer list. Raises `Refused`, and then it keeps the one that it has."""
    claims = read_list(revocations, keys, known)
    return replace(known, revocations=revocations, revocations_seq=claims["seq"])


def read_list(revocations: str, keys: Keys, known: Known) -> dict[str, Any]:
    """The claims of a revocation list that counts."""
    claims = read_signed(revocations, "license-revocations+jwt", "NotARevocationList", keys, known.test_keys)
    entries = claims.get("revocations")
    require(all(is_count(claims.get(name)) for name in ("iat", "exp", "seq")), "ClaimMalformed")
    require(isinstance(entries, list), "ClaimMalformed")
    require(
        all(isinstance(each, dict) and is_text(each.get("jti")) for each in entries or []), "ClaimMalformed"
    )
    require(claims["seq"] >= known.revocations_seq, "OlderRevocations")
    return claims


def read_signed(text: str, kind: str, malformed: str, keys: Keys, test_keys: bool) -> dict[str, Any]:
    """Steps 2 to 12, of license files and lists alike."""
    token = text.removeprefix("\ufeff").strip()
    require(COMPACT.fullmatch(token), malformed)
    header = json_object(token.partition(".")[0], malformed)
    require(header.get("typ") == kind, "WrongType")
    require("crit" not in header, "UnknownExtension")
    require(header.get("alg") in ALGORITHMS, "WrongAlgorithm")
    # The key, and with it the algorithm, is the product's choice and never the file's.
    require(is_text(header.get("kid")) and header["kid"] in keys, "UnknownKey")
    key = jwt.PyJWK(dict(keys[header["kid"]]))
    require(header["alg"] == key.algorithm_name, "WrongAlgorithm")
    try:
        jwt.PyJWS(algorithms=ALGORITHMS).decode(token, key, [key.algorithm_name])
    except jwt.InvalidTokenError:
        raise Refused("SignatureMismatch") from None
    require(test_keys or keys[header["kid"]].get("purpose") != "test", "TestKey")
    claims = json_object(token.split(".")[1], malformed)
    require(type(claims.get("ver")) is int and claims["ver"] == 1, "UnknownFormatVersion")
    return claims


def has_good_term(claims: Mapping[str, Any]) -> bool:
    """Both ends are absent when the license is perpetual; one of them alone would be a fault."""
    if "license_end" not in claims and "exp" not in claims:
        return True
    if not (is_count(claims.get("license_end")) and is_count(claims.get("exp"))):
        return False
    return bool(claims["nbf"] < claims["license_end"] <= claims["exp"])


def json_object(segment: str, malformed: str) -> dict[str, Any]:
    """Read one segment of a JWS."""
    try:
        text = base64.urlsafe_b64decode(segment + "=" * (-len(segment) % 4)).decode("utf-8")
        found = json.loads(text, parse_constant=no_number)
    except (ValueError, RecursionError):
        raise Refused(malformed) from None
    if not isinstance(found, dict):
        raise Refused(malformed)
    return found


def no_number(name: str) -> NoReturn:
    """Refuse NaN and Infinity, which Python takes for numbers."""
    raise ValueError(name)


def require(condition: object, otherwise: str) -> None:
    """Refuse by a name unless the condition holds."""
    if not condition:
        raise Refused(otherwise)


def is_text(value: object) -> bool:
    """Whether this is a text that says something."""
    return isinstance(value, str) and value != ""


def is_count(value: object) -> bool:
    """Whether this is a whole number that is not negative; a truth value is none."""
    return type(value) is int and value >= 0


def lines(jwks: Mapping[str, Any], vectors: Mapping[str, Any]) -> Iterator[str]:
    """Verify each vector."""
    keys = {each["kid"]: each for each in jwks["keys"]}
    for each in vectors["vectors"]:
        known = Known(**{name: each[name] for name in Known.__dataclass_fields__})
        result = verify(each["license"], keys, each["now"], known)
        yield "\t".join((each["name"], result.verdict, result.revocations, result.clock))


if __name__ == "__main__":
    for line in lines(*(json.loads(Path(name).read_text(encoding="utf-8")) for name in sys.argv[1:])):
        print(line)  # noqa: T201 The lines are what this program is for.
