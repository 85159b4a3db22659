"""The address of a plan's style sheet: where its seats stand. It never changes, so caches keep it."""

from flask import Blueprint, Response, url_for
from sqlalchemy.orm import Session

from ticketing.catalogue.models import SeatPlan
from ticketing.catalogue.plan_drawing import Drawing, draw, style_sheet
from ticketing.catalogue.plans import stored_plan
from ticketing.foundation.errors import NotFoundError
from ticketing.foundation.web import allow, runtime

blueprint = Blueprint("plans", __name__, url_prefix="/plans")
_YEAR_SECONDS = 365 * 24 * 3600
_DIGEST_BYTES = 8


@blueprint.get("/<int(max=2147483647):plan_id>-<string(length=16):digest>.css")
@allow("public")
def style(plan_id: int, digest: str) -> Response:
    """Return where a plan's seats stand, as CSS."""
    with runtime().database.reading() as session:
        row = session.get(SeatPlan, plan_id)
        if row is None or digest != _digest(row):
            raise NotFoundError
        sheet = style_sheet(drawing_of(row))
    response = Response(sheet, content_type="text/css; charset=utf-8")
    response.headers["Cache-Control"] = f"public, max-age={_YEAR_SECONDS}, immutable"
    return response


def style_url(row: SeatPlan) -> str:
    """Return the address of a plan's style sheet; another plan has another."""
    return url_for("plans.style", plan_id=row.id, digest=_digest(row))


def drawing_of(row: SeatPlan) -> Drawing:
    """Return the drawing of a stored plan."""
    return draw(stored_plan(row.source, row.seats))


def plan_of(session: Session, plan_id: int) -> SeatPlan:
    """Return a stored plan. Raises NotFoundError."""
    row = session.get(SeatPlan, plan_id)
    if row is None:
        raise NotFoundError
    return row


def _digest(row: SeatPlan) -> str:
    return row.sha256[:_DIGEST_BYTES].hex()
