"""What every API view shares: reading a body, bearer tokens, answering in JSON."""

import gzip
import json
from collections.abc import Mapping
from math import isfinite
from typing import Annotated, Any, ClassVar, TypeVar

from flask import Response, request
from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints, ValidationError
from pydantic_core import to_json

from ticketing.foundation.errors import (
    InvalidRequestError,
    MalformedRequestError,
    UnauthorizedError,
    UnsupportedMediaTypeError,
)

_CONTROLS = frozenset(chr(code) for code in (*range(0x20), 0x7F))
_MOST_FAULTS = 20
_WORTH_COMPRESSING, _GZIP_LEVEL = 1_000, 6
Body = TypeVar("Body", bound="ApiModel")


class ApiModel(BaseModel):
    """A body of the public contract: no guessing of types, no unknown fields left unsaid."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", strict=True, frozen=True)


def _printable(text: str) -> str:
    if not _CONTROLS.isdisjoint(text):
        raise ValueError("control characters are not allowed")
    return text


Line = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200), AfterValidator(_printable)]
Code = Annotated[str, StringConstraints(max_length=64), AfterValidator(_printable)]


def parse_body(model: type[Body]) -> Body:
    """Return the request's JSON body as `model`.

    Raises UnsupportedMediaTypeError, MalformedRequestError or InvalidRequestError.
    """
    if request.mimetype != "application/json":
        raise UnsupportedMediaTypeError
    return validated(model, request.get_data(cache=True))


def validated(model: type[Body], raw: bytes) -> Body:
    """Return raw JSON as `model`, or refuse it."""
    try:
        body = model.model_validate_json(raw)
        _require_plain(raw)
    except ValidationError as error:
        faults = error.errors(include_url=False, include_context=False, include_input=False)
        if any(fault["type"] == "json_invalid" for fault in faults):
            raise MalformedRequestError from None
        raise InvalidRequestError(
            errors=[
                {"path": ".".join(str(part) for part in fault["loc"]), "message": fault["msg"]}
                for fault in faults[:_MOST_FAULTS]
            ]
        ) from None
    return body


def _require_plain(raw: bytes) -> None:
    """Refuse what parsers read differently (RFC 8259, sections 4 and 6): a name twice, no finite number.

    Raises MalformedRequestError. The text has been validated, so it is not too deep to be read again.
    """
    json.loads(raw, object_pairs_hook=_without_doubles, parse_constant=_finite, parse_float=_finite)


def _without_doubles(pairs: list[tuple[str, object]]) -> None:
    if len({name for name, _ in pairs}) != len(pairs):
        raise MalformedRequestError


def _finite(text: str) -> None:
    if not isfinite(float(text)):
        raise MalformedRequestError


def bearer(scheme: str = "Bearer") -> str:
    """Return the credentials of the Authorization header. Raises UnauthorizedError without them."""
    given, _, credentials = request.headers.get("Authorization", "").partition(" ")
    if given.lower() != scheme.lower() or not credentials.strip():
        raise UnauthorizedError
    return credentials.strip()


def answer_small(body: Mapping[str, Any]) -> Response:
    """Return a JSON answer, compressed for whoever can read that: large ones go to phones on bad networks."""
    response = answer(body)
    response.vary.add("Accept-Encoding")
    raw = response.get_data()
    if len(raw) > _WORTH_COMPRESSING and request.accept_encodings["gzip"] > 0:
        response.set_data(gzip.compress(raw, _GZIP_LEVEL, mtime=0))
        response.content_encoding = "gzip"
    return response


def answer(body: Mapping[str, Any], status: int = 200) -> Response:
    """Return a JSON answer that no cache keeps."""
    response = Response(to_json(body), status, content_type="application/json")
    response.headers["Cache-Control"] = "no-store"
    return response
