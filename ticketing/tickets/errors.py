"""Refusals about tickets."""

from ticketing.foundation.errors import DomainError


class AlreadyRefundedError(DomainError):
    """The ticket is void already."""

    code = "already_refunded"


class TicketBlockedError(DomainError):
    """The buyer's bank wants the money back: nothing is refunded beside that."""

    code = "ticket_blocked"


class AlreadyAdmittedError(DomainError):
    """Somebody has entered with this ticket."""

    code = "already_admitted"
