"""The words of undecided money: what happened, and what can be done about it."""

from collections.abc import Mapping

from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_babel.speaklater import LazyString

from ticketing.boxoffice.money_queries import Decision, OpenMatter
from ticketing.foundation.i18n import money_text
from ticketing.foundation.money import Money

_TITLES: Mapping[str, LazyString] = {
    "amount_differs": lazy_gettext("Another amount came in"),
    "unknown_session": lazy_gettext("Money on an unknown payment page"),
    "refund_failed": lazy_gettext("A refund did not go through"),
    "refund_twice": lazy_gettext("A refund may have gone out twice"),
    "refund_differs": lazy_gettext("Another amount was refunded"),
    "refund_outside": lazy_gettext("A refund made at the bank"),
    "early_fraud_warning": lazy_gettext("Early warning of fraud"),
    "dispute_lost": lazy_gettext("A dispute was lost"),
    "payout_differs": lazy_gettext("A payout differs from the books"),
    "payout_failed": lazy_gettext("A payout did not arrive"),
}
_DECISIONS: Mapping[Decision, LazyString] = {
    Decision.ACCEPT: lazy_gettext("Accept it for the tickets"),
    Decision.BACK: lazy_gettext("Refund in full"),
    Decision.RETRY: lazy_gettext("Try again"),
    Decision.CASH: lazy_gettext("Paid in cash"),
    Decision.REFUND: lazy_gettext("Refund the tickets in full"),
    Decision.TICKETS: lazy_gettext("It was for the chosen tickets"),
    Decision.CLOSE: lazy_gettext("Close with the reason"),
}
_DONE: Mapping[Decision, LazyString] = {
    Decision.ACCEPT: lazy_gettext("The tickets are issued."),
    Decision.BACK: lazy_gettext("The money goes back."),
    Decision.RETRY: lazy_gettext("The bank was asked again."),
    Decision.CASH: lazy_gettext("Booked: paid in cash."),
    Decision.REFUND: lazy_gettext("The tickets are refunded."),
    Decision.TICKETS: lazy_gettext("The tickets are void, the books agree."),
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
        case "refund_failed":
            text = _(
                "%(amount)s is still owed to the buyer. The bank's reason: %(failure)s.",
                amount=amount,
                failure=(one.refund.failure if one.refund else "") or "-",
            )
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
            text = _(
                "%(amount)s went back in the bank's own system, and the tickets still stand. Choose those "
                "that it was for: they become void, what they cost more is kept as a fee.",
                amount=amount,
            )
        case "early_fraud_warning":
            text = _(
                "The card's network doubts this payment, %(amount)s. A refund now may save a dispute.",
                amount=amount,
            )
        case _:
            text = _others(one, amount)
    return str(text)


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
        case _:
            text = amount
    return str(text)
