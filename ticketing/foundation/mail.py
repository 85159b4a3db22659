"""Mail as files or by SMTP. Messages are made elsewhere; this only delivers."""

import smtplib
import ssl
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, formataddr
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

_TIMEOUT_SECONDS = 20
_DEFAULT_PORTS = {"smtp": 587, "smtps": 465}
_PERMANENT = 500


class MailRefusedError(Exception):
    """The server will not take this mail: for now (4xx, as greylisting does), or ever (5xx)."""

    def __init__(self, code: int, said: str) -> None:
        super().__init__(f"{code} {said}")
        self.permanent = code >= _PERMANENT


class MailServerAwayError(Exception):
    """The server cannot be had, or refuses its sender: it is nobody's address that is wrong."""


@dataclass(frozen=True, kw_only=True)
class Attachment:
    """A file of a mail; `parameters` go behind its type, as `method` of a calendar."""

    name: str
    content_type: str
    content: bytes
    parameters: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Mail:
    """A message: `id` makes a second delivery recognisable by its Message-ID."""

    id: str
    sender: str
    sender_name: str = ""
    recipient: str
    subject: str
    text: str
    html: str = ""
    attachments: Sequence[Attachment] = ()
    stop_url: str = ""
    sent_at: datetime

    def to_message(self) -> EmailMessage:
        """Return the RFC 5322 message."""
        message = EmailMessage(policy=SMTP)
        message["From"] = formataddr((self.sender_name, self.sender)) if self.sender_name else self.sender
        message["To"] = self.recipient
        message["Subject"] = self.subject
        message["Date"] = format_datetime(self.sent_at)
        message["Message-ID"] = f"<{self.id}@{self.sender.partition('@')[2]}>"
        if self.stop_url:  # RFC 8058
            message["List-Unsubscribe"] = f"<{self.stop_url}>"
            message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        message.set_content(self.text)
        if self.html:
            message.add_alternative(self.html, subtype="html")
        for one in self.attachments:
            main, _, sub = one.content_type.partition("/")
            parameters = dict(one.parameters) or None
            message.add_attachment(
                one.content, maintype=main, subtype=sub, filename=one.name, params=parameters
            )
        return message


class Post(Protocol):
    """An open way to deliver mails."""

    def send(self, mail: Mail) -> None:
        """Deliver. Raises MailRefusedError or MailServerAwayError."""


class Mailer(Protocol):
    """Opens a way to deliver several mails."""

    def open(self) -> AbstractContextManager[Post]:
        """Return the way. Raises MailServerAwayError."""


@dataclass(frozen=True)
class FileMailer:
    """Keeps each mail as an .eml file: the default without SMTP."""

    folder: Path

    @contextmanager
    def open(self) -> Iterator[Post]:
        """Return itself."""
        self.folder.mkdir(parents=True, exist_ok=True)
        yield self

    def send(self, mail: Mail) -> None:
        """Write the file; the same mail twice is one file."""
        (self.folder / f"{mail.id}.eml").write_bytes(mail.to_message().as_bytes())


@dataclass(frozen=True)
class SmtpMailer:
    """Speaks to one submission server: smtp:// upgrades with STARTTLS, smtps:// starts with TLS."""

    url: str
    timeout_seconds: float = _TIMEOUT_SECONDS

    @contextmanager
    def open(self) -> Iterator[Post]:
        """Connect and sign in. Raises MailServerAwayError."""
        try:
            server = self._connect()
        except (smtplib.SMTPException, OSError) as error:
            raise MailServerAwayError(_short(error)) from error
        try:
            yield SmtpPost(server)
        finally:
            server.close()

    def _connect(self) -> smtplib.SMTP:
        parts = urlsplit(self.url)
        host, port = parts.hostname or "", parts.port or _DEFAULT_PORTS[parts.scheme]
        context = ssl.create_default_context()
        server: smtplib.SMTP
        if parts.scheme == "smtps":
            server = smtplib.SMTP_SSL(host, port, timeout=self.timeout_seconds, context=context)
        else:
            server = smtplib.SMTP(host, port, timeout=self.timeout_seconds)
        try:
            server.ehlo_or_helo_if_needed()
            if parts.scheme == "smtp" and server.has_extn("starttls"):
                server.starttls(context=context)
            if parts.username:
                server.login(unquote(parts.username), unquote(parts.password or ""))
        except BaseException:
            server.close()
            raise
        return server


@dataclass(frozen=True)
class SmtpPost:
    """A connection that is signed in."""

    server: smtplib.SMTP

    def send(self, mail: Mail) -> None:
        """Deliver; the connection is good for another mail unless the server is away."""
        try:
            self.server.send_message(mail.to_message())
        except smtplib.SMTPRecipientsRefused as refused:
            code, said = next(iter(refused.recipients.values()))
            raise MailRefusedError(code, _text(said)) from refused
        except smtplib.SMTPDataError as refused:
            raise MailRefusedError(refused.smtp_code, _text(refused.smtp_error)) from refused
        except (smtplib.SMTPException, OSError) as error:
            raise MailServerAwayError(_short(error)) from error


def _short(error: Exception) -> str:
    """Return what went wrong without what a server may repeat of us."""
    code = getattr(error, "smtp_code", None)
    return type(error).__name__ if code is None else f"{type(error).__name__} {code}"


def _text(said: bytes | str) -> str:
    return said.decode("utf-8", "replace") if isinstance(said, bytes) else said
