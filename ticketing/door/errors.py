"""Refusals of the door's edges. A refused scan is none of them: it is a value, and it is kept."""

from ticketing.foundation.errors import DomainError


class PairingExpiredError(DomainError):
    """The pairing code is unknown, used or too old; which of them is nobody's business."""

    code = "pairing_expired"
    status = 410


class NoSuchDayError(DomainError):
    """The festival has no screening on that day."""

    code = "no_such_day"
    status = 422


class RushOverError(DomainError):
    """Nothing can be released: the screening is cancelled, or its entry has closed, or nothing was."""

    code = "rush_over"


class NumberNotOutError(DomainError):
    """Nobody has this number: the line is shorter."""

    code = "number_not_out"
    status = 422


class PinRefusedError(DomainError):
    """It is no PIN of that day; also where the day has none."""

    code = "pin_refused"
    status = 403


class QuarantineFullError(DomainError):
    """A revoked device has handed over as many entries as staff can be asked to look at."""

    code = "quarantine_full"
    status = 409
