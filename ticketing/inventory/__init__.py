"""Inventory: places, holds, allocations."""
