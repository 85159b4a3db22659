"""The door: devices, scans and admissions. It knows tickets, and nothing of money."""
