"""How Stripe says no."""

from typing import Any


class RefusedError(Exception):
    """An error answer. `early` ones come from validation: nothing is kept under the idempotency key."""

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        kind: str = "invalid_request_error",
        code: str | None = None,
        param: str | None = None,
        early: bool = False,
    ) -> None:
        super().__init__(message)
        self.status, self.early = status, early
        self.error = {"type": kind, "message": message, "code": code, "param": param}

    def to_json(self) -> dict[str, Any]:
        """Return the body of the answer."""
        return {"error": {name: value for name, value in self.error.items() if value is not None}}


def missing(kind: str, name: str) -> RefusedError:
    """Return the refusal of an object that is not there."""
    return RefusedError(
        message=f"No such {kind}: '{name}'", status=404, code="resource_missing", param="id", early=True
    )
