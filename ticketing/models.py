"""Every feature's tables, imported in one place: what fills the metadata for migrations and tests."""

from ticketing.catalogue import models as catalogue
from ticketing.door import models as door
from ticketing.foundation import models as foundation
from ticketing.inventory import models as inventory
from ticketing.sales import affair_models as affairs
from ticketing.sales import comp_models as comps
from ticketing.sales import models as sales
from ticketing.sales import voucher_models as vouchers
from ticketing.staff import models as staff
from ticketing.tickets import models as tickets

__all__ = [
    "affairs",
    "catalogue",
    "comps",
    "door",
    "foundation",
    "inventory",
    "sales",
    "staff",
    "tickets",
    "vouchers",
]
