"""The sheet of sample codes, and that a sample is nothing to the real door."""

import json
from collections.abc import Callable
from pathlib import Path

from tests.support.kassa import Kassa
from tests.web.staff.conftest import Desk, plain
from ticketing.door.samples import SAMPLES, sample_code
from ticketing.staff.accounts import Role
from ticketing.tickets.codes import CodeKind, in_groups, parse
from ticketing.tickets.qr import svg_path

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "samples.json").read_text(encoding="utf-8"))


def test_the_scanners_samples_are_these() -> None:
    assert {str(reason): code for reason, code in SAMPLES.items()} == VECTORS["samples"]
    assert {sample_code(reason) for reason in SAMPLES} == set(SAMPLES.values())
    assert {parse(code).kind for code in SAMPLES.values()} == {CodeKind.OPAQUE}


def test_every_sample_is_on_the_sheet_with_its_picture(staff: Callable[..., Desk]) -> None:
    page = staff(Role.USHER).page("/staff/scanners/samples/")
    for code in SAMPLES.values():
        assert in_groups(code) in plain(page)
        assert svg_path(code)[1] in page
    assert 'href="/staff/scanners/samples/"' in staff(Role.USHER).page("/staff/scanners/")


def test_a_sample_is_unknown_to_the_server(kassa: Kassa) -> None:
    device = kassa.device()
    kassa.open_doors()
    assert {kassa.scan(device, code)["reason"] for code in SAMPLES.values()} == {"unknown"}
