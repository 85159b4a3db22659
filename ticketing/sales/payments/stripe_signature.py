"""Stripe's signature of a callback: `Stripe-Signature: t=<seconds>,v1=<hex HMAC-SHA256 of "t.body">`.

Checked on the bytes as they came. Pure. The SDK's own check reads the machine's clock and accepts times
that are still to come.
"""

import hashlib
import hmac
import re
from datetime import datetime, timedelta

from ticketing.sales.payments.port import CallbackRefusedError

TOLERANCE = timedelta(minutes=5)
_LONGEST_HEADER = 2000
_TIME = re.compile(r"\d{1,12}", re.ASCII)


def require_genuine(raw: bytes, header: str, secret: str, now: datetime) -> None:
    """Refuse what Stripe has not signed with this secret within five minutes. Raises CallbackRefusedError.

    While a secret is being replaced Stripe sends a signature for each; one that fits is enough.
    """
    parts = [part.partition("=") for part in header[:_LONGEST_HEADER].split(",")]
    times = [value for name, _, value in parts if name.strip() == "t" and _TIME.fullmatch(value)]
    signatures = [value for name, _, value in parts if name.strip() == "v1"]
    if len(times) != 1 or not signatures:
        raise CallbackRefusedError("forged")
    expected = hmac.new(secret.encode(), times[0].encode() + b"." + raw, hashlib.sha256).hexdigest()
    if not any(hmac.compare_digest(expected.encode(), one.encode()) for one in signatures):
        raise CallbackRefusedError("forged")
    if abs(int(now.timestamp()) - int(times[0])) > TOLERANCE.total_seconds():
        raise CallbackRefusedError("stale")
