"""The venue's relay: phones of one venue that are cut off from the server share who is in (docs/adr/0009)."""
