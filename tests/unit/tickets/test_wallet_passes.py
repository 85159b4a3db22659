"""Passes and save links as files and addresses: their shape, their signatures, their languages."""

import hashlib
import json
import re
from base64 import urlsafe_b64decode
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization.pkcs7 import load_der_pkcs7_certificates
from PIL import Image

from tests.support.printed import CODE, TICKET, UNNUMBERED
from tests.support.wallets import (
    ACCOUNT,
    ISSUER,
    PASS_TYPE,
    TEAM,
    apple_papers,
    authority,
    files_of,
    google_papers,
    openssl,
    read_pass,
    verified_by_openssl,
)
from ticketing.tickets.codes import in_groups
from ticketing.tickets.wallet.apple_package import bundle, signed_pass
from ticketing.tickets.wallet.content import Labels, WalletTicket
from ticketing.tickets.wallet.google_pass import LONGEST, save_link
from ticketing.tickets.wallet.images import pass_images

ALMATY = ZoneInfo("Asia/Almaty")
NOW = datetime(2024, 11, 20, 7, tzinfo=UTC)
ENGLISH = replace(
    TICKET,
    festival="Eurasia International Film Festival",
    title='Umit and Gaziz "Seek" Justice\\',
    date="Monday, 25 November 2024",
    doors="Doors open at 19:00",
    hall="Hall 1",
    address="77/8 Al-Farabi Avenue, Almaty",
    seat=(("row", "12"), ("seat", "10")),
    block="Amphitheatre",
    place="Amphitheatre, row 12, seat 10",
    concession="Student",
    rules=("Anyone under 16 will not be admitted.", "The code works once."),
)
RUSSIAN = replace(
    TICKET,
    title="Умит и Газиз ищут справедливости",
    date="понедельник, 25 ноября 2024 г.",
    hall="зал 1",
    address="проспект Аль-Фараби, 77/8, Алматы",
    seat=(("ряд", "12"), ("место", "10")),
    place="Амфитеатр, ряд 12, место 10",
)
WORDS = {
    "kk": ("дс, 25 қар.", "Билет", "Қашан", "Зал", "Орын", "Білген жөн"),
    "ru": ("пн, 25 нояб.", "Билет", "Когда", "Зал", "Место", "Полезно знать"),
    "en": ("Mon 25 Nov", "Ticket", "When", "Hall", "Place", "Good to know"),
}


def labels(lang: str, notice: str = "") -> Labels:
    day, ticket, when, hall, place, know = WORDS[lang]
    return Labels(
        house="Еуразия",
        day=day,
        about=ticket,
        when=when,
        hall=hall,
        place=place,
        kind="kind",
        section="section",
        address="address",
        order="order",
        code="code",
        know=know,
        notice=notice,
    )


GIVEN = WalletTicket(
    serial=UUID("01934857-0000-7000-8000-000000000001"),
    revision=1,
    code=CODE,
    edition=2024,
    screening="s06",
    section="international",
    starts_at=datetime(2024, 11, 25, 19, 30, tzinfo=ALMATY),
    ends_at=datetime(2024, 11, 25, 21, 50, tzinfo=ALMATY),
    doors_at=datetime(2024, 11, 25, 19, 0, tzinfo=ALMATY),
    language="kk",
    says={"kk": TICKET, "ru": RUSSIAN, "en": ENGLISH},
    labels={lang: labels(lang) for lang in ("kk", "ru", "en")},
)
VOID = replace(GIVEN, code="", labels={lang: labels(lang, "Void") for lang in ("kk", "ru", "en")})
STRING = re.compile(r'"((?:[^"\\]|\\.)*)" = "((?:[^"\\]|\\.)*)";\n')


def made(ticket: WalletTicket = GIVEN, service: str = "https://kassa.test/wallet/apple") -> bytes:
    return signed_pass(ticket, apple_papers(), service=service, token="t" * 26)


def fields(said: Any) -> dict[str, str]:
    return {one["key"]: one["value"] for group in said["eventTicket"].values() for one in group}


def keys_of(said: Any) -> list[str]:
    """Return the keys of all fields, which must differ."""
    return sorted(one["key"] for group in said["eventTicket"].values() for one in group)


def strings(raw: bytes) -> dict[str, str]:
    """Read pass.strings as a parser of Apple's format would: nothing may be left over."""
    text = raw.decode()
    assert STRING.sub("", text) == ""
    return dict(STRING.findall(text))


def test_what_apple_requires_of_a_pass() -> None:
    said = read_pass(made())
    assert said["formatVersion"] == 1
    assert (said["passTypeIdentifier"], said["teamIdentifier"]) == (PASS_TYPE, TEAM)
    assert said["serialNumber"] == str(GIVEN.serial)
    assert said["organizationName"] == TICKET.festival
    assert said["description"]
    assert said["webServiceURL"] == "https://kassa.test/wallet/apple"
    assert len(said["authenticationToken"]) >= 16
    assert said["relevantDate"] == "2024-11-25T19:30:00+05:00"
    assert said["expirationDate"] == "2024-11-26T03:50:00+05:00"
    assert re.fullmatch(r"rgb\(\d+, \d+, \d+\)", said["backgroundColor"])
    assert "voided" not in said
    shown = fields(said)
    assert (shown["seat0"], shown["seat1"], shown["block"]) == ("12", "10", "Амфитеатр")
    assert keys_of(said) == sorted(set(keys_of(said)))


def test_the_code_is_the_doors() -> None:
    (barcode,) = read_pass(made())["barcodes"]
    assert barcode == {
        "format": "PKBarcodeFormatQR",
        "message": CODE,
        "messageEncoding": "iso-8859-1",
        "altText": in_groups(CODE),
    }


def test_a_void_pass_has_no_code_anywhere() -> None:
    raw = made(VOID)
    said = read_pass(raw)
    assert said["voided"] is True
    assert "barcodes" not in said
    assert "barcode" not in said
    everything = b"".join(files_of(raw).values())
    assert CODE.encode() not in everything
    assert in_groups(CODE).encode() not in everything
    assert fields(said)["notice"] == "Void"


def test_a_pass_without_service_asks_nobody() -> None:
    said = read_pass(made(service=""))
    assert "webServiceURL" not in said
    assert "authenticationToken" not in said


def test_an_unnumbered_place_is_said_in_words() -> None:
    said = read_pass(made(replace(GIVEN, says={"kk": UNNUMBERED}, labels={"kk": labels("kk")})))
    assert keys_of(said) == sorted(set(keys_of(said)))
    shown = fields(said)
    assert shown["place"].startswith("Нөмірсіз орын")
    assert "seat0" not in shown


def test_every_language_translates_every_text() -> None:
    files = files_of(made())
    own = read_pass(made())
    for lang in ("kk", "ru", "en"):
        told = strings(files[f"{lang}.lproj/pass.strings"])
        for group in own["eventTicket"].values():
            for one in group:
                for text in (one["label"], one["value"]):
                    assert text.replace("\n", "\\n") in told, text
    english = strings(files["en.lproj/pass.strings"])
    assert english[TICKET.title] == 'Umit and Gaziz \\"Seek\\" Justice\\\\'
    assert english["қатар"] == "row"
    assert strings(files["ru.lproj/pass.strings"])["Білген жөн"] == "Полезно знать"
    assert strings(files["kk.lproj/pass.strings"])[TICKET.title] == TICKET.title


def test_the_manifest_has_the_hash_of_every_file() -> None:
    files = files_of(made())
    manifest = json.loads(files.pop("manifest.json"))
    del files["signature"]
    assert manifest == {name: hashlib.sha1(raw).hexdigest() for name, raw in files.items()}
    assert {"icon.png", "icon@2x.png", "icon@3x.png", "logo.png", "logo@2x.png", "logo@3x.png"} <= set(files)


@pytest.mark.skipif(openssl() is None, reason="this machine has no openssl")
def test_openssl_verifies_the_signature(tmp_path: Path) -> None:
    files = files_of(made())
    assert verified_by_openssl(files, authority().certificate, tmp_path)
    assert not verified_by_openssl(files, authority(2).certificate, tmp_path)
    changed = {**files, "manifest.json": files["manifest.json"].replace(b"icon.png", b"icon.pnG")}
    assert not verified_by_openssl(changed, authority().certificate, tmp_path)


def test_the_signature_has_apples_intermediate_and_not_what_it_signs() -> None:
    files = files_of(made())
    inside: list[x509.Certificate] = load_der_pkcs7_certificates(files["signature"])
    papers = apple_papers()
    assert {one.serial_number for one in inside} == {
        papers.certificate.serial_number,
        papers.intermediate.serial_number,
    }
    assert files["manifest.json"] not in files["signature"]
    # 1.2.840.113549.1.9.5, the time of signing, which Apple requires.
    assert bytes.fromhex("06092a864886f70d010905") in files["signature"]


def test_pictures_are_png_of_the_sizes_asked_for_and_always_the_same() -> None:
    sizes = {name: Image.open(BytesIO(raw)).size for name, raw in pass_images().items()}
    assert sizes["icon.png"] == (29, 29)
    assert sizes["icon@3x.png"] == (87, 87)
    assert sizes["logo@2x.png"] == (100, 100)
    before = dict(pass_images())
    pass_images.cache_clear()
    assert dict(pass_images()) == before


def test_several_passes_in_one_file() -> None:
    inside = files_of(bundle([made(), made(VOID)]))
    assert [read_pass(raw).get("voided", False) for raw in inside.values()] == [False, True]
    assert all(name.endswith(".pkpass") for name in inside)


def decoded(part: str) -> bytes:
    return urlsafe_b64decode(part + "=" * (-len(part) % 4))


def claims(link: str) -> Any:
    """Return what a save link says, its signature checked."""
    token = link.removeprefix("https://pay.google.com/gp/v/save/")
    head, body, signature = token.split(".")
    assert json.loads(decoded(head)) == {"alg": "RS256", "typ": "JWT"}
    google_papers().key.public_key().verify(
        decoded(signature), f"{head}.{body}".encode(), PKCS1v15(), SHA256()
    )
    return json.loads(decoded(body))


def test_a_save_link_is_signed_and_has_class_and_object() -> None:
    said = claims(save_link(GIVEN, google_papers(), NOW))
    assert (said["iss"], said["aud"], said["typ"]) == (ACCOUNT, "google", "savetowallet")
    assert said["iat"] == int(NOW.timestamp())
    (kind,), (thing,) = said["payload"]["eventTicketClasses"], said["payload"]["eventTicketObjects"]
    assert thing["classId"] == kind["id"]
    assert kind["id"].startswith(f"{ISSUER}.s06-")
    assert re.fullmatch(r"[\w.-]+", thing["id"])
    assert kind["reviewStatus"] == "UNDER_REVIEW"
    assert kind["dateTime"]["start"] == "2024-11-25T19:30:00+05:00"
    assert (thing["barcode"]["type"], thing["barcode"]["value"]) == ("QR_CODE", CODE)
    assert thing["state"] == "ACTIVE"
    assert thing["seatInfo"]["row"]["defaultValue"] == {"language": "kk", "value": "12"}
    assert kind["eventName"]["defaultValue"] == {"language": "kk", "value": TICKET.title}
    assert kind["venue"]["name"]["defaultValue"]["value"] == f"{TICKET.hall}, {TICKET.venue}"
    for private in (TICKET.order, TICKET.price):
        assert private not in json.dumps(said, ensure_ascii=False)


def named(*titles: str) -> WalletTicket:
    says = {
        lang: replace(GIVEN.says[lang], title=title) for lang, title in zip(GIVEN.says, titles, strict=True)
    }
    return replace(GIVEN, says=says)


@pytest.mark.parametrize("words", [1, 3, 6, 9, 12, 15])
def test_a_save_link_stays_short_enough(words: int) -> None:
    title = " ".join(["Ғазиздің"] * words)
    link = save_link(named(title, title + "!", title + "?"), google_papers(), NOW)
    assert len(link) <= LONGEST
    (kind,) = claims(link)["payload"]["eventTicketClasses"]
    assert kind["eventName"]["defaultValue"]["value"] == title


@pytest.mark.parametrize("words", [1, 3, 6, 9, 12])
def test_a_save_link_with_a_signed_code_does_too(words: int) -> None:
    title = " ".join(["Ғазиздің"] * words)
    link = save_link(
        replace(named(title, title + "!", title + "?"), code=f"K2{'BB8' * 40}"), google_papers(), NOW
    )
    assert len(link) <= LONGEST
    (thing,) = claims(link)["payload"]["eventTicketObjects"]
    assert thing["barcode"] == {"type": "QR_CODE", "value": f"K2{'BB8' * 40}"}


def test_a_short_title_is_in_every_language_and_a_colour_fits_too() -> None:
    (kind,) = claims(save_link(named("Құм", "Песок", "Sand"), google_papers(), NOW))["payload"][
        "eventTicketClasses"
    ]
    assert kind["eventName"] == {
        "defaultValue": {"language": "kk", "value": "Құм"},
        "translatedValues": [{"language": "ru", "value": "Песок"}, {"language": "en", "value": "Sand"}],
    }
    assert re.fullmatch(r"#[0-9a-f]{6}", kind["hexBackgroundColor"])


def test_ids_are_the_same_until_what_they_name_changes() -> None:
    def ids(ticket: WalletTicket) -> tuple[str, str]:
        payload = claims(save_link(ticket, google_papers(), NOW))["payload"]
        return payload["eventTicketClasses"][0]["id"], payload["eventTicketObjects"][0]["id"]

    kind, thing = ids(GIVEN)
    assert ids(GIVEN) == (kind, thing)
    assert ids(replace(GIVEN, language="ru"))[0] != kind
    moved = ids(replace(GIVEN, starts_at=datetime(2024, 11, 25, 20, 0, tzinfo=ALMATY)))
    assert moved[0] != kind
    assert moved[1] == thing
    assert ids(replace(GIVEN, revision=2)) == (kind, f"{thing.rpartition('-')[0]}-2")
