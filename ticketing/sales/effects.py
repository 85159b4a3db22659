"""Effects of sales for the outbox: ids as text, nothing else."""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class OrderPaid:
    """The buyer gets a mail with the way to the tickets."""

    kind: ClassVar[str] = "order_paid"
    order_id: str


@dataclass(frozen=True)
class CallbackKept:
    """A gateway's notification is kept and must be acted on."""

    kind: ClassVar[str] = "callback_kept"
    gateway: str
    event: str


@dataclass(frozen=True)
class RefundDue:
    """Money must go back through the gateway."""

    kind: ClassVar[str] = "refund_due"
    refund_id: str


@dataclass(frozen=True)
class RefundDone:
    """The buyer gets a mail that the money is on its way."""

    kind: ClassVar[str] = "refund_done"
    refund_id: str
