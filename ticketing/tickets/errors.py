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


class TicketVoidError(DomainError):
    """The ticket is void, so there is nothing to print: it was returned or replaced."""

    code = "ticket_void"
    status = 410


class KeyEndedError(DomainError):
    """The key is retired or revoked already."""

    code = "key_ended"


class KeyNotRevokedError(DomainError):
    """The key counts: new codes would be signed by it again."""

    code = "key_not_revoked"


class TooManyKeysError(DomainError):
    """Phones keep only so many keys; an older one must be retired first."""

    code = "too_many_keys"


class KeysSpentError(DomainError):
    """All sixteen numbers of this edition's keys have been given out, and none comes back."""

    code = "keys_spent"
