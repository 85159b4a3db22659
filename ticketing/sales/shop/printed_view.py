"""Tickets as they stand on paper, in the reader's language."""

from dataclasses import replace
from datetime import timedelta

from flask_babel import gettext as _
from flask_babel import ngettext

from ticketing.catalogue.guarantee import guaranteed_until
from ticketing.catalogue.models import Screening
from ticketing.catalogue.programme.values import ScreeningStatus
from ticketing.catalogue.rules import ends_late
from ticketing.foundation import i18n
from ticketing.foundation.pages import in_language
from ticketing.sales.queries import OrderView, TicketView
from ticketing.sales.shop import wording
from ticketing.sales.shop.cards import local
from ticketing.sales.shop.site import Site
from ticketing.tickets.printed import PrintedTicket


def printed_tickets(view: OrderView, site: Site) -> list[PrintedTicket]:
    """Return the valid tickets that the order's owner has, in the order of its page."""
    held = [ticket for ticket in view.tickets if ticket.is_held]
    order = _("Order %(order)s", order=view.order.code)
    return [
        printed_ticket(ticket, site, order=order, count=f"{number} / {len(held)}")
        for number, ticket in enumerate(held, start=1)
    ]


def friends_ticket(ticket: TicketView, site: Site) -> PrintedTicket:
    """Return a ticket for the friend whom it was sent to: neither its order nor its price."""
    return replace(printed_ticket(ticket, site, order="", count=""), price="")


def printed_ticket(ticket: TicketView, site: Site, *, order: str, count: str) -> PrintedTicket:
    """Return a ticket; `order` names its order, `count` says which of how many it is."""
    screening, lang = ticket.screening, i18n.language()
    hall, venue = screening.hall, screening.hall.venue
    doors = screening.starts_at - timedelta(minutes=site.festival.doors_open_minutes)
    has_figures = bool(ticket.row and ticket.number and ticket.band)
    price = i18n.money_text(ticket.price) if ticket.price.minor else _("Free")
    return PrintedTicket(
        festival=in_language(site.festival.name),
        order=order,
        count=count,
        section=screening.section.code,
        section_name=in_language(screening.section.name),
        title=in_language(screening.title),
        other_titles=_other_titles(screening),
        film_facts=film_facts(screening),
        age_rating=screening.age_rating,
        time=i18n.time_text(screening.starts_at, site.zone),
        date=i18n.full_date(screening.starts_at, site.zone, lang),
        doors=_("Doors open at %(time)s", time=i18n.time_text(doors, site.zone)),
        hall=in_language(hall.name),
        venue=in_language(venue.name),
        address=in_language(venue.address),
        seat=[(_("row"), ticket.row), (_("seat"), ticket.number)] if has_figures else [],
        block=wording.block(ticket.section),
        place=wording.place_name(ticket.section, ticket.row, ticket.number, ticket.band),
        concession=wording.concession(ticket.concession),
        price=price,
        rules=_rules(ticket, site),
        code=ticket.code,
    )


def film_facts(screening: Screening) -> str:
    """Return what one wants to know of a film: countries, year, minutes, languages; of several, how many."""
    films = [entry.film for entry in screening.films]
    if not films:
        return ""
    facts = [ngettext("%(num)d film", "%(num)d films", len(films))]
    if len(films) == 1:
        facts = [wording.countries(films[0].countries), str(films[0].year)]
    facts.append(_("%(n)d min", n=sum(film.runtime_minutes for film in films)))
    facts.append(wording.tongues(screening.audio))
    if screening.subtitles:
        facts.append(_("subtitles: %(languages)s", languages=wording.tongues(screening.subtitles)))
    return " · ".join(fact for fact in facts if fact)


def _other_titles(screening: Screening) -> list[str]:
    titles = [getattr(screening.title, lang) for lang in i18n.LANGUAGES]
    shown = in_language(screening.title)
    return [title for title in dict.fromkeys(titles) if title and title != shown]


def _rules(ticket: TicketView, site: Site) -> list[str]:
    screening = ticket.screening
    starts, ends = local(screening.starts_at, site.zone), local(screening.ends_at, site.zone)
    card = wording.card_to_show(ticket.concession)
    return [
        *([wording.cancelled()] if screening.status == ScreeningStatus.CANCELLED else []),
        *wording.age_notices(screening.age_rating, late=ends_late(starts, ends)),
        *([card] if card else []),
        *_guarantee(ticket, site),
        _("The code works once. A screen will do."),
        _(
            "Questions: %(email)s, %(phone)s",
            email=site.festival.support_email,
            phone=wording.phone(site.festival.support_phone),
        ),
    ]


def _guarantee(ticket: TicketView, site: Site) -> list[str]:
    """Say until when the place is kept for a late holder, where there is such a rule."""
    until = guaranteed_until(site.festival, ticket.screening)
    if until is None:
        return []
    time = i18n.time_text(until, site.zone)
    return [_("Your place is kept until %(time)s. Later you are let in while there are places.", time=time)]
