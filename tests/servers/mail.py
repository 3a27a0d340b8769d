"""A real mail server that delivers to the test."""

import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.servers.processes import find_program, free_port

USER, PASSWORD = "wihy", "the mail server's password"


@dataclass
class Sink:
    """What arrived, and how the server answers."""

    port: int = field(default_factory=free_port)
    mails: list[EmailMessage] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    answer_to_recipient: str = "250 OK"
    answer_to_mail: str = "250 OK"
    is_signed_in: bool = False
    is_encrypted: bool = False

    @property
    def settings(self) -> dict[str, str]:
        """The settings of who sends here."""
        return {"MAIL_SERVER": "localhost", "MAIL_PORT": str(self.port), "MAIL_USE_TLS": "off"}

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Take or refuse a recipient."""
        if self.answer_to_recipient.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.answer_to_recipient

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Take or refuse a mail."""
        if self.answer_to_mail.startswith("250"):
            assert isinstance(envelope.content, bytes)
            self.mails.append(message_from_bytes(envelope.content, policy=policy.default))  # type: ignore[arg-type]
            self.recipients += envelope.rcpt_tos
            self.is_signed_in = bool(session.authenticated)
            self.is_encrypted = session.ssl is not None
        return self.answer_to_mail


@contextmanager
def running_sink(tls: ssl.SSLContext | None = None) -> Iterator[Sink]:
    """Run a mail server for the length of the block; with `tls` it wants encryption and a sign-in."""
    sink = Sink()
    options: dict[str, Any] = (
        {"tls_context": tls, "require_starttls": True, "auth_required": True} if tls else {}
    )
    controller = Controller(
        sink, hostname="localhost", port=sink.port, authenticator=_judge if tls else None, **options
    )
    controller.start()
    try:
        yield sink
    finally:
        controller.stop()


def _judge(_server: Any, _session: Any, _envelope: Any, _mechanism: str, given: Any) -> AuthResult:
    right = isinstance(given, LoginPassword) and given == LoginPassword(USER.encode(), PASSWORD.encode())
    return AuthResult(success=right, handled=right)


def make_certificate(folder: Path) -> tuple[ssl.SSLContext, Path]:
    """Return a server's context with a certificate for `localhost` that signs itself, and the certificate's file."""
    certificate, key = folder / "mail.crt", folder / "mail.key"
    words = [
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
        "-days",
        "2",
    ]
    subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    subprocess.run(
        [find_program("openssl"), *words, *subject, "-keyout", str(key), "-out", str(certificate)],
        check=True,
        capture_output=True,
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context, certificate
