"""What search engines are told of films and screenings: schema.org's ScreeningEvent and Movie, in JSON-LD."""

from collections.abc import Mapping, Sequence
from typing import Any

from ticketing.catalogue.models import Film
from ticketing.foundation.money import MINOR_PER_MAJOR
from ticketing.foundation.pages import in_language
from ticketing.sales.shop.cards import Card
from ticketing.sales.shop.site import Site, whole_url
from ticketing.sales.shop.states import SaleState

_CONTEXT = "https://schema.org"
# Whoever cannot buy now is not sent here to buy.
_AVAILABLE: Mapping[SaleState, str] = {
    SaleState.ON_SALE: "InStock",
    SaleState.FEW: "LimitedAvailability",
    SaleState.SOLD_OUT: "SoldOut",
    SaleState.NOT_YET: "PreOrder",
}


def screening_data(card: Card, site: Site) -> dict[str, Any]:
    """Return what a screening's page says of it."""
    return {"@context": _CONTEXT, **_screening(card, site)}


def film_data(film: Film, cards: Sequence[Card], site: Site) -> dict[str, Any]:
    """Return what a film's page says of it and of its screenings."""
    return {
        "@context": _CONTEXT,
        "@graph": [_film(film), *(_screening(card, site) for card in cards)],
    }


def _screening(card: Card, site: Site) -> dict[str, Any]:
    screening, festival = card.screening, site.festival
    venue = screening.hall.venue
    address = whole_url("screening.show", card.code)
    said: dict[str, Any] = {
        "@type": "ScreeningEvent",
        "name": card.title,
        "url": address,
        "startDate": card.starts.isoformat(),
        "endDate": card.ends.isoformat(),
        "eventStatus": f"{_CONTEXT}/{_status(card)}",
        "eventAttendanceMode": f"{_CONTEXT}/OfflineEventAttendanceMode",
        "location": {
            "@type": "MovieTheater",
            "name": f"{in_language(venue.name)}, {in_language(screening.hall.name)}",
            "address": {
                "@type": "PostalAddress",
                "streetAddress": in_language(venue.address),
                "addressLocality": in_language(festival.city),
                "addressCountry": "KZ",
            },
        },
        "image": whole_url("share.one", card.code),
        "organizer": {
            "@type": "Organization",
            "name": in_language(festival.name),
            "url": whole_url("programme.show"),
        },
        "workPresented": [_film(entry.film) for entry in screening.films],
        "inLanguage": list(screening.audio),
        "subtitleLanguage": list(screening.subtitles),
        "typicalAgeRange": screening.age_rating,
        "offers": _offer(card, address),
    }
    return {name: value for name, value in said.items() if value}


def _offer(card: Card, address: str) -> dict[str, Any] | None:
    available = _AVAILABLE.get(card.state)
    if available is None or card.lowest is None:
        return None
    return {
        "@type": "Offer",
        "url": address,
        "price": f"{card.lowest.minor / MINOR_PER_MAJOR:.2f}",
        "priceCurrency": card.lowest.currency,
        "availability": f"{_CONTEXT}/{available}",
    }


def _film(film: Film) -> dict[str, Any]:
    said = {
        "@type": "Movie",
        "name": in_language(film.title),
        "alternateName": film.title_original if film.title_original != in_language(film.title) else "",
        "url": whole_url("films.show", film.code),
        "image": whole_url("share.one", film.code),
        "dateCreated": str(film.year),
        "duration": f"PT{film.runtime_minutes}M",
        "contentRating": film.age_rating,
        "countryOfOrigin": [{"@type": "Country", "name": code} for code in film.countries],
        "director": [
            {"@type": "Person", "name": name.strip()} for name in film.directors.split(";") if name.strip()
        ],
    }
    return {name: value for name, value in said.items() if value}


def _status(card: Card) -> str:
    return "EventCancelled" if card.state is SaleState.CANCELLED else "EventScheduled"
