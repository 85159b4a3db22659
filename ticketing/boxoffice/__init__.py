"""The box office: refunds, and the programme as it is stored."""
