"""What an Apple pass says: pass.json, and the strings of each language (Apple: Wallet Passes, `Pass`).

pass.json itself is in the order's language, so a phone that speaks none of ours shows that. Phones take the
first of their owner's languages that the pass has. Kazakh may be one, though Wallet's own buttons do
not have it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from ticketing.catalogue.posters.palette import palette_of
from ticketing.tickets.codes import typeable
from ticketing.tickets.wallet.content import Labels, WalletTicket

# A pass goes to the expired ones by itself, late enough for a screening that began late.
_KEPT_AFTER = timedelta(hours=6)
_WHITE, _SAND = "rgb(255, 255, 255)", "rgb(247, 242, 232)"
# Wallet tells of a change only where a field says how.
_CHANGE = "%@"
_TOLD = frozenset({"when", "hall", "notice"})


@dataclass(frozen=True, kw_only=True)
class PassIssuer:
    """Whose pass it is, and where its phone asks for changes; without `service` it never does."""

    pass_type: str
    team: str
    service: str
    token: str


@dataclass(frozen=True)
class _Field:
    key: str
    label: str
    value: str


def pass_json(ticket: WalletTicket, issuer: PassIssuer) -> dict[str, Any]:
    """Return the content of pass.json."""
    said = ticket.says[ticket.language]
    deep = palette_of(ticket.section).deep
    body: dict[str, Any] = {
        "formatVersion": 1,
        "passTypeIdentifier": issuer.pass_type,
        "teamIdentifier": issuer.team,
        "serialNumber": str(ticket.serial),
        "organizationName": said.festival,
        "description": f"{said.title}, {said.date}, {said.time}",
        "backgroundColor": _rgb(deep),
        "foregroundColor": _WHITE,
        "labelColor": _SAND,
        "groupingIdentifier": f"{ticket.edition}-{ticket.screening}",
        "relevantDate": ticket.starts_at.isoformat(timespec="seconds"),
        "expirationDate": (ticket.ends_at + _KEPT_AFTER).isoformat(timespec="seconds"),
        "eventTicket": {
            name: [_shown(one) for one in fields] for name, fields in _layout(ticket, ticket.language).items()
        },
    }
    if ticket.code:
        # The very text of our own QR code: opaque and signed codes alike are ASCII.
        barcode = {
            "format": "PKBarcodeFormatQR",
            "message": ticket.code,
            "messageEncoding": "iso-8859-1",
        }
        if in_letters := typeable(ticket.code):
            barcode["altText"] = in_letters
        body |= {"barcodes": [barcode], "barcode": barcode}
    else:
        body["voided"] = True
    if issuer.service:
        body |= {"webServiceURL": issuer.service, "authenticationToken": issuer.token}
    return body


def pass_strings(ticket: WalletTicket) -> Mapping[str, str]:
    """Return pass.strings by language: each of the pass's own texts with its translation."""
    own = list(_texts(ticket, ticket.language))
    files = {}
    for lang in ticket.says:
        # Two texts that are the same here and differ there cannot both be told: the first one counts.
        pairs: dict[str, str] = {}
        for text, translated in zip(own, _texts(ticket, lang), strict=True):
            if text:
                pairs.setdefault(text, translated or text)
        files[lang] = "".join(f"{_quoted(text)} = {_quoted(other)};\n" for text, other in pairs.items())
    return files


def _layout(ticket: WalletTicket, lang: str) -> Mapping[str, list[_Field]]:
    """Return the fields of the pass, the same ones in the same order for every language."""
    said, label = ticket.says[lang], ticket.labels[lang]
    place = [_Field(f"seat{number}", word, figure) for number, (word, figure) in enumerate(said.seat)]
    block = [_Field("block", label.place, said.block)] if said.block else []
    return {
        "headerFields": [_Field("time", label.day, said.time)],
        "primaryFields": [_Field("title", said.section_name, said.title)],
        "secondaryFields": [
            *([_Field("notice", label.about, label.notice)] if label.notice else []),
            _Field("hall", said.venue, said.hall),
        ],
        "auxiliaryFields": [
            *(place or [_Field("place", label.place, said.place)]),
            *block,
            _Field("kind", label.kind, said.concession),
        ],
        "backFields": [*_back(ticket, lang, label)],
    }


def _back(ticket: WalletTicket, lang: str, label: Labels) -> Iterator[_Field]:
    said = ticket.says[lang]
    yield _Field("when", label.when, f"{said.date}, {said.time}. {said.doors}.")
    yield _Field("where", label.hall, f"{said.hall}, {said.venue}")
    yield _Field("address", label.address, said.address)
    yield _Field("sits", label.place, ", ".join(part for part in (said.place, said.concession) if part))
    yield _Field("film", label.section, "\n".join(_film(ticket, lang)))
    if in_letters := typeable(ticket.code):
        yield _Field("code", label.code, in_letters)
    if said.order:
        yield _Field("order", label.order, said.order)
    yield _Field("know", label.know, "\n".join(said.rules))


def _film(ticket: WalletTicket, lang: str) -> Iterator[str]:
    said = ticket.says[lang]
    yield from (text for text in (said.title, said.film_facts, said.age_rating) if text)


def _shown(one: _Field) -> dict[str, str]:
    shown = {"key": one.key, "label": one.label, "value": one.value}
    if one.key in _TOLD:
        shown["changeMessage"] = _CHANGE
    return shown


def _texts(ticket: WalletTicket, lang: str) -> Iterator[str]:
    said = ticket.says[lang]
    yield said.festival
    yield f"{said.title}, {said.date}, {said.time}"
    for fields in _layout(ticket, lang).values():
        for one in fields:
            yield one.label
            yield one.value


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def _rgb(colour: str) -> str:
    """Return `rgb(13, 26, 102)` of `#0D1A66`, the only way in which passes say colours."""
    red, green, blue = (int(colour[start : start + 2], 16) for start in (1, 3, 5))
    return f"rgb({red}, {green}, {blue})"
