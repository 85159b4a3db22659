"""A strict Stripe in memory, reached by the real SDK: it refuses what Stripe refuses, and can misbehave."""
