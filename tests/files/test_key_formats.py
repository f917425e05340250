import base64
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc.jwk import ECKey, OKPKey

from store import key_formats
from store.key_formats import VerifyingKey, verifying_key
from store.rules.key_errors import AlgorithmUnknown, KeyMisnamed, KeySetUnreadable, KeyUnreadable
from store.rules.key_states import KeyState

ALGORITHMS = ["ES256", "EdDSA"]


def _key(algorithm: str) -> VerifyingKey:
    return verifying_key(key_formats.generate(algorithm).public_key())


def test_the_thumbprint_of_an_ed25519_key_is_the_one_of_rfc_8037() -> None:
    # RFC 8037, appendices A.2 and A.3.
    members = {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}
    expected = "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"
    assert key_formats.thumbprint(key_formats.public_from_jwk(members)) == expected


@pytest.mark.parametrize(("algorithm", "kind"), [("ES256", ECKey), ("EdDSA", OKPKey)])
def test_another_jose_library_finds_the_same_thumbprint(algorithm: str, kind: Any) -> None:
    for _ in range(20):  # now and then a coordinate begins with a zero byte
        key = _key(algorithm)
        assert kind.import_key(key_formats.jwk(key)).thumbprint() == key.kid


def test_a_coordinate_that_begins_with_zero_keeps_its_length() -> None:
    keys = (_key("ES256") for _ in range(5000))
    small = next(
        key
        for key in keys
        if isinstance(key.public_key, ec.EllipticCurvePublicKey)
        and key.public_key.public_numbers().x < 2**248
    )
    assert len(key_formats.jwk(small)["x"]) == 43
    assert key_formats.keys_from_text(json.dumps(key_formats.jwks([small])))[small.kid] == small


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_key_is_the_same_after_each_written_form(algorithm: str) -> None:
    private_key = key_formats.generate(algorithm)
    key = verifying_key(private_key.public_key())
    read_back = key_formats.private_from_der(key_formats.private_der(private_key))
    assert key_formats.algorithm_of(read_back) == algorithm
    assert verifying_key(read_back.public_key()) == key
    assert verifying_key(key_formats.public_from_pem(key_formats.public_pem(key.public_key))) == key
    assert verifying_key(key_formats.public_from_jwk(key_formats.jwk(key))) == key


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_jwk_names_the_key_and_its_algorithm_and_holds_nothing_private(algorithm: str) -> None:
    key = _key(algorithm)
    members = key_formats.jwk(key)
    assert (members["kid"], members["alg"], members["use"]) == (key.kid, algorithm, "sig")
    assert "d" not in members


def test_a_compromised_key_is_not_published() -> None:
    good = _key("ES256")
    bad = verifying_key(key_formats.generate("ES256").public_key(), KeyState.COMPROMISED)
    assert key_formats.jwks([good, bad]) == {"keys": [key_formats.jwk(good)]}


def test_keys_are_read_from_a_jwks_and_from_pem() -> None:
    keys = [_key("ES256"), _key("EdDSA")]
    expected = {key.kid: key for key in keys}
    pem = "\n".join(f"a comment\n{key_formats.public_pem(key.public_key)}" for key in keys)
    assert key_formats.keys_from_text(json.dumps(key_formats.jwks(keys))) == expected
    assert key_formats.keys_from_text(pem) == expected


def test_keys_of_other_kinds_in_a_jwks_are_overlooked() -> None:
    key = _key("ES256")
    others = [
        {"kty": "RSA", "n": "AQAB", "e": "AQAB"},
        {"kty": "oct", "k": "c2VjcmV0"},
        "no key",
        {"crv": []},
    ]
    document = json.dumps({"keys": [*others, key_formats.jwk(key)]})
    assert key_formats.keys_from_text(document) == {key.kid: key}


@pytest.mark.parametrize("text", ["", "no keys", "[]", "{}", '{"keys": {}}', '{"keys": []}', "[" * 100_000])
def test_what_holds_no_keys_is_not_a_key_set(text: str) -> None:
    with pytest.raises(KeySetUnreadable):
        key_formats.keys_from_text(text)


def test_a_key_under_a_foreign_name_is_refused() -> None:
    key, other = _key("ES256"), _key("ES256")
    document = json.dumps({"keys": [key_formats.jwk(key) | {"kid": other.kid}]})
    with pytest.raises(KeyMisnamed) as caught:
        key_formats.keys_from_text(document)
    assert (caught.value.kid, caught.value.thumbprint) == (other.kid, key.kid)


@pytest.mark.parametrize(
    "change",
    [
        {"x": None},
        {"x": ""},
        {"x": "AAAA"},
        {"x": "ü"},
        {"x": "*" * 43},
        {"y": base64.urlsafe_b64encode(b"\1" * 32).decode().rstrip("=")},  # a point beside the curve
        {"kty": "OKP"},
        {"crv": "P-384"},
    ],
)
def test_a_broken_jwk_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(KeyUnreadable):
        key_formats.public_from_jwk(key_formats.jwk(_key("ES256")) | change)


def test_a_padded_coordinate_is_refused_since_it_would_give_the_key_a_second_form() -> None:
    members = key_formats.jwk(_key("EdDSA"))
    with pytest.raises(KeyUnreadable):
        key_formats.public_from_jwk(members | {"x": members["x"] + "="})


@pytest.mark.parametrize(
    "foreign",
    [
        ec.generate_private_key(ec.SECP384R1()).public_key(),
        ed448.Ed448PrivateKey.generate().public_key(),
        rsa.generate_private_key(65537, 2048).public_key(),
    ],
    ids=["P-384", "Ed448", "RSA"],
)
def test_keys_of_other_kinds_are_refused_in_pem(foreign: Any) -> None:
    pem = foreign.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    with pytest.raises(KeyUnreadable):
        key_formats.public_from_pem(pem)


@pytest.mark.parametrize("text", ["", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----", "\x00"])
def test_broken_pem_is_refused(text: str) -> None:
    with pytest.raises(KeyUnreadable):
        key_formats.public_from_pem(text)


def test_broken_private_bytes_are_refused_without_showing_them() -> None:
    with pytest.raises(KeyUnreadable) as caught:
        key_formats.private_from_der(b"these are secret bytes")
    assert caught.value.args == ()
    assert caught.value.__suppress_context__


@pytest.mark.parametrize("algorithm", ["none", "HS256", "RS256", "es256", ""])
def test_no_key_is_made_for_another_algorithm(algorithm: str) -> None:
    with pytest.raises(AlgorithmUnknown) as caught:
        key_formats.generate(algorithm)
    assert caught.value.algorithm == algorithm


def test_the_default_kinds_of_key_are_those_of_the_format() -> None:
    es256, eddsa = key_formats.generate("ES256"), key_formats.generate("EdDSA")
    assert isinstance(es256, ec.EllipticCurvePrivateKey)
    assert isinstance(es256.curve, ec.SECP256R1)
    assert isinstance(eddsa, ed25519.Ed25519PrivateKey)
