"""Tickets as they stand on passes, in every language at once, and the addresses that passes know."""

from datetime import timedelta
from uuid import UUID

from flask_babel import gettext as _

from ticketing.catalogue.programme.values import ScreeningStatus
from ticketing.foundation import i18n
from ticketing.foundation.pages import in_language
from ticketing.foundation.wallet_settings import AppleWallet
from ticketing.foundation.web import runtime
from ticketing.sales.shop.printed_view import friends_ticket, printed_ticket
from ticketing.sales.shop.site import Site
from ticketing.sales.wallet_passes import HeldPass
from ticketing.tickets.printed import PrintedTicket
from ticketing.tickets.wallet.apple_package import signed_pass
from ticketing.tickets.wallet.content import Labels, WalletTicket

# The pass's token is the key of its serial; phones show it when they ask for changes.
APPLE_PASS = "apple_pass"  # noqa: S105 - the purpose that keeps these keys apart
_SERVICE = "/wallet/apple"


def apple_pass(held: HeldPass, wallet: AppleWallet, site: Site) -> bytes:
    """Return a pass as a file. Only a shop with TLS has passes that ask for changes: phones want it."""
    base = runtime().settings.base_url
    service = f"{base}{_SERVICE}" if base.startswith("https://") else ""
    return signed_pass(wallet_ticket(held, site), wallet, service=service, token=pass_token(held.serial))


def pass_token(serial: UUID) -> str:
    """Return the token of a pass: 26 characters, the same for as long as the secret key is."""
    return runtime().keys.key(APPLE_PASS, serial)


def wallet_ticket(held: HeldPass, site: Site) -> WalletTicket:
    """Return a ticket with its words in every language."""
    says, labels = {}, {}
    for lang in i18n.LANGUAGES:
        with i18n.speaking(lang):
            says[lang] = _said(held, site)
            labels[lang] = _labels(held, site, lang)
    screening = held.ticket.screening
    return WalletTicket(
        serial=held.serial,
        revision=held.ticket.revision,
        code=held.code,
        edition=site.festival.edition,
        screening=screening.code,
        section=screening.section.code,
        starts_at=screening.starts_at.astimezone(site.zone),
        ends_at=screening.ends_at.astimezone(site.zone),
        doors_at=screening.starts_at.astimezone(site.zone)
        - timedelta(minutes=site.festival.doors_open_minutes),
        language=held.language,
        says=says,
        labels=labels,
    )


def _said(held: HeldPass, site: Site) -> PrintedTicket:
    if held.order:
        return printed_ticket(held.ticket, site, order=held.order, count="")
    return friends_ticket(held.ticket, site)


def _labels(held: HeldPass, site: Site, lang: str) -> Labels:
    screening = held.ticket.screening
    is_off = screening.status == ScreeningStatus.CANCELLED
    about, notice = _("Ticket"), "" if held.code else _("Void")
    if is_off:
        about, notice = _("Screening"), _("Screening cancelled")
    return Labels(
        house=in_language(site.festival.short),
        day=i18n.short_date(screening.starts_at, site.zone, lang),
        about=about,
        when=_("When"),
        hall=_("Hall"),
        place=_("Place"),
        kind=_("Ticket type"),
        section=_("Screening"),
        address=_("How to get there"),
        order=_("Order"),
        code=_("Code"),
        know=_("Good to know"),
        notice=notice,
    )
