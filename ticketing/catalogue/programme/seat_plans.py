"""The plans of the halls, each with the sidecar file that says what kinds of seats there are."""

from collections.abc import Sequence
from pathlib import Path

from ticketing.catalogue.plan_json import PlanError
from ticketing.catalogue.plans import SeatPlan, parse_plan
from ticketing.catalogue.programme.faults import FaultCode, FaultLog
from ticketing.catalogue.programme.layout import sidecar_of
from ticketing.catalogue.programme.read_csv import read_csv_table, read_text
from ticketing.catalogue.programme.rows import Placed
from ticketing.catalogue.programme.seat_files import with_seat_file
from ticketing.catalogue.programme.values import Hall


def read_plans(folder: Path, halls: Sequence[Placed[Hall]], log: FaultLog) -> dict[str, SeatPlan]:
    """Return the plans that halls name, keyed by their path; those with faults are left out."""
    plans: dict[str, SeatPlan] = {}
    tried: set[str] = set()
    for hall in halls:
        name = hall.value.plan
        if name is None or name in tried:
            continue
        tried.add(name)
        path = folder / name
        if not path.resolve().is_relative_to(folder.resolve()):
            hall.reader.fault("plan", FaultCode.PLAN_PATH, value=name)
            continue
        if not path.is_file():
            hall.reader.fault("plan", FaultCode.MISSING_PLAN, value=name)
            continue
        plan = _read_plan(path, name, log)
        if plan is not None:
            plans[name] = _add_kinds(plan, folder, name, log)
    return plans


def _read_plan(path: Path, name: str, log: FaultLog) -> SeatPlan | None:
    text = read_text(path, name, log)
    if text is None:
        return None
    try:
        return parse_plan(text)
    except PlanError as error:
        log.add_plan(name, error)
        return None


def _add_kinds(plan: SeatPlan, folder: Path, name: str, log: FaultLog) -> SeatPlan:
    """Return the plan with the sidecar's kinds; without a sidecar every seat is a standard one."""
    sidecar = sidecar_of(name)
    if not (folder / sidecar).exists():
        return plan
    raw = read_csv_table(folder / sidecar, sidecar, log)
    if raw is None:
        return plan
    return with_seat_file(plan, raw, name, log)
