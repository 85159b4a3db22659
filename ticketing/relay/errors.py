"""What the relay says by itself; all other refusals are the server's."""

from ticketing.foundation.errors import DomainError


class UplinkDownError(DomainError):
    """The server cannot be reached from here. To a phone that is as if it had itself no network."""

    code = "uplink_down"
    status = 503
