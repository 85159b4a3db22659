"""A link that saves a ticket in Google Wallet: its class and object in a signed token, without a call.

Google takes them from the link when its reader saves the ticket. Nothing tells it of changes afterwards
(docs/wallets.md), so the ids change with what they name: a moved screening is another class, a reissued
ticket another object.
"""

import hashlib
import json
from base64 import urlsafe_b64encode
from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta
from enum import StrEnum, auto
from typing import Any

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256

from ticketing.catalogue.posters.palette import palette_of
from ticketing.foundation.wallet_settings import GoogleWallet
from ticketing.tickets.codes import typeable
from ticketing.tickets.printed import PrintedTicket
from ticketing.tickets.wallet.content import WalletTicket

_SAVE = "https://pay.google.com/gp/v/save/"
# Longer tokens are cut by some browsers, says Google; the whole address keeps to it.
LONGEST = 1800
_KEPT_AFTER = timedelta(hours=6)
_DIGEST = 8
Text = Callable[[PrintedTicket], str]


class Extra(StrEnum):
    """What is told while there is room, the most useful first.

    What is always told: the title in the order's language, when it begins, the seat, the code. Only very long
    titles are without hall and address.
    """

    VENUE = auto()
    COLOUR = auto()
    TITLES = auto()
    BLOCK = auto()
    CODE_IN_LETTERS = auto()
    EXPIRY = auto()
    END = auto()
    DOORS = auto()
    KIND = auto()
    HALLS = auto()
    ADDRESSES = auto()


def save_link(ticket: WalletTicket, wallet: GoogleWallet, now: datetime) -> str:
    """Return the address that saves a valid ticket, with as many extras as keep it short enough."""
    signature = (wallet.key.key_size // 8 * 4 + 2) // 3
    room = LONGEST - len(_SAVE) - signature - len(".")
    told: list[Extra] = []
    for extra in Extra:
        if len(_body(ticket, wallet, now, [*told, extra])) <= room:
            told.append(extra)
    body = _body(ticket, wallet, now, told)
    # RFC 7515, appendix A.2: RS256 over the encoded header and claims.
    return f"{_SAVE}{body}.{_base64(wallet.key.sign(body.encode(), PKCS1v15(), SHA256()))}"


def _body(ticket: WalletTicket, wallet: GoogleWallet, now: datetime, told: Collection[Extra]) -> str:
    """Return a JSON Web Token without its signature."""
    kind = _class(ticket, wallet.issuer, told)
    claims = {
        "iss": wallet.account,
        "aud": "google",
        "typ": "savetowallet",
        "iat": int(now.timestamp()),
        "origins": [],
        "payload": {
            "eventTicketClasses": [kind],
            "eventTicketObjects": [_object(ticket, wallet.issuer, kind["id"], told)],
        },
    }
    return f"{_encoded({'alg': 'RS256', 'typ': 'JWT'})}.{_encoded(claims)}"


def _class(ticket: WalletTicket, issuer: str, told: Collection[Extra]) -> dict[str, Any]:
    """Return the screening."""
    when = {"start": _moment(ticket.starts_at)}
    if Extra.DOORS in told:
        when["doorsOpen"] = _moment(ticket.doors_at)
    if Extra.END in told:
        when["end"] = _moment(ticket.ends_at)
    made: dict[str, Any] = {
        "issuerName": ticket.labels[ticket.language].house,
        "reviewStatus": "UNDER_REVIEW",
        "eventName": _say(ticket, lambda one: one.title, everywhere=Extra.TITLES in told),
        "dateTime": when,
    }
    if Extra.VENUE in told:
        made["venue"] = {
            "name": _say(ticket, lambda one: f"{one.hall}, {one.venue}", everywhere=Extra.HALLS in told),
            "address": _say(ticket, lambda one: one.address, everywhere=Extra.ADDRESSES in told),
        }
    if Extra.COLOUR in told:
        made["hexBackgroundColor"] = palette_of(ticket.section).deep.lower()
    # Google keeps the first class of an id: another time, hall or language must be another one.
    digest = hashlib.sha256(_json(made)).hexdigest()[:_DIGEST]
    return {"id": f"{issuer}.{ticket.screening}-{digest}", **made}


def _object(ticket: WalletTicket, issuer: str, class_id: str, told: Collection[Extra]) -> dict[str, Any]:
    """Return the ticket."""
    barcode = {"type": "QR_CODE", "value": ticket.code}
    if Extra.CODE_IN_LETTERS in told and typeable(ticket.code):
        barcode["alternateText"] = typeable(ticket.code)
    made: dict[str, Any] = {
        "id": f"{issuer}.{_base64(ticket.serial.bytes)}-{ticket.revision}",
        "classId": class_id,
        "state": "ACTIVE",
        "barcode": barcode,
        "seatInfo": _seat(ticket, told),
    }
    if Extra.KIND in told:
        made["ticketType"] = _say(ticket, lambda one: one.concession)
    if Extra.EXPIRY in told:
        made["validTimeInterval"] = {"end": {"date": _moment(ticket.ends_at + _KEPT_AFTER)}}
    return made


def _say(ticket: WalletTicket, text: Text, *, everywhere: bool = False) -> dict[str, Any]:
    """Return Google's LocalizedString: in the order's language, or `everywhere` in the others too."""
    own = text(ticket.says[ticket.language])
    value: dict[str, Any] = {"defaultValue": {"language": ticket.language, "value": own}}
    others = [
        {"language": lang, "value": other}
        for lang in ticket.others
        if (other := text(ticket.says[lang])) and other != own
    ]
    return {**value, "translatedValues": others} if everywhere and others else value


def _seat(ticket: WalletTicket, told: Collection[Extra]) -> dict[str, Any]:
    """Return row, seat and block; a place without figures says in words where one sits."""
    said = ticket.says[ticket.language]
    if not said.seat:
        return {"section": _say(ticket, lambda one: one.place)}
    row, number = said.seat[0][1], said.seat[1][1]
    seat = {"row": _say(ticket, lambda _: row), "seat": _say(ticket, lambda _: number)}
    if said.block and Extra.BLOCK in told:
        seat["section"] = _say(ticket, lambda one: one.block)
    return seat


def _moment(at: datetime) -> str:
    return at.isoformat(timespec="seconds")


def _encoded(part: Mapping[str, Any]) -> str:
    return _base64(_json(part))


def _json(part: Mapping[str, Any]) -> bytes:
    return json.dumps(part, ensure_ascii=False, separators=(",", ":")).encode()


def _base64(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode().rstrip("=")
