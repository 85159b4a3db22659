"""Refusals: a command that may not be done raises one, a handler makes a page or problem of it."""

from typing import ClassVar


class DomainError(Exception):
    """A refused command: a stable `code`, an HTTP status for the edges, and parameters for the message."""

    code: ClassVar[str]
    status: ClassVar[int] = 409

    def __init__(self, **params: object) -> None:
        super().__init__(self.code)
        self.params = params


class NotFoundError(DomainError):
    """Nothing of that name, or nothing that this caller may see."""

    code = "not_found"
    status = 404


class BusyError(DomainError):
    """The database could not be had in time; the caller may try again after `retry_after` seconds."""

    code = "busy"
    status = 503


class InvalidRequestError(DomainError):
    """The request is well-formed but its content is not; `errors` lists path and fault."""

    code = "invalid_request"
    status = 422


class MalformedRequestError(DomainError):
    """The body is not the JSON that it claims to be."""

    code = "malformed_request"
    status = 400


class FormExpiredError(DomainError):
    """A form without the token of this browser's session: too old, without cookies, or from another site."""

    code = "form_expired"
    status = 400


class UnsupportedMediaTypeError(DomainError):
    """The API takes application/json only."""

    code = "unsupported_media_type"
    status = 415


class UnauthorizedError(DomainError):
    """No credentials, or credentials that are not valid."""

    code = "unauthorized"
    status = 401


class ForbiddenError(DomainError):
    """Valid credentials without the right to do this."""

    code = "forbidden"
    status = 403


class RateLimitedError(DomainError):
    """Too many attempts from one place."""

    code = "rate_limited"
    status = 429


class IdempotencyMismatchError(DomainError):
    """The same Idempotency-Key came with another body."""

    code = "idempotency_mismatch"
    status = 422


class IdempotencyInProgressError(DomainError):
    """The first request with this Idempotency-Key is still running."""

    code = "idempotency_in_progress"
    status = 409
