"""Mails that were kept as files for want of an SMTP server, and effects that could not be carried out."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.policy import default
from email.utils import parsedate_to_datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from ticketing.foundation.errors import NotFoundError
from ticketing.foundation.models import OutboxEntry

MOST_SHOWN = 100
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,99}")


@dataclass(frozen=True, kw_only=True)
class KeptMail:
    """A mail as it would have been sent."""

    name: str
    sent_at: datetime
    recipient: str
    subject: str
    text: str


def kept_mails(folder: Path) -> list[KeptMail]:
    """Return the newest mails, newest first."""
    if not folder.is_dir():
        return []
    files = sorted(folder.glob("*.eml"), key=lambda file: file.stat().st_mtime_ns, reverse=True)
    return [_read(file) for file in files[:MOST_SHOWN]]


def kept_mail(folder: Path, name: str) -> KeptMail:
    """Return one mail. Raises NotFoundError, also for a name that could lead out of the folder."""
    file = folder / f"{name}.eml"
    if not _NAME.fullmatch(name) or not file.is_file():
        raise NotFoundError
    return _read(file)


def dead_letters(session: Session) -> Sequence[OutboxEntry]:
    """Return the effects that were given up, newest first."""
    return session.scalars(
        select(OutboxEntry)
        .where(OutboxEntry.dead_at.is_not(None))
        .order_by(OutboxEntry.dead_at.desc())
        .limit(MOST_SHOWN)
    ).all()


def _read(file: Path) -> KeptMail:
    message = message_from_bytes(file.read_bytes(), policy=default)
    body = message.get_body(("plain",))
    return KeptMail(
        name=file.stem,
        sent_at=parsedate_to_datetime(str(message["Date"])),
        recipient=str(message["To"]),
        subject=str(message["Subject"]),
        text="" if body is None else str(body.get_content()),
    )
