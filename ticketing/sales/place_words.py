"""What a place is called, in any language: with a request's words on pages, with the buyer's in mails."""

from collections.abc import Callable

Say = Callable[..., object]


def row_words(_: Say, row: str) -> str:
    """Return `Row 12`; Kazakh writes figures and letters differently. Some plans give rows no name."""
    if not row:
        return str(_("Row without a name"))
    return str(_("Row %(row)s", row=row) if row.isdigit() else _("Row %(letter)s", letter=row))


def seat_words(_: Say, row: str, number: str) -> str:
    """Return `Row 12, seat 10`, or as much of it as the plan says."""
    if not row and not number:
        return str(_("Unnumbered place"))
    if not number:
        return row_words(_, row)
    if not row:
        return str(_("Seat %(seat)s", seat=number))
    if row.isdigit():
        return str(_("Row %(row)s, seat %(seat)s", row=row, seat=number))
    return str(_("Row %(letter)s, seat %(seat)s", letter=row, seat=number))


def place_words(_: Say, block: str, row: str, number: str, *, numbered: bool) -> str:
    """Return where a ticket's owner sits; `block` is "" in a hall that has one, or none.

    The places of a hall without seat numbers carry a number of their own, which nobody is to look for.
    """
    if not numbered and not block and not row:
        return str(_("Unnumbered place"))
    if block and not row and not number:
        return block
    seat = seat_words(_, row, number)
    return f"{block}, {seat[:1].lower()}{seat[1:]}" if block else seat
