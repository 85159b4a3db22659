"""Mails about orders and refunds, in the buyer's language, true at the time they are made."""

from collections.abc import Sequence
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from ticketing.catalogue.models import Festival
from ticketing.catalogue.programme.values import Words
from ticketing.catalogue.queries import the_festival
from ticketing.foundation.i18n import full_date_time, money_text, sentences
from ticketing.foundation.mail import Mail
from ticketing.foundation.money import Money
from ticketing.foundation.web import Runtime
from ticketing.sales.cancelling import REASON as SCREENING_CANCELLED
from ticketing.sales.models import Order, Refund
from ticketing.sales.place_words import seat_words
from ticketing.sales.queries import OrderView, TicketView, order_view
from ticketing.sales.refund_rules import Method


def order_paid_mail(session: Session, order_id: UUID, here: Runtime) -> Mail:
    """Return the mail with the way to the tickets."""
    festival = the_festival(session)
    view = order_view(session, order_id, here.vault)
    order = view.order
    _ = sentences(order.locale)
    key = here.keys.key("order", order.id)
    link = f"{here.settings.base_url}/{order.locale}/orders/{order.code}?key={key}"
    lines = [
        _("Hello %(name)s,", name=order.buyer_name),
        "",
        _("Your tickets: %(link)s", link=link),
        "",
        *_tickets(view.tickets, festival, order.locale),
        "",
        _("Total: %(amount)s", amount=money_text(view.total)),
        _("Order %(order)s", order=order.code),
    ]
    subject = _("Your tickets: order %(order)s", order=order.code)
    return _mail(f"order-paid-{order.id}", festival, order, subject, lines, here)


def refund_done_mail(session: Session, refund_id: UUID, here: Runtime) -> Mail:
    """Return the mail that says that money is on its way back: how much, for what, where to, how long."""
    festival = the_festival(session)
    refund, order = session.execute(
        select(Refund, Order).join(Order, Order.id == Refund.order_id).where(Refund.id == refund_id)
    ).one()
    _ = sentences(order.locale)
    amount = money_text(Money(refund.amount_minor, refund.currency))
    in_cash = refund.method == Method.CASH
    lines = [
        _("Hello %(name)s,", name=order.buyer_name),
        "",
    ]
    if refund.reason == SCREENING_CANCELLED:
        lines += [_("The screening will not take place."), ""]
    if refund.amount_minor:
        lines += [
            _("Paid in cash: %(amount)s", amount=amount)
            if in_cash
            else _("Refunded: %(amount)s", amount=amount)
        ]
    if refund.fee_minor:
        lines += [_("Fee kept: %(amount)s", amount=money_text(Money(refund.fee_minor, refund.currency)))]
    if refund.amount_minor and not in_cash:
        lines += [
            _("It goes to the card or account that paid."),
            _("Usually the money is there within 10 days. If it is not, ask your bank first."),
        ]
    returned = refunded_tickets(order_view(session, order.id, here.vault), refund)
    if returned:
        lines += ["", _("Returned tickets, no longer valid:")]
    lines += ["", *_tickets(returned, festival, order.locale)]
    lines += [_("Order %(order)s", order=order.code)]
    subject = _refund_subject(order.locale, refund, order, returned)
    return _mail(f"refund-{refund.id}", festival, order, subject, lines, here)


def _refund_subject(lang: str, refund: Refund, order: Order, returned: Sequence[TicketView]) -> str:
    _ = sentences(lang)
    if refund.reason == SCREENING_CANCELLED and returned:
        return str(_("Will not take place: %(title)s", title=_in(returned[0].screening.title, lang)))
    if not refund.amount_minor:
        return str(_("Returned tickets: order %(order)s", order=order.code))
    return str(_("Refunded: %(amount)s", amount=money_text(Money(refund.amount_minor, refund.currency))))


def refunded_tickets(view: OrderView, refund: Refund) -> list[TicketView]:
    """Return the tickets of a refund; a part of one has those of the whole."""
    whole = refund.part_of or refund.id
    return [ticket for ticket in view.tickets if view.refunded_tickets.get(ticket.id) == whole]


def _tickets(tickets: Sequence[TicketView], festival: Festival, lang: str) -> list[str]:
    zone = ZoneInfo(festival.time_zone)
    _ = sentences(lang)
    lines = []
    for ticket in tickets:
        screening = ticket.screening
        when = full_date_time(screening.starts_at, zone, lang)
        hall, venue = _in(screening.hall.name, lang), _in(screening.hall.venue.name, lang)
        is_seat = ticket.row or ticket.section or ticket.band
        place = seat_words(_, ticket.row, ticket.number) if is_seat else ticket.place
        lines += [f"{_in(screening.title, lang)}", f"{when}", f"{hall}, {venue}", place, ""]
    return lines


def _in(words: Words, lang: str) -> str:
    return str(getattr(words, lang))


def _mail(
    mail_id: str, festival: Festival, order: Order, subject: str, lines: list[str], here: Runtime
) -> Mail:
    return Mail(
        id=mail_id,
        sender=festival.support_email,
        recipient=order.buyer_email,
        subject=subject,
        text="\n".join(lines) + "\n",
        sent_at=here.clock.now(),
    )
