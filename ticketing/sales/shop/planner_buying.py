"""Buying what a plan still lacks in one press: the best free places of each screening, one hold for each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import session
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_babel.speaklater import LazyString

from ticketing.foundation.errors import DomainError
from ticketing.inventory.holds import HoldRequest
from ticketing.sales.shop.holdings import MOST_HOLDS, held_ids
from ticketing.sales.shop.screening import hold

_OUTCOME = "plan_outcome"
# A cookie keeps the outcome: what is beyond this stays in the plan as not bought, which is told there anyway.
_MOST_TOLD = 20
_BASKET_FULL = "basket_full"
# Why a screening's places are not held. What is rare is not explained: its own page does that.
_REASONS: Mapping[str, LazyString] = {
    "sold_out": lazy_gettext("so many places are not free any more"),
    "not_on_sale": lazy_gettext("not on sale now"),
    "too_many_places": lazy_gettext("fewer tickets are sold at once here"),
    "rate_limited": lazy_gettext("too many attempts; try again in a minute"),
    _BASKET_FULL: lazy_gettext("the basket is full; pay for it first"),
}


@dataclass(frozen=True)
class Outcome:
    """What has come of the press: screenings held, and why others are not, by code."""

    held: Sequence[str]
    refused: Mapping[str, str]


def hold_all(codes: Sequence[str], quantity: int) -> Outcome:
    """Hold the best places for some people at each screening.

    One that is refused keeps none of the others from being held.
    """
    held: list[str] = []
    refused: dict[str, str] = {}
    for code in codes:
        if len(held_ids()) >= MOST_HOLDS:
            refused[code] = _BASKET_FULL  # the basket would forget its oldest hold
            continue
        try:
            hold(HoldRequest(screening=code, quantity=quantity))
        except DomainError as error:
            refused[code] = error.code
        else:
            held.append(code)
    return Outcome(held, refused)


def remember_outcome(outcome: Outcome) -> None:
    """Keep an outcome for the next page; codes only, for a cookie has no room for sentences."""
    refused = dict(list(outcome.refused.items())[:_MOST_TOLD])
    session[_OUTCOME] = {"held": list(outcome.held), "refused": refused}


def last_outcome() -> Outcome | None:
    """Return the outcome that has not been shown yet; it is shown once."""
    kept = session.pop(_OUTCOME, None)
    return None if kept is None else Outcome(kept["held"], kept["refused"])


def reason_words(code: str) -> str:
    """Return why a screening's places are not held."""
    return str(_REASONS.get(code) or _("choose the seats on its own page"))
