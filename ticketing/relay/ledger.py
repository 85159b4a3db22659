"""What the relay keeps: which phones the server knew, and who was let in and out at this venue."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import and_, case, delete, select, update
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.orm import Session

from ticketing.door.admission import Admission
from ticketing.door.rules import Direction
from ticketing.foundation.security import token_hash
from ticketing.relay.models import FoundTicket, KnownPhone, NotedPassage
from ticketing.relay.presence import Held, Noted, presence

_IS_QUESTION = and_(NotedPassage.stated == 0, NotedPassage.admits.is_(False))


def remember_phone(session: Session, token: str, device: UUID | None) -> None:
    """Keep a token that the server has just accepted, as its hash. Twice changes nothing."""
    values = {"token_hash": token_hash(token), "device": device}
    session.execute(insert(KnownPhone).values(values).on_conflict_do_nothing())


def forget_phone(session: Session, token: str) -> None:
    """Drop a token that the server refuses."""
    session.execute(delete(KnownPhone).where(KnownPhone.token_hash == token_hash(token)))


def device_of(session: Session, token: str) -> UUID | None:
    """Return the device of a token, or a name of its own for one that was paired elsewhere.

    None: the server has not accepted this token through this relay, or it has refused it since.
    """
    phone = session.get(KnownPhone, token_hash(token))
    if phone is None:
        return None
    return phone.device or UUID(bytes=phone.token_hash[:16])


def note(session: Session, passages: Iterable[Noted]) -> None:
    """Note what was shown, in order; of one scan, the phone's later statement counts. Twice does no harm.

    A statement that lets nobody in changes what was noted of its scan; alone it is nothing to note.
    """
    for one in passages:
        of_scan = NotedPassage.scan == one.scan
        if one.admits:
            _put(session, one)
        else:
            later = {"admits": False, "stated": one.stated, "sent": one.sent}
            session.execute(
                update(NotedPassage).where(of_scan, NotedPassage.stated < one.stated).values(later)
            )
        if one.sent:
            heard = update(NotedPassage).where(of_scan, NotedPassage.stated <= one.stated)
            session.execute(heard.values(sent=True))


def note_question(session: Session, asked: Noted) -> None:
    """Note a scan that goes to the server as a question: it may count there before anybody hears of it.

    What is known of the scan already stays.
    """
    session.execute(insert(NotedPassage).values(_values(asked)).on_conflict_do_nothing())


def note_refusal(session: Session, scan: UUID) -> None:
    """Note that the server has let nobody in on a question. What the phone has shown since stays."""
    session.execute(update(NotedPassage).where(NotedPassage.scan == scan, _IS_QUESTION).values(sent=True))


def is_overtaken(session: Session, shown: Noted) -> bool:
    """Tell whether somebody was let in here of whom the server cannot have known when it answered."""
    rows = session.scalars(select(NotedPassage).where(NotedPassage.key == shown.key))
    noted = [_noted(row) for row in rows]
    before = presence(shown.scan, noted, None)
    unheard = {one.scan for one in noted if not one.sent and one.device != shown.device}
    return before.inside and before.entry is not None and before.entry.scan in unheard


def unsent(session: Session, keys: Iterable[str]) -> list[Noted]:
    """Return what the server does not know of these tickets."""
    rows = session.scalars(
        select(NotedPassage).where(NotedPassage.key.in_(list(keys)), NotedPassage.sent.is_(False))
    )
    return [_noted(row) for row in rows]


def claim(session: Session, wanted: Noted, held: Held | None) -> Admission:
    """Return who was in before a scan, and note the scan as let in if nobody was.

    Whoever asks next is told of it; so of two phones that ask for one ticket, one is first.
    """
    rows = session.scalars(select(NotedPassage).where(NotedPassage.key == wanted.key))
    before = presence(wanted.scan, [_noted(row) for row in rows], held)
    if not before.inside:
        _put(session, wanted)
    return before


def remember_tickets(session: Session, found: Sequence[tuple[UUID, str]]) -> None:
    """Keep the keys of tickets that were found by other means than their codes."""
    for ticket, key in found:
        values = {"ticket": ticket, "key": key}
        session.execute(insert(FoundTicket).values(values).on_conflict_do_nothing())


def key_of(session: Session, ticket: UUID) -> str | None:
    """Return the key of a ticket that was found."""
    return session.scalar(select(FoundTicket.key).where(FoundTicket.ticket == ticket))


def _put(session: Session, one: Noted) -> None:
    # A question was noted by the phone's own clock.
    at = case((_IS_QUESTION, one.at), else_=NotedPassage.at)
    later = {"at": at, "admits": True, "stated": one.stated, "sent": one.sent}
    session.execute(
        insert(NotedPassage)
        .values(_values(one))
        .on_conflict_do_update(
            index_elements=["scan"], set_=later, where=NotedPassage.stated < max(one.stated, 1)
        )
    )


def _values(one: Noted) -> dict[str, object]:
    return {
        "scan": one.scan,
        "key": one.key,
        "device": one.device,
        "gate": one.gate,
        "at": one.at,
        "direction": one.direction,
        "admits": one.admits,
        "stated": one.stated,
        "sent": one.sent,
    }


def _noted(row: NotedPassage) -> Noted:
    return Noted(
        scan=row.scan,
        key=row.key,
        device=row.device,
        gate=row.gate,
        at=row.at,
        direction=Direction(row.direction),
        admits=row.admits,
        stated=row.stated,
        sent=row.sent,
    )
