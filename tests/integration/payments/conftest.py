"""Payments are tested on a whole Kassa, with gateways that can misbehave."""

from tests.support.kassa import copy_festival, festival_template
from tests.support.local_kassa import local_kassa
from tests.support.stripe_kassa import manual_kassa, stripe_kassa

__all__ = ["copy_festival", "festival_template", "local_kassa", "manual_kassa", "stripe_kassa"]
