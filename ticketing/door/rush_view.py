"""What pages show of a rush line: its figures and rules for staff, a slip's picture for everybody."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from ticketing.catalogue.guarantee import guaranteed_until
from ticketing.catalogue.models import Screening
from ticketing.catalogue.queries import screening_by_code, the_festival
from ticketing.door.models import Device
from ticketing.door.rush_queries import RushFigures, rush_figures, unsettled_devices
from ticketing.door.rush_release import door_closes
from ticketing.foundation.i18n import language
from ticketing.foundation.web import runtime
from ticketing.tickets.codes import in_groups
from ticketing.tickets.qr import link_path


@dataclass(frozen=True, kw_only=True)
class LineView:
    """A screening's line as staff see it. `phones` are those that places of tickets wait for."""

    screening: Screening
    figures: RushFigures
    ends_by_rule: datetime | None
    festival_minutes: int | None
    is_over: bool
    phones: Sequence[Device]


@dataclass(frozen=True, kw_only=True)
class SlipPicture:
    """A slip with its picture: a link that opens its page, and that scanners read."""

    number: int
    code: str
    address: str
    size: int
    path: str


def line_view(session: Session, code: str, now: datetime) -> LineView:
    """Return a screening's line. Raises NotFoundError."""
    screening, festival = screening_by_code(session, code), the_festival(session)
    nothing = RushFigures(
        screening_id=screening.id,
        released_at=None,
        waits=True,
        free=0,
        leased=0,
        taken=0,
        numbers=0,
        called=0,
        admitted=0,
    )
    figures = rush_figures(session, [screening.id]).get(screening.id, nothing)
    waits = figures.released_at is not None and figures.waits
    return LineView(
        screening=screening,
        figures=figures,
        ends_by_rule=guaranteed_until(festival, screening),
        festival_minutes=festival.guarantee_minutes,
        is_over=screening.status == "cancelled" or now >= door_closes(session, screening),
        phones=unsettled_devices(session, screening, now) if waits else (),
    )


def slip_picture(number: int, code: str) -> SlipPicture:
    """Return a slip's picture in the language of the request."""
    address = f"{runtime().settings.base_url}/{language()}/standby?slip={code}"
    size, path = link_path(address)
    return SlipPicture(number=number, code=in_groups(code), address=address, size=size, path=path)
