"""Refusals of staff."""

from ticketing.foundation.errors import DomainError


class SignInRefusedError(DomainError):
    """Login and password don't go together; which of them is wrong is not said."""

    code = "sign_in_refused"
    status = 401


class LoginTakenError(DomainError):
    """An account with that login exists."""

    code = "login_taken"


class ReasonRequiredError(DomainError):
    """What staff do needs a reason."""

    code = "reason_required"
    status = 422
