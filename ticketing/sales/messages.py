"""Mails about orders and refunds, in the buyer's language, true at the time they are made."""

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
from ticketing.sales.models import Order, Refund
from ticketing.sales.place_words import seat_words
from ticketing.sales.queries import OrderView, order_view


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
        *_screenings(view, festival),
        "",
        _("Total: %(amount)s", amount=money_text(view.total)),
        _("Order %(order)s", order=order.code),
    ]
    subject = _("Your tickets: order %(order)s", order=order.code)
    return _mail(f"order-paid-{order.id}", festival, order, subject, lines, here)


def refund_done_mail(session: Session, refund_id: UUID, here: Runtime) -> Mail:
    """Return the mail that says that money is on its way back."""
    festival = the_festival(session)
    refund, order = session.execute(
        select(Refund, Order).join(Order, Order.id == Refund.order_id).where(Refund.id == refund_id)
    ).one()
    _ = sentences(order.locale)
    amount = money_text(Money(refund.amount_minor, refund.currency))
    lines = [
        _("Hello %(name)s,", name=order.buyer_name),
        "",
        _("Refunded: %(amount)s", amount=amount),
        _("Order %(order)s", order=order.code),
    ]
    subject = _("Refunded: %(amount)s", amount=amount)
    return _mail(f"refund-{refund.id}", festival, order, subject, lines, here)


def _screenings(view: OrderView, festival: Festival) -> list[str]:
    zone, lang = ZoneInfo(festival.time_zone), view.order.locale
    _ = sentences(lang)
    lines = []
    for ticket in view.tickets:
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
