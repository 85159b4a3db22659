"""Reports: read-only over everything."""
