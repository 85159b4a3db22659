"""What the SDK's errors mean: nobody knows, or no."""

from collections.abc import Iterator
from contextlib import contextmanager

import stripe

from ticketing.sales.payments.port import GatewayRefusedError, GatewayUnreachableError

_CONFLICT = 409


class ReplayedError(GatewayUnreachableError):
    """The key has been answered with an internal error, and will be for a day: look what was done."""


@contextmanager
def asking() -> Iterator[None]:
    """Turn the SDK's errors into the port's.

    A wrong key or a missing right is the operator's mistake: it says nothing of the payment, so it counts as
    no answer and everything is kept until it is mended.
    """
    try:
        yield
    except stripe.IdempotencyError:
        # The key was used with other parameters, by another version of this program: look what came of it.
        raise ReplayedError from None
    except (stripe.InvalidRequestError, stripe.CardError) as error:
        if error.http_status == _CONFLICT:
            raise GatewayUnreachableError from None
        raise GatewayRefusedError(error.code or error.param or "refused") from None
    except stripe.StripeError as error:
        if (error.headers or {}).get("Idempotent-Replayed") == "true":
            raise ReplayedError from None
        message = type(error).__name__
        raise GatewayUnreachableError(message) from None
