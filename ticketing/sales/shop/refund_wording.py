"""A refund policy in the buyer's words."""

from collections.abc import Sequence

from flask_babel import gettext as _
from flask_babel import ngettext

from ticketing.foundation.i18n import money_text
from ticketing.foundation.money import Money
from ticketing.sales.refund_rules import RefundPolicy


def policy_sentences(policy: RefundPolicy, currency: str) -> list[str]:
    """Return until when tickets can be returned, and what is kept of the price."""
    if not policy.self_service:
        return [str(_("Tickets are returned at the box office."))]
    until = ngettext(
        "Tickets can be returned up to %(num)d hour before the screening.",
        "Tickets can be returned up to %(num)d hours before the screening.",
        policy.until_hours,
    )
    sentences = [str(until)]
    if policy.fee_percent:
        sentences.append(str(_("%(percent)d%% of the price is kept.", percent=policy.fee_percent)))
    if policy.fee_minor:
        amount = money_text(Money(policy.fee_minor, currency))
        sentences.append(str(_("Kept of each ticket: %(amount)s.", amount=amount)))
    return sentences


def strictest(policies: Sequence[RefundPolicy]) -> RefundPolicy:
    """Return what holds for every one of several policies: nobody is promised more than he gets."""
    return RefundPolicy(
        self_service=all(policy.self_service for policy in policies),
        until_hours=max(policy.until_hours for policy in policies),
        fee_percent=max(policy.fee_percent for policy in policies),
        fee_minor=max(policy.fee_minor for policy in policies),
    )
