"""The catalogue: what is shown, where and for how much."""
