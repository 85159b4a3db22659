"""Fiscal registers: who tells the tax office of sales and returns. The provider is the festival's choice."""
