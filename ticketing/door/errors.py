"""Refusals of the door's edges. A refused scan is none of them: it is a value, and it is kept."""

from ticketing.foundation.errors import DomainError


class PairingExpiredError(DomainError):
    """The pairing code is unknown, used or too old; which of them is nobody's business."""

    code = "pairing_expired"
    status = 410
