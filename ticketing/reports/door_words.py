"""Words of the door's board."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_babel.speaklater import LazyString

from ticketing.door.rush_queries import RushFigures
from ticketing.foundation.i18n import NO_BREAK
from ticketing.reports.door_board import BoardDevice, BoardIncident, DeviceCondition, DoorState, HallCard
from ticketing.reports.door_flow import Flow
from ticketing.sales.shop import wording

_STATES: Mapping[str, LazyString] = {
    DoorState.OPEN: lazy_gettext("Doors open"),
    DoorState.STARTED: lazy_gettext("Started"),
    DoorState.ENDED: lazy_gettext("Ended"),
    DoorState.CANCELLED: lazy_gettext("Screening cancelled"),
}
_INCIDENTS: Mapping[str, LazyString] = {
    "double_admission": lazy_gettext("two scans of one ticket"),
    "disagreement": lazy_gettext("the phone and the server disagree"),
    "void_admitted": lazy_gettext("let in with a void ticket"),
    "override": lazy_gettext("let in by a supervisor"),
    "log_gap": lazy_gettext("scans of a phone are missing"),
    "over_capacity": lazy_gettext("more people let in than places released"),
    "log_break": lazy_gettext("a phone has lost its earlier scans"),
}
_HOUR = 60


def card_state(card: HallCard, now: datetime) -> str:
    """Return what a hall's door is doing, and when it opens if it has not."""
    if card.state is DoorState.WAITING:
        return str(_("Opens in %(time)s", time=duration(card.now.doors_open - now)))
    return str(_STATES[card.state])


def device_state(device: BoardDevice, now: datetime) -> str:
    """Return what a phone says, or for how long it has said nothing."""
    if device.condition is DeviceCondition.SILENT:
        if device.synced_at is None:
            return str(_("no contact yet"))
        return str(_("silent for %(time)s", time=duration(now - device.synced_at)))
    if device.condition is DeviceCondition.UNSENT:
        return str(_("not sent: %(n)s", n=device.unsent))
    if device.condition is DeviceCondition.LOW_BATTERY:
        return str(_("battery: %(percent)s", percent=f"{device.battery}{NO_BREAK}%"))
    seconds = max(int((now - (device.synced_at or now)).total_seconds()), 0)
    return str(_("%(n)s s ago", n=seconds))


def flow_text(flow: Flow) -> str:
    """Return how fast people come in, and how many will be in when it starts."""
    rate = f"{flow.a_minute:.0f}" if flow.a_minute >= 1 or not flow.a_minute else "< 1"
    return str(_("%(n)s a minute, about %(expected)s in by the start", n=rate, expected=flow.expected))


def rush_text(rush: RushFigures) -> str:
    """Return how far a rush line has come, and what is left for it."""
    if rush.released_at is None:
        return str(_("Rush line: numbers up to %(last)s are out, nothing is released yet", last=rush.numbers))
    return str(
        _(
            "Rush line: called up to %(called)s of %(last)s, in: %(admitted)s, places left: %(left)s",
            called=rush.called,
            last=rush.numbers,
            admitted=rush.admitted,
            left=rush.left,
        )
    )


def incident_text(incident: BoardIncident) -> str:
    """Return what happened, without the place."""
    return str(_INCIDENTS[incident.kind])


def seat(incident: BoardIncident) -> str:
    """Return the seat that an incident is about, if it is about one."""
    return wording.seat_name(incident.row, incident.number) if incident.row else ""


def duration(length: timedelta) -> str:
    """Return `2 h 22 min`, or minutes alone."""
    hours, minutes = divmod(max(round(length.total_seconds() / 60), 0), _HOUR)
    if not hours:
        return str(_("%(n)s min", n=minutes))
    return str(_("%(hours)s h %(minutes)s min", hours=hours, minutes=minutes))
