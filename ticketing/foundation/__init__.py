"""What every feature stands on. Nothing here knows of festivals, seats or tickets."""
