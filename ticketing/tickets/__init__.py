"""Tickets: the right to enter. Issue, void, reissue; the ticket's code and how it is shown."""
