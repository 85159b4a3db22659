"""A strict bank of the local pattern: numbers, a redirect, an unsigned callback, a status query."""
