"""Tickets in phones' wallets: Apple's passes with their updates, Google's save links."""
