"""A sheet of sample codes for the briefing of ushers. It stands here, where verdicts have their words."""

from dataclasses import dataclass

from flask import render_template
from flask.typing import ResponseReturnValue

from ticketing.boxoffice.words import scan_word
from ticketing.door.rules import Reason
from ticketing.door.samples import SAMPLES
from ticketing.foundation.web import allow
from ticketing.staff.frame import staff_pages
from ticketing.tickets.codes import in_groups
from ticketing.tickets.qr import svg_path

blueprint = staff_pages("samples", __name__, "/staff/scanners/samples")

_ADMITTED = (Reason.OK, Reason.OK_ATTENTION, Reason.REENTRY, Reason.EXIT, Reason.OK_UNLISTED)


@dataclass(frozen=True, kw_only=True)
class _Sample:
    word: str
    code: str
    size: int
    path: str


@blueprint.get("/")
@allow("staff")
def show() -> ResponseReturnValue:
    """Show every sample code with its picture, to be printed or held up."""
    return render_template("staff/samples.html", samples=[_sample(*one) for one in SAMPLES.items()])


def _sample(reason: Reason, code: str) -> _Sample:
    size, path = svg_path(code)
    word = scan_word("admit" if reason in _ADMITTED else "refuse", reason)
    return _Sample(word=word, code=in_groups(code), size=size, path=path)
