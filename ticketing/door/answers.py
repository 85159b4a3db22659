"""What a device is told: the door's answers as JSON of the public contract."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from ticketing.door.facts import KnownScreening, KnownTicket
from ticketing.door.rules import Verdict
from ticketing.door.rush_taking import RushSeat


def answer_of(
    verdict: Verdict,
    ticket: KnownTicket | None,
    screenings: Mapping[str, KnownScreening],
    by_id: Mapping[int, KnownScreening],
) -> dict[str, Any]:
    """Return the part of a scan's answer that is kept, so that a replay gets the same one."""
    answer: dict[str, Any] = {"verdict": str(verdict.verdict), "reason": str(verdict.reason)}
    if ticket is not None:
        own = by_id.get(ticket.screening_id)
        answer["ticket"] = ticket_json(ticket, own.fact.code if own else "")
        if ticket.slip is not None:
            answer["slip"] = ticket.slip
    if verdict.attention:
        answer["attention"] = list(verdict.attention)
    if verdict.since is not None:
        answer["since"] = verdict.since.isoformat()
        answer["since_gate"] = verdict.since_gate
        answer["since_device"] = verdict.since_device
    if verdict.redirect is not None and verdict.redirect in screenings:
        answer["redirect"] = redirect_json(screenings[verdict.redirect])
    return answer


def seat_answer(answer: dict[str, Any], ticket: KnownTicket, seat: RushSeat) -> None:
    """Let an answer send the guest to a place of the rush line; `new_seat`: not the one on the ticket."""
    answer["ticket"] |= {
        "place": seat.label,
        "section": seat.section,
        "row": seat.row,
        "number": seat.number,
        "band": seat.band,
    }
    answer["place"] = seat.place_id
    if ticket.slip is None and seat.label != ticket.label:
        answer["new_seat"] = True


def ticket_json(ticket: KnownTicket, screening: str) -> dict[str, Any]:
    """Return what an usher may know of a ticket: no names, no mail addresses, no prices."""
    return {
        "ticket": str(ticket.id),
        "screening": screening,
        "place": ticket.label,
        "section": ticket.section,
        "row": ticket.row,
        "number": ticket.number,
        "band": ticket.band,
        "concession": ticket.concession,
    }


def redirect_json(screening: KnownScreening) -> dict[str, Any]:
    """Return where to send the guest."""
    return {
        "screening": screening.fact.code,
        "title": asdict(screening.title),
        "starts_at": screening.starts_at.isoformat(),
        "doors_open": screening.fact.doors_open.isoformat(),
        "hall": screening.fact.hall,
        "hall_name": asdict(screening.hall_name),
        "venue": screening.fact.venue,
        "venue_name": asdict(screening.venue_name),
        "minutes": screening.transfer_minutes,
    }
