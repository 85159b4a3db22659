"""The SDK's way to the fake: an HTTP client of the SDK's own kind, without sockets."""

import json
from collections.abc import Mapping
from typing import Any

import stripe
from requests.structures import CaseInsensitiveDict

from tests.support.stripe_fake.service import SECRET_KEY, FakeStripe, NoAnswerError


class FakeHttpClient(stripe.HTTPClient):
    """Hands the SDK's requests to the fake."""

    name = "fake"

    def __init__(self, fake: FakeStripe) -> None:
        super().__init__()
        self.fake = fake

    def request(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None,
        post_data: Any = None,
        *,
        _usage: list[str] | None = None,
    ) -> tuple[str, int, Mapping[str, str]]:
        try:
            status, body, more = self.fake.handle(method, url, headers or {}, post_data or "")
        except NoAnswerError:
            raise stripe.APIConnectionError("no answer", should_retry=True) from None
        return json.dumps(body), status, CaseInsensitiveDict({"Request-Id": "req_fake", **more})

    def close(self) -> None:
        """Close nothing."""


def client(fake: FakeStripe, key: str = SECRET_KEY) -> stripe.StripeClient:
    """Return the real SDK, connected to the fake."""
    return stripe.StripeClient(
        key, stripe_version="2026-10-28.endive", max_network_retries=0, http_client=FakeHttpClient(fake)
    )
