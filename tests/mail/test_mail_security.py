"""What protects the way to the mail server: TLS in both kinds, certificates, and the password behind them."""

import ipaddress
import ssl
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from bot.doctoring.finding import Level
from bot.doctoring.mail import check
from bot.mailing import Mailer
from bot.settings import Settings
from bot.slack_calls import NotDone
from handlers.mails import Mail
from tests.example import START
from tests.mail.conftest import Postbox, _free_port, settings_for

PASSWORD = "hunter-two"  # the password of a mail server that lives for one test
LETTER = Mail("Lena Holm", "lena.holm@acme.example", "R-1001: words", "words\n", "<p>words</p>")


@dataclass
class Gate:
    """Lets in who knows the password, and remembers what it was shown."""

    shown: list[bytes] = field(default_factory=list)

    def __call__(
        self, _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, given: Any
    ) -> AuthResult:
        assert isinstance(given, LoginPassword)
        self.shown.append(given.password)
        return AuthResult(success=given.password == PASSWORD.encode(), handled=False)


@dataclass
class Certificate:
    """A certificate of its own authority for a server on this machine."""

    path: Path
    context: ssl.SSLContext


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail.acme.example")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    folder = tmp_path_factory.mktemp("certificate")
    path, private = folder / "certificate.pem", folder / "key.pem"
    path.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(path, private)
    return Certificate(path, context)


Serve = Callable[..., int]


@pytest.fixture
def serve(postbox: Postbox) -> Iterator[Serve]:
    """Starts a mail server with these options and gives its port."""
    with ExitStack() as running:

        def start(**options: Any) -> int:
            controller = Controller(postbox, hostname="127.0.0.1", port=_free_port(), **options)
            controller.start()
            running.callback(controller.stop)
            return int(controller.port)

        yield start


@pytest.fixture
def trusted(certificate: Certificate, monkeypatch: pytest.MonkeyPatch) -> None:
    """The machine trusts the certificate's authority."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate.path))


def settings(port: int, security: str, password: str = PASSWORD) -> Settings:
    return settings_for(
        port,
        "http://127.0.0.1/",
        smtp_security=security,
        smtp_timeout=timedelta(seconds=5),
        smtp_user="desk",
        smtp_password=password,
    )


def mailer(port: int, security: str) -> Mailer:
    return Mailer(settings(port, security))


def options_for(security: str, certificate: Certificate) -> dict[str, Any]:
    if security == "tls":
        return {"ssl_context": certificate.context, "auth_require_tls": False}
    return {"tls_context": certificate.context, "require_starttls": True}


@pytest.mark.parametrize("security", ["starttls", "tls"])
@pytest.mark.usefixtures("trusted")
def test_mails_go_over_tls_and_with_the_password(
    security: str, certificate: Certificate, serve: Serve, postbox: Postbox
) -> None:
    gate = Gate()
    port = serve(authenticator=gate, **options_for(security, certificate))

    mailer(port, security).send(LETTER, "key", START)

    assert gate.shown == [PASSWORD.encode()]
    assert [str(each["Subject"]) for each in postbox.received] == ["R-1001: words"]


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_certificate_that_nobody_vouches_for_gets_neither_mail_nor_password(
    security: str, certificate: Certificate, serve: Serve, postbox: Postbox
) -> None:
    gate = Gate()
    port = serve(authenticator=gate, **options_for(security, certificate))

    with pytest.raises(NotDone):
        mailer(port, security).send(LETTER, "key", START)

    assert (gate.shown, postbox.received) == ([], [])


def test_a_server_without_starttls_gets_neither_mail_nor_password(serve: Serve, postbox: Postbox) -> None:
    gate = Gate()
    port = serve(authenticator=gate, auth_require_tls=False)

    with pytest.raises(NotDone, match="mail_smtpnotsupportederror"):
        mailer(port, "starttls").send(LETTER, "key", START)

    assert (gate.shown, postbox.received) == ([], [])


@pytest.mark.usefixtures("trusted")
def test_a_wrong_password_may_be_put_right_and_is_said_by_the_doctor(
    certificate: Certificate, serve: Serve, postbox: Postbox
) -> None:
    port = serve(authenticator=Gate(), auth_required=True, **options_for("starttls", certificate))
    wrong = settings(port, "starttls", "mistyped")

    with pytest.raises(NotDone, match="mail_535"):
        Mailer(wrong).send(LETTER, "key", START)
    [found] = check(wrong)

    assert found.level is Level.PROBLEM
    assert "535" in found.says
    assert "mistyped" not in f"{found}"
    assert postbox.received == []


@pytest.mark.usefixtures("trusted")
def test_the_doctor_greets_and_logs_in_and_sends_nothing(
    certificate: Certificate, serve: Serve, postbox: Postbox
) -> None:
    gate = Gate()
    port = serve(authenticator=gate, **options_for("starttls", certificate))

    [found] = check(settings(port, "starttls"))

    assert found.level is Level.OK
    assert gate.shown == [PASSWORD.encode()]
    assert postbox.received == []
