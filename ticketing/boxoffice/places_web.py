"""Staff's page of a screening's places: keeping, releasing, withdrawing them; times of release; limits."""

from collections.abc import Callable, Mapping
from datetime import datetime
from http import HTTPStatus
from typing import cast
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from ticketing.boxoffice import places_words
from ticketing.boxoffice.places_form import optional_number, place_choice, query_number, release_moment
from ticketing.boxoffice.places_view import PlacesView, places_view, screening_lines
from ticketing.catalogue.limits import set_limits
from ticketing.catalogue.queries import the_festival
from ticketing.foundation.actor import Actor
from ticketing.foundation.errors import DomainError, InvalidRequestError, NotFoundError
from ticketing.foundation.forms import form_line, query_line
from ticketing.foundation.web import allow, refusal_text, runtime
from ticketing.inventory.accessible import keep_accessible, release_accessible
from ticketing.inventory.allocations import (
    AllocationKind,
    KeepRequest,
    keep,
    release,
    release_whole,
    set_release_time,
)
from ticketing.inventory.errors import PlacesTakenError
from ticketing.inventory.kills import kill, revive
from ticketing.inventory.overview import PlaceState
from ticketing.inventory.staff_choice import StaffChoice
from ticketing.sales.shop import wording
from ticketing.staff.frame import staff_pages
from ticketing.staff.sessions import current_actor

blueprint = staff_pages("places", __name__, "/staff/screenings")
blueprint.context_processor(lambda: {"places_words": places_words, "wording": wording})

# What a form asks for, given an open transaction; it returns how many places that was.
_Deed = Callable[[Session, ZoneInfo, datetime], int]


@blueprint.get("/")
@allow("staff:boxoffice")
def list_screenings() -> ResponseReturnValue:
    """Show every screening with what has become of its places."""
    here = runtime()
    with here.database.reading() as session:
        lines = screening_lines(session, here.clock.now())
    return render_template("staff/screenings.html", lines=lines, states=list(PlaceState))


@blueprint.get("/<code:code>/places")
@allow("staff:boxoffice")
def show(code: str) -> ResponseReturnValue:
    """Show a screening's places."""
    number = query_number("n")
    return _page(code, said=places_words.done_text(query_line("done"), number) if number else "")


@blueprint.post("/<code:code>/places")
@allow("staff:boxoffice")
def set_aside(code: str) -> ResponseReturnValue:
    """Do with the chosen places what the button said."""
    deeds: Mapping[str, _Deed] = {
        "keep": lambda session, zone, now: _keep(session, code, zone, now),
        "release": lambda session, _zone, now: release(session, code, *_why(), now),
        "kill": lambda session, _zone, now: kill(session, code, *_why(), now),
        "revive": lambda session, _zone, now: revive(session, code, *_why(), now),
    }
    return _do(code, form_line("do"), deeds)


@blueprint.post("/<code:code>/allocations/<uuid:allocation>")
@allow("staff:boxoffice")
def change_allocation(code: str, allocation: UUID) -> ResponseReturnValue:
    """Release an allocation, or change when that happens by itself."""

    def change_time(session: Session, zone: ZoneInfo, now: datetime) -> int:
        set_release_time(session, allocation, release_moment("release_at", zone), current_actor(), now)
        return 1

    deeds: Mapping[str, _Deed] = {
        "release": lambda session, _zone, now: release_whole(
            session, allocation, form_line("reason"), current_actor(), now
        ),
        "saved": change_time,
    }
    return _do(code, form_line("do"), deeds)


@blueprint.post("/<code:code>/accessible")
@allow("staff:boxoffice")
def change_accessible(code: str) -> ResponseReturnValue:
    """Offer wheelchair spaces to everybody, or keep them for those who ask until another time."""

    def keep_until(session: Session, zone: ZoneInfo, now: datetime) -> int:
        until = release_moment("until", zone)
        if until is None:
            raise InvalidRequestError(errors=[{"path": "until", "message": "a date and a time"}])
        return keep_accessible(session, code, until, form_line("reason"), current_actor(), now)

    deeds: Mapping[str, _Deed] = {
        "release": lambda session, _zone, now: release_accessible(
            session, code, form_line("reason"), current_actor(), now
        ),
        "saved": keep_until,
    }
    return _do(code, form_line("do"), deeds)


@blueprint.post("/<code:code>/limits")
@allow("staff:manager")
def change_limits(code: str) -> ResponseReturnValue:
    """Set how many places an order and a buyer may have."""

    def change(session: Session, _zone: ZoneInfo, now: datetime) -> int:
        per_order, per_buyer = optional_number("per_order"), optional_number("per_buyer")
        set_limits(session, code, per_order, per_buyer, current_actor(), now)
        return 1

    return _do(code, "saved", {"saved": change})


def _keep(session: Session, code: str, zone: ZoneInfo, now: datetime) -> int:
    choice = place_choice()
    try:
        kind = AllocationKind(form_line("kind"))
    except ValueError:
        raise InvalidRequestError(errors=[{"path": "kind", "message": "for whom?"}]) from None
    wanted = KeepRequest(
        screening=code,
        choice=choice,
        kind=kind,
        reason=form_line("reason"),
        release_at=release_moment("release_at", zone),
    )
    keep(session, wanted, current_actor(), now)
    return len(choice.labels) or choice.quantity


def _why() -> tuple[StaffChoice, str, Actor]:
    return place_choice(), form_line("reason"), current_actor()


def _do(code: str, wanted: str, deeds: Mapping[str, _Deed]) -> ResponseReturnValue:
    """Do what a form asks for; a refusal shows the page again with what was chosen."""
    here = runtime()
    now = here.clock.now()
    try:
        if wanted not in deeds:
            raise InvalidRequestError(errors=[{"path": "do", "message": "no such action"}])
        with here.database.transaction() as session:
            zone = ZoneInfo(the_festival(session).time_zone)
            number = deeds[wanted](session, zone, now)
    except NotFoundError:
        raise
    except DomainError as refusal:
        return _page(code, error=refusal)
    return redirect(url_for("places.show", code=code, done=wanted, n=number), 303)


def _page(code: str, *, said: str = "", error: DomainError | None = None) -> Response:
    here = runtime()
    now = here.clock.now()
    with here.database.reading() as session:
        view = places_view(session, code, request.form.getlist("place"), now)
        page = render_template(
            "staff/places.html",
            view=view,
            screening=view.screening,
            kinds=list(AllocationKind),
            states=list(PlaceState),
            said=said,
            refusal=_refusal(error, view) if error else "",
            typed=request.form,
            keeps_accessible=now < view.accessible_until,
        )
    return make_response(page, error.status if error else HTTPStatus.OK)


def _refusal(error: DomainError, view: PlacesView) -> str:
    if isinstance(error, PlacesTakenError):
        labels = cast("list[str]", error.params["places"])
        return places_words.not_possible([view.names.get(label, label) for label in labels])
    return refusal_text(error)
