"""A plan that staff upload: pretix's JSON, and the sidecar that says kinds and pairs of seats."""

from flask import request
from werkzeug.datastructures import FileStorage

from ticketing.catalogue.plan_json import PlanError
from ticketing.catalogue.plans import SeatPlan, parse_plan
from ticketing.catalogue.programme.faults import FaultCode, FaultLog, ProgrammeError
from ticketing.catalogue.programme.read_csv import csv_table, decoded
from ticketing.catalogue.programme.seat_files import with_seat_file
from ticketing.foundation.forms import line

MOST_BYTES = 8 * 1024 * 1024
_MOST_NAME = 80


def uploaded_plan() -> SeatPlan:
    """Return the plan of the form's files. Raises ProgrammeError with every fault."""
    log = FaultLog()
    file = request.files.get("plan")
    if file is None or not file.filename:
        log.add("", FaultCode.MISSING_FILE)
        raise ProgrammeError(log.faults)
    name = _name(file)
    plan = _plan(file, name, log)
    sidecar = request.files.get("seats")
    if plan is not None and sidecar is not None and sidecar.filename:
        label = _name(sidecar)
        text = decoded(sidecar.read(), label, log)
        raw = None if text is None else csv_table(text, label, log)
        if raw is not None:
            plan = with_seat_file(plan, raw, name, log)
    if plan is None or log.faults:
        raise ProgrammeError(log.faults)
    return plan


def _plan(file: FileStorage, name: str, log: FaultLog) -> SeatPlan | None:
    text = decoded(file.read(), name, log)
    if text is None:
        return None
    try:
        return parse_plan(text)
    except PlanError as error:
        log.add_plan(name, error)
        return None


def _name(file: FileStorage) -> str:
    """Return a file's name as it is said in messages."""
    return line(file.filename or "", _MOST_NAME)
