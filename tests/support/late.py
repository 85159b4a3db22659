"""Money that comes too late: the bank's part, and a hall that has filled up meanwhile."""

from collections.abc import Collection

from tests.support.kassa import OPERATOR, Json, Kassa, session_of
from ticketing.inventory.kills import kill
from ticketing.inventory.staff_choice import StaffChoice
from ticketing.sales.payments.demo import settle
from ticketing.sales.payments.port import Notification


def bank_closes_late(kassa: Kassa, order: Json) -> None:
    """Let the worker close the page: its session is expired and the places are free."""
    kassa.work()
    assert kassa.read(order)["status"] == "expired"


def pay_closed_page(kassa: Kassa, order: Json) -> None:
    """The bank took the money in the last moment after all, and says so."""
    session_id = session_of(order)
    demo = kassa.desk.calls.gateways["demo"]
    with kassa.database.transaction() as session:
        settle(session, session_id, "complete")
    assert demo.status(session_id).captured_minor > 0
    kassa.desk.inbox.receive(
        "demo", Notification(event=f"{session_id}:late", name=session_id, kind="completed")
    )


def leave_only(kassa: Kassa, screening: str, places: Collection[str]) -> None:
    """Withdraw every free place but these."""
    others = tuple(label for label in kassa.free_places(screening) if label not in places)
    with kassa.database.transaction() as session:
        kill(session, screening, StaffChoice(labels=others), "repairs", OPERATOR, kassa.clock.now())
