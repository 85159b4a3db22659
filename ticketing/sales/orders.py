"""Making an order: the hold's places become the order's, and the money's way begins."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.orm import Session

from ticketing.catalogue.models import Festival, Screening
from ticketing.foundation.errors import InvalidRequestError
from ticketing.foundation.i18n import fold
from ticketing.foundation.ids import new_id, new_order_code
from ticketing.foundation.outbox import emit
from ticketing.foundation.security import CodeVault
from ticketing.inventory.errors import NotOnSaleError
from ticketing.inventory.holds import HeldPlaces, find_hold, require_usable, use_hold
from ticketing.sales.effects import OrderPaid
from ticketing.sales.errors import GatewayUnavailableError, TermsNotAcceptedError
from ticketing.sales.items import payment_items
from ticketing.sales.lines import insert_lines, priced_lines, to_issue
from ticketing.sales.models import Order, Payment
from ticketing.sales.payments.port import Capture, StartRequest
from ticketing.sales.place_limits import count_places
from ticketing.sales.rules import Buyer, OrderStatus, PaymentState
from ticketing.sales.vouchers import apply_vouchers, count_promise
from ticketing.tickets.issue import issue

# A session outlives the hold: Kassa closes it itself when the time to pay ends (DESIGN, section 6).
SESSION_LIFE = timedelta(minutes=35)
# Folding can lengthen a name of odd characters many times; the column has a limit on PostgreSQL.
_MOST_FOLDED_NAME = 400

_O = Order.__table__.c
_F, _S = Festival.__table__.c, Screening.__table__.c
_FESTIVAL = select(_F.currency, _F.hold_minutes, _F.terms_version)
_WITH_CODE = select(_O.id).where(_O.code == bindparam("code"))
_NOT_ON_SALE = select(_S.code).where(
    _S.id.in_(bindparam("screenings", expanding=True)), _S.status != "on_sale"
)
_COUNT_ATTEMPT = (
    update(Order.__table__)  # type: ignore[arg-type]
    .where(_O.id == bindparam("order"))
    .values(attempts=_O.attempts + 1)
    .returning(_O.attempts, _O.total_minor, _O.currency, _O.code, _O.locale)
)
_INSERT_ORDER = insert(Order.__table__)  # type: ignore[arg-type]
_INSERT_PAYMENT = insert(Payment.__table__)  # type: ignore[arg-type]


@dataclass(frozen=True, kw_only=True)
class ChosenHold:
    """A hold with the concession of each place, by label; an omitted one is the default."""

    hold_id: UUID
    concessions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class OrderRequest:
    """What a buyer orders."""

    holds: tuple[ChosenHold, ...]
    buyer: Buyer
    locale: str
    accept_terms: bool
    vouchers: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Way:
    """How the money of an order goes: which gateway, if there is one, and where the buyer comes back to."""

    gateway: str | None
    return_url: str
    itemised: bool = False
    capture: Capture = Capture.AUTOMATIC


def fresh_order_code(session: Session) -> str:
    """Return an order code that nobody has."""
    while True:
        code = new_order_code()
        if session.scalar(_WITH_CODE, {"code": code}) is None:
            return code


def make_order(
    session: Session,
    order_id: UUID,
    code: str,
    request: OrderRequest,
    way: Way,
    vault: CodeVault,
    now: datetime,
) -> UUID | None:
    """Make an order of holds; return its payment attempt, or None when it costs nothing and is paid at once.

    Raises TermsNotAcceptedError, HoldExpiredError, HoldUsedError, NotOnSaleError, ConcessionNotOfferedError,
    TooManyPlacesError, TooManyPlacesForBuyerError, or what apply_vouchers raises.
    """
    if not request.accept_terms:
        raise TermsNotAcceptedError
    ids = [chosen.hold_id for chosen in request.holds]
    if len(set(ids)) != len(ids):
        raise InvalidRequestError(errors=[{"path": "holds", "message": "a hold is named twice"}])
    festival = session.execute(_FESTIVAL).one()
    chosen = sorted(request.holds, key=lambda one: one.hold_id.hex)
    held = [find_hold(session, one.hold_id) for one in chosen]
    require_on_sale(session, held)
    for hold in held:
        require_usable(hold, now)  # before prices: an expired hold has lost places that concessions may name
    full = [
        line
        for one, hold in zip(chosen, held, strict=True)
        for line in priced_lines(session, hold, one.concessions)
    ]
    lines, promise = apply_vouchers(session, request.vouchers, full, now)
    total = sum(line.price_minor for line in lines)
    session.execute(
        _INSERT_ORDER,
        {
            "id": order_id,
            "code": code,
            "status": OrderStatus.PENDING,
            "buyer_name": request.buyer.name,
            "buyer_email": request.buyer.email,
            "buyer_phone": request.buyer.phone,
            "search": search_text(code, request.buyer),
            "locale": request.locale,
            "terms_version": festival.terms_version,
            "total_minor": total,
            "saved_minor": promise.saved_minor if promise else 0,
            "currency": festival.currency,
            "created_at": now,
            "pay_until": now + timedelta(minutes=festival.hold_minutes),
            "attempts": 0,
        },
    )
    for hold in held:
        use_hold(session, hold, order_id, now)
    count_places(session, request.buyer.email, (line.screening_id for line in lines))
    insert_lines(session, order_id, lines)
    if promise is not None:
        count_promise(session, order_id, promise)
    if total:
        return add_attempt(session, order_id, way, now)
    issue(session, vault, order_id, [to_issue(line) for line in lines], now)
    session.execute(update(Order).where(_O.id == order_id).values(status=OrderStatus.PAID, paid_at=now))
    emit(session, OrderPaid(str(order_id)), now)
    return None


def add_attempt(
    session: Session, order_id: UUID, way: Way, now: datetime, amount_minor: int | None = None
) -> UUID:
    """Record the intent to ask for money, with the exact request; the call comes after.

    `amount_minor` is a swap's difference; left out, it is what the order costs, ticket by ticket.
    Raises GatewayUnavailableError where no gateway is set up: only free screenings are sold then.
    """
    if way.gateway is None:
        raise GatewayUnavailableError(retry_after=60)
    order = session.execute(_COUNT_ATTEMPT, {"order": order_id}).one()
    amount = order.total_minor if amount_minor is None else amount_minor
    itemised = way.itemised and amount_minor is None
    request = StartRequest(
        key=f"order:{order_id}:{order.attempts}",
        order=order.code,
        amount_minor=amount,
        currency=order.currency,
        locale=order.locale,
        return_url=way.return_url,
        expires_at=(now + SESSION_LIFE).isoformat(),
        capture=way.capture,
        items=payment_items(session, order_id, order.locale) if itemised else (),
    )
    payment_id = new_id(now)
    session.execute(
        _INSERT_PAYMENT,
        {
            "id": payment_id,
            "order_id": order_id,
            "attempt": order.attempts,
            "gateway": way.gateway,
            "state": PaymentState.STARTING,
            "for_swap": amount_minor is not None,
            "amount_minor": amount,
            "currency": order.currency,
            "captured_minor": 0,
            "request": request.to_json(),
            "created_at": now,
        },
    )
    return payment_id


def search_text(code: str, buyer: Buyer) -> str:
    """Return what the box office's search looks through: folded, so that spellings meet."""
    return " ".join(
        (
            code.lower(),
            code.replace("-", "").lower(),
            fold(buyer.name)[:_MOST_FOLDED_NAME],
            buyer.email.lower(),
            buyer.phone or "",
        )
    )


def require_on_sale(session: Session, held: Sequence[HeldPlaces]) -> None:
    """Refuse holds of a screening that is not on sale any more. Raises NotOnSaleError."""
    wanted = {hold.screening_id for hold in held}
    closed = session.scalars(_NOT_ON_SALE, {"screenings": wanted}).first()
    if closed is not None:
        raise NotOnSaleError(screening=closed)
