"""A revoked phone: a process that has just seen it may take its scans for two seconds, and no longer."""

from uuid import UUID

from sqlalchemy import select

from tests.support.kassa import OPERATOR, Kassa, expect, expect_problem
from ticketing.door.devices import DeviceMemory, revoke
from ticketing.door.models import Device


def test_a_revoked_phone_is_refused_two_seconds_later_at_the_latest(kassa: Kassa) -> None:
    code = kassa.buy("s06", 1)["tickets"][0]["code"]
    phone = kassa.device()
    kassa.open_doors()

    def scan() -> dict[str, object]:
        return {"sent_at": kassa.clock.now().isoformat(), "scans": [kassa.scan_body(code)]}

    expect(kassa.post("/api/v1/door/scans", scan(), phone), 200)
    with kassa.database.transaction() as session:
        device: UUID = session.scalars(select(Device.id)).one()
        revoke(session, device, OPERATOR, kassa.clock.now())
    expect_problem(kassa.get("/api/v1/door/sync", phone), 401, "unauthorized")
    kassa.clock.forward(seconds=DeviceMemory.MEMORY.total_seconds())
    assert DeviceMemory.MEMORY.total_seconds() <= 2
    expect_problem(kassa.post("/api/v1/door/scans", scan(), phone), 401, "unauthorized")


def test_a_clock_that_is_set_back_does_not_keep_a_revoked_phone_alive(kassa: Kassa) -> None:
    code = kassa.buy("s06", 1)["tickets"][0]["code"]
    phone = kassa.device()
    kassa.open_doors()
    body = {"sent_at": kassa.clock.now().isoformat(), "scans": [kassa.scan_body(code)]}
    expect(kassa.post("/api/v1/door/scans", body, phone), 200)
    with kassa.database.transaction() as session:
        revoke(session, session.scalars(select(Device.id)).one(), OPERATOR, kassa.clock.now())
    kassa.clock.forward(minutes=-1)
    expect_problem(kassa.post("/api/v1/door/scans", body, phone), 401, "unauthorized")
