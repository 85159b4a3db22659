"""The door on a wall and on paper: the board of all halls, and a screening's list to print."""

from flask import render_template, url_for
from flask.typing import ResponseReturnValue

from ticketing.catalogue.queries import the_festival
from ticketing.foundation.web import allow, runtime
from ticketing.reports import door_words
from ticketing.reports.door_board import DeviceCondition, DoorState, door_board
from ticketing.reports.door_list import door_list
from ticketing.sales.shop import wording
from ticketing.staff.frame import staff_pages
from ticketing.tickets.qr import link_path

blueprint = staff_pages("door_reports", __name__, "/staff/door")
blueprint.context_processor(lambda: {"door_words": door_words, "wording": wording})


@blueprint.get("/")
@allow("staff")
def board() -> ResponseReturnValue:
    """Show every hall's door, for a screen on the wall; it renews itself."""
    here = runtime()
    with here.database.reading() as session:
        wall = door_board(session, here.clock.now())
        name = the_festival(session).name
    return render_template(
        "reports/door_board.html", board=wall, festival=name, state=DoorState, condition=DeviceCondition
    )


@blueprint.get("/<code:code>/list")
@allow("staff")
def paper_list(code: str) -> ResponseReturnValue:
    """Show a screening's tickets as a list to print; the picture on it leads to a newer one."""
    here = runtime()
    with here.database.reading() as session:
        paper = door_list(session, code, here.clock.now())
        address = f"{here.settings.base_url}{url_for('door_reports.paper_list', code=code)}"
        size, path = link_path(address)
        return render_template(
            "reports/door_list.html", paper=paper, screening=paper.screening, qr_size=size, qr_path=path
        )
