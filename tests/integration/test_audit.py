"""`python -m ticketing audit`: each invariant, broken by hand, is named and the exit code is 1."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.integration.kassa_cli import Cli
from tests.support.kassa import Kassa, order_auth

# What is broken, by which statement.
DAMAGE = {
    "I1": [
        "UPDATE place SET ticket_id = NULL WHERE ticket_id = :ticket",
        "UPDATE place SET order_id = :order WHERE label = 'З-5-1' AND screening_id = :screening",
        "UPDATE ticket SET state = 'void', void_reason = 'x', voided_at = issued_at WHERE id = :ticket",
        "DELETE FROM former_code WHERE ticket_id = :ticket",
        "UPDATE former_code SET revision = 7 WHERE ticket_id = :ticket",
        "UPDATE ticket SET code_hash = (SELECT code_hash FROM former_code) WHERE id = :ticket",
        "UPDATE transfer SET revision = 3 WHERE ticket_id = :ticket",
        "UPDATE transfer SET taken_back_at = sent_at WHERE ticket_id = :ticket",
    ],
    "I2": [
        "UPDATE screening SET capacity = capacity - 1 WHERE id = :screening",
        "UPDATE screening SET capacity = 1 WHERE id = :screening",
    ],
    "I3": [
        "UPDATE payment SET captured_minor = captured_minor - 100 WHERE order_id = :order",
        "UPDATE ticket SET price_minor = price_minor + 100 WHERE id = :ticket",
        "DELETE FROM ledger_line WHERE order_id = :order AND account = 'tickets'",
        "UPDATE orders SET status = 'expired' WHERE id = :order",
        "UPDATE orders SET total_minor = total_minor + 1 WHERE id = :order",
        "UPDATE refund SET fee_minor = fee_minor + 5 WHERE order_id = :order",
        "UPDATE refund SET outside = :yes WHERE order_id = :order",
        "UPDATE payment SET refunded_minor = refunded_minor - 100 WHERE order_id = :order",
        "UPDATE ticket SET blocked = :yes WHERE id = :ticket",
    ],
    "I5": [
        "UPDATE orders SET status = 'pending' WHERE id = :order",
    ],
    "I4": [
        "UPDATE ticket SET inside = :yes, admitted_at = issued_at WHERE id = :ticket",
        "UPDATE scan SET final_verdict = 'refuse'",
        "UPDATE scan SET verdict = 'admit', final_verdict = NULL",
    ],
}


@pytest.fixture
def lived(kassa: Kassa) -> tuple[Kassa, dict[str, object]]:
    """A Kassa in which things have happened: sales, a refund with a fee, an admission, a second try."""
    kassa.invariants_hold = False
    order, staff = kassa.buy("s06", places=["З-5-7", "З-5-8", "З-5-9"]), kassa.staff()
    first, second, third = order["tickets"]
    kassa.refund(order, staff, tickets=[first["ticket"]], fee={"minor": 100, "currency": "KZT"})
    friend = {"name": "Дана", "email": "dana@example.kz"}
    path = f"/api/v1/orders/{order['order']}/tickets/{third['ticket']}/transfer"
    assert kassa.post(path, friend, order_auth(order)).status_code == 201
    device = kassa.device()
    kassa.open_doors()
    assert kassa.scan(device, second["code"])["verdict"] == "admit"
    assert kassa.scan(device, second["code"])["verdict"] == "refuse"
    assert kassa.broken_invariants() == []
    with kassa.database.reading() as session:
        row = session.execute(
            text("SELECT id, order_id, screening_id FROM ticket WHERE label = :label AND state = 'valid'"),
            {"label": third["place"]},
        ).one()
    return kassa, {"ticket": row.id, "order": row.order_id, "screening": row.screening_id, "yes": True}


@pytest.mark.parametrize(
    ("name", "statement"), [(name, one) for name, statements in DAMAGE.items() for one in statements]
)
def test_damage_is_found(lived: tuple[Kassa, dict[str, object]], name: str, statement: str) -> None:
    kassa, ids = lived
    with kassa.database.transaction() as session:
        known = {key: value for key, value in ids.items() if f":{key}" in statement}
        assert session.execute(text(statement), known).rowcount > 0
    broken = kassa.broken_invariants()
    assert any(line.startswith(name) for line in broken), broken


def test_the_command_says_so(lived: tuple[Kassa, dict[str, object]], tmp_path: Path) -> None:
    kassa, ids = lived
    cli = Cli(kassa.settings.database_url, tmp_path)
    whole = cli.run("audit")
    assert (whole.code, whole.out.count("holds"), whole.out.count("BROKEN")) == (0, 5, 0)
    for statements in DAMAGE.values():
        with kassa.database.transaction() as session:
            known = {key: value for key, value in ids.items() if f":{key}" in statements[0]}
            session.execute(text(statements[0]), known)
    damaged = cli.program("audit")
    assert (damaged.code, damaged.out.count("BROKEN"), damaged.err) == (1, 5, "")


def test_an_empty_database_has_nothing_broken(make_database_url: Callable[[], str], tmp_path: Path) -> None:
    assert Cli(make_database_url(), tmp_path).say("audit").count("holds") == 5
