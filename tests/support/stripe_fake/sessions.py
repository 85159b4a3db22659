"""Checkout Sessions and their PaymentIntents, as the API shows them."""

from typing import Any

from tests.support.stripe_fake import parameters as p
from tests.support.stripe_fake.memory import Memory, Thing, page, within
from tests.support.stripe_fake.money import add_movement
from tests.support.stripe_fake.refusals import RefusedError

SHORTEST, LONGEST = 30 * 60, 24 * 60 * 60
# Half a dollar in tiyn, roughly: what Stripe converts its minimum to.
LEAST_AMOUNT = 25_000
MOST_AMOUNT = 99_999_999
LOCALES = (
    "auto", "bg", "cs", "da", "de", "el", "en", "en-GB", "es", "es-419", "et", "fi", "fil", "fr", "fr-CA",
    "hi-IN", "hr", "hu", "id", "it", "ja", "ko", "lt", "lv", "ms", "mt", "nb", "nl", "pl", "pt", "pt-BR",
    "ro", "ru", "sk", "sl", "sv", "th", "tr", "vi", "zh", "zh-HK", "zh-TW",
)  # fmt: skip
EXPAND = p.listed(p.choice("payment_intent", "data.payment_intent"), 4)


def currency(path: str, value: Any) -> str:
    """Read a currency, which Stripe wants in small letters."""
    if value not in ("kzt", "usd", "eur"):
        raise RefusedError(
            message=f"Invalid currency: {value}.", param=path, code="parameter_invalid_string", early=True
        )
    return str(value)


_PRODUCT = p.Group({"name": p.text(250), "description": p.text(500), "metadata": p.metadata}, ("name",))
_PRICE = p.Group(
    {"currency": currency, "unit_amount": p.integer(0, MOST_AMOUNT), "product_data": _PRODUCT},
    ("currency", "unit_amount", "product_data"),
)
_LINE = p.Group({"price_data": _PRICE, "quantity": p.integer(1, 999_999)}, ("price_data", "quantity"))
_INTENT = p.Group(
    {
        "capture_method": p.choice("automatic", "automatic_async", "manual"),
        "description": p.text(1000),
        "metadata": p.metadata,
    }
)
CREATE = p.Group(
    {
        "mode": p.choice("payment", "setup", "subscription"),
        "ui_mode": p.choice("hosted_page", "embedded_page", "elements", "form"),
        "line_items": p.listed(_LINE, 100),
        "success_url": p.address,
        "cancel_url": p.address,
        "client_reference_id": p.text(200),
        "expires_at": p.integer(0, 10**12),
        "locale": p.choice(*LOCALES),
        "metadata": p.metadata,
        "payment_intent_data": _INTENT,
        "adaptive_pricing": p.Group({"enabled": p.flag}),
        "submit_type": p.choice("auto", "book", "donate", "pay"),
        "expand": EXPAND,
    },
    ("mode", "line_items", "success_url"),
)
LIST = p.Group(
    {
        "limit": p.integer(1, 100),
        "starting_after": p.text(200),
        "payment_intent": p.text(200),
        "status": p.choice("open", "complete", "expired"),
        "created": p.created_range,
        "expand": EXPAND,
    }
)
READ = p.Group({"expand": EXPAND})
CAPTURE = p.Group({"amount_to_capture": p.integer(1, MOST_AMOUNT), "expand": p.listed(p.text(100), 4)})
CANCEL = p.Group(
    {
        "cancellation_reason": p.choice("abandoned", "duplicate", "fraudulent", "requested_by_customer"),
        "expand": p.listed(p.text(100), 4),
    }
)


def create(memory: Memory, asked: Thing) -> Thing:
    """Open a session."""
    life = asked.get("expires_at", memory.moment() + LONGEST) - memory.moment()
    if not SHORTEST <= life <= LONGEST:
        raise RefusedError(
            "The `expires_at` timestamp must be between 30 minutes and 24 hours from creation.",
            param="expires_at",
            early=True,
        )
    lines = asked["line_items"]
    if len({line["price_data"]["currency"] for line in lines}) != 1:
        raise RefusedError("All line items must have the same currency.", param="line_items", early=True)
    total = sum(line["price_data"]["unit_amount"] * line["quantity"] for line in lines)
    if total < LEAST_AMOUNT:
        raise RefusedError(
            "The Checkout Session's total amount due must add up to at least the minimum.",
            code="amount_too_small",
            early=True,
        )
    if total > MOST_AMOUNT:
        raise RefusedError("The total is too large.", code="amount_too_large", early=True)
    session = memory.add(
        "cs_test",
        mode=asked["mode"],
        ui_mode=asked.get("ui_mode", "hosted_page"),
        status="open",
        payment_status="unpaid",
        payment_intent=None,
        amount_subtotal=total,
        amount_total=total,
        currency=lines[0]["price_data"]["currency"],
        client_reference_id=asked.get("client_reference_id"),
        expires_at=memory.moment() + life,
        locale=asked.get("locale"),
        metadata=asked.get("metadata", {}),
        success_url=asked["success_url"],
        cancel_url=asked.get("cancel_url"),
        url=None,
    )
    session["url"] = f"https://checkout.stripe.com/c/pay/{session['id']}"
    # Not shown by the API; kept for the page and for tests to look at.
    session["_lines"], session["_intent"] = lines, asked.get("payment_intent_data", {})
    return session


def find(memory: Memory, asked: Thing) -> Thing:
    """List sessions."""
    rows = memory.every("checkout.session")
    for name in ("payment_intent", "status"):
        if name in asked:
            rows = [row for row in rows if row[name] == asked[name]]
    rows = [row for row in rows if within(row, asked.get("created", {}))]
    return page(rows, asked, "/v1/checkout/sessions")


def expire(memory: Memory, session: Thing) -> Thing:
    """Close an open session."""
    if session["status"] != "open":
        raise RefusedError(
            message='Only Checkout Sessions with a status in ["open"] can be expired. '
            f"This Checkout Session has a status of {session['status']}."
        )
    close(memory, session)
    return session


def close(memory: Memory, session: Thing) -> None:
    """Let a session come to its end without money."""
    session["status"], session["url"] = "expired", None
    if session["payment_intent"] is not None:
        intent = memory.get("payment_intent", session["payment_intent"])
        intent["status"] = "canceled"
        memory.emit("payment_intent.canceled", intent)
    memory.emit("checkout.session.expired", session)


def capture(memory: Memory, intent: Thing, asked: Thing) -> Thing:
    """Take what was authorised."""
    if intent["status"] != "requires_capture":
        raise _unexpected(intent, "captured", "requires_capture")
    amount = asked.get("amount_to_capture", intent["amount_capturable"])
    if amount > intent["amount_capturable"]:
        raise RefusedError("The amount is greater than what can be captured.", code="amount_too_large")
    receive(memory, intent, amount)
    return intent


def cancel(memory: Memory, intent: Thing) -> Thing:
    """Let go what was authorised."""
    if intent["status"] not in ("requires_capture", "requires_payment_method", "requires_action"):
        raise _unexpected(intent, "canceled", "requires_capture")
    intent["status"], intent["amount_capturable"] = "canceled", 0
    memory.emit("payment_intent.canceled", intent)
    return intent


def receive(memory: Memory, intent: Thing, amount: int) -> None:
    """Let the money of an intent come in."""
    charge = memory.get("charge", intent["latest_charge"])
    intent.update(status="succeeded", amount_received=amount, amount_capturable=0)
    charge.update(captured=True, amount_captured=amount)
    add_movement(memory, "charge", amount, charge["id"], intent["currency"])
    session = memory.get("checkout.session", intent["_session"])
    session["payment_status"] = "paid"
    memory.emit("payment_intent.succeeded", intent)


def _unexpected(intent: Thing, verb: str, wanted: str) -> RefusedError:
    return RefusedError(
        message=f"This PaymentIntent could not be {verb} because it has a status of {intent['status']}. "
        f"Only a PaymentIntent with one of the following statuses may be {verb}: {wanted}.",
        code="payment_intent_unexpected_state",
    )
