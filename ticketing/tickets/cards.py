"""Concessions whose holder shows a card at the door. Pure."""

# The card that a concession asks for; the words for each are the scanner's.
CARDS = {"student": "student", "pensioner": "pensioner", "child": "child"}
