"""The words of undecided money: what happened, and what can be done about it."""

from collections.abc import Mapping

from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_babel.speaklater import LazyString

from ticketing.boxoffice.money_queries import Decision, OpenMatter
from ticketing.foundation.i18n import money_text
from ticketing.foundation.money import Money
from ticketing.sales.payments.port import DisputeState

_TITLES: Mapping[str, LazyString] = {
    "amount_differs": lazy_gettext("Another amount came in"),
    "unknown_session": lazy_gettext("Money on an unknown payment page"),
    "refund_failed": lazy_gettext("A refund did not go through"),
    "refund_twice": lazy_gettext("A refund may have gone out twice"),
    "refund_differs": lazy_gettext("Another amount was refunded"),
    "refund_outside": lazy_gettext("A refund made at the bank"),
    "cancelled_not_refunded": lazy_gettext("A cancelled screening is not refunded"),
    "early_fraud_warning": lazy_gettext("Early warning of fraud"),
    "dispute_lost": lazy_gettext("A dispute was lost"),
    "unknown_dispute": lazy_gettext("A dispute of an unknown payment"),
    "payout_differs": lazy_gettext("A payout differs from the books"),
    "payout_failed": lazy_gettext("A payout did not arrive"),
    "receipt_refused": lazy_gettext("The register refused a receipt"),
}
_DECISIONS: Mapping[Decision, LazyString] = {
    Decision.ACCEPT: lazy_gettext("Accept it for the tickets"),
    Decision.BACK: lazy_gettext("Refund in full"),
    Decision.RETRY: lazy_gettext("Try again"),
    Decision.CASH: lazy_gettext("Paid in cash"),
    Decision.DISPUTE: lazy_gettext("The buyer has it by the dispute"),
    Decision.OUTSIDE: lazy_gettext("The buyer has it by the refund at the bank"),
    Decision.REFUND: lazy_gettext("Refund the tickets in full"),
    Decision.TICKETS: lazy_gettext("It was for the chosen tickets"),
    Decision.LOSS: lazy_gettext("Book it as a loss, tickets stay"),
    Decision.SEND: lazy_gettext("Send it again"),
    Decision.CLOSE: lazy_gettext("Close with the reason"),
}
_DONE: Mapping[Decision, LazyString] = {
    Decision.ACCEPT: lazy_gettext("The tickets are issued."),
    Decision.BACK: lazy_gettext("The money goes back."),
    Decision.RETRY: lazy_gettext("The bank was asked again."),
    Decision.CASH: lazy_gettext("Booked: paid in cash."),
    Decision.DISPUTE: lazy_gettext("Booked: the buyer has the money by the dispute."),
    Decision.OUTSIDE: lazy_gettext("Booked: the buyer has the money by the refund at the bank."),
    Decision.REFUND: lazy_gettext("The tickets are refunded."),
    Decision.TICKETS: lazy_gettext("The tickets are void, the books agree."),
    Decision.LOSS: lazy_gettext("Booked as a loss."),
    Decision.SEND: lazy_gettext("The receipt is on its way to the register."),
    Decision.CLOSE: lazy_gettext("Closed."),
}


def matter_title(kind: str) -> str:
    """Return what a kind of matter is called; one without words stands under its own name."""
    return str(_TITLES.get(kind, kind))


def decision_word(decision: Decision) -> str:
    """Return what the button of a decision says."""
    return str(_DECISIONS[decision])


def done_word(decision: str) -> str:
    """Return what was done, or nothing for what is no decision."""
    return str(_DONE[Decision(decision)]) if decision in list(Decision) else ""


def decided_word(kept: str) -> str:
    """Return how a matter ended: what staff wrote, or that its decision stands with the order."""
    return str(_("Settled")) if kept == "settled" else kept


def what_happened(one: OpenMatter) -> str:
    """Return in words what happened and what is to be seen to."""
    amount = money_text(one.amount)
    match one.matter.kind:
        case "amount_differs":
            return _amount_differs(one, amount)
        case "unknown_session":
            text = _(
                "The bank took %(amount)s on a payment page that Kassa does not know: %(name)s. Look it up "
                "at the bank, give the money back there, then close this.",
                amount=amount,
                name=one.matter.subject,
            )
        case "unknown_dispute":
            text = _(
                "A payment of %(amount)s that Kassa does not know is disputed: %(name)s. Answer at the bank, "
                "then close this.",
                amount=amount,
                name=one.matter.subject,
            )
        case "refund_failed":
            text = _failed(one, amount)
        case "refund_twice":
            text = _(
                "The first try of this refund, %(amount)s, went through after all, and something else was "
                "done meanwhile. See at the bank whether the money went out twice.",
                amount=amount,
            )
        case "refund_differs":
            asked = Money(one.refund.amount_minor, one.refund.currency) if one.refund else one.amount
            text = _(
                "The bank gave back %(amount)s, Kassa had asked for %(asked)s. Set it right at the bank.",
                amount=amount,
                asked=money_text(asked),
            )
        case "refund_outside":
            text = _outside(one, amount)
        case "early_fraud_warning":
            text = _(
                "The card's network doubts this payment, %(amount)s. A refund now may save a dispute.",
                amount=amount,
            )
        case _:
            text = _others(one, amount)
    return str(text)


def _failed(one: OpenMatter, amount: str) -> str:
    said: str = _(
        "%(amount)s is still owed to the buyer. The bank's reason: %(failure)s.",
        amount=amount,
        failure=(one.refund.failure if one.refund else "") or "-",
    )
    if one.dispute is DisputeState.OPEN:
        waits = _(
            "The buyer's bank disputes this payment: paid now, the buyer could have the money twice. Wait "
            "until the dispute is decided."
        )
        return f"{said} {waits}"
    if one.dispute is DisputeState.LOST:
        look = _(
            "The buyer's bank has taken money of this payment in a dispute. Before you pay, see at the bank "
            "whether this amount was part of it."
        )
        return f"{said} {look}"
    if one.at_bank:
        gone = _(
            "So much is not left of the payment: it has gone back in the bank's own system. Decide first "
            "what that was for; what is a loss there can then stand for this refund."
        )
        return f"{said} {gone}"
    return said


def _outside(one: OpenMatter, amount: str) -> str:
    if not one.tickets:
        return str(
            _(
                "%(amount)s went back in the bank's own system, and no ticket is left that it could be for. "
                "Book it as a loss.",
                amount=amount,
            )
        )
    said: str = _(
        "%(amount)s went back in the bank's own system, and the tickets still stand. Choose those "
        "that it was for: they become void, what they cost more is kept as a fee; of a cancelled screening "
        "it goes back too.",
        amount=amount,
    )
    worth = sum(ticket.price.minor for ticket in one.tickets)
    if worth >= one.amount.minor:
        return said
    surplus = money_text(Money(one.amount.minor - worth, one.amount.currency))
    more = _(
        "All of them together cost less: choose them all, and %(surplus)s is booked as a loss.",
        surplus=surplus,
    )
    return f"{said} {more}"


def _amount_differs(one: OpenMatter, amount: str) -> str:
    price = money_text(one.view.total) if one.view else ""
    if one.payment is not None and one.payment.currency != one.matter.currency:
        text = _("The money came in another currency. Refund it at the bank, then close this.")
    else:
        text = _(
            "%(amount)s came in, the order costs %(price)s. The money is set aside. Accepted, what is above "
            "the price goes back.",
            amount=amount,
            price=price,
        )
    return str(text)


def _others(one: OpenMatter, amount: str) -> str:
    match one.matter.kind:
        case "cancelled_not_refunded":
            text = _(
                "Tickets worth %(amount)s could not be refunded: so much is not left of what was paid. "
                "Decide first about what went back at the bank, or refund what is left on the order's page.",
                amount=amount,
            )
        case "dispute_lost":
            text = _(
                "The bank has kept %(amount)s. Tickets that nobody used are void and their places on sale "
                "again.",
                amount=amount,
            )
        case "payout_differs":
            text = _(
                "Payout %(name)s: the bank's sum and the books differ by %(amount)s. Compare it with the "
                "bank's list.",
                name=one.matter.subject,
                amount=amount,
            )
        case "payout_failed":
            text = _(
                "Payout %(name)s, %(amount)s, came back to the bank. Check the festival's account there.",
                name=one.matter.subject,
                amount=amount,
            )
        case "receipt_refused":
            text = _(
                "Receipt No. %(number)s, %(amount)s. The register's reason: %(refusal)s. Set right what it "
                "names, then send the receipt again.",
                number=one.matter.subject,
                amount=amount,
                refusal=one.receipt.refusal if one.receipt else "-",
            )
        case _:
            text = amount
    return str(text)
