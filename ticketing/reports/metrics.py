"""`/metrics`: what the operator watches, counted from the database, so that all processes agree."""

from datetime import datetime

from prometheus_client import CollectorRegistry, Gauge, generate_latest
from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from ticketing.door.models import Device, Incident, Scan
from ticketing.foundation.models import OutboxEntry
from ticketing.inventory.places import free_counts
from ticketing.sales.affair_models import Matter
from ticketing.sales.models import GatewayEvent, Order, Refund
from ticketing.sales.receipt_models import Receipt
from ticketing.tickets.models import Ticket
from ticketing.tickets.wallet.models import WalletRegistration


def metrics_text(session: Session, now: datetime) -> bytes:
    """Return the metrics in Prometheus' text format."""
    registry = CollectorRegistry()
    for name, (text, column) in {
        "orders": ("Orders by status", Order.status),
        "tickets": ("Tickets by state", Ticket.state),
        "refunds": ("Refunds by status", Refund.status),
        "scans": ("Scans by verdict", Scan.verdict),
        "incidents": ("Incidents by kind", Incident.kind),
    }.items():
        gauge = Gauge(f"kassa_{name}", text, ["is"], registry=registry)
        for label, value in session.execute(select(column, func.count()).group_by(column)):
            gauge.labels(label).set(value)
    waiting = OutboxEntry.done_at.is_(None), OutboxEntry.dead_at.is_(None)
    single = {
        "places_free": ("Places that the public may claim", sum(free_counts(session, now).values())),
        "tickets_inside": (
            "People inside",
            _count(session, select(func.count()).where(Ticket.inside.is_(True))),
        ),
        "outbox_waiting": ("Effects to carry out", _count(session, select(func.count()).where(*waiting))),
        "outbox_dead": (
            "Effects given up",
            _count(session, select(func.count()).where(OutboxEntry.dead_at.is_not(None))),
        ),
        "gateway_events_waiting": (
            "Notifications not yet processed",
            _count(session, select(func.count()).where(GatewayEvent.processed_at.is_(None))),
        ),
        "matters_open": (
            "Matters of money that staff must decide",
            _count(session, select(func.count()).where(Matter.closed_at.is_(None))),
        ),
        "receipts_waiting": (
            "Receipts that the fiscal register does not have yet",
            _count(session, select(func.count()).where(Receipt.registered_at.is_(None))),
        ),
        "wallet_pushes_waiting": (
            "Phones to be told that a pass changed",
            _count(session, select(func.count()).where(WalletRegistration.told < WalletRegistration.tag)),
        ),
        "devices": (
            "Scanners in use",
            _count(session, select(func.count()).where(Device.revoked_at.is_(None))),
        ),
    }
    for name, (text, value) in single.items():
        Gauge(f"kassa_{name}", text, registry=registry).set(value)
    return generate_latest(registry)


def _count(session: Session, query: Select[int]) -> int:
    return int(session.scalar(query) or 0)
