"""The QR picture of a ticket: one run-length SVG path on white, with its quiet zone, also in dark mode."""

from qrcode.constants import ERROR_CORRECT_M, ERROR_CORRECT_Q
from qrcode.main import QRCode

from ticketing.tickets.codes import SIGNED_PREFIX

QUIET = 4
# What the code's own length fills: version and level of each kind (docs/door.md).
_OPAQUE = (2, ERROR_CORRECT_Q)
_SIGNED = (5, ERROR_CORRECT_M)
# A fixed mask: the same code gives the same picture everywhere, and choosing one costs most of the time.
_MASK = 3


def modules(code: str) -> list[list[bool]]:
    """Return the dark modules without quiet zone: version 2-Q for an opaque code, 5-M for a signed one."""
    version, level = _SIGNED if code.startswith(SIGNED_PREFIX) else _OPAQUE
    qr: QRCode = QRCode(version=version, error_correction=level, border=0, mask_pattern=_MASK)
    qr.add_data(code, optimize=0)
    qr.make(fit=True)
    return [[bool(cell) for cell in row] for row in qr.modules]


def svg_path(code: str) -> tuple[int, str]:
    """Return the picture's size in modules, quiet zone included, and the path of its dark runs."""
    rows = modules(code)
    return len(rows) + 2 * QUIET, dark_runs(rows)


def link_modules(address: str) -> list[list[bool]]:
    """Return the dark modules of a link's picture, as large as the link needs, without quiet zone."""
    qr: QRCode = QRCode(error_correction=ERROR_CORRECT_M, border=0)
    qr.add_data(address)
    qr.make(fit=True)
    return [[bool(cell) for cell in row] for row in qr.modules]


def link_path(address: str) -> tuple[int, str]:
    """Return the picture of a link: its size in modules, quiet zone included, and its dark runs' path."""
    rows = link_modules(address)
    return len(rows) + 2 * QUIET, dark_runs(rows)


def dark_runs(rows: list[list[bool]]) -> str:
    """Return the dark runs of a picture's rows as one SVG path, moved by the quiet zone."""
    runs = []
    for y, row in enumerate(rows, start=QUIET):
        x = 0
        while x < len(row):
            length = next((n for n, dark in enumerate(row[x:]) if not dark), len(row) - x)
            if length:
                runs.append(f"M{x + QUIET} {y}h{length}v1h-{length}z")
            x += max(length, 1)
    return "".join(runs)
