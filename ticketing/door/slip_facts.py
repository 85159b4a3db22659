"""Slips of the rush line as the door's rule knows them: tickets without a place of their own."""

from collections.abc import Collection, Mapping
from uuid import UUID

from sqlalchemy import bindparam, select

from ticketing.door.facts import KnownTicket
from ticketing.door.rush_models import RushSlip
from ticketing.foundation.prepared import Prepared, Runner

_R = RushSlip.__table__.c
_SLIPS = Prepared(
    select(
        _R.id,
        _R.screening_id,
        _R.number,
        _R.code_hash,
        _R.inside,
        _R.admitted_at,
        _R.admitted_scan,
        _R.admitted_device,
        _R.admitted_gate,
        _R.left_at,
    )
    .where(_R.code_hash.in_(bindparam("hashes", expanding=True)))
    .order_by(_R.id)
    .with_for_update()
)


def locked_slips(runner: Runner, hashes: Collection[bytes]) -> Mapping[bytes | UUID, KnownTicket]:
    """Return the slips of these code digests, by id and by digest, locked in the order of their ids."""
    if not hashes:
        return {}
    slips: dict[bytes | UUID, KnownTicket] = {}
    for row in _SLIPS.rows(runner, {"hashes": hashes}):
        known = row._asdict()
        number = known.pop("number")
        slip = KnownTicket(
            **known,
            slip=number,
            serial=0,
            label="",
            section="",
            row="",
            number="",
            band="",
            concession="",
            state="valid",
            void_reason=None,
        )
        slips[slip.id] = slips[slip.code_hash] = slip
    return slips
