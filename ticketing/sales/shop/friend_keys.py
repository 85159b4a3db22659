"""The sent tickets opened in this browser: ids and keys in one HttpOnly cookie, so no address keeps a key."""

import re
from collections.abc import Mapping
from uuid import UUID

from flask import Response, request

from ticketing.foundation.errors import NotFoundError
from ticketing.foundation.web import runtime
from ticketing.sales.transfer_edge import TRANSFER

_COOKIE = "sent"
_YEAR_SECONDS = 365 * 24 * 3600
# Newest first; so many pairs stay below half of the 4 KB of a cookie.
_MOST = 30
_PAIR = re.compile(r"([0-9a-f]{32})\.([a-z2-7]{26})", re.ASCII)


def keep_transfer(response: Response, transfer_id: UUID, key: str) -> None:
    """Let this browser see a sent ticket from now on."""
    keep_transfers(response, {transfer_id: key})


def keep_transfers(response: Response, keys: Mapping[UUID, str]) -> None:
    """Let this browser see several sent tickets from now on."""
    new = {transfer_id.hex: key for transfer_id, key in keys.items()}
    if not new:
        return
    kept = {**new, **{one: its for one, its in _kept().items() if one not in new}}
    value = "_".join(f"{one}.{its}" for one, its in list(kept.items())[:_MOST])
    secure = runtime().settings.base_url.startswith("https://")
    response.set_cookie(_COOKIE, value, max_age=_YEAR_SECONDS, httponly=True, samesite="Lax", secure=secure)


def require_transfer(transfer_id: UUID, key: str | None = None) -> None:
    """Refuse a sent ticket to whoever has no key for it, given or kept. Raises NotFoundError."""
    shown = _kept().get(transfer_id.hex, "") if key is None else key
    if not runtime().keys.matches(TRANSFER, transfer_id, shown):
        raise NotFoundError


def kept_transfers() -> list[UUID]:
    """Return the sent tickets that this browser may see, the one opened last first."""
    kept = {UUID(one): key for one, key in _kept().items()}
    return [one for one, key in kept.items() if runtime().keys.matches(TRANSFER, one, key)]


def _kept() -> dict[str, str]:
    return dict(_PAIR.findall(request.cookies.get(_COOKIE, ""))[:_MOST])
