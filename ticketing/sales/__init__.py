"""Sales: prices, orders, payments, refunds, the ledger, and the shop."""
