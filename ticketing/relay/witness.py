"""What the relay learns from the requests of phones that it passes on, and from the server's answers."""

import gzip
import json
import logging
from collections.abc import Iterator
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from ticketing.door.api import ScanBody, ScansBody
from ticketing.door.rules import Direction, Outcome
from ticketing.foundation.db import Database
from ticketing.relay import ledger
from ticketing.relay.presence import NOBODY, Noted
from ticketing.relay.reading import key_of_scan, question_of, scans_of
from ticketing.relay.uplink import Reply

_OK, _CREATED, _UNAUTHORIZED = 200, 201, 401
# Whoever may do one of these is a phone that the server knows; a revoked one may still hand over its scans.
_OF_KNOWN_PHONES = ("sync", "scans")

_log = logging.getLogger(__name__)


def witness_question(database: Database, token: str, sent: bytes) -> UUID | None:
    """Keep that a phone asks the server whether to let somebody in, before it does; return the scan's id.

    An answer that is lost or late may have counted there all the same.
    """
    body = scans_of(sent)
    asked = None if body is None else question_of(body)
    if asked is None or asked.direction != "in":
        return None
    with database.transaction() as session:
        device, key = ledger.device_of(session, token), key_of_scan(session, asked)
        if device is None or key is None:
            return None
        ledger.note_question(session, _noted(asked, key, device, asked.at, admits=False))
    return asked.id


def witness(database: Database, call: str, token: str, sent: bytes, reply: Reply, now: datetime) -> bool:
    """Keep what the server's answer to a call (`scans`, `sync`, …) tells, before the phone hears of it.

    Tell whether the phone may hear of it: not if the server lets somebody in on a ticket on which the relay
    has let somebody in meanwhile.
    """
    if call in _OF_KNOWN_PHONES and reply.status in (_OK, _UNAUTHORIZED):
        _see_phone(database, token, known=reply.status == _OK)
    if call == "devices" and reply.status == _CREATED:
        paired = _content(reply)
        with database.transaction() as session:
            ledger.remember_phone(session, paired["token"], UUID(paired["device"]))
    elif call == "scans" and reply.status == _OK:
        return _see_scans(database, token, sent, reply, now)
    elif call == "guests" and reply.status == _OK:
        found = [(UUID(guest["ticket"]), guest["key"]) for guest in _content(reply)["guests"]]
        if found:
            with database.transaction() as session:
                ledger.remember_tickets(session, found)
    return True


def _see_phone(database: Database, token: str, *, known: bool) -> None:
    # A phone syncs every few seconds, and this changes hardly ever.
    with database.reading() as session:
        if (ledger.device_of(session, token) is not None) == known:
            return
    with database.transaction() as session:
        if known:
            ledger.remember_phone(session, token, None)
        else:
            ledger.forget_phone(session, token)


def _see_scans(database: Database, token: str, sent: bytes, reply: Reply, now: datetime) -> bool:
    body = scans_of(sent)
    if body is None:
        # The server has taken what this relay cannot read: it is the newer of the two.
        _log.warning("scans were passed on unread: is this relay older than the server?")
        return True
    question = question_of(body)
    with database.transaction() as session:
        shown = list(_shown(session, token, body, reply, now))
        admitted = next((one for one in shown if question and one.scan == question.id), None)
        overtaken = admitted is not None and _is_overtaken(session, admitted)
        ledger.note(session, [one for one in shown if one is not admitted or not overtaken])
        if question and admitted is None:
            ledger.note_refusal(session, question.id)
    return not overtaken


def _is_overtaken(session: Session, admitted: Noted) -> bool:
    return admitted.direction is Direction.IN and ledger.is_overtaken(session, admitted)


def _shown(session: Session, token: str, body: ScansBody, reply: Reply, now: datetime) -> Iterator[Noted]:
    """Return what phones show after this answer: what they state, or what the server says to an ask."""
    device = ledger.device_of(session, token) or NOBODY
    skew = _server_time(reply, now) - body.sent_at
    answers = {answer["id"]: answer for answer in _content(reply)["results"]}
    for scan in body.scans:
        verdict = scan.verdict or answers[str(scan.id)]["verdict"]
        key = key_of_scan(session, scan)
        # Of an ask that was refused there is nothing to note.
        if key is None or verdict == Outcome.NONE or (scan.verdict is None and verdict != Outcome.ADMIT):
            continue
        at = _moved(scan.at, skew, now)
        yield _noted(scan, key, device, at, admits=verdict == Outcome.ADMIT, sent=True)


def _noted(
    scan: ScanBody, key: str, device: UUID, at: datetime, *, admits: bool, sent: bool = False
) -> Noted:
    return Noted(
        scan=scan.id,
        key=key,
        device=device,
        gate=scan.gate[:40],
        at=at,
        direction=Direction(scan.direction),
        admits=admits,
        stated=0 if scan.verdict is None else scan.seq,
        sent=sent,
    )


def _server_time(reply: Reply, now: datetime) -> datetime:
    """Return when the server answered, by its own clock, to the second: phones speak of its time too."""
    date = reply.headers.get("date")
    return now if date is None else parsedate_to_datetime(date)


def _moved(at: datetime, skew: timedelta, now: datetime) -> datetime:
    try:
        return at + skew
    except OverflowError:
        return now


def _content(reply: Reply) -> Any:
    body = gzip.decompress(reply.body) if reply.headers.get("content-encoding") == "gzip" else reply.body
    return json.loads(body)
