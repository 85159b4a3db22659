"""Effects of sales for the outbox: ids as text, nothing else."""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class OrderPaid:
    """The buyer gets a mail with the way to the tickets."""

    kind: ClassVar[str] = "order_paid"
    order_id: str


@dataclass(frozen=True)
class PaymentFailed:
    """The buyer gets a mail that a payment did not go through."""

    kind: ClassVar[str] = "payment_failed"
    payment_id: str


@dataclass(frozen=True)
class CallbackKept:
    """A gateway's notification is kept and must be acted on."""

    kind: ClassVar[str] = "callback_kept"
    gateway: str
    event: str


@dataclass(frozen=True)
class OwnLinkAsked:
    """Somebody wants to see the orders of an address."""

    kind: ClassVar[str] = "own_link_asked"
    link_id: str


@dataclass(frozen=True)
class ScreeningMoved:
    """Buyers get a mail: another time or hall. `change` tells this move from the next one."""

    kind: ClassVar[str] = "screening_moved"
    screening_id: int
    change: str
    was_starts_at: str
    was_hall: int


@dataclass(frozen=True)
class ScreeningCancelled:
    """Buyers and friends get a mail: the screening will not take place."""

    kind: ClassVar[str] = "screening_cancelled"
    screening_id: int


@dataclass(frozen=True)
class FilmChanged:
    """Buyers get a mail: another film plays. `change` tells this change from the next one."""

    kind: ClassVar[str] = "film_changed"
    screening_id: int
    change: str


@dataclass(frozen=True)
class TicketsSwapped:
    """The buyer gets a mail: these tickets are replaced by those."""

    kind: ClassVar[str] = "tickets_swapped"
    swap_id: str


@dataclass(frozen=True)
class TicketSent:
    """A friend gets a mail with the way to the ticket."""

    kind: ClassVar[str] = "ticket_sent"
    transfer_id: str


@dataclass(frozen=True)
class CodesLeaked:
    """Tickets of an order whose codes a revoked key has signed get others; their holders get a mail."""

    kind: ClassVar[str] = "codes_leaked"
    order_id: str
    key: int


@dataclass(frozen=True)
class RefundDue:
    """Money must go back through the gateway."""

    kind: ClassVar[str] = "refund_due"
    refund_id: str


@dataclass(frozen=True)
class DisputeLost:
    """The buyer gets a mail that tickets are void: the bank took their money back."""

    kind: ClassVar[str] = "dispute_lost"
    gateway: str
    name: str


@dataclass(frozen=True)
class RefundDone:
    """The buyer gets a mail that the money is on its way."""

    kind: ClassVar[str] = "refund_done"
    refund_id: str
