"""Keys of signed codes while tickets are sold and others publish keys."""

from threading import Event
from time import sleep

from sqlalchemy import func, select

from tests.concurrency.test_comp_races import CASHIER
from tests.support.house import House
from tests.support.signing import MANAGER, publish, sign_codes
from tests.support.together import together
from ticketing.foundation.errors import DomainError
from ticketing.foundation.ids import new_id
from ticketing.inventory.staff_choice import StaffChoice
from ticketing.sales.comps import CompRequest, make_comps
from ticketing.sales.orders import fresh_order_code
from ticketing.tickets.keys import revoke_key
from ticketing.tickets.models import Ticket

PATIENCE = 10
A_WHILE = 0.3


def test_whoever_revokes_a_key_waits_for_a_sale_under_way_and_knows_of_its_ticket(house: House) -> None:
    sign_codes(house.runtime, house.clock)
    now, issued = house.clock.now(), Event()
    choice = StaffChoice(quantity=1)
    request = CompRequest(screening="many", choice=choice, reason="guests", name="Ермек", locale="kk")

    def sell() -> int:
        with house.database.transaction() as session:
            code = fresh_order_code(session)
            make_comps(session, new_id(now), code, request, house.runtime.vault, CASHIER, now)
            issued.set()
            sleep(A_WHILE)  # longer than a revocation takes that waits for nobody
        return 0

    def revoke_and_count() -> int:
        assert issued.wait(PATIENCE)
        with house.database.transaction() as session:
            revoke_key(session, 0, "it leaked", MANAGER, now)
            return session.scalars(select(func.count()).where(Ticket.signed_by == 0)).one()

    assert together(sell, revoke_and_count) == [0, 1]


def test_two_who_publish_at_once_do_not_exceed_what_phones_keep(house: House) -> None:
    sign_codes(house.runtime, house.clock)
    for _ in range(2):
        publish(house.runtime, house.clock)

    def one_more() -> str:
        try:
            return str(publish(house.runtime, house.clock))
        except DomainError as refusal:
            return refusal.code

    assert sorted(together(*[one_more] * 4)) == ["3", "too_many_keys", "too_many_keys", "too_many_keys"]
