"""Every feature's tables, imported in one place: what fills the metadata for migrations and tests."""

from ticketing.catalogue import models as catalogue
from ticketing.door import models as door
from ticketing.door import rush_models as rush
from ticketing.foundation import models as foundation
from ticketing.inventory import models as inventory
from ticketing.sales import affair_models as affairs
from ticketing.sales import comp_models as comps
from ticketing.sales import models as sales
from ticketing.sales import own_link_models as own_links
from ticketing.sales import receipt_models as receipts
from ticketing.sales import shift_models as shifts
from ticketing.sales import swap_models as swaps
from ticketing.sales import transfer_models as transfers
from ticketing.sales import voucher_models as vouchers
from ticketing.staff import models as staff
from ticketing.tickets import key_models as keys
from ticketing.tickets import models as tickets
from ticketing.tickets.wallet import models as wallets

__all__ = [
    "affairs",
    "catalogue",
    "comps",
    "door",
    "foundation",
    "inventory",
    "keys",
    "own_links",
    "receipts",
    "rush",
    "sales",
    "shifts",
    "staff",
    "swaps",
    "tickets",
    "transfers",
    "vouchers",
    "wallets",
]
