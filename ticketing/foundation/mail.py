"""Mail as files or by SMTP. Messages are made elsewhere; this only delivers."""

import smtplib
import ssl
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

_TIMEOUT_SECONDS = 20
_DEFAULT_PORTS = {"smtp": 587, "smtps": 465}


@dataclass(frozen=True, kw_only=True)
class Mail:
    """A message: `id` makes a second delivery recognisable by its Message-ID."""

    id: str
    sender: str
    recipient: str
    subject: str
    text: str
    sent_at: datetime

    def to_message(self) -> EmailMessage:
        """Return the RFC 5322 message."""
        message = EmailMessage(policy=SMTP)
        message["From"] = self.sender
        message["To"] = self.recipient
        message["Subject"] = self.subject
        message["Date"] = format_datetime(self.sent_at)
        message["Message-ID"] = f"<{self.id}@{self.sender.partition('@')[2]}>"
        message.set_content(self.text)
        return message


class Mailer(Protocol):
    """Delivers one mail or raises; the outbox tries again."""

    def send(self, mail: Mail) -> None:
        """Deliver."""


@dataclass(frozen=True)
class FileMailer:
    """Keeps each mail as an .eml file: the default without SMTP."""

    folder: Path

    def send(self, mail: Mail) -> None:
        """Write the file; the same mail twice is one file."""
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / f"{mail.id}.eml").write_bytes(mail.to_message().as_bytes())


@dataclass(frozen=True)
class SmtpMailer:
    """Speaks to one submission server: smtp:// upgrades with STARTTLS, smtps:// starts with TLS."""

    url: str

    def send(self, mail: Mail) -> None:
        """Deliver. Raises smtplib.SMTPException or OSError."""
        parts = urlsplit(self.url)
        host, port = parts.hostname or "", parts.port or _DEFAULT_PORTS[parts.scheme]
        context = ssl.create_default_context()
        if parts.scheme == "smtps":
            server: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=_TIMEOUT_SECONDS, context=context)
        else:
            server = smtplib.SMTP(host, port, timeout=_TIMEOUT_SECONDS)
        with server:
            server.ehlo_or_helo_if_needed()
            if parts.scheme == "smtp" and server.has_extn("starttls"):
                server.starttls(context=context)
            if parts.username:
                server.login(unquote(parts.username), unquote(parts.password or ""))
            server.send_message(mail.to_message())
