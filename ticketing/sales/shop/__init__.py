"""The shop's pages: from the programme to the tickets. Each works without JavaScript."""
