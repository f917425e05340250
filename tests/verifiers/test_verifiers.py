import ast
import base64
import json
import os
import re
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.sentences import sentence
from store import key_formats, license_file
from store.key_formats import VerifyingKey, keys_from_text, verifying_key
from store.keys import SigningKey
from store.license_file import LicenseFile
from store.rules import license_errors
from store.rules.claims import LicenseFacts, Verdict, claims
from store.rules.environments import EnvironmentType
from store.rules.license_errors import LicenseFileError
from store.signers import signer_of
from tests.verifiers import make_vectors
from tests.verifiers.toolchains import COMMANDS, FOLDER, Missing, run

JWKS = json.loads((FOLDER / "jwks.json").read_text(encoding="utf-8"))
VECTORS: list[dict[str, Any]] = json.loads((FOLDER / "vectors.json").read_text(encoding="utf-8"))["vectors"]
NAMES = [each["name"] for each in VECTORS]
FORMAT = (FOLDER / "FORMAT.md").read_text(encoding="utf-8")
KEYS = keys_from_text(json.dumps(JWKS))
VERDICTS = {each["expected"]["verdict"] for each in VECTORS}
ERRORS = {
    verdict: getattr(license_errors, verdict) for verdict in VERDICTS if hasattr(license_errors, verdict)
}
START, END, GRACE_END = (
    datetime.fromtimestamp(each, UTC)
    for each in (make_vectors.START, make_vectors.END, make_vectors.GRACE_END)
)
WITHOUT_EDDSA = {"C#"}
NEEDED_IN_CI = ("Python", "Node", "Java")
FACTS = LicenseFacts(
    issuer="Meridian",
    audience="meridian-platform",
    slot_id=17,
    jti="0f3c1d7e-7a51-4f6a-9d0e-5f1f4f1c2b3a",
    issued_at=START - timedelta(days=9),
    not_before=START,
    expires_at=GRACE_END,
    license_end=END,
    serial="ABC-D1E-F2G-H3I-J4K-L5M-N6O-P7Q",
    environment_type=EnvironmentType.PRODUCTION,
    environment_name='"Qualità" \\ 東京 🙂',
    activation_code="ABC.D1E.F2G.H3I.J4K.L5M.N6O.P7Q",
    company="Acme",
    infrastructure="Acme Logistics",
    edition="Enterprise",
    features=("mobile",),
    limits={"users": 500},
    declared="11.17.0",
    highest="11",
    seq=3,
)


def expected(vector: dict[str, Any]) -> list[str]:
    said = vector["expected"]
    return [vector["name"], said["verdict"], said["revocations"], said["clock"]]


def found(
    language: str, folder: Path, jwks: dict[str, Any], vectors: list[dict[str, Any]]
) -> list[list[str]]:
    """What a verifier says, or the test is skipped with the reason."""
    try:
        return run(language, folder, jwks, vectors)
    except Missing as missing:
        pytest.skip(str(missing))


def able(language: str, vectors: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [each for each in vectors if each["algorithm"] == "ES256" or language not in WITHOUT_EDDSA]


@pytest.mark.parametrize("language", COMMANDS)
def test_a_verifier_says_of_every_vector_what_is_expected(language: str, tmp_path: Path) -> None:
    vectors = able(language, VECTORS)
    assert found(language, tmp_path, JWKS, vectors) == [expected(each) for each in vectors]


@pytest.mark.skipif(os.environ.get("CI") != "true", reason="only the machine of the checks has to have them")
@pytest.mark.parametrize("language", NEEDED_IN_CI)
def test_where_everything_is_checked_no_needed_language_is_skipped(language: str, tmp_path: Path) -> None:
    assert len(run(language, tmp_path, JWKS, VECTORS[:1])) == 1


def _key(algorithm: str) -> tuple[SigningKey, VerifyingKey]:
    private_key = key_formats.generate(algorithm)
    known = verifying_key(private_key.public_key())
    return SigningKey(1, known.kid, algorithm, signer_of(private_key)), known


def _own_vectors(keys: list[SigningKey]) -> list[dict[str, Any]]:
    """Files that the desk signs, at the edges of their time, and what they are worth by its own rules."""
    perpetual = replace(FACTS, license_end=None, expires_at=None, replaces="the one before")
    moments = [
        each - ahead for each in (START, END, GRACE_END) for ahead in (timedelta(seconds=1), timedelta())
    ]
    return [
        make_vectors.vector(
            f"{key.algorithm}, perpetual: {facts is perpetual}, at {moment}",
            "Signed by the desk",
            license_file.sign(claims(facts), key),
            str(facts.verdict(moment)),
            now=int(moment.timestamp()),
            high_water=0,
            algorithm=key.algorithm,
        )
        for key in keys
        for facts in (FACTS, perpetual)
        for moment in moments
    ]


@pytest.mark.parametrize("language", COMMANDS)
def test_every_verifier_takes_what_the_desk_signs(language: str, tmp_path: Path) -> None:
    signing, known = zip(*(_key(each) for each in ("ES256", "EdDSA")), strict=True)
    vectors = able(language, _own_vectors(list(signing)))
    assert {each["expected"]["verdict"] for each in vectors} == set(Verdict)
    assert found(language, tmp_path, key_formats.jwks(known), vectors) == [expected(each) for each in vectors]


@pytest.mark.parametrize("vector", VECTORS, ids=NAMES)
def test_the_desk_says_the_same_of_a_license_file(vector: dict[str, Any]) -> None:
    verdict = vector["expected"]["verdict"]
    if verdict in ERRORS:
        with pytest.raises(ERRORS[verdict]):
            _read(vector)
    else:
        read = _read(vector)
        assert _to_the_product(vector, read) == verdict


def _read(vector: dict[str, Any]) -> LicenseFile:
    return license_file.read(vector["license"], KEYS, vector["audience"], test_keys=vector["test_keys"])


def _to_the_product(vector: dict[str, Any], read: LicenseFile) -> str:
    """What a file that the desk reads is worth to the product, which knows more than the desk."""
    facts, listed = read.facts, _counting_list(vector)
    reasons = {
        "WrongSerial": facts.serial != vector["serial"],
        "WrongEnvironmentType": vector["environment_type"] not in (None, str(facts.environment_type)),
        "OlderLicense": facts.seq < vector["highest_seq"].get(str(facts.slot_id), 0),
        "Revoked": facts.jti in {each["jti"] for each in listed["revocations"]},
    }
    moment = max(vector["now"], vector["high_water"], facts.issued_at.timestamp(), listed["iat"])
    given = [name for name, holds in reasons.items() if holds]
    return given[0] if given else str(read.verdict(datetime.fromtimestamp(moment, UTC)))


def _counting_list(vector: dict[str, Any]) -> dict[str, Any]:
    if vector["expected"]["revocations"] not in ("current", "stale"):
        return {"iat": 0, "revocations": []}
    payload = vector["revocations"].split(".")[1]
    said: dict[str, Any] = json.loads(base64.urlsafe_b64decode(payload + "=="))
    return said


@pytest.mark.parametrize("verdict", ["valid", *sorted(ERRORS)])
def test_the_command_says_the_same_as_the_verifiers(verdict: str, tmp_path: Path) -> None:
    vector = next(each for each in VECTORS if each["expected"]["verdict"] == verdict)
    (tmp_path / "file.lic").write_text(vector["license"], encoding="utf-8")
    arguments = ["verify", "file.lic", "--keys", str(FOLDER / "jwks.json"), "--audience", vector["audience"]]
    done = subprocess.run(
        [sys.executable, "-m", "bot.cli", *arguments], cwd=tmp_path, capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": str(FOLDER.parents[1])},
    )  # fmt: skip
    if verdict == "valid":
        assert "Its signature is good." in done.stdout
        return
    with pytest.raises(LicenseFileError) as caught:
        _read(vector)
    assert done.returncode == 1
    assert " ".join(sentence(caught.value).split()) in " ".join(done.stderr.split())


def test_the_desk_answers_for_itself_but_for_what_only_the_product_knows() -> None:
    of_the_product = {"WrongSerial", "WrongEnvironmentType", "OlderLicense", "Revoked"}
    assert set(ERRORS) == VERDICTS - set(Verdict) - of_the_product


def test_the_vectors_are_what_their_maker_makes() -> None:
    for name, text in make_vectors.made().items():
        assert (FOLDER / name).read_text(encoding="utf-8") == text


def test_no_two_vectors_have_one_name() -> None:
    names = [each["name"] for each in VECTORS]
    assert len(set(names)) == len(names)


def test_there_is_a_vector_for_each_answer_of_the_specification() -> None:
    tables = FORMAT.partition("## Order of checks")[2].partition("## Clocks")[0]
    last_cells = " ".join(re.findall(r"\| ([^|]+) \|$", tables, re.MULTILINE))
    told = set(re.findall(r"`([^`]+)`", last_cells))
    given = {
        answer
        for each in VECTORS
        for answer in (each["expected"]["verdict"], each["expected"]["revocations"])
    }
    assert given == told | {"none"}


def test_the_specification_says_what_a_product_does_with_each_answer() -> None:
    told = FORMAT.partition("## What a product does")[2].partition("## The vectors")[0]
    first_cells = " ".join(re.findall(r"^\| (.+?) \|", told, re.MULTILINE))
    assert set(re.findall(r"`([^`]+)`", first_cells)) == VERDICTS


def test_the_specification_names_every_claim_of_a_license_and_no_other() -> None:
    told = FORMAT.partition("**Claims.**")[2].partition("## The revocation list")[0]
    names = {
        name
        for cell in re.findall(r"^\| (`.+?) \|", told, re.MULTILINE)
        for name in re.findall(r"`(\w+)`", cell)
    }
    assert names == set(claims(replace(FACTS, replaces="the one before")))


@pytest.mark.parametrize("name", ["verify.py", "make_vectors.py"])
def test_a_verifier_shares_no_code_with_the_desk(name: str) -> None:
    tree = ast.parse((FOLDER / name).read_text(encoding="utf-8"))
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    tops = {each.partition(".")[0] for each in imported}
    assert tops - sys.stdlib_module_names <= {"jwt", "cryptography"}


def test_the_lock_of_the_packages_names_no_place_to_get_them_from() -> None:
    packages = json.loads((FOLDER / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    assert [name for name, package in packages.items() if "resolved" in package] == []
    assert all("integrity" in package for name, package in packages.items() if name)
