# ruff: noqa: E501 A vector is a row of a table, and reads best on one line.
"""Writes vectors.json and jwks.json: the same bytes each time, with keys that are made from their names.

    python make_vectors.py

The keys are public by that, and sign nothing but these vectors.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

FOLDER = Path(__file__).parent
DAY = 24 * 60 * 60
START, END, NOW = 1767225600, 1798761600, 1796120100  # 2026-01-01, 2027-01-01, and 2026-12-01 10:15 UTC
GRACE_END = END + 14 * DAY
SERIAL, OTHER_SERIAL = "ABC-D1E-F2G-H3I-J4K-L5M-N6O-P7Q", "ABC-D1E-F2G-H3I-J4K-L5M-N6O-P8R"
JTI = "0f3c1d7e-7a51-4f6a-9d0e-5f1f4f1c2b3a"
CLAIMS: dict[str, Any] = {
    "iss": "Meridian",
    "aud": "meridian-platform",
    "sub": "17",
    "jti": JTI,
    "iat": NOW - 30 * DAY,
    "nbf": START,
    "exp": GRACE_END,
    "license_end": END,
    "ver": 1,
    "serial": SERIAL,
    "environment_type": "production",
    "environment_name": "Produção 東京",
    "activation_code": "AC1.K7Q.2MX.9PL.4RT.8WZ.3VB.6NC",
    "company": "Acme Logistics",
    "infrastructure": "Acme Core",
    "edition": "Enterprise",
    "features": ["mobile"],
    "limits": {"users": 500},
    "platform": {"declared": "11.17.0", "highest": "11"},
    "seq": 3,
    "replaces": "8b0f7a8a-5a0b-4c39-8a43-0d6b4a4f2f10",
}
PERPETUAL = {name: value for name, value in CLAIMS.items() if name not in ("exp", "license_end")}
REVOKED = {"jti": JTI, "reason": "released", "revoked_at": NOW - 2 * DAY}
ANOTHER = {"jti": "5d0e6d0c-52c5-4c62-8f63-3c0d6f1f0c11", "reason": "moved", "revoked_at": NOW - 9 * DAY}
LIST: dict[str, Any] = {
    "iss": "Meridian",
    "iat": NOW - DAY,
    "exp": NOW + 29 * DAY,
    "ver": 1,
    "seq": 8,
    "revocations": [ANOTHER],
}
REVOKING = LIST | {"revocations": [ANOTHER, REVOKED]}
LICENSE, REVOCATIONS = "license+jwt", "license-revocations+jwt"


class Key:
    """A key pair made from its name."""

    def __init__(self, name: str, algorithm: str) -> None:
        seed = hashlib.sha256(f"test vectors, key {name}".encode()).digest()
        self.algorithm = algorithm
        self._ec = ec.derive_private_key(int.from_bytes(seed, "big"), ec.SECP256R1())
        self._ed = Ed25519PrivateKey.from_private_bytes(seed)
        members = self._members()
        canonical = json.dumps(members, sort_keys=True, separators=(",", ":"))
        self.kid = encoded(hashlib.sha256(canonical.encode()).digest())
        self.jwk = members | {"kid": self.kid, "alg": algorithm, "use": "sig"}

    def _members(self) -> dict[str, str]:
        if self.algorithm == "EdDSA":
            raw = self._ed.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
            return {"kty": "OKP", "crv": "Ed25519", "x": encoded(raw)}
        numbers = self._ec.public_key().public_numbers()
        x, y = (encoded(each.to_bytes(32, "big")) for each in (numbers.x, numbers.y))
        return {"kty": "EC", "crv": "P-256", "x": x, "y": y}

    def der(self, signed: bytes) -> bytes:
        """An ES256 signature as certificates have it, which JOSE does not."""
        return self._ec.sign(signed, ec.ECDSA(SHA256(), deterministic_signing=True))

    def sign(self, signed: bytes) -> bytes:
        """The signature as JOSE has it."""
        if self.algorithm == "EdDSA":
            return self._ed.sign(signed)
        return b"".join(each.to_bytes(32, "big") for each in decode_dss_signature(self.der(signed)))

    def pem(self) -> bytes:
        """The public key of an ES256 key, as it is often at hand in a file."""
        return self._ec.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def encoded(value: bytes | str | Mapping[str, Any] | list[Any]) -> str:
    """Bytes, text or what becomes JSON, as a segment of a JWS."""
    text = value if isinstance(value, bytes | str) else json.dumps(value, ensure_ascii=False)
    raw = text.encode() if isinstance(text, str) else text
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")


ES256, EDDSA = Key("ES256", "ES256"), Key("EdDSA", "EdDSA")
TEST, COMPROMISED = Key("for tests", "ES256"), Key("compromised", "ES256")
STRANGER, ED_STRANGER = Key("stranger", "ES256"), Key("stranger", "EdDSA")
JWKS = {"keys": [ES256.jwk, EDDSA.jwk, TEST.jwk | {"purpose": "test"}]}


def header(key: Key, kind: str = LICENSE, **more: Any) -> dict[str, Any]:
    """A good header; what is None in `more` is left out."""
    said = {"alg": key.algorithm, "kid": key.kid, "typ": kind} | more
    return {name: value for name, value in said.items() if value is not None}


def sign(head: Any, said: Any, key: Key) -> str:
    """Sign whatever header and claims."""
    signed = f"{encoded(head)}.{encoded(said)}"
    return f"{signed}.{encoded(key.sign(signed.encode()))}"


def license_of(said: Any = CLAIMS, key: Key = ES256, **more: Any) -> str:
    """A license file."""
    return sign(header(key, **more), said, key) + "\n"


def list_of(said: Any = LIST, key: Key = ES256, **more: Any) -> str:
    """A revocation list."""
    return sign(header(key, REVOCATIONS, **more), said, key) + "\n"


def changed(token: str, place: int, segment: str) -> str:
    """A token with another segment, and the signature that it had."""
    segments = token.strip().split(".")
    segments[place] = segment
    return ".".join(segments)


def hashed(head: Any, said: Any, secret: bytes) -> str:
    """Sign with a shared secret."""
    signed = f"{encoded(head)}.{encoded(said)}"
    return f"{signed}.{encoded(hmac.digest(secret, signed.encode(), 'sha256'))}"


def vector(name: str, about: str, license_file: str, verdict: str, **more: Any) -> dict[str, Any]:
    """A vector: a good license and product, but for what `more` says."""
    expected = {"verdict": verdict, "revocations": "none", "clock": "good"}
    said: dict[str, Any] = {
        "name": name,
        "about": about,
        "algorithm": "ES256",
        "license": license_file,
        "revocations": None,
        "now": NOW,
        "audience": "meridian-platform",
        "serial": SERIAL,
        "environment_type": "production",
        "highest_seq": {"17": 3},
        "high_water": NOW - 60,
        "revocations_seq": 0,
        "test_keys": False,
        "expected": expected,
    }
    expected |= {"revocations": more.pop("state", "none"), "clock": more.pop("clock", "good")}
    return said | more


def good() -> list[dict[str, Any]]:
    """Licenses that are worth something."""
    strange = license_of(CLAIMS | {"color": "blue", "nonce": [1, {"a": None}]}, later="unknown")
    elsewhere = license_of(jku="https://stranger.example/jwks.json", x5u="https://stranger.example/chain.pem")
    return [
        vector("valid", "A good license, signed with ES256", license_of(), "valid"),
        vector("valid-eddsa", "The same, with EdDSA", license_of(key=EDDSA), "valid", algorithm="EdDSA"),
        vector("valid-perpetual", "Without end", license_of(PERPETUAL), "valid"),
        vector("valid-perpetual-late", "Without end, in 2096", license_of(PERPETUAL), "valid", now=4000000000),
        vector("valid-without-type", "A server without a type", license_of(), "valid", environment_type=None),
        vector("valid-first-file", "The first of its slot", license_of(CLAIMS | {"seq": 1}), "valid", highest_seq={}),
        vector("valid-white-space", "What mail puts around it", f"\ufeff\r\n {license_of().strip()}\r\n\r\n", "valid"),
        vector("valid-unknown-members", "Members and claims that nobody knows are overlooked", strange, "valid"),
        vector("valid-key-addresses", "Addresses of keys are overlooked: the JWKS counts", elsewhere, "valid"),
        vector("valid-last-second", "The term's last second", license_of(), "valid", now=END - 1),
        vector("in-grace-first-second", "The end is outside the term", license_of(), "in grace", now=END),
        vector("in-grace-last-second", "Grace's last second", license_of(), "in grace", now=GRACE_END - 1),
        vector("expired-first-second", "The end of grace is outside", license_of(), "expired", now=GRACE_END),
        vector("expired", "A year later", license_of(), "expired", now=END + 365 * DAY),
        vector("expired-eddsa", "A year later", license_of(key=EDDSA), "expired", now=END + 365 * DAY, algorithm="EdDSA"),
        vector("expired-without-grace", "Without grace", license_of(CLAIMS | {"exp": END}), "expired", now=END),
        vector("not-yet-valid", "It begins tomorrow", license_of(CLAIMS | {"nbf": NOW + DAY}), "not yet valid"),
        vector("not-yet-valid-last-second", "In a second", license_of(CLAIMS | {"nbf": NOW + 1}), "not yet valid"),
        vector("valid-from-now", "It begins now", license_of(CLAIMS | {"nbf": NOW}), "valid"),
        vector("not-yet-valid-perpetual", "Without end, from tomorrow", license_of(PERPETUAL | {"nbf": NOW + DAY}), "not yet valid"),
    ]  # fmt: skip


def signatures() -> list[dict[str, Any]]:
    """Licenses that somebody else made or changed."""
    longer = encoded(CLAIMS | {"exp": GRACE_END + 365 * DAY, "license_end": END + 365 * DAY})
    own, ed = license_of().strip(), license_of(key=EDDSA).strip()
    der = f"{encoded(header(ES256))}.{encoded(CLAIMS)}"
    brought = {"kid": STRANGER.kid, "jwk": STRANGER.jwk}
    return [
        vector("wrong-key", "Signed by a stranger in the name of a good key", license_of(key=STRANGER, kid=ES256.kid), "SignatureMismatch"),
        vector("wrong-key-eddsa", "The same", license_of(key=ED_STRANGER, kid=EDDSA.kid), "SignatureMismatch", algorithm="EdDSA"),
        vector("other-good-key", "Signed by one key of the JWKS in the name of another", license_of(key=TEST, kid=ES256.kid), "SignatureMismatch"),
        vector("changed-claim", "A year was added", changed(own, 1, longer), "SignatureMismatch"),
        vector("changed-claim-eddsa", "The same", changed(ed, 1, longer), "SignatureMismatch", algorithm="EdDSA"),
        vector("changed-header", "A member was added", changed(own, 0, encoded(header(ES256, cty="JSON"))), "SignatureMismatch"),
        vector("changed-kid", "The name of another key", changed(own, 0, encoded(header(ES256, kid=TEST.kid))), "SignatureMismatch"),
        vector("changed-signature", "The signature of another license", changed(own, 2, license_of(PERPETUAL).strip().split(".")[2]), "SignatureMismatch"),
        vector("no-signature", "The signature was cut off", changed(own, 2, ""), "SignatureMismatch"),
        vector("no-signature-eddsa", "The same", changed(ed, 2, ""), "SignatureMismatch", algorithm="EdDSA"),
        vector("short-signature", "Half of the signature", changed(own, 2, own.split(".")[2][:43]), "SignatureMismatch"),
        vector("long-signature", "Bytes behind the signature", own + "AAAA", "SignatureMismatch"),
        vector("zero-signature", "R and S are zero", changed(own, 2, encoded(bytes(64))), "SignatureMismatch"),
        vector("der-signature", "ASN.1 instead of R and S", changed(own, 2, encoded(ES256.der(der.encode()))), "SignatureMismatch"),
        vector("unknown-key", "A stranger's key, openly", license_of(key=STRANGER), "UnknownKey"),
        vector("compromised-key", "A key that is published no more", license_of(key=COMPROMISED), "UnknownKey"),
        vector("embedded-key", "A stranger's key, brought along", license_of(key=STRANGER, **brought), "UnknownKey"),
        vector("embedded-key-good-kid", "The same in the name of a good key", license_of(key=STRANGER, kid=ES256.kid, jwk=STRANGER.jwk), "SignatureMismatch"),
        vector("key-address", "The address of a stranger's keys", license_of(key=STRANGER, jku="https://stranger.example/jwks.json"), "UnknownKey"),
        vector("no-kid", "No key is named", license_of(kid=None), "UnknownKey"),
        vector("kid-is-a-number", "A key's name is a text", license_of(kid=5), "UnknownKey"),
        vector("kid-of-every-object", "A name that some languages find in every object", license_of(kid="__proto__"), "UnknownKey"),
        vector("kid-of-every-function", "The same", license_of(kid="constructor"), "UnknownKey"),
        vector("test-key", "A key for tests", license_of(key=TEST), "TestKey"),
        vector("test-key-in-a-test", "The same in a build for tests", license_of(key=TEST), "valid", test_keys=True),
        vector("test-key-changed-claim", "What a key for tests did not sign", changed(license_of(key=TEST), 1, longer), "SignatureMismatch"),
    ]  # fmt: skip


def headers() -> list[dict[str, Any]]:
    """Headers that are not those of a license file."""
    by_pem = hashed(header(ES256, alg="HS256"), CLAIMS, ES256.pem())
    by_jwk = hashed(header(ES256, alg="HS256"), CLAIMS, json.dumps(ES256.jwk).encode())
    unsigned = f"{encoded(header(ES256, alg='none'))}.{encoded(CLAIMS)}."
    return [
        vector("hs256-public-key", "The public key (PEM) as a shared secret", by_pem, "WrongAlgorithm"),
        vector("hs256-jwk", "The public key (JWK) as a shared secret", by_jwk, "WrongAlgorithm"),
        vector("none", "Unsigned", unsigned, "WrongAlgorithm"),
        vector("none-with-signature", "Unsigned, with the signature of a good one", unsigned + license_of().split(".")[2], "WrongAlgorithm"),
        vector("none-in-other-letters", "Unsigned", f"{encoded(header(ES256, alg='nOnE'))}.{encoded(CLAIMS)}.", "WrongAlgorithm"),
        vector("none-without-kid", "Unsigned, and no key named", f"{encoded({'alg': 'none', 'typ': LICENSE})}.{encoded(CLAIMS)}.", "WrongAlgorithm"),
        vector("rs256", "An algorithm of no key", license_of(alg="RS256"), "WrongAlgorithm"),
        vector("es384", "An algorithm of no key", license_of(alg="ES384"), "WrongAlgorithm"),
        vector("ed25519-by-its-newer-name", "The format says EdDSA", license_of(key=EDDSA, alg="Ed25519"), "WrongAlgorithm"),
        vector("eddsa-of-an-es256-key", "Not the algorithm of the key", license_of(key=ED_STRANGER, kid=ES256.kid), "WrongAlgorithm"),
        vector("es256-of-an-eddsa-key", "Not the algorithm of the key", license_of(key=STRANGER, kid=EDDSA.kid), "WrongAlgorithm"),
        vector("no-algorithm", "No algorithm", license_of(alg=None), "WrongAlgorithm"),
        vector("algorithm-is-a-list", "An algorithm is a text", license_of(alg=["ES256"]), "WrongAlgorithm"),
        vector("wrong-type", "Another kind of token", license_of(typ="JWT"), "WrongType"),
        vector("no-type", "No type", license_of(typ=None), "WrongType"),
        vector("type-in-capitals", "The type is exact", license_of(typ="LICENSE+JWT"), "WrongType"),
        vector("type-with-prefix", "The type is exact", license_of(typ="application/license+jwt"), "WrongType"),
        vector("list-as-license", "A revocation list", list_of(), "WrongType"),
        vector("unknown-crit", "An extension that is critical", license_of(crit=["grace"], grace=1), "UnknownExtension"),
        vector("known-name-in-crit", "Even of a name that is known", license_of(crit=["exp"], exp=1), "UnknownExtension"),
        vector("empty-crit", "An empty list is not allowed", license_of(crit=[]), "UnknownExtension"),
        vector("unencoded-payload", "RFC 7797", license_of(crit=["b64"], b64=False), "UnknownExtension"),
    ]  # fmt: skip


def forms() -> list[dict[str, Any]]:
    """What is no license file at all, or was damaged on its way."""
    own = license_of().strip()
    twice = json.dumps(CLAIMS)[:-1]
    return [
        vector("empty", "Nothing", "", "NotALicenseFile"),
        vector("another-file", "Another file", "This is not a license file.\n", "NotALicenseFile"),
        vector("two-parts", "The signature and its dot are gone", own.rpartition(".")[0], "NotALicenseFile"),
        vector("four-parts", "A part too many", f"{own}.AAAA", "NotALicenseFile"),
        vector("trailing-garbage", "Text behind it", f"{own} and more", "NotALicenseFile"),
        vector("trailing-null", "A null byte behind it", f"{own}\0", "NotALicenseFile"),
        vector("two-lines", "Two licenses in one file", f"{own}\n{own}\n", "NotALicenseFile"),
        vector("wrapped", "Wrapped at 76 characters", f"{own[:76]}\n{own[76:]}\n", "NotALicenseFile"),
        vector("padded", "Base64 with padding", f"{own}==", "NotALicenseFile"),
        vector("empty-payload", "No claims at all", changed(own, 1, ""), "NotALicenseFile"),
        vector("header-is-no-json", "The header is no JSON", sign("alg: ES256", CLAIMS, ES256), "NotALicenseFile"),
        vector("header-is-a-list", "The header is no object", sign(["ES256"], CLAIMS, ES256), "NotALicenseFile"),
        vector("payload-is-no-json", "Signed, but no JSON", license_of("serial: ABC"), "NotALicenseFile"),
        vector("payload-is-a-list", "Signed, but no object", license_of([CLAIMS]), "NotALicenseFile"),
        vector("payload-in-utf-16", "Signed, but not in UTF-8", license_of(json.dumps(CLAIMS).encode("utf-16")), "NotALicenseFile"),
        vector("payload-with-mark", "Signed, with a byte order mark", license_of("\ufeff" + json.dumps(CLAIMS)), "NotALicenseFile"),
        vector("payload-with-bad-bytes", "Signed, but no UTF-8", license_of(json.dumps(CLAIMS).encode().replace(b"Acme", b"Ac\xffme")), "NotALicenseFile"),
        vector("payload-with-half-a-character", "Signed, but no UTF-8", license_of(json.dumps(CLAIMS).encode().replace(b"Acme", b"\xed\xa0\xbd")), "NotALicenseFile"),
        vector("payload-with-nan", "Signed, but NaN is not JSON", license_of(twice + ', "limit": NaN}'), "NotALicenseFile"),
        vector("header-with-bad-bytes", "The header is no UTF-8", sign(b'{"alg": "ES256", "kid": "\xff", "typ": "license+jwt"}', CLAIMS, ES256), "NotALicenseFile"),
        vector("payload-with-garbage", "Signed, with garbage behind the object", license_of(twice + "} }"), "NotALicenseFile"),
        vector("payload-cut-off", "Signed, but cut off before", license_of(twice), "NotALicenseFile"),
        vector("largest", "65,536 bytes, with white space", own.ljust(65536), "valid"),
        vector("too-large", "A byte more", own.ljust(65537), "LicenseFileTooLarge"),
        vector("number-zero", "Numbers begin where they like", license_of(CLAIMS | {"seq": 0}), "valid", highest_seq={}),
        vector("duplicate-claim-mine-last", "A claim twice: the last counts", license_of(json.dumps({"serial": OTHER_SERIAL})[:-1] + f", {twice[1:]}}}"), "valid"),
        vector("duplicate-claim-mine-first", "A claim twice: the last counts", license_of(twice + f', "serial": "{OTHER_SERIAL}"}}'), "WrongSerial"),
    ]  # fmt: skip


def without(name: str, **more: Any) -> dict[str, Any]:
    """The claims without one of them, and with others."""
    return {each: value for each, value in CLAIMS.items() if each != name} | more


def claims() -> list[dict[str, Any]]:
    """Claims that are not those of a license of version 1."""
    malformed = {
        "no-serial": without("serial"),
        "serial-is-a-number": CLAIMS | {"serial": 7},
        "no-jti": without("jti"),
        "no-sub": without("sub"),
        "no-nbf": without("nbf"),
        "nbf-is-a-text": CLAIMS | {"nbf": str(START)},
        "nbf-is-true": CLAIMS | {"nbf": True},
        "no-seq": without("seq"),
        "negative-seq": CLAIMS | {"seq": -1},
        "audience-is-a-list": CLAIMS | {"aud": ["meridian-platform"]},
        "no-audience": without("aud"),
        "no-type-of-environment": without("environment_type"),
        "no-end-of-grace": without("exp"),
        "no-end-of-term": without("license_end"),
        "end-of-grace-is-null": CLAIMS | {"exp": None},
        "end-of-term-is-a-text": CLAIMS | {"license_end": "2027-01-01"},
        "grace-before-the-end": CLAIMS | {"exp": END - 1},
        "end-at-the-start": CLAIMS | {"license_end": START},
    }
    versions = {
        "unknown-version": 2,
        "version-is-a-text": "1",
        "version-is-true": True,
        "version-is-null": None,
    }
    return [
        *(vector(name, "Signed, but no license", license_of(said), "ClaimMalformed") for name, said in malformed.items()),
        *(vector(name, "Not version 1", license_of(CLAIMS | {"ver": ver}), "UnknownFormatVersion") for name, ver in versions.items()),
        vector("no-version", "No version", license_of(without("ver")), "UnknownFormatVersion"),
        vector("unknown-version-first", "Another version says other things", license_of(without("serial", ver=2)), "UnknownFormatVersion"),
    ]  # fmt: skip


def bindings() -> list[dict[str, Any]]:
    """Good licenses, but of something else."""
    return [
        vector("wrong-audience", "Of another product", license_of(CLAIMS | {"aud": "meridian-mobile"}), "NotForThisProduct"),
        vector("wrong-serial", "Of another server", license_of(CLAIMS | {"serial": OTHER_SERIAL}), "WrongSerial"),
        vector("wrong-environment", "For quality, on a server for production", license_of(CLAIMS | {"environment_type": "non_production"}), "WrongEnvironmentType"),
        vector("older-license", "A newer one was accepted", license_of(), "OlderLicense", highest_seq={"17": 4}),
        vector("same-license", "This one was accepted", license_of(), "valid", highest_seq={"17": 3}),
        vector("another-slot", "A newer one was accepted in another slot", license_of(), "valid", highest_seq={"16": 9}),
        vector("wrong-serial-expired", "Whose it is comes before what it is worth", license_of(CLAIMS | {"serial": OTHER_SERIAL}), "WrongSerial", now=GRACE_END),
    ]  # fmt: skip


def clocks() -> list[dict[str, Any]]:
    """Clocks that are wrong."""
    late = license_of(CLAIMS | {"iat": NOW})
    return [
        vector("clock-set-back-after-expiry", "It was expired already", license_of(), "expired", high_water=GRACE_END, clock="behind"),
        vector("clock-set-back-in-grace", "It was in grace already", license_of(), "in grace", high_water=END + DAY, clock="behind"),
        vector("clock-set-back-in-term", "Behind, and valid all the same", license_of(), "valid", high_water=NOW + 301, clock="behind"),
        vector("clock-within-skew", "As far behind as may be", license_of(), "valid", high_water=NOW + 300),
        vector("clock-within-skew-at-the-end", "A second behind the end", license_of(), "in grace", now=END - 1, high_water=END),
        vector("clock-before-issue", "The vendor's signature says that it is later", late, "valid", now=NOW - 3600, high_water=0, clock="behind"),
        vector("clock-within-skew-of-issue", "A new file on a clock that is a little slow", license_of(CLAIMS | {"iat": NOW, "nbf": NOW}), "valid", now=NOW - 120, high_water=0),
        vector("clock-set-back-before-the-start", "It had begun already", license_of(), "valid", now=START - DAY, clock="behind"),
        vector("clock-of-1970", "A battery is empty", license_of(), "valid", now=0, clock="behind"),
        vector("clock-set-back-perpetual", "Without end", license_of(PERPETUAL), "valid", high_water=4000000000, clock="behind"),
    ]  # fmt: skip


def lists() -> list[dict[str, Any]]:
    """Revocation lists."""
    good, revoking = license_of(), list_of(REVOKING)
    later = list_of(LIST | {"iat": END + DAY, "exp": END + 31 * DAY})
    unsigned = f"{encoded(header(ES256, REVOCATIONS, alg='none'))}.{encoded(REVOKING)}."
    return [
        vector("not-revoked", "A list without this license", good, "valid", revocations=list_of(), state="current"),
        vector("empty-list", "A list of nothing", good, "valid", revocations=list_of(LIST | {"revocations": []}), state="current"),
        vector("revoked", "A list with this license", good, "Revoked", revocations=revoking, state="current"),
        vector("revoked-eddsa", "The same, with EdDSA", good, "Revoked", revocations=list_of(REVOKING, EDDSA), state="current", algorithm="EdDSA"),
        vector("revoked-perpetual", "Without end", license_of(PERPETUAL), "Revoked", revocations=revoking, state="current"),
        vector("revoked-in-grace", "There is no grace", good, "Revoked", revocations=revoking, state="stale", now=END),
        vector("revoked-later", "The moment of an entry is for people", good, "Revoked", revocations=list_of(LIST | {"revocations": [REVOKED | {"revoked_at": NOW + DAY}]}), state="current"),
        vector("revoked-for-another-reason", "So is its reason", good, "Revoked", revocations=list_of(LIST | {"revocations": [REVOKED | {"reason": "stolen"}]}), state="current"),
        vector("revoked-on-a-stale-list", "Time does not un-revoke", good, "Revoked", revocations=list_of(REVOKING | {"exp": NOW}), state="stale"),
        vector("stale-list", "A list that ended", good, "valid", revocations=list_of(LIST | {"exp": NOW}), state="stale"),
        vector("list-of-the-last-second", "A list that ends in a second", good, "valid", revocations=list_of(LIST | {"exp": NOW + 1}), state="current"),
        vector("list-bad-signature", "A changed list", good, "valid", revocations=changed(list_of(), 1, encoded(REVOKING)), state="SignatureMismatch"),
        vector("list-wrong-key", "A list of a stranger", good, "valid", revocations=list_of(REVOKING, STRANGER, kid=ES256.kid), state="SignatureMismatch"),
        vector("list-unknown-key", "A list of a stranger, openly", good, "valid", revocations=list_of(REVOKING, STRANGER), state="UnknownKey"),
        vector("list-test-key", "A list made for tests", good, "valid", revocations=list_of(REVOKING, TEST), state="TestKey"),
        vector("list-test-key-in-a-test", "The same in a build for tests", good, "Revoked", revocations=list_of(REVOKING, TEST), state="current", test_keys=True),
        vector("list-none", "An unsigned list", good, "valid", revocations=unsigned, state="WrongAlgorithm"),
        vector("list-hs256", "The public key as a shared secret", good, "valid", revocations=hashed(header(ES256, REVOCATIONS, alg="HS256"), REVOKING, ES256.pem()), state="WrongAlgorithm"),
        vector("license-as-list", "A license file", good, "valid", revocations=good, state="WrongType"),
        vector("list-unknown-crit", "An extension that is critical", good, "valid", revocations=list_of(REVOKING, crit=["delta"], delta=1), state="UnknownExtension"),
        vector("list-unknown-version", "Not version 1", good, "valid", revocations=list_of(REVOKING | {"ver": 2}), state="UnknownFormatVersion"),
        vector("list-without-seq", "No running number", good, "valid", revocations=list_of({name: value for name, value in REVOKING.items() if name != "seq"}), state="ClaimMalformed"),
        vector("list-without-entries", "No entries", good, "valid", revocations=list_of(REVOKING | {"revocations": None}), state="ClaimMalformed"),
        vector("list-with-bare-names", "Entries are objects", good, "valid", revocations=list_of(REVOKING | {"revocations": [JTI]}), state="ClaimMalformed"),
        vector("list-garbage", "Another file", good, "valid", revocations="<html>Not found</html>", state="NotARevocationList"),
        vector("list-rolled-back", "A newer one was seen", good, "valid", revocations=list_of(), revocations_seq=9, state="OlderRevocations"),
        vector("list-again", "This one was seen", good, "Revoked", revocations=revoking, revocations_seq=8, state="current"),
        vector("list-newer", "An older one was seen", good, "Revoked", revocations=revoking, revocations_seq=7, state="current"),
        vector("list-of-any-size", "A list may be larger than a license", good, "Revoked", revocations=list_of(LIST | {"revocations": [*([ANOTHER] * 600), REVOKED]}), state="current"),
        vector("clock-before-list", "The list says that it is later", good, "in grace", revocations=later, state="current", clock="behind"),
        vector("expired-and-revoked", "Revoked comes first", good, "Revoked", revocations=revoking, state="stale", now=GRACE_END),
        vector("bad-license-good-list", "No list is looked at", changed(good, 2, ""), "SignatureMismatch", revocations=revoking),
        vector("wrong-serial-good-list", "A list is looked at", license_of(CLAIMS | {"serial": OTHER_SERIAL}), "WrongSerial", revocations=list_of(), state="current"),
    ]  # fmt: skip


def made() -> dict[str, str]:
    """What is in each file."""
    groups = (good, signatures, headers, forms, claims, bindings, clocks, lists)
    vectors = {"vectors": [each for group in groups for each in group()]}
    return {
        name: json.dumps(said, indent=1, ensure_ascii=False) + "\n"
        for name, said in {"jwks.json": JWKS, "vectors.json": vectors}.items()
    }


if __name__ == "__main__":
    for file_name, text in made().items():
        (FOLDER / file_name).write_text(text, encoding="utf-8")
