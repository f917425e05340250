import base64
import hashlib
import hmac
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jws as other_library
from joserfc.errors import BadSignatureError
from joserfc.jwk import ECKey, KeySet, OKPKey

from store import key_formats, license_file
from store.key_formats import PrivateKey, VerifyingKey, verifying_key
from store.keys import SigningKey
from store.rules.claims import LicenseFacts, Verdict, claims
from store.rules.environments import EnvironmentType
from store.rules.key_states import KeyState
from store.rules.license_errors import (
    ClaimMalformed,
    LicenseFileError,
    LicenseFileTooLarge,
    NotALicenseFile,
    NotForThisProduct,
    SignatureMismatch,
    UnknownExtension,
    UnknownFormatVersion,
    UnknownKey,
    UntrustedKey,
    WrongAlgorithm,
    WrongType,
)
from store.signers import signer_of

# RFC 9864 gives the algorithm of Ed25519 a name of its own; the format keeps the one that libraries know.
pytestmark = pytest.mark.filterwarnings("ignore:EdDSA is deprecated via RFC 9864")

NOW = datetime(2026, 12, 1, 10, 15, tzinfo=UTC)
END = datetime(2027, 1, 1, tzinfo=UTC)
GRACE = timedelta(days=14)
FACTS = LicenseFacts(
    issuer="Acme Vendor",
    audience="platform",
    slot_id=17,
    jti="0f3c1d7e-7a51-4f6a-9d0e-5f1f4f1c2b3a",
    issued_at=NOW,
    not_before=datetime(2026, 1, 1, tzinfo=UTC),
    expires_at=END + GRACE,
    license_end=END,
    serial="ABC-D1E-F2G-H3I-J4K-L5M-N6O-P7Q",
    environment_type=EnvironmentType.PRODUCTION,
    environment_name="Produção 東京",
    activation_code="ABC.D1E.F2G.H3I.J4K.L5M.N6O.P7Q",
    company="Acme",
    infrastructure="Acme Logistics",
    edition="Standard",
    features=("mobile",),
    limits={"users": 500},
    declared="11.17.0",
    highest="11",
    seq=3,
)


def _signing_key(private_key: PrivateKey) -> SigningKey:
    kid = key_formats.thumbprint(private_key.public_key())
    return SigningKey(1, kid, key_formats.algorithm_of(private_key), signer_of(private_key))


def _verifying(*private_keys: PrivateKey) -> dict[str, VerifyingKey]:
    found = (verifying_key(each.public_key()) for each in private_keys)
    return {key.kid: key for key in found}


PRIVATE = {algorithm: key_formats.generate(algorithm) for algorithm in ("ES256", "EdDSA")}
KEYS = {algorithm: _signing_key(private_key) for algorithm, private_key in PRIVATE.items()}
TRUSTED = _verifying(*PRIVATE.values())
FILES = {algorithm: license_file.sign(claims(FACTS), key) for algorithm, key in KEYS.items()}


@pytest.fixture(params=["ES256", "EdDSA"])
def algorithm(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def _encoded(value: object) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _header(text: str) -> dict[str, Any]:
    encoded = text.partition(".")[0]
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(encoded + "=="))
    return found


def _signed(header: dict[str, object], payload: object, algorithm: str = "ES256") -> str:
    """Sign whatever header and payload a test makes up, with the desk's own key."""
    signing_input = f"{_encoded(header)}.{_encoded(payload)}"
    signer = jwt.PyJWS().get_algorithm_by_name(algorithm)
    return f"{signing_input}.{_encoded(signer.sign(signing_input.encode(), PRIVATE[algorithm]))}"


def _good_header(algorithm: str = "ES256") -> dict[str, object]:
    return {"alg": algorithm, "kid": KEYS[algorithm].kid, "typ": "license+jwt"}


def test_a_license_file_reads_back_as_what_was_signed(algorithm: str) -> None:
    text = FILES[algorithm]
    found = license_file.read(text, TRUSTED, "platform")
    assert found.facts == FACTS
    assert (found.kid, found.algorithm) == (KEYS[algorithm].kid, algorithm)
    assert found.sha256 == license_file.checksum(text) == hashlib.sha256(text.encode()).hexdigest()


def test_a_license_file_is_one_line_with_exactly_three_words_in_its_header(algorithm: str) -> None:
    text = FILES[algorithm]
    assert text.endswith("\n")
    assert text.count("\n") == 1
    assert _header(text) == {"alg": algorithm, "kid": KEYS[algorithm].kid, "typ": "license+jwt"}


def test_pyjwt_verifies_a_license_file_as_a_product_would(algorithm: str) -> None:
    lasting = replace(FACTS, issued_at=datetime(2026, 1, 1, tzinfo=UTC), license_end=None, expires_at=None)
    begun = replace(
        lasting, not_before=datetime(2020, 1, 1, tzinfo=UTC), issued_at=datetime(2020, 1, 1, tzinfo=UTC)
    )
    text = license_file.sign(claims(begun), KEYS[algorithm])
    published = jwt.PyJWKSet.from_dict(key_formats.jwks(TRUSTED.values()))
    key = published[str(jwt.get_unverified_header(text.strip())["kid"])]
    found = jwt.decode(text.strip(), key, algorithms=[algorithm], audience="platform", issuer="Acme Vendor")
    assert found == claims(begun)


def test_pyjwt_takes_the_end_of_grace_as_the_end(algorithm: str) -> None:
    past = replace(FACTS, expires_at=datetime(2020, 1, 2, tzinfo=UTC))
    text = license_file.sign(claims(past), KEYS[algorithm]).strip()
    with pytest.raises(jwt.ExpiredSignatureError):
        jwt.decode(
            text,
            PRIVATE[algorithm].public_key(),
            algorithms=[algorithm],
            audience="platform",
            options={"verify_nbf": False, "verify_iat": False},
        )


def test_a_second_jose_library_verifies_a_license_file(algorithm: str) -> None:
    published = KeySet.import_key_set(key_formats.jwks(TRUSTED.values()))  # type: ignore[arg-type] # its type asks for a closed dict
    found = other_library.deserialize_compact(FILES[algorithm].strip(), published, algorithms=[algorithm])
    assert json.loads(found.payload) == claims(FACTS)


def test_a_second_jose_library_refuses_a_changed_file(algorithm: str) -> None:
    published = KeySet.import_key_set(key_formats.jwks(TRUSTED.values()))  # type: ignore[arg-type] # as above
    header, _, signature = FILES[algorithm].strip().split(".")
    changed = f"{header}.{_encoded(claims(replace(FACTS, seq=4)))}.{signature}"
    with pytest.raises(BadSignatureError):
        other_library.deserialize_compact(changed, published, algorithms=[algorithm])


def test_what_a_second_jose_library_signs_is_read(algorithm: str) -> None:
    signer = other_library.serialize_compact(
        {"alg": algorithm, "kid": KEYS[algorithm].kid, "typ": "license+jwt"},
        json.dumps(claims(FACTS)),
        _joserfc_key(PRIVATE[algorithm]),
        algorithms=[algorithm],
    )
    assert license_file.read(signer, TRUSTED).facts == FACTS


def _joserfc_key(private_key: Any) -> Any:
    pem = private_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    kind = ECKey if key_formats.algorithm_of(private_key) == "ES256" else OKPKey
    return kind.import_key(pem)


@pytest.mark.parametrize(
    "wrap",
    [
        lambda text: text.strip(),
        lambda text: text.replace("\n", "\r\n"),
        lambda text: f"\ufeff{text}",
        lambda text: f"\n  {text}\n\n",
        lambda text: text.encode(),
    ],
    ids=["no newline", "Windows newline", "byte order mark", "white space", "bytes"],
)
def test_what_mail_and_editors_put_around_the_line_does_no_harm(algorithm: str, wrap: Any) -> None:
    assert license_file.read(wrap(FILES[algorithm]), TRUSTED).facts == FACTS


def test_the_checksum_is_of_the_bytes_that_were_read(algorithm: str) -> None:
    shortened = FILES[algorithm].strip()
    assert license_file.read(shortened, TRUSTED).sha256 == license_file.checksum(shortened)
    assert license_file.checksum(shortened) != license_file.checksum(FILES[algorithm])


@given(st.sampled_from(["ES256", "EdDSA"]), st.integers(0, 2000), st.integers(1, 127))
def test_a_file_with_any_byte_changed_is_refused(algorithm: str, place: int, flip: int) -> None:
    raw = bytearray(FILES[algorithm].strip().encode())
    raw[place % len(raw)] ^= flip
    with pytest.raises(LicenseFileError):
        license_file.read(bytes(raw), TRUSTED)


@given(st.integers(0, 2000))
def test_a_file_that_was_cut_off_is_refused(length: int) -> None:
    whole = FILES["ES256"].strip()
    with pytest.raises(LicenseFileError):
        license_file.read(whole[: length % len(whole)], TRUSTED)


@given(st.binary(max_size=200) | st.text(max_size=200))
def test_what_is_no_license_file_is_refused_in_words_whatever_it_is(content: bytes | str) -> None:
    with pytest.raises(LicenseFileError):
        license_file.read(content, TRUSTED)


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(st.sampled_from(sorted(claims(FACTS))), values)
def test_any_value_of_any_claim_is_read_or_refused_in_words(claim: str, value: object) -> None:
    said = claims(FACTS) | {claim: value}
    try:
        found = claims(license_file.read(_signed(_good_header(), said), TRUSTED).facts)
    except LicenseFileError:
        return
    assert found == said


@given(st.sampled_from(["alg", "kid", "typ", "crit", "b64", "jwk", "x5u", "zip"]), values)
def test_any_value_in_the_header_is_overlooked_or_refused_in_words(name: str, value: object) -> None:
    header = _good_header() | {name: value}
    try:
        found = license_file.read(_signed(header, claims(FACTS)), TRUSTED)
    except LicenseFileError:
        return
    assert (found.facts, found.algorithm) == (FACTS, "ES256")


def test_a_changed_claim_is_a_signature_that_does_not_match(algorithm: str) -> None:
    header, _, signature = FILES[algorithm].strip().split(".")
    later = claims(replace(FACTS, expires_at=END + 100 * GRACE))
    with pytest.raises(SignatureMismatch):
        license_file.read(f"{header}.{_encoded(later)}.{signature}", TRUSTED)


def test_an_unsigned_file_is_refused_whatever_it_claims(algorithm: str) -> None:
    for name in ("none", "None", "NONE", None, "", ["none"]):
        header = _good_header(algorithm) | {"alg": name}
        for signature in ("", FILES[algorithm].strip().rpartition(".")[2]):
            with pytest.raises(WrongAlgorithm):
                license_file.read(f"{_encoded(header)}.{_encoded(claims(FACTS))}.{signature}", TRUSTED)


def test_an_unsigned_file_without_a_key_is_told_from_one_of_an_unknown_key() -> None:
    with pytest.raises(WrongAlgorithm) as caught:
        license_file.read(
            f"{_encoded({'alg': 'none', 'typ': 'license+jwt'})}.{_encoded(claims(FACTS))}.", TRUSTED
        )
    assert (caught.value.found, caught.value.expected) == ("none", None)


def test_a_public_key_used_as_a_shared_secret_signs_nothing(algorithm: str) -> None:
    secret = key_formats.public_pem(PRIVATE[algorithm].public_key()).encode()
    signing_input = f"{_encoded(_good_header(algorithm) | {'alg': 'HS256'})}.{_encoded(claims(FACTS))}"
    signature = hmac.digest(secret, signing_input.encode(), "sha256")
    with pytest.raises(WrongAlgorithm) as caught:
        license_file.read(f"{signing_input}.{_encoded(signature)}", TRUSTED)
    assert caught.value.found == "HS256"


def test_the_algorithm_is_the_one_of_the_key_and_not_the_one_of_the_header(algorithm: str) -> None:
    other = "EdDSA" if algorithm == "ES256" else "ES256"
    text = _signed({"alg": other, "kid": KEYS[algorithm].kid, "typ": "license+jwt"}, claims(FACTS), other)
    with pytest.raises(WrongAlgorithm) as caught:
        license_file.read(text, TRUSTED)
    assert (caught.value.found, caught.value.expected) == (other, algorithm)


def test_a_key_that_the_file_brings_along_is_not_used(algorithm: str) -> None:
    stranger = key_formats.generate(algorithm)
    brought = key_formats.jwk(verifying_key(stranger.public_key()))
    header = {"kid": KEYS[algorithm].kid, "typ": "license+jwt", "jwk": brought}
    text = jwt.PyJWS().encode(json.dumps(claims(FACTS)).encode(), stranger, algorithm, header)
    with pytest.raises(SignatureMismatch):
        license_file.read(text, TRUSTED)


def test_a_file_of_an_unknown_key_names_that_key(algorithm: str) -> None:
    stranger = _signing_key(key_formats.generate(algorithm))
    with pytest.raises(UnknownKey) as caught:
        license_file.read(license_file.sign(claims(FACTS), stranger), TRUSTED)
    assert caught.value.kid == stranger.kid


@pytest.mark.parametrize("kid", [None, 5, [], {"a": 1}, "", "x" * 10_000])
def test_a_file_that_names_no_known_key_is_refused(kid: object) -> None:
    with pytest.raises(UnknownKey) as caught:
        license_file.read(_signed(_good_header() | {"kid": kid}, claims(FACTS)), TRUSTED)
    assert len(caught.value.kid or "") <= 80


def test_a_file_of_a_compromised_key_is_not_believed_although_it_is_intact(algorithm: str) -> None:
    kid = KEYS[algorithm].kid
    compromised = {kid: replace(TRUSTED[kid], state=KeyState.COMPROMISED)}
    with pytest.raises(UntrustedKey) as caught:
        license_file.read(FILES[algorithm], compromised)
    assert caught.value.kid == kid


@pytest.mark.parametrize("state", [KeyState.NEXT, KeyState.ACTIVE, KeyState.RETIRED])
def test_a_key_that_signs_no_longer_or_not_yet_still_verifies(state: KeyState) -> None:
    kid = KEYS["ES256"].kid
    assert license_file.read(FILES["ES256"], {kid: replace(TRUSTED[kid], state=state)}).facts == FACTS


@pytest.mark.parametrize("kind", ["JWT", "license-revocations+jwt", "LICENSE+JWT", "", None, 1])
def test_another_type_of_signed_text_is_no_license_file(algorithm: str, kind: object) -> None:
    with pytest.raises(WrongType) as caught:
        license_file.read(_signed(_good_header(algorithm) | {"typ": kind}, claims(FACTS), algorithm), TRUSTED)
    assert caught.value.found == (None if kind is None else str(kind))


@pytest.mark.parametrize("crit", [["exp"], ["b64"], [], "b64", None, [1], ["x" * 1000]])
def test_a_file_that_demands_an_extension_is_refused(crit: object) -> None:
    header = _good_header() | {"crit": crit, "b64": True, "exp": 1}
    with pytest.raises(UnknownExtension):
        license_file.read(_signed(header, claims(FACTS)), TRUSTED)


def test_another_version_of_the_format_is_said_to_be_unknown() -> None:
    with pytest.raises(UnknownFormatVersion) as caught:
        license_file.read(_signed(_good_header(), claims(FACTS) | {"ver": 2}), TRUSTED)
    assert caught.value.found == "2"


def test_signed_content_that_is_no_license_names_the_claim() -> None:
    with pytest.raises(ClaimMalformed) as caught:
        license_file.read(_signed(_good_header(), claims(FACTS) | {"serial": 7}), TRUSTED)
    assert caught.value.claim == "serial"


@pytest.mark.parametrize(
    "payload",
    [
        *(b"", b"[]", b"no json", b"\xff", b"[" * 20_000, b"9" * 5000),
        *(b'{"ver": NaN}', b'{"ver": -Infinity}', b'{"ver": "\\ud800"}', b'{"ver": "\xed\xa0\x80"}'),
        json.dumps(claims(FACTS)).encode("utf-16"),
    ],
)
def test_signed_content_that_is_no_object_is_no_license_file(payload: bytes) -> None:
    with pytest.raises(NotALicenseFile):
        license_file.read(_signed(_good_header(), payload), TRUSTED)


def test_a_license_for_another_product_names_both() -> None:
    with pytest.raises(NotForThisProduct) as caught:
        license_file.read(FILES["ES256"], TRUSTED, "other product")
    assert (caught.value.found, caught.value.expected) == ("platform", "other product")


@pytest.mark.parametrize("padding", ["=", "==", "%3D"])
def test_a_file_that_is_encoded_in_another_way_is_refused(padding: str) -> None:
    with pytest.raises(NotALicenseFile):
        license_file.read(FILES["ES256"].strip() + padding, TRUSTED)


def test_a_file_that_was_wrapped_is_refused() -> None:
    text = FILES["ES256"].strip()
    with pytest.raises(NotALicenseFile) as caught:
        license_file.read(f"{text[:76]}\n{text[76:]}", TRUSTED)
    assert caught.value.size == len(text) + 1


def test_a_huge_file_is_refused_before_anything_is_done_with_it() -> None:
    with pytest.raises(LicenseFileTooLarge) as caught:
        license_file.read("A" * (license_file.LARGEST + 1), TRUSTED)
    assert (caught.value.size, caught.value.limit) == (license_file.LARGEST + 1, license_file.LARGEST)


def test_what_no_verifier_would_read_is_not_signed() -> None:
    with pytest.raises(LicenseFileTooLarge):
        license_file.sign(claims(replace(FACTS, features=("mobile",) * 10_000)), KEYS["ES256"])


@pytest.mark.parametrize(
    ("now", "verdict"),
    [
        (FACTS.not_before - timedelta(microseconds=1), Verdict.NOT_YET_VALID),
        (FACTS.not_before, Verdict.VALID),
        (END - timedelta(microseconds=1), Verdict.VALID),
        (END, Verdict.IN_GRACE),
        (END + GRACE - timedelta(microseconds=1), Verdict.IN_GRACE),
        (END + GRACE, Verdict.EXPIRED),
    ],
)
def test_a_file_says_what_it_is_worth_at_a_moment(algorithm: str, now: datetime, verdict: Verdict) -> None:
    assert license_file.read(FILES[algorithm], TRUSTED).verdict(now) is verdict


def test_an_error_never_carries_the_text_of_a_license(algorithm: str) -> None:
    header, payload, signature = FILES[algorithm].strip().split(".")
    for broken in (
        f"{header}.{payload[:-1]}.{signature}",
        f"{header}.{payload}.{signature[:-2]}",
        f"{header}.{payload}",
    ):
        with pytest.raises(LicenseFileError) as caught:
            license_file.read(broken, TRUSTED)
        assert payload[:40] not in repr(caught.value) + str(vars(caught.value))
        assert caught.value.__cause__ is None
        assert caught.value.__context__ is None or caught.value.__suppress_context__


def test_the_file_is_named_after_the_serial_number() -> None:
    assert license_file.file_name(FACTS.serial) == "ABC-D1E-F2G-H3I-J4K-L5M-N6O-P7Q.lic"
