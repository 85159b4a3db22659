"""The orders opened in this browser: codes and keys in one HttpOnly cookie, so no address keeps a key."""

import re
from collections.abc import Mapping
from uuid import UUID

from flask import Response, request

from ticketing.foundation.errors import NotFoundError
from ticketing.foundation.web import runtime
from ticketing.sales.edge import ORDER, find_order

_COOKIE = "orders"
_YEAR_SECONDS = 365 * 24 * 3600
# Newest first; so many pairs stay far below the 4 KB of a cookie.
_MOST = 40
_PAIR = re.compile(r"([A-Z0-9]{3}-[A-Z0-9]{4})\.([a-z2-7]{26})", re.ASCII)


def opened_orders() -> dict[str, str]:
    """Return key by order code, the one opened last first. Whoever uses a key has to check it."""
    return dict(_PAIR.findall(request.cookies.get(_COOKIE, ""))[:_MOST])


def keep_key(response: Response, code: str, key: str) -> None:
    """Let this browser open an order from now on."""
    keep_keys(response, {code: key})


def keep_keys(response: Response, keys: Mapping[str, str]) -> None:
    """Let this browser open several orders from now on."""
    kept = {**keys, **{known: its for known, its in opened_orders().items() if known not in keys}}
    value = "_".join(f"{known}.{its}" for known, its in list(kept.items())[:_MOST])
    secure = runtime().settings.base_url.startswith("https://")
    response.set_cookie(_COOKIE, value, max_age=_YEAR_SECONDS, httponly=True, samesite="Lax", secure=secure)


def own_order(code: str) -> UUID:
    """Return the id of an order that this browser may see. Raises NotFoundError for any other."""
    return order_of_key(code, opened_orders().get(code, ""))


def order_of_key(code: str, key: str) -> UUID:
    """Return the id of an order whose key this is. Raises NotFoundError."""
    order_id = find_order(code)
    if not runtime().keys.matches(ORDER, order_id, key):
        raise NotFoundError
    return order_id
