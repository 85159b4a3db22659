"""What a revoked phone hands over: kept apart, listed for staff, counted or left out with a reason."""

import re
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from tests.support.kassa import Json, Kassa, expect, expect_problem
from tests.web.staff.conftest import Desk, plain
from ticketing.door import quarantine
from ticketing.door.models import Incident, QuarantinedScan, Scan
from ticketing.staff.accounts import Role
from ticketing.staff.models import AuditEntry
from ticketing.tickets.models import Ticket

PATH = "/staff/scanners/quarantine"
CALL = "/api/v1/door/quarantine"
TICKED = re.compile(r'name="scan"\s+value="([0-9a-f-]{36})"')


def hand_over(kassa: Kassa, token: str, scans: list[Json], *, wrong_by: timedelta = timedelta()) -> list[str]:
    body = {"sent_at": (kassa.clock.now() + wrong_by).isoformat(), "scans": scans}
    return [one["stored"] for one in expect(kassa.post(CALL, body, token), 200)["results"]]


def decide(desk: Desk, device: UUID, scans: list[str], do: str, reason: str = "Found in the foyer") -> int:
    data = {"csrf_token": desk.token(PATH), "scan": scans, "do": do, "reason": reason}
    return desk.client.post(f"/staff/scanners/{device}/quarantine", data=data).status_code


def green(kassa: Kassa, code: str, seq: int = 1, **more: object) -> Json:
    return kassa.scan_body(code, seq=seq, verdict="admit", reason="ok", offline=True, gate="A", **more)


def inside(kassa: Kassa) -> int:
    with kassa.database.reading() as session:
        return len(session.scalars(select(Ticket).where(Ticket.inside)).all())


def test_nobody_is_in_by_what_a_revoked_phone_says(kassa: Kassa, staff: Callable[..., Desk]) -> None:
    codes = [ticket["code"] for ticket in kassa.buy("s06", 2)["tickets"]]
    token = kassa.device()
    kassa.open_doors()
    device, desk = kassa.revoke(), staff(Role.BOXOFFICE)
    scans = [green(kassa, code, seq) for seq, code in enumerate(codes, start=1)]
    assert hand_over(kassa, token, scans) == ["quarantined", "quarantined"]
    assert hand_over(kassa, token, scans) == ["duplicate", "duplicate"]
    assert inside(kassa) == 0
    assert "2 scans of revoked scanners wait" in plain(desk.page("/staff/scanners/"))
    page = plain(desk.page(PATH))
    assert "Door 1" in page
    assert page.count("Let in") == 2
    assert not any(code in page for code in codes)

    assert decide(desk, device, [scans[0]["id"]], "accept") == 303
    assert inside(kassa) == 1
    assert TICKED.findall(desk.page(PATH)) == [scans[1]["id"]]
    assert decide(desk, device, [scans[1]["id"]], "dismiss") == 303
    assert inside(kassa) == 1
    assert "No scans wait" in desk.page(PATH)
    # Decided is decided: neither the phone nor a second press of the button brings a scan back.
    assert hand_over(kassa, token, scans) == ["duplicate", "duplicate"]
    assert decide(desk, device, [scans[1]["id"]], "accept") == 303
    assert inside(kassa) == 1
    with kassa.database.reading() as session:
        deeds = [
            (one.action, one.reason, one.object_id, (one.after or {})["scans"])
            for one in session.scalars(select(AuditEntry).where(AuditEntry.action.like("%_quarantined")))
        ]
        assert session.scalars(select(Scan.id)).all() == [UUID(scans[0]["id"])]
    assert sorted(deeds) == [
        ("accept_quarantined", "Found in the foyer", str(device), [scans[0]["id"]]),
        ("dismiss_quarantined", "Found in the foyer", str(device), [scans[1]["id"]]),
    ]


def test_counted_scans_are_merged_by_their_own_times(kassa: Kassa, staff: Callable[..., Desk]) -> None:
    code = kassa.buy("s06", 1)["tickets"][0]["code"]
    lost, other = kassa.device(), kassa.device(name="Door 2")
    kassa.open_doors()
    wrong_by = timedelta(minutes=20)
    early = green(kassa, code, at=(kassa.clock.now() + wrong_by).isoformat())
    kassa.clock.forward(minutes=5)
    assert kassa.scan(other, code, gate="B")["verdict"] == "admit"
    device = kassa.revoke()
    hand_over(kassa, lost, [early], wrong_by=wrong_by)
    kassa.clock.forward(hours=3)
    assert decide(staff(Role.BOXOFFICE), device, [early["id"]], "accept") == 303
    with kassa.database.reading() as session:
        ticket = session.scalars(select(Ticket).where(Ticket.inside)).one()
        assert (ticket.admitted_gate, str(ticket.admitted_scan)) == ("A", early["id"])
        assert list(session.scalars(select(Incident.kind))) == ["double_admission"]


def test_the_last_word_of_the_phone_counts_and_an_ask_admits_nobody(
    kassa: Kassa, staff: Callable[..., Desk]
) -> None:
    first, second, third = (ticket["code"] for ticket in kassa.buy("s06", 3)["tickets"])
    token = kassa.device()
    kassa.open_doors()
    device, desk = kassa.revoke(), staff(Role.BOXOFFICE)
    shown, taken_back, asked = (
        kassa.scan_body(code, seq=seq) for code, seq in ((first, 1), (second, 3), (third, 5))
    )
    entries = [
        shown, {**shown, "seq": 2, "verdict": "admit", "reason": "ok"},
        {**taken_back, "verdict": "admit", "reason": "ok"},
        {**taken_back, "seq": 4, "verdict": "refuse", "reason": "undo"},
        asked,
    ]  # fmt: skip
    assert hand_over(kassa, token, entries[:1]) + hand_over(kassa, token, entries[1:]) == ["quarantined"] * 5
    page = plain(desk.page(PATH))
    assert [page.count(words) for words in ("Let in<", "Not let in<", "No verdict<")] == [1, 1, 1]
    assert decide(desk, device, TICKED.findall(page), "accept") == 303
    assert inside(kassa) == 1
    with kassa.database.reading() as session:
        assert {row.final_reason for row in session.scalars(select(Scan))} == {"ok", "undo", "stale"}
        assert not session.scalars(select(Incident)).all()


def test_codes_are_not_readable_in_the_database(kassa: Kassa) -> None:
    code = kassa.buy("s06", 1)["tickets"][0]["code"]
    token = kassa.device()
    kassa.revoke()
    hand_over(kassa, token, [green(kassa, code)])
    with kassa.database.reading() as session:
        (row,) = session.scalars(select(QuarantinedScan))
        assert code not in repr(vars(row))
        assert quarantine.scan_of(kassa.runtime.vault.open(row.sealed)).code == code


def test_only_a_revoked_phone_hands_over(kassa: Kassa) -> None:
    living = kassa.device()
    body = {"sent_at": kassa.clock.now().isoformat(), "scans": [kassa.scan_body("junk")]}
    for auth in ("", "Bearer wrong", living, kassa.staff()):
        expect_problem(kassa.post(CALL, body, auth), 401, "unauthorized")


def test_a_stolen_token_does_not_fill_the_disk(kassa: Kassa, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quarantine, "MOST_ENTRIES", 2)
    token = kassa.device()
    kassa.revoke()
    scans = [kassa.scan_body("junk", seq=seq) for seq in (1, 2)]
    hand_over(kassa, token, scans)
    body = {"sent_at": kassa.clock.now().isoformat(), "scans": [kassa.scan_body("junk", seq=3)]}
    expect_problem(kassa.post(CALL, body, token), 409, "quarantine_full")
    assert hand_over(kassa, token, scans) == ["duplicate", "duplicate"]


def test_decisions_need_a_reason_a_revoked_phone_and_the_box_office(
    kassa: Kassa, desk: Desk, staff: Callable[..., Desk]
) -> None:
    token = kassa.device()
    living = kassa.device(name="Door 2")
    assert living
    device = kassa.revoke()
    scan = green(kassa, "junk")
    hand_over(kassa, token, [scan])
    assert decide(desk, device, [scan["id"]], "accept", reason=" ") == 422
    assert decide(desk, device, [scan["id"]], "dismiss", reason="") == 422
    assert decide(desk, uuid4(), [scan["id"]], "accept") == 404
    assert decide(desk, device, ["not-an-id", "\x00"], "accept") == 303
    assert TICKED.findall(desk.page(PATH)) == [scan["id"]]
    usher = staff(Role.USHER)
    assert usher.get(PATH).status_code == 403
    form = {"csrf_token": usher.token("/staff/scanners/"), "scan": scan["id"], "do": "accept", "reason": "x"}
    assert usher.client.post(f"/staff/scanners/{device}/quarantine", data=form).status_code == 403
