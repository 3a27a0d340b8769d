"""Handing a mail to the mail server that `MAIL_SERVER` names; without one, development reads it in the terminal."""

import logging
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email.message import EmailMessage
from email.utils import parseaddr
from smtplib import (
    SMTP,
    SMTP_SSL,
    SMTPDataError,
    SMTPException,
    SMTPNotSupportedError,
    SMTPRecipientsRefused,
)
from threading import Timer
from urllib.parse import urlsplit

from config import Settings
from wihy.core.settings import settings
from wihy.outbox.service import Undeliverable

ANSWER_SECONDS = 10
WHOLE_SECONDS = 60  # a server that answers a byte at a time must not hold up the others
PERMANENT = 500
PORT, PORT_WITH_SSL = 587, 465  # submission (RFC 6409), submissions (RFC 8314)

logger = logging.getLogger(__name__)


def post(mail: EmailMessage, recipient: str) -> None:
    """Send `mail`; returns once the server has taken it.

    Raises `Undeliverable` where the server refuses it for good, and else whatever went wrong, which may pass.
    """
    given = settings()
    if given.mail_server is None:
        _show(mail, given)
        return
    with _connection(given, given.mail_server) as server:
        try:
            server.send_message(mail, parseaddr(given.mail_from)[1], [recipient])
        except SMTPRecipientsRefused as error:
            code = next(iter(error.recipients.values()))[0]
            if code >= PERMANENT:
                raise Undeliverable(f"SMTPRecipientsRefused {code}") from None
            raise
        except SMTPDataError as error:
            if error.smtp_code >= PERMANENT:
                raise Undeliverable(f"SMTPDataError {error.smtp_code}") from None
            raise
        except SMTPNotSupportedError:
            raise Undeliverable("the server takes no such address") from None


@contextmanager
def _connection(given: Settings, host: str) -> Iterator[SMTP]:
    """Yield a connection that is signed in and, as set, encrypted; the server's certificate must be valid."""
    own_name = urlsplit(given.public_url).hostname or "localhost"
    context = ssl.create_default_context()
    server: SMTP
    if given.mail_use_ssl:
        server = SMTP_SSL(local_hostname=own_name, timeout=ANSWER_SECONDS, context=context)
    else:
        server = SMTP(local_hostname=own_name, timeout=ANSWER_SECONDS)
    server._host = host  # type: ignore[attr-defined]  # whose certificate is asked for; `connect` alone forgets it
    with _deadline(server):
        try:
            server.connect(host, given.mail_port or (PORT_WITH_SSL if given.mail_use_ssl else PORT))
            if given.mail_use_tls and not given.mail_use_ssl:
                server.starttls(context=context)
            if given.mail_username and given.mail_password:
                server.login(given.mail_username, given.mail_password)
            yield server
            with suppress(SMTPException, OSError):  # the mail is the server's by now
                server.quit()
        finally:
            server.close()


@contextmanager
def _deadline(server: SMTP) -> Iterator[None]:
    """Cut the connection if the block takes too long; what waits there fails."""
    timer = Timer(WHOLE_SECONDS, _cut, (server,))
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _cut(server: SMTP) -> None:
    if server.sock:
        with suppress(OSError):
            server.sock.shutdown(socket.SHUT_RDWR)


def _show(mail: EmailMessage, given: Settings) -> None:
    """Write the mail to the log; in production without what it says, for that may open a door."""
    if given.is_production:
        logger.warning("MAIL_SERVER is not set: the mail %s goes nowhere", mail["Message-ID"])
        return
    body = mail.get_body(("plain",))
    text = body.get_content() if body else ""
    logger.info(
        "a mail, which MAIL_SERVER would send\nTo: %s\nSubject: %s\n\n%s", mail["To"], mail["Subject"], text
    )
