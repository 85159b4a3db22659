"""Kassa: ticketing and venue check-in for film festivals."""
