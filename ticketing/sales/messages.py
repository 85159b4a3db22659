"""Letters about orders and refunds, in the buyer's language, true at the time they are written."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from ticketing.foundation.i18n import money_text, time_text
from ticketing.foundation.letters import Block
from ticketing.foundation.money import Money
from ticketing.foundation.web import Runtime
from ticketing.sales.affair_models import Dispute
from ticketing.sales.cancelling import REASON as SCREENING_CANCELLED
from ticketing.sales.letters import CALENDAR, TICKETS_PDF, OrderPost, Written, order_post
from ticketing.sales.models import Order, Payment, Refund
from ticketing.sales.payable import cancelled_screening, has_parked
from ticketing.sales.queries import OrderView, TicketView, order_view
from ticketing.sales.refund_ends import OUTSIDE
from ticketing.sales.refund_rules import BackReason, Method
from ticketing.sales.rules import OrderStatus
from ticketing.sales.swap_models import Swap
from ticketing.sales.transfer_messages import write_tickets_over
from ticketing.tickets.blocking import VOID_REASON as LOST


def order_paid_letter(session: Session, order_id: UUID, here: Runtime) -> Written | None:
    """Return the letter with the way to the tickets; None: there is nothing to write."""
    view = order_view(session, order_id, here.vault)
    # Whoever paid when a screening was off already is written to of that, not of tickets.
    tickets = [ticket for ticket in view.tickets if ticket.screening.cancelled_at is None]
    if view.tickets and not tickets:
        return None
    post = order_post(session, view.order, here)
    blocks = [
        *_equal_places(post, tickets),
        post.to_tickets(),
        *post.cards([ticket for ticket in tickets if ticket.state == "valid"]),
        Block(text=post.say("Total: %(amount)s", amount=money_text(view.total))),
    ]
    subject = post.say("Your tickets: order %(order)s", order=view.order.code)
    return post.written(
        "order_paid", f"order-paid-{order_id}", subject, blocks, attach=(CALENDAR, TICKETS_PDF)
    )


def write_payment_failed(session: Session, payment_id: UUID, here: Runtime) -> None:
    """Write that a payment did not go through, and what can be done; nothing if the order is paid by now."""
    payment, order = session.execute(
        select(Payment, Order).join(Order, Order.id == Payment.order_id).where(Payment.id == payment_id)
    ).one()
    if order.status not in (OrderStatus.PENDING, OrderStatus.EXPIRED) or payment.for_swap:
        return
    if has_parked(session, order.id):
        return  # Money did come, by another attempt, and people are checking it.
    post = order_post(session, order, here)
    now = here.clock.now()
    blocks = [
        Block(text=post.say("The payment did not go through, and no money was taken.")),
    ]
    if cancelled_screening(session, order.id) is not None:
        blocks += [Block(text=post.say("The screening will not take place.")), post.programme()]
    elif order.status == OrderStatus.PENDING and order.pay_until > now:
        until = time_text(order.pay_until, post.zone)
        blocks += [
            Block(
                text=post.say(
                    "Your places are kept until %(time)s. Pay again on the order's page.", time=until
                )
            ),
            Block(text=post.say("Pay again"), url=post.link()),
        ]
    else:
        blocks += [
            Block(
                text=post.say("Your places are free again. If they are still there, choose them once more.")
            ),
            post.programme(),
        ]
    subject = post.say("Not paid: order %(order)s", order=order.code)
    post.put("payment_failed", f"payment-failed-{payment_id}", subject, blocks)


def tell_friends_of_refund(session: Session, refund_id: UUID, here: Runtime) -> None:
    """Write to those whom returned tickets had been sent to; at once, for money may take its time."""
    refund = session.get_one(Refund, refund_id)
    view = order_view(session, refund.order_id, here.vault)
    returned = refunded_tickets(view, refund)
    write_tickets_over(session, returned, here, is_cancelled=_is_cancelled(refund, returned))


def write_refund_done(session: Session, refund_id: UUID, here: Runtime) -> None:
    """Write that money is on its way back: how much, for what, where to, how long."""
    refund, order = session.execute(
        select(Refund, Order).join(Order, Order.id == Refund.order_id).where(Refund.id == refund_id)
    ).one()
    view = order_view(session, order.id, here.vault)
    post = order_post(session, order, here)
    if refund.reason == SCREENING_CANCELLED and not refund.amount_minor:
        return  # All there is to say was said when the screening was cancelled.
    # The tickets of a refund that comes in parts stand in the letter on the first of them.
    returned = [] if refund.part_of else refunded_tickets(view, refund)
    sentences = [*_why(post, refund), *_money_sentences(post, refund)]
    blocks = [Block(text=sentence) for sentence in sentences]
    if any(part.part_of == (refund.part_of or refund.id) for part in view.refunds):
        several = post.say("The order was paid by several payments: each one's part comes back separately.")
        blocks += [Block(text=several)]
    if returned:
        blocks += [
            Block(text=post.say("Returned tickets, no longer valid:")),
            *post.cards(returned),
        ]
    if any(ticket.state == "valid" for ticket in view.tickets):
        blocks += [Block(text=post.say("Your other tickets stay valid.")), post.to_tickets()]
    subject = _refund_subject(post, refund)
    post.put("refund_done", f"refund-{refund_id}", subject, blocks, attach=(CALENDAR,))


def write_dispute_lost(session: Session, gateway: str, name: str, here: Runtime) -> None:
    """Write which tickets are void since the buyer's bank took their money back, to friends too."""
    dispute = session.get_one(Dispute, (gateway, name))
    view = order_view(session, dispute.order_id, here.vault)
    lost = [one for one in view.tickets if one.state == "void" and one.void_reason == LOST]
    write_tickets_over(session, lost, here, is_returned=False)
    post = order_post(session, view.order, here)
    blocks = [
        Block(text=post.say("Your bank took back the money for these tickets, so they are no longer valid:")),
        *post.cards(lost),
        Block(text=post.say("If this was a mistake, write to us. To come all the same, buy new tickets:")),
        post.programme(),
    ]
    if any(ticket.state == "valid" for ticket in view.tickets):
        blocks += [Block(text=post.say("Your other tickets stay valid.")), post.to_tickets()]
    subject = post.say("Tickets no longer valid: order %(order)s", order=view.order.code)
    post.put("dispute_lost", f"dispute-lost-{gateway}-{name}", subject, blocks, attach=(CALENDAR,))


def write_tickets_swapped(session: Session, swap_id: UUID, here: Runtime) -> None:
    """Write which tickets are valid now, and that older copies are not."""
    swap = session.scalars(select(Swap).where(Swap.id == swap_id)).one()
    view = order_view(session, swap.order_id, here.vault)
    post = order_post(session, view.order, here)
    difference = money_text(Money(abs(swap.difference_minor), view.order.currency))
    blocks = [
        Block(
            text=post.say("Your tickets were exchanged. The old codes no longer work; these are valid now:")
        ),
        *post.cards([ticket for ticket in view.tickets if ticket.state == "valid"]),
        post.to_tickets(),
    ]
    if swap.difference_minor > 0:
        blocks += [Block(text=post.say("Difference paid: %(amount)s", amount=difference))]
    elif swap.difference_minor < 0:
        blocks += [Block(text=post.say("The difference goes back to you: %(amount)s", amount=difference))]
    subject = post.say("Tickets exchanged: order %(order)s", order=view.order.code)
    post.put("tickets_swapped", f"swap-{swap_id}", subject, blocks, attach=(CALENDAR, TICKETS_PDF))


def _equal_places(post: OrderPost, tickets: Sequence[TicketView]) -> list[Block]:
    """Return that places are not the ones chosen, if any is not, and what can be done."""
    if not any(ticket.instead_of for ticket in tickets):
        return []
    return [
        Block(
            text=post.say(
                "Your payment came after the time to pay, and your places were taken by then."
                " These are equal ones. If you do not want them, return the tickets:"
                " the whole price comes back."
            )
        )
    ]


def _why(post: OrderPost, refund: Refund) -> list[str]:
    """Return why money goes back that the buyer has not asked for."""
    if (
        refund.reason == BackReason.PLACE_LOST
        and cancelled_screening(post.session, post.order.id) is not None
    ):
        return [post.say("The screening will not take place.")]
    match refund.reason:
        case BackReason.PLACE_LOST:
            why = post.say("Your payment came after the time to pay, and the seats were taken by then.")
        case BackReason.PAID_TWICE:
            why = post.say("A second payment came for this order. One is enough, so it goes back.")
        case BackReason.SWAP_LOST:
            why = post.say(
                "The exchange could not be made when the payment came. Your tickets stay as they were."
            )
        case BackReason.SET_ASIDE:
            why = post.say("The bank took another amount than the order costs.")
        case _:
            return []
    return [why]


def _money_sentences(post: OrderPost, refund: Refund) -> list[str]:
    amount = money_text(Money(refund.amount_minor, refund.currency))
    is_original = refund.method == Method.ORIGINAL
    said = []
    if refund.amount_minor:
        ways = {
            Method.CASH: post.say("Paid in cash: %(amount)s", amount=amount),
            Method.OUTSIDE: post.say("Your bank gave you this money back already: %(amount)s", amount=amount),
            Method.DISPUTE: post.say("Your bank gave you this money back already: %(amount)s", amount=amount),
        }
        said.append(ways.get(Method(refund.method), post.say("Refunded: %(amount)s", amount=amount)))
    if refund.fee_minor:
        fee = money_text(Money(refund.fee_minor, refund.currency))
        said.append(post.say("Fee kept: %(amount)s", amount=fee))
    if refund.amount_minor and is_original:
        said.append(post.say("It goes to the card or account that paid."))
        said.append(post.say("Usually the money is there within 10 days. If it is not, ask your bank first."))
    return said


def _is_cancelled(refund: Refund, returned: Sequence[TicketView]) -> bool:
    """Tell whether the reader returned nothing: the screening will not take place."""
    if refund.reason == OUTSIDE:
        return bool(returned) and all(one.screening.cancelled_at is not None for one in returned)
    return refund.reason == SCREENING_CANCELLED


def _refund_subject(post: OrderPost, refund: Refund) -> str:
    if not refund.amount_minor:
        return post.say("Returned tickets: order %(order)s", order=post.order.code)
    return post.say("Refunded: %(amount)s", amount=money_text(Money(refund.amount_minor, refund.currency)))


def refunded_tickets(view: OrderView, refund: Refund) -> list[TicketView]:
    """Return the tickets of a refund; a part of one has those of the whole."""
    whole = refund.part_of or refund.id
    return [ticket for ticket in view.tickets if view.refunded_tickets.get(ticket.id) == whole]
