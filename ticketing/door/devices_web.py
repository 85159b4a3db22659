"""Staff's pages of scanners: the list, pairing a new one, revoking one, what a revoked one handed over."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from flask import redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from ticketing.door.device_list import device_rows, venues
from ticketing.door.devices import PAIRING_LIFE, is_paired, offer_pairing, revoke
from ticketing.door.errors import NoSuchDayError
from ticketing.door.pins import FreshPin, days_with_pins, festival_days, fresh_pins, keep_pins
from ticketing.door.quarantine import leave_out, take_in
from ticketing.door.quarantine_list import MOST_SHOWN, waiting_count, waiting_devices
from ticketing.foundation.forms import form_line
from ticketing.foundation.web import allow, runtime
from ticketing.staff.frame import staff_pages
from ticketing.staff.sessions import current_actor
from ticketing.tickets.qr import link_path

blueprint = staff_pages("devices", __name__, "/staff/scanners")

# The code that was offered last, in this browser's own session: the database keeps only its hash.
_OFFERED = "pairing"
_DEFAULT_NAME = "Scanner"
_MOST_NAME, _MOST_REASON = 60, 160


@blueprint.get("/")
@allow("staff")
def list_scanners() -> ResponseReturnValue:
    """Show the devices, and to whom it may concern the form that adds one."""
    with runtime().database.reading() as reading:
        return render_template(
            "staff/scanners.html",
            devices=device_rows(reading),
            venues=venues(reading),
            waiting=waiting_count(reading),
        )


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


@blueprint.get("/pins")
@allow("staff:boxoffice")
def list_pins() -> ResponseReturnValue:
    """Show which days have PINs; what they are was said when they were made."""
    return _pins_page()


@blueprint.post("/pins")
@allow("staff:boxoffice")
def make_pins() -> ResponseReturnValue:
    """Make new PINs for a day and show them, this once."""
    here = runtime()
    try:
        day = date.fromisoformat(form_line("day"))
    except ValueError:
        raise NoSuchDayError(day="") from None
    fresh = fresh_pins()
    with here.database.transaction() as writing:
        keep_pins(writing, day, fresh, current_actor(), here.clock.now())
    return _pins_page(day, fresh)


def _pins_page(day: date | None = None, fresh: Sequence[FreshPin] = ()) -> ResponseReturnValue:
    with runtime().database.reading() as reading:
        days, made = festival_days(reading), days_with_pins(reading)
    return render_template("staff/door_pins.html", days=days, made=made, day=day, fresh=fresh)


@blueprint.post("/<uuid:device>/revoke")
@allow("staff:boxoffice")
def revoke_scanner(device: UUID) -> ResponseReturnValue:
    """End a device."""
    here = runtime()
    with here.database.transaction() as writing:
        revoke(writing, device, current_actor(), here.clock.now())
    return redirect(url_for("devices.list_scanners"), 303)


@blueprint.get("/quarantine")
@allow("staff:boxoffice")
def list_quarantine() -> ResponseReturnValue:
    """Show what revoked scanners handed over and nobody has decided on."""
    here = runtime()
    with here.database.reading() as reading:
        return render_template("staff/quarantine.html", devices=waiting_devices(reading, here.vault))


@blueprint.post("/<uuid:device>/quarantine")
@allow("staff:boxoffice")
def decide_quarantine(device: UUID) -> ResponseReturnValue:
    """Let the chosen scans count, or leave them out."""
    here = runtime()
    scans = _chosen(request.form.getlist("scan"))
    reason = form_line("reason", _MOST_REASON)
    with here.database.transaction() as writing:
        now, actor = here.clock.now(), current_actor()
        if form_line("do") == "accept":
            take_in(writing, here.vault, device, scans, reason, actor, now)
        else:
            leave_out(writing, device, scans, reason, actor, now)
    return redirect(url_for("devices.list_quarantine"), 303)


def _chosen(values: Sequence[str]) -> set[UUID]:
    """Return the ids that were ticked; what is none was not on the page."""
    found = set()
    for value in values[:MOST_SHOWN]:
        try:
            found.add(UUID(value))
        except ValueError:
            continue
    return found
