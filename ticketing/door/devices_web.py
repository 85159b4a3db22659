"""Staff's pages of scanners: the list, pairing a new one, revoking one."""

from datetime import datetime
from uuid import UUID

from flask import redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue

from ticketing.door.device_list import device_rows, venues
from ticketing.door.devices import PAIRING_LIFE, is_paired, offer_pairing, revoke
from ticketing.foundation.forms import form_line
from ticketing.foundation.web import allow, runtime
from ticketing.staff.frame import staff_pages
from ticketing.staff.sessions import current_actor
from ticketing.tickets.qr import link_path

blueprint = staff_pages("devices", __name__, "/staff/scanners")

# The code that was offered last, in this browser's own session: the database keeps only its hash.
_OFFERED = "pairing"
_DEFAULT_NAME = "Scanner"
_MOST_NAME = 60


@blueprint.get("/")
@allow("staff")
def list_scanners() -> ResponseReturnValue:
    """Show the devices, and to whom it may concern the form that adds one."""
    with runtime().database.reading() as reading:
        return render_template("staff/scanners.html", devices=device_rows(reading), venues=venues(reading))


@blueprint.post("/")
@allow("staff:boxoffice")
def add_scanner() -> ResponseReturnValue:
    """Offer a pairing code."""
    name, venue = form_line("name", _MOST_NAME) or _DEFAULT_NAME, form_line("venue") or None
    here = runtime()
    now = here.clock.now()
    with here.database.transaction() as writing:
        code = offer_pairing(writing, venue, name, current_actor(), now)
    session[_OFFERED] = {"code": code, "name": name, "until": (now + PAIRING_LIFE).isoformat()}
    return redirect(url_for("devices.show_pairing"), 303)


@blueprint.get("/pairing")
@allow("staff:boxoffice")
def show_pairing() -> ResponseReturnValue:
    """Show the pairing code big, with its QR, until a phone has used it or its time is over."""
    offered = session.get(_OFFERED)
    if offered is None:
        return redirect(url_for("devices.list_scanners"), 303)
    here = runtime()
    until = datetime.fromisoformat(offered["until"])
    with here.database.reading() as reading:
        paired = is_paired(reading, offered["code"])
    address = f"{here.settings.base_url}/scanner/"
    size, path = link_path(f"{address}#pair={offered['code']}")
    return render_template(
        "staff/pairing.html",
        code=offered["code"],
        name=offered["name"],
        until=until,
        paired=paired,
        expired=until <= here.clock.now(),
        address=address,
        qr_size=size,
        qr_path=path,
    )


@blueprint.post("/<uuid:device>/revoke")
@allow("staff:boxoffice")
def revoke_scanner(device: UUID) -> ResponseReturnValue:
    """End a device."""
    here = runtime()
    with here.database.transaction() as writing:
        revoke(writing, device, current_actor(), here.clock.now())
    return redirect(url_for("devices.list_scanners"), 303)
