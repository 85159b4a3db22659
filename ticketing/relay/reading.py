"""Reading the scans of a phone's request as the server does."""

from pydantic import ValidationError
from sqlalchemy.orm import Session

from ticketing.door.api import MOST_SCANS, ScanBody, ScansBody
from ticketing.door.columns import HASH_BYTES
from ticketing.relay import ledger
from ticketing.tickets.codes import digest, parse


def scans_of(body: bytes) -> ScansBody | None:
    """Return the scans of a request; None for a body that this version cannot read."""
    try:
        return ScansBody.model_validate_json(body)
    except ValidationError:
        return None


def question_of(body: ScansBody) -> ScanBody | None:
    """Return the scan that asks, which is always the last of what a phone has.

    A full request may end before the statement that belongs to its last question.
    """
    last = body.scans[-1]
    return last if last.verdict is None and len(body.scans) < MOST_SCANS else None


def key_of_scan(session: Session, scan: ScanBody) -> str | None:
    """Return under which key the relay knows the ticket of a scan; None for what is no ticket to it."""
    if scan.ticket is not None:
        return ledger.key_of(session, scan.ticket)
    canonical = parse(scan.code or "").canonical
    return digest(canonical)[:HASH_BYTES].hex() if canonical else None
