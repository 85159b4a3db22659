"""Screenings for calendars (RFC 5545): drawn from values, so that every kind of feed says the same."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, vCalAddress, vUri

CALENDAR = "text/calendar; charset=utf-8"
# How often a calendar that has subscribed should look again; most choose for themselves.
_LOOK_AGAIN = timedelta(hours=1)
_ZONE_MARGIN = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class CalendarEntry:
    """A screening in somebody's calendar. `uid` never changes; `sequence` rises with every change."""

    uid: str
    sequence: int
    title: str
    starts_at: datetime
    ends_at: datetime
    place: str
    lines: Sequence[str]
    url: str
    cancelled: bool
    private: bool


def calendar_file(
    name: str, entries: Sequence[CalendarEntry], *, zone: ZoneInfo, language: str, now: datetime
) -> bytes:
    """Return the calendar, times on the clock of `zone`. Alarms are the reader's own affair: none is set."""
    calendar = _calendar("PUBLISH")
    calendar.add("name", name, {"LANGUAGE": language})
    calendar.add("x-wr-calname", name)
    calendar.add("x-wr-timezone", str(zone))
    calendar.add("refresh-interval", _LOOK_AGAIN, {"VALUE": "DURATION"})
    for entry in entries:
        calendar.add_component(_event(entry, zone, language, now))
    if entries:
        _add_zones(calendar, entries)
    return bytes(calendar.to_ical())


def method_of(entry: CalendarEntry) -> str:
    """Return what a mail asks of a calendar (RFC 5546): to have the entry as it is now, or no more."""
    return "CANCEL" if entry.cancelled else "REQUEST"


def invitation(
    entry: CalendarEntry, *, organizer: str, attendee: str, zone: ZoneInfo, language: str, now: datetime
) -> bytes:
    """Return one screening as a mail's calendar part: a newer one with its UID replaces or removes it.

    Nobody is asked for an answer: whoever has bought a ticket has accepted.
    """
    calendar = _calendar(method_of(entry))
    event = _event(entry, zone, language, now)
    event.add("organizer", vCalAddress(f"mailto:{organizer}"))
    accepted = {"PARTSTAT": "ACCEPTED", "RSVP": "FALSE"}
    event.add("attendee", vCalAddress(f"mailto:{attendee}"), accepted)
    calendar.add_component(event)
    _add_zones(calendar, [entry])
    return bytes(calendar.to_ical())


def _calendar(method: str) -> Calendar:
    calendar = Calendar()
    calendar.add("prodid", "-//Kassa//Kassa//EN")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", method)
    return calendar


def _add_zones(calendar: Calendar, entries: Sequence[CalendarEntry]) -> None:
    calendar.add_missing_timezones(
        first_date=(min(entry.starts_at for entry in entries) - _ZONE_MARGIN).date(),
        last_date=(max(entry.ends_at for entry in entries) + _ZONE_MARGIN).date(),
    )


def _event(entry: CalendarEntry, zone: ZoneInfo, language: str, now: datetime) -> Event:
    event = Event()
    event.add("uid", entry.uid)
    event.add("sequence", entry.sequence)
    event.add("dtstamp", now)
    event.add("dtstart", entry.starts_at.astimezone(zone))
    event.add("dtend", entry.ends_at.astimezone(zone))
    event.add("summary", entry.title, {"LANGUAGE": language})
    event.add("location", entry.place, {"LANGUAGE": language})
    event.add("description", "\n".join(entry.lines), {"LANGUAGE": language})
    event.add("url", vUri(entry.url))
    event.add("status", "CANCELLED" if entry.cancelled else "CONFIRMED")
    event.add("class", "PRIVATE" if entry.private else "PUBLIC")
    # What is in a festival's calendar does not make its reader busy; a bought ticket does.
    event.add("transp", "OPAQUE" if entry.private and not entry.cancelled else "TRANSPARENT")
    return event
