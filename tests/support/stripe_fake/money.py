"""Money that has been taken: refunds, disputes, movements of the balance, payouts."""

from tests.support.stripe_fake import parameters as p
from tests.support.stripe_fake.memory import Memory, Thing, page, public, within
from tests.support.stripe_fake.refusals import RefusedError, missing

_MOST = 99_999_999
CREATE_REFUND = p.Group(
    {
        "payment_intent": p.text(200),
        "charge": p.text(200),
        "amount": p.integer(1, _MOST),
        "reason": p.choice("duplicate", "fraudulent", "requested_by_customer"),
        "metadata": p.metadata,
    }
)
LIST_REFUNDS = p.Group(
    {"limit": p.integer(1, 100), "starting_after": p.text(200), "payment_intent": p.text(200)}
)
LIST_PAYOUTS = p.Group(
    {
        "limit": p.integer(1, 100),
        "starting_after": p.text(200),
        "status": p.choice("pending", "in_transit", "paid", "failed", "canceled"),
        "created": p.created_range,
    }
)
LIST_MOVEMENTS = p.Group(
    {
        "limit": p.integer(1, 100),
        "starting_after": p.text(200),
        "payout": p.text(200),
        "type": p.text(50),
        "expand": p.listed(p.choice("data.source"), 1),
    }
)
_FEE_PER_MILLE = 29


def add_movement(memory: Memory, kind: str, amount: int, source: str | None, currency: str) -> Thing:
    """Record a movement of the balance."""
    category = {"adjustment": "dispute" if amount < 0 else "dispute_reversal"}.get(kind, kind)
    fee = amount * _FEE_PER_MILLE // 1000 if kind == "charge" else 0
    return memory.add(
        "txn",
        type=kind,
        reporting_category=category,
        amount=amount,
        fee=fee,
        net=amount - fee,
        currency=currency,
        source=source,
        exchange_rate=None,
        status="available",
        payout=None,
    )


def create_refund(memory: Memory, asked: Thing, *, at_once: bool) -> Thing:
    """Give money back; `at_once` or some time later."""
    if ("payment_intent" in asked) == ("charge" in asked):
        raise RefusedError(
            "One of `payment_intent` or `charge` is needed.", param="payment_intent", early=True
        )
    if "charge" in asked:
        charge = memory.get("charge", asked["charge"])
    else:
        intent = memory.get("payment_intent", asked["payment_intent"])
        if intent["status"] != "succeeded":
            raise RefusedError(
                message=f"This PaymentIntent ({intent['id']}) does not have a successful charge to refund.",
                code="payment_intent_unexpected_state",
            )
        charge = memory.get("charge", intent["latest_charge"])
    left = charge["amount_captured"] - charge["amount_refunded"]
    if charge["disputed"]:
        raise RefusedError(
            message=f"Charge {charge['id']} has been charged back; cannot issue a refund.",
            code="charge_disputed",
        )
    if not left:
        raise RefusedError(
            message=f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded"
        )
    amount = asked.get("amount", left)
    if amount > left:
        raise RefusedError(
            message=f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left})",
            param="amount",
        )
    charge["amount_refunded"] += amount
    refund = memory.add(
        "re",
        amount=amount,
        currency=charge["currency"],
        charge=charge["id"],
        payment_intent=charge["payment_intent"],
        status="succeeded" if at_once else "pending",
        failure_reason=None,
        reason=asked.get("reason"),
        metadata=asked.get("metadata", {}),
    )
    add_movement(memory, "refund", -amount, refund["id"], charge["currency"])
    memory.emit("refund.created", refund)
    return refund


def find_refunds(memory: Memory, asked: Thing) -> Thing:
    """List refunds."""
    wanted = asked.get("payment_intent")
    rows = [row for row in memory.every("refund") if wanted in (None, row["payment_intent"])]
    return page(rows, asked, "/v1/refunds")


def find_payouts(memory: Memory, asked: Thing) -> Thing:
    """List payouts."""
    rows = [
        row
        for row in memory.every("payout")
        if asked.get("status") in (None, row["status"]) and within(row, asked.get("created", {}))
    ]
    return page(rows, asked, "/v1/payouts")


def find_movements(memory: Memory, asked: Thing) -> Thing:
    """List movements of the balance, with what caused each if asked."""
    rows = [
        row
        for row in memory.every("balance_transaction")
        if asked.get("payout") in (None, row["payout"]) and asked.get("type") in (None, row["type"])
    ]
    listed = page(rows, asked, "/v1/balance_transactions")
    if "expand" in asked:
        listed["data"] = [
            {**row, "source": public(memory.things[row["source"]]) if row["source"] else None}
            for row in listed["data"]
        ]
    return listed


class Treasury:
    """What happens to money outside of the API."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    def settle_refund(self, name: str) -> None:
        """A refund that was on its way arrives."""
        refund = self._memory.get("refund", name)
        refund["status"] = "succeeded"
        self._memory.emit("refund.updated", refund)

    def fail_refund(self, name: str, reason: str = "lost_or_stolen_card") -> None:
        """A refund comes back, even one that was said to have succeeded."""
        memory = self._memory
        refund = memory.get("refund", name)
        charge = memory.get("charge", refund["charge"])
        charge["amount_refunded"] -= refund["amount"]
        refund.update(status="failed", failure_reason=reason)
        add_movement(memory, "refund_failure", refund["amount"], name, refund["currency"])
        memory.emit("refund.updated", refund)
        memory.emit("refund.failed", refund)

    def refund_by_hand(self, intent: str, amount: int) -> Thing:
        """Somebody gives money back in Stripe's own dashboard."""
        return create_refund(self._memory, {"payment_intent": intent, "amount": amount}, at_once=True)

    def warn(self, intent: str) -> Thing:
        """A card network says that a payment may be fraud."""
        charge = self._memory.get("payment_intent", intent)["latest_charge"]
        warning = self._memory.add(
            "issfr", actionable=True, charge=charge, payment_intent=intent, fraud_type="made_with_stolen_card"
        )
        self._memory.emit("radar.early_fraud_warning.created", warning)
        return warning

    def dispute(self, intent: str, amount: int | None = None, *, inquiry: bool = False) -> Thing:
        """A card's owner objects; an inquiry takes no money yet."""
        memory = self._memory
        charge = memory.get("charge", memory.get("payment_intent", intent)["latest_charge"])
        worth = charge["amount_captured"] if amount is None else amount
        dispute = memory.add(
            "dp",
            amount=worth,
            currency=charge["currency"],
            charge=charge["id"],
            payment_intent=intent,
            reason="fraudulent",
            status="warning_needs_response" if inquiry else "needs_response",
            balance_transactions=[],
            evidence_details={"due_by": memory.moment() + 7 * 86_400},
            is_charge_refundable=inquiry,
            metadata={},
        )
        memory.emit("charge.dispute.created", dispute)
        if not inquiry:
            charge["disputed"] = True
            self._move_disputed(dispute, -worth)
            memory.emit("charge.dispute.funds_withdrawn", dispute)
        return dispute

    def close_dispute(self, name: str, *, won: bool) -> None:
        """A dispute is decided."""
        memory = self._memory
        dispute = memory.get("dispute", name)
        inquiry = dispute["status"].startswith("warning")
        dispute["status"] = "warning_closed" if inquiry else ("won" if won else "lost")
        memory.emit("charge.dispute.updated", dispute)
        if won and not inquiry:
            memory.get("charge", dispute["charge"])["disputed"] = False
            self._move_disputed(dispute, dispute["amount"])
            memory.emit("charge.dispute.funds_reinstated", dispute)
        memory.emit("charge.dispute.closed", dispute)

    def charge_fee(self, amount: int, kind: str = "stripe_fee") -> None:
        """Stripe takes something for itself, or for a reason of another kind."""
        add_movement(self._memory, kind, -amount, None, "kzt")

    def pay_out(self, short: int = 0) -> Thing:
        """Everything that is in the balance goes to the bank account, but for what falls `short`."""
        memory = self._memory
        rows = [row for row in memory.every("balance_transaction") if row["payout"] is None]
        if not rows:
            raise missing("balance", "everything is paid out")
        payout = memory.add(
            "po",
            amount=sum(row["net"] for row in rows) - short,
            currency=rows[0]["currency"],
            status="paid",
            arrival_date=memory.moment(),
            automatic=True,
            failure_code=None,
            reconciliation_status="completed",
        )
        for row in rows:
            row["payout"] = payout["id"]
        own = add_movement(memory, "payout", -payout["amount"], payout["id"], payout["currency"])
        own["payout"] = payout["id"]
        memory.emit("payout.paid", payout)
        return payout

    def fail_payout(self, name: str) -> None:
        """The bank sends a payout back."""
        payout = self._memory.get("payout", name)
        payout.update(status="failed", failure_code="account_closed")
        self._memory.emit("payout.failed", payout)

    def _move_disputed(self, dispute: Thing, amount: int) -> None:
        moved = add_movement(self._memory, "adjustment", amount, dispute["id"], dispute["currency"])
        dispute["balance_transactions"].append(dict(moved))
