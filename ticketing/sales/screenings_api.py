"""The shop's API: the programme, and which places are free. It never looks at cookies."""

from datetime import date
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, current_app, request
from flask.blueprints import BlueprintSetupState

from ticketing.catalogue.queries import all_screenings, screening_by_code, the_festival
from ticketing.foundation.api import answer
from ticketing.foundation.errors import InvalidRequestError
from ticketing.foundation.openapi import Operation, describe
from ticketing.foundation.web import allow, runtime
from ticketing.inventory.live import LivePlaces
from ticketing.inventory.places import free_counts
from ticketing.sales.catalogue_json import PlacesTexts, screening_json
from ticketing.sales.edge import desk

blueprint = Blueprint("screenings_api", __name__, url_prefix="/api/v1/screenings")
_TEXTS = "kassa.places_texts"
_FIRST_YEAR, _LAST_YEAR = 1900, 2200


@blueprint.record_once
def _remember_texts(state: BlueprintSetupState) -> None:
    state.app.extensions[_TEXTS] = PlacesTexts()


@blueprint.get("")
@allow("public")
@describe(
    Operation(summary="The programme", answer="screenings in the order of time", query=("date", "venue"))
)
def list_screenings() -> Response:
    """Return the screenings of a date and a venue, or all."""
    day = _date(request.args.get("date"))
    venue = request.args.get("venue") or None
    if venue is not None and not venue.replace("-", "").isalnum():
        raise InvalidRequestError(errors=[{"path": "venue", "message": "not a venue's code"}])
    here = runtime()
    with here.database.reading() as session:
        festival = the_festival(session)
        zone = ZoneInfo(festival.time_zone)
        free = free_counts(session, here.clock.now())
        found = all_screenings(session, zone, day, venue)
        return answer(
            {"screenings": [screening_json(s, free.get(s.id, 0), zone, festival.currency) for s in found]}
        )


@blueprint.get("/<code:code>")
@allow("public")
@describe(Operation(summary="One screening", answer="the screening", refusals=("not_found",)))
def one_screening(code: str) -> Response:
    """Return one screening."""
    here = runtime()
    live = desk().live.places(code, here.clock.now())
    with here.database.reading() as session:
        festival = the_festival(session)
        screening = screening_by_code(session, code)
        zone = ZoneInfo(festival.time_zone)
        return answer(screening_json(screening, live.count, zone, festival.currency))


@blueprint.get("/<code:code>/places")
@allow("public")
@describe(
    Operation(summary="Every place of a screening", answer="places with their state", refusals=("not_found",))
)
def screening_places(code: str) -> Response:
    """Return the places; with If-None-Match, 304 while nothing has changed."""
    here = runtime()
    texts: PlacesTexts = current_app.extensions[_TEXTS]
    live = desk().live.places(code, here.clock.now())
    if _is_known(live):
        return _conditional(Response(), live)
    with here.database.reading() as session:
        body = texts.body(session, live)
    return _conditional(Response(body, content_type="application/json"), live)


@blueprint.get("/<code:code>/places/free")
@allow("public")
@describe(
    Operation(
        summary="Which places are free, a bit for each",
        answer="`free`: base64 of a bitmap in the order of /places, the highest bit of the first byte first",
        refusals=("not_found",),
    )
)
def free_places(code: str) -> Response:
    """Return what changes of the places; with If-None-Match, 304 while nothing has changed."""
    live = desk().live.places(code, runtime().clock.now())
    body = {} if _is_known(live) else {"version": live.version, "free": live.bitmap(), "count": live.count}
    return _conditional(answer(body), live)


def _is_known(live: LivePlaces) -> bool:
    return request.if_none_match.contains_weak(live.version)


def _conditional(response: Response, live: LivePlaces) -> Response:
    response.headers["Cache-Control"] = "no-cache"
    response.set_etag(live.version)
    response.make_conditional(request)
    return response


def _date(text: str | None) -> date | None:
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = date.min
    if not _FIRST_YEAR <= day.year <= _LAST_YEAR:  # the calendar's ends have no midnight in every zone
        raise InvalidRequestError(errors=[{"path": "date", "message": "a date such as 2026-11-30"}])
    return day
